"""The picture of results: which points, which front, and that labels lie on nothing."""

from __future__ import annotations

import builtins
import xml.etree.ElementTree as ET
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from result_case import computed, latency, ram, row, top_1

from tinykg.errors import InputError, MissingExtra
from tinykg.records.benchmark import Figure, Ground, ResultRow
from tinykg.report.results_labels import crosses, leader, meet, overlap
from tinykg.report.results_plot import SMALLEST_AREA, STYLE, area, results_picture, steps
from tinykg.report.results_points import Point, candidates, front, plot_of

if TYPE_CHECKING:
    from collections.abc import Callable

needs_matplotlib = pytest.mark.skipif(
    find_spec("matplotlib") is None, reason="matplotlib is not installed (extra plot)"
)

COORDINATES = st.floats(-50, 50)
SPOTS = st.tuples(COORDINATES, COORDINATES)


def point(latency_ms: float, accuracy: float, ground: Ground = Ground.BOARD, label: str = "p") -> Point:
    return Point(
        label=label,
        series=ground.value,
        ground=ground,
        latency_ms=latency_ms,
        accuracy=accuracy,
        ram_bytes=1000,
        estimated=False,
        measured_accuracy=True,
    )


def result(number: int, ground: Ground = Ground.BOARD, **more: Any) -> ResultRow:
    figures = (latency(2.0**number), top_1(0.8 + 0.01 * number), ram(1000 * (number + 1)))
    return row(ground, *figures, id=f"r{number}", **{"model": f"model_{number}", **more})


@given(st.lists(st.tuples(st.floats(0.1, 100), st.floats(0, 1)), max_size=25))
def test_the_front_is_what_nobody_beats(pairs: list[tuple[float, float]]) -> None:
    """Each point of it is beaten by none, and each other point is beaten or equalled by one of it."""
    points = [point(x, y) for x, y in pairs]
    best = front(points)
    assert set(best) <= set(points)
    for one in best:
        assert not any(
            (p.latency_ms <= one.latency_ms and p.accuracy > one.accuracy)
            or (p.latency_ms < one.latency_ms and p.accuracy >= one.accuracy)
            for p in points
        )
    for one in points:
        assert any(p.latency_ms <= one.latency_ms and p.accuracy >= one.accuracy for p in best)
    assert [p.latency_ms for p in best] == sorted(p.latency_ms for p in best)


def test_the_front_is_of_boards_where_there_are_any() -> None:
    """A simulated result, however quick, neither is on the front nor pushes a board off it."""
    board, published = point(10, 0.8), point(20, 0.9, Ground.PUBLISHED)
    quick = [point(0.1, 0.99, Ground.SIMULATED), point(0.2, 0.99, Ground.HOST)]
    assert candidates([*quick, board, published]) == [board, published]
    assert front(candidates([*quick, board, published])) == (board, published)


def test_without_boards_the_front_is_of_one_kind_only() -> None:
    simulated = [point(1, 0.5, Ground.SIMULATED), point(2, 0.6, Ground.SIMULATED)]
    assert candidates([point(0.1, 0.9, Ground.ESTIMATED), *simulated]) == simulated
    assert candidates([]) == []


def test_points_have_a_time_and_an_accuracy() -> None:
    rows = [
        result(1),
        row(Ground.BOARD, latency(3), quality=top_1(0.7), id="published-accuracy"),
        row(Ground.BOARD, top_1(0.9), id="no-time"),
        row(Ground.BOARD, latency(3), id="no-accuracy"),
        row(Ground.BOARD, latency(0), top_1(0.9), id="zero"),
        row(Ground.BOARD, latency(3), Figure(metric="auc", value=0.9, unit="UNITLESS"), id="another-metric"),
    ]
    plot = plot_of(rows)
    assert plot.metric == "top-1-accuracy"
    assert [(p.latency_ms, p.accuracy, p.measured_accuracy) for p in plot.points] == [
        (2.0, 0.81, True),
        (3.0, 0.7, False),
    ]
    assert plot.left_out == 4


def test_ram_is_measured_or_else_computed() -> None:
    plot = plot_of(
        [
            result(1, computed=computed()),
            row(Ground.BOARD, latency(3), top_1(0.7), computed=computed()),
            row(Ground.BOARD, latency(4), top_1(0.7)),
        ]
    )
    assert [p.ram_bytes for p in plot.points] == [2000, 24_000, None]


def test_labels_say_what_tells_points_apart() -> None:
    one_board = plot_of([result(1), result(2)])
    assert [p.label for p in one_board.points] == ["model_1", "model_2"]
    assert one_board.title == "2 models on nano33"
    one_model = plot_of([result(1, model="m"), result(2, model="m", device="uno")])
    assert [p.label for p in one_model.points] == ["nano33", "uno"]
    assert one_model.title == "m on 2 boards"
    both = plot_of([result(1), result(2, Ground.SIMULATED, device="uno")])
    assert [p.label for p in both.points] == ["model_1\nnano33", "model_2\nuno"]
    assert both.title == "2 models on 2 devices"
    assert plot_of([result(1, Ground.SIMULATED)]).title == "model_1 for nano33"
    long = plot_of([result(1, model="m" * 80)])
    assert len(long.points[0].label) == 30


