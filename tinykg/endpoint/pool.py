"""Pool(held).run(function, ...): work that may never end, in processes that can be killed."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self, TypeVar, cast

from tinykg.endpoint.turns import LONG_S, Turn, displaceable, next_turn
from tinykg.endpoint.worker_process import Displaced, WorkerProcess
from tinykg.errors import QueryTimeout, TooBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from tinykg.catalogue.held import HeldRegistry

R = TypeVar("R")

TIMEOUT_S = 30.0
MEMORY_BYTES = 4 << 30
RESULT_BYTES = 64 << 20
WAITING = 512
"""So many may wait, each in a thread of its own, which costs some 30 KiB."""

_PATIENCE_S = LONG_S / 4
"""Who has waited for so long looks for work that makes room."""


class Taken:
    """A worker that nobody takes away until it is given back."""

    def __init__(self, held: HeldRegistry, worker: WorkerProcess) -> None:
        self._held = held
        self._worker = worker

    def run(self, function: Callable[..., R], /, *args: object, timeout_s: float = TIMEOUT_S) -> R:
        """What `Pool.run` gives, without waiting for a worker."""
        return cast("R", self._worker.run(function, args, timeout_s, self._held.version))


class Pool:
    """Worker processes on snapshots of a held registry.

    `memory_bytes` is the address space of each process, `result_bytes` what `run`'s functions are to keep
    their results below, `waiting` how many callers may wait for a process to be free. Safe for threads.

    A free process goes to the client that has the fewest. Work that runs long makes room for work that
    waits where its client has more than its share, and begins anew later, within its own time.
    """

    def __init__(
        self,
        held: HeldRegistry,
        workers: int = 2,
        *,
        memory_bytes: int = MEMORY_BYTES,
        result_bytes: int = RESULT_BYTES,
        waiting: int = WAITING,
    ) -> None:
        self.held = held
        self.result_bytes = result_bytes
        self._most_waiting = waiting
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[Turn] = []
        self._running: list[Turn] = []
        self._workers = tuple(WorkerProcess(held, memory_bytes) for _ in range(workers))
        self._idle = list(self._workers)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def capacity(self) -> int:
        """How many callers can be in `run` at once, at work or waiting."""
        return len(self._workers) + self._most_waiting

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that work or wait for work now."""
        return tuple(worker.pid for worker in self._workers)

    def run(
        self, function: Callable[..., R], /, *args: object, timeout_s: float = TIMEOUT_S, client: str = ""
    ) -> R:
        """What a function of some module returns or raises, called in a worker.

        It gets the store, read-only, as it was when `run` was called or later, and then the arguments.
        `timeout_s` bounds its time in seconds, and before that the time until a worker is free. `client`
        says on whose behalf. Raises QueryTimeout, QueryTooBig or TooBusy at a limit, and whatever TinyKG's
        error the function raises.
        """
        version = self.held.version
        turn = Turn(number=next(self._numbers), client=client)
        try:
            with self._worker_for(turn, timeout_s) as worker:
                return cast("R", worker.run(function, args, timeout_s, version))
        except Displaced:
            deadline_s = turn.begun_s + timeout_s
        while (remaining_s := deadline_s - time.monotonic()) > 0:
            turn = turn.again()
            with suppress(Displaced, TooBusy, QueryTimeout), self._worker_for(turn, remaining_s) as worker:
                return cast("R", worker.run(function, args, deadline_s - time.monotonic(), version))
        raise QueryTimeout(
            f"This did not end within {timeout_s:g} s, in which it had to make room for others, and was "
            "stopped. Ask for less, or again later."
        )

    @contextmanager
    def taken(self, *, timeout_s: float = TIMEOUT_S, client: str = "") -> Iterator[Taken]:
        """A worker for work that must not be begun anew; raises TooBusy where there is none in time."""
        turn = Turn(number=next(self._numbers), client=client, may_yield=False)
        with self._worker_for(turn, timeout_s) as worker:
            yield Taken(self.held, worker)

    @contextmanager
    def _worker_for(self, turn: Turn, patience_s: float) -> Iterator[WorkerProcess]:
        with self._changed:
            self._open()
            if len(self._waiting) >= self._most_waiting + len(self._idle):
                raise TooBusy(f"{len(self._waiting)} queries wait already; try again in some seconds.")
            self._waiting.append(turn)
            self._grant()
        worker = self._awaited(turn, patience_s)
        try:
            yield worker
        finally:
            with self._changed:
                self._running.remove(turn)
                self._idle.append(worker)
                self._grant()
                self._changed.notify_all()

    def _awaited(self, turn: Turn, patience_s: float) -> WorkerProcess:
        """The worker that a turn gets; TooBusy where it gets none in time."""
        deadline_s = time.monotonic() + min(patience_s, threading.TIMEOUT_MAX)
        while True:
            turn.granted.wait(max(0.0, min(_PATIENCE_S, deadline_s - time.monotonic())))
            with self._changed:
                if turn.worker is not None:
                    return turn.worker
                now_s = time.monotonic()
                if self._closed or now_s >= deadline_s:
                    self._waiting.remove(turn)
                    self._open()
                    raise TooBusy(
                        f"All query processes were busy for {patience_s:g} s; try again in some seconds."
                    )
                yielding = displaceable(turn, self._running, now_s)
                if yielding is not None and yielding.worker is not None:
                    yielding.worker.displace()

    def _grant(self) -> None:
        """Give idle workers to those whose turn it is: first the one that has the latest snapshot open."""
        while self._idle and self._waiting and not self._closed:
            turn = next_turn(self._waiting, self._running)
            worker = max(self._idle, key=lambda worker: worker.version)
            self._waiting.remove(turn)
            self._idle.remove(worker)
            self._running.append(turn)
            turn.worker, turn.begun_s = worker, time.monotonic()
            turn.granted.set()

    def _open(self) -> None:
        if self._closed:
            raise TooBusy("The server is shutting down.")

    def close(self) -> None:
        """End all workers, also those that work; who waits or asks afterwards gets TooBusy."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            for turn in self._waiting:
                turn.granted.set()
            for worker in self._workers:
                worker.end()
            self._changed.wait_for(lambda: len(self._idle) == len(self._workers))
        for worker in self._workers:
            worker.stop()
