"""The shapes, in the form that pyshacl works through fastest."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tinykg.files import shape_files

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


@cache
def shapes() -> Graph:
    """All shapes of shapes/, flat; read once."""
    return flattened(written_shapes())


def written_shapes() -> Graph:
    """All shapes as their files have them."""
    from rdflib import Graph

    graph = Graph("SimpleMemory")
    for path in shape_files():
        graph.parse(path, format="turtle")
    return graph


def flattened(shapes: Graph) -> Graph:
    """Shapes that find the same, with the targets of node shapes moved to their property shapes.

    pyshacl takes the properties of a node shape up anew for each node, but all nodes of a shape's own
    targets at once. A property shape may have targets (https://www.w3.org/TR/shacl/#targets), and its
    results are those that it has below a node shape: the same focus nodes, paths, messages and source
    shapes. Left as they are: node shapes without targets, and those that other shapes refer to. A closed
    shape knows the paths of its properties from sh:ignoredProperties then.
    """
    from rdflib import RDF, SH, Graph

    flat = Graph("SimpleMemory")
    for triple in shapes:
        flat.add(triple)
    targets = [SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf]
    for shape in set(shapes.subjects(RDF.type, SH.NodeShape)):
        aims = [(kind, aim) for kind in targets for aim in shapes.objects(shape, kind)]
        if not aims or (None, None, shape) in shapes or (shape, SH.deactivated, None) in shapes:
            continue
        for part in shapes.objects(shape, SH.property):
            flat.remove((shape, SH.property, part))
            for kind, aim in aims:
                flat.add((part, kind, aim))
        if shapes.value(shape, SH.closed) is not None:
            _allow_stated_paths(shapes, flat, shape)
    for cell, member in shapes.subject_objects(RDF.first):
        only = _only_property(shapes, member)
        if only is not None:
            flat.set((cell, RDF.first, only))
    return flat


def _only_property(shapes: Graph, member: Node) -> Node | None:
    """The property shape that is all a node shape says, so that a list of sh:and may as well have that."""
    from rdflib import RDF, RDFS, SH

    if (member, RDF.type, SH.NodeShape) not in shapes:
        return None
    said = [(p, o) for p, o in shapes.predicate_objects(member) if p not in (RDF.type, RDFS.seeAlso)]
    return said[0][1] if [p for p, _ in said] == [SH.property] else None


def _allow_stated_paths(shapes: Graph, flat: Graph, shape: Node) -> None:
    """Name the paths of a closed shape's properties in sh:ignoredProperties, which sh:closed reads too."""
    from rdflib import SH, BNode
    from rdflib.collection import Collection

    ignored = shapes.value(shape, SH.ignoredProperties)
    paths = {path for part in shapes.objects(shape, SH.property) for path in shapes.objects(part, SH.path)}
    allowed = {*shapes.items(ignored), *paths} if ignored is not None else paths
    flat.remove((shape, SH.ignoredProperties, None))
    head = BNode()
    Collection(flat, head, list(allowed))
    flat.add((shape, SH.ignoredProperties, head))
