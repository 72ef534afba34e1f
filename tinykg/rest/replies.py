"""Replies from kept answers: entity tags, conditions, pages."""

from __future__ import annotations

import base64
import binascii
import json
from asyncio import shield, wrap_future
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from fastapi import HTTPException, Request, Response

from tinykg.rest.answers import Kept
from tinykg.rest.wire import asked_as

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from tinykg.rest.service import Service

T = TypeVar("T")

JSON = "application/json"


def as_json(value: object, headers: tuple[tuple[str, str], ...] = ()) -> Kept:
    """A value as the bytes of JSON."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Kept(content, JSON, headers)


async def reply(request: Request, service: Service, question: Hashable, make: Callable[[], Kept]) -> Response:
    """The answer to a question, from memory where it was asked before; 304 where the client has it."""
    found = service.answers.find(question)
    if found is None:
        version = service.held.answers_version
        begun = service.answers.begin(question, make, service.threads.answers)
        found = await shield(wrap_future(begun))  # others may share it: it goes on when this client leaves
        heard = replace(found, route=request.scope["route"].path)
        service.answers.keep(asked_as(request.scope), version, heard)
    return conditional(request, found)


def conditional(request: Request, answer: Kept) -> Response:
    """The answer, or 304 without content where If-None-Match names it (RFC 9110, 13.1.2)."""
    headers = {"ETag": answer.etag, "Cache-Control": "no-cache", **dict(answer.headers)}
    if is_known(request, answer.etag):
        return Response(status_code=304, headers=headers)
    return Response(answer.content, media_type=answer.media_type, headers=headers)


def is_known(request: Request, etag: str) -> bool:
    """Whether If-None-Match names an entity tag, compared weakly (RFC 9110, 13.1.2)."""
    return _names(request.headers.get("if-none-match", "").replace("W/", ""), etag)


def _names(condition: str, etag: str) -> bool:
    """Whether a list of entity tags, or `*`, names one."""
    return not {tag.strip() for tag in condition.split(",")}.isdisjoint(("*", etag))


def check_precondition(request: Request, etag: str) -> None:
    """Raise 412 where If-Match names other states than the current one, by strong tags (RFC 9110, 13.1.1)."""
    asked = request.headers.get("if-match")
    if asked is not None and not _names(asked, etag):
        raise HTTPException(412, f"The resource has changed: its ETag is {etag}. Read it again.")


def page(
    request: Request, items: Sequence[T], limit: int | None, cursor: str | None, key: Callable[[T], str]
) -> tuple[Sequence[T], tuple[tuple[str, str], ...]]:
    """A page of items that are in the order of their keys, and the header that leads to the next one.

    A cursor names the last key that was seen: what is added or removed meanwhile moves no page. The order
    need not be alphabetic, so a cursor whose item is gone is an error: the list must be read anew.
    """
    begin = 0
    if cursor is not None:
        after = _decoded(cursor)
        begin = next((place + 1 for place, item in enumerate(items) if key(item) == after), -1)
        if begin < 0:
            raise HTTPException(400, "The cursor's item is no longer in the list; begin without a cursor.")
    end = len(items) if limit is None else begin + limit
    found = items[begin:end]
    if end >= len(items) or not found:
        return found, ()
    following = base64.urlsafe_b64encode(key(found[-1]).encode()).decode().rstrip("=")
    address = request.url.include_query_params(cursor=following)
    target = address.path + (f"?{address.query}" if address.query else "")
    return found, (("Link", f'<{target}>; rel="next"'),)


def _decoded(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise HTTPException(400, "The cursor is none of this server's.") from error
