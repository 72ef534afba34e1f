"""W3C's query evaluation tests through the protocol, with the dataset that each names."""

from __future__ import annotations

import contextlib
import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef
from w3c_test_cases import Test, query_tests

from tinykg.endpoint.messages import EndpointRequest
from tinykg.endpoint.protocol import SparqlEndpoint
from tinykg.store.tokens import names_a_dataset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.endpoint.pool import Pool

COLLECTED = 235
_ABSENT = "a path of length zero is found only at terms that are in the graph"
_TAGGED = "GROUP_CONCAT of texts that share a language tag keeps the tag, as SPARQL 1.2 has it"
_NOT_BY_GRAPH = "what is below GRAPH ?g without a pattern, or in a subquery, is not evaluated for each graph"
KNOWN = {
    "aggregates/agg-groupconcat-04": _TAGGED,
    "aggregates/agg-groupconcat-06": _TAGGED,
    "csv-tsv-res/tsv03": "subtypes of xsd:integer are kept as xsd:integer",
    "functions/bnode01": "BNODE of one text is one node in all solutions",
    "aggregates/agg-empty-group-count-graph": _NOT_BY_GRAPH,
    "bindings/graph": _NOT_BY_GRAPH,
    "negation/graph-minus": _NOT_BY_GRAPH,
    "property-path/zero_or_more_set_end": _ABSENT,
    "property-path/zero_or_more_set_start": _ABSENT,
    "property-path/zero_or_one_set_end": _ABSENT,
    "property-path/zero_or_one_set_start": _ABSENT,
}
"""Tests that the engine answers otherwise, each with the reason."""

_RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"

RESULTS = {
    ".srx": ("application/sparql-results+xml", ox.QueryResultsFormat.XML),
    ".srj": ("application/sparql-results+json", ox.QueryResultsFormat.JSON),
    ".tsv": ("text/tab-separated-values", ox.QueryResultsFormat.TSV),
}


@pytest.fixture(scope="module")
def tests(test_data: Path) -> list[Test]:
    return list(query_tests(test_data / "rdf-tests" / "sparql" / "sparql11"))


def triples(content: bytes | None, path: str) -> list[ox.Quad]:
    if content is None:
        return list(ox.parse(path=path, base_iri=Path(path).as_uri(), rename_blank_nodes=True))
    return list(ox.parse(content, format=ox.RdfFormat.N_TRIPLES))


def canonical(quads: Iterable[ox.Quad]) -> ox.Dataset:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def value_of(term: object) -> object:
    """A term with numbers and truth values in one spelling."""
    if not isinstance(term, ox.Literal):
        return term
    kind = term.datatype.value.rpartition("#")[2]
    if kind == "boolean":
        return ox.Literal({"0": "false", "1": "true"}.get(term.value, term.value), datatype=term.datatype)
    if kind in ("integer", "decimal", "double", "float"):
        with contextlib.suppress(ValueError):
            return ox.Literal(repr(float(term.value)), datatype=term.datatype)
    return term


def text_of(cell: str) -> str:
    """A cell of CSV without what may differ: the spelling of numbers, the names of blank nodes."""
    if cell.startswith("_:"):
        return "_:"
    with contextlib.suppress(ValueError):
        return repr(float(cell))
    return cell


def listed(path: str) -> ox.Dataset:
    """The solutions that a file describes in RDF, in the form of `rows`."""
    graph = Graph().parse(path)
    quads = []
    for solution in graph.objects(None, URIRef(_RS + "solution")):
        node = ox.BlankNode()
        quads.append(ox.Quad(node, ox.NamedNode("urn:row"), ox.Literal("")))
        for binding in graph.objects(solution, URIRef(_RS + "binding")):
            name, value = (graph.value(binding, URIRef(_RS + part)) for part in ("variable", "value"))
            (quad,) = ox.parse(
                f"<urn:s> <urn:p> {value.n3() if value is not None else ''} .", format=ox.RdfFormat.TURTLE
            )
            quads.append(ox.Quad(node, ox.NamedNode(f"urn:{name}"), value_of(quad.object)))  # type: ignore[arg-type]
    return canonical(quads)


