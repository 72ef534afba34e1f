"""Percentiles of times."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.time_statistics import latency_figures, percentile

TIMES = st.lists(st.integers(1, 10**12), min_size=1, max_size=300)


@given(TIMES, st.integers(0, 100))
def test_percentiles_are_numpy_s(times: list[int], percent: int) -> None:
    values = sorted(map(float, times))
    assert np.isclose(percentile(values, percent), np.percentile(values, percent), rtol=1e-12)


@given(TIMES)
def test_figures_are_ordered_and_count_all_times(times: list[int]) -> None:
    found = latency_figures(times)
    assert [figure.statistic for figure in found] == ["median", "p90", "p99"][: len(found)]
    assert [figure.value for figure in found] == sorted(figure.value for figure in found)
    assert {(figure.metric, figure.unit, figure.count) for figure in found} == {
        ("latency", "MilliSEC", len(times))
    }
    assert min(times) / 1e6 <= found[0].value <= max(times) / 1e6


def test_nanoseconds_become_milliseconds() -> None:
    (median,) = latency_figures([3_000_000, 1_000_000, 2_000_000])
    assert median.value == 2.0


def test_a_percentile_of_too_few_times_is_left_out() -> None:
    """Of nine times the ninetieth percentile would be little else than the longest."""
    assert [figure.statistic for figure in latency_figures([1] * 9)] == ["median"]
    assert [figure.statistic for figure in latency_figures([1] * 10)] == ["median", "p90"]
    assert [figure.statistic for figure in latency_figures([1] * 99)] == ["median", "p90"]
    assert [figure.statistic for figure in latency_figures([1] * 100)] == ["median", "p90", "p99"]


def test_no_times_have_no_figures() -> None:
    assert latency_figures([]) == ()
