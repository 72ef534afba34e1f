"""The table of microcontrollers that are known from their data sheets -> Microcontroller records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tinykg.extract.document import read_toml
from tinykg.records.board import FigureKind, MemoryFigure, Microcontroller
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "datasheet"


class _Part(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    part: str
    vendor: str
    source: str
    core: str
    core_count: int
    clock_hz: int
    has_fpu: bool
    simd: str | None = None
    sram_bytes: int | None = None
    largest_block_bytes: int | None = None
    flash_bytes: int | None = None
    note: str | None = None


class _Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    part: list[_Part]


def read_parts(path: Path) -> tuple[Microcontroller, ...]:
    """The parts of a table, in its order; raises ExtractError with the field's path."""
    return tuple(_part(part) for part in read_toml(path, _Table).part)


def _part(part: _Part) -> Microcontroller:
    stated = (
        ("sram", FigureKind.CHIP_TOTAL, part.sram_bytes, "sram_bytes"),
        ("sram", FigureKind.LARGEST_BLOCK, part.largest_block_bytes, "largest_block_bytes"),
        ("flash", FigureKind.CHIP_TOTAL, part.flash_bytes, "flash_bytes"),
    )
    return Microcontroller(
        part=part.part,
        source=SOURCE,
        collection=part.source,
        vendor=part.vendor,
        processors=(
            Processor(
                part=part.part,
                core=part.core,
                core_count=part.core_count,
                clock_hz=part.clock_hz,
                has_fpu=part.has_fpu,
                simd=part.simd,
            ),
        ),
        figures=tuple(
            MemoryFigure(memory=memory, kind=kind, size_bytes=size_bytes, place=place)
            for memory, kind, size_bytes, place in stated
            if size_bytes is not None
        ),
        note=part.note,
    )
