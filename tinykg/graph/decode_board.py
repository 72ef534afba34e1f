"""Triples -> BoardDescription and Microcontroller records: the inverse of encode_board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.graph.decode_device import accelerators_of, connectivity_of, processors_of, sensors_of
from tinykg.graph.decode_model import concept, in_order
from tinykg.graph.triples import Facts
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure, Microcontroller
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCTERMS, SCHEMA, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyoxigraph as ox


def decode_boards(triples: Iterable[ox.Triple]) -> list[BoardDescription]:
    """All board descriptions that the triples hold, by IRI: format, collection, identifier."""
    facts = Facts(triples)
    return [_board(facts, subject) for subject in facts.subjects(TK.BoardDescription)]


def decode_microcontrollers(triples: Iterable[ox.Triple]) -> list[Microcontroller]:
    """All microcontrollers that the triples describe, by IRI."""
    facts = Facts(triples)
    return [_microcontroller(facts, subject) for subject in facts.subjects(TK.Microcontroller)]


def _board(facts: Facts, subject: str) -> BoardDescription:
    return BoardDescription(
        source=facts.require_text(subject, TK.sourceFormat),
        collection=facts.text(subject, TK.collection),
        identifier=facts.require_text(subject, DCTERMS.identifier),
        name=facts.require_text(subject, SCHEMA.name),
        vendor=facts.text(subject, SCHEMA.manufacturer),
        part=facts.text(subject, TK.part),
        is_chip=facts.truth(subject, TK.isChip) or False,
        system=concept(facts, subject, TK.runsSystem),
        processors=processors_of(facts, subject),
        figures=_figures(facts, subject),
        sensors=sensors_of(facts, subject),
        accelerators=accelerators_of(facts, subject),
        connectivity=connectivity_of(facts, subject),
        tags=tuple(facts.texts(subject, SCHEMA.keywords)),
        address=facts.link(subject, SCHEMA.url) or facts.text(subject, SCHEMA.url),
        note=facts.text(subject, SKOS.note),
    )


def _microcontroller(facts: Facts, subject: str) -> Microcontroller:
    return Microcontroller(
        part=facts.require_text(subject, TK.part),
        source=facts.require_text(subject, TK.sourceFormat),
        collection=facts.text(subject, TK.collection),
        vendor=facts.text(subject, SCHEMA.manufacturer),
        processors=processors_of(facts, subject),
        figures=_figures(facts, subject),
        accelerators=accelerators_of(facts, subject),
        note=facts.text(subject, SKOS.note),
    )


def _figures(facts: Facts, subject: str) -> tuple[MemoryFigure, ...]:
    return tuple(
        MemoryFigure(
            memory=concept(facts, node, TK.memoryKind) or "",
            kind=FigureKind(concept(facts, node, TK.figureKind) or ""),
            size_bytes=facts.require_integer(node, TK.sizeBytes),
            place=facts.require_text(node, TK.place),
            note=facts.text(node, SKOS.note),
        )
        for node in in_order(facts, subject, TK.hasFigure)
    )
