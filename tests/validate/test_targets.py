"""Whether a shape has a word on triples is derived from the shapes, and never wrongly denied."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from tinykg.validate.gate import validate
from tinykg.validate.targets import concerns, targets, targets_of

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = sorted((ROOT / "shapes" / "cases").rglob("*.ttl"))
EX = "http://e.example/"
TK = "https://w3id.org/tinykg#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e.example/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
e:A a sh:NodeShape, rdfs:Class ;
    sh:property [ sh:path e:plain ; sh:datatype e:d ], [ sh:path e:link ; sh:class e:B ] .
e:Shape a sh:NodeShape ; sh:targetClass e:C ; sh:targetNode e:node ; sh:targetSubjectsOf e:subjects ;
    sh:targetObjectsOf e:objects ;
    sh:property [ sh:path ( e:one [ sh:zeroOrMorePath e:two ] [ sh:inversePath e:three ] ) ; sh:minCount 1 ] ;
    sh:property [ sh:path e:nested ; sh:node e:A ], [ sh:path e:other ; sh:or ( [ sh:class e:E ] ) ] .
"""


def node(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


def triples(path: Path) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]


def test_all_ways_to_a_node_are_found() -> None:
    found = targets_of(Graph().parse(data=SHAPES, format="turtle"))
    assert found.classes == {node("A"), node("B"), node("C"), node("E")}
    assert found.nodes == {node("node")}
    assert found.properties == {node("subjects"), node("objects")}
    plain = {link for link in found.links if link.value.startswith(EX)}
    assert plain == {node(name) for name in ("link", "one", "two", "three", "nested", "other")}


def test_there_are_cases() -> None:
    assert len(CASES) > 100


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name + "/" + path.stem)
def test_what_has_findings_is_of_concern(path: Path) -> None:
    assert concerns(triples(path))


@pytest.mark.parametrize(
    "triple",
    [
        ox.Triple(node("a"), ox.NamedNode(RDF_TYPE), ox.NamedNode("http://xmlns.com/foaf/0.1/Person")),
        ox.Triple(node("a"), ox.NamedNode("http://schema.org/name"), ox.Literal("A")),
        ox.Triple(node("a"), ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label"), ox.Literal("A")),
        ox.Triple(node("a"), ox.NamedNode(TK + "totalBytes"), ox.Literal("no number")),
    ],
)
def test_what_is_of_no_concern_has_no_findings(triple: ox.Triple) -> None:
    assert not concerns([triple])
    assert validate([triple]) == []


def test_the_shapes_targets_are_tinykgs() -> None:
    known = targets()
    assert ox.NamedNode(TK + "DeviceType") in known.classes
    assert ox.NamedNode(TK + "hasNoSensor") in known.properties
    assert ox.NamedNode(TK + "hasMemory") in known.links
    assert concerns([ox.Triple(node("a"), ox.NamedNode(RDF_TYPE), ox.NamedNode(TK + "Model"))])
