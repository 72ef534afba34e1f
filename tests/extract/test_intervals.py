"""Runs of addresses: union, what they cover, the longest."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tinykg.extract.intervals import Interval, covered, longest_run, union

intervals = st.builds(Interval, st.integers(0, 200), st.integers(0, 200))
lists = st.lists(intervals, max_size=12)


def addresses(items: list[Interval]) -> set[int]:
    return {address for item in items for address in range(item.start, item.end)}


def test_neighbours_become_one_run_and_a_gap_parts_two() -> None:
    assert union([Interval(8, 12), Interval(0, 8), Interval(13, 14)]) == (Interval(0, 12), Interval(13, 14))


def test_what_lies_inside_another_counts_once() -> None:
    banks = [Interval(0x2000_0000, 0x2003_0000), Interval(0x2000_0000, 0x2000_8000)]
    assert covered(banks) == 0x3_0000
    assert longest_run(banks) == 0x3_0000


def test_of_nothing_nothing_is_covered() -> None:
    assert union([]) == ()
    assert covered([]) == longest_run([]) == 0
    assert covered([Interval(9, 3)]) == 0


@given(lists)
def test_a_union_holds_the_same_addresses(items: list[Interval]) -> None:
    assert addresses(list(union(items))) == addresses(items)


@given(lists)
def test_runs_of_a_union_are_in_order_and_apart(items: list[Interval]) -> None:
    runs = union(items)
    assert all(a.end < b.start for a, b in itertools.pairwise(runs))
    assert all(run.size for run in runs)
    assert union(runs) == runs


@given(lists)
def test_covered_counts_each_address_once(items: list[Interval]) -> None:
    assert covered(items) == len(addresses(items))
    assert covered(items) <= sum(item.size for item in items)


@given(lists, intervals)
def test_one_interval_more_never_makes_less(items: list[Interval], more: Interval) -> None:
    assert covered([*items, more]) >= covered(items)
    assert longest_run([*items, more]) >= max(longest_run(items), more.size)


@given(intervals, intervals)
def test_overlap_is_what_both_hold(one: Interval, other: Interval) -> None:
    assert one.overlap(other) == other.overlap(one) == len(addresses([one]) & addresses([other]))
