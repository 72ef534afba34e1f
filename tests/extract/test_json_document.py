"""JSON documents by their beginning, and their faults by line and column."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.json_document import BEGINNING_BYTES, beginning, read_object, read_struct, top_members
from tinykg.json_text import MAX_NESTING

if TYPE_CHECKING:
    from pathlib import Path

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=6), plain, max_size=5)


def expected(value: object) -> list[str]:
    """The texts that a member consists of."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


@given(objects, st.sampled_from([None, 1, "\t"]))
def test_top_members_are_those_of_the_object(document: dict[str, object], indent: int | str | None) -> None:
    for ascii_only in (True, False):
        text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
        found = top_members(text.encode("utf-8", "surrogatepass"))
        assert found == {key: expected(value) for key, value in document.items()}


@given(objects, st.data())
def test_a_beginning_has_no_members_that_the_object_has_not(
    document: dict[str, object], data: st.DataObject
) -> None:
    content = json.dumps(document).encode()
    cut = content[: data.draw(st.integers(0, len(content)))]
    whole = list(top_members(cut))[:-1]  # the last one may be cut off
    assert whole == list(document)[: len(whole)]


@given(st.text())
def test_top_members_of_any_text_raise_nothing(text: str) -> None:
    for start in ("{", "", "}", '{"'):
        top_members((start + text).encode("utf-8", "surrogatepass"))


def test_faults_after_the_first_members_do_not_matter() -> None:
    assert top_members(b'{"a": "b", "c": ["d", {"e": "f"}, ["g"]], broken "h": 1') == {
        "a": ["b"],
        "c": ["d"],
        "h": [],
    }


@pytest.mark.parametrize("text", ['{"a": "' + '\\"' * 60_000, '{"a": "' + "\\" * 120_001, '{"' * 60_000])
def test_an_unclosed_text_takes_no_more_than_linear_time(text: str) -> None:
    start = time.perf_counter()
    top_members(text.encode())
    assert time.perf_counter() - start < 2


def test_a_beginning_is_bounded_and_begins_an_object(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf\r\n {" + b" " * (2 * BEGINNING_BYTES))
    assert len(beginning(path)) == BEGINNING_BYTES
    for content in (b"", b"[{}]", b"\0{}", b"null"):
        path.write_bytes(content)
        assert beginning(path) == b""
    os.mkfifo(tmp_path / "pipe.json")
    for other in (tmp_path, tmp_path / "absent.json", tmp_path / "pipe.json"):
        assert beginning(other) == b""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n "a": 1\n "b": 2}', "line 3, column 2"),
        ('{\n "ä": "ß€", x}', "line 2, column 13"),
        ('{"a": 1', "line 1, column 8"),
        ('{"a": "\n"}', "line 1, column 8"),
        ('{"a": NaN}', "`$.a`"),
        ('{"a": [0, "\\ud800"]}', "`$.a[1]`"),
    ],
)
def test_a_fault_is_told_by_its_place(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExtractError) as caught:
        read_object(path)
    assert caught.value.place == place
    assert "byte" not in caught.value.found


@pytest.mark.parametrize(
    ("text", "found"),
    [("[]", "a JSON list"), ('"a"', "a JSON text"), ("3", "a JSON value"), ("null", "a JSON value")],
)
def test_anything_but_an_object_is_refused(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExtractError) as caught:
        read_object(path)
    assert (caught.value.place, caught.value.found) == ("`$`", found)


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, "1e400"])
def test_a_number_beyond_all_bounds_is_refused(tmp_path: Path, number: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(f'{{"a": {number}}}', encoding="utf-8")
    with pytest.raises(ExtractError, match="out of range") as caught:
        read_object(path)
    assert caught.value.place == "`$.a`"


@pytest.mark.parametrize(
    ("levels", "is_read"), [(MAX_NESTING, True), (MAX_NESTING + 1, False), (200_000, False)]
)
def test_nesting_has_a_bound(tmp_path: Path, levels: int, is_read: bool) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"a": ' * (levels - 1) + "{}" + "}" * (levels - 1))
    if is_read:
        assert list(read_object(path)) == ["a"]
        return
    with pytest.raises(ExtractError, match="more than 64 levels of nesting"):
        read_object(path)


def test_a_member_twice_is_a_fault_with_its_path_where_that_is_not_allowed(tmp_path: Path) -> None:
    path = tmp_path / "twice.json"
    path.write_text('{"build": {"mcu": "a", "mcu": "b"}}')
    assert read_object(path) == {"build": {"mcu": "b"}}
    with pytest.raises(
        ExtractError, match=r"the member 'mcu' twice; expected each member once - at `\$\.build\.mcu`"
    ):
        read_object(path, is_ambiguous=False)


def test_a_mistyped_field_is_named(tmp_path: Path) -> None:
    class Size(msgspec.Struct):
        size_bytes: int

    path = tmp_path / "a.json"
    path.write_text('{"size_bytes": 3, "unknown": 1}', encoding="utf-8")
    assert read_struct(path, Size).size_bytes == 3
    path.write_text('{"size_bytes": "3"}', encoding="utf-8")
    with pytest.raises(ExtractError) as caught:
        read_struct(path, Size)
    assert caught.value.place == "`$.size_bytes`"
