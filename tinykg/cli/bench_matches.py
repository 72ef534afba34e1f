"""Benchmarks of the best that `tinykg match` found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tinykg.cli.bench_progress import ProgressLine
from tinykg.cli.bench_run import request_for, run_now
from tinykg.cli.output import note, print_paragraph, print_table, say
from tinykg.errors import BenchmarkCancelled, BenchmarkError, ModelNotKept
from tinykg.records.match import Verdict
from tinykg.report.results_table import explanation, in_order, sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.benchmark import BenchmarkRun, ResultRow
    from tinykg.records.match import Match
    from tinykg.registry import Registry


def bench_best(
    registry: Registry,
    found: Sequence[Match],
    *,
    top: int,
    runner: str | None,
    runtime: str | None,
    options: dict[str, str],
) -> list[ResultRow]:
    """Run the first `top` that fit, in their order; the results, those that rank first.

    One whose bytes the registry has not is passed over, one that comes to nothing is told of.
    """
    runs: list[BenchmarkRun] = []
    for match in [m for m in found if m.verdict is Verdict.FITS]:
        if len(runs) == top:
            break
        run = _run(registry, match, runner=runner, runtime=runtime, options=options, data=None)
        if run is not None:
            runs.append(run)
    ids = {run.id for run in runs}
    rows = [row for model in {run.model for run in runs} for row in registry.result_rows(model=model)]
    return in_order(list({row.id: row for row in rows if row.id in ids}.values()))


def _run(registry: Registry, match: Match, **asked: Any) -> BenchmarkRun | None:
    """The run of one pair; None, with a note, where there is none to be had."""
    try:
        request = request_for(registry, match.model, device=match.device, **asked)
        with ProgressLine(f"{request.model} by {request.runner}") as line:
            _, run = run_now(registry, request, line.tell)
    except ModelNotKept:
        note(f"passed over: {match.model}: the registry has no bytes of its file ('tinykg add FILE')")
        return None
    except BenchmarkCancelled:
        raise
    except BenchmarkError as error:
        note(str(error))
        return None
    note(f"run {run.id}: {request.model} by {request.runner}")
    return run


def print_results(rows: Sequence[ResultRow]) -> None:
    """What was measured, ranked as far as it was measured on the board."""
    if not rows:
        say("\nNothing was measured.", bold=True)
        return
    for section in sections(rows):
        say(f"\n{section.title}", bold=True)
        print_table(section.columns, section.rows, right=section.right)
    click.echo()
    for line in explanation(rows):
        print_paragraph(line)
