"""In which order sources are believed, and how they are called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.records.board import BoardDescription, Microcontroller

PART_SOURCES: Final = ("datasheet", "cmsis-pack", "zephyr")
"""Who is believed about a chip: its data sheet as read by a person, the maker's own pack, others."""

BOARD_SOURCES: Final = (
    "sheet",
    "thing-model",
    "thing-description",
    "cmsis-pack",
    "zephyr",
    "platformio",
    "arduino",
    "mlperf-tiny",
    "micropython",
)
"""Who is believed about a board: a person's sheet or the owner's own Thing Model; the maker's pack; Zephyr,
whose devicetree the board boots with; then manifests, whose figures serve a linker; then free text."""

FREE_SOURCES: Final = ("thing-model", "thing-description", "platformio", "arduino", "zephyr")
"""Who is believed about what a program may use: a linker's own figures, then a devicetree's partition."""

TITLES: Final = {
    "arduino": "Arduino boards.txt",
    "cmsis-pack": "CMSIS-Pack",
    "datasheet": "data sheet",
    "micropython": "MicroPython board.json",
    "mlperf-tiny": "MLPerf Tiny system description",
    "platformio": "PlatformIO manifest",
    "sheet": "TinyKG sheet",
    "thing-description": "Thing Description",
    "thing-model": "Thing Model",
    "zephyr": "Zephyr board",
}


def rank_of(source: str, order: tuple[str, ...]) -> int:
    """The place of a source in an order; sources that nobody ranked come last."""
    return order.index(source) if source in order else len(order)


def by_trust(
    descriptions: Iterable[BoardDescription], order: tuple[str, ...] = BOARD_SOURCES
) -> list[BoardDescription]:
    """Descriptions, the most trusted first; of one source in the order of collection and identifier.

    Zephyr describes each core of a board by itself; there the larger core comes first.
    """
    return sorted(
        descriptions,
        key=lambda d: (
            rank_of(d.source, order),
            d.source,
            d.collection or "",
            -_core_rank(d),
            *_told_apart(d),
        ),
    )


def _told_apart(description: BoardDescription) -> tuple[str, bool]:
    """What is different in two descriptions of a source that are not of one board and collection."""
    return description.identifier, description.collection is None


def _core_rank(description: BoardDescription) -> int:
    """The larger, the more a core of an Arm board computes: its number, `a` before `r` before `m`; else 0."""
    core = description.processors[0].core if description.processors else None
    found = _ARM_CORE.match(core or "") if description.source == "zephyr" else None
    return int(found[2]) + 1000 * "mra".index(found[1]) if found else 0


_ARM_CORE: Final = re.compile(r"cortex-([mra])(\d+)")


def parts_by_trust(parts: Iterable[Microcontroller]) -> list[Microcontroller]:
    """Microcontrollers, the most trusted first."""
    return sorted(
        parts, key=lambda p: (rank_of(p.source, PART_SOURCES), p.source, p.collection or "", p.part)
    )


def cite(description: BoardDescription) -> str:
    """How a person finds the description."""
    where = f"{description.collection}/" if description.collection else ""
    return f"{TITLES.get(description.source, description.source)} {where}{description.identifier}"


def cite_part(part: Microcontroller) -> str:
    """How a person finds what is said of the part."""
    where = f"{part.collection}, " if part.collection else ""
    return f"{TITLES.get(part.source, part.source)} {where}{part.part}"
