"""The shipped coefficients are what the measurements give, and the tests that hold rows out are fair."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import cycle_model
import fit_latency
import numpy as np
import pytest
from cycle_model import CycleModel, HeldOut, Row, held_out, largest_shares, leave_out
from fit_latency import alike, by_kernels, factor_of, fitting_rows, interval

from tinykg.estimate.measurements import MAC_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.estimate import EstimateTables, LatencyModel

RNG = np.random.default_rng(7)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return fitting_rows()


@pytest.fixture(scope="module")
def fits(rows: list[Row]) -> list[tuple[list[Row], CycleModel]]:
    return [(group, CycleModel(group)) for group in by_kernels(rows)]


def cell_of(model: LatencyModel) -> tuple[str, str]:
    core = model.cores[0]
    return (f"{core} of {model.part}" if model.part else core, model.stack)


def row(board: str, core: str, stack: str, model: str, work: Sequence[int], cycles: float = 1.0) -> Row:
    return Row(
        board=board, core=core, part=None, stack=stack, kernels="tuned", model=model, work=tuple(work),
        cycles=cycles, source="s", submitter=None, whole_model=True,
    )  # fmt: skip


def test_the_rows_are_those_of_int8_on_a_core_of_known_clock(rows: list[Row]) -> None:
    assert len(rows) == 341
    assert len({found.cell for found in rows}) == 48
    assert len({found.board for found in rows}) == 23
    assert len({found.model for found in rows}) == 70
    assert [len(group) for group in by_kernels(rows)] == [17, 324]


def test_boards_that_are_one_are_held_out_together(rows: list[Row]) -> None:
    small = [found for found in rows if found.source == "mlperf-tiny-v1.3" and found.core == "cortex-m4f"]
    assert len(small) == 4
    assert {found.board for found in small} == {"st-nucleo-l4r5zi"}


def test_the_shipped_coefficients_are_those_of_the_fit(
    fits: list[tuple[list[Row], CycleModel]], tables: EstimateTables
) -> None:
    shipped = {cell_of(model): model for model in tables.latency}
    assert set(shipped) == {found.cell for group, _ in fits for found in group}
    for group, fit in fits:
        for cell in {found.cell for found in group}:
            inside = [found for found in group if found.cell == cell]
            rates = dict(zip(cycle_model.TERMS, fit.rates(cell), strict=True))
            model = shipped[cell]
            assert model.cycles_per_operator == pytest.approx(rates["operator"], rel=5e-3)
            assert set(model.cycles_per_mac) == set(model.largest_shares) == set(largest_shares(inside))
            for name, cycles in model.cycles_per_mac.items():
                assert cycles == pytest.approx(rates[name], rel=5e-3), (cell, name)
            assert (model.rows, len(model.boards)) == (len(inside), len({found.board for found in inside}))


def test_the_shipped_power_is_that_of_the_measurements() -> None:
    shipped = tomllib.loads((fit_latency.ESTIMATES / "power.toml").read_text(encoding="utf-8"))
    assert alike(shipped, tomllib.loads(fit_latency.power_text()))


def test_runs_are_predicted_well_by_the_fit_that_has_seen_them(
    fits: list[tuple[list[Row], CycleModel]],
) -> None:
    misses = [abs(fit.cycles(found) / found.cycles - 1) for group, fit in fits for found in group]
    assert float(np.median(misses)) < 0.08
    assert float(np.percentile(misses, 90)) < 0.30


def test_every_interval_is_a_factor_above_one_and_below_three(tables: EstimateTables) -> None:
    factors = [model.error_factor for model in tables.latency]
    assert len(factors) == 48
    assert 1.2 < min(factors) <= max(factors) < 3.0
    tests = {model.held_out for model in tables.latency}
    assert tests <= {*cycle_model.HELD_OUT_PLACES, *cycle_model.HELD_OUT_MODELS}


def test_a_fit_finds_the_rates_that_made_its_rows() -> None:
    """Three cores and three stacks, whose rates are a product, and networks of random work."""
    base = np.array([2.0, 3.0, 12.0, 4.0, 2000.0])
    made = []
    for core, slower in (("a", 1.0), ("b", 0.5), ("c", 4.0)):
        for stack, better in (("x", 1.0), ("y", 1.6), ("z", 0.7)):
            for network in range(12):
                macs = RNG.integers(1_000, 3_000_000, size=4) * RNG.integers(0, 2, size=4)
                work = (*macs, int(RNG.integers(3, 60)))
                cycles = float(np.array(work) @ base) * slower * better
                made.append(
                    row(core, core, stack, f"n{network}{core}{stack}", [int(n) for n in work], cycles)
                )
    fit = CycleModel(made)
    for core, slower in (("a", 1.0), ("b", 0.5), ("c", 4.0)):
        assert fit.rates((core, "y"))[:4] == pytest.approx(base[:4] * slower * 1.6, rel=0.05)


def test_a_fit_does_not_depend_on_where_it_starts(fits: list[tuple[list[Row], CycleModel]]) -> None:
    reference, _ = fits[0]
    cold = CycleModel(reference)
    warm = CycleModel(reference, fits[0][1])
    assert cold.values == pytest.approx(warm.values, abs=1e-4)


def test_a_row_that_is_held_out_is_not_fitted_to() -> None:
    """Were the wrong row seen, its cell would be predicted as wrong as it is."""
    works = [
        (1_000_000, 0, 0, 0, 10),
        (800_000, 100_000, 90_000, 0, 20),
        (500_000, 300_000, 50_000, 1_000, 9),
    ]
    made = [
        row(board, core, stack, f"n{i}", work, float(np.array(work) @ np.array([2.0, 3.0, 9.0, 3.0, 1000.0])))
        for board, core in (("p", "a"), ("q", "a"), ("r", "b"))
        for stack in ("x", "y")
        for i, work in enumerate(works)
    ]
    spoilt = [replace(found, cycles=found.cycles * (100 if found.board == "q" else 1)) for found in made]
    tests = leave_out(
        "another board", spoilt, CycleModel(spoilt), lambda r: r.board, lambda r, _: r.board == "q"
    )
    assert len(tests) == 6
    for held in tests:
        assert held.predicted == pytest.approx(held.row.cycles / 100, rel=0.2)


def test_the_tests_refuse_what_an_estimate_refuses() -> None:
    """A class that no other network has, and a network of another size, are not predicted."""
    made = [
        row("p", "a", "x", "one", (1_000_000, 0, 0, 0, 10), 2e6),
        row("p", "a", "x", "two", (900_000, 90_000, 0, 0, 10), 2e6),
        row("p", "a", "x", "thin", (0, 0, 0, 1_000_000, 10), 3e6),
        row("p", "a", "x", "tiny", (900, 0, 0, 0, 10), 1e4),
    ]
    held = held_out(made, CycleModel(made))
    assert {h.row.model for h in held if h.test == "another model"} == {"one"}


def test_the_bound_is_the_wider_of_places_and_networks() -> None:
    def tests(name: str, cell: str, factors: Sequence[float]) -> list[HeldOut]:
        return [
            HeldOut(test=name, row=row("b", cell, "x", "n", (1, 0, 0, 0, 1), 100.0), predicted=100.0 * factor)
            for factor in factors
        ]

    many = [1.0 + i / 100 for i in range(20)]
    found = interval([*tests("whole cell", "a", many), *tests("another model", "a", [1.5] * 10)], ("a", "x"))
    assert (found.test, found.rows) == ("another model", 10)
    assert found.factor == pytest.approx(1.5)
    few = [*tests("whole cell", "a", [1.1] * 30), *tests("another model", "b", [1.2] * 30)]
    found = interval([*few, *tests("another model", "a", [2.0, 1.9])], ("a", "x"))
    assert (found.test, found.rows) == ("another model", 32)
    assert found.factor == pytest.approx(1.99)


def test_a_factor_counts_too_low_as_too_high() -> None:
    low, high = (
        HeldOut(test="t", row=row("b", "a", "x", "n", (1, 0, 0, 0, 1), 100.0), predicted=predicted)
        for predicted in (50.0, 200.0)
    )
    assert low.factor == high.factor == factor_of([low, high]) == 2.0
    assert (low.error, high.error) == (-0.5, 1.0)


def test_two_files_are_alike_up_to_the_last_digits() -> None:
    ours = {"a": [1.0, {"b": "x"}], "c": 3}
    assert alike(ours, {"a": [1.004, {"b": "x"}], "c": 3})
    assert not alike(ours, {"a": [1.01, {"b": "x"}], "c": 3})
    assert not alike(ours, {"a": [1.0, {"b": "y"}], "c": 3})
    assert not alike(ours, {"a": [1.0], "c": 3})
    assert not alike(ours, {"a": [1.0, {"b": "x"}]})


def test_shares_are_of_multiply_accumulates() -> None:
    made = [row("p", "a", "x", "n", (90, 10, 0, 0, 5)), row("p", "a", "x", "m", (999_995, 0, 0, 5, 5))]
    assert largest_shares(made) == {"conv_1x1": pytest.approx(0.999995), "conv_kxk": 0.1}
    assert list(largest_shares(made)) == [name for name in MAC_CLASSES if name in {"conv_1x1", "conv_kxk"}]


def test_held_out_boards_of_known_cells_err_as_stated(fits: list[tuple[list[Row], CycleModel]]) -> None:
    """The figure that the documents give: MLPerf rows, their stack and core known from another board."""
    rows = [found for found in fits[1][0] if found.source.startswith("mlperf-tiny")]

    def known(found: Row, rest: Sequence[Row]) -> bool:
        return any(other.cell == found.cell for other in rest)

    held = leave_out("board", rows, CycleModel(rows), lambda r: r.board, known)
    errors = np.abs([h.error for h in held])
    assert len(held) == 84
    assert float(errors.mean()) < 0.161  # an earlier fit with one shape for all stacks
    assert float(np.percentile(errors, 90)) < 0.349
    assert math.isfinite(float(errors.max()))


def test_no_shipped_interval_is_narrower_than_boards_and_cells_ask_for(
    fits: list[tuple[list[Row], CycleModel]], tables: EstimateTables
) -> None:
    """The tests by board and by cell, run anew; `fit_latency.py --check` runs those by network, too."""
    tests: list[HeldOut] = []
    for group, fit in fits:
        tests += leave_out("another board", group, fit, lambda r: r.board, cycle_model._by_cell)
        tests += leave_out("whole cell", group, fit, lambda r: r.cell, cycle_model._by_core_and_stack)
    checked = 0
    for model in tables.latency:
        bound = fit_latency._bound(tests, cell_of(model), cycle_model.HELD_OUT_PLACES)
        assert model.error_factor >= bound.factor * 0.995, cell_of(model)
        if model.held_out in cycle_model.HELD_OUT_PLACES:
            assert model.error_factor == pytest.approx(bound.factor, rel=5e-3)
            assert (model.held_out, model.held_out_rows) == (bound.test, bound.rows)
            checked += 1
    assert checked >= 3
