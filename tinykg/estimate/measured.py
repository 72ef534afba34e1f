"""The measured time or energy of one inference, where the same file was run on the same board. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.records.estimate import Estimate
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tinykg.records.estimate import EstimateTables
    from tinykg.records.measurement import MeasuredRun


def measured_latency(
    runs: Iterable[MeasuredRun],
    tables: EstimateTables,
    *,
    file_sha256: str,
    device: str,
    clock_hz: int | None,
    runtime: str,
) -> Estimate | None:
    """Microseconds of one inference as published: the mean of all runs, and their extremes.

    Runs count whose kernel stack stands for the runtime and whose clock is the device's.
    """
    same = _same(runs, tables, file_sha256, device, clock_hz, runtime)
    return _mean(same, lambda run: run.latency_ms * 1000, "us")


def measured_energy(
    runs: Iterable[MeasuredRun],
    tables: EstimateTables,
    *,
    file_sha256: str,
    device: str,
    clock_hz: int | None,
    runtime: str,
) -> Estimate | None:
    """Microjoules of one inference as published, by the same rules."""
    same = _same(runs, tables, file_sha256, device, clock_hz, runtime)
    return _mean(same, lambda run: run.energy_uj, "uJ")


def _same(
    runs: Iterable[MeasuredRun],
    tables: EstimateTables,
    sha256: str,
    device: str,
    clock_hz: int | None,
    runtime: str,
) -> list[MeasuredRun]:
    stacks = {model.stack for model in tables.latency if runtime in model.runtimes}
    return [
        run
        for run in runs
        if run.stack in stacks
        and run.file_sha256 == sha256
        and run.device == device
        and run.clock_hz in {None, clock_hz}
    ]


def _mean(
    runs: list[MeasuredRun], figure: Callable[[MeasuredRun], float | None], unit: str
) -> Estimate | None:
    figures = [found for run in runs if (found := figure(run)) is not None]
    if not figures:
        return None
    witness = min(run.witness for run in runs if figure(run) is not None)
    return Estimate(
        value=sum(figures) / len(figures),
        low=min(figures),
        high=max(figures),
        unit=unit,
        evidence=Evidence(kind=EvidenceKind.MEASURED, source=witness),
        rows=len(figures),
        basis=witness,
    )
