"""One attempt at a job: whatever a runner does, the job ends with a result, a reason, or waits again."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from bench_plugins import PlainRunner, by_the_wheel, only, result, until_cancelled

from tinykg.bench.attempt import SELF, attempt
from tinykg.bench.worker import Worker, worker_name
from tinykg.catalogue.local_queue import LocalQueue
from tinykg.catalogue.places import Own
from tinykg.catalogue.sessions import open_sessions
from tinykg.errors import BenchmarkCancelled, DeviceGone, MissingExtra, StoreError
from tinykg.records.benchmark import Figure, JobState
from tinykg.settings import Settings
from tinykg.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.bench.protocol import Task, Watch
    from tinykg.records.benchmark import BenchmarkResult, Job
    from tinykg.registry import Registry

MODEL = "digits_mlp_int8"
ANA = "ana@laptop#1-aa"


@pytest.fixture
def queue(digits: Registry) -> LocalQueue:
    """A queue whose leases are short, so that signs of life are frequent."""
    return LocalQueue(open_sessions(Settings(registry=digits.where, wait_s=30)), lease_s=1.0)


@pytest.fixture
def job(digits: Registry, queue: LocalQueue) -> Job:
    """A job that is Ana's."""
    return queue.create(digits.benchmarks.request(MODEL, "plain", device="nano33", options={"a": "b"}), ANA)


def raising(error: BaseException) -> PlainRunner:
    def run(_task: Task, _watch: Watch) -> BenchmarkResult:
        raise error

    return PlainRunner(run)


