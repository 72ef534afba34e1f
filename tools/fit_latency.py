"""Fits data/estimates/latency.toml and power.toml to the published measurements.

    python tools/fit_latency.py [--check]

cycle_model.py says what is fitted and how it is tested; data/estimates/README.md what the files hold.
"""

from __future__ import annotations

import argparse
import math
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from cycle_model import (
    HELD_OUT_MODELS,
    HELD_OUT_PLACES,
    TERMS,
    CycleModel,
    HeldOut,
    Row,
    held_out,
    largest_shares,
)

from tinykg.estimate.measurements import MAC_CLASSES, read_all_runs, read_networks, read_sources
from tinykg.estimate.tables import read_stack_file, read_stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
MEASUREMENTS = ROOT / "data" / "measurements"
ESTIMATES = ROOT / "data" / "estimates"

OWN_ROWS = 10
"""A cell with so many held-out rows has a bound of its own; one with fewer, the wider of its own and all."""


def fitting_rows() -> list[Row]:
    """The int8 runs on one core of known clock, of networks whose work is counted.

    Left out are streams, whose latency is itself an estimate, and the stacks without `kernels`.
    """
    stacks, sheet = read_stacks(ESTIMATES), read_stack_file(ESTIMATES)
    networks, sources = read_networks(MEASUREMENTS), read_sources(MEASUREMENTS)
    rows = []
    for run in read_all_runs(MEASUREMENTS):
        kernels, network = stacks[run.stack].kernels, networks.get(run.model)
        if not (kernels and network and run.core and run.clock_mhz and run.types == "int8"):
            continue
        if run.power_mw is not None:
            continue
        board = run.device or run.board
        rows.append(
            Row(
                board=sheet.same_board.get(board, board),
                core=run.core,
                part=run.part if run.core in sheet.by_part.cores else None,
                stack=run.stack,
                kernels=kernels,
                model=run.model,
                work=(*(network.macs.get(name, 0) for name in MAC_CLASSES), network.operators),
                cycles=run.latency_ms * run.clock_mhz * 1e3,
                source=run.source,
                submitter=run.submitter,
                whole_model=not sources[run.source].kernels,
            )
        )
    return rows


