"""Looks after the leases of benchmark jobs for as long as a process lives."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final, Self

from tinykg.errors import TinykgError

if TYPE_CHECKING:
    from tinykg.catalogue.jobs import Jobs

_LOOKS_A_LEASE: Final = 4
_LOG = logging.getLogger("tinykg.benchmarks")


class LeaseKeeper:
    """A thread that queues jobs again, or fails them, soon after their workers fell silent."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tinykg-leases", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._jobs.lease_s / _LOOKS_A_LEASE):
            try:
                self._jobs.settle()
            except TinykgError as error:
                _LOG.warning("benchmarks whose workers fell silent were not looked after: %s", error)
