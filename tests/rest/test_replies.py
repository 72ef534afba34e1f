"""Conditions and pages, by the rules of RFC 9110."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import HTTPException
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from tinykg.rest.answers import Kept
from tinykg.rest.replies import as_json, check_precondition, conditional, page

if TYPE_CHECKING:
    from collections.abc import Mapping


def request(headers: Mapping[str, str] | None = None, path: str = "/models", query: str = "") -> Request:
    """A request as a server hands it on."""
    lines = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "path": path,
            "query_string": query.encode(),
            "headers": lines,
        }
    )


def test_a_known_entity_tag_is_answered_with_304_and_no_content() -> None:
    answer = Kept(b"body", "text/plain")
    for condition in (answer.etag, "*", f'"x", {answer.etag}', f"W/{answer.etag}"):
        found = conditional(request({"If-None-Match": condition}), answer)
        assert (found.status_code, found.body, found.headers["etag"]) == (304, b"", answer.etag)
    assert conditional(request({"If-None-Match": '"x"'}), answer).body == b"body"


def test_a_write_rests_on_the_state_that_its_client_saw() -> None:
    check_precondition(request(), '"1"')
    check_precondition(request({"If-Match": '"0", "1"'}), '"1"')
    check_precondition(request({"If-Match": "*"}), '"1"')
    with pytest.raises(HTTPException, match="has changed") as raised:
        check_precondition(request({"If-Match": '"0"'}), '"1"')
    assert raised.value.status_code == 412


def followed(items: list[str], limit: int) -> list[str]:
    """All items, page by page, along the links."""
    found: list[str] = []
    query = f"limit={limit}"
    for _ in range(len(items) + 2):
        cursor = query.partition("cursor=")[2] or None
        shown, headers = page(request(query=query), items, limit, cursor, str)
        found += shown
        if not headers:
            return found
        [(name, value)] = headers
        assert name == "Link"
        assert value.endswith('>; rel="next"')
        assert f"limit={limit}" in value
        query = value.partition("?")[2].partition(">")[0]
    raise AssertionError("the links do not end")


@given(st.lists(st.text(min_size=1), unique=True), st.integers(1, 7))
def test_pages_hold_each_item_once_and_in_order(items: list[str], limit: int) -> None:
    assert followed(items, limit) == items


def test_all_are_shown_where_no_limit_is_asked_for() -> None:
    assert page(request(), ["a", "b"], None, None, str) == (["a", "b"], ())


def test_what_is_added_before_a_page_does_not_move_it() -> None:
    _, [(_, link)] = page(request(query="limit=1"), ["b", "d"], 1, None, str)
    cursor = link.partition("cursor=")[2].partition(">")[0]
    assert page(request(), ["a", "b", "c", "d"], 1, cursor, str)[0] == ["c"]


@pytest.mark.parametrize("cursor", ["%%%", "eA", "w7w", "\x00"])
def test_a_cursor_that_leads_nowhere_is_refused(cursor: str) -> None:
    with pytest.raises(HTTPException, match="cursor") as raised:
        page(request(), ["a"], 1, cursor, str)
    assert raised.value.status_code == 400


def test_json_is_compact_utf_8() -> None:
    assert as_json({"name": "Größe"}).content == '{"name":"Größe"}'.encode()
