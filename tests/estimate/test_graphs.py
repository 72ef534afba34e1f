"""Measurements and estimates as graphs: whole, valid, one a source, and quick to make."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tinykg.estimate.graphs import SourcedTriples, estimate_graphs, measurement_graphs
from tinykg.estimate.measurements import read_sources
from tinykg.estimate.workload import workload
from tinykg.files import data_folder
from tinykg.graph.encode_estimate import encode_workload
from tinykg.graph.triples import Facts
from tinykg.validate.gate import validate
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCTERMS, QUDT, RDF, SCHEMA, SOSA

if TYPE_CHECKING:
    from tinykg.records.estimate import EstimateTables
    from tinykg.records.measurement import MeasuredRun

BASE = "https://w3id.org/tinykg/"
TYPE = ox.NamedNode(RDF.type)


@pytest.fixture(scope="module")
def measured() -> list[SourcedTriples]:
    return list(measurement_graphs())


@pytest.fixture(scope="module")
def estimated() -> list[SourcedTriples]:
    return list(estimate_graphs())


def count(graphs: list[SourcedTriples], class_iri: str) -> int:
    return sum(t.predicate == TYPE and t.object == ox.NamedNode(class_iri) for g in graphs for t in g.triples)


def test_there_is_a_graph_for_each_document_with_runs_of_models(measured: list[SourcedTriples]) -> None:
    sources = read_sources(data_folder() / "measurements")
    expected = [f"{BASE}graph/measurements/{name}" for name, source in sources.items() if not source.kernels]
    assert [graph.name for graph in measured] == expected
    assert len(expected) == 13


def test_every_run_is_there_with_its_figures(measured: list[SourcedTriples], runs: list[MeasuredRun]) -> None:
    assert count(measured, TK.BenchmarkRun) == 620
    figures = [
        figure
        for run in runs
        if run.source != "esp-nn-kernels"
        for figure in (
            run.latency_ms,
            run.energy_uj,
            run.power_mw,
            run.quality,
            run.ram_bytes,
            run.flash_bytes,
        )
        if figure is not None
    ]
    assert count(measured, TK.Measurement) == len(figures) == 1493


def test_the_files_of_a_graph_are_those_it_was_made_of(
    measured: list[SourcedTriples], estimated: list[SourcedTriples]
) -> None:
    for graph in [*measured, *estimated]:
        assert graph.files
        assert all(path.is_file() and path.is_relative_to(data_folder()) for path in graph.files)
    firsts = [graph.files[0] for graph in [*measured, *estimated]]
    assert len(set(firsts)) == len(firsts)


def test_no_fact_stands_in_two_graphs(
    measured: list[SourcedTriples], estimated: list[SourcedTriples]
) -> None:
    seen = Counter(str(t) for graph in [*measured, *estimated] for t in graph.triples)
    assert [triple for triple, times in seen.items() if times > 1] == []


def test_all_of_it_passes_the_shapes(measured: list[SourcedTriples], estimated: list[SourcedTriples]) -> None:
    assert validate([t for graph in [*measured, *estimated] for t in graph.triples]) == []


def test_a_run_says_who_measured_what_where(measured: list[SourcedTriples]) -> None:
    graph = next(g for g in measured if g.name.endswith("mlperf-tiny-v0.7"))
    facts = Facts(graph.triples)
    run = f"{BASE}benchmark-run/mlperf-tiny-v0.7/renesas-ek-ra6m4-kws"
    assert facts.link(run, TK.onDevice) == f"{BASE}device-type/renesas-ek-ra6m4"
    assert facts.link(run, TK.ofFile) == (
        f"{BASE}file/aeea436800704fce17b17292e4412630ad856e9d777c044c64ef748a880bd0ae"
    )
    assert facts.text(run, TK.kernelStack) == "tflm-cmsis-nn"
    assert facts.text(run, TK.runtimeText) == "tflite-micro"
    assert facts.integer(run, TK.atClockHz) == 200_000_000
    assert facts.text(run, TK.boardText) is None
    source = facts.require_text(run, DCTERMS.source)
    assert source.startswith("https://github.com/mlcommons/tiny_results_v0.7 closed/renesas/")
    assert facts.text(f"{BASE}tool/mlperf-tiny-v0.7", SCHEMA.softwareVersion) == "v0.7"
    found = {}
    for node in facts.links(run, TK.hasMeasurement):
        metric = (facts.link(node, TK.metric) or "").rsplit("/", 1)[-1]
        unit = (facts.link(node, QUDT.hasUnit) or "").rsplit("/", 1)[-1]
        found[metric] = (facts.number(node, SOSA.hasSimpleResult), unit)
        assert (
            facts.text(node, TK.evidenceSource) == "MLPerf Tiny v0.7, closed division, renesas: tflite-micro"
        )
    assert found == {
        "latency": (50.5715, "MilliSEC"),
        "energy-per-inference": (3796.957, "MicroJ"),
        "top-1-accuracy": (0.901, "UNITLESS"),
    }


def test_a_run_that_is_not_joined_keeps_its_words(measured: list[SourcedTriples]) -> None:
    facts = Facts(next(g for g in measured if g.name.endswith("/esp-nn")).triples)
    run = f"{BASE}benchmark-run/esp-nn/mobilenetv3-small-224x224x3-esp32-s3-tflm-esp-nn"
    assert facts.text(run, TK.modelText) == "MobileNetV3 Small 224x224x3"
    assert facts.text(run, TK.boardText) == "ESP32-S3"
    assert facts.links(run, TK.ofFile) == facts.links(run, TK.onDevice) == []


def test_a_latency_model_is_there_with_its_rates(
    estimated: list[SourcedTriples], tables: EstimateTables
) -> None:
    assert count(estimated, TK.LatencyModel) == len(tables.latency) == 48
    assert count(estimated, TK.ClassRate) == sum(len(model.cycles_per_mac) for model in tables.latency)
    assert count(estimated, TK.PowerFigure) == len(tables.power)
    facts = Facts(estimated[0].triples)
    model = f"{BASE}latency-model/tflm-esp-nn/xtensa-lx7-ESP32-S3"
    assert facts.text(model, TK.partPrefix) == "ESP32-S3"
    assert facts.links(model, TK.onRuntime) == [f"{BASE}runtime/tflm-esp-nn"]
    assert facts.links(model, TK.onCore) == [f"{BASE}core/xtensa-lx7"]
    assert len(facts.links(model, TK.hasRate)) == 4
    both = facts.links(f"{BASE}latency-model/tflm-cmsis-nn/cortex-m4f", TK.onCore)
    assert both == [f"{BASE}core/cortex-m4", f"{BASE}core/cortex-m4f"]


def test_the_work_of_a_file_adds_up_in_the_graph() -> None:
    from tinykg.catalogue.facts import read_facts

    file = read_facts(data_folder() / "models" / "facts" / "vww-96-int8.json")
    facts = Facts(encode_workload(file.sha256, workload(file)))
    subject = f"{BASE}file/{file.sha256}"
    nodes = facts.links(subject, TK.hasMacCount)
    assert sum(facts.require_integer(node, TK.macs) for node in nodes) == file.macs == 7_489_664
    assert {facts.text(node, TK.arithmetic) for node in nodes} == {"int8,int8"}
    assert (facts.integer(subject, TK.layerCount), facts.integer(subject, TK.otherElements)) == (31, 2306)


def test_the_graphs_are_made_within_a_third_of_a_second() -> None:
    def seconds() -> float:
        started = time.process_time()
        assert sum(len(graph.triples) for graph in [*measurement_graphs(), *estimate_graphs()]) > 15_000
        return time.process_time() - started

    assert min(seconds() for _ in range(3)) < 0.3
