"""What TinyKG measured itself beats its estimates; what was not measured on the board never counts as if."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench_plugins import result

from tinykg.catalogue.jobs import run_graph
from tinykg.catalogue.sessions import open_sessions
from tinykg.graph.encode_benchmark import encode_run
from tinykg.records.benchmark import BenchmarkRun, Figure, JobState
from tinykg.records.estimate import Estimate
from tinykg.settings import Settings
from tinykg.vocab.tinykg import TK

if TYPE_CHECKING:
    from tinykg.records.benchmark import BenchmarkResult
    from tinykg.registry import Registry

MODEL, BOARD, RUNTIME = "digits_mlp_int8", "arduino-nano-33-ble-sense", "tflm-cmsis-nn-arm32"
ANA = "ana@laptop#1-aa"


def latency(value: float, statistic: str | None = "median", evidence: str = "measured") -> Figure:
    return Figure(metric="latency", value=value, unit="MilliSEC", statistic=statistic, evidence=evidence)


def on_board(*figures: Figure, **changed: object) -> BenchmarkResult:
    """A result of the board itself."""
    return result(*(figures or (latency(5.0),)), where=None, on_device=True, **changed)


def keep(
    registry: Registry, kept: BenchmarkResult, *, device: str = BOARD, runtime: str | None = RUNTIME
) -> None:
    """Keep a result as a job's."""
    queue = registry.benchmarks
    job = queue.create(registry.benchmarks.request(MODEL, "plain", device=device, runtime=runtime), ANA)
    ended = queue.finish(job.id, ANA, kept)
    assert ended.state is JobState.DONE, ended.reason


def answer(registry: Registry, device: str = BOARD) -> tuple[Estimate, Estimate]:
    """What match and explain say of the time of an inference."""
    (match,) = registry.match(model=MODEL, device=device, runtime=RUNTIME)
    (explanation,) = registry.explain(MODEL, device, runtime=RUNTIME)
    assert isinstance(match.latency, Estimate)
    assert isinstance(explanation.match.latency, Estimate)
    return match.latency, explanation.match.latency


def test_an_own_measurement_on_the_board_beats_the_estimate(digits: Registry) -> None:
    assert {found.evidence.kind.value for found in answer(digits)} == {"estimated"}
    keep(digits, on_board())
    for found in answer(digits):
        assert (found.evidence.kind.value, found.value) == ("measured", 5000)
        assert "by plain" in found.evidence.source


def test_the_figure_that_stands_for_a_run_is_its_median(digits: Registry) -> None:
    keep(digits, on_board(latency(5.0), latency(50.0, "p99"), latency(0.1, "least"), latency(9.0, "mean")))
    assert answer(digits)[0].value == 5000


def test_a_figure_without_statistic_stands_for_its_run(digits: Registry) -> None:
    keep(digits, on_board(latency(7.0, None)))
    assert answer(digits)[0].value == 7000


def test_energy_is_taken_too(digits: Registry) -> None:
    energy = Figure(metric="energy-per-inference", value=123.0, unit="MicroJ", statistic="median", count=5)
    keep(digits, on_board(latency(5.0), energy))
    (match,) = digits.match(model=MODEL, device=BOARD, runtime=RUNTIME)
    assert isinstance(match.energy, Estimate)
    assert (match.energy.evidence.kind.value, match.energy.value) == ("measured", 123)


def test_a_measurement_by_the_kernels_counts_where_no_runtime_is_named(digits: Registry) -> None:
    keep(digits, on_board(stack="tflm-cmsis-nn"), runtime=None)
    assert answer(digits)[0].value == 5000


NOT_MEASURED_THERE = {
    "by a simulated device": result(latency(5.0), simulated=True),
    "in an emulator": result(latency(5.0), where=None, emulator="QEMU 7.2"),
    "by a simulated device in an emulator": result(latency(5.0), simulated=True, emulator="Renode 1"),
    "on a host": result(latency(5.0)),
    "on a host by the same kernels": result(latency(5.0), stack="tflm-cmsis-nn"),
    "estimated by a tool": on_board(latency(5.0, evidence="estimated")),
    "the ninetieth percentile alone": on_board(latency(5.0, "p90")),
    "at another clock": on_board(clock_hz=32_000_000),
}


@pytest.mark.parametrize("kept", NOT_MEASURED_THERE.values(), ids=NOT_MEASURED_THERE)
def test_what_was_not_measured_on_the_board_does_not_count_as_if(
    digits: Registry, kept: BenchmarkResult
) -> None:
    before = answer(digits)
    keep(digits, kept)
    assert answer(digits) == before
    assert before[0].evidence.kind.value == "estimated"
    assert len(digits.results(model=MODEL)) == 1


def test_a_measurement_without_runtime_and_kernels_is_kept_but_stands_for_no_runtime(
    digits: Registry,
) -> None:
    before = answer(digits)
    keep(digits, on_board(), runtime=None)
    assert answer(digits) == before


def test_even_what_somebody_wrote_by_hand_past_the_gate_does_not_count(digits: Registry) -> None:
    """The question itself leaves out what is simulated, emulated or not measured."""
    sha256 = digits.model(MODEL)[0].file_sha256
    simulated, emulated = on_board(simulated=True), on_board(emulator="QEMU")
    estimated = on_board(latency(5.0, evidence="estimated"))
    graphs = {}
    for i, forged in enumerate((simulated, emulated, estimated)):
        run = BenchmarkRun(
            id=f"f{i}", model=MODEL, file_sha256=sha256, device=BOARD, result=forged, on_runtime=RUNTIME
        )
        assert TK.onDevice in {triple.predicate.value for triple in encode_run(run)}
        graphs[run_graph(run.id)] = encode_run(run)
    with open_sessions(Settings(registry=digits.where)).writing("a test") as store:
        store.replace_graphs(graphs)
    assert answer(digits)[0].evidence.kind.value == "estimated"


def test_results_are_found_by_model_device_and_runner_the_latest_first(digits: Registry) -> None:
    keep(digits, on_board())
    keep(digits, result(simulated=True, ended=on_board().ended.replace(hour=20)))
    keep(digits, result())
    everything = digits.results()
    assert [run.result.ended for run in everything] == sorted(
        (run.result.ended for run in everything), reverse=True
    )
    assert {run.result.simulated for run in digits.results(device="nano33")} == {True, False}
    assert len(digits.results(device="nano33")) == 2
    assert len(digits.results(model=MODEL)) == 3
    assert digits.results(model="Micro_Speech_Yes_No_3") == []
    assert len(digits.results(runner="plain")) == 3
    assert digits.results(runner="other") == []
    assert digits.results(device="uno") == []
