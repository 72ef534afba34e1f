"""A Thing Description keeps every member as it was sent; what is added comes where it must."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lamps import DISCOVERY, TD_1_0, TD_1_1

from tinykg.directory.enriched import closed, enriched, retrieved, with_discovery
from tinykg.directory.registration import register

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (TD_1_1, [TD_1_1, DISCOVERY]),
        ([TD_1_0], [TD_1_0, DISCOVERY]),
        ([TD_1_0, TD_1_1, {"ex": "urn:ex:"}], [TD_1_0, TD_1_1, DISCOVERY, {"ex": "urn:ex:"}]),
        ([TD_1_1, {"ex": "urn:ex:"}, "https://e.com/c"], [TD_1_1, DISCOVERY, {"ex": "urn:ex:"}, "https://e.com/c"]),
        ([TD_1_1, {"ex": "urn:ex:"}, DISCOVERY], [TD_1_1, {"ex": "urn:ex:"}, DISCOVERY]),
        (DISCOVERY, DISCOVERY),
    ],
)  # fmt: skip
def test_the_context_of_registrations_comes_right_after_those_of_things(context: Any, expected: Any) -> None:
    assert with_discovery(context) == expected
    assert with_discovery(expected) == expected


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.booleans(), st.sampled_from([None, " ", "\n"]))
def test_all_members_come_back_equal(members: dict[str, Any], named: bool, indent: str | None) -> None:
    """Every member of the description but `registration` and `@context` is served as it was sent."""
    reserved = ("@context", "registration", "id")
    own = {name: value for name, value in members.items() if name not in reserved}
    document = {"@context": TD_1_1, **own} | ({"id": "urn:x"} if named else {})
    text = json.dumps(document, indent=indent, ensure_ascii=named)
    head = enriched(text, "urn:x", register(document, NOON))
    served = json.loads(closed(head))
    assert served.pop("@context") == [TD_1_1, DISCOVERY]
    assert served.pop("id") == "urn:x"
    assert served.pop("registration") == register(document, NOON).members()
    assert json.dumps(served) == json.dumps(own)
    again = json.loads(retrieved(head, NOON))
    assert again["registration"].pop("retrieved") == "2030-01-31T12:00:00.000000Z"
    assert again == json.loads(closed(head))
