"""Every source's word on every fact of a board, and where they disagree. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from tinykg.join.compose import FREE_KINDS, KINDS, links_of
from tinykg.join.parts import same_core
from tinykg.join.trust import TITLES, cite, cite_part
from tinykg.records.board import FigureKind, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinykg.records.board import MemoryFigure
    from tinykg.records.device import DeviceType, Memory, Processor, Sensor
    from tinykg.records.joined import Joined

FACTS = ("name", "vendor", "part", "system", "core", "core_count", "clock_hz", "has_fpu", "simd")
"""Facts in the order in which they are told; memories, then lists follow."""

LISTS = ("sensors", "accelerators", "connectivity")


def statements(joined: Joined, sheet: DeviceType | None = None) -> list[Statement]:
    """What each source says, fact by fact and the most trusted first; the word that was taken is marked."""
    said = [] if sheet is None else [*_of_device(sheet, f"{TITLES['sheet']} {sheet.slug}")]
    for part in joined.parts:
        said += _of_processors(part.processors, cite_part(part))
        said += _of_figures(part.figures, cite_part(part))
        said += _of_lists(None, part.accelerators, None, cite_part(part))
    for d in joined.descriptions:
        source = cite(d)
        pairs = (("name", d.name), ("vendor", d.vendor), ("part", d.part), ("system", d.system))
        said += [Statement(fact=fact, value=value, source=source) for fact, value in pairs if value]
        said += _of_processors(d.processors, source)
        said += _of_figures(d.figures, source)
        said += _of_lists(d.sensors, d.accelerators, links_of(d), source)
    return _in_order(_marked(said, joined.device))


def disagreements(found: Iterable[Statement]) -> dict[str, list[Statement]]:
    """The facts on which sources differ, with all that is said of them.

    A more exact name of a core, and names and parts, which every source writes in its own way, are no
    disagreement.
    """
    by_fact: dict[str, list[Statement]] = defaultdict(list)
    for statement in found:
        by_fact[statement.fact].append(statement)
    return {fact: said for fact, said in by_fact.items() if _differ(fact, said)}


def _differ(fact: str, said: list[Statement]) -> bool:
    if fact in {"name", "vendor", "part"}:
        return False
    values = [s.value for s in said]
    if fact == "core":
        return any(not same_core(str(a), str(b)) for a in values for b in values)
    return len(set(values)) > 1


def _of_device(device: DeviceType, source: str) -> Iterator[Statement]:
    pairs = (("name", device.name), ("vendor", device.vendor), ("system", device.system))
    parts = [p.part for p in device.processors[:1]]
    for fact, value in (*pairs, *(("part", part) for part in parts)):
        if value:
            yield Statement(fact=fact, value=value, source=source)
    yield from _of_processors(device.processors, source)
    for memory in device.memories:
        for fact, size_bytes, own in _figures_of(memory):
            yield Statement(fact=fact, value=size_bytes, source=source, place=own)
    yield from _of_lists(device.sensors, device.accelerators, device.connectivity, source)


def _of_processors(processors: tuple[Processor, ...], source: str) -> Iterator[Statement]:
    """What is said of the first processor, which is the one that models run on."""
    for processor in processors[:1]:
        for fact in FACTS[4:]:
            value: str | int | bool | None = getattr(processor, fact)
            if value is not None:
                yield Statement(fact=fact, value=value, source=source)


def _of_figures(figures: Iterable[MemoryFigure], source: str) -> Iterator[Statement]:
    for figure in figures:
        yield Statement(
            fact=f"{figure.memory} {figure.kind.value}",
            value=figure.size_bytes,
            source=source,
            place=figure.place if figure.note is None else f"{figure.place} ({figure.note})",
        )


def _of_lists(
    sensors: tuple[Sensor, ...] | None,
    accelerators: tuple[str, ...] | None,
    connectivity: tuple[str, ...] | None,
    source: str,
) -> Iterator[Statement]:
    if sensors is not None:
        yield Statement(fact="sensors", value=_joined(s.kind for s in sensors), source=source)
    for fact, values in (("accelerators", accelerators), ("connectivity", connectivity)):
        if values is not None:
            yield Statement(fact=fact, value=_joined(values), source=source)


def _joined(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values))) or "none"


def _figures_of(memory: Memory) -> list[tuple[str, int, str | None]]:
    """(fact, bytes, who says so) of a device type's memory."""
    stated = (
        (FigureKind.CHIP_TOTAL, memory.total_bytes, memory.source),
        (FigureKind.LARGEST_BLOCK, memory.contiguous_bytes, memory.contiguous_source),
        (FigureKind.LINKABLE, memory.free_bytes, memory.free_source),
    )
    return [(f"{memory.kind} {kind.value}", n, who) for kind, n, who in stated if n is not None]


def _marked(said: list[Statement], device: DeviceType) -> list[Statement]:
    """The statements, the first of each fact that says what the device type has marked."""
    has = {s.fact: s.value for s in _of_device(device, "")}
    done: set[str] = set()
    marked = []
    for statement in dict.fromkeys(said):
        mine = _free_as_linkable(statement.fact)
        taken = mine not in done and has.get(mine) == statement.value
        done |= {mine} if taken else set()
        marked.append(replace(statement, taken=taken))
    return marked


def _free_as_linkable(fact: str) -> str:
    """A device type has one figure for what a program gets, whatever kind a source gives."""
    memory, _, kind = fact.partition(" ")
    return f"{memory} {FigureKind.LINKABLE.value}" if kind in FREE_KINDS else fact


def _in_order(said: list[Statement]) -> list[Statement]:
    facts = [*FACTS, *(f"{memory} {kind.value}" for memory in KINDS for kind in FigureKind), *LISTS]
    return sorted(said, key=lambda s: facts.index(s.fact) if s.fact in facts else len(facts))
