"""The graphs themselves over HTTP, below /rdf-graphs: the SPARQL 1.1 Graph Store HTTP Protocol."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from tinykg.endpoint.graph_store import Conditions, GraphStore
from tinykg.endpoint.media_types import GRAPHS, JSON_LD, MULTIPART, TURTLE
from tinykg.rest.access import READ, WRITE
from tinykg.rest.bodies import problems
from tinykg.rest.service import ServiceHere
from tinykg.rest.sparql import answered, message_of

router = APIRouter(prefix="/rdf-graphs", tags=["SPARQL"])

_TRIPLES = "<https://example.org/shelf-3> <http://schema.org/name> 'Shelf 3' ."
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Changes with what the graph holds"}}
_READ: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The graph's triples, in a form that the client accepts",
        "content": {kind: {} for kind in GRAPHS},
        "headers": _ETAG,
    },
    304: {"description": "The client has it"},
    **problems(400, 401, 403, 404, 406),
}
_WRITTEN: dict[int | str, dict[str, Any]] = {
    201: {"description": "The graph is new"},
    204: {"description": "The graph was changed"},
    **problems(400, 401, 403, 404, 412, 413, 415, 422, 503),
}
_REMOVED: dict[int | str, dict[str, Any]] = {
    204: {"description": "The graph is gone"},
    **problems(400, 401, 403, 404, 412, 422, 503),
}
_CONTENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            **{kind: {"schema": {"type": "string"}} for kind in GRAPHS},
            JSON_LD: {"schema": {}},
            TURTLE: {"schema": {"type": "string"}, "example": _TRIPLES},
            MULTIPART: {"schema": {"type": "object", "additionalProperties": {"type": "string"}}},
        },
    }
}

Graph = Annotated[
    str | None, Query(description="The IRI of a graph.", examples=["https://example.org/notes"])
]
Default = Annotated[str | None, Query(description="Instead of that: the graph without a name.")]
Name = Annotated[str, Path(description="The graph's IRI is the whole address.", examples=["notes/shelf-3"])]


@router.get("/service", summary="A graph", response_class=Response, responses=_READ, dependencies=[READ])
async def get_graph(
    request: Request, service: ServiceHere, graph: Graph = None, default: Default = None
) -> Response:
    """The triples of the graph that `graph` or `default` names."""
    del graph, default
    return await _indirect(request, service)


@router.put(
    "/service",
    summary="Replace a graph",
    response_class=Response,
    status_code=204,
    responses=_WRITTEN,
    openapi_extra=_CONTENT,
    dependencies=[WRITE],
)
async def put_graph(
    request: Request, service: ServiceHere, graph: Graph = None, default: Default = None
) -> Response:
    """Let a graph hold just the triples that are sent, if they leave nothing broken that was sound."""
    del graph, default
    return await _indirect(request, service)


@router.post(
    "/service",
    summary="Add to a graph",
    response_class=Response,
    status_code=204,
    responses={
        **_WRITTEN,
        201: {"description": "The graph is new", "headers": {"Location": {"schema": {"type": "string"}}}},
    },
    openapi_extra=_CONTENT,
    dependencies=[WRITE],
)
async def post_graph(
    request: Request, service: ServiceHere, graph: Graph = None, default: Default = None
) -> Response:
    """Add triples to a graph; without `graph` and `default`, to a new one, whose address is `Location`."""
    del graph, default
    return await _indirect(request, service)


@router.delete(
    "/service",
    summary="Remove a graph",
    response_class=Response,
    status_code=204,
    responses=_REMOVED,
    dependencies=[WRITE],
)
async def delete_graph(
    request: Request, service: ServiceHere, graph: Graph = None, default: Default = None
) -> Response:
    """Remove all triples of a graph."""
    del graph, default
    return await _indirect(request, service)


@router.get(
    "/{name:path}",
    summary="A graph by its address",
    response_class=Response,
    responses=_READ,
    dependencies=[READ],
)
async def get_graph_here(request: Request, service: ServiceHere, name: Name) -> Response:
    """The triples of the graph whose IRI is this address."""
    del name
    return await _direct(request, service)


@router.put(
    "/{name:path}",
    summary="Replace a graph by its address",
    response_class=Response,
    status_code=204,
    responses=_WRITTEN,
    openapi_extra=_CONTENT,
    dependencies=[WRITE],
)
async def put_graph_here(request: Request, service: ServiceHere, name: Name) -> Response:
    """Let the graph whose IRI is this address hold just the triples that are sent."""
    del name
    return await _direct(request, service)


@router.post(
    "/{name:path}",
    summary="Add to a graph by its address",
    response_class=Response,
    status_code=204,
    responses=_WRITTEN,
    openapi_extra=_CONTENT,
    dependencies=[WRITE],
)
async def post_graph_here(request: Request, service: ServiceHere, name: Name) -> Response:
    """Add triples to the graph whose IRI is this address."""
    del name
    return await _direct(request, service)


@router.delete(
    "/{name:path}",
    summary="Remove a graph by its address",
    response_class=Response,
    status_code=204,
    responses=_REMOVED,
    dependencies=[WRITE],
)
async def delete_graph_here(request: Request, service: ServiceHere, name: Name) -> Response:
    """Remove all triples of the graph whose IRI is this address."""
    del name
    return await _direct(request, service)


async def _indirect(request: Request, service: ServiceHere) -> Response:
    message = message_of(request, await request.body())
    store = GraphStore(service.held, service.pool, timeout_s=service.settings.query_timeout_s)
    new = f"{_origin(request)}/rdf-graphs/"
    return await answered(service, partial(store.indirect, message, new, _conditions(request)))


async def _direct(request: Request, service: ServiceHere) -> Response:
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    message = message_of(request, await request.body(), _origin(request) + path)
    store = GraphStore(service.held, service.pool, timeout_s=service.settings.query_timeout_s)
    return await answered(service, partial(store.direct, message, _conditions(request)))


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _conditions(request: Request) -> Conditions:
    return Conditions(
        if_match=request.headers.get("if-match"), if_none_match=request.headers.get("if-none-match")
    )
