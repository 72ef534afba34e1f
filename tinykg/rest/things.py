"""The Thing Description Directory: register, read, change, remove and list (WoT Discovery, 6.3.2)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from tinykg.directory.conditions import Conditions
from tinykg.directory.listing import Form, array, collection, links
from tinykg.directory.paths import readings, thing_path
from tinykg.directory.prepared import PATCH_TYPES, THING_TYPES, check_type, decoded
from tinykg.endpoint.media_types import GRAPHS, JSON, JSON_LD, chosen
from tinykg.rest.access import READ, WRITE
from tinykg.rest.bodies import problems
from tinykg.rest.parameters import ONCE
from tinykg.rest.service import ServiceHere, in_thread
from tinykg.store.results import triples_as
from tinykg.validate.names import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.directory.stored import ServedThing

router = APIRouter(tags=["Thing Description Directory"], dependencies=[ONCE])

TD_JSON = "application/td+json"
_RDF = {kind: form for kind, form in GRAPHS.items() if kind != JSON_LD and not form.supports_datasets}
_ONE: dict[str, Any] = {TD_JSON: None, JSON: None, JSON_LD: None, **_RDF}
_MANY: dict[str, Any] = {JSON_LD: None, JSON: None, TD_JSON: None, **_RDF}

EXAMPLE = {
    "@context": "https://www.w3.org/2022/wot/td/v1.1",
    "id": "urn:uuid:0804d572-cce8-422a-bb7c-4412fcd56f06",
    "title": "Wake word board in the lab",
    "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
    "security": "nosec_sc",
    "properties": {"word": {"type": "string", "forms": [{"href": "coap://[2001:db8::7]/word"}]}},
}
_THING: dict[str, Any] = {
    "type": "object",
    "description": "A Thing Description 1.0 or 1.1, with `registration`",
    "required": ["@context", "title", "security", "securityDefinitions"],
    "properties": {"id": {"type": "string"}, "registration": {"type": "object"}},
}
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Changes with each write of the Thing"}}
_SORTING = ("sort_by", "sort_order")

ThingId = Annotated[
    str,
    Path(
        description="The identifier, percent-encoded or as it is.",
        examples=["urn:uuid:0804d572-cce8-422a-bb7c-4412fcd56f06"],
    ),
]


def _content_of(types: Sequence[str], schema: dict[str, Any], example: object) -> dict[str, Any]:
    """What a route's request carries, for the OpenAPI document."""
    content = {kind: {"schema": schema, "example": example} for kind in types}
    return {"requestBody": {"required": True, "content": content}}


async def content_of(request: Request) -> bytes:
    """The content of a request, without gzip where it came so."""
    return decoded(await request.body(), request.headers.get("content-encoding"))


def conditions_of(request: Request) -> Conditions:
    """The preconditions of a request."""
    return Conditions(request.headers.get("if-match"), request.headers.get("if-none-match"))


def names_of(request: Request, thing_id: ThingId) -> list[str]:
    """What the path of a request may mean by the identifier in it."""
    path = request.scope.get("raw_path", b"").decode("utf-8", "replace").partition("?")[0]
    raw = path.partition("/things/")[2] or quote(thing_id)
    return readings(raw, str(request.base_url))


Content = Annotated[bytes, Depends(content_of)]
WriteIf = Annotated[Conditions, Depends(conditions_of)]
Names = Annotated[list[str], Depends(names_of)]


@router.post(
    "/things",
    summary="Register a Thing Description without an id",
    status_code=201,
    response_class=Response,
    responses={
        201: {
            "description": "Registered under a new `urn:uuid:`, which `Location` ends with",
            "headers": {"Location": {"schema": {"type": "string"}}, **_ETAG},
        },
        **problems(400, 401, 403, 413, 415, 503),
    },
    openapi_extra=_content_of(
        THING_TYPES, _THING, {name: value for name, value in EXAMPLE.items() if name != "id"}
    ),
    dependencies=[WRITE],
)
async def create_thing(request: Request, service: ServiceHere, content: Content) -> Response:
    """The directory gives it an identifier, which it has wherever it is served."""
    check_type(request.headers.get("content-type"), THING_TYPES)
    written = await in_thread(service.threads.writes, partial(service.directory.create, content))
    return Response(
        status_code=201, headers={"Location": _address(request, written.thing_id), "ETag": written.etag}
    )


@router.put(
    "/things/{thing_id:path}",
    summary="Register or replace a Thing Description",
    status_code=204,
    response_class=Response,
    responses={
        201: {
            "description": "Registered",
            "headers": {"Location": {"schema": {"type": "string"}}, **_ETAG},
        },
        204: {"description": "Replaced", "headers": _ETAG},
        **problems(400, 401, 403, 412, 413, 415, 503),
    },
    openapi_extra=_content_of(THING_TYPES, _THING, EXAMPLE),
    dependencies=[WRITE],
)
async def put_thing(
    request: Request, service: ServiceHere, names: Names, content: Content, conditions: WriteIf
) -> Response:
    """Its `id` is the path's. `registration.ttl` seconds after the last write it expires."""
    check_type(request.headers.get("content-type"), THING_TYPES)
    write = partial(service.directory.put, names, content, conditions)
    written = await in_thread(service.threads.writes, write)
    if written.is_new:
        headers = {"Location": _address(request, written.thing_id), "ETag": written.etag}
        return Response(status_code=201, headers=headers)
    return Response(status_code=204, headers={"ETag": written.etag})


