"""Whose turn it is to have one of the pool's processes, and who makes room; no clock and no lock in here."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from tinykg.endpoint.worker_process import WorkerProcess

LONG_S = 1.0
"""What has run for so long may have to make room; most queries take milliseconds."""


@dataclass(eq=False, slots=True, kw_only=True)
class Turn:
    """One piece of work that waits for a process or has one; `number` grows with each that comes.

    `may_yield` tells whether it can be begun anew, `is_late` that it had to make room before.
    """

    number: int
    client: str
    may_yield: bool = True
    is_late: bool = False
    worker: WorkerProcess | None = None
    begun_s: float = 0.0
    granted: threading.Event = field(default_factory=threading.Event)

    def again(self) -> Turn:
        """The same work, which waits anew."""
        return replace(self, is_late=True, worker=None, granted=threading.Event())


def next_turn(waiting: Collection[Turn], running: Collection[Turn]) -> Turn:
    """Who gets the next process: of the clients with the fewest, who came first and made no room before."""
    shares = Counter(turn.client for turn in running)
    return min(waiting, key=lambda turn: (shares[turn.client], turn.is_late, turn.number))


def displaceable(turn: Turn, running: Collection[Turn], now_s: float) -> Turn | None:
    """Who is to make room for one that waits: the youngest long work of a client with more than its share.

    What made room before is known to be long. A client keeps one process at least, with its oldest work, so
    that this comes to an end.
    """
    if turn.is_late:
        return None
    shares = Counter(other.client for other in running)
    oldest = {client: min(t.begun_s for t in running if t.client == client) for client in shares}
    found = [
        other
        for other in running
        if other.may_yield
        and (other.is_late or now_s - other.begun_s > LONG_S)
        and other.begun_s > oldest[other.client]
        and (other.client == turn.client or shares[other.client] > shares[turn.client] + 1)
    ]
    return max(found, key=lambda other: (shares[other.client], other.begun_s), default=None)
