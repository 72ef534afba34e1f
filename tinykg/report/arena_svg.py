"""A memory plan as an SVG picture: one box a buffer, time across, offset up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from tinykg.quantities import size
from tinykg.report.arena_layout import Box, Layout, Role, layout, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tinykg.records.footprint import Footprint
    from tinykg.records.model_file import ModelFile

FILLS: Final = {
    Role.INPUT: ("#8fbf87", "#a5cd9e"),
    Role.OUTPUT: ("#e8a66b", "#eeb988"),
    Role.INNER: ("#8db3d9", "#a7c5e3"),
    Role.SCRATCH: ("#c9a0cf", "#d5b5da"),
    Role.UNUSED: ("#c4c4c4", "#d2d2d2"),
}
"""Two shades by role, so that neighbours differ."""

INK: Final = "#1f2933"
FAINT: Final = "#d9dee4"
FONT: Final = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif"
CHARACTER: Final = 0.64
"""Mean width of a character, in font sizes."""

LEFT, RIGHT, TOP = 86, 24, 78
PLOT_HEIGHT: Final = 430
NARROWEST, WIDEST = 820, 2000
"""Widths of the plot, pixels."""

NAMED_STEPS: Final = 100
"""Steps up to which the axis names operators."""

Scale = tuple[float, float]
"""Pixels for a step, pixels for a byte."""


def arena_svg(file: ModelFile, footprint: Footprint, steps: Sequence[str], *, title: str) -> str:
    """The picture as a complete SVG document that loads nothing; the plan must exist.

    `steps` names the steps that lifetimes count; `title` heads the picture.
    """
    plan = layout(file, footprint, steps)
    count = plan.last_step - plan.first_step + 1
    plot_width = min(WIDEST, max(NARROWEST, 14 * count))
    scale = (plot_width / count, PLOT_HEIGHT / max(plan.head_bytes, 1))
    names = _axis_names(plan)
    foot = 40 + max((len(name) for name in names.values()), default=0) * 11 * CHARACTER
    width, height = LEFT + plot_width + RIGHT, round(TOP + PLOT_HEIGHT + foot + 40)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"',
        f'  viewBox="0 0 {width} {height}" font-family="{FONT}" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}: the memory plan on {escape(footprint.runtime)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_heading(footprint, plan, title),
        *_grid(plan, scale, plot_width),
        *(_box(plan, box, index, scale) for index, box in enumerate(plan.boxes)),
        *_step_axis(plan, names, scale, plot_width),
        *_legend(plan, height - 22),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _heading(footprint: Footprint, plan: Layout, title: str) -> Iterator[str]:
    step = plan.fullest_step if plan.boxes else 0
    yield f'<text x="{LEFT}" y="28" font-size="17" font-weight="600">{escape(shortened(title, 80))}</text>'
    head, tail = footprint.head_bytes or 0, footprint.tail_bytes or 0
    used, least = footprint.arena_used_bytes or 0, footprint.arena_bytes or 0
    text = (
        f"{footprint.runtime}: head {head} B + tail {tail} B = {used} B used; "
        f"least arena {least} B; fullest at step {step} ({plan.step_name(step)})"
    )
    yield f'<text x="{LEFT}" y="50" fill="#52606d">{escape(text)}</text>'


def _grid(plan: Layout, scale: Scale, plot_width: int) -> Iterator[str]:
    """The plot's ground, its offsets, and the end of the head."""
    yield f'<rect x="{LEFT}" y="{TOP}" width="{plot_width}" height="{PLOT_HEIGHT}" fill="#f5f7fa"/>'
    ticks = _ticks(plan.head_bytes)
    for offset in ticks:
        y = _y(offset, scale)
        yield f'<line x1="{LEFT}" x2="{LEFT + plot_width}" y1="{y:.1f}" y2="{y:.1f}" stroke="{FAINT}"/>'
        if offset == plan.head_bytes or (plan.head_bytes - offset) * scale[1] > 14:
            yield (
                f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" font-size="11">'
                f"{offset if offset != plan.head_bytes else f'{offset} B'}</text>"
            )
    y = _y(plan.head_bytes, scale)
    yield (
        f'<line x1="{LEFT}" x2="{LEFT + plot_width}" y1="{y:.1f}" y2="{y:.1f}" stroke="{INK}" '
        f'stroke-dasharray="5 3"/>'
    )


def _ticks(head_bytes: int) -> list[int]:
    """Round offsets up to the head, and the head itself."""
    step = 16
    while head_bytes / step > 8:
        step *= 2
    return [*range(0, head_bytes, step), head_bytes]


def _y(offset_bytes: int, scale: Scale) -> float:
    return TOP + PLOT_HEIGHT - offset_bytes * scale[1]


