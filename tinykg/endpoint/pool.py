"""Pool(held).run(function, ...): work that may never end, in processes that can be killed."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Self, TypeVar, cast

from tinykg.endpoint.worker_process import WorkerProcess
from tinykg.errors import StoreError, TooBusy

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from tinykg.catalogue.held import HeldRegistry

R = TypeVar("R")

TIMEOUT_S = 30.0
MEMORY_BYTES = 4 << 30
RESULT_BYTES = 64 << 20
WAITING = 64


class Pool:
    """Worker processes on snapshots of a held registry.

    `memory_bytes` is the address space of each process, `result_bytes` what `run`'s functions are to keep
    their results below, `waiting` how many callers may wait for a process to be free. Safe for threads.
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
        self._waiting = 0
        self._lock = threading.Lock()
        self._idle: queue.LifoQueue[WorkerProcess] = queue.LifoQueue()
        self._workers: list[WorkerProcess] = []
        self._closed = False
        for _ in range(workers):
            worker = WorkerProcess(held, memory_bytes)
            self._workers.append(worker)
            self._idle.put(worker)

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

    def run(self, function: Callable[..., R], /, *args: object, timeout_s: float = TIMEOUT_S) -> R:
        """What a function of some module returns or raises, called in a worker.

        It gets the store, read-only, as it was when `run` was called or later, and then the arguments.
        `timeout_s` bounds its time in seconds, and before that the time until a worker is free. Raises
        QueryTimeout, QueryTooBig or TooBusy at a limit, and whatever TinyKG's error the function raises.
        """
        worker = self._take(timeout_s)
        try:
            return cast("R", worker.run(function, args, timeout_s))
        finally:
            self._idle.put(worker)

    def _take(self, patience_s: float) -> WorkerProcess:
        """A worker that has nothing to do; TooBusy where there is none in time."""
        with self._lock:
            if self._closed:
                raise StoreError("The server is shutting down.")
            if self._waiting >= self._most_waiting + self._idle.qsize():
                raise TooBusy(f"{self._waiting} queries wait already; try again in some seconds.")
            self._waiting += 1
        try:
            return self._idle.get(timeout=min(patience_s, threading.TIMEOUT_MAX))
        except queue.Empty:
            raise TooBusy(
                f"All query processes were busy for {patience_s:g} s; try again in some seconds."
            ) from None
        finally:
            with self._lock:
                self._waiting -= 1

    def close(self) -> None:
        """End all workers, also those that work; who asks afterwards gets StoreError."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        for worker in self._workers:
            worker.end()
        for _ in self._workers:
            self._idle.get().stop()
