"""create_app(service): the routes, what comes before them, and the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from tinykg.rest import (
    benchmarks,
    build,
    devices,
    events,
    front,
    graph_store,
    match,
    models,
    problems,
    registering,
    search,
    server,
    sparql,
    things,
    well_known,
)
from tinykg.rest.access import MAY_WRITE, READER, WRITER
from tinykg.rest.numbers import Numbers
from tinykg.rest.wire import BodyLimit, Compressed, Counting, HeadAsGet, RateLimit, Readable, Remembering
from tinykg.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.rest.service import Service
    from tinykg.settings import ServeSettings

DESCRIPTION = """\
Which TinyML model runs on which board, why, and what would make it fit.

Three things in one process: look-ups for deployment tools, a Thing Description Directory
([WoT Discovery](https://www.w3.org/TR/wot-discovery/)), and a
[SPARQL 1.1](https://www.w3.org/TR/sparql11-protocol/) endpoint.

Errors are problem details (RFC 9457). Reading is open unless the server says otherwise; writing needs a
token.
"""

_ROUTERS = (
    front.router,
    match.router,
    build.router,
    models.router,
    devices.router,
    registering.router,
    benchmarks.router,
    things.router,
    search.router,
    events.router,
    well_known.router,
    sparql.router,
    graph_store.router,
    server.router,
)

_COMPRESS_FROM_BYTES = 1000


def create_app(service: Service) -> FastAPI:
    """An application that serves a held registry."""
    settings = service.settings
    app = _Application(
        title="TinyKG",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.numbers = Numbers(service.held.size, service.directory.size)
    problems.install(app, _ROUTERS)
    for router in _ROUTERS:
        app.include_router(router)
    if settings.reads == "open":
        app.add_middleware(Remembering, answers=service.answers)
    app.add_middleware(Compressed, minimum_size=_COMPRESS_FROM_BYTES)
    app.add_middleware(BodyLimit, most_bytes=settings.max_body_bytes)
    if settings.rate_per_s is not None:
        app.add_middleware(RateLimit, rate_per_s=settings.rate_per_s)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Readable)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", "Last-Event-ID"],
            expose_headers=["ETag", "Link", "Location", "Retry-After"],
        )
    app.add_middleware(Counting, numbers=app.state.numbers)
    return app


class _Application(FastAPI):
    """An application whose OpenAPI document says what is answered."""

    def openapi(self) -> dict[str, Any]:
        """The document: wrong arguments are answered with 400 here, never with the framework's 422."""
        if self.openapi_schema is None:
            self.openapi_schema = _as_answered(super().openapi(), self.state.service.settings)
        return self.openapi_schema


def _as_answered(document: dict[str, Any], settings: ServeSettings) -> dict[str, Any]:
    is_open = {READER: settings.reads == "open", WRITER: settings.writes == "open"}
    for operations in document["paths"].values():
        for operation in operations.values():
            _without_422(operation)
            _with_problems(operation)
            _with_tokens(operation, is_open)
    for name in ("HTTPValidationError", "ValidationError"):
        document.get("components", {}).get("schemas", {}).pop(name, None)
    return document


def _with_tokens(operation: dict[str, Any], is_open: Mapping[str, bool]) -> None:
    """An operation asks for tokens where this server does; a scheme that is optional comes after none."""
    asked = operation.pop("security", None)
    schemes = {name for one in asked or () for name in one if not is_open[name]}
    if schemes:
        operation["security"] = [{name: []} for name in sorted(schemes)]
    if operation.pop(MAY_WRITE, False) and not is_open[WRITER]:
        operation["security"] = [*operation.get("security", [{}]), {WRITER: []}]


def _with_problems(operation: dict[str, Any]) -> None:
    """Problems are documented with their own media type alone, which the framework gives beside JSON's."""
    for response in operation["responses"].values():
        content = response.get("content", {})
        if problems.MEDIA_TYPE in content and "application/json" in content:
            content[problems.MEDIA_TYPE] = content.pop("application/json")


def _without_422(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    framework = responses.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if framework.get("$ref", "").endswith("/HTTPValidationError"):
        del responses["422"]
