"""Figures of latency from the times of single inferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.records.benchmark import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

PERCENTILES = (50, 90, 99)


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """The value that so many percent of sorted values do not exceed, interpolated between neighbours.

    The definition of Hyndman and Fan (1996), number 7, which NumPy and R take by default.
    """
    place = (len(sorted_values) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(sorted_values) - 1)
    return sorted_values[below] + (sorted_values[above] - sorted_values[below]) * (place - below)


def latency_figures(
    times_ns: Sequence[int], *, percentiles: Sequence[int] = PERCENTILES
) -> tuple[Figure, ...]:
    """The median and other percentiles of times in nanoseconds, as milliseconds; none without times.

    A percentile is left out where so few times were taken that it would be the longest of them.
    """
    if not times_ns:
        return ()
    values = sorted(taken / 1e6 for taken in times_ns)
    wanted = [p for p in percentiles if p == 50 or len(values) >= 100 / (100 - p)]
    return tuple(
        Figure(
            metric="latency",
            value=percentile(values, percent),
            unit="MilliSEC",
            statistic="median" if percent == 50 else f"p{percent}",
            count=len(values),
        )
        for percent in wanted
    )
