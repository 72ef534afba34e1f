"""The server's own address: a page that asks /match for people, links for programs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from fastapi import APIRouter, Request, Response

from tinykg.endpoint.media_types import JSON, chosen
from tinykg.rest.bodies import problems
from tinykg.rest.entities import Responses
from tinykg.rest.examples import shown
from tinykg.rest.replies import as_json, conditional
from tinykg.version import __version__

router = APIRouter(tags=["server"])

HTML: Final = "text/html"
_FOLDER: Final = Path(__file__).with_name("page")
_TYPES: Final = {"index.html": HTML, "style.css": "text/css", "ask.js": "text/javascript"}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing of other origins is loaded, and no text can become a program (https://www.w3.org/TR/CSP3/)."""

DOORS: Final = {
    "openapi": "/openapi.json",
    "match": "/match{?device,model,task,runtime,verdict,limit}",
    "models": "/models",
    "device_types": "/device-types",
    "runtimes": "/runtimes",
    "things": "/things",
    "thing_description": "/.well-known/wot",
    "sparql": "/sparql",
    "health": "/health",
    "metrics": "/metrics",
}
"""Addresses by what is there; that of `match` is a template (RFC 6570)."""

_INDEX: dict[str, Any] = {"name": "TinyKG", "version": __version__, "links": DOORS}
_ANSWERS: Responses = {200: {"content": {**shown(_INDEX)["content"], HTML: {}}}, **problems(406)}


@router.get("/", summary="Where to begin", response_class=Response, responses=_ANSWERS)
def front(request: Request) -> Response:
    """Links as JSON, or a page for people where HTML is asked for."""
    offered = {JSON: as_json(_INDEX, (("Vary", "Accept"),)), HTML: None}
    found = chosen(request.headers.get("accept"), offered)
    if found.form is None:
        return _file("index.html")
    return conditional(request, found.form)


@router.get("/page/{name}", include_in_schema=False, response_class=Response)
def page(name: Literal["style.css", "ask.js"]) -> Response:
    """What the page is made of."""
    return _file(name)


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


def _file(name: str) -> Response:
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
        "Vary": "Accept",
    }
    return Response(_content(name), media_type=_TYPES[name], headers=headers)