@router.patch(
    "/things/{thing_id:path}",
    summary="Change a Thing Description in part",
    status_code=204,
    response_class=Response,
    responses={
        204: {"description": "Changed", "headers": _ETAG},
        **problems(400, 401, 403, 404, 412, 413, 415, 503),
    },
    openapi_extra=_content_of(PATCH_TYPES, {"type": "object"}, {"title": "Wake word board", "support": None}),
    dependencies=[WRITE],
)
async def patch_thing(
    request: Request, service: ServiceHere, names: Names, content: Content, conditions: WriteIf
) -> Response:
    """A merge patch (RFC 7396); an empty one, `{}`, begins the ttl anew."""
    check_type(request.headers.get("content-type"), PATCH_TYPES)
    directory = service.directory
    written = await in_thread(
        service.threads.writes, lambda: directory.patch(directory.resolve(names), content, conditions)
    )
    return Response(status_code=204, headers={"ETag": written.etag})


@router.delete(
    "/things/{thing_id:path}",
    summary="Remove a Thing Description",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "Removed"}, **problems(400, 401, 403, 404, 412, 503)},
    dependencies=[WRITE],
)
async def delete_thing(service: ServiceHere, names: Names, conditions: WriteIf) -> Response:
    """What the registry knew of it as a device goes with it."""
    directory = service.directory
    await in_thread(service.threads.writes, lambda: directory.delete(directory.resolve(names), conditions))
    return Response(status_code=204)


@router.get(
    "/things/{thing_id:path}",
    summary="One Thing Description",
    response_class=Response,
    responses={
        200: {
            "description": "The Thing Description with `registration`; in RDF what it says",
            "content": {
                TD_JSON: {"schema": _THING, "example": EXAMPLE},
                **{kind: {} for kind in _ONE if kind != TD_JSON},
            },
            "headers": _ETAG,
        },
        304: {"description": "The client has it: If-None-Match names its ETag"},
        **problems(400, 401, 403, 404, 406),
    },
    dependencies=[READ],
)
def get_thing(request: Request, service: ServiceHere, names: Names, conditions: WriteIf) -> Response:
    """Every member comes back as it was sent; the directory adds `registration`, its context, and an id."""
    directory = service.directory
    found = directory.get(directory.resolve(names))
    choice = chosen(request.headers.get("accept"), _ONE)
    tag = found.etag if choice.form is None else f"W/{found.etag}"
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "no-cache"}
    if conditions.is_known(found.etag):
        return Response(status_code=304, headers=headers)
    as_json = choice.form is None
    content = found.content(directory.now()) if as_json else _rdf(service, [found], choice.form)
    return Response(content, headers={**headers, "Content-Type": choice.content_type})


@router.get(
    "/things",
    summary="All Thing Descriptions",
    response_class=Response,
    responses={
        200: {
            "description": "An array, or a ThingCollection, in the order of the identifiers' code points",
            "content": {kind: {} for kind in _MANY},
            "headers": {
                "Link": {
                    "schema": {"type": "string"},
                    "description": "`next`: the next page; `canonical`: all, with an etag of their order",
                }
            },
        },
        **problems(400, 401, 403, 406, 501),
    },
    dependencies=[READ],
)
def list_things(
    request: Request,
    service: ServiceHere,
    offset: Annotated[int, Query(ge=0, description="So many are left out.")] = 0,
    limit: Annotated[int | None, Query(ge=1, description="So many in a page; else all.")] = None,
    form: Annotated[Form | None, Query(alias="format", description="`array` unless told otherwise.")] = None,
) -> Response:
    """Follow `rel=next` for the next page; begin anew where the canonical link's etag has changed."""
    unsupported = [name for name in _SORTING if name in request.query_params]
    if unsupported:
        raise HTTPException(
            501, f"'{unsupported[0]}' is not supported; the order is that of the identifiers."
        )
    choice = chosen(request.headers.get("accept"), _MANY)
    page = service.directory.page(offset, limit)
    root = _root(request)
    headers = {
        "Link": links(page, limit, form, root),
        "Vary": "Accept",
        "Cache-Control": "no-cache",
        "Content-Type": choice.content_type,
    }
    if choice.form is not None:
        return Response(_rdf(service, page.things, choice.form), headers=headers)
    parts = collection(page, offset, limit, root) if form == "collection" else array(page)
    return StreamingResponse(parts, headers=headers)


def _rdf(service: ServiceHere, things: Sequence[ServedThing], form: Any) -> bytes:
    triples = service.directory.triples(things)
    return triples_as(triples, form, PREFIXES, service.pool.result_bytes)


def _address(request: Request, thing_id: str) -> str:
    return _root(request) + thing_path(thing_id)


def _root(request: Request) -> str:
    """The path of the directory's base, without a slash at its end."""
    return str(request.scope.get("root_path", "")).rstrip("/")
