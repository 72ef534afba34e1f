"""Matches as JSON values and as text, from made-up matches."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

from tinykg.records.match import Constraint, Explanation, Match, Verdict
from tinykg.report.explain_text import in_a_line, parts_of_ram, title
from tinykg.report.match_json import explanation_value, match_value
from tinykg.report.match_text import fits_table, heading, reasons, shared

FITS, NOT, UNKNOWN = Verdict.FITS, Verdict.DOES_NOT_FIT, Verdict.UNKNOWN


def memory(name: str, required: int, available: int, basis: str) -> Constraint:
    return Constraint(
        name=name,
        verdict=FITS,
        message="...",
        required=required,
        available=available,
        basis=basis,
        source="a datasheet",
    )


FIT = Match(
    model="net",
    device="board",
    device_name="A Board",
    runtime="runtime",
    verdict=FITS,
    constraints=(
        memory("ram", 2048, 65536, "total"),
        memory("flash", 4096, 131072, "free for the application"),
    ),
    ram_required_bytes=2048,
    ram_available_bytes=65536,
    flash_required_bytes=4096,
    flash_available_bytes=131072,
    arena_bytes=1000,
    stack_reserve_bytes=1024,
    task="regression",
    accuracy=0.9312,
    macs=10,
    evidence="computed",
)
SENSORS = Constraint(name="sensors", verdict=NOT, message="no sensor", found=("image",))
RAM = Constraint(name="ram", verdict=UNKNOWN, message="not known", available=65536)
MISFIT = replace(FIT, verdict=NOT, constraints=(RAM, SENSORS), ram_required_bytes=None)


class TestJson:
    def test_a_fit_has_no_reasons(self) -> None:
        value = match_value(FIT)
        assert "reasons" not in value
        assert json.loads(json.dumps(value)) == value
        assert (value["model"], value["device"], value["runtime"]) == ("net", "board", "runtime")
        assert (value["ram_required_bytes"], value["ram_available_bytes"]) == (2048, 65536)
        assert (value["flash_required_bytes"], value["flash_available_bytes"]) == (4096, 131072)

    def test_reasons_are_the_failed_ones_first(self) -> None:
        value = match_value(MISFIT)
        assert value["verdict"] == "does not fit"
        assert value["reasons"] == [
            {"constraint": "sensors", "verdict": "does not fit", "message": "no sensor", "found": ["image"]},
            {"constraint": "ram", "verdict": "unknown", "message": "not known", "available": 65536},
        ]

    def test_a_constraint_has_the_figures_it_rests_on(self) -> None:
        [ram, _] = cast("list[object]", match_value(FIT)["constraints"])
        assert ram == {
            "constraint": "ram",
            "verdict": "fits",
            "message": "...",
            "required": 2048,
            "available": 65536,
            "margin": 63488,
            "basis": "total",
            "source": "a datasheet",
        }

    def test_an_explanation_is_a_match_with_remedies(self) -> None:
        value = explanation_value(Explanation(match=MISFIT, remedies=("attach a camera",)))
        assert value == {**match_value(MISFIT), "remedies": ["attach a camera"]}


class TestHeading:
    def test_models_for_a_board(self) -> None:
        assert heading([FIT, MISFIT], by_model=False) == "A Board, models: 1 of 2 fit"

    def test_boards_for_a_model(self) -> None:
        assert heading([FIT], by_model=True) == "net (regression), boards: 1 of 1 fit"
        assert heading([replace(FIT, task=None)], by_model=True) == "net, boards: 1 of 1 fit"

    def test_nothing(self) -> None:
        assert heading([], by_model=False) == "No such pair: nothing to match"


class TestShared:
    def test_of_a_board_its_memory(self) -> None:
        assert shared([FIT, replace(FIT, model="other")], by_model=False) == (
            "64.0 KiB RAM (total), 128.0 KiB flash (free for the application), "
            "all for regression, all by runtime, sizes in KiB"
        )

    def test_what_differs_is_left_out(self) -> None:
        two = [FIT, replace(FIT, task="wake-word", runtime="other", constraints=FIT.constraints[:1])]
        assert shared(two, by_model=False) == (
            "64.0 KiB RAM (total), 128.0 KiB flash (free for the application), sizes in KiB"
        )
        larger = replace(FIT, constraints=(memory("ram", 1, 2048, "total"),))
        assert shared([FIT, larger], by_model=False).startswith("128.0 KiB flash")

    def test_of_a_model_only_the_runtime(self) -> None:
        assert shared([FIT], by_model=True) == "all by runtime, sizes in KiB"


class TestTable:
    def test_one_task_and_one_runtime_need_no_columns(self) -> None:
        columns, rows, numbers = fits_table([FIT], by_model=False, by_task=True)
        assert columns == ["model", "top-1", "RAM", "spare", "flash", "spare"]
        assert rows == [("net", "93.1 %", "2.0", "62.0", "4.0", "124.0")]
        assert set(numbers) >= {"top-1", "RAM", "spare", "flash"}

    def test_several_tasks_are_lines_of_their_own(self) -> None:
        found = [FIT, replace(FIT, model="second"), replace(FIT, model="third", task=None, accuracy=None)]
        _, rows, _ = fits_table(found, by_model=False, by_task=True)
        assert [row[0] for row in rows] == ["regression", "  net", "  second", "no task stated", "  third"]
        assert [len(row) for row in rows] == [1, 6, 6, 1, 6]
        assert rows[4][1] == "-"

    def test_in_another_order_the_task_is_a_column(self) -> None:
        columns, rows, _ = fits_table([FIT, replace(FIT, task=None)], by_model=False, by_task=False)
        assert columns[:2] == ["model", "task"]
        assert [row[1] for row in rows] == ["regression", "-"]

    def test_several_runtimes_are_a_column(self) -> None:
        columns, rows, _ = fits_table([FIT, replace(FIT, runtime="other")], by_model=True, by_task=True)
        assert columns == ["board", "RAM", "spare", "flash", "spare", "runtime"]
        assert [row[-1] for row in rows] == ["runtime", "other"]

    def test_every_row_has_every_column(self) -> None:
        found = [FIT, replace(FIT, task="wake-word", runtime="other")]
        for by_model in (False, True):
            for by_task in (False, True):
                columns, rows, _ = fits_table(found, by_model=by_model, by_task=by_task)
                assert {len(row) for row in rows} <= {1, len(columns)}

    def test_a_figure_that_is_not_known_is_a_question_mark(self) -> None:
        _, rows, _ = fits_table([replace(FIT, flash_available_bytes=None)], by_model=True, by_task=True)
        assert rows[0][3:] == ("?", "?")


class TestReasons:
    def test_a_pair_counts_under_each_of_its_reasons_of_the_verdict(self) -> None:
        flash = Constraint(name="flash", verdict=NOT, message="")
        found = [MISFIT, replace(MISFIT, model="second", constraints=(SENSORS, flash))]
        assert reasons(found, NOT, by_model=False) == [
            (2, "sensor missing: net, second"),
            (1, "too little flash: second"),
        ]

    def test_unknown_ones_are_named_so(self) -> None:
        found = [replace(MISFIT, verdict=UNKNOWN, constraints=(RAM,))]
        assert reasons(found, UNKNOWN, by_model=True) == [(1, "RAM not known: board")]

    def test_many_names_are_cut_short(self) -> None:
        found = [replace(MISFIT, model=f"m{i}") for i in range(9)]
        [(count, line)] = reasons(found, NOT, by_model=False)
        assert (count, line) == (9, "sensor missing: m0, m1, m2, m3, m4, m5, and 3 more")

    def test_every_constraint_has_its_words(self) -> None:
        for name in ("operators", "ram", "flash", "sensors", "system", "accuracy"):
            for verdict in (NOT, UNKNOWN):
                one = replace(MISFIT, constraints=(Constraint(name=name, verdict=verdict, message=""),))
                assert len(reasons([one], verdict, by_model=False)) == 1


class TestExplanation:
    def test_title(self) -> None:
        assert title(MISFIT) == "net on A Board, by runtime: does not fit"

    def test_parts_of_ram_add_up(self) -> None:
        assert parts_of_ram(FIT) == "RAM is 1000 B arena + 24 B static + 1024 B stack (computed)"
        assert parts_of_ram(MISFIT) is None
        assert parts_of_ram(replace(FIT, arena_bytes=None)) is None

    def test_a_runtime_in_a_line(self) -> None:
        assert in_a_line(FIT) == "fits, with 2.0 KiB of RAM and 4.0 KiB of flash"
        assert in_a_line(MISFIT) == "does not fit: sensors"
        assert in_a_line(replace(MISFIT, verdict=UNKNOWN, constraints=(RAM,))) == "unknown: ram"
