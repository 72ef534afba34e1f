"""The picture of results: latency against accuracy, RAM as area. matplotlib comes with the extra `plot`.

The same results give the same bytes: no date, no random identifiers, matplotlib's own font.
"""

from __future__ import annotations

import io
import math
import warnings
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from tinykg.errors import InputError, MissingExtra
from tinykg.quantities import size
from tinykg.records.benchmark import Ground
from tinykg.report.results_labels import place_labels
from tinykg.report.results_points import plot_of
from tinykg.report.results_table import GROUNDS
from tinykg.report.table import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.benchmark import ResultRow
    from tinykg.report.results_points import Plot, Point

FORMATS: Final = ("svg", "png")
WIDTH_IN, HEIGHT_IN = 9.0, 5.6
DPI: Final = 150
LEFT: Final = 0.095
RIGHT: Final = 0.755
"""Where the plot begins and its legend, as shares of the width."""

LARGEST_AREA: Final = 800.0
SMALLEST_AREA: Final = 12.0
"""Of a marker, in square points."""

WIDE_RANGE: Final = 12
"""Times that differ by this factor are drawn on a logarithmic axis."""

MOST_LABELS: Final = 40
CROWD: Final = 16
"""With more points than that, only those on the front get labels that stand off with a line."""

COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#5D5D5D")
"""Colours that colour-blind readers tell apart (Okabe and Ito 2008); models have them in order of name."""

STYLE: Final = {
    Ground.BOARD: ("#0072B2", "o"),
    Ground.PUBLISHED: ("#56B4E9", "o"),
    Ground.HOST: ("#5D5D5D", "^"),
    Ground.EMULATED: ("#CC79A7", "D"),
    Ground.SIMULATED: ("#E69F00", "s"),
    Ground.ESTIMATED: ("#009E73", "o"),
}
"""Colour and shape of what results are of."""

SHAPE_AREA: Final = {"o": math.pi / 4, "s": 1.0, "^": 0.5, "D": 1.0}
"""The share of its bounding square that a shape fills, so that equal RAM is equal area."""

DARK: Final = "#111111"

AXES: Final = {"top-1-accuracy": "top-1 accuracy", "auc": "area under the ROC curve"}

SETTINGS: Final[dict[str, Any]] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "svg.hashsalt": "tinykg",
    "svg.fonttype": "path",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.labelcolor": "#222222",
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "text.parse_math": False,
}


def results_picture(rows: Sequence[ResultRow], form: str) -> bytes:
    """The plot of results as `svg` or `png`.

    Raises MissingExtra without matplotlib, InputError where no result has a time and an accuracy.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("A plot", "plot") from error
    plot = plot_of(rows)
    if not plot.points:
        raise InputError(
            "Nothing to plot: no result has a time and an accuracy, which runs with --data take."
        )
    settings: Any = {**mpl.rcParamsDefault, **SETTINGS}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes, which is warning enough.
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from font")
        figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((LEFT, 0.15, 0.645, 0.75))
        _draw(figure, axes, plot)
        target = io.BytesIO()
        nothing = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}[form]
        figure.savefig(target, format=form, metadata=nothing)
    return target.getvalue()


def _draw(figure: Any, axes: Any, plot: Plot) -> None:
    _scales(axes, plot)
    _front_line(axes, plot)
    largest = max((point.ram_bytes or 0 for point in plot.points), default=0)
    for point in sorted(plot.points, key=lambda p: -(p.ram_bytes or 0)):
        _marker(axes, point, largest, _colour(plot, point), on_front=point in plot.front)
    _title(figure, plot)
    _legends(figure, plot, largest)
    figure.canvas.draw()
    place_labels(
        axes,
        _labels(plot),
        [(p.latency_ms, p.accuracy, math.sqrt(area(p.ram_bytes, largest) / math.pi)) for p in plot.points],
        lines=_steps_of(plot),
        crowded=len(plot.points) > CROWD,
    )


def _labels(plot: Plot) -> list[tuple[str, float, float, bool]]:
    """The labels of points, those on the front first and in bold; equal ones of a crowd once."""
    found: dict[object, tuple[str, float, float, bool]] = {}
    others = (point for point in plot.points if point not in plot.front)
    for number, point in enumerate([*plot.front, *others]):
        text = "\n".join(map(printable, point.label.split("\n")))
        key = (text, point.series) if len(plot.points) > CROWD else number
        found.setdefault(key, (text, point.latency_ms, point.accuracy, point in plot.front))
    return list(found.values())[:MOST_LABELS]


def _colour(plot: Plot, point: Point) -> str:
    if not plot.by_model:
        return STYLE[point.ground][0]
    return COLOURS[sorted({one.series for one in plot.points}).index(point.series)]


def area(ram_bytes: int | None, largest: int) -> float:
    """A marker's area in square points, in proportion to RAM down to the smallest that can be seen."""
    if not ram_bytes or not largest:
        return SMALLEST_AREA
    return max(LARGEST_AREA * ram_bytes / largest, SMALLEST_AREA)


def _marker(axes: Any, point: Point, largest: int, colour: str, *, on_front: bool) -> None:
    """A result; hollow where its time is estimated, with a dark rim on the front."""
    shape = STYLE[point.ground][1]
    rim = DARK if on_front and not point.estimated else colour
    if point.ram_bytes is None:
        width = 1.8 if on_front else 1.1
        axes.scatter(
            [point.latency_ms], [point.accuracy], s=24, marker="x", c=rim, linewidths=width, zorder=4
        )
        return
    axes.scatter(
        [point.latency_ms],
        [point.accuracy],
        s=area(point.ram_bytes, largest) / SHAPE_AREA[shape],
        marker=shape,
        facecolors="none" if point.estimated else colour + "A0",
        edgecolors=rim,
        linewidths=1.6 if on_front or point.estimated else 0.8,
        zorder=3,
    )


