"""Negotiation gives clients what they want most, and says what there is where nothing fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.endpoint.media_types import BOOLEANS, GRAPHS, SOLUTIONS, chosen, parsed, utf_8
from tinykg.errors import InputError, NotAcceptable

OFFERED = {"text/turtle": 1, "application/n-triples": 2, "application/ld+json": 3}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/turtle"),
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/*", "application/n-triples"),
        ("application/ld+json", "application/ld+json"),
        ("Application/LD+JSON", "application/ld+json"),
        ("application/ld+json; profile=x; q=0.5, */*; q=0.1", "application/ld+json"),
        ("text/turtle;q=0.2, application/n-triples;q=0.3", "application/n-triples"),
        ("text/turtle;q=0, */*", "application/n-triples"),
        ("text/*;q=0, application/n-triples;q=0, */*;q=0.1", "application/ld+json"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "text/turtle"),
        ("application/n-triples, text/turtle", "text/turtle"),
        ("text/turtle; charset=utf-8", "text/turtle"),
        (", ,application/ld+json,", "application/ld+json"),
        ("text/turtle;q=nonsense, application/ld+json;q=0.1", "application/ld+json"),
        ("text/turtle;q=7, application/ld+json;q=1", "text/turtle"),
    ],
)
def test_the_most_wanted_is_chosen(accept: str | None, expected: str) -> None:
    found = chosen(accept, OFFERED)
    assert (found.media_type, found.form) == (expected, OFFERED[expected])


@pytest.mark.parametrize("accept", ["text/html", "image/*", "*/*;q=0", "text/turtle;q=0", "turtle"])
def test_nothing_that_fits_is_an_error_that_lists_the_offer(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="text/turtle, application/n-triples, application/ld") as caught:
        chosen(accept, OFFERED)
    assert caught.value.offered == tuple(OFFERED)


@given(st.text(max_size=60))
def test_any_header_is_chosen_from_or_refused(accept: str) -> None:
    try:
        assert chosen(accept, OFFERED).media_type in OFFERED
    except NotAcceptable:
        assert accept.strip()


def test_texts_say_that_they_are_utf_8() -> None:
    assert chosen("text/csv", SOLUTIONS).content_type == "text/csv; charset=utf-8"
    assert chosen(None, GRAPHS).content_type == "text/turtle; charset=utf-8"
    assert chosen(None, SOLUTIONS).content_type == "application/sparql-results+json"
    assert not [kind for kind in BOOLEANS if "csv" in kind or "tab" in kind]


def test_content_types_are_taken_apart() -> None:
    assert parsed('Text/Turtle; Charset="UTF-8"; a=b') == ("text/turtle", {"charset": "UTF-8", "a": "b"})
    assert parsed(None) == ("", {})


def test_only_utf_8_is_read() -> None:
    assert utf_8("naïve".encode(), "text/plain; charset=UTF-8", "text") == "naïve"
    with pytest.raises(InputError, match="charset=utf-16"):
        utf_8("x".encode("utf-16"), "text/plain; charset=utf-16", "text")
    with pytest.raises(InputError, match="The text is not UTF-8: byte 2"):
        utf_8(b"ab\xff", None, "text")
