"""The greedy planner: properties of every plan, and equality with a plain rendering of the algorithm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.footprint.arena import round_up
from tinykg.footprint.memory_plan import Buffer, PlanTooLarge, extent, place


def buffer(size: int, first: int, length: int, offset: int | None = None) -> Buffer:
    return Buffer(size_bytes=round_up(size), first=first, last=first + length, offset_bytes=offset)


ONLINE = st.builds(buffer, st.integers(0, 300), st.integers(-1, 12), st.integers(0, 6))
MIXED = st.builds(
    buffer,
    st.integers(0, 300),
    st.integers(-1, 12),
    st.integers(0, 6),
    st.none() | st.integers(0, 40).map(lambda n: 16 * n),
)


def contemporaries(a: Buffer, b: Buffer) -> bool:
    return a.first <= b.last and b.first <= a.last


def plain_plan(buffers: list[Buffer]) -> list[int]:
    """One list sorted by offset, walked from its start for every buffer."""
    order = sorted(
        range(len(buffers)),
        key=lambda i: (0, 0, i) if buffers[i].offset_bytes is not None else (1, -buffers[i].size_bytes, -i),
    )
    placed: list[tuple[int, Buffer]] = []
    offsets = [0] * len(buffers)
    for i in order:
        wanted, offset = buffers[i], buffers[i].offset_bytes
        if offset is None:
            offset = 0
            for other_offset, other in placed:
                if not contemporaries(wanted, other):
                    continue
                if other_offset - offset >= wanted.size_bytes:
                    break
                offset = max(offset, other_offset + other.size_bytes)
        after = [k for k, (other_offset, _) in enumerate(placed) if other_offset > offset]
        placed.insert(after[0] if after else len(placed), (offset, wanted))
        offsets[i] = offset
    return offsets


@given(st.lists(ONLINE, max_size=30))
def test_no_two_buffers_alive_together_overlap(buffers: list[Buffer]) -> None:
    offsets = place(buffers)
    for i, a in enumerate(buffers):
        for j, b in enumerate(buffers[:i]):
            if contemporaries(a, b):
                apart = offsets[i] >= offsets[j] + b.size_bytes or offsets[j] >= offsets[i] + a.size_bytes
                assert apart or 0 in {a.size_bytes, b.size_bytes}


@given(st.lists(ONLINE, max_size=30))
def test_offsets_are_aligned_and_the_head_is_the_highest_end(buffers: list[Buffer]) -> None:
    offsets = place(buffers)
    assert all(offset % 16 == 0 and offset >= 0 for offset in offsets)
    ends = [offset + entry.size_bytes for offset, entry in zip(offsets, buffers, strict=True)]
    assert extent(buffers, offsets) == max(ends, default=0)


@given(st.lists(MIXED, max_size=30))
def test_the_plan_is_that_of_the_plain_algorithm(buffers: list[Buffer]) -> None:
    assert place(buffers) == plain_plan(buffers)


@given(st.lists(MIXED, max_size=20))
def test_buffers_with_an_offset_of_their_own_keep_it(buffers: list[Buffer]) -> None:
    for offset, entry in zip(place(buffers), buffers, strict=True):
        assert entry.offset_bytes in (None, offset)


def test_of_equal_sizes_the_later_is_placed_first() -> None:
    assert place([buffer(16, 0, 5), buffer(16, 0, 5), buffer(16, 0, 5)]) == [32, 16, 0]


def test_a_buffer_nobody_uses_never_conflicts_with_others() -> None:
    assert place([buffer(64, 0, 3), buffer(32, -1, 0)]) == [0, 0]


def test_a_gap_left_by_an_earlier_buffer_is_used() -> None:
    assert place([buffer(48, 0, 1), buffer(32, 1, 1), buffer(16, 2, 1)]) == [0, 48, 0]


def test_a_chain_of_thousands_of_buffers_is_planned() -> None:
    chain = [buffer(16 + i % 7, i, 1) for i in range(5000)]
    assert extent(chain, place(chain)) == 80


def test_a_plan_beyond_the_bound_is_refused() -> None:
    with pytest.raises(PlanTooLarge):
        place([buffer(16, 0, 3) for _ in range(5000)])
