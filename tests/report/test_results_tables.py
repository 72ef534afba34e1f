"""Results as tables, Markdown and JSON: what ranks, what is told of what, and errors of estimates."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from result_case import NOON, about, computed, latency, ram, row, run, top_1, unknown

from tinykg.records.benchmark import ON_BOARDS, Figure, Ground, ground_of
from tinykg.report.results_json import result_value
from tinykg.report.results_markdown import results_markdown
from tinykg.report.results_table import (
    error_text,
    explanation,
    figure_text,
    heading,
    in_order,
    on_text,
    sections,
)

OTHERS = [ground for ground in Ground if ground not in ON_BOARDS]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"on_device": True}, Ground.BOARD),
        ({"on_device": True, "simulated": True}, Ground.SIMULATED),
        ({"emulator": "QEMU 7.2"}, Ground.EMULATED),
        ({"emulator": "QEMU 7.2", "simulated": True}, Ground.SIMULATED),
        ({}, Ground.HOST),
    ],
)
def test_a_run_is_of_what_it_ran_on(more: dict[str, object], expected: Ground) -> None:
    assert ground_of(run(latency(1), **more)) is expected


def test_a_run_of_estimates_is_an_estimate_wherever_it_says_it_ran() -> None:
    estimates = (
        latency(1, evidence="estimated"),
        Figure(metric="cycles-npu", value=9, unit="NUM", evidence="estimated"),
    )
    assert ground_of(run(*estimates, emulator="a performance model")) is Ground.ESTIMATED
    assert ground_of(run(*estimates, on_device=True)) is Ground.ESTIMATED
    assert ground_of(run(*estimates, ram(4), on_device=True)) is Ground.BOARD


@given(st.permutations(list(Ground)))
def test_what_was_not_measured_on_a_board_never_stands_before_what_was(order: list[Ground]) -> None:
    """A simulated millisecond is no match for a measured second."""
    rows = [
        row(ground, latency(1000.0 if ground in ON_BOARDS else 0.001), id=ground.value) for ground in order
    ]
    found = in_order(rows)
    assert {one.ground for one in found[:2]} == ON_BOARDS
    assert [one.ground for one in found[2:]] == OTHERS


def test_boards_are_ranked_by_time_and_others_are_not() -> None:
    rows = [
        row(Ground.BOARD, ram(1), id="none"),
        row(Ground.BOARD, latency(9), id="slow"),
        row(Ground.PUBLISHED, latency(2), id="quick"),
        row(Ground.SIMULATED, latency(5), id="a"),
        row(Ground.SIMULATED, latency(4), id="b"),
        row(Ground.BOARD, latency(1), id="other", model="zzz"),
    ]
    assert [one.id for one in in_order(rows)] == ["quick", "slow", "none", "other", "a", "b"]


def test_tables_are_apart_and_say_what_results_are_of() -> None:
    found = sections([row(ground, latency(2)) for ground in Ground])
    assert [section.title for section in found] == [
        "Measured on boards, the quickest of each model first",
        "Not measured on a board: never ranked",
    ]
    what = [
        dict(zip(section.columns, cells, strict=True))["what"] for section in found for cells in section.rows
    ]
    assert what == ["measured", "published", "of the host", "emulated", "simulated", "estimated"]
    assert sections([]) == []
    assert len(sections([row(Ground.HOST)])) == 1


def test_columns_that_nobody_fills_are_left_out() -> None:
    (section,) = sections([row(Ground.BOARD, latency(2), id="a"), row(Ground.BOARD, top_1(0.9), id="b")])
    assert section.columns == ("model", "on", "what", "runner", "by", "time", "top-1")
    assert section.rows[0][-2:] == ("2.00 ms", "-")
    assert section.rows[1][-2:] == ("-", "90.0 %")
    assert section.right == ("time", "top-1")


def test_an_error_stands_beside_what_was_measured_on_a_board() -> None:
    measured = row(Ground.BOARD, latency(10.0), ram(30_000), computed=computed())
    (section,) = sections([measured])
    cells = dict(zip(section.columns, section.rows[0], strict=True))
    assert cells["computed time"] == "12.0 ms (+20 %)"
    assert cells["computed RAM"] == "23.4 KiB (-20 %)"
    assert cells["computed flash"] == "97.7 KiB"
    assert measured.error_percent(measured.figures[0]) == pytest.approx(20)


@pytest.mark.parametrize("ground", OTHERS)
def test_nothing_else_is_an_error_of_the_estimate(ground: Ground) -> None:
    other = row(ground, latency(10.0), computed=computed())
    assert other.error_percent(other.figures[0]) is None
    (section,) = sections([other])
    assert dict(zip(section.columns, section.rows[0], strict=True))["computed time"] == "12.0 ms"


@pytest.mark.parametrize(
    "figure",
    [
        latency(10, evidence="estimated"),
        latency(10, statistic="p90"),
        latency(0),
        Figure(metric="auc", value=1, unit="UNITLESS"),
    ],
)
def test_an_estimate_an_extreme_or_nothing_has_no_error(figure: Figure) -> None:
    assert row(Ground.BOARD, figure, computed=computed()).error_percent(figure) is None


def test_other_kernels_have_no_error_and_an_unknown_time_no_value() -> None:
    other = row(Ground.BOARD, latency(10), computed=computed(same_stack=False))
    assert other.computed_value(other.figures[0]) == 12.0
    assert other.error_percent(other.figures[0]) is None
    unclear = row(Ground.BOARD, latency(10), computed=computed(latency=unknown()))
    assert unclear.computed_value(unclear.figures[0]) is None
    assert row(Ground.BOARD, latency(10)).computed_value(latency(10)) is None


def test_an_arena_is_compared_with_an_arena() -> None:
    host = row(Ground.HOST, ram(30_000, "arena-used"), computed=computed())
    (section,) = sections([host])
    cells = dict(zip(section.columns, section.rows[0], strict=True))
    assert (cells["RAM"], cells["computed RAM"]) == ("29.3 KiB arena", "19.5 KiB")


def test_a_figure_is_its_median_where_there_are_several() -> None:
    several = row(Ground.BOARD, latency(9, statistic="p90"), latency(5, statistic="median"), ram(1))
    assert several.figure("latency") == several.figures[1]
    assert several.figure("auc", "ram-used") == several.figures[2]
    assert several.figure("auc") is None


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (latency(0.5), "500 us"),
        (ram(2048), "2.0 KiB"),
        (top_1(0.905), "90.5 %"),
        (Figure(metric="auc", value=0.86, unit="UNITLESS"), "0.86"),
        (Figure(metric="energy-per-inference", value=1500, unit="MicroJ"), "1.50 mJ"),
        (Figure(metric="power", value=45.67, unit="MilliW"), "45.7 mW"),
        (Figure(metric="instructions", value=22_100_000, unit="NUM"), "22.1 M"),
        (Figure(metric="throughput", value=2264.01, unit="NUM-PER-SEC", evidence="estimated"), "~2264 /s"),
    ],
)
def test_figures_have_units(figure: Figure, text: str) -> None:
    assert figure_text(figure) == text


def test_where_a_result_stands() -> None:
    assert on_text(row(Ground.BOARD)) == "nano33"
    assert on_text(row(Ground.PUBLISHED, where="NANO 33")) == "NANO 33"
    assert on_text(row(Ground.HOST, where="a PC", device=None)) == "a PC"
    assert on_text(row(Ground.EMULATED, where="QEMU 7.2")) == "QEMU 7.2, for nano33"
    assert on_text(row(Ground.SIMULATED, where="nano33")) == "for nano33"
    assert on_text(row(Ground.EMULATED, where="QEMU 7.2", device=None)) == "QEMU 7.2"


def test_errors_have_signs() -> None:
    assert [error_text(error) for error in (12.4, -3.2, 0.0)] == ["+12 %", "-3 %", "+0 %"]


def test_marks_are_explained_where_they_occur() -> None:
    assert explanation([row(Ground.BOARD, latency(1))]) == []
    said = " ".join(
        explanation(
            [
                row(Ground.ESTIMATED, latency(1, evidence="estimated")),
                row(Ground.PUBLISHED, latency(1), computed=computed()),
                row(Ground.HOST, ram(1, "arena-used")),
            ]
        )
    )
    for mark in ("~ is an estimate", "Computed is what", "were fitted to", "64 bits"):
        assert mark in said


def test_a_heading_counts() -> None:
    assert heading([row(Ground.BOARD)], 1) == "1 result of 1 model"
    assert (
        heading([row(Ground.BOARD), row(Ground.BOARD, model="x")], 1)
        == "2 results of 2 models, 1 of them shown"
    )


def test_markdown_is_tables_of_equal_width() -> None:
    rows = [row(Ground.BOARD, latency(2), computed=computed()), row(Ground.SIMULATED, latency(1), ram(9))]
    text = results_markdown(rows, rows)
    assert text.startswith(
        "# 2 results of 1 model\n\n## Measured on boards, the quickest of each model first\n\n| model |"
    )
    tables = re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    assert len(tables) == 2
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    assert text.rstrip().splitlines()[-1].startswith("- Computed is what")


@given(st.text(max_size=30))
def test_a_stranger_s_name_is_no_markup(name: str) -> None:
    rows = [row(Ground.BOARD, latency(2), model=name)]
    table = results_markdown(rows, rows).split("\n\n")[2]
    assert len(table.splitlines()) == 3
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", table.splitlines()[2])) == len(
        re.findall(r"\|", table.splitlines()[1])
    )
    assert "<" not in re.sub(r"\\.", "", table)


def test_json_has_everything_and_says_what_ranks() -> None:
    own = run(latency(10, statistic="median", count=5), on_device=True)
    value = result_value(
        row(Ground.BOARD, *own.result.figures, computed=computed(), run=own, ended=NOON, quality=top_1(0.9))
    )
    value = json.loads(json.dumps(value))
    assert value["ranks"] is True
    assert value["figures"] == [
        {
            "metric": "latency",
            "value": 10,
            "unit": "MilliSEC",
            "evidence": "measured",
            "statistic": "median",
            "count": 5,
            "computed": 12.0,
            "error_percent": pytest.approx(20),
        }
    ]
    assert value["computed"]["latency"]["value_us"] == 12_000
    assert value["dataset"] == {"name": "kws01", "sha256": "1" * 64, "samples": 10}
    assert value["ended"] == "2026-03-01T12:00:00+00:00"
    assert (value["job"], value["worker"], value["environment"]) == ("j1", "me", {"baud": "115200"})
    assert value["published_quality"]["value"] == 0.9


@pytest.mark.parametrize("ground", Ground)
def test_json_ranks_boards_only(ground: Ground) -> None:
    value = result_value(row(ground, latency(1), computed=computed(latency=about(1)), source="somewhere"))
    assert value["ranks"] is (ground in ON_BOARDS)
    assert value["source"] == "somewhere"
    assert "environment" not in value
