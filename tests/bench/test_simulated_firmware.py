"""The simulated firmware answers as the reference firmware does; no port and no interpreter take part."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.dut_tensors import TensorForm
from tinykg.bench.simulated_dut_firmware import Announced, Firmware

QUARTERS = TensorForm(element_type="int8", shape=(1, 4), scale=0.25, zero_point=-4)


class Reversing:
    """A model of four bytes that gives them back in reverse; `runs` are what it was asked."""

    def __init__(self, form: TensorForm = QUARTERS, inputs: int = 1) -> None:
        self.inputs = (form,) * inputs
        self.output = form
        self.runs: list[tuple[int, bytes]] = []
        self._content = bytes(form.size_bytes)

    def run(self, iterations: int, content: bytes = b"") -> tuple[int, bytes]:
        self.runs.append((iterations, content))
        self._content = content or self._content
        return 1000 * iterations, self._content[: self.output.size_bytes][::-1]


class Counter:
    """A clock that stands still but for the model, which takes a microsecond a run."""

    def __init__(self) -> None:
        self.us = 100
        self.pulses: list[bool] = []

    def now_us(self) -> int:
        return self.us

    def ran(self, took_ns: int) -> None:
        self.us += took_ns // 1000

    def pulse(self, *, after_inference: bool) -> None:
        self.pulses.append(after_inference)


def firmware(
    model: str = "kws01", *, energy: bool = False, engine: Any = None, clock: Any = None
) -> Firmware:
    return Firmware(
        Announced(name="acme", model=model, energy=energy), engine or Reversing(), clock or Counter()
    )


def said(device: Firmware, text: str) -> list[str]:
    """The lines that answer some commands."""
    return b"".join(device.feed(text.encode())).decode().replace("\r", "").splitlines()


ONE_LINE = [
    ("name", "m-name-dut-[acme]"),
    ("timestamp", "m-lap-us-100"),
    ("nmae", "e-[Unknown command: nmae]"),
    ("", "e-[Unknown command: ]"),
    ("db", "e-[Command 'db' requires a subcommand]"),
    ("db load", "e-[Command 'db load' requires the # of bytes]"),
    ("db load 0", "e-[Command 'db load' must be >0 bytes]"),
    ("db load x", "e-[Command 'db load' must be >0 bytes]"),
    ("db load 4", "m-[Expecting 4 bytes]"),
    ("db load 27648", "m-[Expecting 27648 bytes]"),
    ("db load 27649", "Supplied buffer size 27649 exceeds maximum of 27648"),
    ("db load 99999999999999999999999", "Supplied buffer size 2147483647 exceeds maximum of 27648"),
    ("db 012", "e-[Insufficent number of hex digits]"),
    ("db 0x", "e-[Invalid hex digit '0x']"),
    ("db zz", "e-[Invalid hex digit 'zz']"),
    ("infer 0", "e-[Inference iterations must be >0]"),
    ("infer -5", "e-[Inference iterations must be >0]"),
    ("infer x", "e-[Inference iterations must be >0]"),
    ("infer 1 -1", "e-[Inference warmup must be >=0]"),
    ("results", "m-results-[1.000,1.000,1.000,1.000]"),
    ("  name  ", "m-name-dut-[acme]"),
]


@pytest.mark.parametrize(("command", "line"), ONE_LINE)
def test_a_command_and_its_line(command: str, line: str) -> None:
    assert said(firmware(), f"{command}%") == [line, "m-ready"]


def test_the_profile_and_the_help() -> None:
    assert said(firmware(), "profile%") == [
        "m-profile-[ULPMark for tinyML Firmware V0.0.1]",
        "m-model-[kws01]",
        "m-ready",
    ]
    lines = said(firmware(), "help%")
    assert lines[-1] == "m-ready"
    assert len(lines) > 5


def test_the_banner_says_the_mode() -> None:
    assert b"".join(firmware().banner()).decode().split("\r\n") == [
        "m-timestamp-mode-performance",
        "m-lap-us-100",
        "m-init-done",
        "m-ready",
        "",
    ]
    clock = Counter()
    banner = b"".join(firmware(energy=True, clock=clock).banner()).decode()
    assert banner == "m-timestamp-mode-energy\r\nm-init-done\r\nm-ready\r\n"
    assert clock.pulses == [False]


def test_a_download_and_an_inference() -> None:
    engine = Reversing()
    device = firmware(engine=engine)
    assert said(device, "db load 4%db 0001%") == ["m-[Expecting 4 bytes]", "m-ready", "m-ready"]
    assert said(device, "db 02FC%") == ["m-load-done", "m-ready"]
    assert said(device, "db print%") == ["m-buffer-00-01-02-fc", "m-ready"]
    assert said(device, "infer 3 2%") == [
        "m-warmup-start-2",
        "m-warmup-done",
        "m-infer-start-3",
        "m-lap-us-102",
        "m-lap-us-105",
        "m-infer-done",
        "m-results-[0.000,1.500,1.250,1.000]",
        "m-ready",
    ]
    assert engine.runs == [(2, b"\x00\x01\x02\xfc"), (3, b"")]
    assert said(device, "results%")[0] == "m-results-[0.000,1.500,1.250,1.000]"


def test_without_a_number_there_are_ten_warm_ups() -> None:
    assert said(firmware(), "db load 4%db 00000000%infer 1%")[4:6] == ["m-warmup-start-10", "m-warmup-done"]
    assert said(firmware(), "infer 1 0%")[1] == "m-warmup-start-0"


def test_digits_beyond_the_announced_bytes_are_ignored() -> None:
    device = firmware()
    assert said(device, "db load 2%db 01020304%") == [
        "m-[Expecting 2 bytes]",
        "m-ready",
        "m-load-done",
        "m-ready",
    ]
    assert said(device, "db 05%db print%") == ["m-ready", "m-buffer-01-02", "m-ready"]


def test_the_buffer_is_printed_eight_a_line() -> None:
    device = firmware()
    said(device, "db load 9%db 000102030405060708%")
    assert said(device, "db print%") == ["m-buffer-00-01-02-03-04-05-06-07", "m-buffer-08", "m-ready"]


def test_an_input_of_another_length_is_complained_of_and_the_old_one_runs() -> None:
    engine = Reversing()
    lines = said(firmware(engine=engine), "db load 3%db 010203%infer 1 0%")
    assert "Input db has 3 elemented, expected 4" in lines
    assert engine.runs == [(1, b"")]


def test_in_energy_mode_there_are_pulses_and_no_laps() -> None:
    clock = Counter()
    device = firmware(energy=True, clock=clock)
    lines = said(device, "timestamp%db load 4%db 00000000%infer 2 1%")
    assert not [line for line in lines if "lap" in line]
    assert clock.pulses == [False, False, True]


def test_images_lose_128() -> None:
    engine = Reversing()
    said(firmware("ic01", engine=engine), "db load 4%db 007f80ff%infer 1 0%")
    assert engine.runs == [(1, bytes([0x80, 0xFF, 0x00, 0x7F]))]


def test_anomaly_detection_gives_the_mean_squared_error_of_what_it_was_sent() -> None:
    engine = Reversing()
    device = firmware("ad01", engine=engine)
    sent = struct.pack("<4f", 0.25, 0.5, 0.75, 1.0)
    lines = said(device, f"db load 16%db {sent.hex()}%infer 1 0%")
    assert engine.runs == [(1, bytes([0xFD, 0xFE, 0xFF, 0x00]))]
    assert lines[-2] == f"m-results-[{(0.75**2 + 0.25**2) * 2 / 4:.3f}]"


def test_a_model_of_several_inputs_is_sent_them_one_after_another() -> None:
    engine = Reversing(inputs=2)
    said(firmware("file-12", engine=engine), "db load 8%db 0001020304050607%infer 1 0%")
    assert engine.runs == [(1, bytes(range(8)))]


@given(st.binary(max_size=300))
def test_whatever_comes_in_is_answered_and_each_command_once(data: bytes) -> None:
    device = firmware()
    answers = b"".join(device.feed(data)) + b"".join(device.feed(b"%name%"))
    assert answers.count(b"m-ready") == data.count(b"%") + 2
    assert answers.endswith(b"m-name-dut-[acme]\r\nm-ready\r\n")


@given(st.binary(max_size=200), st.integers(0, 200))
def test_answers_do_not_depend_on_how_bytes_come_in(data: bytes, cut: int) -> None:
    whole, pieces = firmware(), firmware()
    halves = b"".join(pieces.feed(data[:cut])) + b"".join(pieces.feed(data[cut:]))
    assert b"".join(whole.feed(data)) == halves


def test_what_is_beyond_80_characters_is_dropped() -> None:
    assert said(firmware(), "x" * 200 + "%") == [f"e-[Unknown command: {'x' * 80}]", "m-ready"]
