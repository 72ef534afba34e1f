"""Options of runners: what is no number is no number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.options import Options
from tinykg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

KNOWN = {"count": "how many", "rate": "how fast", "here": "whether", "mode": "which", "word": "any"}


def options(**stated: str) -> Options:
    return Options("a-runner", stated, KNOWN)


def test_what_is_not_stated_is_the_default() -> None:
    found = options()
    assert found.integer("count", 3, least=1, most=5) == 3
    assert found.number("rate", 0.5, least=0, most=1) == 0.5
    assert found.flag("here", default=True) is True
    assert found.choice("mode", "a", ("a", "b")) == "a"
    assert found.text("word", "x") == "x"


def test_what_is_stated_is_read() -> None:
    found = options(count="4", rate="0.25", here="No", mode="b", word="y")
    assert found.integer("count", 3, least=1, most=5) == 4
    assert found.number("rate", 0.5, least=0, most=1) == 0.25
    assert found.flag("here", default=True) is False
    assert found.choice("mode", "a", ("a", "b")) == "b"
    assert found.text("word", "x") == "y"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1.5",
        "6",
        "0",
        "--1",
        "1-1",
        "9" * 5000,
        "\N{SUPERSCRIPT TWO}",
        "\N{ARABIC-INDIC DIGIT TWO}",
        "-",
        "1e0",
    ],
)
def test_a_whole_number_is_digits_within_its_limits(text: str) -> None:
    with pytest.raises(InputError, match="a-runner: expected a whole number from 1 to 5"):
        options(count=text).integer("count", 3, least=1, most=5)


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-0.1", "1.1", "1e999"])
def test_a_number_is_within_its_limits(text: str) -> None:
    with pytest.raises(InputError, match="expected a number from 0 to 1"):
        options(rate=text).number("rate", 0.5, least=0, most=1)


@given(st.text(max_size=60))
def test_any_other_text_is_one_clear_error(text: str) -> None:
    """No text raises anything but InputError, whose sentence does not grow with the text."""
    found = options(count=text, rate=text, here=text, mode=text)
    reads: list[Callable[[], object]] = [
        lambda: found.integer("count", 1, least=1, most=1),
        lambda: found.number("rate", 1, least=1, most=1),
        lambda: found.flag("here", default=False),
        lambda: found.choice("mode", "a", ("a",)),
    ]
    said = []
    for read in reads:
        try:
            read()
        except InputError as error:
            said.append(str(error))
    assert all(len(sentence) < 200 for sentence in said)
    assert (
        len(said) == 4
        or text.strip().casefold() in {"1", "a", "yes", "no", "on", "off", "true", "false", "0"}
        or float(text) == 1
    )


def test_an_option_that_a_runner_has_not_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"a-runner has no option 'speed'. It has: count, here, mode, rate, word."
    ):
        options(speed="1")
    with pytest.raises(InputError, match="It has: none"):
        Options("bare", {"x": "1"}, {})
