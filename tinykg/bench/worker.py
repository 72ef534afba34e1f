"""Working off a queue of benchmarks, one after the other, until told to stop."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import threading
from typing import TYPE_CHECKING, Final

from tinykg.bench.attempt import attempt, give_back
from tinykg.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.bench.attempt import Queue, Told
    from tinykg.bench.installed import Runners
    from tinykg.records.benchmark import Job

_IDLE_S: Final = 2.0
"""How long a worker rests before it looks at an empty queue again."""


def worker_name() -> str:
    """Who works here: user and host, and after `#` what tells this process from others."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container's user that has no name
        user = f"user {os.getuid()}"
    return f"{user}@{socket.gethostname()}#{os.getpid()}-{secrets.token_hex(4)}"


class Worker:
    """Takes one job after the other from a queue.

    `begun` is told of each job, `ended` of what became of it: None where it was cancelled or given to
    another. `told` follows the one that runs.
    """

    def __init__(
        self,
        queue: Queue,
        runners: Runners,
        *,
        begun: Callable[[Job], None] | None = None,
        ended: Callable[[Job, Job | None], None] | None = None,
        told: Told | None = None,
        name: str | None = None,
    ) -> None:
        self.name = worker_name() if name is None else name
        self._queue, self._runners = queue, runners
        self._begun, self._ended, self._told = begun, ended, told

    def work(self, job_id: str | None = None) -> tuple[Job, Job | None] | None:
        """Run the next job, or a certain one; the job as it was begun and as it ended. None without any."""
        job = self._queue.claim(self.name, tuple(self._runners.working), job_id)
        if job is None:
            return None
        is_over = False
        try:
            if self._begun is not None:
                self._begun(job)
            ended = attempt(self._queue, job, self.name, self._runners, self._told)
            is_over = True
        finally:
            if not is_over:  # interrupted, perhaps before the attempt began or while its end was told
                give_back(self._queue, job, self.name)
        if self._ended is not None:
            self._ended(job, ended)
        return job, ended

    def work_on(self, *, until_empty: bool = False, idle: Callable[[str | None], None] | None = None) -> int:
        """Work until the queue is empty, or for ever; how many jobs there were.

        A queue that cannot be reached is tried again; `idle` is told why there is nothing to do, None where
        the queue is empty.
        """
        count, rest = 0, threading.Event()
        while True:
            try:
                if self.work() is not None:
                    count += 1
                    continue
            except StoreError as error:
                if until_empty:
                    raise
                why: str | None = str(error)
            else:
                why = None
            if until_empty:
                return count
            if idle is not None:
                idle(why)
            rest.wait(_IDLE_S)
