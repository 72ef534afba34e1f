"""BoardDescription and Microcontroller records -> triples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph import iris
from tinykg.graph.encode_device import add_accelerators, add_connectivity, add_processors, add_sensors
from tinykg.graph.encode_model import address_node
from tinykg.graph.triples import Triples
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCTERMS, SCHEMA, SKOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.board import BoardDescription, MemoryFigure, Microcontroller


def encode_board(description: BoardDescription) -> list[ox.Triple]:
    """The triples of what one source says of one board.

    Tags, accelerators and interfaces are sets: they come back sorted and once each.
    """
    out = Triples()
    subject = iris.board_description(description.source, description.collection, description.identifier)
    out.add_type(subject, TK.BoardDescription)
    out.add_all(
        subject,
        [
            (DCTERMS.identifier, description.identifier),
            (SCHEMA.name, description.name),
            (SCHEMA.manufacturer, description.vendor),
            (TK.sourceFormat, description.source),
            (TK.collection, description.collection),
            (TK.part, description.part),
            (TK.isChip, True if description.is_chip else None),
            (TK.runsSystem, iris.concept("system", description.system) if description.system else None),
            (SCHEMA.url, address_node(description.address)),
            (SKOS.note, description.note),
        ],
    )
    for tag in description.tags:
        out.add(subject, SCHEMA.keywords, tag)
    add_accelerators(out, subject, description.accelerators)
    add_connectivity(out, subject, description.connectivity)
    add_processors(out, subject, description.processors)
    _add_figures(out, subject, description.figures)
    add_sensors(out, subject, description.sensors)
    return out.done()


def encode_microcontroller(part: Microcontroller) -> list[ox.Triple]:
    """The triples of what one source says of a part; accelerators are a set."""
    out = Triples()
    subject = iris.microcontroller(part.source, part.collection, part.part)
    out.add_type(subject, TK.Microcontroller)
    out.add_all(
        subject,
        [
            (DCTERMS.identifier, part.part),
            (TK.part, part.part),
            (TK.lookupKey, iris.lookup_key(part.part)),
            (SCHEMA.manufacturer, part.vendor),
            (TK.sourceFormat, part.source),
            (TK.collection, part.collection),
            (SKOS.note, part.note),
        ],
    )
    add_accelerators(out, subject, part.accelerators)
    add_processors(out, subject, part.processors)
    _add_figures(out, subject, part.figures)
    return out.done()


def _add_figures(out: Triples, subject: ox.NamedNode, figures: Sequence[MemoryFigure]) -> None:
    for i, figure in enumerate(figures):
        node = ox.NamedNode(f"{subject.value}/figure/{i}")
        out.add(subject, TK.hasFigure, node)
        out.add_type(node, TK.MemoryFigure)
        out.add(node, TK.index, i)
        out.add(node, TK.memoryKind, iris.concept("memory-kind", figure.memory))
        out.add(node, TK.figureKind, iris.concept("figure-kind", figure.kind.value))
        out.add(node, TK.sizeBytes, figure.size_bytes)
        out.add(node, TK.place, figure.place)
        out.add(node, SKOS.note, figure.note)
