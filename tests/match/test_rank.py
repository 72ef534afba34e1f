"""Orders of matches, and which runtime serves a pair best."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from tinykg.match.rank import SORTS, best, rank
from tinykg.records.match import Constraint, Match, Verdict

FITS, NOT, UNKNOWN = Verdict.FITS, Verdict.DOES_NOT_FIT, Verdict.UNKNOWN

PLAIN = Match(
    model="m",
    device="board",
    device_name="A Board",
    runtime="runtime",
    verdict=FITS,
    constraints=(),
    ram_required_bytes=1000,
    ram_available_bytes=5000,
    flash_required_bytes=2000,
    flash_available_bytes=9000,
    arena_bytes=800,
    stack_reserve_bytes=100,
    task="regression",
    accuracy=0.5,
    macs=10,
    evidence="computed",
)


def named(model: str, **facts: object) -> Match:
    return replace(PLAIN, model=model, **facts)  # type: ignore[arg-type]


def order(matches: list[Match], sort: str) -> str:
    return "".join(m.model for m in rank(matches, sort))


def test_verdicts_come_first_in_every_order() -> None:
    found = [named("c", verdict=NOT), named("b", verdict=UNKNOWN), named("a", verdict=FITS)]
    for sort in SORTS:
        assert order(found, sort) == "abc"


@pytest.mark.parametrize(
    ("sort", "field", "values"),
    [
        ("accuracy", "accuracy", [0.9, 0.5, 0.0, None]),
        ("ram", "ram_required_bytes", [0, 10, 2000, None]),
        ("flash", "flash_required_bytes", [0, 10, 2000, None]),
        ("macs", "macs", [0, 5, 100]),
        ("task", "task", ["activity-recognition", "keyword-spotting", "wake-word", None]),
        ("margin", "ram_available_bytes", [9000, 5000, 10, None]),
    ],
)
def test_an_order_is_by_its_field_and_what_is_not_known_is_last(
    sort: str, field: str, values: list[object]
) -> None:
    found = [named("abcd"[i], **{field: value}) for i, value in enumerate(values)]
    for shuffled in permutations(found):
        assert order(list(shuffled), sort) == "abcd"[: len(values)]


def test_within_a_task_the_most_accurate_is_first_and_unstated_accuracy_last() -> None:
    found = [
        named("d", accuracy=None),
        named("b", accuracy=0.7),
        named("a", accuracy=0.9),
        named("c", accuracy=0.1),
    ]
    assert order(found, "task") == "abcd"


def test_a_stated_accuracy_of_nothing_is_more_than_none() -> None:
    found = [named("a", accuracy=None), named("b", accuracy=0.0)]
    assert order(found, "task") == order(found, "accuracy") == "ba"


def test_names_break_ties_whatever_their_case() -> None:
    assert order([named("b"), named("C"), named("A")], "ram") == "AbC"
    assert order([named("b"), named("C"), named("A")], "name") == "AbC"


def test_a_margin_that_is_not_known_is_last_also_below_a_negative_one() -> None:
    found = [named("b", ram_required_bytes=None), named("a", ram_required_bytes=9000)]
    assert order(found, "margin") == "ab"


def test_each_order_says_what_it_is() -> None:
    assert set(SORTS) == {"task", "accuracy", "ram", "flash", "macs", "latency", "energy", "margin", "name"}
    assert all(meaning for meaning, _ in SORTS.values())


def failing(*names: str, verdict: Verdict = NOT) -> tuple[Constraint, ...]:
    return tuple(Constraint(name=name, verdict=verdict, message="no") for name in names)


def test_the_best_runtime_is_one_that_fits() -> None:
    found = [
        replace(PLAIN, runtime="a", verdict=NOT, constraints=failing("ram")),
        replace(PLAIN, runtime="b", verdict=FITS, ram_required_bytes=4000),
        replace(PLAIN, runtime="c", verdict=UNKNOWN, constraints=failing("flash", verdict=UNKNOWN)),
    ]
    for shuffled in permutations(found):
        assert [m.runtime for m in best(shuffled)] == ["b"]


def test_of_those_that_fit_the_best_takes_least_ram_and_then_has_the_first_name() -> None:
    found = [
        replace(PLAIN, runtime="a", ram_required_bytes=2000),
        replace(PLAIN, runtime="b", ram_required_bytes=1000),
        replace(PLAIN, runtime="c", ram_required_bytes=1000),
    ]
    for shuffled in permutations(found):
        assert [m.runtime for m in best(shuffled)] == ["b"]


def test_exact_figures_are_better_than_estimates() -> None:
    found = [
        replace(PLAIN, runtime="a", ram_required_bytes=500, evidence="estimated"),
        replace(PLAIN, runtime="b", ram_required_bytes=1000),
    ]
    assert [m.runtime for m in best(found)] == ["b"]
    assert [m.runtime for m in best(found[:1])] == ["a"]


def test_of_those_that_do_not_fit_the_best_has_fewest_reasons() -> None:
    """A runtime for the board's core that lacks RAM says more than one for another core."""
    found = [
        replace(PLAIN, runtime="a", verdict=NOT, constraints=failing("system", "ram")),
        replace(PLAIN, runtime="b", verdict=NOT, constraints=failing("ram")),
    ]
    assert [m.runtime for m in best(found)] == ["b"]
    assert [m.runtime for m in rank(found)] == ["b", "a"]


def test_each_pair_has_one_best() -> None:
    found = [
        replace(PLAIN, model=model, device=device, runtime=runtime)
        for model in "xy"
        for device in "pq"
        for runtime in "ab"
    ]
    assert {(m.model, m.device, m.runtime) for m in best(found)} == {
        (model, device, "a") for model in "xy" for device in "pq"
    }