def _scales(axes: Any, plot: Plot) -> None:
    """Limits with room for markers and labels; a logarithmic time axis where times differ widely."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    times = [point.latency_ms for point in plot.points]
    low, high = min(times), max(times)
    if high / low >= WIDE_RANGE:
        axes.set_xscale("log")
        room = (high / low) ** 0.14
        axes.set_xlim(low / room, high * room)
        decades = math.log10(high / low)
        axes.xaxis.set_major_locator(LogLocator(10, subs=(1.0,) if decades > 2.5 else (1.0, 2.0, 5.0)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        room = (high - low) * 0.16 or high * 0.5
        axes.set_xlim(max(low - room, 0.0), high + room)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    levels = [point.accuracy for point in plot.points]
    room = (max(levels) - min(levels)) * 0.16 or 0.02
    axes.set_ylim(min(levels) - room, max(levels) + room)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    if plot.metric == "top-1-accuracy":
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.4g} %"))
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4g}"))
    axes.set_xlabel("time of one inference in ms" + (" (logarithmic)" if axes.get_xscale() == "log" else ""))
    axes.set_ylabel(AXES[plot.metric])
    axes.grid(visible=True, color="#E4E4E4", linewidth=0.6)
    axes.set_axisbelow(True)


def _front_line(axes: Any, plot: Plot) -> None:
    """The steps that no point of the same kind lies above and to the left of."""
    if len(plot.front) < 2:
        return
    x = [point.latency_ms for point in plot.front]
    y = [point.accuracy for point in plot.front]
    axes.plot(x, y, drawstyle="steps-post", color="#444444", linewidth=1.0, linestyle=(0, (4, 3)), zorder=2)


def _steps_of(plot: Plot) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The line of the front, piece by piece."""
    found = []
    for one, other in pairwise(plot.front):
        corner = (other.latency_ms, one.accuracy)
        found += [((one.latency_ms, one.accuracy), corner), (corner, (other.latency_ms, other.accuracy))]
    return found


def _title(figure: Any, plot: Plot) -> None:
    figure.text(LEFT, 0.955, printable(plot.title), fontsize=12, weight="bold", color="#111111")
    figure.text(LEFT, 0.918, "latency against accuracy; the area is RAM", color="#555555")
    taken = sum(point.measured_accuracy for point in plot.points)
    words = {0: "as published of the model", len(plot.points): "taken in the runs themselves"}
    mixed = f"taken in {taken} of {len(plot.points)} runs themselves, else as published of the model"
    note = f"Accuracy: {words.get(taken, mixed)}."
    if plot.left_out:
        note += f" Left out for want of a time or this accuracy: {plot.left_out}."
    figure.text(LEFT, 0.025, note, fontsize=7.5, color="#555555")


def _legends(figure: Any, plot: Plot, largest: int) -> None:
    """What colours, rims and areas mean, beside the plot."""
    from matplotlib.lines import Line2D

    order = list(Ground)
    series = {point.series: order.index(point.ground) for point in plot.points}
    handles = [_sample(plot, name) for name in sorted(series, key=lambda name: (series[name], name))]
    if plot.front:
        kind = " and ".join(sorted({GROUNDS[point.ground] for point in plot.front}))
        style: dict[str, Any] = {"color": "#444444", "linestyle": (0, (4, 3)), "linewidth": 1.0}
        rim: dict[str, Any] = {
            "marker": "o",
            "markersize": 8,
            "markerfacecolor": "none",
            "markeredgecolor": DARK,
        }
        handles.append(Line2D([], [], **style, **rim, label=f"Pareto front,\n{kind}"))
    if any(point.ram_bytes is None for point in plot.points):
        handles.append(Line2D([], [], marker="x", color="#444444", linestyle="none", label="RAM not known"))
    drawn = figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(RIGHT, 0.915), frameon=False, alignment="left"
    )
    if largest:
        below = drawn.get_window_extent(figure.canvas.get_renderer()).y0 / figure.bbox.height
        _area_legend(figure, largest, top=below - 0.02)


def _sample(plot: Plot, series: str) -> Any:
    """A legend's marker; hollow where all that it stands for is estimated."""
    from matplotlib.lines import Line2D

    members = [point for point in plot.points if point.series == series]
    colour, hollow = _colour(plot, members[0]), all(point.estimated for point in members)
    return Line2D(
        [],
        [],
        marker=STYLE[members[0].ground][1],
        linestyle="none",
        markersize=8,
        markerfacecolor="none" if hollow else colour + "A0",
        markeredgecolor=colour,
        markeredgewidth=1.6 if hollow else 0.8,
        label=printable(series),
    )


def steps(largest: int) -> list[int]:
    """Three round amounts of RAM for the legend of areas, the largest not above the largest drawn."""
    top = 1 << max(largest.bit_length() - 1, 0)
    return [amount for amount in (top, top // 4, top // 16) if amount]


def _area_legend(figure: Any, largest: int, *, top: float) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            marker="o",
            linestyle="none",
            markersize=2 * math.sqrt(area(amount, largest) / math.pi),
            markerfacecolor="#DDDDDD",
            markeredgecolor="#777777",
            label=size(amount),
        )
        for amount in steps(largest)
    ]
    figure.legend(
        handles=handles,
        title="RAM",
        loc="upper left",
        bbox_to_anchor=(RIGHT, top),
        frameon=False,
        alignment="left",
        labelspacing=2.0,
        handletextpad=1.4,
        borderpad=0.8,
    )
