"""W3C's tests of the SPARQL 1.1 Protocol and the Graph Store Protocol, read from their manifests.

The manifests describe requests and expected answers with W3C's HTTP vocabulary (http://www.w3.org/2011/http#).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS

if TYPE_CHECKING:
    from pathlib import Path

MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
STATUS = "http://www.w3.org/2011/http-statusCodes#"
LOCATION = "$LOCATION$"
"""What stands for the Location of an earlier answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an answer must be; None where the manifest leaves it open."""

    statuses: frozenset[str]
    """Codes, or classes of codes such as 2xx."""
    kind: str | None
    """boolean, tabular or RDF."""
    boolean: bool | None
    content_type: str | None
    body: str | None
    """Turtle."""
    gives_location: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of a test, with its answer."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTest:
    """Requests that follow each other, and the graphs that must be there before."""

    id: str
    graphs: tuple[tuple[str, str], ...]
    """Name and N-Triples."""
    requests: tuple[Request, ...]


def read_http_tests(manifest: Path) -> list[HttpTest]:
    """The tests of a manifest, in its order."""
    graph = rdflib.Graph().parse(manifest, format="turtle")
    (entries,) = graph.objects(predicate=MF.entries)
    return [_test(graph, node, manifest.parent) for node in Collection(graph, entries)]


def _test(graph: rdflib.Graph, node: rdflib.term.Node, folder: Path) -> HttpTest:
    action = graph.value(node, MF.action)
    requests = graph.value(action, HT.requests, any=False) or rdflib.RDF.nil
    return HttpTest(
        id=str(node).rpartition("#")[2],
        graphs=tuple(sorted(_data(graph, each, folder) for each in graph.objects(node, UT.graphData))),
        requests=tuple(_request(graph, each) for each in Collection(graph, requests)),
    )


def _data(graph: rdflib.Graph, node: rdflib.term.Node, folder: Path) -> tuple[str, str]:
    name = str(graph.value(node, UT.graph)).rpartition("/")[2]
    return str(graph.value(node, RDFS.label)), (folder / name).read_text(encoding="utf-8")


def _headers(graph: rdflib.Graph, node: rdflib.term.Node | None) -> tuple[tuple[str, str], ...]:
    listed = graph.value(node, HT.headers)
    if listed is None:
        return ()
    return tuple(
        (str(graph.value(each, HT.fieldName)), str(graph.value(each, HT.fieldValue)))
        for each in Collection(graph, listed)
    )


def _request(graph: rdflib.Graph, node: rdflib.term.Node) -> Request:
    content = graph.value(node, HT.body)
    body = None
    if content is not None:
        encoding = str(graph.value(content, CNT.characterEncoding))
        body = str(graph.value(content, CNT.chars)).encode(encoding)
    return Request(
        method=str(graph.value(node, HT.methodName)),
        path=str(graph.value(node, HT.absolutePath)),
        headers=_headers(graph, node),
        body=body,
        expected=_expected(graph, graph.value(node, HT.resp)),
    )


def _expected(graph: rdflib.Graph, node: rdflib.term.Node | None) -> Expected:
    boolean = graph.value(node, MF.expectedBoolean)
    kind = graph.value(node, MF.expectedFormat)
    content = graph.value(node, HT.body)
    known = {HT.body, HT.headers, RDF.type}
    known |= {MF[f"expected{what}"] for what in ("Boolean", "Format", "Status", "Location")}
    unknown = set(graph.predicates(node)) - known
    if unknown:
        raise ValueError(f"a manifest expects what is not checked here: {sorted(map(str, unknown))}")
    return Expected(
        statuses=frozenset(_status(str(each)) for each in graph.objects(node, MF.expectedStatus)),
        kind=None if kind is None else str(kind),
        boolean=None if boolean is None else bool(boolean.toPython()),  # type: ignore[attr-defined]
        content_type=dict(_headers(graph, node)).get("content-type"),
        body=None if content is None else str(graph.value(content, CNT.chars)),
        gives_location=graph.value(node, MF.expectedLocation) is not None,
    )


def _status(iri: str) -> str:
    """A code, or a class of codes, from an individual of W3C's status code vocabulary."""
    name = iri.removeprefix(STATUS)
    if found := re.fullmatch(r"StatusCode(\dxx)", name):
        return found[1]
    by_name = {each.phrase.replace(" ", ""): str(each.value) for each in HTTPStatus}
    return by_name[name]
