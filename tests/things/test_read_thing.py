"""Bytes become a JSON object, or a fault with its place."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinykg.errors import InvalidThing
from tinykg.things.parse import MAX_NESTING, doubled_members, read_thing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tinykg.records.thing import ThingFault

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=6), plain, max_size=5)


@given(objects, st.booleans())
def test_what_was_written_is_read(document: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only)
    assert read_thing(text.encode("utf-8", "replace")) == json.loads(text.encode("utf-8", "replace"))


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,\\ud8a01.e-tfn', max_size=40).map(str.encode))
@example(b'{"a":"\\ud800"}')
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_an_object_or_faults_with_a_place(content: bytes) -> None:
    document, faults = outcome(content)
    assert all(fault.field and fault.description for fault in faults)
    assert bool(faults) == (document is None)
    json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")


def outcome(content: bytes) -> tuple[dict[str, Any] | None, Sequence[ThingFault]]:
    """The object, or the faults."""
    try:
        return read_thing(content), ()
    except InvalidThing as error:
        return None, error.faults


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        (b"", "(root)", "not JSON"),
        (b"[]", "(root)", "is a list; expected a JSON object"),
        (b"null", "(root)", "is null"),
        (b'"x"', "(root)", "is a text"),
        (b"7", "(root)", "is a number"),
        (b'{"a" 1}', "(root)", "line 1, column 6"),
        (b'{"a": NaN}', "(root)", "NaN"),
        (b'{"a": -Infinity}', "(root)", "-Infinity"),
        (b'{"a": 1e999}', "(root)", "1e999"),
        (b'{"a": ' + b"9" * 5000 + b"}", "(root)", "number that is too long"),
        (b'{"a": "\xff"}', "(root)", "byte 7"),
        (b'{"a": "\\udfff"}', "(root)", "surrogate"),
        (b'{"a": 1} {}', "(root)", "not JSON"),
    ],
)
def test_a_fault_says_what_and_where(content: bytes, field: str, words: str) -> None:
    with pytest.raises(InvalidThing) as caught:
        read_thing(content, subject="thing.json")
    (fault,) = caught.value.faults
    assert fault.field == field
    assert words in fault.description
    assert str(caught.value).startswith("thing.json: ")


def test_a_byte_order_mark_is_skipped_and_a_surrogate_pair_is_one_character() -> None:
    assert read_thing(b'\xef\xbb\xbf{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_members_given_twice_are_named_by_their_path_outermost_first() -> None:
    content = b'{"properties": {"a": {"forms": [{"href": 1, "href": 2}]}}, "title": "x", "title": "y"}'
    with pytest.raises(InvalidThing) as caught:
        read_thing(content)
    assert [fault.field for fault in caught.value.faults] == ["title", "properties.a.forms.0.href"]
    assert all("more than once" in fault.description for fault in caught.value.faults)


def test_without_strictness_the_last_member_counts_and_the_doubled_are_told() -> None:
    content = b'{"a": 1, "a": 2, "a": 3}'
    assert read_thing(content, strict=False) == {"a": 3}
    assert [fault.field for fault in doubled_members(content)] == ["a"]
    assert doubled_members(b'{"a": {"a": 1}}') == []


def test_nesting_is_bounded_and_brackets_in_texts_do_not_nest() -> None:
    deepest = b'{"a":' + b"[" * (MAX_NESTING - 1) + b"]" * (MAX_NESTING - 1) + b"}"
    assert read_thing(deepest)
    with pytest.raises(InvalidThing, match="nests deeper than 64"):
        read_thing(b'{"a":' + b"[" * MAX_NESTING + b"]" * MAX_NESTING + b"}")
    assert read_thing(json.dumps({"a": "[{" * 500 + '"', "b": '\\"[' * 500}).encode())
    with pytest.raises(InvalidThing, match="nests deeper"):
        read_thing(b"[" * 500_000)


def test_size_is_bounded() -> None:
    with pytest.raises(InvalidThing, match="has 12 bytes; expected at most 11"):
        read_thing(b'{"a": "bcd"}', limit_bytes=11)
    assert read_thing(b'{"a": "bcd"}', limit_bytes=12)


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":' + b"1," * 10 + b'"' + b"\\" * 999_000,
        b"{" + b'"a":1,' * 150_000 + b'"a":1}',
        b"{" + b",".join(b'"%d":1,"%d":2' % (i, i) for i in range(30_000)) + b"}",
        b'{"a":[' + b"[]," * 300_000 + b"[]]}",
    ],
)
def test_no_megabyte_takes_long(content: bytes) -> None:
    started = time.monotonic()
    outcome(content)
    assert time.monotonic() - started < 5


def test_published_things_that_double_a_member_are_told(test_data: Path) -> None:
    doubled = {
        path.name: [fault.field for fault in doubled_members(path.read_bytes())]
        for path in sorted((test_data / "tds" / "playground-invalid").glob("*duplicate*"))
    }
    assert doubled["playground__duplicatePropertyAffordanceNames.json"] == ["properties.status"]
    assert doubled["playground__duplicateSecurityDefinitions.json"] == ["securityDefinitions.basic_sc"]
    assert doubled["playground__duplicateEnum.json"] == []
