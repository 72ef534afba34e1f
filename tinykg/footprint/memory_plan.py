"""Where each buffer lies in the arena: the greedy planner of TensorFlow Lite Micro.

Offsets equal those of `GreedyMemoryPlanner::CalculateOffsetsIfNeeded`
(tensorflow/lite/micro/memory_planner/greedy_memory_planner.cc).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_WORK: Final = 5_000_000
"""Comparisons of buffers that a plan may take; beyond it no plan is made."""


class PlanTooLarge(Exception):
    """Planning would take more than `MAX_WORK` comparisons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    """A buffer to be placed: bytes in the arena, first and last step, an offset made at build time."""

    size_bytes: int
    first: int
    last: int
    offset_bytes: int | None = None


def place(buffers: Sequence[Buffer]) -> list[int]:
    """The offset of each buffer, in bytes from the start of the arena.

    Buffers with an offset of their own come first, in order; then the others by
    size, the largest first, the later of equal ones first. Each goes into the lowest
    gap that is free during its whole life, among buffers already placed.
    """
    timeline = _Timeline(buffers)
    offsets = [0] * len(buffers)
    for order, index in enumerate(_placing_order(buffers)):
        buffer = buffers[index]
        offset = buffer.offset_bytes
        if offset is None:
            offset = _lowest_gap(buffer.size_bytes, timeline.rivals(buffer))
        offsets[index] = offset
        timeline.add(buffer, (offset, order, offset + buffer.size_bytes))
    return offsets


def extent(buffers: Sequence[Buffer], offsets: Sequence[int]) -> int:
    """Bytes from the start of the arena to the end of the highest buffer: the head."""
    return max(
        (offset + buffer.size_bytes for buffer, offset in zip(buffers, offsets, strict=True)), default=0
    )


def _placing_order(buffers: Sequence[Buffer]) -> list[int]:
    fixed = [i for i, buffer in enumerate(buffers) if buffer.offset_bytes is not None]
    free = [i for i, buffer in enumerate(buffers) if buffer.offset_bytes is None]
    free.sort(key=lambda i: (-buffers[i].size_bytes, -i))
    return fixed + free


def _lowest_gap(size_bytes: int, rivals: Sequence[tuple[int, int, int]]) -> int:
    candidate = 0
    for offset, _, end in rivals:
        if offset - candidate >= size_bytes:
            break
        candidate = max(candidate, end)
    return candidate


class _Timeline:
    """Placed buffers by the steps they are alive at, so that only contemporaries are compared."""

    __slots__ = ("_alive", "_base", "_begun", "_work")

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        self._work = sum(buffer.last - buffer.first + 1 for buffer in buffers)
        self._check()
        self._base = min((buffer.first for buffer in buffers), default=0)
        steps = max((buffer.last for buffer in buffers), default=0) - self._base + 1
        self._alive: list[list[tuple[int, int, int]]] = [[] for _ in range(steps)]
        self._begun: list[list[tuple[int, int, int]]] = [[] for _ in range(steps)]

    def _check(self) -> None:
        if self._work > MAX_WORK:
            raise PlanTooLarge

    def rivals(self, buffer: Buffer) -> list[tuple[int, int, int]]:
        """(offset, order, end) of placed buffers alive with this one, by offset, then by order."""
        first, last = buffer.first - self._base, buffer.last - self._base
        rivals = sorted(chain(self._alive[first], *self._begun[first + 1 : last + 1]))
        self._work += len(rivals)
        self._check()
        return rivals

    def add(self, buffer: Buffer, placed: tuple[int, int, int]) -> None:
        """Enter a placed buffer."""
        first, last = buffer.first - self._base, buffer.last - self._base
        self._begun[first].append(placed)
        for alive in self._alive[first : last + 1]:
            alive.append(placed)
