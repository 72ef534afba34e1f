"""The queue of benchmarks: jobs are graphs, each step of one is a transaction, two workers never have one.

Whoever writes does so alone (`Sessions.writing`): in a folder that is shared by processes, in a server, and
through a server that holds the folder. So a job is claimed by reading it and writing it back in one session.
A worker has a job for the time of a lease, which each sign of life begins anew; a job whose lease is over is
queued again by whoever looks at the queue next.
"""

from __future__ import annotations

import math
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tinykg.catalogue import job_steps
from tinykg.errors import BenchmarkError, TinykgError, UnknownName
from tinykg.graph import iris
from tinykg.graph.decode_benchmark import decode_jobs
from tinykg.graph.encode_benchmark import encode_job, encode_run
from tinykg.queries.load import sparql
from tinykg.records.benchmark import BenchmarkRun, JobState
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.protocol import text_of
from tinykg.validate.gate import check

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    import pyoxigraph as ox

    from tinykg.catalogue.sessions import Sessions
    from tinykg.records.benchmark import BenchmarkRequest, BenchmarkResult, Job
    from tinykg.store.protocol import Store

LEASE_S: Final = 60.0
"""How long a worker has a job without a sign of life; workers give one every quarter of it."""

_RUN_ID_BYTES: Final = 6
_SHORTEST_PREFIX: Final = 2


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Jobs:
    """The benchmark jobs of a registry."""

    def __init__(
        self,
        sessions: Sessions,
        *,
        lease_s: float = LEASE_S,
        most_attempts: int = job_steps.MOST_ATTEMPTS,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._sessions = sessions
        self._lease = timedelta(seconds=lease_s)
        self._most_attempts = most_attempts
        self._clock = clock

    @property
    def lease_s(self) -> float:
        """How long a worker has a job without a sign of life, in seconds."""
        return self._lease.total_seconds()

    def create(self, request: BenchmarkRequest, worker: str | None = None) -> Job:
        """Queue a benchmark, or let a worker have it at once; raises ShapeViolation."""
        now = self._clock()
        job = job_steps.queued(request, now)
        if worker is not None:
            job = job_steps.begun(job, worker, now, self._lease)
        check(encode_job(job), f"the benchmark of {request.model}")
        with self._sessions.writing("asking for a benchmark") as store:
            self._write(store, job)
        return job

    def get(self, job_id: str) -> Job:
        """A job by its id, or by a beginning of it that only one job has; raises UnknownName."""
        self.settle()
        with self._sessions.reading(sources=False) as store:
            return _find(store, job_id)

    def all(self, states: Collection[JobState] = ()) -> list[Job]:
        """The jobs in some states, or all, in the order of asking."""
        self.settle()
        with self._sessions.reading(sources=False) as store:
            return [_job(store, job_id) for job_id, *_ in _rows(store, states)]

    def claim(self, worker: str, runners: Collection[str], job_id: str | None = None) -> Job | None:
        """Take the job that has waited longest for one of some runners, or a certain one; None without any.

        Only one worker gets it.
        """
        with self._sessions.reading(sources=False) as store:
            if not self._claimable(store, runners, job_id) and not self._lapsed(store):
                return None
        with self._sessions.writing("taking a benchmark") as store:
            self._settle(store)
            waiting = self._claimable(store, runners, job_id)
            if not waiting:
                return None
            job = job_steps.begun(_job(store, waiting[0]), worker, self._clock(), self._lease)
            self._write(store, job)
        return job

    def beat(self, job_id: str, worker: str, done: float, doing: str) -> Job:
        """Give a sign of life of a job; raises BenchmarkCancelled where it is not the worker's now."""
        with self._sessions.writing("telling how far a benchmark is") as store:
            job = _job(store, job_id)
            job_steps.check_is_of(job, worker)
            beaten = job_steps.beaten(job, self._clock(), self._lease, done, doing)
            self._write(store, beaten)
        return beaten

    def finish(self, job_id: str, worker: str, result: BenchmarkResult) -> Job:
        """End a job with its result, both in one transaction: done, or failed where the result breaks a rule.

        Raises BenchmarkCancelled where the job is not the worker's now.
        """
        with self._sessions.reading(sources=False) as store:
            job = _job(store, job_id)
        job_steps.check_is_of(job, worker)
        run = _run_of(job, result)
        try:
            triples = _sound(run)
        except (TinykgError, ValueError) as error:  # a text that is none, such as half a character
            return self.fail(job_id, worker, f"The result is not taken: {error}")
        with self._sessions.writing("keeping a benchmark's result") as store:
            job = _job(store, job_id)
            job_steps.check_is_of(job, worker)
            done = job_steps.done(job, run.id, self._clock())
            store.replace_graphs({_graph(done.id): encode_job(done), run_graph(run.id): triples})
        return done

    def fail(self, job_id: str, worker: str, reason: str) -> Job:
        """End a job that came to nothing; raises BenchmarkCancelled where it is not the worker's now."""
        return self._end(job_id, worker, lambda job: job_steps.failed(job, reason, self._clock()))

    def give_back(self, job_id: str, worker: str) -> Job:
        """Let a job wait again whose worker stops without fault."""
        return self._end(job_id, worker, job_steps.given_back)

    def cancel(self, job_id: str) -> Job:
        """End a job that waits or runs; its worker learns of it with its next sign of life."""
        with self._sessions.writing("cancelling a benchmark") as store:
            self._settle(store)
            job = job_steps.cancelled(_find(store, job_id), self._clock())
            self._write(store, job)
        return job

    def settle(self) -> int:
        """Queue again, or fail, the jobs whose workers fell silent; how many there were."""
        with self._sessions.reading(sources=False) as store:
            if not self._lapsed(store):
                return 0
        with self._sessions.writing("looking after benchmarks") as store:
            return self._settle(store)

    def _end(self, job_id: str, worker: str, step: Callable[[Job], Job]) -> Job:
        with self._sessions.writing("ending a benchmark") as store:
            job = _job(store, job_id)
            job_steps.check_is_of(job, worker)
            ended = step(job)
            self._write(store, ended)
        return ended

    def _settle(self, store: Store) -> int:
        now, lapsed = self._clock(), self._lapsed(store)
        self._write(store, *(job_steps.settled(job, now, self._most_attempts) for job in lapsed))
        return len(lapsed)

    def _lapsed(self, store: Store) -> list[Job]:
        now = self._clock()
        return [
            _job(store, job_id)
            for job_id, _, lease_until in _rows(store, (JobState.RUNNING,))
            if lease_until is not None and lease_until <= now
        ]

    def _claimable(self, store: Store, runners: Collection[str], job_id: str | None) -> list[str]:
        return [
            waiting
            for waiting, runner, _ in _rows(store, (JobState.QUEUED,))
            if runner in runners and job_id in {None, waiting}
        ]

    def _write(self, store: Store, *jobs: Job) -> None:
        """Write jobs in one transaction; answers about models and devices do not depend on them."""
        graphs = {_graph(job.id): encode_job(job) for job in jobs}
        if isinstance(store, EmbeddedStore):
            store.replace_graphs(graphs, _leaves_answers)
        else:
            store.replace_graphs(graphs)


def run_graph(run_id: str) -> str:
    """The IRI of the named graph that holds one of our own runs."""
    return iris.graph_of(iris.benchmark_run(run_id).value)


def _leaves_answers(_graph: str, _changed: object) -> bool:
    return True


def _graph(job_id: str) -> str:
    return iris.graph_of(iris.benchmark_job(job_id).value)


def _rows(store: Store, states: Iterable[JobState]) -> list[tuple[str, str, datetime | None]]:
    """Id, runner and end of the lease of the jobs in some states, or all, in the order of asking."""
    wanted = [iris.concept("job-state", state) for state in states] or None
    return [
        (text_of(row["id"]) or "", text_of(row["runner"]) or "", _moment(text_of(row["leaseUntil"])))
        for row in store.select(sparql("jobs", state=wanted))
    ]


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _job(store: Store, job_id: str) -> Job:
    """The job of an id; raises UnknownName."""
    found = decode_jobs(store.graph(_graph(job_id)))
    if not found:
        raise UnknownName("job", job_id, [])
    return found[0]


def _find(store: Store, job_id: str) -> Job:
    """The job of an id or of its beginning; raises UnknownName."""
    known = [known for known, *_ in _rows(store, ())]
    if job_id not in known:
        near = [one for one in known if len(job_id) >= _SHORTEST_PREFIX and one.startswith(job_id)]
        if len(near) != 1:
            raise UnknownName("job", job_id, near[:5])
        job_id = near[0]
    return _job(store, job_id)


def _run_of(job: Job, result: BenchmarkResult) -> BenchmarkRun:
    """The run that a job's result makes; a host that is not the device says nothing of the device."""
    request = job.request
    stands_for = result.on_device or result.simulated or result.emulator is not None
    return BenchmarkRun(
        id=secrets.token_hex(_RUN_ID_BYTES),
        model=request.model,
        file_sha256=request.file_sha256,
        device=request.device if stands_for else None,
        result=result,
        job=job.id,
        on_runtime=request.runtime,
        worker=None if job.worker is None else job.worker.partition("#")[0],
    )


def _sound(run: BenchmarkRun) -> list[ox.Triple]:
    """The triples of a run that passes the gate; raises BenchmarkError or ShapeViolation."""
    for figure in run.result.figures:
        if not math.isfinite(figure.value):
            raise BenchmarkError(f"its {figure.metric} is {figure.value}, which is no number")
    if not run.result.figures:
        raise BenchmarkError("it has no figure")
    triples = encode_run(run)
    check(triples, f"the run of {run.model} by {run.result.runner}")
    return triples
