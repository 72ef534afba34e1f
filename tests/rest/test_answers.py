"""Answers are kept as long as they are true, and no longer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tinykg.errors import InputError
from tinykg.rest.answers import Answers, Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


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


THREADS = ThreadPoolExecutor(4)


def given(answers: Answers, question: Hashable, make: Callable[[], Kept]) -> Kept:
    """The kept answer, or the one that is made now."""
    return answers.find(question) or answers.begin(question, make, THREADS).result(10)


def test_who_asks_while_an_answer_is_made_shares_it(version: Version) -> None:
    answers, begin, made = Answers(version), threading.Event(), []

    def make() -> Kept:
        begin.wait(10)
        made.append(1)
        return kept("once")

    futures = [answers.begin("q", make, THREADS) for _ in range(50)]
    begin.set()
    assert {future.result(10).content for future in futures} == {b"once"}
    assert len(made) == 1


def test_who_asks_after_a_write_gets_no_answer_from_before(version: Version) -> None:
    answers, begin = Answers(version), threading.Event()

    def old() -> Kept:
        begin.wait(10)
        return kept("old")

    before = answers.begin("q", old, THREADS)
    version.number += 1
    after = answers.begin("q", lambda: kept("new"), THREADS)
    assert after.result(10).content == b"new"
    begin.set()
    assert before.result(10).content == b"old"
    assert given(answers, "q", lambda: kept("later")).content == b"new"


def test_an_answer_that_fails_is_made_anew(version: Version) -> None:
    answers = Answers(version)

    def fail() -> Kept:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            given(answers, "q", fail)
    assert given(answers, "q", lambda: kept("well")).content == b"well"


def test_an_answer_is_made_once_until_the_registry_changes(version: Version) -> None:
    answers, made = Answers(version), []

    def make() -> Kept:
        made.append(1)
        return kept(f"answer {len(made)}")

    assert given(answers, "q", make).content == b"answer 1"
    assert given(answers, "q", make).content == b"answer 1"
    version.number += 1
    assert answers.find("q") is None
    assert given(answers, "q", make).content == b"answer 2"


def test_an_answer_from_before_a_change_is_given_but_not_kept(version: Version) -> None:
    answers = Answers(version)

    def make() -> Kept:
        version.number += 1  # somebody writes while it is computed
        return kept("old")

    assert given(answers, "q", make).content == b"old"
    assert answers.find("q") is None


def test_an_answer_that_a_change_came_into_is_made_anew(version: Version) -> None:
    """What it read before and after need not belong together: it might even fail on that."""
    answers, registry = Answers(version), {"name": "a", "file": "a"}
    tries: list[str] = []

    def make() -> Kept:
        name = registry["name"]
        tries.append(name)
        if len(tries) == 1:
            registry.update(name="b", file="b")
            version.number += 1
        if len(tries) == 2:
            registry.update(name="c", file="c")
            version.number += 1
            raise InputError("there is no such file any more")
        return kept(name + registry["file"])

    assert given(answers, "q", make).content == b"cc"
    assert tries == ["a", "b", "c"]
    assert answers.find("q") is not None


def test_a_registry_that_changes_all_the_time_is_answered_from_too(version: Version) -> None:
    answers, tries = Answers(version), []

    def make() -> Kept:
        tries.append(version.number)
        version.number += 1
        return kept(str(len(tries)))

    assert given(answers, "q", make).content == b"3"
    assert answers.find("q") is None


def test_an_error_of_one_state_is_told_at_once(version: Version) -> None:
    answers, tries = Answers(version), []

    def make() -> Kept:
        tries.append(1)
        raise InputError("wrong")

    with pytest.raises(InputError):
        given(answers, "q", make)
    assert tries == [1]


def test_the_least_recently_used_answer_goes_first(version: Version) -> None:
    answers = Answers(version, bound_bytes=10)
    for name in "abc":
        answers.keep(name, 0, kept(name * 3))
    assert answers.find("a") is not None  # used: b is the oldest now
    answers.keep("d", 0, kept("dd"))
    assert [name for name in "abcd" if answers.find(name) is not None] == ["a", "c", "d"]


def test_an_answer_larger_than_the_bound_is_not_kept(version: Version) -> None:
    answers = Answers(version, bound_bytes=4)
    assert given(answers, "q", lambda: kept("12345")).content == b"12345"
    assert answers.find("q") is None


def test_entity_tags_are_strong_and_of_the_content() -> None:
    assert kept("a").etag == kept("a").etag != kept("b").etag
    assert kept("a").etag.startswith('"')
    assert kept("a").etag.endswith('"')


def test_many_threads_get_the_same_answer(version: Version) -> None:
    answers, found = Answers(version), set()

    def ask() -> None:
        for place in range(200):
            found.add(given(answers, place % 7, lambda place=place: kept(str(place % 7))).content)  # type: ignore[misc]

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {str(n).encode() for n in range(7)}
