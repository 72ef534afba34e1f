"""Bytes become a JSON object, or faults with their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tinykg.errors import InvalidThing
from tinykg.things.parse import read_ambiguous, read_thing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        (b"", "(root)", "not JSON"),
        (b"[]", "(root)", "is a list; expected a JSON object"),
        (b"null", "(root)", "is null"),
        (b"true", "(root)", "is true"),
        (b'"x"', "(root)", "is a text"),
        (b"7", "(root)", "is a number"),
        (b'{"a" 1}', "(root)", "line 1, column 6"),
        (b'{"a": NaN}', "a", "has NaN; expected a number"),
        (b'{"a": [0, -Infinity]}', "a.1", "-Infinity"),
        (b'{"a": {"b": 1e999}}', "a.b", "1e999, which is out of range"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a", "out of range"),
        (b'{"a": "\xff"}', "(root)", "byte 7"),
        (b'{"a": "\\udfff"}', "a", "surrogate"),
        (b'{"\\udfff": 1}', "(root)", "surrogate"),
        (b'{"a": 1} {}', "(root)", "not JSON"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "(root)", "more than 64 levels"),
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


def test_where_it_may_be_ambiguous_the_last_member_counts_and_the_doubled_are_told() -> None:
    def doubled(content: bytes) -> tuple[dict[str, Any], list[str]]:
        document, faults = read_ambiguous(content)
        return document, [fault.field for fault in faults]

    assert doubled(b'{"a": 1, "a": 2, "a": 3}') == ({"a": 3}, ["a"])
    assert doubled(b'{"a": {"a": 1}}') == ({"a": {"a": 1}}, [])


def test_size_is_bounded() -> None:
    with pytest.raises(InvalidThing, match="has 12 bytes; expected at most 11"):
        read_thing(b'{"a": "bcd"}', limit_bytes=11)
    assert read_thing(b'{"a": "bcd"}', limit_bytes=12)


def test_published_things_that_double_a_member_are_told(test_data: Path) -> None:
    doubled = {
        path.name: [fault.field for fault in read_ambiguous(path.read_bytes())[1]]
        for path in sorted((test_data / "tds" / "playground-invalid").glob("*duplicate*"))
    }
    assert doubled["playground__duplicatePropertyAffordanceNames.json"] == ["properties.status"]
    assert doubled["playground__duplicateSecurityDefinitions.json"] == ["securityDefinitions.basic_sc"]
    assert doubled["playground__duplicateEnum.json"] == []
