"""JSON merge patches: the examples of RFC 7396, and that a difference leads from one value to the other."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.things.merge_patch import difference, equal, merged

scalars = (
    st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 2.5]) | st.sampled_from(["", "a", "b"])
)
names = st.sampled_from(["a", "b", "c"])


def values(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=10,
    )


without_null = values(scalars)
with_null = values(scalars | st.none())


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # the test cases of RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_rfcs_cases(target: Any, patch: Any, result: Any) -> None:
    before = copy.deepcopy((target, patch))
    assert merged(target, patch) == result
    assert (target, patch) == before


@given(without_null, without_null)
def test_the_old_value_with_the_difference_is_the_new_one(old: Any, new: Any) -> None:
    before = copy.deepcopy((old, new))
    assert equal(merged(old, difference(old, new)), new)
    assert (old, new) == before


@given(with_null, st.dictionaries(names, with_null, max_size=3))
def test_a_patch_applied_twice_changes_nothing_more(target: Any, patch: dict[str, Any]) -> None:
    once = merged(target, patch)
    assert equal(merged(once, patch), once)
    assert json.dumps(once)


@given(with_null, with_null)
def test_a_difference_is_empty_exactly_where_objects_are_equal(old: Any, new: Any) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        assert (difference(old, new) == {}) == equal(old, new)


@given(st.dictionaries(names, without_null), st.dictionaries(names, without_null))
def test_a_difference_says_nothing_of_what_stays(old: dict[str, Any], new: dict[str, Any]) -> None:
    patch = difference(old, new)
    for name in patch:
        assert name not in old or name not in new or not equal(old[name], new[name])
        smaller = {key: one for key, one in patch.items() if key != name}
        assert not equal(merged(old, smaller), new)


def test_a_member_that_becomes_null_is_removed_and_one_that_was_null_stays() -> None:
    assert difference({"a": 1}, {"a": None}) == {"a": None}
    assert merged({"a": 1}, {"a": None}) == {}
    old, new = {"a": None, "b": 1}, {"a": None, "b": 2}
    assert merged(old, difference(old, new)) == new
    assert merged({}, difference({}, {"a": [None, {"b": None}]})) == {"a": [None, {"b": None}]}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True), (1, True, False), (0, False, False), ([1], [True], False), (None, None, True),
        (None, False, False), ({"a": 0}, {"a": False}, False), ({"a": 1}, {"b": 1}, False),
        ([1, 2], [1], False), ("1", 1, False),
    ],
)  # fmt: skip
def test_equality_is_that_of_json(one: Any, other: Any, *, same: bool) -> None:
    assert equal(one, other) is same
    assert equal(other, one) is same


def test_true_and_one_differ() -> None:
    assert difference({"a": {"b": 1}}, {"a": {"b": True}}) == {"a": {"b": True}}
