"""The SPARQL endpoint: queries, updates and the service description at /sparql."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.security import HTTPBearer

from tinykg.endpoint.media_types import FORM, GRAPHS, SOLUTIONS
from tinykg.endpoint.messages import EndpointRequest
from tinykg.endpoint.protocol import LEAST_TIMEOUT_S, QUERY, UPDATE, Limits, SparqlEndpoint
from tinykg.endpoint.update import Updates
from tinykg.queries.load import query_text
from tinykg.rest.access import MAY_WRITE, READ, may_write
from tinykg.rest.bodies import problems
from tinykg.rest.service import Service, ServiceHere, client_of, in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.endpoint.messages import EndpointResponse

router = APIRouter(tags=["SPARQL"])

_EXAMPLE = query_text("runtimes")
_INSERT = (
    "INSERT DATA { GRAPH <https://example.org/notes> "
    "{ <https://example.org/shelf-3> <http://schema.org/name> 'Shelf 3' } }"
)
_GRAPHS = {"type": "array", "items": {"type": "string", "format": "iri"}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Solutions, a boolean or triples, in a form that the client accepts",
        "content": {kind: {} for kind in dict.fromkeys((*SOLUTIONS, *GRAPHS))},
    },
    **problems(400, 401, 403, 406, 422, 502, 503),
}
_POSTED: dict[int | str, dict[str, Any]] = {
    **_ANSWERS,
    204: {"description": "The update was made"},
    **problems(413, 415),
}
_CONTENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            QUERY: {"schema": {"type": "string"}, "example": _EXAMPLE},
            UPDATE: {"schema": {"type": "string"}, "example": _INSERT},
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "query": {"type": "string"},
                        "update": {"type": "string"},
                        "default-graph-uri": _GRAPHS,
                        "named-graph-uri": _GRAPHS,
                        "using-graph-uri": _GRAPHS,
                        "using-named-graph-uri": _GRAPHS,
                        "timeout": {"type": "number", "minimum": LEAST_TIMEOUT_S},
                    },
                },
                "example": {"query": _EXAMPLE},
            },
        },
    }
}

_TOKEN = HTTPBearer(auto_error=False)


@router.get("/sparql", summary="Query", response_class=Response, responses=_ANSWERS, dependencies=[READ])
@router.get("/sparql/", include_in_schema=False, dependencies=[READ])
async def get_sparql(
    request: Request,
    service: ServiceHere,
    query: Annotated[
        str | None,
        Query(
            description="A SPARQL 1.1 query; without any parameter: the service description.",
            examples=[_EXAMPLE],
        ),
    ] = None,
    default_graphs: Annotated[
        list[str] | None,
        Query(alias="default-graph-uri", description="Graphs that the query's default graph is merged from."),
    ] = None,
    named_graphs: Annotated[
        list[str] | None, Query(alias="named-graph-uri", description="Graphs that GRAPH may name.")
    ] = None,
    timeout: Annotated[
        str | None,
        Query(description="Seconds until the query is stopped, up to the server's limit.", examples=["10"]),
    ] = None,
) -> Response:
    """Answer a query by the [SPARQL 1.1 Protocol](https://www.w3.org/TR/sparql11-protocol/).

    Without a dataset in the parameters or the query, the query is about the union of all graphs. Relative
    IRIs are resolved against this address. `SERVICE` is refused, but for endpoints that the server's keeper
    has named (`--federate`).
    """
    del query, default_graphs, named_graphs, timeout  # the endpoint reads them, as often as they come
    return await answered(service, partial(endpoint_of(service).answer, message_of(request)))


@router.post(
    "/sparql",
    summary="Query or update",
    response_class=Response,
    responses=_POSTED,
    openapi_extra={**_CONTENT, MAY_WRITE: True},
    dependencies=[READ],
)
@router.post("/sparql/", include_in_schema=False, dependencies=[READ])
async def post_sparql(request: Request, service: ServiceHere) -> Response:
    """Answer a query, or make an update in one transaction, by the SPARQL 1.1 Protocol.

    An update needs the right to write. It is made only if it leaves nothing broken that was sound: what it
    changes is validated by TinyKG's shapes first. Its default graph is the graph without a name, not the
    union of all. The graphs of Thing Descriptions are written by `/things` only. `LOAD` is refused.
    """
    message = message_of(request, await request.body())
    endpoint = endpoint_of(service)
    if endpoint.operation(message).is_update:
        await may_write(request, await _TOKEN(request))
    return await answered(service, partial(endpoint.answer, message))


def endpoint_of(service: Service) -> SparqlEndpoint:
    """The endpoint of a service, with its limits."""
    settings = service.settings
    return SparqlEndpoint(
        service.pool,
        Updates(service.held, service.pool),
        limits=Limits(
            query_bytes=settings.max_query_bytes,
            update_bytes=settings.max_body_bytes,
            timeout_s=settings.query_timeout_s,
        ),
        federated=settings.federated,
    )


def message_of(request: Request, content: bytes = b"", url: str | None = None) -> EndpointRequest:
    """A request as the endpoint takes it."""
    return EndpointRequest(
        method=request.method,
        url=url or str(request.url.replace(query="", fragment="")),
        query=tuple(request.query_params.multi_items()),
        content_type=request.headers.get("content-type"),
        content=content,
        accept=request.headers.get("accept"),
        client=client_of(request),
    )


async def answered(service: Service, answer: Callable[[], EndpointResponse]) -> Response:
    """The endpoint's response, computed where queries wait for a process."""
    found = await in_thread(service.threads.queries, answer)
    headers = dict(found.headers)
    if found.content_type is not None:
        headers["Content-Type"] = found.content_type
    return Response(found.content, found.status, headers)
