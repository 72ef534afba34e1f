"""Results as points of a plot of latency against accuracy, and the best of them. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.records.benchmark import ON_BOARDS, Ground
from tinykg.report.results_table import ACCURACIES, GROUNDS, RAM

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tinykg.records.benchmark import ResultRow

LONGEST_LABEL: Final = 30
MOST_COLOURS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One result in a plot; `ram_bytes` is measured, else computed, None where neither is known.

    `label` tells it from its neighbours, `series` is what its colour stands for. `estimated` says that its
    time is no measurement, `measured_accuracy` that the run itself took the accuracy.
    """

    label: str
    series: str
    ground: Ground
    latency_ms: float
    accuracy: float
    ram_bytes: int | None
    estimated: bool
    measured_accuracy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is drawn: points, which metric their accuracy is, those on the front, and what is left out.

    Colours tell models apart with `by_model`, else what results are of.

    The front is drawn over points of one kind only: those of boards where there are any, else the commonest.
    """

    title: str
    metric: str
    by_model: bool
    points: tuple[Point, ...]
    front: tuple[Point, ...]
    left_out: int


def plot_of(rows: Sequence[ResultRow]) -> Plot:
    """The points of results that have a time and an accuracy, of the metric that most of them have."""
    stated = [row for row in rows if _metric(row) is not None and _time(row) > 0]
    counted = Counter(metric for row in stated if (metric := _metric(row)) is not None)
    metric = max(counted, key=lambda name: (counted[name], name == ACCURACIES[0]), default=ACCURACIES[0])
    shown = [row for row in stated if _metric(row) == metric]
    models, places = {row.model for row in shown}, {_place(row) for row in shown}
    by_model = 1 < len(models) <= MOST_COLOURS < len(shown) and len({row.ground for row in shown}) == 1
    label = _labels(models=len(models), places=len(places), by_model=by_model)
    points = tuple(_point(row, metric, label(row), by_model=by_model) for row in shown)
    return Plot(
        title=_title(shown, models=len(models), places=len(places)),
        metric=metric,
        by_model=by_model,
        points=points,
        front=front(candidates(points)),
        left_out=len(rows) - len(points),
    )


def candidates(points: Sequence[Point]) -> list[Point]:
    """The points among which the best are sought."""
    on_boards = [point for point in points if point.ground in ON_BOARDS]
    if on_boards or not points:
        return on_boards
    counted = Counter(point.ground for point in points)
    commonest = max(counted, key=lambda ground: (counted[ground], ground.value))
    return [point for point in points if point.ground is commonest]


def front(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points that no other one beats in time without losing accuracy, quickest first (Pareto front)."""
    best: list[Point] = []
    for point in sorted(points, key=lambda p: (p.latency_ms, -p.accuracy, p.label)):
        if not best or point.accuracy > best[-1].accuracy:
            best.append(point)
    return tuple(best)


def _metric(row: ResultRow) -> str | None:
    """Which accuracy a result is shown with: its own, else the published one."""
    own = row.figure(*ACCURACIES)
    if own is not None:
        return own.metric
    return row.quality.metric if row.quality is not None and row.quality.metric in ACCURACIES else None


def _time(row: ResultRow) -> float:
    """The time of one inference in ms; 0 where there is none."""
    figure = row.figure("latency")
    return 0.0 if figure is None else figure.value


def _point(row: ResultRow, metric: str, label: str, *, by_model: bool) -> Point:
    time, own, ram = row.figure("latency"), row.figure(metric), row.figure(*RAM)
    accuracy = own or row.quality
    computed = row.computed.ram_bytes if row.computed is not None else None
    return Point(
        label=_short(label),
        series=row.model if by_model else GROUNDS[row.ground],
        ground=row.ground,
        latency_ms=_time(row),
        accuracy=0.0 if accuracy is None else accuracy.value,
        ram_bytes=round(ram.value) if ram is not None else computed,
        estimated=time is not None and time.evidence != "measured",
        measured_accuracy=own is not None and own.evidence == "measured",
    )


def _place(row: ResultRow) -> str:
    """The device that a result counts for, else what it ran on."""
    return row.device or row.where


def _labels(*, models: int, places: int, by_model: bool) -> Callable[[ResultRow], str]:
    """How results are told apart: by model, by board, or by both on two lines."""
    if by_model and places > 1:
        return _place
    if places < 2 or by_model:
        return lambda row: row.model
    return _place if models < 2 else lambda row: f"{_short(row.model)}\n{_place(row)}"


def _short(label: str) -> str:
    lines = label.split("\n")
    return "\n".join(
        line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1] + "…" for line in lines
    )


def _title(rows: Sequence[ResultRow], *, models: int, places: int) -> str:
    if not rows:
        return "Nothing"
    what = rows[0].model if models == 1 else f"{models} models"
    if places > 1:
        boards = all(row.ground in ON_BOARDS for row in rows)
        return f"{what} on {places} {'boards' if boards else 'devices'}"
    on = rows[0].device is None or all(row.ground in ON_BOARDS for row in rows)
    return f"{what} {'on' if on else 'for'} {_place(rows[0])}"
