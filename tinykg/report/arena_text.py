"""Where the bytes of an arena go, as lines for a terminal: the head's plan, the tail, the sums."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from tinykg.quantities import percent, size
from tinykg.report.arena_layout import Layout, grouped_shares, layout, shortened
from tinykg.report.arena_picture import picture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tinykg.records.footprint import Footprint
    from tinykg.records.model_file import ModelFile

LARGEST: Final = 16
"""Rows of the table of buffers."""

RUNNING: Final = "running"
"""The moment of a footprint's peak after allocation."""

TAIL_ROWS: Final = 24
"""Rows of the tail's table before the rest is summed up."""

LEGEND_LINES: Final = 10
"""Lines of step names under a picture whose columns are too narrow for them."""


def arena_lines(
    file: ModelFile,
    footprint: Footprint,
    steps: Sequence[str],
    *,
    width: int = 100,
    colours: bool = False,
    full: bool = False,
) -> list[str]:
    """The whole explanation, at most `width` characters a line.

    `steps` names the steps that lifetimes count. `colours` adds the terminal's escape
    sequences. `full` lists every buffer and every share. A footprint without figures
    gives the reason instead.
    """
    lines = [f"arena on {footprint.runtime}"]
    if footprint.arena_bytes is None:
        reasons = [refusal.reason for refusal in footprint.refusals] or [
            f"not known: {u}" for u in footprint.unknowns
        ]
        return [*lines, *(line for reason in reasons for line in _prose(f"  {reason}", width))]
    plan = layout(file, footprint, steps)
    parts = (
        _head(plan, width, colours=colours, full=full),
        _tail(footprint, width, full=full),
        _sums(footprint, width),
    )
    for part in parts:
        lines += ["", *part]
    return [line.rstrip() for line in lines]


def _head(plan: Layout, width: int, *, colours: bool, full: bool) -> Iterator[str]:
    """Picture, names of the steps, largest buffers."""
    yield f"head: {plan.head_bytes} B, {_many(len(plan.boxes), 'buffer')} over steps 0 to {plan.last_step}"
    if not plan.boxes:
        why = (
            "where each buffer lies is not known" if plan.head_bytes else "no tensor needs memory of its own"
        )
        yield f"  no plan: {why}"
        return
    yield from picture(plan, width, colours=colours)
    yield from _legend(plan, width, full=full)
    live, step = max(plan.live_bytes), plan.fullest_step
    gap = plan.head_bytes - live
    lost = f"{gap} B of the head are gaps" if gap else "the plan has no gaps"
    yield from _prose(f"  fullest at step {step} ({plan.step_name(step)}): {live} B alive; {lost}", width)
    yield ""
    yield from _largest(plan, width, full=full)


def _legend(plan: Layout, width: int, *, full: bool) -> Iterator[str]:
    """Which operator runs at which step, equal neighbours together."""
    words = []
    start = 0
    for step in range(1, len(plan.steps) + 1):
        if step == len(plan.steps) or plan.steps[step] != plan.steps[start]:
            span = str(start) if start == step - 1 else f"{start}-{step - 1}"
            words.append(f"{span} {plan.step_name(start)}")
            start = step
    lines = _wrapped(words, width - 2)
    shown = len(lines) if full else LEGEND_LINES
    for line in lines[:shown]:
        yield f"  {line}"
    if len(lines) > shown:
        rest = sum(line.count("  ") + 1 for line in lines[shown:])
        yield f"  and {rest} more; --full lists them"


def _wrapped(words: Sequence[str], width: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 2 + len(word) <= width:
            lines[-1] += f"  {word}"
        else:
            lines.append(word)
    return lines


def _largest(plan: Layout, width: int, *, full: bool) -> Iterator[str]:
    """The largest buffers: letter, size, offset, steps, name."""
    boxes = plan.boxes if full else plan.boxes[:LARGEST]
    yield f"     {'size B':>9}  {'offset B':>9}  {'steps':>9}  tensor"
    for box in boxes:
        name = shortened(box.name, max(16, width - 40))
        buffer, life = box.buffer, plan.life(box)
        yield f"  {box.key or ' '}  {buffer.size_bytes:>9}  {buffer.offset_bytes:>9}  {life:>9}  {name}"
    rest = plan.boxes[len(boxes) :]
    if rest:
        yield f"     {sum(b.buffer.size_bytes for b in rest):>9}  in {_many(len(rest), 'smaller buffer')}"


def _tail(footprint: Footprint, width: int, *, full: bool) -> Iterator[str]:
    """What is kept at the arena's end as long as the model."""
    total = footprint.tail_bytes or 0
    yield f"tail: {total} B, kept as long as the model"
    if not footprint.tail:
        return
    rows = grouped_shares(footprint.tail, by_layer=full)
    shown = rows if full else rows[:TAIL_ROWS]
    if len(rows) > len(shown):
        shown = [*shown, (f"{len(rows) - len(shown)} smaller parts", sum(b for _, b in rows[len(shown) :]))]
    for name, part in shown:
        share = percent(part / total if total else 0)
        yield f"  {part:>9}  {share:>7}  {shortened(name, max(16, width - 22))}"
    yield f"  {sum(part for _, part in shown):>9}  in all"


def _sums(footprint: Footprint, width: int) -> Iterator[str]:
    """How arena_used and the least arena come about; an arena made before there is a program is one sum."""
    head, tail, used = footprint.head_bytes or 0, footprint.tail_bytes or 0, footprint.arena_used_bytes or 0
    least = footprint.arena_bytes or 0
    what = "arena used" if footprint.peak else "arena"
    yield f"{what}: {used} B" + (", what the interpreter reports" if footprint.peak else "")
    yield from _sum((("head", head), ("tail", tail)), used)
    if footprint.peak:
        yield ""
        yield f"least arena: {least} B ({size(least)}), what to reserve"
        yield from _prose(f"  largest {_moment(footprint)}:", width)
        yield from _sum([(share.name, share.size_bytes) for share in footprint.peak], least)
    if footprint.ram_bytes is not None and footprint.static_ram_bytes is not None:
        yield ""
        yield f"RAM: {footprint.ram_bytes} B, without stack"
        parts = (
            ("least arena" if footprint.peak else "arena", least),
            ("static data", footprint.static_ram_bytes),
        )
        yield from _sum(parts, footprint.ram_bytes)


def _moment(footprint: Footprint) -> str:
    """When the arena is fullest."""
    if footprint.peak_moment == RUNNING:
        return "when all is allocated"
    return f"while {footprint.peak_moment}, before the head takes its place"


def _sum(parts: Sequence[tuple[str, int]], total: int) -> Iterator[str]:
    for index, (name, part) in enumerate(parts):
        yield f"  {'+' if index else ' '} {part:>9}  {name}"
    yield f"  = {total:>9}"


def _prose(text: str, width: int) -> list[str]:
    """A sentence in lines that fit; those after the first are indented."""
    return textwrap.wrap(text, max(width, 20), subsequent_indent="    ", drop_whitespace=True)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
