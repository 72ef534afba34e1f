"""The interpreter of the tflite-micro wheel on this host, run for real; hostile children are stand-ins."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinykg.bench import host_child_process
from tinykg.bench.host_child_process import Order, run_child
from tinykg.bench.protocol import Runner, Task, Unwatched
from tinykg.bench.tflite_micro_wheel import witness
from tinykg.bench.tflm_host import RUNNER, arena_for
from tinykg.errors import BenchmarkCancelled, BenchmarkError, InputError, MissingExtra
from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Model

if TYPE_CHECKING:
    from tinykg.records.benchmark import BenchmarkResult
    from tinykg.registry import Registry

pytestmark = pytest.mark.skipif(
    find_spec("tflite_micro") is None, reason="the tflite-micro wheel is not installed (extra bench)"
)

OURS = sorted((data_folder() / "models" / "files").glob("*.tflite"))
QUICK = {"inputs": "3", "warmup": "1", "iterations": "12", "seconds": "2"}
DECLARED = Evidence(kind=EvidenceKind.DECLARED, source="a test")


class Seen:
    """A watch that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[float, str]] = []

    def progress(self, done: float, doing: str) -> None:
        self.told.append((done, doing))


class Ending:
    """A watch that ends the run as soon as somebody does something, and knows when it did."""

    def __init__(self, doing: str) -> None:
        self.doing, self.at = doing, 0.0

    def progress(self, done: float, doing: str) -> None:  # noqa: ARG002
        if doing == self.doing:
            self.at = time.monotonic()
            raise BenchmarkCancelled("somebody ended it")


def task(path: Path, place: Path, **options: str) -> Task:
    content = path.read_bytes()
    file = read_model(content, path.name)
    model = Model(name=path.stem, evidence=DECLARED, file_sha256=file.sha256)
    return Task(model=model, file=file, content=content, workplace=place, options={**QUICK, **options})


def value(result: BenchmarkResult, metric: str) -> float:
    return next(figure.value for figure in result.figures if figure.metric == metric)


def test_it_is_a_runner_for_every_device(registry: Registry) -> None:
    assert isinstance(RUNNER, Runner)
    assert RUNNER.suits(None) is None
    assert RUNNER.suits(registry.device("nano33")) is None


@pytest.mark.parametrize("path", OURS[:2], ids=lambda path: path.stem)
def test_a_model_runs_and_its_arena_is_the_interpreter_s_own(path: Path, tmp_path: Path) -> None:
    """`witness` asks the same interpreter in another way, and with another arena."""
    result = RUNNER.run(task(path, tmp_path), Unwatched())
    seen = witness(path.read_bytes(), 1 << 25)
    assert seen.head_bytes is not None
    assert seen.tail_bytes is not None
    assert value(result, "arena-used") == seen.head_bytes + seen.tail_bytes
    assert value(result, "latency") > 0
    assert [figure.statistic for figure in result.figures] == [None, "median", "p90"]
    assert {figure.count for figure in result.figures[1:]} == {12}
    assert result.environment["repeatable"] == "yes"
    assert result.started < result.ended


def test_the_result_says_what_it_is_not(test_data: Path, tmp_path: Path, registry: Registry) -> None:
    path = test_data / "models/mlperf_tiny/kws_ref_model.tflite"
    board = registry.device("nano33")
    result = RUNNER.run(replace(task(path, tmp_path), device=board), Unwatched())
    assert not result.on_device
    assert board.name not in (result.where or "")
    assert f"Nothing ran on {board.name}." in result.notes
    assert "The times are this host's and say nothing about a board's." in result.notes
    assert result.clock_hz is None
    assert {figure.metric for figure in result.figures} == {"arena-used", "latency"}


def test_the_same_seed_gives_the_same_outputs_and_another_others(test_data: Path, tmp_path: Path) -> None:
    path = test_data / "models/mlperf_tiny/kws_ref_model.tflite"
    first, again, other = (
        RUNNER.run(task(path, tmp_path, **seed), Unwatched()) for seed in ({}, {}, {"seed": "1"})
    )
    assert first.output_sha256 == again.output_sha256
    assert first.output_sha256 != other.output_sha256
    assert first.environment["inputs"] == again.environment["inputs"] != other.environment["inputs"]


@pytest.mark.parametrize("name", ["alexa", "okay_nabu"])
def test_a_streaming_model_keeps_its_state_and_a_new_one_begins_anew(name: str, tmp_path: Path) -> None:
    """Resource variables carry over from input to input, so that two equal runs need two interpreters."""
    models = pytest.importorskip("pymicro_wakeword", reason="its models have resource variables")
    path = next(iter(sorted(__import__("pathlib").Path(models.__file__).parent.rglob(f"{name}.tflite"))))
    result = RUNNER.run(task(path, tmp_path, inputs="20"), Unwatched())
    assert result.environment["repeatable"] == "yes"
    assert any(
        layer.operator == "READ_VARIABLE" for g in task(path, tmp_path).file.subgraphs for layer in g.layers
    )


def test_progress_goes_on_to_the_end(test_data: Path, tmp_path: Path) -> None:
    seen = Seen()
    RUNNER.run(task(test_data / "models/mlperf_tiny/vww_96_int8.tflite", tmp_path, iterations="60"), seen)
    assert seen.told[0] == (0.0, "starting")
    assert all(0 <= done <= 1 for done, _ in seen.told)
    assert "timing" in {doing for _, doing in seen.told}


def children() -> set[str]:
    """The processes that this one has started and not yet taken leave of."""
    return {pid for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()}


