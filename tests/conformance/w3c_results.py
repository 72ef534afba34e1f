"""Results of queries, as the endpoint gives them and as W3C's files hold them, in a form that compares."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox
from rdf_compare import Row, Term, same_rows, triple_rows

RESULT_FORMATS = {
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
CSV = "text/csv"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RESULT_SET = ox.NamedNode(f"{RS}ResultSet")
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
MEDIA_TYPES = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".tsv": "text/tab-separated-values",
    ".csv": CSV,
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".rdf": "application/rdf+xml",
}
"""By the end of a file's name."""

XSD = "http://www.w3.org/2001/XMLSchema#"
EXACT = {
    f"{XSD}{name}" for name in ("integer", "decimal", "int", "long", "short", "byte", "nonNegativeInteger")
}
FLOATING = {f"{XSD}float": 6, f"{XSD}double": 12}
"""Datatypes whose values are compared, with the digits that must agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a query gives: a boolean, or rows with their variables; those of a graph have no names."""

    boolean: bool | None = None
    variables: tuple[str, ...] | None = None
    rows: tuple[Row, ...] = ()


def read_outcome(content: bytes, media_type: str, base: str) -> Outcome:
    """The result in a body or a file of this media type; ValueError or SyntaxError where it holds none."""
    if media_type == CSV:
        return _table(content.decode("utf-8"))
    if media_type in GRAPH_FORMATS:
        rows = triple_rows(ox.parse(content, format=GRAPH_FORMATS[media_type], base_iri=base))
        return _result_set(rows) if (RESULT_SET in {row[2] for row in rows}) else Outcome(rows=tuple(rows))
    if media_type not in RESULT_FORMATS:
        raise ValueError(f"'{media_type}' holds no result of a query")
    found = ox.parse_query_results(content, format=RESULT_FORMATS[media_type])
    if isinstance(found, ox.QueryBoolean):
        return Outcome(boolean=bool(found))
    names = tuple(sorted(variable.value for variable in found.variables))
    return Outcome(variables=names, rows=tuple(tuple(row[name] for name in names) for row in found))


def _result_set(rows: list[Row]) -> Outcome:
    """A table that is written as a graph, in the vocabulary of the older test suites."""
    about: dict[Term | None, dict[str, list[Term | None]]] = {}
    for subject, predicate, value in rows:
        name = str(predicate.value if isinstance(predicate, ox.NamedNode) else "").removeprefix(RS)
        about.setdefault(subject, {}).setdefault(name, []).append(value)
    (table,) = (each for each in about.values() if RESULT_SET in each.get(RDF_TYPE, []))
    names = tuple(sorted(term.value for term in table["resultVariable"] if isinstance(term, ox.Literal)))
    found = []
    for solution in table.get("solution", []):
        cells = [about[binding] for binding in about[solution].get("binding", [])]
        by_name = {str(getattr(cell["variable"][0], "value", "")): cell["value"][0] for cell in cells}
        found.append(tuple(by_name.get(name) for name in names))
    return Outcome(variables=names, rows=tuple(found))


def _table(text: str) -> Outcome:
    """CSV has values without their types: each but a blank node becomes a string."""
    header, *lines = csv.reader(io.StringIO(text))
    order = sorted(range(len(header)), key=lambda place: header[place])
    rows = [tuple(_cell(line[place]) for place in order) for line in lines if line]
    return Outcome(variables=tuple(sorted(header)), rows=tuple(rows))


def _cell(text: str) -> Term | None:
    if text.startswith("_:"):
        return ox.BlankNode(text[2:])
    return ox.Literal(_as_written(text)) if text else None


def _as_written(text: str) -> str:
    """A number in a form of its own, as CSV leaves open how it is written."""
    try:
        return f"{float(text):.12g}"
    except ValueError:
        return text


def value_of(term: Term | None) -> object:
    """What a term is compared by: numbers, booleans and language tags by value, others as they are."""
    if not isinstance(term, ox.Literal):
        return term
    kind = term.datatype.value
    try:
        if kind in EXACT:
            return (kind, Decimal(term.value).normalize())
        if kind in FLOATING:
            number = float(term.value.replace("INF", "inf"))
            return (kind, "NaN" if math.isnan(number) else f"{number:.{FLOATING[kind]}g}")
    except (ValueError, InvalidOperation):
        return term
    if kind == f"{XSD}boolean":
        return (kind, term.value in ("true", "1"))
    return (term.value, term.language.lower()) if term.language else term


def same(found: Outcome, expected: Outcome, *, ordered: bool) -> bool:
    """Whether two results are the same; rows in any order unless the query orders them."""
    if (found.boolean, found.variables) != (expected.boolean, expected.variables):
        return False
    return same_rows(found.rows, expected.rows, ordered=ordered, same_term=value_of)


def is_ordered(query: str) -> bool:
    """Whether the outermost part of a query has ORDER BY: after its last closing brace."""
    plain = re.sub(r"#[^\n]*", "", query)
    return bool(re.search(r"\border\s+by\b", plain.rpartition("}")[2], re.IGNORECASE))
