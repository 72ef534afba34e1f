"""The shapes as pyshacl gets them find exactly what the shapes as they are written find."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, SH, Graph, URIRef

from tinykg.validate.findings import findings
from tinykg.validate.gate import report_on
from tinykg.validate.shapes import flattened, shapes, written_shapes

if TYPE_CHECKING:
    from tinykg.records.finding import Finding

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = sorted((ROOT / "shapes" / "cases").rglob("*.ttl"))
EXAMPLES = sorted((ROOT / "ontology" / "examples").glob("*.ttl"))
WRITTEN = written_shapes()


def triples(path: Path) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]


def found(graph: list[ox.Triple], by: Graph) -> list[Finding]:
    report = report_on(graph, by)
    return [] if report is None else findings(report)


def same(graph: list[ox.Triple]) -> list[Finding]:
    """The findings, after seeing that flat and written shapes agree."""
    flat = found(graph, shapes())
    assert flat == found(graph, WRITTEN)
    return flat


def test_all_cases_together() -> None:
    graph = [t for path in CASES for t in triples(path)]
    assert len({finding.shape for finding in same(graph)}) > 60


@pytest.mark.parametrize("path", CASES[::7], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case(path: Path) -> None:
    assert bool(same(triples(path))) is (path.stem == "graph")


def test_the_example_registry() -> None:
    assert same(triples(ROOT / "ontology" / "examples" / "registry.ttl")) == []


def test_all_examples_together() -> None:
    assert same([t for path in EXAMPLES for t in triples(path)]), "two examples give one board two names"


SOUND = [t for path in [*EXAMPLES, *CASES] if path.stem not in ("graph", "registry") for t in triples(path)]
OBJECTS = sorted({t.object for t in SOUND if not isinstance(t.object, ox.BlankNode)}, key=str)
spoilt = st.lists(
    st.tuples(st.integers(0, len(SOUND) - 1), st.none() | st.sampled_from(OBJECTS)), min_size=1, max_size=12
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(faults=spoilt)
def test_any_faults_are_found_alike(faults: list[tuple[int, ox.NamedNode | ox.Literal | None]]) -> None:
    """Statements are left out, or get the object of another one."""
    graph = dict(enumerate(SOUND))
    for place, value in faults:
        triple = graph.pop(place, None)
        if triple is not None and value is not None:
            graph[place] = ox.Triple(triple.subject, triple.predicate, value)
    same(list(graph.values()))


def test_no_node_shape_with_targets_is_left_with_properties() -> None:
    flat = shapes()
    targets = (SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf, SH.targetNode)
    aimed = {s for kind in targets for s in flat.subjects(kind, None)}
    assert len(aimed) > 250, "property shapes have the targets now"
    assert not [s for s in aimed if (s, SH.property, None) in flat]


def test_the_shapes_name_no_node_by_itself() -> None:
    """check_each tells findings apart by the record that says something of the focus node."""
    assert list(WRITTEN.subject_objects(SH.targetNode)) == []


def graph_of(text: str) -> Graph:
    prefixes = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <https://example.org/> .\n"
    return Graph().parse(data=prefixes + text)


def test_shapes_that_others_refer_to_and_those_switched_off_stay_as_they_are() -> None:
    written = graph_of(
        ":A a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ] .\n"
        ":B a sh:NodeShape ; sh:targetClass :D ; sh:node :A .\n"
        ":E a sh:NodeShape ; sh:targetClass :C ; sh:deactivated true ; sh:property [ sh:path :q ] .\n"
    )
    flat = flattened(written)
    assert set(flat) == set(written)


def test_a_closed_shape_still_knows_its_paths() -> None:
    written = graph_of(
        ":A a sh:NodeShape ; sh:targetClass :C ; sh:closed true ; sh:ignoredProperties ( :type ) ;\n"
        "  sh:property :P . :P sh:path :p ; sh:maxCount 1 .\n"
    )
    flat = flattened(written)
    node, property_ = URIRef("https://example.org/A"), URIRef("https://example.org/P")
    ignored = flat.value(node, SH.ignoredProperties)
    assert ignored is not None
    assert {str(path) for path in flat.items(ignored)} == {
        "https://example.org/p",
        "https://example.org/type",
    }
    assert (property_, SH.targetClass, URIRef("https://example.org/C")) in flat
    assert (node, SH.property, None) not in flat


def test_the_written_shapes_are_not_changed() -> None:
    before = set(WRITTEN)
    flattened(WRITTEN)
    assert set(WRITTEN) == before
    assert (None, RDF.type, SH.NodeShape) in WRITTEN
