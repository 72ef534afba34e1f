"""Labels of points that neither lie on each other nor on markers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Spot: TypeAlias = "tuple[float, float]"
Line: TypeAlias = "tuple[Spot, Spot]"
Box: TypeAlias = "tuple[float, float, float, float]"
"""Left, bottom, right, top in pixels."""

DIRECTIONS: Final = ((1, 0), (1, 1), (1, -1), (-1, 0), (-1, 1), (-1, -1), (0, 1), (0, -1))
DISTANCES_PT: Final = (3.0, 9.0, 18.0, 30.0, 46.0)
LEADER_FROM_PT: Final = 9.0
"""A label that stands so far off is joined to its point by a line."""

MARGIN_PX: Final = 3.0
"""Left free on both sides of a label."""

FONT_PT: Final = 8.0


def place_labels(
    axes: Any,
    labels: Sequence[tuple[str, float, float, bool]],
    markers: Sequence[tuple[float, float, float]],
    *,
    lines: Sequence[tuple[Spot, Spot]] = (),
    crowded: bool = False,
) -> int:
    """Write labels (text, x, y, bold) beside their points; how many found no room.

    `markers` are (x, y, radius in points) of all that is drawn, `lines` what labels must not cross. The first
    labels choose first; the plot must have been drawn once, so that its limits are final. Where it is
    `crowded`, only bold labels stand off.
    """
    room = _Room(axes, markers, lines)
    return sum(
        not room.put(text, (x, y), bold=bold, near=crowded and not bold) for text, x, y, bold in labels
    )


class _Room:
    """The free places of a plot."""

    def __init__(
        self, axes: Any, markers: Sequence[tuple[float, float, float]], lines: Sequence[Line]
    ) -> None:
        self._axes = axes
        self._renderer = axes.figure.canvas.get_renderer()
        self._scale = axes.figure.dpi / 72
        self._circles = [(*axes.transData.transform((x, y)), r * self._scale) for x, y, r in markers]
        self._taken: list[Box] = [(x - r, y - r, x + r, y + r) for x, y, r in self._circles]
        self._markers = len(self._taken)
        to_pixels = axes.transData.transform
        self._lines: list[Line] = [(tuple(to_pixels(a)), tuple(to_pixels(b))) for a, b in lines]
        bounds = axes.get_window_extent(self._renderer)
        self._inside = (bounds.x0, bounds.y0, bounds.x1, bounds.y1)

    def put(self, text: str, at: tuple[float, float], *, bold: bool, near: bool) -> bool:
        """Whether there was a free place for a label; `near` ones have no line to their point."""
        point = tuple(self._axes.transData.transform(at))
        own = max(
            (r for x, y, r in self._circles if math.hypot(x - point[0], y - point[1]) < 0.5), default=0.0
        )
        written = self._axes.text(0, 0, text, fontsize=FONT_PT, weight="bold" if bold else "normal", zorder=5)
        extent = written.get_window_extent(self._renderer)
        written.remove()
        width, height = extent.width + 2 * MARGIN_PX, extent.height
        for box, far in _spots(point, width, height, own, self._scale):
            line = leader(point, own, box) if far else None
            if (near and far) or not self._is_free(box, line):
                continue
            self._taken.append(box)
            if line is not None:
                self._lines.append(line)
            _write(self._axes, text, point, box, line, bold=bold)
            return True
        return False

    def _is_free(self, box: Box, line: Line | None) -> bool:
        """Whether a label lies on nothing, and its line crosses no other label or line."""
        low, high = (box[0], box[1]), (box[2], box[3])
        within = low[0] >= self._inside[0] and low[1] >= self._inside[1]
        within = within and high[0] <= self._inside[2] and high[1] <= self._inside[3]
        if not within or any(overlap(box, other) for other in self._taken):
            return False
        if any(crosses(other, box) for other in self._lines):
            return False
        if line is None:
            return True
        written = self._taken[self._markers :]
        return not any(crosses(line, other) for other in written) and not any(
            meet(line, other) for other in self._lines
        )


def _spots(
    point: tuple[float, float], width: float, height: float, radius: float, pixels_per_pt: float
) -> Iterator[tuple[Box, bool]]:
    """Places beside a point, nearest first, and whether each is so far off that it wants a line."""
    for distance in DISTANCES_PT:
        gap = radius + distance * pixels_per_pt
        for across, up in DIRECTIONS:
            shift = gap if not across or not up else gap * 0.75
            centre_x = point[0] + across * (shift + width / 2)
            centre_y = point[1] + up * (shift + height / 2)
            box = (centre_x - width / 2, centre_y - height / 2, centre_x + width / 2, centre_y + height / 2)
            yield box, distance >= LEADER_FROM_PT


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have a place in common; those that only touch have not."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def crosses(line: Line, box: Box) -> bool:
    """Whether a line meets a box."""
    left, bottom, right, top = box
    corners = ((left, bottom), (right, bottom), (right, top), (left, top))
    if any(left <= x <= right and bottom <= y <= top for x, y in line):
        return True
    return any(meet(line, (corners[i - 1], corners[i])) for i in range(4))


def meet(one: Line, other: Line) -> bool:
    """Whether two lines cross: the ends of each lie on different sides of the other."""
    (a, b), (c, d) = one, other
    return _side(a, b, c) != _side(a, b, d) and _side(c, d, a) != _side(c, d, b)


def _side(a: Spot, b: Spot, c: Spot) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0])


def leader(point: Spot, radius: float, box: Box) -> Line:
    """The line from the rim of a marker to the nearest place of a box."""
    near = (min(max(point[0], box[0]), box[2]), min(max(point[1], box[1]), box[3]))
    length = math.hypot(near[0] - point[0], near[1] - point[1]) or 1.0
    across, up = ((n - p) * radius / length for p, n in zip(point, near, strict=True))
    return (point[0] + across, point[1] + up), near


def _write(axes: Any, text: str, point: Spot, box: Box, line: Line | None, *, bold: bool) -> None:
    """The label in its box, and its line."""
    scale = axes.figure.dpi / 72
    to_data = axes.transData.inverted().transform
    axes.annotate(
        text,
        to_data(point),
        xytext=((box[0] + MARGIN_PX - point[0]) / scale, (box[1] - point[1]) / scale),
        textcoords="offset points",
        fontsize=FONT_PT,
        weight="bold" if bold else "normal",
        color="#222222",
        va="bottom",
        ha="left",
        zorder=5,
    )
    if line is not None:
        ends = [to_data(end) for end in line]
        axes.plot(*zip(*ends, strict=True), color="#999999", linewidth=0.6, zorder=4)