def test_a_crowd_of_one_kind_has_a_colour_for_each_model() -> None:
    crowd = [result(i, Ground.PUBLISHED, model=f"m{i % 3}", device=f"d{i}") for i in range(9)]
    plot = plot_of(crowd)
    assert plot.by_model
    assert {p.series for p in plot.points} == {"m0", "m1", "m2"}
    assert {p.label for p in plot.points} == {f"d{i}" for i in range(9)}
    assert not plot_of([*crowd, result(9)]).by_model


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_areas_are_in_proportion_to_ram(ram_bytes: int, largest: int) -> None:
    small = area(min(ram_bytes, largest), largest)
    assert small >= SMALLEST_AREA
    if small > SMALLEST_AREA:
        assert small / area(largest, largest) == pytest.approx(min(ram_bytes, largest) / largest)


def test_the_legend_of_areas_has_round_sizes() -> None:
    assert steps(100_000) == [65536, 16384, 4096]
    assert steps(1) == [1]
    assert steps(20) == [16, 4, 1]


def test_kinds_differ_in_colour_or_shape() -> None:
    assert set(STYLE) == set(Ground)
    assert len(set(STYLE.values())) == len(STYLE)


@given(SPOTS, SPOTS, SPOTS, SPOTS)
def test_lines_that_meet_meet_either_way_round(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> None:
    assert meet((a, b), (c, d)) == meet((c, d), (a, b))


def test_boxes_and_lines() -> None:
    box = (0.0, 0.0, 10.0, 4.0)
    assert overlap(box, (9.0, 3.0, 12.0, 8.0))
    assert not overlap(box, (10.0, 0.0, 12.0, 4.0))
    assert crosses(((-5, 2), (15, 2)), box)
    assert crosses(((5, 2), (50, 50)), box)
    assert not crosses(((-5, 5), (15, 6)), box)
    assert leader((-10.0, 2.0), 3.0, box) == ((-7.0, 2.0), (0.0, 2.0))


@needs_matplotlib
def test_the_same_results_give_the_same_bytes() -> None:
    rows = [result(i, ground) for i, ground in enumerate(Ground)]
    for form, begins in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        first, second = results_picture(rows, form), results_picture(rows, form)
        assert first == second
        assert first.startswith(begins)
        assert b"2026" not in first if form == "svg" else True


@needs_matplotlib
def test_an_svg_is_well_formed_whatever_models_are_called() -> None:
    rows = [
        result(1, model="<b>&$\\frac{1}{2}$\x1b[0m"),
        result(2, model="\N{CJK UNIFIED IDEOGRAPH-4E00}" * 3),
    ]
    root = ET.fromstring(results_picture(rows, "svg"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@needs_matplotlib
@settings(max_examples=15, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(
            st.floats(0.01, 1000), st.floats(0.5, 1), st.integers(1, 10**6), st.sampled_from(list(Ground))
        ),
        min_size=1,
        max_size=30,
    )
)
def test_labels_lie_neither_on_each_other_nor_on_markers(
    pairs: list[tuple[float, float, int, Ground]],
) -> None:
    rows = [
        row(ground, latency(x), top_1(y), ram(size), id=f"{i}", model=f"model number {i}")
        for i, (x, y, size, ground) in enumerate(pairs)
    ]
    with pytest.MonkeyPatch.context() as patch:
        seen = spied(patch)
        results_picture(rows, "png")
    ((taken, markers),) = seen
    written = taken[markers:]
    for i, box in enumerate(written):
        assert not any(overlap(box, other) for other in [*taken[:markers], *written[:i]])


def spied(patch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """The boxes of markers and labels of each picture, and how many of them are markers."""
    from tinykg.report import results_labels

    seen: list[tuple[Any, Any]] = []

    class Spying(results_labels._Room):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            seen.append((self._taken, self._markers))

    patch.setattr(results_labels, "_Room", Spying)
    return seen


@needs_matplotlib
def test_few_points_all_get_their_label() -> None:
    with pytest.MonkeyPatch.context() as patch:
        seen = spied(patch)
        results_picture([result(i) for i in range(8)], "png")
    ((taken, markers),) = seen
    assert len(taken) - markers == 8


@needs_matplotlib
@pytest.mark.parametrize(
    "rows",
    [
        [result(1)],
        [result(1), result(1, model="twin")],
        [row(Ground.ESTIMATED, latency(1, evidence="estimated"), quality=top_1(0.9))],
        [row(Ground.BOARD, latency(1e-6), top_1(0.0)), row(Ground.BOARD, latency(1e9), top_1(1.0))],
        [result(i, Ground.PUBLISHED, model=f"m{i % 2}", device=f"d{i}") for i in range(20)],
    ],
    ids=["one", "twins", "estimated", "extremes", "crowd"],
)
def test_odd_results_can_be_drawn(rows: list[ResultRow]) -> None:
    assert len(results_picture(rows, "png")) > 5000


@needs_matplotlib
def test_what_is_estimated_is_hollow(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.axes import Axes

    faces: list[object] = []
    scatter: Callable[..., Any] = Axes.scatter

    def watched(*given: Any, **more: Any) -> Any:
        faces.append(more.get("facecolors"))
        return scatter(*given, **more)

    monkeypatch.setattr(Axes, "scatter", watched)
    results_picture(
        [result(1), row(Ground.ESTIMATED, latency(1, evidence="estimated"), top_1(0.9), ram(10))], "png"
    )
    assert faces.count("none") == 1
    assert len(faces) == 2


@needs_matplotlib
def test_nothing_to_plot_says_what_is_missing() -> None:
    with pytest.raises(InputError, match="no result has a time and an accuracy"):
        results_picture([row(Ground.BOARD, latency(1))], "png")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"tinykg\[plot\]"):
        results_picture([result(1)], "png")
