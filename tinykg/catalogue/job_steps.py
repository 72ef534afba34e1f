"""What becomes of a benchmark job: each step is a new record, made from the old one and the time."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tinykg.errors import BenchmarkCancelled
from tinykg.records.benchmark import ENDED, Job, JobState

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from tinykg.records.benchmark import BenchmarkRequest

MOST_ATTEMPTS: Final = 3
"""How often a job is begun whose workers fall silent; the fault may lie in the job."""

_ID_BYTES: Final = 5
_LONGEST_TEXT: Final = 2000
"""Characters of what a worker says; a device may say anything at any length."""


def queued(request: BenchmarkRequest, now: datetime) -> Job:
    """A new job."""
    return Job(id=secrets.token_hex(_ID_BYTES), request=request, state=JobState.QUEUED, created=now)


def begun(job: Job, worker: str, now: datetime, lease: timedelta) -> Job:
    """A job that a worker takes."""
    return replace(
        job,
        state=JobState.RUNNING,
        attempts=job.attempts + 1,
        worker=bounded(worker) or "a worker without a name",
        lease_until=now + lease,
        started=now,
        progress=0.0,
        doing=None,
        reason=None,
    )


def beaten(job: Job, now: datetime, lease: timedelta, done: float, doing: str) -> Job:
    """A running job whose worker gave a sign of life; what is no number of its progress counts as none."""
    return replace(
        job, lease_until=now + lease, progress=min(max(0.0, done), 1.0), doing=bounded(doing) or None
    )


def done(job: Job, run: str, now: datetime) -> Job:
    """A job that came to a run."""
    return replace(_ended(job, now), state=JobState.DONE, progress=1.0, run=run)


def failed(job: Job, reason: str, now: datetime) -> Job:
    """A job that came to nothing, and why."""
    return replace(_ended(job, now), state=JobState.FAILED, reason=bounded(reason) or "no reason was given")


def cancelled(job: Job, now: datetime) -> Job:
    """A job that somebody ended; one that has ended already stays as it is."""
    return job if job.state in ENDED else replace(_ended(job, now), state=JobState.CANCELLED)


def given_back(job: Job) -> Job:
    """A running job whose worker stops without fault: it waits again, as if it had not been begun."""
    return replace(_waiting(job), attempts=job.attempts - 1)


def settled(job: Job, now: datetime, most_attempts: int = MOST_ATTEMPTS) -> Job:
    """What a job is once its worker's lease is over: queued again, or failed where that was too often."""
    if not has_lapsed(job, now):
        return job
    if job.attempts < most_attempts:
        return _waiting(job)
    last = f"; it was at: {job.doing}" if job.doing else ""
    times = "once" if job.attempts == 1 else f"{job.attempts} times"
    return failed(job, f"its worker fell silent, {times}; the last was {job.worker}{last}", now)


def has_lapsed(job: Job, now: datetime) -> bool:
    """Whether a job runs by a worker that gave no sign of life for too long."""
    return job.state is JobState.RUNNING and job.lease_until is not None and job.lease_until <= now


def check_is_of(job: Job, worker: str) -> None:
    """Raise BenchmarkCancelled where a job is not, or no longer, a worker's to run."""
    if job.state is JobState.RUNNING and job.worker == bounded(worker):
        return
    if job.state is JobState.CANCELLED:
        raise BenchmarkCancelled(f"Job {job.id} was cancelled.")
    raise BenchmarkCancelled(
        f"Job {job.id} is no longer this worker's: it is {job.state.value}"
        + (f" by {job.worker}" if job.state is JobState.RUNNING else "")
        + ". A worker that gives no sign of life for too long loses its job."
    )


def bounded(text: str) -> str:
    """A text of a stranger as one that RDF can hold: without surrogates and NUL, and of bounded length."""
    clean = text.encode("utf-8", "replace").decode().replace("\0", "").strip()
    return clean if len(clean) <= _LONGEST_TEXT else f"{clean[: _LONGEST_TEXT - 4]} ..."


def _waiting(job: Job) -> Job:
    return replace(
        job,
        state=JobState.QUEUED,
        worker=None,
        lease_until=None,
        started=None,
        progress=None,
        doing=None,
    )


def _ended(job: Job, now: datetime) -> Job:
    """A job at its end; clocks that were set back make it not end before it began."""
    ended = now if job.started is None else max(now, job.started)
    return replace(job, ended=ended, lease_until=None, doing=None)
