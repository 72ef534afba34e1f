"""Sizes, clocks and memories as MLPerf Tiny's system descriptions write them: free text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tinykg.records.board import FigureKind, MemoryFigure

NOTHING: Final = frozenset({"", "-", "n/a", "na", "none", "not applicable", "nil"})
"""What submitters write into a field, in lower case, where there is nothing to say."""

_NUMBER: Final = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)"

_SIZE: Final = _NUMBER + r"\s*([kKMGT])(?:i?B|[Bb]ytes?)"
"""A number and a unit of bytes. `Mb` may be bits and `1G` of a DRAM chip often are: both are no size here."""

_POWERS: Final = {"k": 1, "K": 1, "M": 2, "G": 3, "T": 4}

_CLOCK: Final = re.compile(_NUMBER + r"\s*([kmg])hz", re.IGNORECASE)
_HZ: Final = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}

_WORDED: Final = re.compile(rf"(?P<before>[A-Za-z]*)\s*(?P<size>{_SIZE})\s*(?P<after>[A-Za-z]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One memory of a description: the field that tells its size, and what is said of it."""

    field: str
    capacity: str
    type: str


def size_bytes(text: str) -> int | None:
    """A size in bytes; None where the text is not plainly one.

    KB, kB, MB and GB are all taken as powers of 1,024, as memories are made: "640KB" is an STM32L4R5's
    655,360 bytes and "1536kB" the 1,572,864 of an EFR32MG24. A fraction of a unit was rounded by
    whoever wrote it; it is cut to whole KiB.
    """
    match = re.fullmatch(_SIZE, text.strip())
    if match is None:
        return None
    size = Decimal(match[1]) * 1024 ** _POWERS[match[2]]
    return int(size) if size % 1 == 0 else int(size // 1024) * 1024


def clock_hz(text: str) -> int | None:
    """A clock in hertz, such as 98,700,000 for "98.7 MHz"; None for a range, a list or a bare number."""
    match = _CLOCK.fullmatch(text.strip())
    return None if match is None else int(Decimal(match[1]) * _HZ[match[2].lower()]) or None


def board_memory(kind: str, *, linux: bool) -> str | None:
    """Which memory a board's RAM beside its chip is; None where its type does not tell.

    The DDR of a board is what programs of an application processor run in, whether or not the
    submission ran under Linux.
    """
    if re.search(r"ddr", kind, re.IGNORECASE):
        return "dram"
    if re.search(r"psram|hyper\s?ram|sdram", kind, re.IGNORECASE):
        return "psram"
    return "dram" if linux and kind.casefold() in {"", "ram", "dram"} else None


def board_storage(kind: str, *, linux: bool) -> str | None:
    """Which memory a board's storage beside its chip is; None where its type does not tell."""
    if re.search(r"e-?mmc|\bufs\b|\bnand\b|\bsd\b|micro\s?sd|\bssd\b|nvme", kind, re.IGNORECASE):
        return "storage"
    if re.search(r"spi\b|\bnor\b|hyper\s?flash", kind, re.IGNORECASE):
        return "external-flash"
    return "storage" if linux and kind.casefold() in {"", "flash"} else None


def chip_memory(kind: str, *, linux: bool) -> str | None:
    """Which memory the RAM of a chip is; of a Linux board, only SRAM is surely its chip's."""
    if kind.casefold() == "sram" or (not linux and kind.casefold() in {"", "ram"}):
        return "sram"
    return None


def chip_storage(kind: str, *, linux: bool) -> str | None:
    """Which memory the storage of a chip is: flash, where it holds programs that users write.

    Some makers call their code flash "ROM". The ROM of a Linux board's chip starts it, and no more.
    """
    folded = kind.casefold()
    if re.fullmatch(r"[en]?-?(flash|mram|reram|rram|fram)", folded):
        return "flash"
    return "flash" if not linux and folded in {"", "rom", "nor flash", "embedded flash"} else None


def total_figures(row: Row, memory: str) -> tuple[MemoryFigure, ...]:
    """The figures of a memory that a board or chip has; () where the text is ambiguous.

    A sum, such as "2MB+32KB", is of memories at different addresses, which differ in use: only the
    largest is surely the one that is asked for, and what is there in all is not said.
    """
    sizes = [size_bytes(term) for term in row.capacity.split("+")]
    whole = [size for size in sizes if size]
    if len(whole) != len(sizes):
        return ()
    kind = FigureKind.CHIP_TOTAL if len(whole) == 1 else FigureKind.LARGEST_BLOCK
    return (_figure(row, memory, kind, max(whole)),)


def processor_size(row: Row) -> tuple[str, int] | None:
    """The memory and its bytes in a text with both, such as "304KB SRAM"; None for anything else.

    Caches hold no program's data for good, and a text with several memories is not taken apart.
    """
    match = _WORDED.fullmatch(row.capacity.strip())
    if match is None:
        return None
    word = f"{match['before']}{match['after']}"
    memory = chip_memory(word, linux=False) or chip_storage(word, linux=False)
    size = size_bytes(match["size"])
    return (memory, size) if word and memory and size else None


def processor_figure(row: Row, memory: str, size: int) -> MemoryFigure:
    """The figure of a memory that a description gives to the processor, beside other parts of the chip."""
    return _figure(row, memory, FigureKind.CORE_SHARE, size)


def _figure(row: Row, memory: str, kind: FigureKind, size: int) -> MemoryFigure:
    rounded = "perhaps rounded by the source" if "." in row.capacity else ""
    texts = (f'"{row.capacity}"', row.type, rounded)
    note = ", ".join(text for text in texts if text)
    return MemoryFigure(memory=memory, kind=kind, size_bytes=size, place=row.field, note=note)
