"""JSON objects that say one thing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.document import MAX_NESTING
from tinykg.extract.json_members import doubled_members, read_unambiguous

if TYPE_CHECKING:
    from pathlib import Path

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1, "b": {"a": 2}}', []),
        ('{"a": 1, "a": 1}', [("$.a", "a")]),
        ('{"a": {"b": 1, "b": 2, "c": 1, "c": 3}}', [("$.a.b", "b"), ("$.a.c", "c")]),
        ('{"a": [1, {"x": 1, "x": 1, "x": 1}]}', [("$.a[1].x", "x")]),
        ('{"a": {"b": {"c": 1, "c": 1}}, "d": 1, "d": 2}', [("$.d", "d"), ("$.a.b.c", "c")]),
        ('{"\\u0061": 1, "a": 2}', [("$.a", "a")]),
    ],
)
def test_members_given_twice_are_found_outermost_first(text: str, found: list[tuple[str, str]]) -> None:
    assert list(doubled_members(text)) == found


@given(plain)
def test_what_a_program_wrote_has_no_member_twice(document: object) -> None:
    assert list(doubled_members(json.dumps(document))) == []


@given(st.dictionaries(st.text(max_size=5), plain, max_size=4))
def test_a_sound_object_is_read_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "sound.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert read_unambiguous(path) == document


def test_a_member_twice_is_a_fault_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "twice.json"
    path.write_text('{"build": {"mcu": "a", "mcu": "b"}}')
    with pytest.raises(
        ExtractError, match=r"the member 'mcu' twice; expected each member once - at `\$\.build\.mcu`"
    ):
        read_unambiguous(path)


@pytest.mark.parametrize(("levels", "is_read"), [(MAX_NESTING, True), (MAX_NESTING + 1, False), (900, False)])
def test_nesting_has_a_bound(tmp_path: Path, levels: int, is_read: bool) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"a": ' * (levels - 1) + "{}" + "}" * (levels - 1))
    if is_read:
        assert list(read_unambiguous(path)) == ["a"]
        return
    with pytest.raises(ExtractError, match="levels of nesting"):
        read_unambiguous(path)
