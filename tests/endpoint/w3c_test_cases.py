"""W3C's evaluation tests of SPARQL 1.1, read from their manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import RDF, RDFS, BNode, Graph, Namespace, URIRef

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")

FOLDERS_OF_QUERIES = (
    "aggregates",
    "bind",
    "bindings",
    "cast",
    "construct",
    "csv-tsv-res",
    "exists",
    "functions",
    "grouping",
    "json-res",
    "negation",
    "project-expression",
    "property-path",
    "subquery",
)
FOLDERS_OF_UPDATES = (
    "add",
    "basic-update",
    "clear",
    "copy",
    "delete",
    "delete-data",
    "delete-insert",
    "delete-where",
    "drop",
    "move",
    "update-silent",
)


@dataclass(frozen=True)
class State:
    """A dataset as files: the default graph, and named graphs by IRI."""

    default: tuple[str, ...]
    named: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Test:
    """One evaluation test: the request's file, what is there before, and what is expected.

    `after` is a State for an update, and for a query the file with its result.
    """

    __test__ = False

    name: str
    request: str
    before: State
    after: State | str


def _path(node: Node | None) -> str:
    return str(node).removeprefix("file://")


def _state(graph: Graph, node: Node, kind: Namespace) -> State:
    named = []
    for data in graph.objects(node, kind.graphData):
        if isinstance(data, BNode):
            named.append((str(graph.value(data, RDFS.label)), _path(graph.value(data, kind.graph))))
        else:
            named.append((str(data), _path(data)))
    return State(tuple(_path(data) for data in graph.objects(node, kind.data)), tuple(sorted(named)))


def _tests(folder: Path) -> Iterator[tuple[URIRef, Graph]]:
    graph = Graph()
    graph.parse(folder / "manifest.ttl", publicID=(folder / "manifest.ttl").as_uri())
    entries = graph.value(None, MF.entries, None, any=True)
    for _, head in graph.subject_objects(MF.entries):
        entries = head
    assert entries is not None
    for test in graph.items(entries):
        assert isinstance(test, URIRef)
        yield test, graph


def update_tests(suite: Path) -> Iterator[Test]:
    """The update evaluation tests below a folder such as sparql11."""
    for folder in FOLDERS_OF_UPDATES:
        for test, graph in _tests(suite / folder):
            if (test, RDF.type, MF.UpdateEvaluationTest) not in graph:
                continue
            action, result = graph.value(test, MF.action), graph.value(test, MF.result)
            assert action is not None
            assert result is not None
            yield Test(
                name=f"{folder}/{str(test).rpartition('#')[2]}",
                request=_path(graph.value(action, UT.request)),
                before=_state(graph, action, UT),
                after=_state(graph, result, UT),
            )


def query_tests(suite: Path) -> Iterator[Test]:
    """The query evaluation tests, without those of entailment regimes and of SERVICE."""
    for folder in FOLDERS_OF_QUERIES:
        for test, graph in _tests(suite / folder):
            kinds = set(graph.objects(test, RDF.type))
            if not kinds & {MF.QueryEvaluationTest, MF.CSVResultFormatTest}:
                continue
            action = graph.value(test, MF.action)
            assert action is not None
            yield Test(
                name=f"{folder}/{str(test).rpartition('#')[2]}",
                request=_path(graph.value(action, QT.query)),
                before=_state(graph, action, QT),
                after=_path(graph.value(test, MF.result)),
            )
