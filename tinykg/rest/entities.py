"""What models and device types have in common as resources: forms by Accept, paging, removal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query, Response

from tinykg.endpoint.media_types import chosen
from tinykg.rest.answers import Kept
from tinykg.rest.examples import shown
from tinykg.rest.replies import JSON, check_precondition, reply
from tinykg.rest.service import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import Request

    from tinykg.rest.service import Service

FORMS = {
    JSON: "json",
    "text/turtle": "turtle",
    "application/ld+json": "jsonld",
    "application/n-triples": "ntriples",
}
"""The forms of one entity by media type."""

Responses = dict[int | str, dict[str, Any]]

LIMIT = Annotated[int | None, Query(ge=1, le=10_000, description="So many in a page; else all.")]
CURSOR = Annotated[str | None, Query(max_length=2000, description="Where the page before ended.")]

_NOT_MODIFIED: dict[str, Any] = {"description": "The client has the answer: If-None-Match names it"}

_ETAG = {"ETag": {"schema": {"type": "string"}}}
_LINK = {"Link": {"schema": {"type": "string"}, "description": "`rel=next`: the next page"}}


def listed(line: object, description: str = "All there are, or a page of them") -> Responses:
    """How a list of such lines is answered, for a route's `responses`."""
    return {
        200: {"description": description, **shown([line]), "headers": {**_ETAG, **_LINK}},
        304: _NOT_MODIFIED,
    }


def single(example: object, *media_types: str) -> Responses:
    """How one thing is answered, as JSON or in other forms, for a route's `responses`."""
    content = {**{media_type: {} for media_type in media_types}, **shown(example)["content"]}
    return {200: {"content": content, "headers": _ETAG}, 304: _NOT_MODIFIED}


async def entity(
    request: Request,
    service: Service,
    kind: str,
    name: str,
    in_json: Callable[[], Kept],
    forms: Mapping[str, str],
    further: Mapping[str, Callable[[], Kept]] | None = None,
) -> Response:
    """One entity in the form that the client accepts best."""
    wanted = chosen(request.headers.get("accept"), forms)
    media_type, form = wanted.content_type, wanted.form

    def made() -> Kept:
        vary = (("Vary", "Accept"),)
        special = {"json": in_json, **(further or {})}.get(form)
        if special is not None:
            answer = special()
            return Kept(answer.content, media_type, (*answer.headers, *vary))
        return Kept(service.registry.export(name, form, kind=kind), media_type, vary)

    return await reply(request, service, (kind, name, form), made)


async def remove(
    request: Request, service: Service, kind: str, name: str, in_json: Callable[[], Kept]
) -> Response:
    """Remove the entity of a kind if it is as If-Match says; 204."""

    def removed() -> None:
        check_precondition(request, in_json().etag)
        service.registry.remove(name, kind=kind)

    await in_thread(service.threads.intake, removed)
    return Response(status_code=204)
