"""Benchmark jobs and runs as people read them."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Final

from tinykg.records.benchmark import Ground, JobState, ground_of
from tinykg.report.results_table import figure_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tinykg.records.benchmark import BenchmarkRun, Figure, Job

STANDS_FOR: Final[Mapping[Ground, str]] = {
    Ground.BOARD: "measured on the device",
    Ground.PUBLISHED: "published",
    Ground.HOST: "of this host: it says nothing about a board",
    Ground.EMULATED: "emulated: it counts as measured on no board",
    Ground.SIMULATED: "simulated: it ranks nothing",
    Ground.ESTIMATED: "estimated by a tool: nothing was measured",
}
"""How much a run's figures say."""

JOB_COLUMNS: Final = ("job", "state", "model", "device", "runner", "asked for", "note")
_LONGEST_NOTE: Final = 60
FIGURE_COLUMNS: Final = ("figure", "value", "of")


def job_row(job: Job) -> tuple[str, ...]:
    """A job as a row of a table."""
    request = job.request
    created = job.created.strftime("%Y-%m-%d %H:%M:%S")
    said = shorten(note(job), _LONGEST_NOTE, placeholder=" ...")
    return job.id, job.state.value, request.model, request.device or "-", request.runner, created, said


def note(job: Job) -> str:
    """How far a job is, what it came to, or why it came to nothing."""
    if job.state is JobState.RUNNING:
        return f"{(job.progress or 0) * 100:.0f} % {job.doing or ''}".rstrip() + f", {job.worker}"
    if job.state is JobState.DONE:
        return f"run {job.run}"
    if job.state is JobState.FAILED:
        return job.reason or ""
    return ""


def job_pairs(job: Job) -> list[tuple[str, str | None]]:
    """All that is known of a job, as names and values."""
    request = job.request
    options = ", ".join(f"{name}={value}" for name, value in sorted(request.options.items()))
    return [
        ("job", job.id),
        ("state", job.state.value),
        ("model", request.model),
        ("device", request.device),
        ("runner", request.runner),
        ("runtime", request.runtime),
        ("options", options or None),
        ("data", request.data),
        ("asked for", _moment(job.created)),
        ("begun", _moment(job.started)),
        ("ended", _moment(job.ended)),
        ("attempts", str(job.attempts)),
        ("worker", job.worker),
        ("now", note(job) if job.state is JobState.RUNNING else None),
        ("reason", job.reason),
        ("run", job.run),
    ]


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def run_heading(run: BenchmarkRun) -> str:
    """What ran where by what."""
    result = run.result
    place = f" for {run.device}" if run.device and not result.on_device else ""
    where = run.device if result.on_device else result.emulator or result.where
    return f"{run.model or run.file_sha256[:12]} on {where}{place} by {result.runner}"


def run_pairs(run: BenchmarkRun) -> list[tuple[str, str | None]]:
    """What a reader must know to judge a run's figures."""
    result, data = run.result, run.result.dataset
    return [
        ("run", run.id),
        ("figures", STANDS_FOR[ground_of(run)]),
        ("engine", result.runtime),
        ("runtime", run.on_runtime),
        ("data", None if data is None else f"{data.name}, {data.samples} samples"),
        *(("note", text) for text in result.notes),
    ]


def figure_rows(figures: Sequence[Figure]) -> list[tuple[str, ...]]:
    """Figures as rows of a table."""
    return [(figure.metric, _value(figure), _of(figure)) for figure in figures]


def _value(figure: Figure) -> str:
    """A figure as people read it; what was counted, to the last one."""
    exact = figure.unit == "NUM" and figure.evidence == "measured"
    return f"{figure.value:,.0f}" if exact else figure_text(figure)


def _of(figure: Figure) -> str:
    """What of how many numbers a figure is."""
    if figure.statistic is None:
        return "" if figure.count is None else f"{figure.count}"
    return figure.statistic if figure.count is None else f"{figure.statistic} of {figure.count}"
