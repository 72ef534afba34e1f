"""Descriptions of one board and the parts it carries -> one device type. Pure.

Chip facts (cores, FPU, DSP, clock, total memories, the largest block) come from the microcontroller where it
is known, board facts (what a program may use, sensors, links) from the descriptions, each from the source
that `trust` ranks first among those that state it. A figure that cannot be is not taken: more than the chip
has of it, a placeholder, a test's limit. A person's sheet stands above all; the rest fills what it leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from tinykg.join.parts import same_core, usable
from tinykg.join.trust import FREE_SOURCES, by_trust, cite, cite_part, parts_by_trust
from tinykg.records.board import FigureKind
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.joined import Joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tinykg.records.board import BoardDescription, MemoryFigure, Microcontroller

T = TypeVar("T")

FREE_KINDS = (FigureKind.LINKABLE, FigureKind.HEAP_ONLY, FigureKind.CORE_SHARE)
"""Kinds that say what an application gets."""

KINDS = ("sram", "dram", "psram", "flash", "external-flash", "storage")
"""Memories in the order in which a device type lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stated:
    """A figure, who states it, and whether that is the maker of the part."""

    size_bytes: int
    source: str
    of_part: bool


def compose(
    slug: str,
    descriptions: Iterable[BoardDescription],
    parts: Iterable[Microcontroller],
    sheet: DeviceType | None = None,
) -> Joined:
    """The device type that a sheet, descriptions of the board and the parts it may carry come to.

    There is a sheet or at least one description. `parts` are all that the descriptions' part numbers may
    mean; what they have in common is taken.
    """
    said = tuple(by_trust(descriptions))
    meant = usable(tuple(parts_by_trust(parts)), _cores(said, sheet))
    processors = _processors(said, meant)
    memories = [made for kind in KINDS if (made := _memory(kind, said, meant)) is not None]
    joined = Joined(
        device=DeviceType(
            slug=slug,
            name=said[0].name if said else slug,
            vendor=_first(said, lambda d: d.vendor),
            evidence=Evidence(kind=EvidenceKind.DECLARED, source="; ".join(cite(d) for d in said)),
            system=_first(said, lambda d: d.system),
            processors=processors,
            memories=tuple(memory for memory, _ in memories),
            sensors=_sensors(said),
            accelerators=_first(said, lambda d: d.accelerators) or _accelerators(meant),
            connectivity=_union(links_of(d) for d in said),
            platformio_id=_identifier(said, "platformio"),
            zephyr_id=_identifier(said, "zephyr"),
            note=_first(said, lambda d: d.note),
        ),
        descriptions=said,
        parts=meant,
        processors_from_part=tuple(range(len(processors))) if _common_processors(meant) else (),
        memories_from_part=tuple(i for i, (_, of_part) in enumerate(memories) if of_part),
    )
    return joined if sheet is None else _under(sheet, joined)


def _under(sheet: DeviceType, joined: Joined) -> Joined:
    """A sheet with what it leaves open taken from what was joined."""
    found = joined.device
    known = {memory.kind for memory in sheet.memories}
    more = [(i, memory) for i, memory in enumerate(found.memories) if memory.kind not in known]
    filled = tuple(_filled(p, found.processors) for p in sheet.processors) or found.processors
    return replace(
        joined,
        device=replace(
            sheet,
            vendor=sheet.vendor or found.vendor,
            system=sheet.system or found.system,
            processors=filled,
            memories=(*sheet.memories, *(memory for _, memory in more)),
            sensors=found.sensors if sheet.sensors is None else sheet.sensors,
            accelerators=found.accelerators if sheet.accelerators is None else sheet.accelerators,
            connectivity=found.connectivity if sheet.connectivity is None else sheet.connectivity,
        ),
        processors_from_part=tuple(
            i
            for i in range(len(filled))
            if joined.processors_from_part
            and (i >= len(sheet.processors) or filled[i] != sheet.processors[i])
        ),
        memories_from_part=tuple(
            len(sheet.memories) + at for at, (i, _) in enumerate(more) if i in joined.memories_from_part
        ),
    )


