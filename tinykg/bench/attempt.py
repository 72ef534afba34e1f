"""One attempt at a benchmark job: run it, give signs of life meanwhile, and tell what came of it."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, Self

from tinykg.errors import BenchmarkCancelled, BenchmarkError, StoreError, TinykgError
from tinykg.records.benchmark import Tool
from tinykg.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from types import TracebackType

    from tinykg.bench.installed import Runners
    from tinykg.bench.protocol import Runner, Task
    from tinykg.records.benchmark import BenchmarkResult, Job

    Told = Callable[[float, str], None]

SHORTEST_BEAT_S: Final = 0.5
"""Progress is told no more often; the queue is a database."""

_BEATS_A_LEASE: Final = 4
_TRIES: Final = 5
_BETWEEN_TRIES_S: Final = 2.0

NO_ACCURACY: Final = "Labelled data were given, but no accuracy was taken: {} does not, or not in this mode."

SELF: Final = "TinyKG"
"""What we call ourselves among the tools of a run."""


class Queue(Protocol):
    """Where jobs come from, to a worker: a registry here, or a server elsewhere.

    `beat`, `finish`, `fail` and `give_back` raise BenchmarkCancelled where a job is not the worker's any
    more, StoreError where the queue cannot be reached now.
    """

    @property
    def lease_s(self) -> float:
        """How long a job stays a worker's without a sign of life, in seconds."""
        ...

    def claim(self, worker: str, runners: Collection[str], job_id: str | None = None) -> Job | None:
        """A job that waits for one of some runners, now the worker's; None where there is none."""
        ...

    def task(self, job: Job, workplace: Path) -> Task:
        """What the runner of a job is given; raises TinykgError where that cannot be had."""
        ...

    def beat(self, job_id: str, worker: str, done: float, doing: str) -> Job:
        """Give a sign of life."""
        ...

    def finish(self, job_id: str, worker: str, result: BenchmarkResult) -> Job:
        """End a job with its result; the job has failed where the result breaks a rule."""
        ...

    def fail(self, job_id: str, worker: str, reason: str) -> Job:
        """End a job that came to nothing."""
        ...

    def give_back(self, job_id: str, worker: str) -> Job:
        """Let a job wait again."""
        ...


class Pulse:
    """A watch that tells a queue of progress and signs of life, from a thread of its own.

    It raises BenchmarkCancelled to the runner, at its next progress, once the queue says that the job is
    not the worker's any more. A queue that cannot be reached for a while is tried again.
    """

    def __init__(self, queue: Queue, job: Job, worker: str, told: Told | None = None) -> None:
        self._queue, self._job, self._worker, self._told = queue, job, worker, told
        self._every_s = queue.lease_s / _BEATS_A_LEASE
        self._said: tuple[float, str] = (0.0, "")
        self._news = threading.Event()
        self._over = threading.Event()
        self._lost: str | None = None
        self._thread = threading.Thread(target=self._run, name="tinykg-pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._news.set()
        self._thread.join()

    @property
    def lost(self) -> str | None:
        """Why the job is not the worker's any more; None while it is."""
        return self._lost

    def progress(self, done: float, doing: str) -> None:
        """Take note; raises BenchmarkCancelled where the run is to end."""
        if self._lost is not None:
            raise BenchmarkCancelled(self._lost)
        if self._told is not None:
            self._told(done, doing)
        if self._said != (done, doing):
            self._said = (done, doing)
            self._news.set()

    def _run(self) -> None:
        while not self._over.wait(min(SHORTEST_BEAT_S, self._every_s)):
            self._news.wait(self._every_s)
            self._news.clear()
            if self._over.is_set():
                return
            try:
                self._queue.beat(self._job.id, self._worker, *self._said)
            except BenchmarkCancelled as error:
                self._lost = str(error)
                return
            except TinykgError:
                continue


def attempt(queue: Queue, job: Job, worker: str, runners: Runners, told: Told | None = None) -> Job | None:
    """Run a claimed job; the job as it ended, or None where it was cancelled or given to another meanwhile.

    Whatever goes wrong in the runner is the job's reason to have failed. What goes wrong on this side, such
    as an interruption from the keyboard, gives the job back.
    """
    ended = False
    try:
        outcome = _outcome(queue, job, worker, runners, told)
        ended = True
    finally:
        if not ended:
            give_back(queue, job, worker)
    if isinstance(outcome, BenchmarkCancelled):
        return None
    try:
        if isinstance(outcome, str):
            reason = outcome
            return _reaching(lambda: queue.fail(job.id, worker, reason))
        return _kept(queue, job, worker, outcome)
    except BenchmarkCancelled:
        return None


def _kept(queue: Queue, job: Job, worker: str, result: BenchmarkResult) -> Job:
    """A job that ended with its result, or failed because the queue does not take the result as it is."""
    try:
        return _reaching(lambda: queue.finish(job.id, worker, result))
    except BenchmarkCancelled:
        raise
    except (BenchmarkError, ValueError) as error:
        reason = f"The result is not taken: {error}"
        return _reaching(lambda: queue.fail(job.id, worker, reason))


def _outcome(
    queue: Queue, job: Job, worker: str, runners: Runners, told: Told | None
) -> BenchmarkResult | BenchmarkCancelled | str:
    """The result of a job's runner, that it was ended, or the reason why it came to nothing."""
    with tempfile.TemporaryDirectory(prefix="tinykg-bench-", ignore_cleanup_errors=True) as folder:
        with Pulse(queue, job, worker, told) as pulse:
            try:
                runner = runners.named(job.request.runner)
                task = _asked_of(runner, queue.task(job, Path(folder)), job)
                result = runner.run(task, pulse)
            except BenchmarkCancelled as error:
                # A runner that ends by itself, though nobody asked it to, has failed.
                return error if pulse.lost is not None else f"the runner gave up: {error}"
            except TinykgError as error:
                return str(error)
            except Exception as error:  # noqa: BLE001 - a plug-in is foreign code, which may raise anything
                return f"a fault of the runner {job.request.runner}: {type(error).__name__}: {error}"
        return _by_us(result, task)


def _asked_of(runner: Runner, task: Task, job: Job) -> Task:
    """A task without the options that a worker has for its other runners, such as a port."""
    known = {*runner.options, *job.request.options}
    return replace(task, options={name: value for name, value in task.options.items() if name in known})


def _by_us(result: BenchmarkResult, task: Task) -> BenchmarkResult:
    """A result that names TinyKG first among its tools: the one on whose word the others are named.

    It also says where labelled data were given and no accuracy was taken.
    """
    others = tuple(tool for tool in result.tools if tool.name != SELF)
    unused = task.data is not None and result.dataset is None
    notes = (*result.notes, *([NO_ACCURACY.format(result.runner)] if unused else []))
    return replace(result, tools=(Tool(name=SELF, version=__version__), *others), notes=notes)


def _reaching(step: Callable[[], Job]) -> Job:
    """What a step gives; tried again while the queue cannot be reached, since a result cost time."""
    for _ in range(_TRIES - 1):
        try:
            return step()
        except StoreError:
            threading.Event().wait(_BETWEEN_TRIES_S)
    return step()


def give_back(queue: Queue, job: Job, worker: str) -> None:
    """Let a job wait again that was not ended; where that cannot be told, its lease ends."""
    try:
        queue.give_back(job.id, worker)
    except (BenchmarkError, StoreError):
        return
