"""Quads as SPARQL Update operations that also reach blank nodes by the names the store gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.errors import InputError
from tinykg.store.protocol import DEFAULT_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.store.protocol import Term

BLANK_FUNCTION = ox.NamedNode("https://w3id.org/tinykg/function/node")
"""A function for the engine: `blank_node`. SPARQL itself has no way to say which blank node is meant."""

_BLANK = ox.NamedNode("https://w3id.org/tinykg/datatype/blank-node")


def blank_node(term: Term) -> Term:
    """The blank node whose name a literal of a datatype of ours carries; any other term as it is."""
    if isinstance(term, ox.Literal) and term.datatype == _BLANK:
        return ox.BlankNode(term.value)
    return term


def graph_node(name: str) -> ox.NamedNode | ox.DefaultGraph:
    """The engine's name of a graph."""
    return ox.DefaultGraph() if name == DEFAULT_GRAPH else ox.NamedNode(name)


def graph_name(quad: ox.Quad) -> str:
    """The IRI of a quad's graph, or DEFAULT_GRAPH; raises InputError where a blank node names it."""
    name = quad.graph_name
    if isinstance(name, ox.DefaultGraph):
        return DEFAULT_GRAPH
    if isinstance(name, ox.NamedNode):
        return name.value
    raise InputError(f"A graph is named by the blank node {name}; TinyKG names graphs by IRIs.")


def quad_operations(verb: str, quads: Iterable[ox.Quad]) -> list[str]:
    """Operations that INSERT or DELETE just these quads: DATA, and a pattern for those with blank nodes."""
    ground: dict[str, list[ox.Quad]] = {}
    blank: dict[str, list[ox.Quad]] = {}
    for quad in quads:
        if isinstance(quad.object, ox.Triple):
            raise InputError(f"Found the triple term {quad.object}; TinyKG keeps RDF 1.1 only.")
        (blank if has_blank_node(quad.triple) else ground).setdefault(graph_name(quad), []).append(quad)
    operations = []
    if ground:
        blocks = "\n".join(_in_graph(name, _lines(found)) for name, found in ground.items())
        operations.append(f"{verb} DATA {{\n{blocks}\n}}")
    operations += [_by_pattern(verb, name, found) for name, found in blank.items()]
    return operations


def _in_graph(name: str, block: str) -> str:
    return block if name == DEFAULT_GRAPH else f"GRAPH {ox.NamedNode(name)} {{\n{block}\n}}"


def _lines(quads: Iterable[ox.Quad]) -> str:
    return "\n".join(f"{q.subject} {q.predicate} {q.object} ." for q in quads)


def _by_pattern(verb: str, name: str, quads: Iterable[ox.Quad]) -> str:
    rows = "\n".join(f"({_said(q.subject)} {q.predicate} {_said(q.object)})" for q in quads)
    return (
        f"{verb} {{ {_in_graph(name, '?s ?p ?o')} }} WHERE {{ VALUES (?a ?p ?b) {{\n{rows}\n}} "
        f"BIND({BLANK_FUNCTION}(?a) AS ?s) BIND({BLANK_FUNCTION}(?b) AS ?o) }}"
    )


def _said(term: Term) -> str:
    return str(ox.Literal(term.value, datatype=_BLANK) if isinstance(term, ox.BlankNode) else term)


def as_stored(triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    """The triples as the engine gives them back: numbers have one spelling and integers one type."""
    engine = ox.Store()
    engine.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    return {quad.triple for quad in engine}


def has_blank_node(triple: ox.Triple) -> bool:
    """Whether a blank node is its subject or object."""
    return isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)


def canonical(triples: set[ox.Triple]) -> ox.Dataset | None:
    """The triples with canonical names for blank nodes; None where there are none."""
    if not any(map(has_blank_node, triples)):
        return None
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset
