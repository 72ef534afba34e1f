"""What happens in the directory, as server-sent events (WoT Discovery, 6.3.3)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response

from tinykg.directory.change import EVENTS
from tinykg.errors import UnknownName
from tinykg.rest.access import READ
from tinykg.rest.bodies import problems
from tinykg.rest.event_stream import EventStream
from tinykg.rest.parameters import ONCE
from tinykg.rest.service import ServiceHere

router = APIRouter(tags=["Thing Description Directory"], dependencies=[READ, ONCE])

Diff = Annotated[
    bool,
    Query(description="Let events carry the Thing Description that was created, and what was updated."),
]
LastEventId = Annotated[
    str | None, Header(description="The last event that the client had; what it missed comes first.")
]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events, for ever",
        "content": {
            "text/event-stream": {
                "example": 'event: thing_created\ndata: {"id": "urn:example:1"}\nid: 42\n\n',
            }
        },
    }
}


@router.get(
    "/events",
    summary="All events",
    response_class=Response,
    responses={**_STREAM, **problems(400, 401, 403)},
)
async def events(service: ServiceHere, diff: Diff = False, last_event_id: LastEventId = None) -> Response:
    """Of Things that are created, updated and deleted."""
    return _stream(service, frozenset(EVENTS.values()), diff=diff, last_event_id=last_event_id)


@router.get(
    "/events/{event}",
    summary="Events of one type",
    response_class=Response,
    responses={**_STREAM, **problems(400, 401, 403, 404)},
)
async def events_of_type(
    service: ServiceHere,
    event: Annotated[str, Path(description=", ".join(EVENTS), examples=["thing_created"])],
    diff: Diff = False,
    last_event_id: LastEventId = None,
) -> Response:
    """`thing_created`, `thing_updated` or `thing_deleted`."""
    if event not in EVENTS:
        raise UnknownName("event", event, list(EVENTS))
    return _stream(service, frozenset((EVENTS[event],)), diff=diff, last_event_id=last_event_id)


def _stream(
    service: ServiceHere, kinds: frozenset[str], *, diff: bool, last_event_id: str | None
) -> Response:
    after = int(last_event_id) if last_event_id is not None and _is_number(last_event_id) else None
    return EventStream(service.directory.events(kinds, diff=diff, after=after))


def _is_number(text: str) -> bool:
    """Whether it is an id that a directory gives; others are of no event that is known here."""
    return text.isascii() and text.isdecimal() and len(text) <= 18
