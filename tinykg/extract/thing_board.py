"""What a Thing says of its board in TinyKG's terms: processors, memories, sensors and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict

from tinykg.extract.thing_terms import TK
from tinykg.records.board import FigureKind, MemoryFigure
from tinykg.records.device import Processor, Sensor

if TYPE_CHECKING:
    from tinykg.extract.thing_node import Node, Value

_SIZES: Final = (
    ("totalBytes", "totalSource", FigureKind.CHIP_TOTAL),
    ("contiguousBytes", "contiguousSource", FigureKind.LARGEST_BLOCK),
    ("freeBytes", "freeSource", FigureKind.LINKABLE),
)
"""The figures of a memory, where each comes from, and which kind of figure it is."""


class BoardFacts(TypedDict):
    """The fields of a board description that TinyKG's terms fill."""

    part: str | None
    is_chip: bool
    system: str | None
    processors: tuple[Processor, ...]
    figures: tuple[MemoryFigure, ...]
    sensors: tuple[Sensor, ...] | None
    accelerators: tuple[str, ...] | None
    connectivity: tuple[str, ...] | None


def board_facts(thing: Node) -> BoardFacts:
    """What a Thing says of its board in TinyKG's terms; raises ExtractError with the member's path."""
    return BoardFacts(
        part=_text(thing, "part"),
        is_chip=_truth(thing, "isChip") is True,
        system=_concept(thing, "runsSystem", "system"),
        processors=tuple(_processor(value.node()) for value in thing.all(f"{TK}hasProcessor")),
        figures=(
            *(figure for value in thing.all(f"{TK}hasMemory") for figure in _memory(value.node())),
            *(_figure(value.node()) for value in thing.all(f"{TK}hasFigure")),
        ),
        sensors=_sensors(thing),
        accelerators=_names(thing, "accelerator", "hasNoAccelerator"),
        connectivity=_names(thing, "connectivity", "hasNoConnectivity"),
    )


def _text(node: Node, term: str) -> str | None:
    value = node.one(TK + term)
    return None if value is None else value.text()


def _truth(node: Node, term: str) -> bool | None:
    value = node.one(TK + term)
    return None if value is None else value.truth()


def _whole(node: Node, term: str) -> int | None:
    value = node.one(TK + term)
    return None if value is None else value.whole()


def _concept(node: Node, term: str, scheme: str) -> str | None:
    value = node.one(TK + term)
    return None if value is None else value.concept(scheme)


def _processor(node: Node) -> Processor:
    return Processor(
        part=_text(node, "part"),
        core=_concept(node, "core", "core"),
        core_count=_whole(node, "coreCount"),
        clock_hz=_whole(node, "clockHz"),
        has_fpu=_truth(node, "hasFpu"),
        simd=_text(node, "simd"),
    )


def _memory(node: Node) -> list[MemoryFigure]:
    """The figures of a memory, each with where it comes from."""
    memory = node.need(f"{TK}memoryKind").concept("memory-kind")
    figures = []
    for term, source, kind in _SIZES:
        value = node.one(TK + term)
        if value is not None:
            figures.append(
                MemoryFigure(
                    memory=memory,
                    kind=kind,
                    size_bytes=value.whole(),
                    place=_place(value),
                    note=_text(node, source),
                )
            )
    return figures


def _figure(node: Node) -> MemoryFigure:
    """A figure that says its kind itself."""
    size = node.need(f"{TK}sizeBytes")
    return MemoryFigure(
        memory=node.need(f"{TK}memoryKind").concept("memory-kind"),
        kind=FigureKind(node.need(f"{TK}figureKind").concept("figure-kind")),
        size_bytes=size.whole(),
        place=_text(node, "place") or _place(size),
    )


def _place(value: Value) -> str:
    """A member's path from the top of the document."""
    return value.place.removeprefix("$.")


def _sensors(thing: Node) -> tuple[Sensor, ...] | None:
    """The sensors in their order; () where the Thing says that there is none, None where it says nothing."""
    values = thing.all(f"{TK}hasSensor")
    nothing = _none(thing, values, "hasNoSensor")
    return tuple(map(_sensor, values)) or nothing


def _sensor(value: Value) -> Sensor:
    """A sensor with its kind, or a kind in place of the sensor."""
    if not isinstance(value.raw, dict):
        return Sensor(kind=value.concept("sensor-kind"))
    node = value.node()
    if not node.has_terms() and node.identifier is not None:
        return Sensor(kind=value.concept("sensor-kind"))
    return Sensor(kind=node.need(f"{TK}sensorKind").concept("sensor-kind"), part=_text(node, "part"))


def _names(thing: Node, term: str, none_term: str) -> tuple[str, ...] | None:
    values = thing.all(TK + term)
    nothing = _none(thing, values, none_term)
    return tuple(sorted({value.text() for value in values})) or nothing


def _none(thing: Node, values: list[Value], none_term: str) -> tuple[Any, ...] | None:
    """() where a Thing says that it has none; an error where it has some nevertheless."""
    said = thing.one(TK + none_term)
    if said is None or not said.truth():
        return None
    if values:
        raise said.wrong("false, or none of them", "true beside what the Thing has")
    return ()
