"""Time and energy in matches: which runtime they favour, the longest time asked for, and how they read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_rank import PLAIN, named, order

from tinykg.match.latency import verdict_within, with_timing, worst
from tinykg.match.rank import best
from tinykg.quantities import duration, estimate_text, work
from tinykg.records.estimate import Estimate, Performance, Unknown
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.match import Verdict
from tinykg.report.explain_text import time_and_energy
from tinykg.report.match_json import match_value
from tinykg.report.match_text import fits_table, shared

if TYPE_CHECKING:
    from tinykg.registry import Registry

FITS, NOT, UNKNOWN = Verdict.FITS, Verdict.DOES_NOT_FIT, Verdict.UNKNOWN
NOBODY = Unknown(reason="no measurement of it")


def took(value: float, kind: EvidenceKind = EvidenceKind.MEASURED, unit: str = "us") -> Estimate:
    """A figure; an estimated one lies within a factor of two."""
    spread = 1 if kind is EvidenceKind.MEASURED else 2
    return Estimate(
        value=value,
        low=value / spread,
        high=value * spread,
        unit=unit,
        evidence=Evidence(kind=kind, source="a table"),
        rows=1,
        basis="a table",
    )


def about(value: float, unit: str = "us") -> Estimate:
    return took(value, EvidenceKind.ESTIMATED, unit)


@pytest.mark.parametrize(
    ("latency", "most_us", "verdict"),
    [
        (took(100), 100, FITS),
        (took(100), 99.9, NOT),
        (about(100), 200, FITS),
        (about(100), 199, UNKNOWN),
        (about(100), 50, UNKNOWN),
        (about(100), 49, NOT),
        (NOBODY, 1e9, UNKNOWN),
        (None, 1e9, UNKNOWN),
    ],
)
def test_an_estimate_decides_only_where_its_whole_interval_does(
    latency: Estimate | Unknown | None, most_us: float, verdict: Verdict
) -> None:
    assert verdict_within(latency, most_us) is verdict


@given(st.lists(st.sampled_from(Verdict), max_size=5))
def test_the_worst_verdict_is_that_of_a_match(verdicts: list[Verdict]) -> None:
    found = worst(verdicts)
    assert found is FITS or found in verdicts
    assert (found is NOT) == (NOT in verdicts)


def test_a_longest_time_is_one_more_constraint_with_its_source() -> None:
    performance = Performance(
        device="board", model="m", runtime="runtime", latency=about(2000), energy=about(30, "uJ")
    )
    free = with_timing(PLAIN, performance, None)
    assert (free.constraints, free.verdict, free.latency) == ((), FITS, about(2000))
    late = with_timing(PLAIN, performance, 500)
    (reason,) = late.reasons
    assert late.verdict is NOT
    assert (reason.name, reason.required, reason.available, reason.margin) == ("latency", 2000, 500, -1500)
    assert (reason.basis, reason.source) == ("estimated", "a table")
    assert reason.message == "about 2.00 ms (1.00 ms to 4.00 ms); at most 500 us is asked for"


def test_a_time_that_nobody_knows_leaves_the_verdict_open() -> None:
    performance = Performance(device="board", model="m", runtime="runtime", latency=NOBODY, energy=NOBODY)
    open_one = with_timing(PLAIN, performance, 500)
    assert open_one.verdict is UNKNOWN
    assert "how long it takes is not known: no measurement of it" in open_one.constraints[0].message
    assert (
        with_timing(replace(PLAIN, verdict=NOT, constraints=()), None, 500).constraints[0].verdict is UNKNOWN
    )


def test_the_quickest_runtime_serves_a_pair_best_and_a_measured_one_before_all() -> None:
    slow = named("m", runtime="slow", latency=about(900), ram_required_bytes=10)
    quick = named("m", runtime="quick", latency=about(100), ram_required_bytes=4000)
    untimed = named("m", runtime="untimed", latency=NOBODY, ram_required_bytes=5)
    measured = named("m", runtime="measured", latency=took(500))
    refused = named("m", runtime="refused", latency=took(1), verdict=NOT)
    assert [m.runtime for m in best([untimed, slow, quick, refused])] == ["quick"]
    assert [m.runtime for m in best([slow, measured, quick])] == ["measured"]
    assert [m.runtime for m in best([untimed, refused])] == ["untimed"]


def test_orders_by_time_and_by_energy() -> None:
    found = [
        named("c", latency=NOBODY, energy=took(1, unit="uJ")),
        named("b", latency=about(20), energy=NOBODY),
        named("a", latency=took(10), energy=took(5, unit="uJ")),
    ]
    assert order(found, "latency") == "abc"
    assert order(found, "energy") == "cab"


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (0, "0 us"),
        (0.01234, "0.0123 us"),
        (1.5, "1.50 us"),
        (999.4, "999 us"),
        (1000, "1.00 ms"),
        (12_345, "12.3 ms"),
        (999_000, "999 ms"),
        (1_234_567, "1.23 s"),
        (123_456_789, "123 s"),
        (12_345_678_901, "12300 s"),
    ],
)
def test_times_read_with_three_digits(microseconds: float, text: str) -> None:
    assert duration(microseconds) == text
    assert work(microseconds) == text.replace("us", "uJ").replace("ms", "mJ").replace(" s", " J")


def test_what_was_measured_and_what_was_estimated_read_differently() -> None:
    assert estimate_text(took(1500)) == "1.50 ms measured (one run)"
    several = replace(took(1500), rows=3, low=1400.0, high=1650.0)
    assert estimate_text(several) == "1.50 ms measured (the mean of 3 runs, 1.40 ms to 1.65 ms)"
    assert estimate_text(about(40, "uJ")) == "about 40.0 uJ (20.0 uJ to 80.0 uJ)"


def test_a_table_has_times_only_where_there_are_some() -> None:
    timed, untimed = named("a", latency=about(2500)), named("b", latency=NOBODY)
    columns, rows, right = fits_table([timed, untimed], by_model=False, by_task=False)
    at = columns.index("time")
    assert [row[at] for row in rows] == ["~2.50 ms", "?"]
    assert "time" in right
    assert "~ estimated" in shared([timed], by_model=False)
    assert "time" not in fits_table([untimed], by_model=False, by_task=False)[0]
    assert "estimated" not in shared([untimed], by_model=False)
    assert fits_table([named("a", latency=took(7))], by_model=True, by_task=False)[1][0][-1] == "7.00 us"


def test_one_reason_for_both_is_said_once() -> None:
    both = replace(PLAIN, latency=NOBODY, energy=NOBODY)
    assert time_and_energy(both) == [("latency", "not known: no measurement of it", None)]
    assert [name for name, _, _ in time_and_energy(replace(both, latency=took(3)))] == ["latency", "energy"]
    assert time_and_energy(PLAIN) == []


def test_json_has_units_evidence_and_reasons() -> None:
    value = match_value(replace(PLAIN, latency=took(1500), energy=Unknown(reason="no power")))
    assert value["latency"] == {
        "value_us": 1500,
        "low_us": 1500,
        "high_us": 1500,
        "evidence": "measured",
        "rows": 1,
        "basis": "a table",
    }
    assert value["energy"] == {"unknown": "no power"}
    assert match_value(PLAIN)["latency"] is None
    json.dumps(value)


def test_published_runs_beat_estimates_on_the_same_board(registry: Registry) -> None:
    found = {m.model: m for m in registry.match(device="st-nucleo-l4r5zi", all_verdicts=True)}
    kws = found["kws_ref_model"]
    assert isinstance(kws.latency, Estimate)
    assert kws.latency.evidence.kind is EvidenceKind.MEASURED
    assert "MLPerf Tiny" in kws.latency.basis
    assert kws.runtime == "tflm-cmsis-nn-arm32"
    other = found["ARM_DS_CNN_Small"].latency
    assert isinstance(other, Estimate)
    assert other.evidence.kind is EvidenceKind.ESTIMATED
    assert other.low < other.value < other.high


def test_a_longest_time_narrows_what_fits(registry: Registry) -> None:
    free = {m.model for m in registry.match(device="nano33")}
    quick = registry.match(device="nano33", max_latency_us=20_000, sort="latency")
    assert {m.model for m in quick} < free
    figures = [m.latency.high for m in quick if isinstance(m.latency, Estimate)]
    assert len(figures) == len(quick) >= 5
    assert max(figures) <= 20_000
    values = [m.latency.value for m in quick if isinstance(m.latency, Estimate)]
    assert values == sorted(values)


def test_what_would_make_it_quick_enough_is_said(registry: Registry) -> None:
    (late,) = registry.match(
        device="nano33",
        model="ARM_MicroNet_Small_anomaly_detection",
        runtime="tflm-cmsis-nn-arm32",
        max_latency_us=1000,
        all_verdicts=True,
    )
    assert late.verdict is NOT
    assert [r.name for r in late.reasons] == ["latency"]
