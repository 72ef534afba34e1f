"""The queue of benchmarks: what each step makes of a job, who may take it, and what is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bench_plugins import NOON, SetClock, result

from tinykg.catalogue.jobs import Jobs, run_graph
from tinykg.errors import (
    BenchmarkCancelled,
    InputError,
    ModelNotKept,
    ShapeViolation,
    TinykgError,
    UnknownName,
)
from tinykg.records.benchmark import BenchmarkRequest, Figure, JobState, Tool
from tinykg.registry import Registry
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkResult, Job
    from tinykg.store.protocol import Store

ANA, BEN = "ana@laptop#1-aa", "ben@desk#2-bb"
REQUEST = BenchmarkRequest(model="m", file_sha256="0" * 64, runner="plain", device="uno")


class OneStore:
    """Sessions on one store in memory, without the catalogue: the queue needs none."""

    def __init__(self) -> None:
        self.store = EmbeddedStore()

    def reading(self, *, sources: bool = True) -> AbstractContextManager[Store]:
        del sources
        return _given(self.store)

    def writing(self, purpose: str) -> AbstractContextManager[Store]:
        assert purpose
        return _given(self.store)

    def files(self) -> Path | None:
        return None


def _given(store: EmbeddedStore) -> AbstractContextManager[Store]:
    from contextlib import contextmanager

    @contextmanager
    def session() -> Iterator[Store]:
        yield store

    return session()


@pytest.fixture
def sessions() -> OneStore:
    return OneStore()


@pytest.fixture
def jobs(sessions: OneStore, clock: SetClock) -> Jobs:
    return Jobs(sessions, lease_s=60, most_attempts=3, clock=clock)


def claimed(jobs: Jobs, worker: str = ANA) -> Job:
    job = jobs.claim(worker, ["plain"])
    assert job is not None
    return job


def test_a_new_job_waits_and_is_found_by_a_beginning_of_its_id(jobs: Jobs) -> None:
    job = jobs.create(REQUEST)
    assert (job.state, job.created, job.attempts, job.worker) == (JobState.QUEUED, NOON, 0, None)
    assert jobs.get(job.id) == job == jobs.get(job.id[:4])
    assert jobs.all() == [job] == jobs.all([JobState.QUEUED])
    assert jobs.all([JobState.RUNNING]) == []


@pytest.mark.parametrize("name", ["", "0", "ffffffffff", "g\udc80"])
def test_a_job_that_is_not_there_is_unknown(jobs: Jobs, name: str) -> None:
    jobs.create(REQUEST)
    with pytest.raises(UnknownName, match="No job"):
        jobs.get(name)


def test_a_beginning_that_two_jobs_have_names_both(jobs: Jobs) -> None:
    made: dict[str, str] = {}
    while (job := jobs.create(REQUEST)).id[:2] not in made:  # at most 257 times
        made[job.id[:2]] = job.id
    with pytest.raises(UnknownName, match="Did you mean") as found:
        jobs.get(job.id[:2])
    assert set(found.value.near) == {job.id, made[job.id[:2]]}


def test_the_one_that_waited_longest_is_taken_first_and_by_one_only(jobs: Jobs, clock: SetClock) -> None:
    first = jobs.create(REQUEST)
    clock.forward(1)
    second = jobs.create(REQUEST)
    assert claimed(jobs, ANA).id == first.id
    assert claimed(jobs, BEN).id == second.id
    assert jobs.claim(ANA, ["plain"]) is None


def test_a_job_is_taken_only_by_who_has_its_runner(jobs: Jobs) -> None:
    job = jobs.create(REQUEST)
    assert jobs.claim(ANA, ["other", "plain2"]) is None
    assert jobs.claim(ANA, []) is None
    assert jobs.claim(ANA, ["other", "plain"]) == jobs.get(job.id)


def test_a_certain_job_can_be_taken(jobs: Jobs, clock: SetClock) -> None:
    jobs.create(REQUEST)
    clock.forward(1)
    wanted = jobs.create(REQUEST)
    taken = jobs.claim(ANA, ["plain"], wanted.id)
    assert taken is not None
    assert taken.id == wanted.id
    assert jobs.claim(BEN, ["plain"], wanted.id) is None


def test_a_worker_has_a_job_until_the_lease_ends(jobs: Jobs, clock: SetClock) -> None:
    jobs.create(REQUEST)
    job = claimed(jobs)
    assert (job.state, job.attempts, job.worker, job.started) == (JobState.RUNNING, 1, ANA, NOON)
    clock.forward(59)
    beaten = jobs.beat(job.id, ANA, 0.5, "linking")
    assert (beaten.progress, beaten.doing) == (0.5, "linking")
    clock.forward(59)
    assert jobs.get(job.id).state is JobState.RUNNING
    clock.forward(1)
    assert jobs.get(job.id).state is JobState.QUEUED
    with pytest.raises(BenchmarkCancelled, match="no longer this worker's"):
        jobs.beat(job.id, ANA, 0.6, "still linking")


def test_a_job_whose_workers_fall_silent_is_tried_three_times_and_then_fails(
    jobs: Jobs, clock: SetClock
) -> None:
    job = jobs.create(REQUEST)
    for attempt in (1, 2, 3):
        assert claimed(jobs, f"{ANA}{attempt}").attempts == attempt
        jobs.beat(job.id, f"{ANA}{attempt}", 0.5, "flashing the board")
        clock.forward(61)
    ended = jobs.get(job.id)
    assert ended.state is JobState.FAILED
    assert ended.reason == (
        f"its worker fell silent, 3 times; the last was {ANA}3; it was at: flashing the board"
    )
    assert ended.ended == clock.now
    assert jobs.claim(BEN, ["plain"]) is None


def test_a_lapsed_job_is_given_to_the_next_who_asks(jobs: Jobs, clock: SetClock) -> None:
    jobs.create(REQUEST)
    first = claimed(jobs, ANA)
    clock.forward(61)
    second = claimed(jobs, BEN)
    assert (second.id, second.attempts, second.progress) == (first.id, 2, 0.0)
    with pytest.raises(BenchmarkCancelled, match=BEN):
        jobs.beat(first.id, ANA, 1, "")
    with pytest.raises(BenchmarkCancelled, match=BEN):
        jobs.fail(first.id, ANA, "late")
    with pytest.raises(BenchmarkCancelled, match=BEN):
        jobs.finish(first.id, ANA, result())
    with pytest.raises(BenchmarkCancelled, match=BEN):
        jobs.give_back(first.id, ANA)
    assert jobs.get(first.id) == second


def test_a_worker_that_comes_back_before_anyone_looked_keeps_its_job(jobs: Jobs, clock: SetClock) -> None:
    jobs.create(REQUEST)
    job = claimed(jobs)
    clock.forward(1000)
    assert jobs.beat(job.id, ANA, 0.5, "awake again").state is JobState.RUNNING
    assert jobs.finish(job.id, ANA, result()).state is JobState.DONE


def test_a_job_that_is_given_back_waits_as_if_it_had_not_been_begun(jobs: Jobs) -> None:
    made = jobs.create(REQUEST)
    assert jobs.give_back(claimed(jobs).id, ANA) == made
    assert claimed(jobs, BEN).attempts == 1


@pytest.mark.parametrize("is_running", [False, True])
def test_a_job_that_is_cancelled_stays_so(jobs: Jobs, is_running: bool) -> None:
    job = jobs.create(REQUEST)
    if is_running:
        claimed(jobs)
    cancelled = jobs.cancel(job.id[:5])
    assert (cancelled.state, cancelled.ended) == (JobState.CANCELLED, NOON)
    with pytest.raises(BenchmarkCancelled, match="was cancelled"):
        jobs.finish(job.id, ANA, result())
    assert jobs.claim(ANA, ["plain"]) is None
    assert jobs.cancel(job.id) == cancelled


def test_what_has_ended_is_not_cancelled(jobs: Jobs) -> None:
    jobs.create(REQUEST)
    done = jobs.finish(claimed(jobs).id, ANA, result())
    assert jobs.cancel(done.id) == done


def test_a_result_is_kept_with_the_job_that_it_ends(sessions: OneStore, jobs: Jobs, clock: SetClock) -> None:
    jobs.create(REQUEST)
    job = claimed(jobs)
    clock.forward(5)
    done = jobs.finish(job.id, ANA, result())
    assert (done.state, done.progress, done.ended) == (JobState.DONE, 1.0, clock.now)
    assert done.run is not None
    assert sessions.store.graph(run_graph(done.run))
    assert jobs.get(job.id) == done


def test_a_job_that_is_cancelled_while_its_result_is_checked_keeps_no_result(
    sessions: OneStore, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.create(REQUEST)
    job = claimed(jobs)
    writing = sessions.writing

    def cancelled_meanwhile(purpose: str) -> AbstractContextManager[Store]:
        monkeypatch.setattr(sessions, "writing", writing)
        jobs.cancel(job.id)
        return writing(purpose)

    monkeypatch.setattr(sessions, "writing", cancelled_meanwhile)
    with pytest.raises(BenchmarkCancelled, match="was cancelled"):
        jobs.finish(job.id, ANA, result())
    assert jobs.get(job.id).state is JobState.CANCELLED
    assert [name for name in sessions.store.graph_names() if "benchmark-run" in name] == []


def test_a_job_that_another_takes_between_looking_and_writing_is_not_taken_twice(
    sessions: OneStore, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.create(REQUEST)
    writing = sessions.writing
    taken: list[Job | None] = []

    def taken_meanwhile(purpose: str) -> AbstractContextManager[Store]:
        monkeypatch.setattr(sessions, "writing", writing)
        taken.append(jobs.claim(BEN, ["plain"]))
        return writing(purpose)

    monkeypatch.setattr(sessions, "writing", taken_meanwhile)
    assert jobs.claim(ANA, ["plain"]) is None
    assert [job.worker for job in taken if job is not None] == [BEN]


BROKEN = {
    "a metric that the vocabulary lacks": result(Figure(metric="speed", value=1.0, unit="MilliSEC")),
    "a unit that is none": result(Figure(metric="latency", value=1.0, unit="m s/")),
    "evidence of no kind": result(Figure(metric="latency", value=1.0, unit="MilliSEC", evidence="guessed")),
    "no figure": replace(result(), figures=()),
    "a number that is none": result(Figure(metric="latency", value=float("nan"), unit="MilliSEC")),
    "an infinite number": result(Figure(metric="latency", value=float("inf"), unit="MilliSEC")),
    "no tool": result(tools=()),
    "a tool without a version": result(tools=(Tool(name="x", version=""),)),
    "no place": result(where=None),
    "two places": result(where=None, emulator="QEMU 7", on_device=True),
    "a simulated device that claims to be the board": result(simulated=True, on_device=True),
    "an end before the start": result(ended=NOON.replace(hour=1)),
    "half a character": result(where="\udc80"),
    "a stack with blanks": result(stack="CMSIS NN"),
    "a clock of 0": result(clock_hz=0),
    "a digest that is none": result(output_sha256="abc"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_result_that_breaks_a_rule_fails_the_job_with_the_reason_and_is_not_kept(
    sessions: OneStore, jobs: Jobs, broken: BenchmarkResult
) -> None:
    jobs.create(REQUEST)
    failed = jobs.finish(claimed(jobs).id, ANA, broken)
    assert failed.state is JobState.FAILED
    assert failed.run is None
    assert failed.reason is not None
    assert failed.reason.startswith("The result is not taken: ")
    assert len(failed.reason) > 40
    assert [name for name in sessions.store.graph_names() if "benchmark-run" in name] == []


def test_what_strangers_say_is_bounded_and_can_be_kept(jobs: Jobs) -> None:
    jobs.create(REQUEST)
    job = claimed(jobs, " \0\udcff" + "w" * 9000)
    assert job.worker is not None
    assert len(job.worker) <= 2000
    beaten = jobs.beat(job.id, job.worker, 7.0, "\0\ud800" * 5000)
    assert beaten.progress == 1.0
    failed = jobs.fail(job.id, job.worker, "x" * 100_000)
    assert failed.reason is not None
    assert len(failed.reason) == 2000
    assert jobs.get(job.id) == failed


def test_a_failure_without_a_word_still_has_a_reason(jobs: Jobs) -> None:
    jobs.create(REQUEST)
    assert jobs.fail(claimed(jobs).id, ANA, " \n").reason == "no reason was given"


def test_a_clock_that_is_set_back_makes_no_job_end_before_it_began(jobs: Jobs, clock: SetClock) -> None:
    jobs.create(REQUEST)
    job = claimed(jobs)
    clock.forward(-3600)
    done = jobs.finish(job.id, ANA, result())
    assert done.ended == done.started


def test_a_request_that_breaks_a_rule_is_not_queued(jobs: Jobs) -> None:
    with pytest.raises(ShapeViolation, match="runner"):
        jobs.create(replace(REQUEST, runner="two words"))
    assert jobs.all() == []


def test_a_worker_may_have_a_job_at_once(jobs: Jobs) -> None:
    job = jobs.create(REQUEST, ANA)
    assert (job.state, job.worker, job.attempts) == (JobState.RUNNING, ANA, 1)
    assert jobs.claim(BEN, ["plain"]) is None


def test_jobs_leave_kept_answers_as_they_are_and_results_do_not(sessions: OneStore, jobs: Jobs) -> None:
    before = sessions.store.answers_version
    job = jobs.create(REQUEST, ANA)
    jobs.beat(job.id, ANA, 0.1, "")
    assert sessions.store.answers_version == before
    assert sessions.store.version >= 2
    jobs.finish(job.id, ANA, result())
    assert sessions.store.answers_version > before


def test_a_request_is_in_the_registrys_own_names(digits: Registry) -> None:
    asked = digits.benchmarks.request(
        "Digits MLP int8",
        "plain",
        device="nano33",
        runtime="tflm-ref-arm32",
        options={"opt": "-O2"},
        data="x",
    )
    assert (asked.model, asked.device, asked.runtime) == (
        "digits_mlp_int8", "arduino-nano-33-ble-sense", "tflm-ref-arm32",
    )  # fmt: skip
    assert asked.file_sha256 == digits.model("digits_mlp_int8")[0].file_sha256
    job = digits.benchmarks.create(asked)
    assert digits.benchmarks.get(job.id).request == asked


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"model": "nothing"}, UnknownName),
        ({"device": "nothing"}, UnknownName),
        ({"runtime": "nothing"}, UnknownName),
        ({"options": {"a": "\0"}}, InputError),
        ({"options": {"a\udc80": "b"}}, InputError),
        ({"data": "\udc80"}, InputError),
        ({"model": "hello_world_int8"}, ModelNotKept),
    ],
)
def test_a_request_for_what_is_not_there_is_refused_before_it_is_queued(
    digits: Registry, asked: dict[str, str], error: type[TinykgError]
) -> None:
    with pytest.raises(error):
        digits.benchmarks.request(**{"model": "digits_mlp_int8", "runner": "plain", **asked})  # type: ignore[arg-type]  # by name


def test_jobs_and_runs_survive_a_new_registry_and_are_sound(digits: Registry, digits_folder: Path) -> None:
    job = digits.benchmarks.create(digits.benchmarks.request("digits_mlp_int8", "plain", device="uno"), ANA)
    done = digits.benchmarks.finish(job.id, ANA, result())
    again = Registry.open(digits_folder)
    assert again.benchmarks.all() == [done]
    (run,) = again.results()
    assert (run.id, run.job, run.worker) == (done.run, done.id, "ana@laptop")
    assert [finding for finding in again.validate() if "benchmark" in finding.focus] == []
