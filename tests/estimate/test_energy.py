"""Energy is power times time; whose power, and what is missing."""

from __future__ import annotations

import csv
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from tinykg.estimate.energy import estimate_energy
from tinykg.records.estimate import Estimate, EstimateTables, KernelStack, PowerFigure, Unknown
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.measurement import MeasuredRun

OWN = PowerFigure(
    device="board-a", stack="kernels-a", milliwatt=40.0, low=38.0, high=44.0, rows=4, sources=("source-a",)
)
ANY = PowerFigure(
    device="board-a",
    stack=None,
    milliwatt=50.0,
    low=38.0,
    high=75.0,
    rows=9,
    sources=("source-a", "source-b"),
)
TABLES = EstimateTables(
    latency=(),
    power=(ANY, OWN),
    stacks={"kernels-a": KernelStack(name="kernels-a", title="A", runtimes=("runtime-a",))},
)
TIME = Estimate(
    value=2000.0,
    low=1000.0,
    high=4000.0,
    unit="us",
    evidence=Evidence(kind=EvidenceKind.ESTIMATED, source="x"),
    rows=1,
    basis="x",
)


def test_energy_is_power_times_time_and_the_interval_takes_the_extremes() -> None:
    found = estimate_energy(TABLES, TIME, "board-a", "runtime-a")
    assert isinstance(found, Estimate)
    assert (found.value, found.low, found.high, found.unit) == (80.0, 38.0, 176.0, "uJ")
    assert found.rows == 4
    assert found.basis == "energy over time of 4 runs by kernels-a (source-a): 38 to 44 mW"


def test_another_runtime_takes_the_power_of_all_stacks() -> None:
    found = estimate_energy(TABLES, TIME, "board-a", "runtime-b")
    assert isinstance(found, Estimate)
    assert found.value == 100.0
    assert found.basis.startswith("energy over time of 9 runs by all kernel stacks on its processor")


def test_without_power_or_time_the_missing_fact_is_named() -> None:
    assert estimate_energy(TABLES, TIME, "board-b", "runtime-a") == Unknown(
        reason="no measurement of the power of board-b"
    )
    missing = Unknown(reason="no measurement of runtime-a on avr")
    assert estimate_energy(TABLES, missing, "board-a", "runtime-a") == missing


def test_power_of_each_submission_is_the_collected_one(runs: list[MeasuredRun], test_data: Path) -> None:
    """Mean, lowest and highest power of each of the 40 submissions with energy."""
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for run in runs:
        if run.active_power_mw is not None:
            groups[run.source.removeprefix("mlperf-tiny-"), run.run.rsplit("-", 1)[0]].append(
                run.active_power_mw
            )
    ours = sorted(
        (version, len(found), sum(found) / len(found), min(found), max(found))
        for (version, _), found in groups.items()
    )
    with (test_data / "power_by_board.csv").open(encoding="utf-8", newline="") as lines:
        collected = sorted(
            (r["round"], int(r["n"]), float(r["power_mW"]), float(r["pmin"]), float(r["pmax"]))
            for r in csv.DictReader(lines)
        )
    assert len(ours) == 40
    for mine, theirs in zip(ours, collected, strict=True):
        assert mine[:2] == theirs[:2]
        assert mine[2:] == pytest.approx(theirs[2:], abs=0.02)


def test_the_shipped_power_is_of_devices_by_stack_and_by_all(tables: EstimateTables) -> None:
    both = {figure.device for figure in tables.power if figure.stack is None}
    assert len(tables.power) == 22
    assert both <= {figure.device for figure in tables.power if figure.stack}
    assert "greenwaves-gap9-evk" not in both  # only its accelerator was measured
    for figure in tables.power:
        assert 0 < figure.low <= figure.milliwatt <= figure.high
