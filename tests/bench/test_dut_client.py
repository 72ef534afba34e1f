"""The host's side of the protocol against recorded exchanges, over a pseudo-terminal and pyserial."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("serial", reason="pyserial is not installed (extra bench)")

from scripted_device import ScriptedDevice, open_files

from tinykg.bench.dut_client import DutClient, Timing
from tinykg.bench.dut_link import SerialLink
from tinykg.errors import DeviceGarbled, DeviceGone, DeviceRefused, DeviceSilent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

QUICK = Timing(line_s=0.4, infer_line_s=0.6, settle_s=0.3, resync_s=0.15, drain_s=3.0)
READY = b"m-ready\r\n"
BANNER = b"m-timestamp-mode-performance\r\nm-lap-us-312\r\nm-init-done\r\nm-ready\r\n"
NAME = ("name", b"m-name-dut-[acme]\r\n" + READY)
PROFILE = (
    "profile",
    b"m-profile-[ULPMark for tinyML Firmware V0.0.1]\r\nm-model-[kws01]\r\n" + READY,
)
SETBAUD = ("setbaud 9600", READY)
INFER = (
    "infer 70 10",
    b"m-warmup-start-10\r\nm-warmup-done\r\nm-infer-start-70\r\nm-lap-us-100\r\nm-lap-us-12816100\r\n"
    b"m-infer-done\r\nm-results-[0.000,0.996]\r\n" + READY,
)


@contextmanager
def talking(
    exchanges: Sequence[tuple[str, bytes]],
    banner: bytes = b"",
    *,
    wrapped: bool = False,
    unplug_at_end: bool = False,
) -> Iterator[tuple[DutClient, ScriptedDevice, SerialLink]]:
    """A client and its device; afterwards, however it ended, the port is closed."""
    with ScriptedDevice(exchanges, banner, unplug_at_end=unplug_at_end) as device:
        before = open_files()
        link = SerialLink.open(device.port, 115200)
        try:
            with link:
                yield DutClient(link, wrapped=wrapped, timing=QUICK), device, link
        finally:
            assert not link.is_open
            assert {one for one in open_files() - before if device.port in one} == set()


def test_a_banner_is_drained_and_nothing_is_asked_twice() -> None:
    with talking([NAME, PROFILE], BANNER) as (client, device, _):
        who = client.greet()
    assert (who.name, who.model) == ("acme", "kws01")
    assert who.profile == "ULPMark for tinyML Firmware V0.0.1"
    assert device.heard == ["name", "profile"]


def test_a_device_without_a_banner_is_waited_for_and_asked() -> None:
    with talking([NAME, PROFILE]) as (client, device, _):
        assert client.greet().name == "acme"
    assert device.heard == ["name", "profile"]


def test_a_name_that_meets_a_late_banner_is_asked_again_and_the_rest_stays_in_step() -> None:
    late = ("name", BANNER + NAME[1])  # the answer to the first question comes as well, after the banner
    with talking([late, NAME, PROFILE, INFER]) as (client, device, _):
        assert client.greet().model == "kws01"
        assert client.infer(70, 10).elapsed_us == 12_816_000
    assert device.heard == ["name", "name", "profile", "infer 70 10"]


def test_a_name_is_asked_three_times_as_the_protocols_own_host_does() -> None:
    with (
        talking([]) as (client, device, _),
        pytest.raises(DeviceSilent, match=r"0\.4 s.*nothing was ever read") as e,
    ):
        client.greet()
    assert e.value.place == "name"
    assert device.heard == ["name"] * 3


def test_a_device_that_never_says_its_name_is_garbled() -> None:
    other = ("name", b"m-hello-[x]\r\n" + READY)
    with (
        talking([other] * 3) as (client, _, __),
        pytest.raises(DeviceGarbled, match=r"asked 3 times.*m-hello"),
    ):
        client.greet()


def test_a_profile_without_a_model_is_garbled() -> None:
    half = ("profile", b"m-profile-[x]\r\n" + READY)
    with talking([NAME, half, half, half]) as (client, _, __), pytest.raises(DeviceGarbled, match="profile"):
        client.greet()


def test_another_program_on_the_port_is_told_apart_from_silence() -> None:
    with (
        talking([("name", b"ERROR\r\n\r\nlogin: \r\n")] * 3) as (client, _, __),
        pytest.raises(DeviceGarbled, match=r"not in this protocol.*login.*baud rate"),
    ):
        client.ask("name")


def test_a_wrong_baud_rate_is_suggested_where_bytes_are_no_text() -> None:
    with (
        talking([("name", b"\xff\xc3\x81" * 20)]) as (client, _, __),
        pytest.raises(DeviceSilent, match="60 bytes were no text: is the baud rate right"),
    ):
        client.ask("name")


@pytest.mark.parametrize(
    ("size", "wrapped", "chunks"),
    [(1, False, [1]), (31, False, [31]), (32, False, [31, 1]), (62, False, [31, 31]), (27, True, [26, 1])],
)
def test_a_download_goes_out_in_chunks_that_fit_a_command(
    size: int, wrapped: bool, chunks: list[int]
) -> None:
    data = bytes(range(256))[:size]
    exchanges = [(f"db load {size}", f"m-[Expecting {size} bytes]\r\n".encode() + READY)]
    start = 0
    for chunk in chunks:
        start += chunk
        done = b"m-load-done\r\n" if start == size else b""
        exchanges.append((f"db {data[start - chunk : start].hex()}", done + READY))
    if wrapped:
        exchanges = [through_the_board(*exchange) for exchange in exchanges]
    with talking(exchanges, wrapped=wrapped) as (client, device, _):
        client.load(data)
    assert len(device.heard) == 1 + len(chunks)
    assert max(len(command) for command in device.heard) < 80


def through_the_board(command: str, reply: bytes) -> tuple[str, bytes]:
    """An exchange as an interface board passes it on."""
    lines = b"".join(b"[dut]: " + line + b"\r\n" for line in reply.split(b"\r\n")[:-1])
    return f"dut {command}", f"m-dut-passthrough({command})\r\nm-ready\r\n".encode() + lines


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([READY, READY], "does not say m-load-done after 40 of 40 bytes"),
        ([b"m-load-done\r\n" + READY, READY], "says m-load-done already after 31 of 40 bytes"),
    ],
)
def test_a_download_that_lost_or_doubled_bytes_is_garbled(answers: list[bytes], says: str) -> None:
    data = bytes(40)
    exchanges = [
        ("db load 40", b"m-[Expecting 40 bytes]\r\n" + READY),
        (f"db {data[:31].hex()}", answers[0]),
        (f"db {data[31:].hex()}", answers[1]),
    ]
    with talking(exchanges) as (client, _, __), pytest.raises(DeviceGarbled, match=says):
        client.load(data)


def test_a_buffer_that_is_too_small_refuses_in_words_of_its_own() -> None:
    said = b"Supplied buffer size 27649 exceeds maximum of 27648\n" + READY
    with (
        talking([("db load 27649", said)]) as (client, _, __),
        pytest.raises(DeviceRefused, match="exceeds maximum of 27648"),
    ):
        client.load(bytes(27649))


def test_the_other_form_of_expecting_bytes_is_taken() -> None:
    exchanges = [("db load 2", b"Expecting 2 bytes\r\n" + READY), ("db 0102", b"m-load-done\r\n" + READY)]
    with talking(exchanges) as (client, device, _):
        client.load(b"\1\2")
    assert device.heard == ["db load 2", "db 0102"]


def test_errors_are_refusals_in_the_devices_words_and_the_line_stays_usable() -> None:
    exchanges = [("nmae", b"e-[Unknown command: nmae]\r\n" + READY), NAME]
    with talking(exchanges) as (client, _, __):
        with pytest.raises(DeviceRefused, match="Unknown command: nmae") as raised:
            client.ask("nmae")
        assert raised.value.place == "nmae"
        assert client.ask("name") == ["m-name-dut-[acme]"]


def test_an_error_that_nothing_follows_is_a_refusal_too() -> None:
    with (
        talking([("infer 1 0", b"e-[Invoke failed]\r\n")]) as (client, _, __),
        pytest.raises(DeviceRefused, match="Invoke failed"),
    ):
        client.infer(1, 0)


def test_an_inference_its_results_and_the_buffer() -> None:
    printed = b"m-buffer-00-01-02-03-04-05-06-07\r\nm-buffer-ff\r\n\r\n" + READY
    exchanges = [
        INFER,
        ("results", b"m-results-[1.000,-2.5]\r\n" + READY),
        ("timestamp", b"m-lap-us-77\r\n" + READY),
        ("db print", printed),
    ]
    with talking(exchanges) as (client, _, __):
        assert client.infer(70, 10).elapsed_us == 12_816_000
        assert client.results() == (1.0, -2.5)
        assert client.timestamp_us() == 77
        assert client.buffer() == bytes([0, 1, 2, 3, 4, 5, 6, 7, 255])


def test_a_buffer_that_is_no_hexadecimal_is_garbled() -> None:
    with (
        talking([("db print", b"m-buffer-0x\r\n" + READY)]) as (client, _, __),
        pytest.raises(DeviceGarbled, match="no hexadecimal"),
    ):
        client.buffer()


def test_what_comes_unasked_between_two_commands_answers_neither() -> None:
    noisy = ("name", NAME[1] + b"I (312) wifi: beacon\r\nm-ready\r\n\x00\xff")
    with talking([noisy, ("timestamp", b"m-lap-us-5\r\n" + READY)]) as (client, _, link):
        assert client.ask("name") == ["m-name-dut-[acme]"]
        threading.Event().wait(0.2)
        assert client.timestamp_us() == 5
        assert (link.stray_lines, link.skipped_bytes) == (2, 1)


def test_silence_in_the_middle_tells_the_last_line_and_half_a_line() -> None:
    with (
        talking([("infer 70 10", b"m-warmup-start-10\r\nm-warm")]) as (client, _, __),
        pytest.raises(DeviceSilent, match=r"last line was 'm-warmup-start-10'.*half a line, 'm-warm'"),
    ):
        client.infer(70, 10)


def test_a_restart_in_the_middle_is_no_answer() -> None:
    with (
        talking([("infer 70 10", b"m-warmup-start-10\r\n" + BANNER)]) as (client, _, __),
        pytest.raises(DeviceGarbled, match="restarted in the middle"),
    ):
        client.infer(70, 10)


def test_a_port_that_closes_in_the_middle_is_gone() -> None:
    cut = ("infer 70 10", b"m-warmup-start-10\r\n")
    with talking([cut], unplug_at_end=True) as (client, _, __):
        with pytest.raises(DeviceGone, match="closed in the middle") as raised:
            client.infer(70, 10)
        assert raised.value.place == "infer 70 10"
        with pytest.raises(DeviceGone):
            client.ask("name")


def test_a_device_that_never_comes_to_an_end_is_garbled() -> None:
    with (
        talking([("name", b"m-x\r\n" * 10_002)]) as (client, _, __),
        pytest.raises(DeviceGarbled, match="10001 lines without m-ready"),
    ):
        client.ask("name")


def test_a_line_that_never_ends_is_garbled() -> None:
    with (
        talking([("name", b"U" * 70_000)]) as (client, _, __),
        pytest.raises(DeviceGarbled, match="a line without an end"),
    ):
        client.ask("name")


def test_an_inference_that_is_expected_to_be_long_may_be() -> None:
    with talking([]) as (client, _, link):
        limits: list[float] = []
        link.read_line = lambda limit_s: limits.append(limit_s) or "m-ready"  # type: ignore[method-assign, func-returns-value]
        for expected_s in (0.0, 100.0):
            with pytest.raises(DeviceGarbled):
                client.infer(1, 0, expected_s=expected_s)
    assert limits == [QUICK.infer_line_s, 300 + QUICK.line_s]


def test_whoever_follows_can_end_a_wait() -> None:
    class Ended(Exception):
        pass

    def end() -> None:
        raise Ended

    with talking([]) as (client, _, link):
        link.on_tick = end
        with pytest.raises(Ended):
            client.ask("name")


def test_the_interface_boards_own_lines_are_told_from_the_devices() -> None:
    exchanges = [SETBAUD, *(through_the_board(*one) for one in (NAME, PROFILE, INFER))]
    with talking(exchanges, b"[dut]: m-init-done\r\n[dut]: m-ready\r\n", wrapped=True) as (client, device, _):
        assert client.greet(9600).name == "acme"
        assert client.infer(70, 10).results == (0.0, 0.996)
    assert device.heard == ["setbaud 9600", "dut name", "dut profile", "dut infer 70 10"]


def test_an_interface_board_that_passes_nothing_on_is_garbled_or_refuses() -> None:
    silent = ("dut name", b"m-hello\r\nm-ready\r\n[dut]: m-ready\r\n")
    with (
        talking([silent], wrapped=True) as (client, _, __),
        pytest.raises(DeviceGarbled, match=r"did not pass the command on.*m-hello"),
    ):
        client.ask("name")
    with (
        talking([("dut name", b"e-[Unknown command: dut]\r\nm-ready\r\n")], wrapped=True) as (client, _, __),
        pytest.raises(DeviceRefused, match="Unknown command: dut") as raised,
    ):
        client.ask("name")
    assert raised.value.place == "interface board: name"


@pytest.mark.parametrize(
    "reply",
    [
        b"[dut]: m-lap-us-3\r\n[dut]: m-ready\r\n" + READY,  # a banner that came late answers nothing
        b"e-[Unknown command: setbaud]\r\n" + READY,  # EEMBC's board has one speed
    ],
)
def test_the_interface_board_is_told_the_devices_speed(reply: bytes) -> None:
    said = [("setbaud 9600", reply), *(through_the_board(*one) for one in (NAME, PROFILE))]
    with talking(said, wrapped=True) as (client, device, link):
        assert client.greet(9600).model == "kws01"
    assert device.heard == ["setbaud 9600", "dut name", "dut profile"]
    assert link.stray_lines == 0


def test_nothing_cannot_be_loaded() -> None:
    with talking([]) as (client, _, __), pytest.raises(ValueError, match="nothing to load"):
        client.load(b"")
