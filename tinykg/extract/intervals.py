"""Runs of addresses: their union, how much they cover, the longest of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The addresses from `start` up to, and without, `end`."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many addresses it holds; 0 where it is empty or upside down."""
        return max(0, self.end - self.start)

    def overlap(self, other: Interval) -> int:
        """How many addresses both hold."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The fewest intervals that hold the same addresses, in order; neighbours become one run."""
    runs: list[Interval] = []
    for interval in sorted(i for i in intervals if i.size):
        if runs and interval.start <= runs[-1].end:
            runs[-1] = Interval(runs[-1].start, max(runs[-1].end, interval.end))
        else:
            runs.append(interval)
    return tuple(runs)


def covered(intervals: Iterable[Interval]) -> int:
    """How many addresses the intervals hold, each counted once."""
    return sum(run.size for run in union(intervals))


def longest_run(intervals: Iterable[Interval]) -> int:
    """How many addresses without a gap the intervals hold at most."""
    return max((run.size for run in union(intervals)), default=0)