def test_a_run_that_is_cancelled_ends_its_process_at_once(test_data: Path, tmp_path: Path) -> None:
    before = children()
    path, watch = test_data / "models/mlperf_tiny/vww_96_int8.tflite", Ending("timing")
    given = task(path, tmp_path, iterations="100000", seconds="600")
    with pytest.raises(BenchmarkCancelled, match="somebody"):
        RUNNER.run(given, watch)
    assert time.monotonic() - watch.at < 2
    assert children() == before


def test_timing_ends_with_its_seconds(test_data: Path, tmp_path: Path) -> None:
    path = test_data / "models/mlperf_tiny/vww_96_int8.tflite"
    result = RUNNER.run(task(path, tmp_path, iterations="100000", seconds="0.2"), Unwatched())
    count = result.figures[1].count
    assert count is not None
    assert 0 < count < 100


@pytest.mark.parametrize(
    ("stem", "reason"),
    [
        ("tflm/person_detect_vela", "Failed to get registration from op code CUSTOM"),
        ("mlperf_tiny/kws_ref_model_float32", "Hybrid models are not supported"),
    ],
)
def test_what_the_interpreter_refuses_is_told_in_its_words(
    stem: str, reason: str, test_data: Path, tmp_path: Path
) -> None:
    with pytest.raises(BenchmarkError, match=rf"The interpreter refuses the model: .*{reason}"):
        RUNNER.run(task(test_data / f"models/{stem}.tflite", tmp_path), Unwatched())


def test_a_file_that_is_broken_is_a_benchmark_error(test_data: Path, tmp_path: Path) -> None:
    """Whether native code refuses it or crashes: this process goes on."""
    given = task(test_data / "models/mlperf_tiny/kws_ref_model.tflite", tmp_path)
    cut = replace(given, content=given.content[: len(given.content) // 2])
    with pytest.raises(BenchmarkError, match=r"crashed with exit code 1: struct\.error: unpack_from"):
        RUNNER.run(cut, Unwatched())


def test_options_are_read_strictly(test_data: Path, tmp_path: Path) -> None:
    path = test_data / "models/mlperf_tiny/kws_ref_model.tflite"
    with pytest.raises(InputError, match="iterations=0 of the runner tflm-host: expected a whole number"):
        RUNNER.run(task(path, tmp_path, iterations="0"), Unwatched())
    with pytest.raises(InputError, match="has no option 'threads'"):
        RUNNER.run(task(path, tmp_path, threads="2"), Unwatched())


def test_without_the_wheel_the_extra_is_named(
    test_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_child_process, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"tflm-host needs an extra: pip install 'tinykg\[bench\]'"):
        RUNNER.run(task(test_data / "models/mlperf_tiny/kws_ref_model.tflite", tmp_path), Unwatched())


def test_an_arena_has_room_for_all_tensors_and_is_one_that_the_interpreter_takes(test_data: Path) -> None:
    for path in sorted((test_data / "models").rglob("*.tflite"))[::7]:
        size = arena_for(read_model(path.read_bytes(), path.name))
        assert size % 16 == 0
        assert 1 << 24 <= size < 1 << 31


STAND_INS = {
    "silent": ("import time; time.sleep(60)", "gave no result within 1 s"),
    "dies": ("import os; os.abort()", "crashed with SIGABRT"),
    "leaves": ("import sys; sys.exit('no more')", "crashed with exit code 1: no more"),
    "babbles": ("print('{' * 100); print('[1]'); print('null')", "crashed with exit code 0"),
    "floods": (
        "import sys; sys.stdout.write('x' * (1 << 25)); sys.stdout.flush()",
        "wrote over 4194304 B of no result",
    ),
    "lies": (
        """
import json, sys
order = json.load(open(sys.argv[1]))
open(order['outputs'], 'wb').write(b'ab')
result = {'stage': 'ran', 'version': '1', 'sha256': ['0'], 'times_ns': [1], 'resident_bytes': 1}
print(json.dumps({'result': result}))
""",
        "outputs are not those that it says",
    ),
}


@pytest.mark.parametrize("kind", STAND_INS)
def test_a_child_that_misbehaves_is_one_clear_error(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, (program, fault) = children(), STAND_INS[kind]
    (tmp_path / "child.py").write_text(program, encoding="utf-8")
    monkeypatch.setattr(host_child_process, "CHILD", tmp_path / "child.py")
    order = Order(engine="tflm", model=b"", inputs=[b"x"], settings={}, limit_s=1.0)
    begun = time.monotonic()
    with pytest.raises(BenchmarkError, match=fault):
        run_child(order, tmp_path, Unwatched())
    assert time.monotonic() - begun < 15
    assert children() == before


def test_accuracy_is_taken_on_labelled_data(tmp_path: Path) -> None:
    """Labels that the model itself gives, but for one."""
    np = pytest.importorskip("numpy")
    path = next(path for path in OURS if path.stem == "digits_mlp_int8")
    given = np.random.default_rng(3).integers(-128, 128, (12, 64)).astype(np.int8)
    asked = task(path, tmp_path, **QUICK)
    order = Order(
        engine="tflm",
        model=asked.content,
        inputs=[row.tobytes() for row in given],
        again=False,
        settings={"arena_bytes": arena_for(asked.file)},
    )
    outputs = run_child(order, tmp_path, Unwatched()).outputs
    labels = np.array([np.frombuffer(one, np.int8).argmax() for one in outputs])
    labels[0] = (labels[0] + 1) % 10
    np.savez(tmp_path / "labelled.npz", x=given, y=labels)
    result = RUNNER.run(replace(asked, data=tmp_path / "labelled.npz"), Unwatched())
    found = {figure.metric: figure for figure in result.figures}
    assert found["top-1-accuracy"].value == pytest.approx(11 / 12)
    assert found["top-1-accuracy"].count == 12
    assert result.dataset is not None
    assert result.dataset.samples == 12
    assert {"arena-used", "latency"} < set(found)
