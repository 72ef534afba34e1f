"""OWL: core, alignments, vocabularies and examples together are consistent, and say what they should."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import owlready2
import pytest
from rdflib import OWL, RDF, Graph, Literal, URIRef

from tinykg.vocab.tinykg import TK

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://w3id.org/tinykg/"
IMU = f"{BASE}device-type/arduino-nicla-vision/sensor/1"

pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="HermiT, the reasoner, runs on Java")


def direct(graph: Graph) -> Graph:
    """The graph without what OWL 2 DL has no words for: rdf:JSON values and the lists of tk:shape."""
    result = Graph()
    cells = {
        cell
        for shape in graph.objects(None, URIRef(TK.shape))
        for cell in graph.transitive_objects(shape, RDF.rest)
    }
    for s, p, o in graph:
        is_json = isinstance(o, Literal) and o.datatype == RDF.JSON
        if not is_json and s not in cells and p != URIRef(TK.shape):
            result.add((s, p, o))
    return result


def reasoned(graph: Graph, folder: Path) -> owlready2.World:
    """A world that HermiT has worked through, without the network."""
    file = folder / "all.nt"
    direct(graph).serialize(file, format="nt", encoding="utf-8")
    world = owlready2.World()
    world.get_ontology(file.as_uri()).load(only_local=True)
    owlready2.sync_reasoner_hermit(world, infer_property_values=True, debug=0)
    return world


@pytest.fixture(scope="module")
def world(everything: Graph, tmp_path_factory: pytest.TempPathFactory) -> owlready2.World:
    assert not list(everything.objects(None, OWL.imports))
    return reasoned(everything, tmp_path_factory.mktemp("owl"))


def test_no_class_is_unsatisfiable(world: owlready2.World) -> None:
    assert list(world.inconsistent_classes()) == []


def test_a_sensor_observes_what_its_kind_and_the_broader_properties_say(world: owlready2.World) -> None:
    observes = world.get_namespace("http://www.w3.org/ns/sosa/").observes
    observed = {entity.iri.removeprefix(f"{BASE}property/") for entity in observes[world[IMU]]}
    assert observed == {"acceleration", "angular-velocity", "motion"}


@pytest.mark.parametrize(
    ("node", "neighbour"),
    [
        ("device/lab-nano33-1", "https://www.w3.org/2019/wot/td#Thing"),
        ("device/lab-nano33-1", "http://schema.org/IndividualProduct"),
        ("device/lab-nano33-1", "http://www.w3.org/ns/sosa/Platform"),
        ("device-type/arduino-uno-r3", "https://www.w3.org/2019/wot/tm#ThingModel"),
        ("device-type/arduino-uno-r3", "http://www.w3.org/ns/ssn/System"),
        (
            "microcontroller/cmsis-pack/NordicSemiconductor.nRF_DeviceFamilyPack/nRF52840_xxAA",
            "http://schema.org/ProductModel",
        ),
        ("board-description/platformio/nordicnrf52/nano33ble", "http://www.w3.org/ns/prov#Entity"),
        ("device-type/arduino-nano-33-ble-sense/memory/1", "http://www.w3.org/ns/prov#Entity"),
        ("model/Hello_World", "https://w3id.org/fair4ml#MLModel"),
        ("model/Hello_World", "http://www.w3.org/ns/mls#Model"),
        ("model/Hello_World", "http://schema.org/CreativeWork"),
        ("benchmark-run/yes-no-latency", "http://www.w3.org/ns/prov#Activity"),
    ],
)
def test_what_neighbours_find(world: owlready2.World, node: str, neighbour: str) -> None:
    assert any(kind.iri == neighbour for kind in world[BASE + node].INDIRECT_is_a if hasattr(kind, "iri"))


def test_it_is_consistent_with_the_thing_description_ontology(
    everything: Graph, test_data: Path, tmp_path: Path
) -> None:
    folder = test_data / "wot" / "td11-rec" / "ontology"
    graph = everything + Graph()
    for name in ("td", "tm", "hctl", "jsonschema"):
        graph.parse(folder / f"{name}.ttl")
    graph.remove((None, OWL.imports, None))
    assert len(graph) > len(everything) + 500
    assert list(reasoned(graph, tmp_path).inconsistent_classes()) == []


CONTRADICTIONS = {
    "a model is no device": ("model/Hello_World", RDF.type, URIRef(TK.Device)),
    "a run is no entity": ("benchmark-run/yes-no-latency", RDF.type, URIRef("http://www.w3.org/ns/prov#Entity")),
    "only a board has processors": ("model/Hello_World", URIRef(TK.hasProcessor), URIRef(f"{BASE}x")),
    "a description is no board": (
        "board-description/platformio/nordicnrf52/nano33ble", RDF.type, URIRef(TK.DeviceType),
    ),
    "only a description states figures": (
        "device-type/arduino-uno-r3", URIRef(TK.hasFigure), URIRef(f"{BASE}x"),
    ),
    "a run is no source": (
        "device-type/arduino-uno-r3/memory/0", URIRef("http://www.w3.org/ns/prov#wasDerivedFrom"),
        URIRef(f"{BASE}benchmark-run/yes-no-latency"),
    ),
    "a clock is a number": (
        "device-type/arduino-uno-r3/processor/0", URIRef(TK.clockHz), Literal("16 MHz"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_is_found(everything: Graph, tmp_path: Path, case: str) -> None:
    node, predicate, value = CONTRADICTIONS[case]
    wrong = everything + Graph().add((URIRef(BASE + node), predicate, value))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reasoned(wrong, tmp_path)
