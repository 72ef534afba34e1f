"""Record -> graph -> record is the identity, also by way of a database and of every record there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from record_strategies import devices, files, models

from tinykg.catalogue.facts import facts_text, read_facts
from tinykg.extract.curated_device import read_device
from tinykg.extract.curated_model import read_model_sheet
from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.graph.datatypes import as_encoded
from tinykg.graph.decode_device import decode_device_types
from tinykg.graph.decode_model import decode_model_files, decode_models
from tinykg.graph.encode_device import encode_device_type
from tinykg.graph.encode_model import encode_model, encode_model_file
from tinykg.records.device import DeviceType
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Dataset, Model
from tinykg.records.model_file import Layer, ModelFile, Quantization, Subgraph, Tensor
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from pathlib import Path

    import pyoxigraph as ox
    import pytest

GRAPH = "https://example.org/graph"
DECLARED = Evidence(kind=EvidenceKind.DECLARED, source="a test")
bounded = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def through_a_store(triples: list[ox.Triple]) -> list[ox.Triple]:
    """The triples as a database gives them back."""
    store = EmbeddedStore()
    store.replace_graphs({GRAPH: triples})
    assert store.replace_graphs({GRAPH: triples}) is False
    return store.graph(GRAPH)


@bounded
@given(model=models)
@example(model=Model(name="a/b c%20ü", evidence=DECLARED, file_sha256="0" * 64, sensors=()))
@example(model=Model(name=".", evidence=DECLARED, file_sha256="0" * 64, licence="GPL-2.0-only WITH x"))
@example(model=Model(name="x", evidence=DECLARED, file_sha256="0" * 64, dataset=Dataset(name="")))
def test_a_model_comes_back_from_its_graph(model: Model) -> None:
    triples = encode_model(model)
    assert decode_models(triples) == [model]
    stored = through_a_store(triples)
    assert set(as_encoded(stored)) == set(triples)
    assert decode_models(stored) == [model]


@bounded
@given(file=files)
@example(
    file=ModelFile(
        sha256="0" * 64,
        file_bytes=2**63,
        format="tflite",
        schema_version=3,
        subgraphs=(
            Subgraph(
                index=0,
                name="",
                tensors=(
                    Tensor(index=0, name="", element_type="int8", shape=(), shape_signature=(-1, 2)),
                    Tensor(
                        index=1,
                        name="per tensor",
                        element_type="float8_e4m3fn",
                        shape=(1, 0, -1),
                        quantization=Quantization(scales=(5e-324,), zero_points=(-(2**63),)),
                    ),
                ),
                inputs=(-1, 7),
                outputs=(),
                layers=(
                    Layer(index=0, operator="CUSTOM", version=1, inputs=(), outputs=(), custom_options={}),
                ),
            ),
        ),
        offline_plan=(),
    )
)
def test_a_model_file_comes_back_from_its_graph(file: ModelFile) -> None:
    triples = encode_model_file(file)
    assert decode_model_files(triples) == [file]
    stored = through_a_store(triples)
    assert set(as_encoded(stored)) == set(triples)
    assert decode_model_files(stored) == [file]


@bounded
@given(device=devices)
@example(device=DeviceType(slug="a", name="A", vendor=None, evidence=DECLARED, sensors=(), accelerators=()))
def test_a_device_type_comes_back_from_its_graph(device: DeviceType) -> None:
    triples = encode_device_type(device)
    assert decode_device_types(triples) == [device]
    stored = through_a_store(triples)
    assert set(as_encoded(stored)) == set(triples)
    assert decode_device_types(stored) == [device]


@bounded
@given(file=files)
def test_a_model_file_comes_back_from_its_facts(
    file: ModelFile, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "facts.json"
    path.write_bytes(facts_text(file))
    assert read_facts(path) == file


def test_every_built_in_device_type_comes_back() -> None:
    found = (read_device(path) for path in (data_folder() / "devices").glob("*.toml"))
    records = sorted(found, key=lambda record: record.slug)
    assert len(records) >= 94
    together = [triple for record in records for triple in encode_device_type(record)]
    assert decode_device_types(together) == records


def test_every_built_in_model_comes_back() -> None:
    records = [read_model_sheet(path) for path in sorted((data_folder() / "models").glob("*.toml"))]
    assert len(records) >= 54
    for record in records:
        assert decode_models(encode_model(record)) == [record], record.name


def test_every_built_in_model_file_comes_back() -> None:
    records = [read_facts(path) for path in sorted((data_folder() / "models" / "facts").glob("*.json"))]
    assert len(records) >= 54
    for record in records:
        assert decode_model_files(encode_model_file(record)) == [record], record.sha256


def test_every_published_model_file_comes_back(test_data: Path) -> None:
    paths = sorted((test_data / "models").rglob("*.tflite"))
    assert len(paths) >= 60
    for path in paths:
        record = read_model(path.read_bytes(), path.name)
        assert decode_model_files(encode_model_file(record)) == [record], path.name
