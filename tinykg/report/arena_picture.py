"""A memory plan in block characters: time across, offset up.

A cell shows the buffer that takes most of it. Boxes that touch get different shades,
and colours where the terminal has them; a letter names the larger ones.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tinykg.report.arena_layout import Box, Layout

SHADES: Final = "░▒▓█"
HUES: Final = (75, 114, 180, 216, 147, 222, 80, 174)
"""Background colours (of 256) that black letters can be read on."""

MAX_ROWS: Final = 24
MAX_COLUMN: Final = 12
"""Characters a step takes at most."""

ROW_BYTES: Final = 16
"""Bytes of a row at least: buffers are multiples of it."""

FREE: Final = -1
MARGIN: Final = 11
"""Characters left of the picture: the offset and the axis."""


class _Grid(NamedTuple):
    """`cells[row][column]` is a box's index or FREE; row 0 is lowest; `starts` are columns' first steps."""

    cells: list[list[int]]
    row_bytes: int
    starts: list[int]
    step_columns: int


def picture(plan: Layout, width: int, *, colours: bool = False) -> Iterator[str]:
    """Lines of the picture with its axes, at most `width` characters wide without escape sequences."""
    grid = _grid(plan, max(width - MARGIN - 1, 8))
    tones = _tones(grid, len(plan.boxes), len(HUES) if colours else len(SHADES))
    labels = _labels(plan.boxes, grid)
    for row in range(len(grid.cells) - 1, -1, -1):
        mark = (
            f"{min((row + 1) * grid.row_bytes, plan.head_bytes)}"
            if row % 4 == 3 or row == len(grid.cells) - 1
            else ""
        )
        yield f"{mark:>{MARGIN - 2}} ┤" + _row(grid.cells[row], row, tones, labels, colours=colours)
    yield f"{0:>{MARGIN - 2}} └" + "─" * len(grid.cells[0])
    yield " " * MARGIN + _axis(plan, grid)


def _grid(plan: Layout, columns: int) -> _Grid:
    """Cells that are as large as the space allows, over all steps and the whole head."""
    steps = plan.last_step - plan.first_step + 1
    narrow = min(steps, columns)
    wide = min(MAX_COLUMN, columns // narrow)
    starts = [plan.first_step + column * steps // narrow for column in range(narrow)]
    row_bytes = max(ROW_BYTES, -(-plan.head_bytes // (MAX_ROWS * ROW_BYTES)) * ROW_BYTES)
    rows = max(1, -(-plan.head_bytes // row_bytes))
    found = _narrow_cells(plan, starts, rows, row_bytes)
    cells = [[cell for cell in row for _ in range(wide)] for row in found]
    return _Grid(cells=cells, row_bytes=row_bytes, starts=starts, step_columns=wide)


def _narrow_cells(plan: Layout, starts: Sequence[int], rows: int, row_bytes: int) -> list[list[int]]:
    """For each cell of (steps, bytes) the box that takes most of it; a column ends where the next starts."""
    cells = [[FREE] * len(starts) for _ in range(rows)]
    shares = [[0] * len(starts) for _ in range(rows)]
    ends = [*starts[1:], plan.last_step + 1]
    for index, box in enumerate(plan.boxes):
        buffer = box.buffer
        left, right = bisect_right(starts, buffer.first) - 1, bisect_right(starts, buffer.last)
        for row in range(buffer.offset_bytes // row_bytes, min(rows, -(-box.end_bytes // row_bytes))):
            low, high = row * row_bytes, (row + 1) * row_bytes
            taken = min(high, box.end_bytes) - max(low, buffer.offset_bytes)
            for column in range(left, right):
                alive = min(buffer.last + 1, ends[column]) - max(buffer.first, starts[column])
                if taken * alive > shares[row][column]:
                    shares[row][column], cells[row][column] = taken * alive, index
    return cells


def _tones(grid: _Grid, boxes: int, kinds: int) -> list[int]:
    """A tone for each box, different from those of boxes it touches where that is possible."""
    touching: list[set[int]] = [set() for _ in range(boxes)]
    for row, line in enumerate(grid.cells):
        for column, index in enumerate(line):
            right = line[column + 1] if column + 1 < len(line) else index
            above = grid.cells[row + 1][column] if row + 1 < len(grid.cells) else index
            for other in (right, above):
                if other != index and FREE not in (other, index):
                    touching[index].add(other)
                    touching[other].add(index)
    tones = [0] * boxes
    for index in range(boxes):
        used = {tones[other] for other in touching[index] if other < index}
        order = [(index + k) % kinds for k in range(kinds)]
        tones[index] = next((tone for tone in order if tone not in used), index % kinds)
    return tones


def _labels(boxes: Sequence[Box], grid: _Grid) -> dict[tuple[int, int], str]:
    """Where each box shows its letter: the middle of the cells it has."""
    places: dict[int, list[tuple[int, int]]] = {}
    for row, line in enumerate(grid.cells):
        for column, index in enumerate(line):
            if index != FREE:
                places.setdefault(index, []).append((row, column))
    labels = {}
    for index, cells in places.items():
        rows = sorted({row for row, _ in cells})
        middle = rows[len(rows) // 2]
        columns = [column for row, column in cells if row == middle]
        labels[middle, columns[len(columns) // 2]] = boxes[index].key
    return labels


def _row(
    cells: Sequence[int],
    row: int,
    tones: Sequence[int],
    labels: dict[tuple[int, int], str],
    *,
    colours: bool,
) -> str:
    """One line of cells, runs of one box together."""
    parts: list[str] = []
    start = 0
    for column in range(1, len(cells) + 1):
        if column < len(cells) and cells[column] == cells[start]:
            continue
        index = cells[start]
        fill = " " if index == FREE or colours else SHADES[tones[index]]
        text = "".join(labels.get((row, place)) or fill for place in range(start, column))
        painted = colours and index != FREE
        parts.append(f"\x1b[30;48;5;{HUES[tones[index]]}m{text}\x1b[0m" if painted else text)
        start = column
    return "".join(parts)


def _axis(plan: Layout, grid: _Grid) -> str:
    """Operators where the columns are wide enough for all of them, else numbers of steps."""
    names = [plan.step_name(step) for step in grid.starts]
    every_step = len(names) == plan.last_step - plan.first_step + 1
    if every_step and all(len(name) < grid.step_columns for name in names):
        return "".join(f"{name:<{grid.step_columns}}" for name in names)
    line, free_from = [" "] * len(grid.cells[0]), 0
    for column, step in enumerate(grid.starts):
        place, text = column * grid.step_columns, "-" if step < 0 else str(step)
        if place >= free_from and place + len(text) <= len(line):
            line[place : place + len(text)] = text
            free_from = place + len(text) + 1
    return "".join(line)
