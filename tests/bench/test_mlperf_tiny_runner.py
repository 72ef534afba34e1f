"""The runner `mlperf-tiny` from its options to a result, on the simulated device and on scripted ones."""

from __future__ import annotations

import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("serial", reason="pyserial is not installed (extra bench)")
if find_spec("tflite_micro") is None:
    pytest.skip("the tflite-micro wheel is not installed (extra bench)", allow_module_level=True)

import numpy as np
from scripted_device import ScriptedDevice

from tinykg.bench import dut_windows, energy_monitor
from tinykg.bench.dut_messages import Identity
from tinykg.bench.dut_model import model_on_device, seeded_to_send
from tinykg.bench.dut_plan import OPTIONS, Mode, read_plan
from tinykg.bench.mlperf_tiny_runner import RUNNER, Pace
from tinykg.bench.protocol import Runner, Task, Unwatched
from tinykg.bench.simulated_dut import Misbehaviour, SimulatedDut, Trouble
from tinykg.bench.simulated_dut_monitor import POWER_W
from tinykg.errors import (
    BenchmarkCancelled,
    BenchmarkError,
    DeviceGarbled,
    DeviceGone,
    DeviceRefused,
    InputError,
    MissingExtra,
)
from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.records.device import DeviceType
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Model

if TYPE_CHECKING:
    from tinykg.records.benchmark import BenchmarkResult

DIGITS = data_folder() / "models" / "files" / "digits_mlp_int8.tflite"
EVIDENCE = Evidence(kind=EvidenceKind.MEASURED, source="a test")
BOARD = DeviceType(slug="acme-1", name="Acme One", vendor="Acme", evidence=EVIDENCE)


def task(path: Path, tmp_path: Path, data: Path | None = None, **options: str) -> Task:
    content = path.read_bytes()
    file = read_model(content, path.name)
    model = Model(name="x", evidence=EVIDENCE, file_sha256=file.sha256)
    return Task(
        model=model, file=file, content=content, workplace=tmp_path, device=BOARD, data=data, options=options
    )


def run(path: Path, tmp_path: Path, data: Path | None = None, **options: str) -> BenchmarkResult:
    return RUNNER.run(task(path, tmp_path, data, **options), Unwatched())


def values(result: BenchmarkResult) -> dict[str, float]:
    return {figure.metric: figure.value for figure in result.figures}


def test_it_is_a_runner_for_boards() -> None:
    assert isinstance(RUNNER, Runner)
    assert RUNNER.suits(BOARD) is None
    assert "which one" in (RUNNER.suits(None) or "")
    assert set(RUNNER.options) == set(OPTIONS)


def test_without_its_packages_it_says_which_extra_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "serial", None)
        with pytest.raises(MissingExtra, match=r"tinykg\[bench\]"):
            run(DIGITS, tmp_path, port="/dev/ttyACM0")
    missing = {"numpy", "tflite_micro"}
    for name in ("mlperf_tiny_runner", "simulated_dut_engine"):
        monkeypatch.setattr(f"tinykg.bench.{name}.find_spec", lambda wanted: wanted not in missing or None)
        with pytest.raises(MissingExtra, match=r"tinykg\[bench\]"):
            run(DIGITS, tmp_path, port="simulated")


def test_whoever_follows_is_told_now_and_then_and_of_the_latest_step() -> None:
    class Noting:
        def __init__(self) -> None:
            self.said: list[tuple[float, str]] = []

        def progress(self, done: float, doing: str) -> None:
            self.said.append((done, doing))

    watch = Noting()
    pace = Pace(watch)
    for number in range(1000):
        pace.tell(number / 1000, f"step {number}")
        pace.tick()
    assert watch.said == [(0.0, "step 0")]
    pace._next = 0.0
    pace.tick()
    assert watch.said[1:] == [(0.999, "step 999")]


def test_latency_is_the_median_of_five_windows_of_ten_seconds(tmp_path: Path) -> None:
    result = run(DIGITS, tmp_path, port="simulated", clock_factor="100000")
    windows = [float(second) for second in result.environment["windows in s"].split(", ")]
    count = int(result.environment["inferences in a window"])
    assert len(windows) == 5
    assert min(windows) >= 10
    latency, throughput = result.figures
    assert latency.value == pytest.approx(sorted(windows)[2] * 1000 / count, abs=1e-3)
    assert (latency.unit, latency.statistic, latency.count) == ("MilliSEC", "median", 5)
    assert throughput.value == pytest.approx(1000 / latency.value)
    assert (throughput.metric, throughput.unit) == ("throughput", "NUM-PER-SEC")
    assert result.started < result.ended


