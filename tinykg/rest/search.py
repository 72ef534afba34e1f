"""Searching the directory by JSONPath, XPath and SPARQL (WoT Discovery, 6.3.4)."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from tinykg.endpoint.media_types import BOOLEANS, FORM, GRAPHS, JSON, JSON_LD, SOLUTIONS
from tinykg.endpoint.protocol import Limits, SparqlEndpoint
from tinykg.endpoint.query import DIRECTORY
from tinykg.rest.access import READ
from tinykg.rest.bodies import problems
from tinykg.rest.parameters import ONCE
from tinykg.rest.service import ServiceHere, client_of, in_thread
from tinykg.rest.sparql import answered, message_of

router = APIRouter(prefix="/search", tags=["Thing Description Directory"], dependencies=[READ, ONCE])

_FOUND: dict[int | str, dict[str, Any]] = {
    200: {"description": "What was found", "content": {JSON: {"schema": {"type": "array"}}}},
    **problems(400, 401, 403, 422, 503),
}
_SPARQL: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Solutions, a boolean or triples",
        "content": {kind: {} for kind in dict.fromkeys((JSON, JSON_LD, *SOLUTIONS, *BOOLEANS, *GRAPHS))},
    },
    **problems(400, 401, 403, 406, 415, 422, 502, 503),
}
_QUERY_TEXT = {"schema": {"type": "string"}, "example": "SELECT * { ?thing ?property ?value } LIMIT 5"}


@router.get("/jsonpath", summary="Search by JSONPath", response_class=Response, responses=_FOUND)
async def search_jsonpath(
    request: Request,
    service: ServiceHere,
    query: Annotated[
        str, Query(description="A JSONPath of RFC 9535.", examples=["$[?@.title=='Lamp'].id"], min_length=1)
    ],
) -> Response:
    """The query's `$` is the array of all enriched Thing Descriptions."""
    search = partial(service.directory.search_jsonpath, query, client=client_of(request))
    return Response(await in_thread(service.threads.queries, search), media_type=JSON)


@router.get("/xpath", summary="Search by XPath", response_class=Response, responses=_FOUND)
async def search_xpath(
    request: Request,
    service: ServiceHere,
    query: Annotated[
        str, Query(description="An expression of XPath 3.1.", examples=["*[title='Lamp']/id"], min_length=1)
    ],
) -> Response:
    """The expression begins at `things`, whose children are the Thing Descriptions.

    A member is an element of its name, an array several of them; `@type` is `_x0040_type`, or
    `*[@name='@type']`. Elements come back as the JSON that they stand for.
    """
    search = partial(service.directory.search_xpath, query, client=client_of(request))
    return Response(await in_thread(service.threads.queries, search), media_type=JSON)


async def content_of(request: Request) -> bytes:
    """The content of a request."""
    return await request.body()


@router.get("/sparql", summary="Search by SPARQL", response_class=Response, responses=_SPARQL)
async def search_sparql(
    request: Request,
    service: ServiceHere,
    query: Annotated[
        str,
        Query(description="A SPARQL 1.1 query.", examples=["SELECT * { ?thing ?property ?value } LIMIT 5"]),
    ],
) -> Response:
    """JSON unless another form is asked for; triples come as JSON-LD. Updates are refused."""
    del query  # the endpoint reads it
    return await _answer(request, service, b"")


@router.post(
    "/sparql",
    summary="Search by SPARQL, with the query as content",
    response_class=Response,
    responses=_SPARQL,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/sparql-query": _QUERY_TEXT,
                FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["query"],
                        "properties": {"query": {"type": "string"}},
                    }
                },
            },
        }
    },
)
async def post_search_sparql(
    request: Request, service: ServiceHere, content: Annotated[bytes, Depends(content_of)]
) -> Response:
    """The same as by GET."""
    return await _answer(request, service, content)


async def _answer(request: Request, service: ServiceHere, content: bytes) -> Response:
    settings = service.settings
    endpoint = SparqlEndpoint(
        service.pool,
        limits=Limits(query_bytes=settings.max_query_bytes, timeout_s=settings.query_timeout_s),
        defaults=DIRECTORY,
        describes=False,
        federated=settings.federated,
    )
    return await answered(service, partial(endpoint.answer, message_of(request, content)))
