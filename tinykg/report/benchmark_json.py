"""Benchmark jobs and runs as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.records.benchmark import ground_of
from tinykg.report.results_json import circumstances, plain_figure

if TYPE_CHECKING:
    from datetime import datetime

    from tinykg.records.benchmark import BenchmarkRun, Job


def job_value(job: Job) -> dict[str, object]:
    """A job; times as RFC 3339 has them."""
    request = job.request
    return {
        "id": job.id,
        "state": job.state.value,
        "model": request.model,
        "file_sha256": request.file_sha256,
        "device": request.device,
        "runner": request.runner,
        "runtime": request.runtime,
        "options": dict(request.options),
        "data": request.data,
        "created": _moment(job.created),
        "started": _moment(job.started),
        "ended": _moment(job.ended),
        "attempts": job.attempts,
        "worker": job.worker,
        "lease_until": _moment(job.lease_until),
        "progress": job.progress,
        "doing": job.doing,
        "reason": job.reason,
        "run": job.run,
    }


def run_value(run: BenchmarkRun) -> dict[str, object]:
    """A run with all its figures; `ground` says what they are of."""
    return {
        "id": run.id,
        "ground": ground_of(run).value,
        "model": run.model,
        "file_sha256": run.file_sha256,
        "device": run.device,
        "on_device": run.result.on_device,
        "where": run.result.where,
        "runner": run.result.runner,
        "runtime": run.result.runtime,
        "on_runtime": run.on_runtime,
        "figures": [plain_figure(figure) for figure in run.result.figures],
        "job": run.job,
        "worker": run.worker,
        **circumstances(run.result),
        "ended": run.result.ended.isoformat(),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
