"""Descriptions and parts as sources give them, made of the few facts that a test is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure, Microcontroller
from tinykg.records.device import DeviceType, Processor
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

TOTAL = FigureKind.CHIP_TOTAL
BLOCK = FigureKind.LARGEST_BLOCK
LINKABLE = FigureKind.LINKABLE
HEAP = FigureKind.HEAP_ONLY
SHARE = FigureKind.CORE_SHARE
LIMIT = FigureKind.TEST_LIMIT
PLACEHOLDER = FigureKind.PLACEHOLDER


def figures(stated: Sequence[tuple[str, FigureKind, int]]) -> tuple[MemoryFigure, ...]:
    """Memory figures of (memory, kind, bytes), each with its place in the source."""
    return tuple(
        MemoryFigure(memory=memory, kind=kind, size_bytes=size_bytes, place=f"{memory}.{kind.value}")
        for memory, kind, size_bytes in stated
    )


def board(
    source: str,
    identifier: str,
    name: str | None = None,
    *,
    collection: str | None = None,
    core: str | None = None,
    clock_hz: int | None = None,
    memory: Sequence[tuple[str, FigureKind, int]] = (),
    **facts: Any,
) -> BoardDescription:
    """A description of a board; `name` is the identifier where none is given."""
    part = facts.get("part")
    stated = core is not None or clock_hz is not None
    return BoardDescription(
        source=source,
        collection=collection,
        identifier=identifier,
        name=name or identifier,
        processors=(Processor(part=part, core=core, clock_hz=clock_hz),) if stated else (),
        figures=figures(memory),
        **facts,
    )


def part(
    name: str,
    *cores: str,
    source: str = "cmsis-pack",
    collection: str | None = "A.pack",
    clock_hz: int | None = None,
    has_fpu: bool | None = None,
    simd: str | None = None,
    memory: Sequence[tuple[str, FigureKind, int]] = (),
    **facts: Any,
) -> Microcontroller:
    """A microcontroller with one processor for each core."""
    return Microcontroller(
        part=name,
        source=source,
        collection=collection,
        processors=tuple(
            Processor(part=name, core=core, core_count=1, clock_hz=clock_hz, has_fpu=has_fpu, simd=simd)
            for core in cores
        ),
        figures=figures(memory),
        **facts,
    )


def sheet(slug: str, **facts: Any) -> DeviceType:
    """A person's sheet."""
    given: dict[str, Any] = {
        "name": slug,
        "vendor": None,
        "evidence": Evidence(kind=EvidenceKind.DECLARED, source="a data sheet"),
        **facts,
    }
    return DeviceType(slug=slug, **given)
