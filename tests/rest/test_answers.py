"""Answers are kept as long as they are true, and no longer."""

from __future__ import annotations

import threading

import pytest

from tinykg.rest.answers import Answers, Kept


class Version:
    """A registry's version that a test moves."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self) -> int:
        return self.number


@pytest.fixture
def version() -> Version:
    return Version()


def kept(text: str) -> Kept:
    return Kept(text.encode(), "text/plain")


def test_an_answer_is_made_once_until_the_registry_changes(version: Version) -> None:
    answers, made = Answers(version), []

    def make() -> Kept:
        made.append(1)
        return kept(f"answer {len(made)}")

    assert answers.give("q", make).content == b"answer 1"
    assert answers.give("q", make).content == b"answer 1"
    version.number += 1
    assert answers.find("q") is None
    assert answers.give("q", make).content == b"answer 2"


def test_an_answer_from_before_a_change_is_given_but_not_kept(version: Version) -> None:
    answers = Answers(version)

    def make() -> Kept:
        version.number += 1  # somebody writes while it is computed
        return kept("old")

    assert answers.give("q", make).content == b"old"
    assert answers.find("q") is None


def test_the_least_recently_used_answer_goes_first(version: Version) -> None:
    answers = Answers(version, bound_bytes=10)
    for name in "abc":
        answers.keep(name, 0, kept(name * 3))
    assert answers.find("a") is not None  # used: b is the oldest now
    answers.keep("d", 0, kept("dd"))
    assert [name for name in "abcd" if answers.find(name) is not None] == ["a", "c", "d"]


def test_an_answer_larger_than_the_bound_is_not_kept(version: Version) -> None:
    answers = Answers(version, bound_bytes=4)
    assert answers.give("q", lambda: kept("12345")).content == b"12345"
    assert answers.find("q") is None


def test_entity_tags_are_strong_and_of_the_content() -> None:
    assert kept("a").etag == kept("a").etag != kept("b").etag
    assert kept("a").etag.startswith('"')
    assert kept("a").etag.endswith('"')


def test_many_threads_get_the_same_answer(version: Version) -> None:
    answers, found = Answers(version), set()

    def ask() -> None:
        for place in range(200):
            found.add(answers.give(place % 7, lambda place=place: kept(str(place % 7))).content)  # type: ignore[misc]

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {str(n).encode() for n in range(7)}
