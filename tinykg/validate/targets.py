"""Which triples the shapes are about, derived from the shapes themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.validate.shapes import shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib import Graph
    from rdflib.term import Node

_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The terms by which shapes get at nodes (https://www.w3.org/TR/shacl/#targets).

    `classes` are targets or demanded of values; `nodes` are targets by name; `properties` make their
    subjects or objects targets; `links` lead from a node to others whose description its shape looks at.
    """

    classes: frozenset[ox.NamedNode]
    nodes: frozenset[ox.NamedNode]
    properties: frozenset[ox.NamedNode]
    links: frozenset[ox.NamedNode]


def concerns(triples: Iterable[ox.Triple]) -> bool:
    """Whether a shape may have a word on these triples: it targets a node of theirs, or looks at one.

    To ask this of a change, give with it what the store has of the changed subjects: their types, and what
    refers to them. False means that validation would find nothing; True that it has to be done.
    """
    known = targets()
    getting = known.properties | known.links
    return any(
        predicate in getting or (predicate == _TYPE and value in known.classes) or subject in known.nodes
        for subject, predicate, value in triples
    )


@cache
def targets() -> Targets:
    """The targets of all shapes; read once."""
    return targets_of(shapes())


def targets_of(graph: Graph) -> Targets:
    """The targets of the shapes in a graph."""
    from rdflib import RDF, RDFS, SH

    implicit = set(graph.subjects(RDF.type, RDFS.Class)) & set(graph.subjects(RDF.type, SH.NodeShape))
    classes = {*graph.objects(None, SH.targetClass), *graph.objects(None, SH["class"]), *implicit}
    properties = {*graph.objects(None, SH.targetSubjectsOf), *graph.objects(None, SH.targetObjectsOf)}
    return Targets(
        classes=_named(classes),
        nodes=_named(graph.objects(None, SH.targetNode)),
        properties=_named(properties),
        links=_named(_links(graph)),
    )


def _links(graph: Graph) -> Iterator[Node]:
    """The properties of paths that are no single property, and of shapes that describe their values."""
    from rdflib import SH, URIRef

    shapes_of_values = (SH.node, SH.property, SH.qualifiedValueShape)
    describing = (*shapes_of_values, SH["class"], SH["not"], SH["and"], SH["or"], SH.xone)
    for shape, path in graph.subject_objects(SH.path):
        if not isinstance(path, URIRef):
            yield from _properties_in(graph, path)
        elif any((shape, kind, None) in graph for kind in describing):
            yield path


def _properties_in(graph: Graph, path: Node) -> Iterator[Node]:
    """Every property that a path goes along, in either direction."""
    from rdflib import RDF, URIRef

    if isinstance(path, URIRef):
        if path != RDF.nil:
            yield path
        return
    for part in graph.objects(path, None):
        yield from _properties_in(graph, part)


def _named(nodes: Iterable[Node]) -> frozenset[ox.NamedNode]:
    from rdflib import URIRef

    return frozenset(ox.NamedNode(str(node)) for node in nodes if isinstance(node, URIRef))
