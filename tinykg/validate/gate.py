"""check(triples): passes, or raises ShapeViolation with every fault."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.errors import ShapeViolation
from tinykg.files import ontology_files
from tinykg.records.finding import Finding
from tinykg.validate.findings import findings
from tinykg.validate.rdflib_graph import to_rdflib
from tinykg.validate.shapes import shapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import Graph

_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_CONCEPT = ox.NamedNode("http://www.w3.org/2004/02/skos/core#Concept")
_IN_SCHEME = ox.NamedNode("http://www.w3.org/2004/02/skos/core#inScheme")


def check(triples: Iterable[ox.Triple], subject: str) -> None:
    """Raise ShapeViolation if the triples break a shape; `subject` names the record in the error."""
    violations = [f for f in validate(triples) if f.severity == "violation"]
    if violations:
        raise ShapeViolation(subject, violations)


def validate(triples: Iterable[ox.Triple]) -> list[Finding]:
    """Every finding of the shapes on these triples, together with the vocabulary concepts they name."""
    from pyshacl.errors import ReportableRuntimeError

    try:
        report = report_on(list(triples), shapes())
    except ReportableRuntimeError as error:  # a blank node where a figure is compared with another
        problem = Finding(
            severity="violation", focus="the graph", path=None, value=None, shape=None, message=str(error)
        )
        return [problem]
    return [] if report is None else findings(report)


def report_on(triples: list[ox.Triple], shapes: Graph) -> Graph | None:
    """The report of pyshacl on triples and the vocabulary concepts they name; None where all is well."""
    import pyshacl

    conforms, report, _ = pyshacl.validate(
        to_rdflib([*triples, *_concepts_named(triples)]),
        shacl_graph=shapes,
        inference="none",
        advanced=False,
        meta_shacl=False,
        abort_on_first=False,
    )
    return None if conforms is True else report


def _concepts_named(triples: list[ox.Triple]) -> list[ox.Triple]:
    known = _concepts()
    named = {t.object for t in triples if isinstance(t.object, ox.NamedNode)}
    return [statement for node in named & known.keys() for statement in known[node]]


@cache
def _concepts() -> dict[ox.NamedNode, tuple[ox.Triple, ...]]:
    """What the shapes ask of a vocabulary concept: its type and its scheme."""
    statements: dict[ox.NamedNode, list[ox.Triple]] = {}
    for path in ontology_files():
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            subject = quad.subject
            is_type = quad.predicate == _TYPE and quad.object == _CONCEPT
            if isinstance(subject, ox.NamedNode) and (is_type or quad.predicate == _IN_SCHEME):
                statements.setdefault(subject, []).append(quad.triple)
    return {node: tuple(found) for node, found in statements.items()}
