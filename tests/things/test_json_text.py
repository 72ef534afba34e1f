"""JSON of strangers: read as it is, or refused with the place of each fault."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinykg.json_text import MAX_NESTING, Json, JsonFault, Steps, path_of, read_json

texts = st.text(st.characters(codec="utf-8"), max_size=6)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


def faults(content: str | bytes) -> list[JsonFault]:
    return list(read_json(content if isinstance(content, bytes) else content.encode()).faults)


@given(plain, st.booleans(), st.sampled_from([None, 1]))
def test_what_a_program_wrote_is_read(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert read_json(text.encode()) == Json(value=value)
    assert read_json(b"\xef\xbb\xbf" + text.encode()) == Json(value=value)


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,\\ud8a01.e-tfnNI', max_size=40).map(str.encode))
@example(b'{"\\ud800":{"a":NaN,"a":1e400}}')
@example(b'["", {"": ""}, "\\ud83d\\ude00"]')
def test_any_bytes_are_a_sound_value_or_have_faults_that_can_be_told(content: bytes) -> None:
    read = read_json(content)
    for fault in read.faults:
        f"{fault.found} {fault.expected} {fault.position} {path_of(fault.steps)}".encode()
    str(read.doubled).encode()
    if not read.faults:
        written = json.dumps(read.value, ensure_ascii=False, allow_nan=False).encode()
        assert read_json(written).value == read.value
        assert json.loads(content.decode("utf-8-sig")) == read.value


@pytest.mark.parametrize(
    ("text", "doubled"),
    [
        ('{"a": 1, "b": {"a": 2}}', []),
        ('{"a": 1, "a": 1}', [("a",)]),
        ('{"a": {"b": 1, "b": 2, "c": 1, "c": 3}}', [("a", "b"), ("a", "c")]),
        ('{"a": [1, {"x": 1, "x": 1, "x": 1}]}', [("a", 1, "x")]),
        ('{"a": {"b": {"c": 1, "c": 1}}, "d": 1, "d": 2}', [("d",), ("a", "b", "c")]),
        ('{"\\u0061": 1, "a": 2}', [("a",)]),
        ('[{"": 1, "": 2}]', [(0, "")]),
    ],
)
def test_members_given_twice_are_named_outermost_first_and_the_last_one_counts(
    text: str, doubled: list[Steps]
) -> None:
    assert read_json(text.encode()) == Json(value=json.loads(text), doubled=tuple(doubled))


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ('{\n "a": 1\n "b": 2}', "line 3, column 2"),
        ('{\n "ä": "ß€", x}', "line 2, column 13"),
        ('{"a": 1', "line 1, column 8"),
        ('{"a": "\n"}', "line 1, column 8"),
        ('{"a": 01}', "line 1, column 8"),
        ('{"a": 1} {}', "line 1, column 10"),
        ("\ufeff\ufeff{}", "line 1, column 1"),
        ("", "line 1, column 1"),
        ("{'a': 1}", "line 1, column 2"),
    ],
)
def test_what_is_no_json_is_told_by_line_and_column(text: str, position: str) -> None:
    (fault,) = faults(text)
    assert (fault.position, fault.steps, fault.expected) == (position, (), None)
    assert fault.found.startswith("text that is not JSON: ")


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e309", "-1e309", "9" * 310, "-" + "9" * 5000]
)
def test_a_number_beyond_a_double_is_told_by_its_place(number: str) -> None:
    (fault,) = faults(f'{{"a": [0, {{"b": {number}}}]}}')
    assert fault.steps == ("a", 1, "b")
    assert number[:40] in fault.found
    assert len(fault.found) < 80
    (fault,) = faults(f'{{"a": {number}, "a": 1}}')  # nobody reads it, but it is no JSON either way
    assert fault.steps == ()


@pytest.mark.parametrize("number", ["-0", "0.0", "1E5", "1e-400", "9" * 308, "-1.7976931348623157e308"])
def test_a_number_within_a_double_is_read_as_python_reads_it(number: str) -> None:
    value = read_json(number.encode()).value
    assert (repr(value), type(value)) == (repr(json.loads(number)), type(json.loads(number)))


def test_half_of_a_surrogate_pair_is_told_where_it_stands_in_a_text_or_a_name() -> None:
    read = faults('{"a": ["\\ud83d\\ude00", "x\\ude00"], "b\\ud800": {"\\udfff": 1}}')
    assert [fault.steps for fault in read] == [(), ("b?",), ("a", 1)]
    assert all("surrogate" in fault.found for fault in read)


def test_several_faults_are_told_at_once() -> None:
    assert [path_of(fault.steps) for fault in faults('{"a": NaN, "b": [1e999, "\\ud800"]}')] == [
        "$.a", "$.b[0]", "$.b[1]",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', b'{"a": "\xc0\x80"}'])
def test_bytes_that_are_no_utf_8_are_told_by_their_number(content: bytes) -> None:
    (fault,) = faults(content)
    assert fault.position == "byte 7"
    assert "UTF-8" in fault.found


def test_nesting_is_bounded_and_brackets_in_texts_do_not_nest() -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' * (levels - 1) + b"[]" + b"}" * (levels - 1)

    assert not read_json(nested(MAX_NESTING)).faults
    (fault,) = faults(nested(MAX_NESTING + 1))
    assert fault.found == f"more than {MAX_NESTING} levels of nesting"
    assert faults(b"[" * 500_000)
    assert faults(b"[1,[2]]") == []
    assert read_json(b"[1,[2]]", 1).faults
    assert not read_json(json.dumps({"a": "[{" * 500 + '"', "b": '\\"[' * 500}).encode()).faults


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":' + b"1," * 10 + b'"' + b"\\" * 999_000,
        b"{" + b'"a":1,' * 150_000 + b'"a":1}',
        b"{" + b",".join(b'"%d":1,"%d":2' % (i, i) for i in range(30_000)) + b"}",
        b'{"a":[' + b"[]," * 300_000 + b"[NaN]]}",
        b'["\\ud800"' + b',"\\ud83d\\ude00"' * 70_000 + b"]",
        b"[" + b"9" * 1_000_000 + b"]",
        b"[0." + b"9" * 1_000_000 + b"]",
        b"[NaN" + b",NaN" * 200_000 + b"]",
    ],
)
def test_no_megabyte_takes_long(content: bytes) -> None:
    started = time.monotonic()
    read_json(content)
    assert time.monotonic() - started < 10


def test_a_place_is_written_as_one_reads_it() -> None:
    assert path_of(()) == "$"
    assert path_of(("a", 0, "b")) == "$.a[0].b"


def test_a_value_says_what_it_is_by_itself() -> None:
    value: Any = read_json(b'{"a": [null, true, 1, 1.5, "x"]}').value
    assert value == {"a": [None, True, 1, 1.5, "x"]}
    assert [type(one) for one in value["a"]] == [type(None), bool, int, float, str]
