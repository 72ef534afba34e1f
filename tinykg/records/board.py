"""What one source says of one board or one microcontroller, each memory figure with its kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tinykg.records.device import Processor, Sensor  # noqa: TC001 - decoding resolves the annotations


class FigureKind(StrEnum):
    """Which quantity a source's memory figure is; sources call all of them "RAM" or "flash"."""

    CHIP_TOTAL = "chip-total"
    """All of this memory that the chip or the board has."""
    LARGEST_BLOCK = "largest-block"
    """The longest run of addresses that one array can take."""
    LINKABLE = "linkable"
    """What a program may be linked into after the vendor's base: bootloader, radio stack, partition."""
    HEAP_ONLY = "heap-only"
    """The part of the memory that data may use, such as the DRAM of an ESP32 of its larger SRAM."""
    CORE_SHARE = "core-share"
    """What one core of several, or one side of a secure split, is given of a shared memory."""
    TEST_LIMIT = "test-limit"
    """What a test runner may assume, no statement about the board."""
    PLACEHOLDER = "placeholder"
    """A number that stands where a number was needed, and says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFigure:
    """One figure of one memory in bytes; `memory` is a slug of the memory-kind vocabulary.

    `place` says where in the source the figure stands, such as `upload.maximum_ram_size`;
    `note` why it is of its kind, where that is not plain.
    """

    memory: str
    kind: FigureKind
    size_bytes: int
    place: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardDescription:
    """What one source says of one board; None is not said, () is said to have none.

    `source` is the format's name, `collection` which platform, core or package of that format the
    file belongs to (None where its place does not tell), `identifier` the source's own name for the
    board; the three together are unique. `part` is the microcontroller as the source writes it.
    `is_chip` marks a description of a bare chip in a board's clothes. `tags` are the source's own
    words for features that are no statement about sensors.
    """

    source: str
    collection: str | None
    identifier: str
    name: str
    vendor: str | None = None
    part: str | None = None
    is_chip: bool = False
    system: str | None = None
    processors: tuple[Processor, ...] = ()
    figures: tuple[MemoryFigure, ...] = ()
    sensors: tuple[Sensor, ...] | None = None
    accelerators: tuple[str, ...] | None = None
    connectivity: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    address: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Microcontroller:
    """A part that boards carry, as one source describes it: its cores and its memories.

    `part` is the maker's part number without packing and temperature, as the source writes it;
    its figures are of the kinds `CHIP_TOTAL` and `LARGEST_BLOCK`.
    """

    part: str
    source: str
    collection: str | None
    vendor: str | None = None
    processors: tuple[Processor, ...] = ()
    figures: tuple[MemoryFigure, ...] = ()
    accelerators: tuple[str, ...] | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One source's word on one fact of a board; `taken` marks the one that the device type has.

    `fact` is `core`, `clock_hz`, `sensors`, ... or a memory and a kind of figure, such as `sram linkable`;
    figures of different kinds are different facts. `value` is as the device type would have it; lists are
    sorted and joined by commas.
    """

    fact: str
    value: str | int | bool
    source: str
    place: str | None = None
    taken: bool = False
