"""Errors as problem details (RFC 9457): the only place where an error becomes an HTTP status."""

from __future__ import annotations

import logging
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from tinykg import errors
from tinykg.endpoint.media_types import parsed
from tinykg.records.fault import faults_of
from tinykg.rest.languages import localized

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapi import APIRouter, FastAPI, Request

    from tinykg.records.thing import ThingFault

MEDIA_TYPE = "application/problem+json"

STATUSES: dict[type[errors.TinykgError], int] = {
    errors.UnknownName: 404,
    errors.ModelNotKept: 404,
    errors.ThingNotFound: 404,
    errors.NotAcceptable: 406,
    errors.PreconditionFailed: 412,
    errors.UnsupportedMediaType: 415,
    errors.UnknownFormat: 415,
    errors.ExtractError: 422,
    errors.InvalidThing: 400,
    errors.Refused: 403,
    errors.InputError: 400,
    errors.ShapeViolation: 400,
    errors.MissingExtra: 501,
    errors.BenchmarkError: 422,
    errors.QueryTooBig: 422,
    errors.QueryStopped: 503,
    errors.EndpointFailed: 502,
    errors.StoreBusy: 503,
    errors.TinykgError: 500,
}
"""The first class that an error is an instance of decides."""

_RETRY_AFTER_S = 2

_MOST_FAULTS = 100
"""So many are named; a stranger who sends thousands learns no more from the others."""

_IN_OTHER_WORDS = {
    "Value error, Expected UploadFile, received: <class 'str'>": "is a text; expected a file",
    "Extra inputs are not permitted": "is not known here",
}
"""What the framework says in terms of its own."""

_LOG = logging.getLogger("tinykg.rest")


class Problem(JSONResponse):
    """Problem details as WoT Discovery 6.2 wants them: the title is the status's reason phrase."""

    media_type = MEDIA_TYPE

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
        *,
        languages: str | None = None,
    ) -> None:
        detail, language = localized(detail, status, languages)
        content = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            "instance": f"/errors/{uuid4()}",
            **(members or {}),
        }
        super().__init__(content, status, {"Content-Language": language, **(headers or {})})


def problem_of(error: errors.TinykgError, languages: str | None = None) -> Problem:
    """The problem details of a deliberate error, for a client that prefers some languages."""
    status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
    headers = {"Retry-After": str(_RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return Problem(status, str(error), headers, _members(error), languages=languages)


def _members(error: errors.TinykgError) -> dict[str, object]:
    """What else a program can use: the field of each fault, names that are near."""
    if isinstance(error, errors.UnknownName):
        return {"near": list(error.near)}
    return validation_errors(faults_of(error))


def validation_errors(faults: Iterable[ThingFault]) -> dict[str, object]:
    """The member of problem details that names each fault (WoT Discovery, 6.2.1), where there is any."""
    named = [asdict(fault) for fault in faults]
    return {"validationErrors": named} if named else {}


async def _deliberate(request: Request, error: Exception) -> Problem:
    assert isinstance(error, errors.TinykgError)
    found = problem_of(error, request.headers.get("accept-language"))
    if isinstance(error, errors.UnsupportedMediaType) and not error.coding and request.method == "PATCH":
        found.headers["Accept-Patch"] = ", ".join(error.accepted)
    if found.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("%s", error)
    return found


async def _of_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail, headers = str(error.detail), dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
        detail = f"{request.url.path} has no {request.method}, only {headers['Allow']}."
    elif detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"Nothing is at {request.url.path}; /openapi.json says what there is."
    return Problem(error.status_code, detail, headers, languages=request.headers.get("accept-language"))


def _methods(request: Request) -> list[str]:
    """The methods of all routes of a path; the framework names those of the first one alone.

    A path that fits a pattern besides, as /benchmarks/claim does {job_id} there, has its own methods alone.
    """
    fitting = [
        route for route in request.app.state.routes if route.matches(request.scope)[0] is not Match.NONE
    ]
    closest = min((route.path for route in fitting), key=lambda path: path.count("{"))
    found = {
        method
        for route in fitting
        for method in getattr(route, "methods", None) or ()
        if route.path == closest
    }
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


async def _wrong_arguments(request: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)
    languages = request.headers.get("accept-language")
    expected = _other_type(request)
    if expected is not None and any(fault["loc"][0] == "body" for fault in error.errors()):
        return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, expected, languages=languages)
    faults = [_described(fault) for fault in error.errors()[:_MOST_FAULTS]]
    text = "; ".join(f"{fault['field']}: {fault['description']}" for fault in faults)
    members = {"validationErrors": faults}
    return Problem(
        HTTPStatus.BAD_REQUEST, f"Arguments are wrong: {text}", members=members, languages=languages
    )


def _other_type(request: Request) -> str | None:
    """What is wrong with the media type of a request's content, where its route reads another one."""
    body = getattr(request.scope.get("route"), "body_field", None)
    if body is None:
        return None
    expected = str(body.field_info.media_type)
    sent, _ = parsed(request.headers.get("content-type"))
    is_json = expected == "application/json" and sent.endswith("+json")
    return None if is_json or sent == expected else unexpected_type(sent, expected)


def unexpected_type(sent: str, *expected: str) -> str:
    """The detail of 415 for content of another media type than those that are read."""
    return f"The content is {sent or 'of no type'}; expected {' or '.join(expected)}"


def _described(fault: Mapping[str, Any]) -> dict[str, str]:
    """One fault that the framework found, in words for those who do not write Python."""
    field = ".".join(map(str, fault["loc"][1:])) or "(root)"
    if fault["type"] == "json_invalid":
        return {
            "field": "(root)",
            "description": f"is not JSON: {fault['ctx']['error']} at character {field}",
        }
    said = str(fault["msg"])
    return {"field": field, "description": _IN_OTHER_WORDS.get(said, said)}


async def _fault(_request: Request, error: Exception) -> Problem:
    _LOG.error("a fault of TinyKG itself", exc_info=error)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"A fault of TinyKG itself, please report it: {error!r}")


def install(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Let all errors of an application that includes these routers be answered with problem details."""
    app.state.routes = [route for router in routers for route in router.routes]
    app.add_exception_handler(errors.TinykgError, _deliberate)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(RequestValidationError, _wrong_arguments)
    app.add_exception_handler(Exception, _fault)