def _box(plan: Layout, box: Box, index: int, scale: Scale) -> str:
    """A buffer with its tooltip, and its name and size where they fit."""
    buffer = box.buffer
    x = LEFT + (buffer.first - plan.first_step) * scale[0]
    y, wide = _y(box.end_bytes, scale), (buffer.last - buffer.first + 1) * scale[0]
    tall = buffer.size_bytes * scale[1]
    life = plan.life(box)
    tooltip = (
        f"{box.name}\n{buffer.size_bytes} B at offset {buffer.offset_bytes}\n"
        f"{'step' if life.isdigit() else 'steps'} {life}: {plan.step_name(buffer.first)} "
        f"to {plan.step_name(buffer.last)}\n{box.role.value}"
    )
    fill = FILLS[box.role][index % 2]
    place = f'x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{tall:.2f}"'
    parts = [
        f"<g><title>{escape(tooltip)}</title>",
        f'<rect {place} rx="2" fill="{fill}" stroke="#ffffff"/>',
        *_caption(box, (x, y, wide, tall)),
        "</g>",
    ]
    return "".join(parts)


def _caption(box: Box, area: tuple[float, float, float, float]) -> Iterator[str]:
    """Name and size on two lines, on one, the size alone, or upright, whichever fits first."""
    x, y, wide, tall = area
    amount = size(box.buffer.size_bytes)
    across, up = _fitting(wide), _fitting(tall)
    middle_x, middle_y = x + wide / 2, y + tall / 2
    if tall >= 30 and across >= max(len(amount), 8):
        yield _text(middle_x, middle_y - 2, shortened(box.name, across))
        yield _text(middle_x, middle_y + 11, amount, faint=True)
    elif tall >= 12 and across >= len(amount) + 8:
        yield _text(middle_x, middle_y + 4, f"{shortened(box.name, across - len(amount) - 2)}  {amount}")
    elif tall >= 12 and across >= len(amount):
        yield _text(middle_x, middle_y + 4, amount)
    elif wide >= 13 and up >= len(amount):
        room = up - len(amount) - 2
        text = f"{shortened(box.name, room)}  {amount}" if room >= 8 else amount
        yield _text(middle_x + 4, middle_y, text, upright=True)


def _fitting(pixels: float) -> int:
    """Characters of a caption that fit."""
    return int((pixels - 8) / (11 * CHARACTER))


def _text(x: float, y: float, text: str, *, faint: bool = False, upright: bool = False) -> str:
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if upright else ""
    tone = ' fill="#3e4c59"' if faint else ""
    style = 'font-size="11" text-anchor="middle" pointer-events="none"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}{tone}{turn}>{escape(text)}</text>'


def _axis_names(plan: Layout) -> dict[int, str]:
    """What stands under the steps: operators, or every so many a number."""
    count = plan.last_step - plan.first_step + 1
    if count <= NAMED_STEPS:
        steps = range(plan.first_step, plan.last_step + 1)
        return {
            step: f"{step} {shortened(plan.step_name(step), 28)}" if step >= 0 else "never used"
            for step in steps
        }
    every = 10 if count <= 600 else 10 ** (len(str(count)) - 2)
    return {step: str(step) for step in range(0, plan.last_step + 1, every)}


def _step_axis(plan: Layout, names: dict[int, str], scale: Scale, plot_width: int) -> Iterator[str]:
    bottom = TOP + PLOT_HEIGHT
    yield f'<line x1="{LEFT}" x2="{LEFT + plot_width}" y1="{bottom}" y2="{bottom}" stroke="{INK}"/>'
    for step, name in names.items():
        x = LEFT + (step - plan.first_step + 0.5) * scale[0]
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 4}" stroke="{INK}"/>'
        yield (
            f'<text x="{x + 4:.1f}" y="{bottom + 9}" font-size="11" text-anchor="end" '
            f'transform="rotate(-90 {x + 4:.1f} {bottom + 9})">{escape(name)}</text>'
        )
    yield (
        f'<text x="22" y="{TOP + PLOT_HEIGHT / 2}" text-anchor="middle" fill="#52606d" '
        f'transform="rotate(-90 22 {TOP + PLOT_HEIGHT / 2})">offset in the arena, bytes</text>'
    )


def _legend(plan: Layout, y: int) -> Iterator[str]:
    """The roles that occur."""
    x = float(LEFT)
    present = {box.role for box in plan.boxes}
    for role in Role:
        if role not in present:
            continue
        yield f'<rect x="{x:.0f}" y="{y - 10}" width="12" height="12" rx="2" fill="{FILLS[role][0]}"/>'
        yield f'<text x="{x + 18:.0f}" y="{y}">{role.value}</text>'
        x += 18 + len(role.value) * 12 * CHARACTER + 20
    yield f'<text x="{x:.0f}" y="{y}" fill="#52606d">steps of execution run across</text>'
