"""Any order of steps by any workers: the queue is what a plain model of it says, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench_plugins import SetClock, result
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from tinykg.catalogue.jobs import Jobs
from tinykg.errors import BenchmarkCancelled
from tinykg.records.benchmark import ENDED, BenchmarkRequest, JobState
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tinykg.records.benchmark import Job

LEASE_S = 60
MOST = 3
WORKERS = st.sampled_from(["ana#1", "ben#2"])
RUNNERS = st.sampled_from(["one", "two"])


class InMemory:
    """Sessions on a store of one's own."""

    def __init__(self) -> None:
        self.store = EmbeddedStore()

    @contextmanager
    def reading(self, *, sources: bool = True) -> Iterator[EmbeddedStore]:
        del sources
        yield self.store

    @contextmanager
    def writing(self, purpose: str) -> Iterator[EmbeddedStore]:
        del purpose
        yield self.store

    def files(self) -> None:
        return None


class QueueMachine(RuleBasedStateMachine):
    """The queue beside what it should be: state, worker, attempts and end of the lease of each job."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SetClock()
        self.sessions = InMemory()
        self.jobs = Jobs(self.sessions, lease_s=LEASE_S, most_attempts=MOST, clock=self.clock)
        self.model: dict[str, tuple[JobState, str | None, int, float]] = {}
        self.runner: dict[str, str] = {}
        self.ended: dict[str, Job] = {}
        self.now = 0.0

    made = Bundle("made")
    held = Bundle("held")

    def settle(self) -> None:
        """What the queue does whenever it is looked at."""
        for job_id, (state, _, attempts, until) in self.model.items():
            if state is JobState.RUNNING and until <= self.now:
                after = JobState.QUEUED if attempts < MOST else JobState.FAILED
                self.model[job_id] = (after, None, attempts, 0)

    def is_of(self, job_id: str, worker: str) -> bool:
        state, holder, _, _ = self.model[job_id]
        return state is JobState.RUNNING and holder == worker

    def attempt(self, job_id: str, worker: str, step: Callable[[], Job]) -> bool:
        """Whether a worker's step is taken; exactly where the job is the worker's."""
        try:
            step()
        except BenchmarkCancelled:
            assert not self.is_of(job_id, worker)
            return False
        assert self.is_of(job_id, worker)
        return True

    @rule(target=made, runner=RUNNERS)
    def create(self, runner: str) -> str:
        self.clock.forward(0.001)
        self.now += 0.001
        job = self.jobs.create(BenchmarkRequest(model="m", file_sha256="0" * 64, runner=runner))
        self.model[job.id] = (JobState.QUEUED, None, 0, 0)
        self.runner[job.id] = runner
        return job.id

    @rule(target=held, worker=WORKERS, runners=st.sets(RUNNERS, min_size=1))
    def claim(self, worker: str, runners: set[str]) -> object:
        job = self.jobs.claim(worker, runners)
        if job is not None or any(
            s is JobState.RUNNING and u <= self.now for s, _, _, u in self.model.values()
        ):
            self.settle()
        waiting = [i for i, m in self.model.items() if m[0] is JobState.QUEUED and self.runner[i] in runners]
        assert (None if job is None else job.id) == (waiting[0] if waiting else None)
        if job is not None:
            attempts = self.model[job.id][2] + 1
            self.model[job.id] = (JobState.RUNNING, worker, attempts, self.now + LEASE_S)
        return multiple() if job is None else job.id

    @rule(seconds=st.sampled_from([0.5, 30, 59, 61, 200]))
    def wait(self, seconds: float) -> None:
        self.clock.forward(seconds)
        self.now += seconds

    @rule(job_id=held, worker=WORKERS, done=st.floats(-1, 2))
    def beat(self, job_id: str, worker: str, done: float) -> None:
        if self.attempt(job_id, worker, lambda: self.jobs.beat(job_id, worker, done, "doing")):
            state, holder, attempts, _ = self.model[job_id]
            self.model[job_id] = (state, holder, attempts, self.now + LEASE_S)

    @rule(job_id=held, worker=WORKERS, is_broken=st.booleans())
    def finish(self, job_id: str, worker: str, is_broken: bool) -> None:
        outcome = result(tools=()) if is_broken else result()
        if self.attempt(job_id, worker, lambda: self.jobs.finish(job_id, worker, outcome)):
            after = JobState.FAILED if is_broken else JobState.DONE
            self.model[job_id] = (after, None, self.model[job_id][2], 0)

    @rule(job_id=held, worker=WORKERS)
    def fail(self, job_id: str, worker: str) -> None:
        if self.attempt(job_id, worker, lambda: self.jobs.fail(job_id, worker, "no")):
            self.model[job_id] = (JobState.FAILED, None, self.model[job_id][2], 0)

    @rule(job_id=held, worker=WORKERS)
    def give_back(self, job_id: str, worker: str) -> None:
        if self.attempt(job_id, worker, lambda: self.jobs.give_back(job_id, worker)):
            self.model[job_id] = (JobState.QUEUED, None, self.model[job_id][2] - 1, 0)

    @rule(job_id=made)
    def cancel(self, job_id: str) -> None:
        self.jobs.cancel(job_id)
        self.settle()
        if self.model[job_id][0] not in ENDED:
            self.model[job_id] = (JobState.CANCELLED, None, self.model[job_id][2], 0)

    @rule()
    def look(self) -> None:
        found = self.jobs.all()
        self.settle()
        assert [job.id for job in found] == list(self.model)
        for job in found:
            state, worker, attempts, _ = self.model[job.id]
            assert (job.state, job.attempts) == (state, attempts)
            if state is JobState.RUNNING:
                assert job.worker == worker

    @invariant()
    def what_has_ended_stays_as_it_is(self) -> None:
        for job_id, (state, *_) in self.model.items():
            if state in ENDED:
                job = self.jobs.get(job_id)
                self.settle()
                assert self.ended.setdefault(job_id, job) == job
                assert (job.run is not None) == (state is JobState.DONE)
                assert (job.reason is not None) == (state is JobState.FAILED)

    @invariant()
    def there_is_a_run_for_each_job_that_is_done_and_no_other(self) -> None:
        graphs = Counter(
            "run" if "benchmark-run" in name else "job" for name in self.sessions.store.graph_names()
        )
        done = sum(state is JobState.DONE for state, *_ in self.model.values())
        assert graphs == Counter(run=done, job=len(self.model))


QueueMachine.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestQueue = QueueMachine.TestCase
