"""Removes what has expired, as soon as it has."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from tinykg.errors import TinykgError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_LOG = logging.getLogger("tinykg.directory")
_LONGEST_WAIT_S: Final = 60.0
"""Clocks are set anew; what expires is looked for at least so often."""
_SHORTEST_WAIT_S: Final = 0.05
_AFTER_FAILURE_S: Final = 5.0


class Expiry:
    """A thread that sleeps until the next description expires."""

    def __init__(
        self,
        purge: Callable[[], object],
        next_expiry: Callable[[], datetime | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._purge = purge
        self._next_expiry = next_expiry
        self._clock = clock
        self._changed = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="directory-expiry", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End, and wait for the end."""
        self._stopped = True
        self._changed.set()
        if self._thread is not None:
            self._thread.join()

    def look_again(self) -> None:
        """Something may expire earlier than was thought."""
        self._changed.set()

    def _run(self) -> None:
        while not self._stopped:
            self._changed.clear()
            try:
                self._purge()
                wait_s = self._until_next_s()
            except TinykgError as error:
                _LOG.warning("expired descriptions could not be removed: %s", error)
                wait_s = _AFTER_FAILURE_S
            self._changed.wait(wait_s)

    def _until_next_s(self) -> float:
        expires = self._next_expiry()
        if expires is None:
            return _LONGEST_WAIT_S
        remaining_s = (expires - self._clock()).total_seconds()
        return min(max(remaining_s, _SHORTEST_WAIT_S), _LONGEST_WAIT_S)
