"""LiteRT on this host, run for real, beside TensorFlow Lite Micro and on labelled data."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tinykg.bench import host_child_process, host_machine, tflm_host
from tinykg.bench.host_accuracy import accuracy_figures, trial
from tinykg.bench.litert_host import RUNNER
from tinykg.bench.protocol import Runner, Task, Unwatched
from tinykg.errors import BenchmarkError, ExtractError, InputError, MissingExtra
from tinykg.extract.tflite import read_model
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkResult
    from tinykg.registry import Registry

pytestmark = pytest.mark.skipif(
    find_spec("ai_edge_litert") is None, reason="ai-edge-litert is not installed (extra bench)"
)

QUICK = {"inputs": "4", "warmup": "2", "iterations": "100", "seconds": "2"}
DECLARED = Evidence(kind=EvidenceKind.DECLARED, source="a test")


@pytest.fixture
def kws(test_data: Path) -> Path:
    return test_data / "models/mlperf_tiny/kws_ref_model.tflite"


def task(path: Path, place: Path, **options: str) -> Task:
    content = path.read_bytes()
    file = read_model(content, path.name)
    model = Model(name=path.stem, evidence=DECLARED, file_sha256=file.sha256)
    return Task(model=model, file=file, content=content, workplace=place, options={**QUICK, **options})


def run(path: Path, place: Path, **options: str) -> BenchmarkResult:
    return RUNNER.run(task(path, place, **options), Unwatched())


def test_times_come_as_percentiles_and_memory_as_the_process_s(kws: Path, tmp_path: Path) -> None:
    result = run(kws, tmp_path)
    times = [figure for figure in result.figures if figure.metric == "latency"]
    assert [figure.statistic for figure in times] == ["median", "p90", "p99"]
    assert {figure.count for figure in times} == {100}
    (memory,) = (figure.value for figure in result.figures if figure.metric == "ram-used")
    assert 10e6 < memory < 500e6
    assert result.stack == "litert-xnnpack"
    assert result.environment["threads"] == "1"
    assert not result.on_device


@pytest.mark.skipif(find_spec("tflite_micro") is None, reason="the tflite-micro wheel is not installed")
@pytest.mark.parametrize("stem", ["kws_ref_model", "vww_96_int8", "pretrainedResnet_quant"])
def test_reference_kernels_give_the_outputs_of_tensorflow_lite_micro(
    stem: str, test_data: Path, tmp_path: Path
) -> None:
    """Two interpreters, the same inputs, the same bytes: the digests of the two runners can be compared."""
    path = test_data / f"models/mlperf_tiny/{stem}.tflite"
    ours = run(path, tmp_path, kernels="reference")
    micro = tflm_host.RUNNER.run(
        replace(task(path, tmp_path), options={"inputs": "4", "iterations": "1"}), Unwatched()
    )
    assert ours.output_sha256 == micro.output_sha256
    assert ours.environment["inputs"] == micro.environment["inputs"]


def test_kernels_and_threads_are_recorded(kws: Path, tmp_path: Path) -> None:
    result = run(kws, tmp_path, kernels="builtin", threads="2")
    assert result.runtime.endswith(", built-in kernels, 2 threads")
    assert result.stack == "litert-builtin"
    with pytest.raises(InputError, match="expected xnnpack or builtin or reference"):
        run(kws, tmp_path, kernels="fast")
    with pytest.raises(InputError, match="threads=0"):
        run(kws, tmp_path, threads="0")


def test_only_linux_suits(registry: Registry) -> None:
    assert isinstance(RUNNER, Runner)
    assert RUNNER.suits(None) is None
    assert RUNNER.suits(registry.device("raspberry-pi-4b")) is None
    assert "does not run Linux" in (RUNNER.suits(registry.device("nano33")) or "")
    assert "runs no programs" in (RUNNER.suits(registry.device("google-coral-usb-accelerator")) or "")
    unknown = replace(registry.device("nano33"), system=None)
    assert "not known to run Linux" in (RUNNER.suits(unknown) or "")


def test_this_host_is_taken_for_a_board_only_where_somebody_says_so(
    kws: Path, tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = registry.device("raspberry-pi-3b")
    given = replace(task(kws, tmp_path), device=board)
    monkeypatch.setattr(host_machine, "BOARD_MODEL", tmp_path / "board")
    elsewhere = RUNNER.run(given, Unwatched())
    assert not elsewhere.on_device
    assert "say so with --option here=yes" in " ".join(elsewhere.notes)
    said = RUNNER.run(replace(given, options={**QUICK, "here": "yes"}), Unwatched())
    assert said.on_device
    assert f"This host is taken for {board.name}." in said.notes
    (tmp_path / "board").write_bytes(b"Raspberry Pi 3 Model B Rev 1.2\0")
    known = RUNNER.run(given, Unwatched())
    assert known.on_device
    assert (known.where or "").startswith("Raspberry Pi 3 Model B Rev 1.2")
    denied = RUNNER.run(replace(given, options={**QUICK, "here": "no"}), Unwatched())
    assert not denied.on_device


def test_here_means_nothing_without_a_board(kws: Path, tmp_path: Path) -> None:
    assert not run(kws, tmp_path, here="yes").on_device


def test_without_the_package_the_extra_is_named(
    kws: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_child_process, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match="litert-host"):
        run(kws, tmp_path)


def test_a_file_that_is_none_is_a_benchmark_error(kws: Path, tmp_path: Path) -> None:
    given = task(kws, tmp_path)
    with pytest.raises(BenchmarkError, match="The interpreter"):
        RUNNER.run(replace(given, content=b"no model at all"), Unwatched())


def labelled_by_the_model(path: Path, place: Path, count: int) -> tuple[Path, int]:
    """Labelled data whose labels are the model's own answers, but for the first: its top-1 is known."""
    interpreter_class = import_module("ai_edge_litert.interpreter").Interpreter
    rng = np.random.default_rng(1)
    interpreter = interpreter_class(model_path=str(path))
    interpreter.allocate_tensors()
    given, answered = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    x = rng.integers(-128, 128, (count, *given["shape"][1:]), dtype=np.int8)
    y = []
    for row in x:
        interpreter.set_tensor(given["index"], row[None])
        interpreter.invoke()
        y.append(int(interpreter.get_tensor(answered["index"])[0].argmax()))
    y[0] = (y[0] + 1) % 12
    np.savez(place / "labelled.npz", x=x, y=np.array(y))
    return place / "labelled.npz", count