def rows(result: ox.QuerySolutions) -> ox.Dataset:
    """Solutions as a dataset, so that blank nodes compare by their part in it."""
    quads = []
    for row in result:
        node = ox.BlankNode()
        quads.append(ox.Quad(node, ox.NamedNode("urn:row"), ox.Literal("")))
        for variable in result.variables:
            value = value_of(row[variable])
            if value is not None:
                quads.append(ox.Quad(node, ox.NamedNode(f"urn:{variable.value}"), value))  # type: ignore[arg-type]
    return canonical(quads)


def compare(content: bytes, expected: str) -> None:
    """Assert that an answer says what a result file says."""
    suffix = Path(expected).suffix
    if suffix == ".csv":
        found, wanted = (
            Counter(
                frozenset((name, text_of(cell)) for name, cell in row.items())
                for row in csv.DictReader(lines)
            )
            for lines in (
                content.decode().splitlines(),
                Path(expected).read_text(encoding="utf-8").splitlines(),
            )
        )
        assert found == wanted
    elif suffix in RESULTS:
        form = RESULTS[suffix][1]
        answer, truth = (
            ox.parse_query_results(c, format=form) for c in (content, Path(expected).read_bytes())
        )
        if isinstance(truth, ox.QueryBoolean):
            assert isinstance(answer, ox.QueryBoolean)
            assert bool(answer) == bool(truth)
        else:
            assert isinstance(answer, ox.QuerySolutions)
            assert isinstance(truth, ox.QuerySolutions)
            assert {v.value for v in answer.variables} == {v.value for v in truth.variables}
            assert rows(answer) == rows(truth)
    elif content.startswith(b"{"):
        answer = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
        assert isinstance(answer, ox.QuerySolutions)
        assert rows(answer) == listed(expected)
    else:
        assert canonical(triples(content, "")) == canonical(triples(None, expected))


def answer(endpoint: SparqlEndpoint, test: Test, held: HeldRegistry) -> bytes:
    """The bytes that the endpoint answers a test's query with."""
    graphs = {Path(path).as_uri(): path for path in test.before.default} | {
        name if "://" in name else Path(path).as_uri(): path for name, path in test.before.named
    }
    with held.writing("loading") as store:
        store.replace_graphs({name: [q.triple for q in triples(None, path)] for name, path in graphs.items()})
    query = Path(test.request)
    pairs = [("default-graph-uri", Path(path).as_uri()) for path in test.before.default]
    pairs += [("named-graph-uri", name) for name, _ in test.before.named]
    if names_a_dataset(query.read_text(encoding="utf-8")):
        pairs = []
    elif not pairs:
        pairs = [("default-graph-uri", "urn:nothing")]
    accept = RESULTS.get(Path(str(test.after)).suffix, ("",))[0]
    accept = (
        "text/csv"
        if str(test.after).endswith(".csv")
        else accept or "application/n-triples, application/sparql-results+json;q=0.5"
    )
    request = EndpointRequest(
        method="POST",
        url=query.as_uri(),
        query=tuple(pairs),
        content_type="application/sparql-query",
        content=query.read_bytes(),
        accept=accept,
    )
    return endpoint.answer(request).content


def test_the_suite_is_whole(tests: list[Test]) -> None:
    assert len(tests) == COLLECTED
    assert KNOWN.keys() <= {test.name for test in tests}


@pytest.mark.parametrize("number", range(COLLECTED))
def test_w3c(tests: list[Test], empty: HeldRegistry, pool: Pool, number: int) -> None:
    test = tests[number]
    content = answer(SparqlEndpoint(pool), test, empty)
    if test.name in KNOWN:
        with pytest.raises(AssertionError):
            compare(content, str(test.after))
    else:
        compare(content, str(test.after))
