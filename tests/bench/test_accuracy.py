"""Accuracy, areas and errors, against their definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.accuracy import auc, auc_one_vs_rest, mean_squared_error, quality_of, shares, top_1

SCORES = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40)


def by_pairs(scores: list[float], positive: list[bool]) -> float | None:
    """The definition: each positive against each negative, equal scores half."""
    wins = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a, p in zip(scores, positive, strict=True)
        for b, q in zip(scores, positive, strict=True)
        if p and not q
    ]
    return sum(wins) / len(wins) if wins else None


@given(SCORES)
def test_the_area_is_the_chance_that_a_positive_is_above_a_negative(pairs: list[tuple[int, bool]]) -> None:
    scores, positive = [score / 7 for score, _ in pairs], [p for _, p in pairs]
    area, expected = auc(np.array(scores), np.array(positive)), by_pairs(scores, positive)
    assert area == pytest.approx(expected) if expected is not None else area is None


@given(SCORES)
def test_turning_the_scores_round_turns_the_area_round(pairs: list[tuple[int, bool]]) -> None:
    scores, positive = np.array([score for score, _ in pairs]), np.array([p for _, p in pairs])
    area, turned = auc(scores, positive), auc(-scores, positive)
    assert (area is None) == (turned is None)
    assert area is None or turned is None or area + turned == pytest.approx(1)


def test_the_area_of_known_cases() -> None:
    truth = np.array([False, False, True, True])
    assert auc(np.array([0.1, 0.2, 0.3, 0.4]), truth) == 1.0
    assert auc(np.array([0.4, 0.3, 0.2, 0.1]), truth) == 0.0
    assert auc(np.array([0.5, 0.5, 0.5, 0.5]), truth) == 0.5
    assert auc(np.array([0.1, 0.4, 0.35, 0.8]), truth) == 0.75
    assert auc(np.array([0.1, 0.2]), np.array([True, True])) is None


def test_the_area_of_many_classes_is_the_mean_of_each_against_the_rest() -> None:
    scores = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.2, 0.3, 0.5], [0.1, 0.8, 0.1], [0.5, 0.1, 0.4]])
    labels = np.array([0, 0, 2, 1, 2])
    by_class = [by_pairs(list(scores[:, c]), list(labels == c)) for c in range(3)]
    area, classes = auc_one_vs_rest(scores, labels)
    assert classes == 3
    assert area == pytest.approx(sum(a for a in by_class if a is not None) / 3)


def test_classes_that_do_not_occur_have_no_part_in_the_area() -> None:
    scores = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1]])
    assert auc_one_vs_rest(scores, np.array([0, 1])) == (1.0, 2)
    assert auc_one_vs_rest(scores, np.array([0, 0])) == (None, 0)


def test_top_1_takes_the_first_of_equal_scores() -> None:
    scores = np.array([[0.5, 0.5], [0.1, 0.9], [0.9, 0.1]])
    assert top_1(scores, np.array([0, 1, 1])) == pytest.approx(2 / 3)
    assert top_1(scores, np.array([1, 1, 0])) == pytest.approx(2 / 3)


def test_rows_become_shares_and_rows_of_nothing_stay() -> None:
    assert shares(np.array([[1.0, 3.0], [0.0, 0.0]])).tolist() == [[0.25, 0.75], [0.0, 0.0]]


def rows(*values: list[float]) -> list[Any]:
    """One window for each input."""
    return [np.array([value]) for value in values]


def test_two_classes_are_ranked_by_the_second_ones_score() -> None:
    found = quality_of(rows([0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]), np.array([0, 0, 1, 1]))
    assert (found.top_1, found.auc, found.classes_in_auc) == (0.75, 0.75, 1)
    assert found.mean_squared_error is None


def test_scores_of_several_windows_are_averaged() -> None:
    answers = [np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9]]), np.array([[0.8, 0.2]])]
    assert quality_of(answers, np.array([1, 0])).top_1 == 1.0


def test_an_anomaly_score_is_averaged_over_windows_and_has_no_top_1() -> None:
    answers = [np.array([[2.0], [4.0]]), np.array([[10.0]]), np.array([[3.5]])]
    found = quality_of(answers, np.array([0, 1, 0]), anomaly=True)
    assert found.top_1 is None
    assert found.auc == 1.0
    assert found.mean_squared_error == pytest.approx((3 + 10 + 3.5) / 3)


def test_labels_that_have_no_score_and_answers_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="labels from 0 to 2, but answers have 2 scores"):
        quality_of(rows([0.5, 0.5], [0.5, 0.5]), np.array([0, 2]))
    with pytest.raises(ValueError, match=r"different lengths: \[2, 3\]"):
        quality_of(rows([0.5, 0.5], [0.5, 0.5, 0.0]), np.array([0, 1]))


def test_of_no_answers_nothing_is_known() -> None:
    found = quality_of([], np.array([], dtype=np.int64))
    assert (found.samples, found.top_1, found.auc) == (0, None, None)


def test_the_squared_error_is_a_mean() -> None:
    assert mean_squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0])) == 2.0