def test_accuracy_is_that_of_the_labels(kws: Path, tmp_path: Path) -> None:
    data, count = labelled_by_the_model(kws, tmp_path, 40)
    result = RUNNER.run(replace(task(kws, tmp_path), data=data), Unwatched())
    found = {figure.metric: figure for figure in result.figures}
    assert found["top-1-accuracy"].value == pytest.approx((count - 1) / count)
    assert found["top-1-accuracy"].count == count
    assert 0 <= found["auc"].value <= 1
    assert result.dataset is not None
    assert (result.dataset.name, result.dataset.samples) == ("labelled", count)


def test_a_folder_of_mlperf_tiny_gives_the_same_as_arrays(kws: Path, tmp_path: Path) -> None:
    data, _ = labelled_by_the_model(kws, tmp_path, 6)
    arrays, folder = np.load(data), tmp_path / "folder"
    folder.mkdir()
    lines = []
    for number, (x, y) in enumerate(zip(arrays["x"], arrays["y"], strict=True)):
        (folder / f"{number}.bin").write_bytes(x.tobytes())
        lines.append(f"{number}.bin,12,{y}\n")
    (folder / "y_labels.csv").write_text("".join(lines), encoding="utf-8")
    file = task(kws, tmp_path).file
    one, other = trial(file, data), trial(file, folder)
    assert one.inputs == other.inputs
    assert one.dataset.sha256 == other.dataset.sha256


def test_an_autoencoder_is_judged_by_how_well_it_makes_its_input_again(
    test_data: Path, tmp_path: Path
) -> None:
    """The windows of one recording are averaged; the recording that is farther off is the anomaly."""
    path = test_data / "models/mlperf_tiny/ad01_int8.tflite"
    folder = tmp_path / "ad"
    folder.mkdir()
    rng = np.random.default_rng(2)
    for name, spread in (("good", 1.0), ("bad", 60.0)):
        values = rng.normal(0, spread, 640 + 2 * 128).astype("<f4")
        (folder / f"{name}.bin").write_bytes(values.tobytes())
    (folder / "y_labels.csv").write_text("good.bin,2,0,2560,512\nbad.bin,2,1,2560,512\n", encoding="utf-8")
    result = RUNNER.run(replace(task(path, tmp_path), data=folder), Unwatched())
    found = {figure.metric: figure.value for figure in result.figures}
    assert found["auc"] == 1.0
    assert found["mean-squared-error"] > 0
    assert "top-1-accuracy" not in found
    assert trial(task(path, tmp_path).file, folder).windows == (3, 3)


def test_data_that_do_not_fit_are_refused_before_anything_runs(kws: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "wide.npz", x=np.zeros((2, 5), np.int8), y=np.array([0, 1]))
    with pytest.raises(BenchmarkError, match="takes 490 B"):
        RUNNER.run(replace(task(kws, tmp_path), data=tmp_path / "wide.npz"), Unwatched())
    with pytest.raises(ExtractError, match=r"y_labels\.csv"):
        RUNNER.run(replace(task(kws, tmp_path), data=tmp_path), Unwatched())
    np.savez(tmp_path / "classes.npz", x=np.zeros((2, 490), np.int8), y=np.array([0, 40]))
    tried = trial(task(kws, tmp_path).file, tmp_path / "classes.npz")
    with pytest.raises(BenchmarkError, match="labels do not fit the model's answers"):
        accuracy_figures(tried, [bytes(12), bytes(12)])
