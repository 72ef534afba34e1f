"""Recorded exchanges of the protocol, read without a port; the texts are those of the reference firmware."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.dut_messages import (
    check_refusal,
    elapsed_us,
    inference_in,
    is_of_the_protocol,
    is_ready,
    laps_in,
    name_in,
    profile_in,
    refusal_in,
    results_in,
)
from tinykg.errors import DeviceGarbled, DeviceRefused

PERFORMANCE = [
    "m-warmup-start-2",
    "m-warmup-done",
    "m-infer-start-70",
    "m-lap-us-152012000",
    "m-lap-us-164828000",
    "m-infer-done",
    "m-results-[0.000,0.996,0.003,0.000]",
]
ENERGY = [line for line in PERFORMANCE if "lap" not in line]


def without(word: str) -> list[str]:
    return [line for line in PERFORMANCE if word not in line]


def test_an_inference_of_performance_mode() -> None:
    done = inference_in(PERFORMANCE, 70, 2, timed=True)
    assert (done.iterations, done.warmup, done.elapsed_us) == (70, 2, 12_816_000)
    assert done.results == (0.0, 0.996, 0.003, 0.0)
    assert done.results_text == "0.000,0.996,0.003,0.000"


def test_an_inference_without_warm_up_says_zero() -> None:
    lines = ["m-warmup-start-0", *PERFORMANCE[1:]]
    assert inference_in(lines, 70, 0, timed=True).warmup == 0


def test_an_inference_of_energy_mode_has_no_time() -> None:
    assert inference_in(ENERGY, 70, 2, timed=False).elapsed_us is None
    with pytest.raises(DeviceGarbled, match=r"0 of the 2 lines m-lap-us-N.*energy"):
        inference_in(ENERGY, 70, 2, timed=True)


def test_the_first_lap_is_the_start_and_the_last_one_the_end() -> None:
    lines = [*PERFORMANCE[:4], "m-lap-us-160000000", *PERFORMANCE[4:]]
    assert inference_in(lines, 70, 2, timed=True).elapsed_us == 12_816_000


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (without("warmup-start"), "no m-warmup-start; expected m-warmup-start-2"),
        (without("infer-start"), "no m-infer-start"),
        (without("infer-done"), "did not say m-infer-done"),
        (without("results"), "no line of results"),
        ([*PERFORMANCE, PERFORMANCE[-1]], "2 lines of results"),
        ([line.replace("start-70", "start-7") for line in PERFORMANCE], "m-infer-start-7; expected"),
        (without("164828000"), "1 of the 2 lines"),
        ([line.replace("0.996", "0.9x6") for line in PERFORMANCE], "no numbers"),
        ([*PERFORMANCE[:-1], "m-results-[]"], "0 results"),
        ([*PERFORMANCE[:-1], "m-results-[,,]"], "0 results"),
        ([], "no m-warmup-start"),
    ],
)
def test_what_is_no_answer_to_the_inference_is_garbled(lines: list[str], says: str) -> None:
    with pytest.raises(DeviceGarbled, match=says.replace("[", r"\[")) as raised:
        inference_in(lines, 70, 2, timed=True)
    assert raised.value.place == "infer 70 2"


@pytest.mark.parametrize("number", ["nan", "1e999", "-inf"])
def test_only_the_results_of_one_inference_have_to_be_finite(number: str) -> None:
    """After several a memory plan may have written over the input: TFLM's float models end in NaN."""
    lines = [line.replace("0.996", number) for line in PERFORMANCE]
    assert number in inference_in(lines, 70, 2, timed=True).results_text
    once = [line.replace("start-70", "start-1").replace("start-2", "start-0") for line in lines]
    with pytest.raises(DeviceGarbled, match="not finite"):
        inference_in(once, 1, 0, timed=True)


def test_a_list_of_results_may_end_with_a_comma_as_that_of_a_reference_firmware_does() -> None:
    assert results_in(["m-results-[0.121,0.879,]"], "results") == ((0.121, 0.879), "0.121,0.879,")


def test_an_anomaly_score_is_one_number() -> None:
    assert results_in(["m-results-[9.374]"], "results")[0] == (9.374,)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("e-[Unknown command: nmae]", "Unknown command: nmae"),
        ("e-[Inference iterations must be >0]", "Inference iterations must be >0"),
        ("e-[Inference warmup must be >=0]", "Inference warmup must be >=0"),
        ("e-[Command 'db' requires a subcommand]", "Command 'db' requires a subcommand"),
        ("e-[Command 'db load' must be >0 bytes]", "Command 'db load' must be >0 bytes"),
        ("e-[Insufficent number of hex digits]", "Insufficent number of hex digits"),
        ("e-[Invalid hex digit 'xx']", "Invalid hex digit 'xx'"),
        ("Supplied buffer size 30000 exceeds maximum of 27648", "Supplied buffer size 30000"),
        ("Input db has 0 elemented, expected 490", "Input db has 0 elemented"),
        ("e-[cut off", "cut off"),
    ],
)
def test_every_refusal_is_told_in_the_devices_words(line: str, says: str) -> None:
    lines = ["m-something", line]
    assert (refusal_in(lines) or "").startswith(says)
    with pytest.raises(DeviceRefused, match="refuses") as raised:
        check_refusal("infer 0 1", lines)
    assert raised.value.place == "infer 0 1"
    assert says in raised.value.problem


def test_a_reply_without_an_error_is_no_refusal() -> None:
    assert refusal_in(PERFORMANCE) is None
    check_refusal("infer 70 2", PERFORMANCE)


def test_who_it_is() -> None:
    assert name_in(["m-name-dut-[STMicroelectronics L4R5]"]) == "STMicroelectronics L4R5"
    assert name_in(["m-init-done", "name-dut-[x]", "m-name-dut-[]"]) is None
    lines = ["m-profile-[ULPMark for tinyML Firmware V0.0.1]", "m-model-[kws01]"]
    assert profile_in(lines) == ("ULPMark for tinyML Firmware V0.0.1", "kws01")
    assert profile_in(lines[:1])[1] is None


def test_the_end_of_a_reply_is_any_line_with_m_ready_in_it() -> None:
    assert is_ready("m-ready")
    assert is_ready("[dut]: m-ready")
    assert is_ready("xxm-ready>")
    assert not is_ready("m-read")


def test_lines_of_another_protocol_are_told_apart() -> None:
    assert is_of_the_protocol("m-init-done")
    assert is_of_the_protocol("e-[Unknown command: x]")
    assert not is_of_the_protocol("OK")


def test_laps_are_read_in_order() -> None:
    assert laps_in(["m-lap-us-5", "m-lap-us-", "m-lap-us-x", "m-lap-us-7"]) == [5, 7]


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_counter_of_32_bits_may_start_anew_once_in_a_window(start: int, passed: int) -> None:
    assert elapsed_us(start, (start + passed) % 2**32) == passed


def test_a_counter_of_more_bits_is_read_as_it_is() -> None:
    assert elapsed_us(2**40, 2**40 + 7) == 7
