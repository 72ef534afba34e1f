"""estimate_latency: the sum it states, its interval, and the fact that is missing where it has none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.estimate.latency import SHARE_RANGE, SIZE_RANGE, estimate_latency, processor_for
from tinykg.records.device import DeviceType, Processor
from tinykg.records.estimate import (
    Estimate,
    EstimateTables,
    LatencyModel,
    MacCount,
    Unknown,
    Workload,
)
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

INT8 = "int8,int8"
MODEL = LatencyModel(
    stack="kernels-a",
    title="Kernels A",
    runtimes=("runtime-a", "runtime-b"),
    cores=("cortex-m4f", "cortex-m4"),
    types=INT8,
    cycles_per_mac={"conv_1x1": 2.0, "conv_kxk": 3.0, "depthwise_conv": 10.0},
    largest_shares={"conv_1x1": 0.9, "conv_kxk": 1.0, "depthwise_conv": 0.1},
    cycles_per_operator=1000.0,
    error_factor=1.5,
    held_out="another model",
    held_out_rows=20,
    rows=4,
    models=4,
    boards=("board-a",),
    sources=("source-a",),
    macs_low=10_000,
    macs_high=1_000_000,
    other_elements_per_mac=0.05,
)
TABLES = EstimateTables(latency=(MODEL,))
M4 = Processor(part="nRF52840", core="cortex-m4f", clock_hz=100_000_000)


def work(counts: Mapping[str, int], *, types: str = INT8, operators: int = 5, others: int = 0) -> Workload:
    return Workload(
        counts=tuple(MacCount(mac_class=name, types=types, macs=macs) for name, macs in counts.items()),
        operators=operators,
        other_elements=others,
    )


def estimate(workload: Workload, processor: Processor = M4, runtime: str = "runtime-a") -> Estimate:
    found = estimate_latency(TABLES, workload, processor, runtime)
    assert isinstance(found, Estimate), found
    return found


def reason(workload: Workload, processor: Processor = M4, runtime: str = "runtime-a") -> str:
    found = estimate_latency(TABLES, workload, processor, runtime)
    assert isinstance(found, Unknown), found
    return found.reason


def test_time_is_the_sum_of_its_parts_over_the_clock() -> None:
    found = estimate(work({"conv_1x1": 60_000, "conv_kxk": 30_000, "depthwise_conv": 10_000}))
    cycles = 60_000 * 2 + 30_000 * 3 + 10_000 * 10 + 5 * 1000
    assert found.value == pytest.approx(cycles / 100)
    assert found.unit == "us"


def test_the_interval_is_a_factor_either_way() -> None:
    found = estimate(work({"conv_kxk": 100_000}))
    assert (found.low, found.high) == (found.value / 1.5, found.value * 1.5)


def test_an_estimate_says_what_it_rests_on() -> None:
    found = estimate(work({"conv_kxk": 100_000}))
    assert found.evidence.kind is EvidenceKind.ESTIMATED
    assert found.rows == 4
    assert found.basis == (
        "fitted to 4 measurements of Kernels A on board-a (source-a); nine of ten of 20 runs "
        "that were held out (another model) lie within a factor of 1.50"
    )


def test_twice_the_clock_takes_half_the_time() -> None:
    slow = estimate(work({"conv_kxk": 100_000}))
    fast = estimate(work({"conv_kxk": 100_000}), replace(M4, clock_hz=200_000_000))
    assert fast.value == pytest.approx(slow.value / 2)


def test_a_hundredth_of_unknown_work_counts_at_the_mean_rate() -> None:
    counts = {"conv_kxk": 99_000, "lstm": 1_000}
    assert estimate(work(counts)).value == pytest.approx((100_000 * 3 + 5000) / 100)


@pytest.mark.parametrize(
    ("workload", "expected"),
    [
        (
            work({"conv_kxk": 98_000, "lstm": 2_000}),
            "no measurement of lstm in int8,int8 by kernels-a on cortex-m4f",
        ),
        (
            work({"svdf": 50_000, "lstm": 50_000}),
            "no measurement of lstm in int8,int8 by kernels-a on cortex-m4f",
        ),
        (
            work({"conv_kxk": 100_000}, types="float32,float32"),
            "no measurement of conv_kxk in float32,float32 by kernels-a on cortex-m4f",
        ),
        (
            work({"conv_kxk": 100_000}, types="int8,int4"),
            "no measurement of conv_kxk in int8,int4 by kernels-a on cortex-m4f",
        ),
        (
            work({"conv_1x1": 60_000, "depthwise_conv": 40_000}),
            "no measured network is so much depthwise_conv in int8,int8 by kernels-a on cortex-m4f",
        ),
        (
            work({"conv_kxk": 900}),
            "its 900 multiply-accumulates are far from those of the measured networks, 10000 to 1000000",
        ),
        (
            work({"conv_kxk": 10_000_001}),
            "its 10000001 multiply-accumulates are far from those of the measured networks, 10000 to 1000000",
        ),
        (
            work({"conv_kxk": 100_000}, others=5_001),
            "layers without multiply-accumulates do more of its work than in any measured network",
        ),
        (work({}), "the file has no multiply-accumulate operations, and only those are priced"),
        (
            replace(work({"conv_kxk": 100_000}), opaque=("SignalFft", "WHILE")),
            "the work of SignalFft is not known",
        ),
    ],
)
def test_what_was_never_measured_is_unknown(workload: Workload, expected: str) -> None:
    assert reason(workload) == expected


def test_the_borders_of_what_was_measured_are_inside() -> None:
    at_share = round(0.1 * SHARE_RANGE * 100_000)
    for counts, others in (
        ({"conv_kxk": 10_000 // SIZE_RANGE}, 0),
        ({"conv_kxk": 1_000_000 * SIZE_RANGE}, 0),
        ({"conv_kxk": 100_000}, 5_000),
        ({"conv_1x1": 100_000 - at_share, "depthwise_conv": at_share}, 0),
    ):
        assert estimate(work(counts, others=others)).value > 0


def test_a_core_or_runtime_that_was_never_measured_is_unknown() -> None:
    some = work({"conv_kxk": 100_000})
    assert reason(some, replace(M4, core="cortex-m3")) == "no measurement of runtime-a on cortex-m3"
    assert reason(some, runtime="runtime-c") == "no measurement of runtime-c on cortex-m4f"
    assert reason(some, replace(M4, core=None)) == "no measurement of runtime-a on an unknown core"


def test_a_clock_that_nobody_states_is_the_missing_fact() -> None:
    assert reason(work({"conv_kxk": 100_000}), replace(M4, clock_hz=None)) == (
        "the clock of the cortex-m4f is not known"
    )


def test_a_model_of_a_part_holds_for_its_parts_only() -> None:
    tables = EstimateTables(latency=(replace(MODEL, part="nRF528"),))
    some = work({"conv_kxk": 100_000})
    assert isinstance(estimate_latency(tables, some, M4, "runtime-a"), Estimate)
    for part in ("STM32L4", None):
        other = replace(M4, part=part)
        assert isinstance(estimate_latency(tables, some, other, "runtime-a"), Unknown)


def test_the_first_processor_that_the_runtime_runs_on_is_taken() -> None:
    m7 = Processor(part="a", core="cortex-m7", clock_hz=480_000_000)
    device = DeviceType(
        slug="d",
        name="D",
        vendor=None,
        evidence=Evidence(kind=EvidenceKind.DECLARED, source="x"),
        processors=(m7, M4),
    )
    assert processor_for(device, ("cortex-m4f", "cortex-m7")) == m7
    assert processor_for(device, ("cortex-m4f",)) == M4
    assert processor_for(device, ("avr",)) is None


@given(
    kxk=st.integers(50_000, 500_000),
    pointwise=st.integers(0, 400_000),
    more=st.integers(0, 100_000),
    operators=st.integers(1, 100),
    more_operators=st.integers(0, 100),
)
def test_more_work_never_takes_less_time(
    kxk: int, pointwise: int, more: int, operators: int, more_operators: int
) -> None:
    """A file with as many operations and layers, or more, takes as long or longer."""
    less = estimate(work({"conv_kxk": kxk, "conv_1x1": pointwise}, operators=operators))
    greater = work({"conv_kxk": kxk + more, "conv_1x1": pointwise}, operators=operators + more_operators)
    assert estimate(greater).value >= less.value
