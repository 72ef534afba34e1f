"""Whether a device's counter is believed, and how many inferences the next window has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.dut_plan import MAX_ITERATIONS
from tinykg.bench.dut_windows import Window, check_clock, energy_figures, latency_figures, longer
from tinykg.errors import DeviceGarbled


@pytest.mark.parametrize(
    ("iterations", "warmup", "seconds", "host_s"),
    [(70, 10, 12.8, 14.7), (1, 10, 2.0, 22.5), (1, 0, 0.0, 0.05), (1, 0, 0.0001, 0.9), (100, 0, 10.0, 10.0)],
)
def test_clocks_that_agree_are_believed(iterations: int, warmup: int, seconds: float, host_s: float) -> None:
    check_clock(iterations, warmup, seconds, host_s)


@pytest.mark.parametrize(
    ("warmup", "seconds", "host_s", "says"),
    [
        (0, 10.0, 9.0, "counts too fast: 10.000 s by its lap counter, but it answered after 9.000 s"),
        (10, 12.8, 3.2, "counts too fast"),
        (0, 10.0, 40.0, "counts too slowly: 10.000 s .* after 40.000 s, 0 runs of warm-up included"),
        (10, 10.0, 17.0, "counts too slowly"),
    ],
)
def test_clocks_that_differ_are_told(warmup: int, seconds: float, host_s: float, says: str) -> None:
    with pytest.raises(DeviceGarbled, match=says) as raised:
        check_clock(50, warmup, seconds, host_s)
    assert raised.value.place == f"infer 50 {warmup}"


@given(st.integers(1, 10**6), st.integers(0, 1000), st.floats(1e-7, 1), st.floats(0, 0.9))
def test_a_right_clock_is_always_believed(
    iterations: int, warmup: int, each_s: float, extra_s: float
) -> None:
    check_clock(iterations, warmup, iterations * each_s, (iterations + warmup) * each_s + extra_s)


@given(st.integers(1, MAX_ITERATIONS), st.floats(0, 1e4), st.floats(0.001, 3600))
def test_the_next_window_has_more_inferences_and_stays_in_what_a_device_can_read(
    iterations: int, seconds: float, wanted_s: float
) -> None:
    found = longer(Window(iterations=iterations, seconds=seconds), wanted_s)
    assert min(iterations + 1, MAX_ITERATIONS) <= found <= MAX_ITERATIONS
    assert found <= max(iterations * 1001, iterations + 1)


def test_figures_are_medians_of_the_windows_and_not_of_their_sums() -> None:
    windows = [Window(iterations=10, seconds=s, joules=j) for s, j in ((1.0, 0.5), (2.0, 0.1), (9.0, 9.0))]
    figures = [*latency_figures(windows), *energy_figures(windows)]
    assert [(figure.metric, figure.unit) for figure in figures] == [
        ("latency", "MilliSEC"),
        ("throughput", "NUM-PER-SEC"),
        ("energy-per-inference", "MicroJ"),
        ("power", "MilliW"),
    ]
    assert [figure.value for figure in figures] == pytest.approx([200.0, 5.0, 50_000.0, 500.0])
