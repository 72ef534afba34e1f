"""The examples: one for each class, valid, and the smallest that is."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, Graph, URIRef

from tinykg.validate.gate import validate
from tinykg.vocab.tinykg import NS

FOLDER = Path(__file__).resolve().parent.parent.parent / "ontology" / "examples"
SMALLEST = sorted(path for path in FOLDER.glob("*.ttl") if path.stem != "registry")
REGISTRY = FOLDER / "registry.ttl"
TYPE = ox.NamedNode(str(RDF.type))


def triples(path: Path) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]


def class_of(path: Path) -> str:
    """device-type -> DeviceType."""
    return "".join(word.capitalize() for word in path.stem.split("-"))


def classes(core: Graph) -> set[str]:
    found = {str(s) for s in core.subjects(RDF.type, OWL.Class) if isinstance(s, URIRef)}
    return {iri.removeprefix(NS) for iri in found}


def test_every_class_has_its_smallest_example(core: Graph) -> None:
    assert {class_of(path) for path in SMALLEST} == classes(core)


@pytest.mark.parametrize("path", SMALLEST, ids=lambda path: path.stem)
def test_a_smallest_example_is_of_its_class_and_valid(path: Path) -> None:
    graph = triples(path)
    assert any(t.predicate == TYPE and t.object == ox.NamedNode(NS + class_of(path)) for t in graph)
    assert validate(graph) == []


@pytest.mark.parametrize("path", SMALLEST, ids=lambda path: path.stem)
def test_a_smallest_example_has_no_triple_to_spare(path: Path) -> None:
    graph = triples(path)
    for spare in graph:
        if spare.predicate != TYPE:
            assert validate([t for t in graph if t != spare]), f"{spare.predicate} is not needed"


def test_the_registry_is_valid() -> None:
    assert validate(triples(REGISTRY)) == []


def test_the_registry_has_an_instance_of_nearly_every_class(core: Graph) -> None:
    found = {str(t.object).strip("<>").removeprefix(NS) for t in triples(REGISTRY) if t.predicate == TYPE}
    assert classes(core) - found == {"Signature", "SourceGraph"}


def test_the_registry_has_a_refusal_an_unknown_and_a_known_none() -> None:
    text = REGISTRY.read_text(encoding="utf-8")
    for needed in ("tk:hasRefusal", "tk:missingFact", "tk:hasNoSensor true", "tk:needsNoSensor true"):
        assert needed in text


def test_arenas_of_the_registry_are_those_that_were_measured(test_data: Path) -> None:
    """The figures of the example are real: file, kernels -> arena used and arena to reserve."""
    import csv

    with (test_data / "tflm_arena_arm32.csv").open(encoding="utf-8", newline="") as lines:
        truth = {
            (row["sha256"], row["kernels"]): (row["arena_used_bytes"], row["min_arena_bytes_allocate_ok"])
            for row in csv.DictReader(lines)
        }
    kernels = {"tflm-ref-arm32": "ref", "tflm-cmsis-nn-arm32": "cmsis"}
    pattern = re.compile(r"<file/(\w{64})/footprint/([\w-]+)> a tk:Footprint ;(.*?) \.\n", re.DOTALL)
    checked = 0
    for sha256, runtime, body in pattern.findall(REGISTRY.read_text(encoding="utf-8")):
        figures = dict(re.findall(r"tk:(arenaUsedBytes|arenaBytes) (\d+)", body))
        known = truth.get((sha256, kernels[runtime]))
        if figures and known:
            assert (figures["arenaUsedBytes"], figures["arenaBytes"]) == known
            checked += 1
    assert checked >= 6