def test_a_simulated_device_is_never_taken_for_the_board(tmp_path: Path) -> None:
    result = run(DIGITS, tmp_path, port="simulated", clock_factor="100000")
    assert result.simulated
    assert not result.on_device
    assert "simulated device on" in (result.where or "")
    assert BOARD.name not in (result.where or "")
    assert result.environment["simulated clock"].startswith("100000 simulated seconds")
    assert any("No board was measured" in note and "100000 times" in note for note in result.notes)


def test_windows_that_are_not_by_the_rules_are_told(tmp_path: Path) -> None:
    result = run(DIGITS, tmp_path, port="simulated", windows="3", min_window_s="0.01", warmup="0")
    assert result.figures[0].count == 3
    assert any("Not by MLPerf Tiny's rules" in note and "3 windows" in note for note in result.notes)
    assert result.environment["warm-up"] == "0"


def test_a_device_that_is_running_already_is_used_and_recognised(tmp_path: Path) -> None:
    with SimulatedDut(DIGITS.read_bytes(), clock_factor=100_000) as dut:
        first, second = (run(DIGITS, tmp_path, port=dut.port, windows="2") for _ in range(2))
    assert first.simulated
    assert second.simulated
    assert first.output_sha256 == second.output_sha256
    assert first.environment["port"] == dut.port


