"""check(triples): passes, or raises ShapeViolation with every fault."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.errors import ShapeViolation
from tinykg.files import ontology_files, shape_files
from tinykg.validate.findings import findings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import Graph
    from rdflib.term import Identifier

    from tinykg.records.finding import Finding

_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_CONCEPT = ox.NamedNode("http://www.w3.org/2004/02/skos/core#Concept")
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_IN_SCHEME = ox.NamedNode("http://www.w3.org/2004/02/skos/core#inScheme")


def check(triples: Iterable[ox.Triple], subject: str) -> None:
    """Raise ShapeViolation if the triples break a shape; `subject` names the record in the error."""
    violations = [f for f in validate(triples) if f.severity == "violation"]
    if violations:
        raise ShapeViolation(subject, violations)


def validate(triples: Iterable[ox.Triple]) -> list[Finding]:
    """Every finding of the shapes on these triples, together with the vocabulary concepts they name."""
    import pyshacl

    wanted = list(triples)
    conforms, report, _ = pyshacl.validate(
        to_rdflib([*wanted, *_concepts_named(wanted)]),
        shacl_graph=_shapes(),
        inference="none",
        advanced=False,
        meta_shacl=False,
        abort_on_first=False,
    )
    return [] if conforms is True else findings(report)


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


@cache
def _shapes() -> Graph:
    from rdflib import Graph

    graph = Graph()
    for path in shape_files():
        graph.parse(path, format="turtle")
    return graph


def to_rdflib(triples: Iterable[ox.Triple]) -> Graph:
    """The same triples as an rdflib graph."""
    from rdflib import Graph

    graph = Graph(bind_namespaces="none")
    terms: dict[object, Identifier] = {}
    for triple in triples:
        subject, predicate, value = (
            terms.get(t) or terms.setdefault(t, _term(t))
            for t in (triple.subject, triple.predicate, triple.object)
        )
        graph.add((subject, predicate, value))
    return graph


def _term(term: object) -> Identifier:
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        plain = term.datatype.value == _STRING  # rdflib takes "x" and "x"^^xsd:string for two terms
        return Literal(term.value, datatype=None if plain else URIRef(term.datatype.value))
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    raise TypeError(f"{type(term).__name__} is not an RDF 1.1 term")