def by_kernels(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of reference kernels and those of tuned ones: what one costs says nothing of the other."""
    return [[row for row in rows if row.kernels == kernels] for kernels in ("reference", "tuned")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutBound:
    """By which test an interval is judged, on how many rows, and the factor that bounds nine of ten."""

    test: str
    rows: int
    factor: float


def factor_of(tests: Sequence[HeldOut]) -> float:
    """The factor that bounds the misses of nine of ten held-out rows, either way."""
    return float(np.percentile([held.factor for held in tests], 90))


def interval(tests: Sequence[HeldOut], cell: tuple[str, str]) -> HeldOutBound:
    """The wider of two bounds: for boards or cells not seen before, and for networks not seen before."""
    return max(
        (_bound(tests, cell, names) for names in (HELD_OUT_PLACES, HELD_OUT_MODELS)),
        key=lambda bound: bound.factor,
    )


def _bound(tests: Sequence[HeldOut], cell: tuple[str, str], names: Sequence[str]) -> HeldOutBound:
    """By the first of the tests that the cell allows: on its own rows, or on those alike where few."""
    own = {name: [h for h in tests if h.test == name and h.row.cell == cell] for name in names}
    test = next((name for name in names if own[name]), names[-1])
    if len(own[test]) >= OWN_ROWS:
        return HeldOutBound(test=test, rows=len(own[test]), factor=factor_of(own[test]))
    alike = [held for held in tests if held.test == test]
    factors = [factor_of(found) for found in (alike, own[test]) if found]
    return HeldOutBound(test=test, rows=len(alike), factor=max(factors))


def latency_text(rows: Sequence[Row]) -> str:
    """The whole of latency.toml."""
    networks = read_networks(MEASUREMENTS)
    shares = [n.other_elements / sum(n.macs.values()) for n in networks.values() if n.other_elements]
    out = [
        "# Written by tools/fit_latency.py from data/measurements/; README.md says what the keys mean.",
        f"\nother_elements_per_mac = {max(shares):.4f}",
    ]
    fits = [(group, CycleModel(group)) for group in by_kernels(rows)]
    tests = [test for group, fit in fits for test in held_out(group, fit)]
    for group, fit in fits:
        for cell in sorted({row.cell for row in group}, key=lambda c: (c[1], c[0])):
            out += _cell_lines([row for row in group if row.cell == cell], fit, tests)
    return "\n".join(out) + "\n"


def _cell_lines(inside: Sequence[Row], fit: CycleModel, tests: Sequence[HeldOut]) -> list[str]:
    """The table of one cell, of which `inside` are the rows."""
    sheet, first = read_stack_file(ESTIMATES), inside[0]
    bound = interval(tests, first.cell)
    rates = dict(zip(TERMS, fit.rates(first.cell), strict=True))
    shares = largest_shares(inside)
    whole = [row for row in inside if row.whole_model]
    return [
        "\n[[model]]",
        f'stack = "{first.stack}"',
        f"cores = {_list([first.core, *sheet.same_core.get(first.core, ())])}",
        *([f'part = "{first.part}"'] if first.part else []),
        'types = "int8,int8"',
        f"cycles_per_operator = {rates['operator']:.4g}",
        f"error_factor = {bound.factor:.3f}",
        f'held_out = "{bound.test}"',
        f"held_out_rows = {bound.rows}",
        f"rows = {len(inside)}",
        f"models = {len({row.model for row in whole})}",
        f"macs_low = {min(row.macs for row in whole)}",
        f"macs_high = {max(row.macs for row in whole)}",
        f"boards = {_list(sorted({row.board for row in inside}))}",
        f"sources = {_list(sorted({row.source for row in inside}))}",
        "[model.cycles_per_mac]",
        *(f"{name} = {rates[name]:.4g}" for name in shares),
        "[model.largest_shares]",
        *(f"{name} = {share:.4g}" for name, share in shares.items()),
    ]


def power_text() -> str:
    """The whole of power.toml: a figure for each stack on a device, and one for all of its CPU stacks."""
    stacks = read_stacks(ESTIMATES)
    found: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for run in read_all_runs(MEASUREMENTS):
        power = run.active_power_mw
        if power is not None and run.device:
            found[run.device, run.stack].append((power, run.source))
            if stacks[run.stack].kernels:
                found[run.device, ""].append((power, run.source))
    out = ["# Written by tools/fit_latency.py from data/measurements/: energy over time of each run, in mW."]
    for (device, stack), runs in sorted(found.items()):
        figures = [power for power, _ in runs]
        out += [
            "\n[[power]]",
            f'device = "{device}"',
            *([f'stack = "{stack}"'] if stack else []),
            f"milliwatt = {np.mean(figures):.4g}",
            f"low = {min(figures):.4g}",
            f"high = {max(figures):.4g}",
            f"rows = {len(runs)}",
            f"sources = {_list(sorted({source for _, source in runs}))}",
        ]
    return "\n".join(out) + "\n"


def _list(names: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def alike(ours: object, theirs: object) -> bool:
    """Whether two decoded files say the same, numbers within 0.5 %: linear algebra differs in last digits."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(alike(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, int | float):
        return math.isclose(ours, theirs, rel_tol=5e-3)
    return ours == theirs


def main(arguments: list[str] | None = None) -> int:
    """0 where the files are written or, with --check, say what the measurements give."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    stale = []
    for name, text in (("latency.toml", latency_text(fitting_rows())), ("power.toml", power_text())):
        path = ESTIMATES / name
        if not options.check:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or not alike(
            tomllib.loads(path.read_text(encoding="utf-8")), tomllib.loads(text)
        ):
            stale.append(name)
    if stale:
        sys.stderr.write(
            f"{' and '.join(stale)}: not what data/measurements/ gives. Run: python tools/fit_latency.py\n"
        )
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