@pytest.mark.parametrize(("factor", "least_s"), [("100000", "2"), ("1", "0.05")])
def test_energy_is_the_median_of_what_the_monitor_weighed(
    factor: str, least_s: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where one inference takes less than a sample of the monitor: then there have to be more."""
    monkeypatch.setattr(energy_monitor, "BOOT_S", 0.05)
    asked = {"mode": "energy", "clock_factor": factor, "min_window_s": least_s, "windows": "3"}
    result = run(DIGITS, tmp_path, None, port="simulated", **asked)
    found = values(result)
    windows = [float(second) for second in result.environment["windows in s"].split(", ")]
    count = int(result.environment["inferences in a window"])
    assert found["energy-per-inference"] == pytest.approx(
        sorted(windows)[1] * POWER_W * 1e6 / count, rel=1e-6
    )
    assert found["power"] == pytest.approx(POWER_W * 1000)
    assert {figure.unit for figure in result.figures} == {"MicroJ", "MilliW"}
    assert any("constant of the simulation" in note for note in result.notes)


def test_energy_from_ports_that_somebody_else_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy_monitor, "BOOT_S", 0.05)
    with SimulatedDut(DIGITS.read_bytes(), clock_factor=100_000, energy=True) as dut:
        assert dut.monitor_port is not None
        asked = task(
            DIGITS, tmp_path, mode="energy", port=dut.port, monitor=dut.monitor_port, voltage="1.8",
            interface="no", windows="2", min_window_s="1",
        )  # fmt: skip
        result = RUNNER.run(asked, Unwatched())
        with pytest.raises(DeviceGarbled, match="use mode energy"):
            run(DIGITS, tmp_path, port=dut.port)
    assert result.environment["voltage in V"] == "1.8"
    assert values(result)["power"] == pytest.approx(POWER_W * 1000)


def labelled(path: Path, file: Path, count: int = 6) -> tuple[Path, list[int]]:
    """Inputs labelled with what the model itself says of them, but for the first."""
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(file.read_bytes(), arena_size=1 << 20)
    shape = tuple(interpreter.get_input_details(0)["shape"])
    x = np.random.default_rng(3).integers(-128, 128, (count, *shape[1:]), dtype=np.int8)
    y = []
    for one in x:
        interpreter.set_input(one.reshape(shape), 0)
        interpreter.invoke()
        y.append(int(interpreter.get_output(0).argmax()))
    y[0] = (y[0] + 1) % 10
    np.savez(path, x=x, y=np.array(y))
    return path, y


def test_accuracy_is_taken_over_all_samples_and_the_data_are_named(tmp_path: Path) -> None:
    data, _ = labelled(tmp_path / "mine.npz", DIGITS)
    result = run(DIGITS, tmp_path, data, port="simulated", mode="accuracy")
    assert values(result)["top-1-accuracy"] == pytest.approx(5 / 6)
    assert {(figure.unit, figure.count) for figure in result.figures} == {("UNITLESS", 6)}
    assert result.dataset is not None
    assert (result.dataset.name, result.dataset.samples) == ("mine", 6)
    again = run(DIGITS, tmp_path, data, port="simulated", mode="accuracy")
    assert (again.dataset, again.output_sha256) == (result.dataset, result.output_sha256)


def test_speech_commands_from_a_folder_in_mlperfs_form(tmp_path: Path, test_data: Path) -> None:
    kws = test_data / "models" / "mlperf_tiny" / "kws_ref_model.tflite"
    folder, rng, lines = tmp_path / "kws01", np.random.default_rng(1), []
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.bin").write_bytes(rng.integers(0, 256, 490, dtype=np.uint8).tobytes())
        lines.append(f"{number}.bin,12,{number}")
    (folder / "y_labels.csv").write_text("\n".join(lines))
    result = run(kws, tmp_path, folder, port="simulated", mode="accuracy")
    assert result.environment["model's identifier"] == "kws01"
    assert set(values(result)) == {"top-1-accuracy", "auc"}
    assert any("from which file it was built" in note for note in result.notes)


def test_anomalies_are_scored_over_windows(tmp_path: Path, test_data: Path) -> None:
    """Loud noise is reconstructed worse than silence."""
    ad = test_data / "models" / "mlperf_tiny" / "ad01_int8.tflite"
    folder, rng = tmp_path / "ad01", np.random.default_rng(1)
    folder.mkdir()
    lines = []
    for number, (level, label) in enumerate([(0, 0), (0, 0), (90, 1), (80, 1)]):
        frames = (level * rng.standard_normal(128 * 7)).astype("<f4")
        (folder / f"{number}.bin").write_bytes(frames.tobytes())
        lines.append(f"{number}.bin,2,{label},2560,512")
    (folder / "y_labels.csv").write_text("\n".join(lines))
    result = run(ad, tmp_path, folder, port="simulated", mode="accuracy")
    assert values(result)["auc"] == 1.0
    assert values(result)["mean-squared-error"] > 1
    assert "top-1-accuracy" not in values(result)


def test_data_of_another_model_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 5), np.int8), y=np.array([0, 1]))
    with pytest.raises(BenchmarkError, match="gives 5 B to send"):
        run(DIGITS, tmp_path, tmp_path / "a.npz", port="simulated", mode="accuracy")
    np.savez(tmp_path / "b.npz", x=np.zeros((2, 64), np.int8), y=np.array([0, 77]))
    with pytest.raises(BenchmarkError, match="labels from 0 to 77, but answers have 10 scores"):
        run(DIGITS, tmp_path, tmp_path / "b.npz", port="simulated", mode="accuracy")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "needs the option port"),
        ({"port": "x", "mode": "speed"}, "expected performance or accuracy or energy"),
        ({"port": "x", "mode": "accuracy"}, "labelled data"),
        ({"port": "x", "mode": "energy", "voltage": "3"}, "needs the option monitor"),
        ({"port": "x", "mode": "energy", "monitor": "y"}, "needs the option voltage"),
        (
            {"port": "x", "mode": "energy", "monitor": "y", "voltage": "5"},
            "expected a number from 1.8 to 3.3",
        ),
        ({"port": "x", "windows": "0"}, "windows=0"),
        ({"port": "x", "iterations": "0"}, "iterations=0"),
        ({"port": "x", "clock_factor": "0.1"}, "clock_factor"),
        ({"port": "x", "prot": "y"}, "no option 'prot'"),
    ],
)
def test_options_are_read_strictly_before_a_port_is_opened(
    options: dict[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=says):
        run(DIGITS, tmp_path, None, **options)


def test_a_board_in_energy_mode_is_behind_an_interface_board_unless_it_is_said_not_to_be() -> None:
    stated = {"port": "x", "mode": "energy", "monitor": "y", "voltage": "1.8"}
    assert read_plan(stated, has_data=False).wrapped
    assert not read_plan({**stated, "interface": "no"}, has_data=False).wrapped
    assert read_plan({**stated, "interface": "no"}, has_data=False).mode is Mode.ENERGY


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Misbehaviour.UNPLUG, DeviceGone),
        (Misbehaviour.GARBAGE, DeviceGarbled),
        (Misbehaviour.RESTART, DeviceGarbled),
        (Misbehaviour.ENDLESS, DeviceGarbled),
    ],
)
def test_a_run_on_a_device_that_fails_is_an_error_and_no_port_stays_open(
    kind: Misbehaviour, error: type[BenchmarkError], tmp_path: Path
) -> None:
    with SimulatedDut(DIGITS.read_bytes(), trouble=Trouble(kind=kind, at="db")) as dut:
        with pytest.raises(error):
            run(DIGITS, tmp_path, port=dut.port)
        links = [entry for entry in Path("/proc/self/fd").iterdir() if entry.exists()]
        assert dut.port not in {str(entry.readlink()) for entry in links}


def test_a_run_can_be_ended_while_it_waits(tmp_path: Path) -> None:
    class Ending:
        def __init__(self) -> None:
            self.said: list[tuple[float, str]] = []

        def progress(self, done: float, doing: str) -> None:
            self.said.append((done, doing))
            if len(self.said) == 4:
                raise BenchmarkCancelled("by a test")

    watch = Ending()
    with pytest.raises(BenchmarkCancelled):
        RUNNER.run(task(DIGITS, tmp_path, port="simulated"), watch)
    assert len(watch.said) == 4
    assert all(0 <= done <= 1 for done, _ in watch.said)


def answers(elapsed_us: int, name: str = "acme") -> Any:
    """What a board says that needs `elapsed_us` by its own counter, whatever the iterations."""
    ready = "m-ready\r\n"
    size = "m-[Expecting 64 bytes]\r\n"
    window = "m-warmup-start-{w}\r\nm-warmup-done\r\nm-infer-start-{n}\r\nm-lap-us-0\r\n"
    window += f"m-lap-us-{elapsed_us}\r\nm-infer-done\r\nm-results-[0.5,0.5]\r\n"
    content = seeded_to_send(read_model(DIGITS.read_bytes(), "x"), _device_model())
    load = [("db load 64", size)]
    for start in range(0, 64, 31):
        done = "m-load-done\r\n" if start + 31 >= 64 else ""
        load.append((f"db {content[start : start + 31].hex()}", done))
    said = [
        ("name", f"m-name-dut-[{name}]\r\n"),
        ("profile", "m-profile-[x]\r\nm-model-[digits]\r\n"),
        *load,
        ("infer 1 0", window.format(w=0, n=1)),
    ]
    for _ in range(5):
        said += [*load, ("infer 1 10", window.format(w=10, n=1))]
    return [(command, f"{reply}{ready}".encode()) for command, reply in said]


def _device_model() -> Any:
    return model_on_device(Identity(name="acme", model="digits"), read_model(DIGITS.read_bytes(), "x"))


def test_a_board_is_measured_by_its_own_counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scripted device stands for the board: its port is said to be a wire, its counter is believed."""
    monkeypatch.setattr("tinykg.bench.mlperf_tiny_runner.is_pseudo_terminal", lambda _: False)
    monkeypatch.setattr(dut_windows, "FAST_SLACK_S", 100.0)
    with ScriptedDevice(answers(12_000_000)) as device:
        result = run(
            DIGITS, tmp_path, port=device.port, stack="acme-kernels", engine="AcmeNN 3", clock_hz="64000000"
        )
    assert values(result)["latency"] == 12_000.0
    assert (result.simulated, result.on_device, result.where) == (False, True, "Acme One")
    assert (result.stack, result.runtime, result.clock_hz) == ("acme-kernels", "AcmeNN 3", 64_000_000)
    assert result.output_sha256 == hashlib.sha256(b"0.5,0.5\n").hexdigest()
    assert any("is the word of whoever started the run" in note for note in result.notes)


def test_a_counter_that_runs_faster_than_time_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinykg.bench.mlperf_tiny_runner.is_pseudo_terminal", lambda _: False)
    with (
        ScriptedDevice(answers(12_000_000)) as device,
        pytest.raises(DeviceGarbled, match="counts too fast: 12"),
    ):
        run(DIGITS, tmp_path, port=device.port)


def test_a_pseudo_terminal_is_no_board_whatever_it_says(tmp_path: Path) -> None:
    with ScriptedDevice(answers(12_000_000)) as device:
        result = run(DIGITS, tmp_path, port=device.port)
    assert result.simulated
    assert not result.on_device
    assert any("the port is a pseudo-terminal" in note for note in result.notes)


def test_a_counter_that_stands_still_comes_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dut_windows, "MAX_ATTEMPTS", 1)
    with (
        ScriptedDevice(answers(0)) as device,
        pytest.raises(BenchmarkError, match=r"No window of 10 s.*time stamp"),
    ):
        run(DIGITS, tmp_path, port=device.port)


def test_an_input_that_the_device_does_not_take_is_refused(tmp_path: Path) -> None:
    other = data_folder() / "models" / "files" / "digits_cnn_float32.tflite"
    with SimulatedDut(other.read_bytes(), "digits") as dut, pytest.raises(DeviceRefused, match="expected"):
        run(DIGITS, tmp_path, port=dut.port)
