"""How far the latency model and the energy estimate are off, on measurements that they have not seen.

    python benchmarks/latency_model.py [latency] [energy]

Everything is fitted anew from data/measurements/ while it runs. A row is an error of relative size
|predicted / measured - 1|; `inside` is the share of rows within the interval that data/estimates/latency.toml
ships for the row's kernel stack and core.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

# ruff: noqa: E402 - tools/ is no package; its path has to be known before its modules are imported
from cycle_model import HELD_OUT_MODELS, HELD_OUT_PLACES, CycleModel, HeldOut, held_out, leave_out
from fit_latency import ESTIMATES, MEASUREMENTS, by_kernels, fitting_rows

from tinykg.estimate.measurements import read_all_runs
from tinykg.estimate.tables import read_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cycle_model import Row

BENCHMARKS = ("ad01_int8", "kws_ref_model", "vww_96_int8", "pretrainedResnet_quant")


def errors_line(name: str, errors: Iterable[float], inside: Iterable[bool] = ()) -> str:
    """One line of the table."""
    figures, kept = np.abs(np.array(list(errors))) * 100, list(inside)
    share = f"{np.mean(kept) * 100:7.0f} %" if kept else " " * 9
    if not len(figures):
        return f"{name:66}{0:5}"
    return (
        f"{name:66}{len(figures):5}{figures.mean():8.1f}{np.median(figures):8.1f}"
        f"{np.percentile(figures, 90):8.1f}{figures.max():8.1f}{share}"
    )


def errors_of(tests: Iterable[HeldOut]) -> list[float]:
    return [held.error for held in tests]


def header(title: str) -> None:
    print(f"\n{title:66}{'n':>5}{'mean':>8}{'median':>8}{'p90':>8}{'max':>8}{'inside':>9}")


def shipped_factors() -> dict[tuple[str, str], float]:
    """The shipped interval of each (core, stack), by the first of its cores and its part."""
    tables = read_tables(ESTIMATES)
    return {
        (f"{m.cores[0]} of {m.part}" if m.part else m.cores[0], m.stack): m.error_factor
        for m in tables.latency
    }


def mlperf(row: Row) -> bool:
    return row.source.startswith("mlperf-tiny")


def print_tests(title: str, tests: Sequence[HeldOut]) -> None:
    """A line for each way of holding out."""
    factors = shipped_factors()
    header(title)
    for test in (*HELD_OUT_PLACES, *HELD_OUT_MODELS):
        found = [held for held in tests if held.test == test]
        print(
            errors_line(
                f"{test} held out",
                (held.error for held in found),
                (held.factor <= factors[held.row.cell] for held in found),
            )
        )


def print_unrefused(rows: Sequence[Row]) -> None:
    """MLPerf rows from MLPerf rows alone, whatever the ground: to compare with fits that answer all."""

    def cell_known(row: Row, rest: Sequence[Row]) -> bool:
        return any(other.cell == row.cell for other in rest)

    def core_and_stack_known(row: Row, rest: Sequence[Row]) -> bool:
        core, stack = row.cell
        return any(r.cell[0] == core for r in rest) and any(r.cell[1] == stack for r in rest)

    model = CycleModel(rows)
    boards = leave_out("board", rows, model, lambda row: row.board, cell_known)
    far = leave_out("board", rows, model, lambda row: row.board, core_and_stack_known)
    cells = leave_out("cell", rows, model, lambda row: row.cell, core_and_stack_known)
    header("MLPerf Tiny rows from MLPerf Tiny rows alone, nothing refused")
    print(errors_line("board held out, its stack and core known from another board", errors_of(boards)))
    print(errors_line("board held out, its core and its stack known", errors_of(far)))
    print(errors_line("stack on core held out, both known", errors_of(cells)))


def print_benchmarks(rows: Sequence[Row], model: CycleModel, tests: Sequence[HeldOut]) -> None:
    """Each MLPerf network held out: with the refusals of the estimator, and without."""
    header("MLPerf Tiny networks held out, nothing refused (and answered only)")
    found = leave_out("network", rows, model, lambda r: r.model, lambda row, _rest: mlperf(row))
    for name in BENCHMARKS:
        print(errors_line(name, (held.error for held in found if held.row.model == name)))
        answered = [h for h in tests if h.test == "another model" and h.row.model == name and mlperf(h.row)]
        print(errors_line("    answered", (held.error for held in answered)))


def print_sources(rows: Sequence[Row], tests: Sequence[HeldOut]) -> None:
    """The STM32 model zoo: by its own other networks, and by MLPerf rows alone."""
    header("STM32 model zoo (another source than MLPerf)")
    for stack in ("stm32cube-ai-7", "stm32cube-ai-8.1"):
        own = [h for h in tests if h.test == "another model" and h.row.stack == stack]
        print(errors_line(f"{stack}, each network from the zoo's others", (held.error for held in own)))
    fitted = CycleModel([row for row in rows if mlperf(row)])
    for core in ("cortex-m7", "cortex-m33"):
        for stack in ("stm32cube-ai-7", "stm32cube-ai-8.1"):
            errors = [
                float(fitted.rates((core, "x-cube-ai-7")) @ np.array(row.work)) / row.cycles - 1.0
                for row in rows
                if row.core == core and row.stack == stack
            ]
            print(errors_line(f"{stack} on {core}, from MLPerf's X-CUBE-AI 7.1 to 8.0 alone", errors))


def print_latency() -> None:
    rows = fitting_rows()
    boards = len({row.board for row in rows})
    print(
        f"{len(rows)} runs, {len({r.cell for r in rows})} stacks on cores, {boards} boards, "
        f"{len({r.model for r in rows})} networks"
    )
    groups = by_kernels(rows)
    fits = [CycleModel(group) for group in groups]
    tests = [held_out(group, fit) for group, fit in zip(groups, fits, strict=True)]
    print_tests(
        "latency, all runs that the estimator answers, error in %", [t for found in tests for t in found]
    )
    print_tests("reference kernels alone", tests[0])
    print_tests("MLPerf Tiny rows alone", [t for found in tests for t in found if mlperf(t.row)])
    print_unrefused([row for row in groups[1] if mlperf(row)])
    print_benchmarks(groups[1], fits[1], tests[1])
    print_sources(groups[1], tests[1])


def print_energy() -> None:
    """Energy of a network from its measured time and the power of the submission's other networks."""
    submissions: dict[tuple[str, ...], list[tuple[float, float]]] = defaultdict(list)
    devices: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for run in read_all_runs(MEASUREMENTS):
        power = run.active_power_mw
        if power is not None and run.energy_uj is not None:
            system = run.run.rsplit("-", 1)[0]
            submissions[run.source, system].append((power, run.energy_uj / run.latency_ms))
            devices[run.device or run.board].append((run.stack, power))
    header("energy from measured time, error in %")
    errors = [
        float(np.mean([p for j, (p, _) in enumerate(runs) if j != i])) / actual - 1.0
        for runs in submissions.values()
        if len(runs) > 1
        for i, (_, actual) in enumerate(runs)
    ]
    print(errors_line("network held out: power of the submission's other networks", errors))
    errors = [
        float(np.mean([p for s, p in runs if s != stack])) / power - 1.0
        for runs in devices.values()
        for stack, power in runs
        if any(s != stack for s, _ in runs)
    ]
    print(errors_line("stack held out: power of the board by other stacks", errors))


def main() -> int:
    """Print what is asked for, or both."""
    asked = sys.argv[1:] or ["latency", "energy"]
    for name in asked:
        {"latency": print_latency, "energy": print_energy}[name]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
