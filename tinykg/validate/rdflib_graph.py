"""Triples as pyshacl wants them."""

from __future__ import annotations

import contextlib
import logging
import warnings
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib import Graph, Literal
    from rdflib.term import Identifier

_STRING = "http://www.w3.org/2001/XMLSchema#string"


def to_rdflib(triples: Iterable[ox.Triple]) -> Graph:
    """The same triples as an rdflib graph.

    A literal that is no value of its datatype, or not a number, becomes plain text, which the shapes
    refuse: pyshacl fails where it compares such a value. Blank nodes are numbered as they come, so
    that reports are stable.
    """
    from rdflib import Graph

    graph = Graph(bind_namespaces="none")
    terms: dict[object, Identifier] = {}
    with _quiet():
        for triple in triples:
            for term in triple:
                if term not in terms:
                    terms[term] = _term(term, len(terms))
            subject, predicate, value = triple
            graph.add((terms[subject], terms[predicate], terms[value]))
    return graph


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without rdflib's remarks on literals: the shapes say it."""
    logger = logging.getLogger("rdflib.term")
    before, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        logger.disabled = before


def _term(term: object, number: int) -> Identifier:
    from rdflib import BNode, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.Literal):
        return _literal(term)
    if isinstance(term, ox.BlankNode):
        return BNode(f"b{number}")
    raise InputError("The file holds a quoted triple; TinyKG checks RDF 1.1 only.")


def _literal(term: ox.Literal) -> Literal:
    from rdflib import Literal, URIRef

    if term.language:
        return Literal(term.value, lang=term.language)
    if term.datatype.value != _STRING:  # rdflib takes "x" and "x"^^xsd:string for two terms
        literal = Literal(term.value, datatype=URIRef(term.datatype.value))
        if not literal.ill_typed and literal.value == literal.value:
            return literal
    return Literal(term.value)
