"""How a directory is found by those who know only its host (WoT Discovery, 5; RFC 8615)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from tinykg.directory.enriched import compact
from tinykg.directory.own_thing import LINKS, directory_thing
from tinykg.endpoint.media_types import JSON, JSON_LD, chosen
from tinykg.rest.access import READ
from tinykg.rest.bodies import problems
from tinykg.rest.service import ServiceHere
from tinykg.rest.things import TD_JSON

router = APIRouter(prefix="/.well-known", tags=["Thing Description Directory"])

_FORMS = {TD_JSON: None, JSON: None, JSON_LD: None}


@router.get(
    "/wot",
    summary="The directory's own Thing Description",
    response_class=Response,
    responses={
        200: {
            "description": "What the directory offers, and which requests need a token",
            "content": {kind: {"schema": {"type": "object"}} for kind in _FORMS},
        },
        **problems(401, 403, 406),
    },
    dependencies=[READ],
)
async def own_thing(request: Request, service: ServiceHere) -> Response:
    """Its `base` is the address that the client used."""
    choice = chosen(request.headers.get("accept"), _FORMS)
    settings = service.settings
    thing = directory_thing(str(request.base_url), reads=settings.reads, writes=settings.writes)
    return Response(compact(thing), headers={"Content-Type": choice.media_type, "Vary": "Accept"})


@router.get(
    "/core",
    summary="Where the directory is, for CoRE clients",
    response_class=Response,
    responses={
        200: {
            "description": "CoRE Link Format (RFC 6690)",
            "content": {"application/link-format": {"schema": {"type": "string"}, "example": LINKS}},
        }
    },
)
async def core_links() -> Response:
    """The resource type is `wot.directory`; 432 is the content format of Thing Descriptions."""
    return Response(LINKS, headers={"Content-Type": "application/link-format"})
