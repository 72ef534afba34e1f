"""Who listens to a directory: each reads the changes at its own pace."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from tinykg.directory.change import wanted_by

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence

    from tinykg.directory.change import Change

_RECENT_BYTES: Final = 16 << 20
_BATCH: Final = 100
"""Changes that are read at a time."""


class Feed:
    """The changes of a directory as they happen.

    A listener is but a number, that of the last change it was sent, and one wait for the next: a slow one
    keeps nothing back and a gone one leaves nothing behind. `load(after, most)` gives older changes from
    the store. `publish` may be called from any thread.
    """

    def __init__(self, load: Callable[[int, int], list[Change]], latest: int) -> None:
        self._load = load
        self._latest = latest
        self._recent: deque[Change] = deque()
        self._recent_bytes = 0
        self._lock = threading.Lock()
        self._bells: dict[asyncio.AbstractEventLoop, asyncio.Event] = {}
        self._listeners = 0
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return self._listeners

    def publish(self, changes: Iterable[Change]) -> None:
        """Tell of changes, which are in the store by now, in the order of their numbers."""
        with self._lock:
            for change in changes:
                self._recent.append(change)
                self._recent_bytes += len(change.content or b"")
                self._latest = change.number
            while self._recent_bytes > _RECENT_BYTES and len(self._recent) > 1:
                self._recent_bytes -= len(self._recent.popleft().content or b"")
            self._ring()

    def close(self) -> None:
        """End all streams, and those that begin later at once."""
        with self._lock:
            self._closed = True
            self._ring()

    def follow(self, kinds: frozenset[str], *, diff: bool, after: int | None) -> AsyncIterator[bytes]:
        """The changes of these kinds as server-sent events, for ever: those after a number, or from now on.

        What was missed comes first, as far as it is kept (WoT Discovery, 6.3.3).
        """
        start = self._latest if after is None else min(max(after, 0), self._latest)
        return self._events(kinds, start, diff=diff)

    async def _events(self, kinds: frozenset[str], seen: int, *, diff: bool) -> AsyncIterator[bytes]:
        self._listeners += 1
        try:
            while not self._closed:
                bell = self._bell()  # before looking: what comes meanwhile rings this one
                changes, reached = await self._after(seen)
                for change in wanted_by(changes, kinds):
                    yield change.event(diff=diff)
                if reached == seen:
                    await bell.wait()
                seen = reached
        finally:
            self._listeners -= 1

    async def _after(self, seen: int) -> tuple[Sequence[Change], int]:
        """The next changes after a number, and the number up to which there are no others."""
        with self._lock:
            latest = self._latest
            if seen >= latest:
                return (), seen
            if self._recent and self._recent[0].number <= seen + 1:
                begin = seen + 1 - self._recent[0].number
                end = min(begin + _BATCH, len(self._recent))
                return [self._recent[i] for i in range(begin, end)], seen + end - begin
        found = await asyncio.to_thread(self._load, seen, _BATCH)
        return found, found[-1].number if found else latest

    def _bell(self) -> asyncio.Event:
        """What rings at the next change, one for all listeners of a loop."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._bells:
                self._bells[loop] = asyncio.Event()
            return self._bells[loop]

    def _ring(self) -> None:
        bells, self._bells = self._bells, {}
        for loop, bell in bells.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(bell.set)