def _filled(processor: Processor, known: Sequence[Processor]) -> Processor:
    """A sheet's processor with what is known of the one with its core."""
    for other in known:
        if processor.core is None or same_core(processor.core, other.core):
            return _merged(processor, other)
    return processor


def _merged(one: Processor, other: Processor) -> Processor:
    """A processor with what another one says where it says nothing."""
    return Processor(
        part=one.part or other.part,
        core=one.core or other.core,
        core_count=_either(one.core_count, other.core_count),
        clock_hz=_either(one.clock_hz, other.clock_hz),
        has_fpu=_either(one.has_fpu, other.has_fpu),
        simd=_either(one.simd, other.simd),
    )


def _either(one: T | None, other: T | None) -> T | None:
    return other if one is None else one


def _cores(said: Sequence[BoardDescription], sheet: DeviceType | None) -> list[str]:
    processors = [p for d in said for p in d.processors] + list(sheet.processors if sheet else ())
    return [p.core for p in processors if p.core is not None]


def _processors(said: Sequence[BoardDescription], meant: Sequence[Microcontroller]) -> tuple[Processor, ...]:
    """The part's cores where it is known, the one that a description speaks of first; else as described."""
    described = next((d.processors for d in said if any(p.core for p in d.processors)), ())
    described = described or next((d.processors for d in said if d.processors), ())
    part = _first(said, lambda d: d.part)
    spoken = [p.core for p in described if p.core is not None]
    clock = _clock(said, spoken[0] if spoken else None)
    of_part = _common_processors(meant)
    if not of_part:
        if not described:
            return (Processor(part=part, core=None, clock_hz=clock),) if part or clock else ()
        first, *others = described
        first = replace(first, part=first.part or part, clock_hz=first.clock_hz or clock)
        return (first, *(replace(p, part=p.part or part) for p in (*others, *_other_cores(said, spoken))))
    ordered = sorted(of_part, key=lambda p: not any(same_core(p.core, core) for core in spoken))
    first, *others = ordered
    if described and (first.core is None or same_core(first.core, described[0].core)):
        first = _merged(first, described[0])
    first = replace(first, part=part or first.part, clock_hz=first.clock_hz or clock)
    return (first, *(replace(p, part=p.part or part) for p in others))


def _clock(said: Sequence[BoardDescription], core: str | None) -> int | None:
    """The first clock that is stated for a core, or for none in particular."""
    clocks = (
        p.clock_hz
        for d in said
        for p in d.processors
        if p.clock_hz is not None and (core is None or p.core is None or same_core(p.core, core))
    )
    return next(clocks, None)


def _other_cores(said: Sequence[BoardDescription], spoken: Sequence[str]) -> list[Processor]:
    """The cores of a board that Zephyr describes apart, besides those that are known."""
    found: list[Processor] = []
    for p in (p for d in said if d.source == "zephyr" and spoken for p in d.processors):
        known = [*spoken, *(other.core for other in found)]
        if p.core is not None and not any(same_core(p.core, core) for core in known):
            found.append(p)
    return found


def _common_processors(meant: Sequence[Microcontroller]) -> tuple[Processor, ...]:
    """The processors of the parts of the most trusted source, as far as these agree."""
    alike = [m.processors for m in meant if m.source == meant[0].source]
    if not alike or len({len(found) for found in alike}) != 1:
        return ()
    return tuple(
        Processor(
            part=_same(p.part for p in places),
            core=_same(p.core for p in places),
            core_count=_same(p.core_count for p in places),
            clock_hz=_same(p.clock_hz for p in places),
            has_fpu=_same(p.has_fpu for p in places),
            simd=_same(p.simd for p in places),
        )
        for places in zip(*alike, strict=True)
    )


def _same(values: Iterable[T | None]) -> T | None:
    """What all values are; None where they differ."""
    first, *others = values
    return first if all(value == first for value in others) else None


