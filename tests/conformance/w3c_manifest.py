"""W3C's SPARQL 1.1 tests of queries, updates and syntax, read from their manifests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS

if TYPE_CHECKING:
    from pathlib import Path

MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
BASE = "http://www.example/sparql11/"
"""What the suite's folder is called here, so that relative IRIs do not depend on where it lies."""

EVALUATION = ("QueryEvaluationTest", "CSVResultFormatTest")
UPDATE = ("UpdateEvaluationTest",)
QUERY_SYNTAX = ("PositiveSyntaxTest11", "NegativeSyntaxTest11")
UPDATE_SYNTAX = ("PositiveUpdateSyntaxTest11", "NegativeUpdateSyntaxTest11")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphFiles:
    """The files of a dataset: those of the default graph, and named ones as (name, file)."""

    default: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTest:
    """One test; all files are paths below the suite's folder."""

    id: str
    kind: str
    text: str
    """File of the query or update."""
    data: GraphFiles = field(default_factory=GraphFiles)
    result: str | None = None
    """File of a query's result."""
    after: GraphFiles | None = None
    """What an update leaves."""
    regimes: bool = False
    """Whether it is about an entailment regime."""


def read_suite(suite: Path) -> list[SuiteTest]:
    """The tests of all folders that the suite's list of manifests names, in its order."""
    graph = rdflib.Graph().parse(suite / "manifest-all.ttl", format="turtle", publicID=BASE)
    (included,) = graph.objects(rdflib.URIRef(BASE), MF.include)
    found = []
    for manifest in Collection(graph, included):
        found += _read(suite, str(manifest).removeprefix(BASE))
    return found


def _read(suite: Path, name: str) -> list[SuiteTest]:
    graph = rdflib.Graph().parse(suite / name, format="turtle", publicID=BASE + name)
    tests = []
    for entries in graph.objects(predicate=MF.entries):
        tests = [
            _test(graph, node, name.partition("/")[0])
            for node in Collection(graph, entries)
            if _kind(graph, node) in (*EVALUATION, *UPDATE, *QUERY_SYNTAX, *UPDATE_SYNTAX)
        ]
    return tests


def _kind(graph: rdflib.Graph, node: rdflib.term.Node) -> str:
    return str(graph.value(node, RDF.type)).rpartition("#")[2]


def _file(node: rdflib.term.Node | None) -> str:
    return str(node).removeprefix(BASE)


def _test(graph: rdflib.Graph, node: rdflib.term.Node, folder: str) -> SuiteTest:
    action, result = graph.value(node, MF.action), graph.value(node, MF.result)
    kind = _kind(graph, node)
    updates = kind in UPDATE
    return SuiteTest(
        id=f"{folder}/{str(node).rpartition('#')[2]}",
        kind=kind,
        text=_file(graph.value(action, UT.request if updates else QT.query) or action),
        data=_dataset(graph, action, UT if updates else QT),
        result=None if result is None or updates else _file(result),
        after=_dataset(graph, result, UT) if updates else None,
        regimes=(action, SD.entailmentRegime, None) in graph,
    )


def _dataset(graph: rdflib.Graph, node: rdflib.term.Node | None, terms: rdflib.Namespace) -> GraphFiles:
    named = []
    for each in graph.objects(node, terms.graphData):
        file, label = graph.value(each, terms.graph), graph.value(each, RDFS.label)
        named.append((str(label or file or each), _file(file or each)))
    return GraphFiles(
        default=tuple(sorted(_file(each) for each in graph.objects(node, terms.data))),
        named=tuple(sorted(named)),
    )
