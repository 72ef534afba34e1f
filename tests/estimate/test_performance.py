"""The latency query: measured beats estimated beats unknown, as Python computes it, on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.query import ResultRow

from tinykg.catalogue.facts import read_facts
from tinykg.estimate.energy import estimate_energy
from tinykg.estimate.graphs import estimate_graphs, measurement_graphs
from tinykg.estimate.latency import estimate_latency, processor_for
from tinykg.estimate.measured import measured_energy, measured_latency
from tinykg.estimate.workload import workload
from tinykg.extract.curated_device import read_device
from tinykg.extract.curated_model import read_model_sheet
from tinykg.files import data_folder
from tinykg.footprint import load_runtimes
from tinykg.graph.encode_device import encode_device_type
from tinykg.graph.encode_estimate import encode_workload
from tinykg.graph.encode_model import encode_model, encode_model_file
from tinykg.graph.encode_runtime import encode_runtime
from tinykg.match.latency import timings
from tinykg.queries.load import iri, sparql
from tinykg.records.estimate import Estimate, Performance, Unknown
from tinykg.records.evidence import EvidenceKind
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from tinykg.records.device import DeviceType
    from tinykg.records.estimate import EstimateTables
    from tinykg.records.measurement import MeasuredRun
    from tinykg.records.model import Model
    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import Runtime

BASE = "https://w3id.org/tinykg/"
DATA = data_folder()
REGISTRY = DATA.parent / "ontology" / "examples" / "registry.ttl"


@pytest.fixture(scope="module")
def devices() -> dict[str, DeviceType]:
    return {path.stem: read_device(path) for path in sorted((DATA / "devices").glob("*.toml"))}


@pytest.fixture(scope="module")
def models() -> dict[str, tuple[Model, ModelFile]]:
    found = {}
    for path in sorted((DATA / "models").glob("*.toml")):
        model = read_model_sheet(path)
        found[model.name] = (model, read_facts(path.parent / "facts" / f"{path.stem}.json"))
    return found


@pytest.fixture(scope="module")
def runtimes() -> dict[str, Runtime]:
    return load_runtimes(DATA / "runtimes")


@pytest.fixture(scope="module")
def store(
    devices: dict[str, DeviceType],
    models: dict[str, tuple[Model, ModelFile]],
    runtimes: dict[str, Runtime],
) -> EmbeddedStore:
    """The built-in records as far as the query looks at them."""
    triples: dict[str, list[ox.Triple]] = {"devices": [], "models": [], "files": [], "runtimes": []}
    for device in devices.values():
        triples["devices"] += encode_device_type(device)
    for model, file in models.values():
        triples["models"] += encode_model(model)
        triples["files"] += encode_model_file(file) + encode_workload(file.sha256, workload(file))
    for runtime in runtimes.values():
        triples["runtimes"] += encode_runtime(runtime)
    found = EmbeddedStore()
    found.load_new({f"{BASE}graph/{name}": made for name, made in triples.items()})
    found.load_new({graph.name: graph.triples for graph in [*measurement_graphs(), *estimate_graphs()]})
    return found


@pytest.fixture(scope="module")
def answers(store: EmbeddedStore) -> dict[tuple[str, str, str], Performance]:
    return dict(timings(store))


def same(found: Estimate | Unknown, expected: Estimate | Unknown) -> bool:
    if isinstance(found, Unknown) or isinstance(expected, Unknown):
        return found == expected
    return (
        (found.value, found.low, found.high)
        == pytest.approx((expected.value, expected.low, expected.high), rel=1e-9)
        and (found.unit, found.rows, found.basis) == (expected.unit, expected.rows, expected.basis)
        and found.evidence == expected.evidence
    )


def test_the_graph_answers_as_python_does(
    answers: dict[tuple[str, str, str], Performance],
    devices: dict[str, DeviceType],
    models: dict[str, tuple[Model, ModelFile]],
    runtimes: dict[str, Runtime],
    tables: EstimateTables,
    runs: list[MeasuredRun],
) -> None:
    """Each model on each device by each runtime: the same figure, or the same missing fact."""
    compared = 0
    for slug, device in devices.items():
        for name, runtime in runtimes.items():
            processor = processor_for(device, runtime.cores)
            if processor is None:
                assert (slug, "kws_ref_model", name) not in answers
                continue
            for model, file in models.values():
                answer = answers[slug, model.name, name]
                time_ = measured_latency(
                    runs,
                    tables,
                    file_sha256=file.sha256,
                    device=slug,
                    clock_hz=processor.clock_hz,
                    runtime=name,
                ) or estimate_latency(tables, workload(file), processor, name)
                energy = measured_energy(
                    runs,
                    tables,
                    file_sha256=file.sha256,
                    device=slug,
                    clock_hz=processor.clock_hz,
                    runtime=name,
                ) or estimate_energy(tables, time_, slug, name)
                assert same(answer.latency, time_), (slug, model.name, name, answer.latency, time_)
                assert same(answer.energy, energy), (slug, model.name, name, answer.energy, energy)
                compared += 1
    assert compared == len(answers) > 10_000


def test_what_was_measured_is_answered_with_the_measurement(
    answers: dict[tuple[str, str, str], Performance],
) -> None:
    found = answers["renesas-ek-ra6m4", "kws_ref_model", "tflm-cmsis-nn-arm32"]
    assert isinstance(found.latency, Estimate)
    assert isinstance(found.energy, Estimate)
    assert found.latency.evidence.kind is found.energy.evidence.kind is EvidenceKind.MEASURED
    assert found.latency.value == pytest.approx(50571.5)
    assert found.energy.value == pytest.approx(3796.957)
    assert found.latency.basis == "MLPerf Tiny v0.7, closed division, renesas: tflite-micro"
    kinds = [row.latency.evidence.kind for row in answers.values() if isinstance(row.latency, Estimate)]
    assert kinds.count(EvidenceKind.MEASURED) == 12
    assert kinds.count(EvidenceKind.ESTIMATED) > 1_500


def test_a_measurement_counts_for_its_kernels_only(
    answers: dict[tuple[str, str, str], Performance],
) -> None:
    """The board was measured with CMSIS-NN; of reference kernels on its core nobody measured convolutions."""
    found = answers["st-nucleo-l4r5zi", "kws_ref_model", "tflm-ref-arm32"]
    assert found.latency == Unknown(
        reason="no measurement of conv_1x1 in int8,int8 by tflm-reference on cortex-m4f"
    )
    assert found.energy == found.latency


def test_measured_times_lie_in_the_interval_that_would_have_been_estimated(
    answers: dict[tuple[str, str, str], Performance],
    devices: dict[str, DeviceType],
    models: dict[str, tuple[Model, ModelFile]],
    runtimes: dict[str, Runtime],
    tables: EstimateTables,
) -> None:
    for (slug, name, runtime), answer in answers.items():
        if isinstance(answer.latency, Estimate) and answer.latency.evidence.kind is EvidenceKind.MEASURED:
            processor = processor_for(devices[slug], runtimes[runtime].cores)
            assert processor is not None
            estimate = estimate_latency(tables, workload(models[name][1]), processor, runtime)
            assert isinstance(estimate, Estimate)
            assert estimate.low <= answer.latency.value <= estimate.high, (slug, name)


def test_parameters_narrow_the_answer(store: EmbeddedStore) -> None:
    device, model = f"{BASE}device-type/renesas-ek-ra6m4", f"{BASE}model/kws_ref_model"
    runtime = f"{BASE}runtime/tflm-cmsis-nn-arm32"
    one = timings(store, device=iri(device), model=iri(model), runtime=iri(runtime))
    assert list(one) == [("renesas-ek-ra6m4", "kws_ref_model", "tflm-cmsis-nn-arm32")]
    two = [iri(device), iri(f"{BASE}device-type/renesas-ek-ra8d1")]
    both = timings(store, device=two, model=[iri(model)])
    assert {slug for slug, _, _ in both} == {"renesas-ek-ra6m4", "renesas-ek-ra8d1"}
    assert one.items() <= both.items()


EXAMPLE = sparql("latency")


def test_both_engines_answer_alike_over_the_example_registry() -> None:
    """Rows, order and figures; the example has measured, estimated and missing ones."""
    graph = rdflib.Graph().parse(REGISTRY)
    dataset = ox.Store()
    dataset.load(path=str(REGISTRY), format=ox.RdfFormat.TURTLE)
    solutions = dataset.query(EXAMPLE)
    assert isinstance(solutions, ox.QuerySolutions)
    ours = [[_cell(None if term is None else term.value) for term in row] for row in solutions]
    theirs = [
        [_cell(None if term is None else str(term)) for term in row]
        for row in graph.query(EXAMPLE)
        if isinstance(row, ResultRow)
    ]
    assert ours == theirs
    assert len(ours) == 36
    flat = {cell for row in ours for cell in row}
    assert {"measured", "estimated", "no measurement of the power of arduino-nicla-vision"} <= flat


def _cell(text: str | None) -> str | float | None:
    try:
        return None if text is None else float(f"{float(text):.9g}")
    except ValueError:
        return text


def test_the_example_prefers_the_measurement_of_a_device_of_the_type() -> None:
    store = EmbeddedStore()
    store.load_new(
        {
            "https://example.org/g": [
                q.triple for q in ox.parse(path=str(REGISTRY), format=ox.RdfFormat.TURTLE)
            ]
        }
    )
    found = timings(store)
    nano = found["arduino-nano-33-ble-sense", "Micro_Speech_Yes_No_1", "tflm-ref-arm32"]
    assert isinstance(nano.latency, Estimate)
    assert isinstance(nano.energy, Estimate)
    assert (nano.latency.value, nano.energy.value) == (210_500.0, 4300.0)
    nicla = found["arduino-nicla-vision", "ARM_MicroNet_VWW_3", "tflm-cmsis-nn-arm32"].latency
    assert isinstance(nicla, Estimate)
    assert (nicla.value, nicla.rows) == (180_000.0, 1)  # the run at another clock does not count
