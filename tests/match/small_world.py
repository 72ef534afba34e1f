"""One board, one model, one runtime, from records: what tests of matching change one fact of."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from tinykg.catalogue.assemble import device_graph, model_graph, runtime_graph
from tinykg.files import share
from tinykg.graph.encode_model import encode_model_file
from tinykg.graph.encode_runtime import encode_footprint
from tinykg.match.fit import Question, match
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.footprint import Footprint, Refusal
from tinykg.records.model import Evaluation, Model, SensorRequirement
from tinykg.records.model_file import ModelFile, Subgraph
from tinykg.records.runtime import Runtime
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.match import Constraint, Match

SHA256 = "a" * 64
STATED = Evidence(kind=EvidenceKind.DECLARED, source="a datasheet", confidence="high")
COMPUTED = Evidence(kind=EvidenceKind.COMPUTED, source="a computation")

BOARD = DeviceType(
    slug="board",
    name="A Board",
    vendor=None,
    evidence=STATED,
    system="bare-metal",
    processors=(Processor(part=None, core="cortex-m4f"),),
    memories=(
        Memory(kind="sram", total_bytes=65536, source="a datasheet"),
        Memory(kind="flash", total_bytes=262144, source="a datasheet"),
    ),
    sensors=(Sensor(kind="microphone"),),
)
MODEL = Model(
    name="listener",
    evidence=STATED,
    file_sha256=SHA256,
    task="keyword-spotting",
    sensors=(SensorRequirement(observes="sound"),),
    evaluations=(
        Evaluation(metric="top-1-accuracy", value=0.9, dataset="words", evidence=STATED),
        Evaluation(metric="top-1-accuracy", value=0.8, dataset="other words", evidence=STATED),
    ),
)
RUNTIME = Runtime(
    name="runtime",
    title="A Runtime",
    family="tflite-micro",
    version="1",
    kernel_set="reference",
    abi="arm32-eabi",
    cores=("cortex-m0plus", "cortex-m4f"),
    systems=("bare-metal",),
    core_code_bytes=10000,
    stack_reserve_bytes=4096,
    evidence=COMPUTED,
)
FOOTPRINT = Footprint(
    runtime="runtime",
    evidence=COMPUTED,
    arena_used_bytes=9000,
    arena_bytes=9008,
    static_ram_bytes=500,
    ram_bytes=9508,
    model_bytes=20000,
    code_bytes=30000,
    flash_bytes=50000,
)
REFUSED = Footprint(
    runtime="runtime",
    evidence=COMPUTED,
    refusals=(
        Refusal(
            subgraph=0, layer=0, operator="CONV_2D", element_types=("uint8",), reason="CONV_2D takes int8"
        ),
        Refusal(
            subgraph=0, layer=2, operator="CONV_2D", element_types=("uint8",), reason="CONV_2D takes int8"
        ),
        Refusal(subgraph=0, layer=3, operator="ethos-u", element_types=(), reason="no kernel for ethos-u"),
    ),
)


def model_file(sha256: str = SHA256) -> ModelFile:
    """A file of no layers: matching reads only its MACs."""
    return ModelFile(
        sha256=sha256,
        file_bytes=20000,
        format="tflite",
        schema_version=3,
        description=None,
        subgraphs=(Subgraph(index=0, name="", tensors=(), layers=(), inputs=(), outputs=()),),
        buffer_count=1,
        buffer_bytes=0,
    )


@cache
def vocabularies() -> list[ox.Triple]:
    """The vocabularies that decide about a match, in which reasons are written."""
    names = ("cores", "properties", "sensor-kinds", "systems", "tasks")
    paths = [share() / "ontology" / "vocabularies" / f"{name}.ttl" for name in names]
    return [quad.triple for path in paths for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]


def world(
    *,
    boards: Sequence[DeviceType] = (BOARD,),
    models: Sequence[Model] = (MODEL,),
    runtimes: Sequence[Runtime] = (RUNTIME,),
    footprints: Sequence[Footprint] = (FOOTPRINT,),
) -> EmbeddedStore:
    """A store with these records; every model has the same footprints."""
    triples = list(vocabularies())
    for board in boards:
        triples += device_graph(board)
    for runtime in runtimes:
        triples += runtime_graph(runtime)
    for sha256 in {model.file_sha256 for model in models}:
        triples += encode_model_file(model_file(sha256))
        for footprint in footprints:
            triples += encode_footprint(sha256, footprint)
    for model in models:
        triples += model_graph(model)
    store = EmbeddedStore()
    store.load_new({"https://w3id.org/tinykg/graph/world": triples})
    return store


def board(**changes: Any) -> DeviceType:
    return replace(BOARD, **changes)


def the_match(
    *,
    board: DeviceType = BOARD,
    model: Model = MODEL,
    runtime: Runtime = RUNTIME,
    footprint: Footprint = FOOTPRINT,
    min_accuracy: float | None = None,
) -> Match:
    """The one match of a world of one pair."""
    store = world(boards=[board], models=[model], runtimes=[runtime], footprints=[footprint])
    [found] = match(store, Question(min_accuracy=min_accuracy))
    return found


def constraint(found: Match, name: str) -> Constraint:
    [wanted] = [c for c in found.constraints if c.name == name]
    return wanted