def _memory(
    kind: str, said: Sequence[BoardDescription], meant: Sequence[Microcontroller]
) -> tuple[Memory, bool] | None:
    """One memory, and whether the part's maker says so; None where nobody states a figure."""
    total = _figure(kind, (FigureKind.CHIP_TOTAL,), said, meant)
    block = _figure(kind, (FigureKind.LARGEST_BLOCK,), said, meant)
    if total and block and block.size_bytes > total.size_bytes:
        block = None
    free = _free(kind, said, total)
    if total is None and block is None and free is None:
        return None
    memory = Memory(
        kind=kind,
        total_bytes=total.size_bytes if total else None,
        contiguous_bytes=block.size_bytes if block else None,
        free_bytes=free.size_bytes if free else None,
        location="on-chip" if total and total.of_part else None,
        source=total.source if total else None,
        contiguous_source=block.source if block else None,
        free_source=free.source if free else None,
    )
    return memory, any(stated.of_part for stated in (total, block) if stated)


def _figure(
    memory: str,
    kinds: Sequence[FigureKind],
    said: Sequence[BoardDescription],
    meant: Sequence[Microcontroller],
) -> _Stated | None:
    """The part's own figure, where all parts that are meant agree; else the most trusted description's."""
    for source in dict.fromkeys(m.source for m in meant):
        alike = [m for m in meant if m.source == source]
        figures = [_size(m.figures, memory, kinds) for m in alike]
        figure = _same(found[0] if found else None for found in figures)
        if figure is not None:
            return _Stated(size_bytes=figure, source=cite_part(alike[0]), of_part=True)
    for description in said:
        found = _size(description.figures, memory, kinds)
        if found is not None:
            size_bytes, place = found
            return _Stated(size_bytes=size_bytes, source=f"{cite(description)}: {place}", of_part=False)
    return None


def _free(memory: str, said: Sequence[BoardDescription], total: _Stated | None) -> _Stated | None:
    """What a program gets by the most trusted source whose figure is not more than there is."""
    for description in by_trust(said, FREE_SOURCES):
        found = _size(description.figures, memory, FREE_KINDS)
        if found is not None and (total is None or found[0] <= total.size_bytes):
            return _Stated(size_bytes=found[0], source=f"{cite(description)}: {found[1]}", of_part=False)
    return None


def _size(
    figures: Iterable[MemoryFigure], memory: str, kinds: Sequence[FigureKind]
) -> tuple[int, str] | None:
    """(bytes, place) of the first figure of a memory that is of one of the kinds; 0 says nothing."""
    these = (f for f in figures if f.memory == memory and f.kind in kinds and f.size_bytes > 0)
    return next(((f.size_bytes, f.place) for f in these), None)


def _sensors(said: Sequence[BoardDescription]) -> tuple[Sensor, ...] | None:
    """All sensors that somebody states, each kind once, with its part where somebody names that."""
    stating = [d.sensors for d in said if d.sensors is not None]
    if not stating:
        return None
    found: dict[str, list[Sensor]] = {}
    for sensors in stating:
        for kind in dict.fromkeys(sensor.kind for sensor in sensors):
            these = [sensor for sensor in sensors if sensor.kind == kind]
            if kind not in found or not any(sensor.part for sensor in found[kind]):
                found[kind] = these
    return tuple(dict.fromkeys(s for kind in sorted(found) for s in found[kind]))


def _accelerators(meant: Sequence[Microcontroller]) -> tuple[str, ...] | None:
    alike = [m.accelerators for m in meant if m.source == meant[0].source]
    return _same(alike) if alike else None


def links_of(description: BoardDescription) -> tuple[str, ...] | None:
    """The network links of a description; a field bus at the pins is none, though most sources list it."""
    if description.connectivity is None:
        return None
    return tuple(word for word in description.connectivity if word not in FIELD_BUSES) or None


FIELD_BUSES = frozenset({"can"})


def _union(stated: Iterable[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    found = [values for values in stated if values is not None]
    return tuple(sorted({value for values in found for value in values})) if found else None


def _first(said: Iterable[BoardDescription], fact: Callable[[BoardDescription], T | None]) -> T | None:
    return next((found for d in said if (found := fact(d)) is not None), None)


def _identifier(said: Iterable[BoardDescription], source: str) -> str | None:
    return next((d.identifier for d in said if d.source == source), None)