def asked(
    registry: Registry, queue: LocalQueue, job: Job, runner: PlainRunner
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The options that reach a runner, and the notes of its result."""
    seen: list[dict[str, str]] = []

    def run(task: Task, _watch: Watch) -> BenchmarkResult:
        seen.append(dict(task.options))
        return result()

    runner.run_it = run
    ended = attempt(queue, job, ANA, only(runner))
    assert ended is not None
    assert ended.state is JobState.DONE, ended.reason
    return seen[0], registry.results()[0].result.notes


def test_a_worker_s_options_reach_only_the_runners_that_have_them(
    digits: Registry, queue: LocalQueue, job: Job
) -> None:
    """A laptop with `--option port=...` also takes jobs that have nothing to do with its board."""
    mine = queue.of(Own(options={"port": "/dev/ttyACM0"}))
    assert asked(digits, mine, job, PlainRunner(options={}))[0] == {"a": "b"}


def test_a_worker_s_options_go_before_a_job_s_where_the_runner_has_them(
    digits: Registry, queue: LocalQueue, job: Job
) -> None:
    mine = queue.of(Own(options={"port": "/dev/ttyACM0", "a": "c"}))
    found, _ = asked(digits, mine, job, PlainRunner(options={"port": "", "a": ""}))
    assert found == {"a": "c", "port": "/dev/ttyACM0"}


def test_data_of_which_no_accuracy_was_taken_are_told(
    digits: Registry, queue: LocalQueue, job: Job, tmp_path: Path
) -> None:
    _, notes = asked(digits, queue.of(Own(data=tmp_path)), job, PlainRunner())
    assert any("Labelled data were given, but no accuracy was taken" in note for note in notes)


def test_a_runner_really_runs_the_model(digits: Registry, queue: LocalQueue, job: Job) -> None:
    pytest.importorskip("tflite_micro", reason="the extra `bench` is not installed")
    ended = attempt(queue, job, ANA, only(PlainRunner(by_the_wheel)))
    assert ended is not None
    assert ended.state is JobState.DONE, ended.reason
    (run,) = digits.results()
    (figure,) = run.result.figures
    assert (figure.metric, figure.unit) == ("arena-used", "BYTE")
    assert 1000 < figure.value < 20_000
    assert run.result.tools[0].name == SELF
    assert run.result.tools[0].version == __version__
    assert run.result.tools[1].name == "tflite-micro"
    assert run.worker == "ana@laptop"


def test_a_runner_is_given_the_bytes_the_device_and_an_empty_folder_that_goes(
    queue: LocalQueue, job: Job
) -> None:
    seen: list[tuple[Task, list[Path], bool]] = []

    def run(task: Task, watch: Watch) -> BenchmarkResult:
        seen.append((task, list(task.workplace.iterdir()), task.workplace.is_dir()))
        (task.workplace / "left").write_text("behind")
        watch.progress(0.5, "working")
        return result()

    attempt(queue, job, ANA, only(PlainRunner(run)))
    ((task, before, was_there),) = seen
    assert (before, was_there, task.workplace.exists()) == ([], True, False)
    assert task.content[4:8] == b"TFL3"
    assert (task.model.name, task.file.sha256) == (MODEL, job.request.file_sha256)
    assert task.device is not None
    assert task.device.slug == "arduino-nano-33-ble-sense"
    assert (task.options, task.data, task.runtime) == ({"a": "b"}, None, None)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DeviceGone("infer 10 2", "the port closed"), "the port closed - at 'infer 10 2'"),
        (MissingExtra("QEMU", "bench"), "needs an extra"),
        (ZeroDivisionError("a fault"), "a fault of the runner plain: ZeroDivisionError: a fault"),
        (RecursionError(), "a fault of the runner plain: RecursionError"),
        (BenchmarkCancelled("nobody asked"), "the runner gave up: nobody asked"),
    ],
)
def test_whatever_a_runner_raises_is_the_jobs_reason(
    queue: LocalQueue, job: Job, error: Exception, reason: str
) -> None:
    ended = attempt(queue, job, ANA, only(raising(error)))
    assert ended is not None
    assert ended.state is JobState.FAILED
    assert reason in (ended.reason or "")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), SystemExit(1)])
def test_a_job_waits_again_where_this_side_is_interrupted(
    queue: LocalQueue, job: Job, interruption: BaseException
) -> None:
    with pytest.raises(type(interruption)):
        attempt(queue, job, ANA, only(raising(interruption)))
    waiting = queue.get(job.id)
    assert (waiting.state, waiting.attempts, waiting.worker) == (JobState.QUEUED, 0, None)


def test_a_runner_that_is_not_there_fails_the_job(queue: LocalQueue, job: Job) -> None:
    ended = attempt(queue, job, ANA, only(PlainRunner(name="other")))
    assert ended is not None
    assert "No runner 'plain'" in (ended.reason or "")


def test_a_model_that_was_removed_meanwhile_fails_the_job(
    digits: Registry, queue: LocalQueue, job: Job
) -> None:
    digits.remove(MODEL)
    ended = attempt(queue, job, ANA, only(PlainRunner()))
    assert ended is not None
    assert f"No model '{MODEL}'" in (ended.reason or "")


def test_a_running_job_that_is_cancelled_ends_its_runner_soon(queue: LocalQueue, job: Job) -> None:
    timer = threading.Timer(0.5, lambda: queue.cancel(job.id))
    timer.start()
    begun = time.monotonic()
    assert attempt(queue, job, ANA, only(PlainRunner(until_cancelled))) is None
    timer.join()
    assert time.monotonic() - begun < 15
    assert queue.get(job.id).state is JobState.CANCELLED


def test_a_silent_runner_keeps_its_job_by_signs_of_life(queue: LocalQueue, job: Job) -> None:
    """It says nothing for three leases."""

    def run(_task: Task, _watch: Watch) -> BenchmarkResult:
        time.sleep(3)
        return result()

    ended = attempt(queue, job, ANA, only(PlainRunner(run)))
    assert ended is not None
    assert (ended.state, ended.attempts) == (JobState.DONE, 1)


def test_progress_is_told_here_and_in_the_registry(queue: LocalQueue, job: Job) -> None:
    told: list[tuple[float, str]] = []
    seen: list[tuple[float | None, str | None]] = []

    def run(_task: Task, watch: Watch) -> BenchmarkResult:
        watch.progress(0.25, "linking")
        deadline = time.monotonic() + 20
        while queue.get(job.id).doing != "linking" and time.monotonic() < deadline:
            time.sleep(0.05)
        seen.append((queue.get(job.id).progress, queue.get(job.id).doing))
        return result()

    attempt(queue, job, ANA, only(PlainRunner(run)), lambda done, doing: told.append((done, doing)))
    assert told == [(0.25, "linking")]
    assert seen == [(0.25, "linking")]


def test_a_result_that_breaks_a_rule_fails_the_job(queue: LocalQueue, job: Job) -> None:
    wrong = result(Figure(metric="speed", value=1.0, unit="MilliSEC"))
    ended = attempt(queue, job, ANA, only(PlainRunner(lambda _task, _watch: wrong)))
    assert ended is not None
    assert ended.state is JobState.FAILED
    assert "metrics.ttl" in (ended.reason or "")


class OutOfReach(LocalQueue):
    """A queue that cannot be reached when a result is told, for the first time or two."""

    def __init__(self, queue: LocalQueue, times: int) -> None:
        super().__init__(queue._from, lease_s=1.0)
        self.times = times

    def finish(self, job_id: str, worker: str, result: BenchmarkResult) -> Job:
        self.times -= 1
        if self.times >= 0:
            raise StoreError("the server is away")
        return super().finish(job_id, worker, result)


def test_a_result_is_told_again_where_the_queue_was_out_of_reach(
    queue: LocalQueue, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinykg.bench.attempt._BETWEEN_TRIES_S", 0.01)
    ended = attempt(OutOfReach(queue, 2), job, ANA, only(PlainRunner()))
    assert ended is not None
    assert ended.state is JobState.DONE


def test_a_worker_works_off_a_queue_whatever_happens_in_it(digits: Registry, queue: LocalQueue) -> None:
    requests = [digits.benchmarks.request(MODEL, name) for name in ("plain", "wild", "absent", "plain")]
    made = [queue.create(request) for request in requests]
    ended: list[tuple[str, JobState | None]] = []
    wild = raising(ValueError("wild"))
    wild.name = "wild"
    worker = Worker(
        queue,
        only(PlainRunner(), wild),
        ended=lambda job, end: ended.append((job.id, None if end is None else end.state)),
    )
    assert worker.work_on(until_empty=True) == 3
    assert ended == [
        (made[0].id, JobState.DONE),
        (made[1].id, JobState.FAILED),
        (made[3].id, JobState.DONE),
    ]
    assert queue.get(made[2].id).state is JobState.QUEUED
    assert worker.work() is None


def test_a_worker_that_is_interrupted_right_after_it_took_a_job_gives_it_back(
    digits: Registry, queue: LocalQueue
) -> None:
    waiting = queue.create(digits.benchmarks.request(MODEL, "plain"))

    def interrupted(_job: Job) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Worker(queue, only(PlainRunner()), begun=interrupted).work()
    assert queue.get(waiting.id) == waiting


def test_a_worker_that_is_interrupted_while_it_tells_the_result_gives_the_job_back(
    digits: Registry, queue: LocalQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = queue.create(digits.benchmarks.request(MODEL, "plain"))

    def interrupted(*_: object) -> Job:
        raise KeyboardInterrupt

    monkeypatch.setattr(queue, "finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Worker(queue, only(PlainRunner())).work()
    assert queue.get(waiting.id) == waiting


def test_what_a_worker_says_itself_goes_before_what_a_job_says(digits: Registry, tmp_path: Path) -> None:
    own = Own(options={"port": "/dev/mine"}, data=tmp_path)
    queue = LocalQueue(open_sessions(Settings(registry=digits.where)), own=own)
    asked = digits.benchmarks.request(
        MODEL, "plain", options={"port": "/dev/theirs", "n": "1"}, data="theirs"
    )
    task = queue.task(queue.create(asked), tmp_path)
    assert (task.options, task.data) == ({"port": "/dev/mine", "n": "1"}, tmp_path)


def test_workers_of_one_user_on_one_host_have_different_names() -> None:
    assert worker_name() != worker_name()
    assert worker_name().partition("#")[0] == worker_name().partition("#")[0]
