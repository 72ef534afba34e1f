"""Devices that speak the protocol in other ways than the reference firmware: measured, or told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("serial", reason="pyserial is not installed (extra bench)")
pytest.importorskip("numpy", reason="NumPy is not installed (extra bench)")

from firmware_variant import Form, VariantDevice

from tinykg.bench.dut_client import Timing
from tinykg.bench.mlperf_tiny_runner import RUNNER
from tinykg.bench.protocol import Task, Unwatched
from tinykg.errors import DeviceError, DeviceGarbled, DeviceSilent
from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkResult

DIGITS = data_folder() / "models" / "files" / "digits_mlp_int8.tflite"
QUICK = Timing(line_s=0.5, infer_line_s=0.6, settle_s=0.3, resync_s=0.15, drain_s=3.0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The protocol's own limits, shortened."""
    monkeypatch.setattr("tinykg.bench.dut_client.Timing", lambda: QUICK)


def measured(port: str, workplace: Path, **options: str) -> BenchmarkResult:
    content = DIGITS.read_bytes()
    file = read_model(content, DIGITS.name)
    model = Model(
        name="x", evidence=Evidence(kind=EvidenceKind.MEASURED, source="a test"), file_sha256=file.sha256
    )
    asked = {"port": port, "min_window_s": "0.02", "warmup": "2", **options}
    return RUNNER.run(
        Task(model=model, file=file, content=content, workplace=workplace, options=asked), Unwatched()
    )


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(Form(), id="as the reference"),
        pytest.param(Form(end=b"\n"), id="ends lines without a carriage return"),
        pytest.param(Form(end=b"\r\0\n"), id="sends zero bytes"),
        pytest.param(Form(echo=b"%"), id="echoes commands, the answer on the same line"),
        pytest.param(Form(echo=b"%\r\n"), id="echoes commands on a line of their own"),
        pytest.param(Form(banner_s=None), id="has no banner"),
        pytest.param(Form(banner_s=0.45), id="has a banner that comes late"),
        pytest.param(Form(blank_lines=True), id="prints empty lines"),
        pytest.param(Form(padding="  "), id="ends lines with blanks"),
        pytest.param(Form(glued=True), id="prints m-ready on the last line"),
        pytest.param(Form(piece_bytes=3), id="comes in pieces of three bytes"),
        pytest.param(Form(expecting="Expecting {} bytes"), id="expects bytes as streaming devices do"),
        pytest.param(Form(results="0.125,0.875,"), id="ends its results with a comma"),
        pytest.param(Form(results=" 0.125, 0.875 "), id="has blanks in its results"),
        pytest.param(Form(results="0.004172"), id="gives one number"),
        pytest.param(Form(lap_us=(1 << 32) - 9_000), id="begins its counter anew in a window"),
    ],
)
def test_another_form_of_the_same_protocol_is_measured_right(form: Form, tmp_path: Path) -> None:
    with VariantDevice(form) as device:
        result = measured(device.port, tmp_path)
    latency = {figure.metric: figure.value for figure in result.figures}["latency"]
    assert latency == pytest.approx(0.1)
    assert result.environment["windows in s"] == ", ".join([f"{0.0001 * 210:.6f}"] * 5)
    assert result.environment["device's name"] == "acme"
    infers = [command for command in device.heard if command.startswith("infer")]
    assert infers == ["infer 1 0", "infer 1 2", *["infer 210 2"] * 5]
    assert sum(command == "db load 64" for command in device.heard) == len(infers)


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(Form(board=True), id="the usual board"),
        pytest.param(Form(board=True, board_knows_setbaud=False), id="a board with one speed"),
        pytest.param(Form(board=True, end=b"\n", blank_lines=True), id="empty lines"),
        pytest.param(Form(board=True, glued=True, piece_bytes=5), id="m-ready on the last line, in pieces"),
        pytest.param(Form(board=True, banner_s=0.45), id="a device that starts late"),
    ],
)
def test_a_device_behind_an_interface_board_is_measured_right(form: Form, tmp_path: Path) -> None:
    with VariantDevice(form) as device:
        result = measured(device.port, tmp_path, interface="yes", dut_baud="9600")
    assert {figure.metric: figure.value for figure in result.figures}["latency"] == pytest.approx(0.1)
    assert result.environment["interface board"] == "yes, told 9600 baud"
    assert device.heard[0] == "setbaud 9600"
    loads = [command for command in device.heard if command.startswith("db ") and "load" not in command]
    assert {len(command) for command in loads} == {3 + 2 * 26, 3 + 2 * 12}


@pytest.mark.parametrize(
    ("form", "options", "error", "says"),
    [
        (Form(brackets=False), {}, DeviceGarbled, r"no line of results.*m-results-0\.125"),
        (Form(results="one,two"), {}, DeviceGarbled, "no numbers"),
        (Form(results=""), {}, DeviceGarbled, "0 results"),
        (Form(results="nan,0.5"), {}, DeviceGarbled, "not finite"),
        (Form(model=None), {}, DeviceGarbled, "asked 3 times"),
        (Form(model="kws01"), {}, DeviceGarbled, "kws01, which takes 490 numbers; this model takes 64"),
        (Form(model="strww01"), {}, DeviceGarbled, "sww01, which takes 1200"),
        (Form(forgets=1), {}, DeviceGarbled, "does not say m-load-done after 64 of 64"),
        (Form(end=b"\r"), {}, DeviceSilent, "half a line"),
        (Form(), {"interface": "yes"}, DeviceError, "interface board: name|Unknown command: dut"),
        (Form(board=True), {}, DeviceError, "Unknown command: name"),
    ],
)
def test_what_cannot_be_right_fails_with_what_was_said(
    form: Form, options: dict[str, str], error: type[DeviceError], says: str, tmp_path: Path
) -> None:
    with VariantDevice(form) as device, pytest.raises(error, match=says):
        measured(device.port, tmp_path, **options)


def test_a_slow_device_is_given_time_for_its_warm_up(tmp_path: Path) -> None:
    """Ten inferences of warm-up say nothing in between: together they may outlast the limit of a line."""
    with VariantDevice(Form(pace_s=0.2, each_us=200_000)) as device:
        result = measured(device.port, tmp_path, warmup="4", windows="1")
    assert {figure.metric: figure.value for figure in result.figures}["latency"] == pytest.approx(200)
