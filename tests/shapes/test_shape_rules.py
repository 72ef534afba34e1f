"""The shapes themselves: every rule speaks, can be broken, and costs little."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, Namespace, URIRef
from rewrite_golden import ROOT, invalid_cases, triples

from tinykg.validate.gate import validate
from tinykg.vocab.tinykg import TK

if TYPE_CHECKING:
    from pathlib import Path

TKS = Namespace("https://w3id.org/tinykg/shapes#")
VOCABULARY = "Concept"
FILES = sorted((ROOT / "shapes").glob("*.ttl"))
TYPE = ox.NamedNode(str(RDF.type))
EXAMPLES = sorted((ROOT / "ontology" / "examples").glob("*.ttl"))
VALID = sorted((ROOT / "shapes" / "cases" / "valid").glob("*.ttl"))


@pytest.fixture(scope="module")
def shapes() -> Graph:
    graph = Graph()
    for path in FILES:
        graph.parse(path)
    return graph


def named_shapes(graph: Graph, kind: URIRef) -> list[URIRef]:
    return sorted(shape for shape in graph.subjects(RDF.type, kind) if isinstance(shape, URIRef))


def test_the_files_are_found_and_have_one_version() -> None:
    assert [path.stem for path in FILES] == [
        "benchmark", "board", "deployment", "device", "directory", "estimate", "evidence", "footprint",
        "model", "model_file", "runtime", "source_graph", "vocabulary",
    ]  # fmt: skip
    versions = {str(o) for path in FILES for o in Graph().parse(path).objects(None, OWL.versionInfo)}
    assert versions == {"0.1.0"}


def test_the_list_of_rules_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "shapes" / "generate_rules.py", "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_every_property_shape_has_a_message_and_documentation(shapes: Graph) -> None:
    found = named_shapes(shapes, SH.PropertyShape)
    assert len(found) > 150
    for shape in found:
        assert str(shapes.value(shape, SH.message)).endswith("."), shape
        assert shapes.value(shape, RDFS.seeAlso) is not None, shape


def test_every_node_shape_says_where_it_is_documented(shapes: Graph) -> None:
    for shape in named_shapes(shapes, SH.NodeShape):
        assert shapes.value(shape, RDFS.seeAlso) is not None, shape
        if (shape, SH.closed, Literal(True)) in shapes or (shape, SH["or"], None) in shapes:
            assert shapes.value(shape, SH.message) is not None, shape


def test_shapes_are_plain_shacl_core(shapes: Graph) -> None:
    for extension in ("sparql", "js", "rule", "expression", "target"):
        assert not list(shapes.subject_objects(SH[extension])), extension


def test_every_node_shape_is_broken_by_a_case(shapes: Graph) -> None:
    reports = "".join((folder / "report.txt").read_text(encoding="utf-8") for folder in invalid_cases())
    names = [shape.removeprefix(TKS) for shape in named_shapes(shapes, SH.NodeShape)]
    owners = {name.split("-")[0] for name in names if not name.endswith(VOCABULARY)}
    assert {name for name in owners if f" shapes#{name}" not in reports} == set()


def test_a_case_stands_for_every_rule_over_several_properties(shapes: Graph) -> None:
    reports = "".join((folder / "report.txt").read_text(encoding="utf-8") for folder in invalid_cases())
    rules = {
        shape.removeprefix(TKS)
        for operator in (SH["or"], SH.xone)
        for shape in shapes.subjects(operator, None)
        if isinstance(shape, URIRef) and (shape, RDF.type, SH.NodeShape) in shapes
    }
    assert len(rules) > 10
    assert {rule for rule in rules if f" shapes#{rule} " not in reports} == set()


CASED = {TKS["TensorSpec-dimensions"], TKS["Sensor-notSensor"]}
"""Shapes that a senseless value does not break: a path over a list, two forbidden values. They have cases."""

SENSELESS = ox.Literal("neither text nor number nor node", language="en")


def focus_nodes(shapes: Graph, shape: URIRef, data: set[ox.Triple]) -> set[object]:
    """The nodes of the data that a property shape constrains, by the targets of its node shape."""
    owner = shapes.value(None, SH.property, shape)
    classes = {str(target) for target in shapes.objects(owner, SH.targetClass)}
    links = {str(target) for target in shapes.objects(owner, SH.targetObjectsOf)}
    typed = {t.subject for t in data if t.predicate == TYPE and str(t.object).strip("<>") in classes}
    return typed | {t.object for t in data if t.predicate.value in links}


def test_every_property_shape_refuses_a_senseless_value(shapes: Graph) -> None:
    """No shape is idle: each constrains a triple of an example, and reports a value of no sense there."""
    data = {t for path in [*EXAMPLES, *VALID] for t in triples(path)}
    links = {str(link) for link in shapes.objects(None, SH.targetObjectsOf)}
    spoilt = set(data)
    tried = set()
    for shape in named_shapes(shapes, SH.PropertyShape):
        nodes = focus_nodes(shapes, shape, data)
        path = str(shapes.value(shape, SH.path))
        good = [t for t in data if t.predicate.value == path and t.subject in nodes]
        if good and shape not in CASED:
            tried.add(f"shapes#{shape.removeprefix(TKS)}")
            if path not in links:
                spoilt -= set(good)
            spoilt |= {ox.Triple(t.subject, t.predicate, SENSELESS) for t in good}
    assert len(tried) == len(named_shapes(shapes, SH.PropertyShape)) - len(CASED)
    assert tried - {finding.shape for finding in validate(spoilt)} == set()


def test_every_class_of_the_ontology_has_a_shape(shapes: Graph) -> None:
    targets = {str(target) for target in shapes.objects(None, SH.targetClass)}
    ontology = Graph().parse(ROOT / "ontology" / "tinykg.ttl")
    classes = {str(s) for s in ontology.subjects(RDF.type, OWL.Class) if isinstance(s, URIRef)}
    assert classes - targets == set()


def large_file(layers: int, tensors: int) -> list[ox.Triple]:
    """A model file of many layers and tensors, made from the smallest examples of each."""
    folder = ROOT / "ontology" / "examples"
    base = triples(folder / "model-file.ttl")
    subgraph = next(t.subject for t in base if t.object == ox.NamedNode(TK.Subgraph))
    assert isinstance(subgraph, ox.NamedNode)
    for kind, link, count in (("layer", TK.hasLayer, layers), ("tensor-spec", TK.hasTensor, tensors)):
        template = triples(folder / f"{kind}.ttl")
        for i in range(count):
            node = ox.NamedNode(f"{subgraph.value}/{kind}/{i}")
            base.append(ox.Triple(subgraph, ox.NamedNode(link), node))
            base.extend(ox.Triple(node, t.predicate, t.object) for t in template)
    return base


def test_a_file_of_300_layers_and_600_tensors_is_checked_within_seconds() -> None:
    graph = large_file(300, 600)
    assert len(graph) > 6000
    started = time.perf_counter()
    assert validate(graph) == []
    assert time.perf_counter() - started < 10


def test_a_fault_among_many_layers_is_found() -> None:
    graph = large_file(30, 60)
    wrong = next(t for t in graph if t.predicate == ox.NamedNode(TK.dataBytes))
    graph.remove(wrong)
    graph.append(ox.Triple(wrong.subject, wrong.predicate, ox.Literal(-1)))
    assert [f.shape for f in validate(graph)] == ["shapes#TensorSpec-dataBytes"]


def test_real_model_files_pass(test_data: Path) -> None:
    from tinykg.extract.tflite import read_model
    from tinykg.graph.encode_model import encode_model_file

    files = sorted((test_data / "models").glob("[mrt]*/*.tflite"))
    assert len(files) == 45
    for path in files:
        assert validate(encode_model_file(read_model(path.read_bytes(), path.name))) == [], path.name
