"""The Thing Description of the directory itself (WoT Discovery, 6.3.1): what it offers, and who may use it.

Names of affordances, addresses and status codes are those of the Recommendation's Thing Model of
directories, which the description links to as its type. A response without content says
`application/x-empty`: Thing Descriptions need a media type there, which the Thing Model leaves out.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from tinykg.directory.registration import DISCOVERY_CONTEXT
from tinykg.version import __version__

MODEL: Final = "https://www.w3.org/2022/wot/discovery/model/directory"

_TD: Final = "application/td+json"
_PATCH: Final = "application/merge-patch+json"
_PROBLEM: Final = "application/problem+json"
_EMPTY: Final = "application/x-empty"
_BAD: Final = (400, "The Thing Description or an argument is wrong")
_MISSING: Final = (404, "No such Thing is registered")

_NOBODY: Final = "nosec_sc"
_TOKEN: Final = "bearer_sc"  # noqa: S105 - a name

_THING_ID: Final = {
    "id": {"@type": "ThingID", "title": "Identifier of a Thing", "type": "string", "format": "iri-reference"}
}
_ANY_OBJECT: Final = {"type": "object", "description": "As the media type says"}


def directory_thing(base: str, *, reads: str = "open", writes: str = "token") -> dict[str, Any]:
    """The directory's own Thing Description, for clients that reach it at `base`.

    `reads` and `writes` are `open`, `token`, or `none` for what is not offered.
    """
    base = base.rstrip("/")
    to_read, to_write = (_TOKEN if rule == "token" else _NOBODY for rule in (reads, writes))
    schemes: dict[str, Any] = {
        _NOBODY: {"scheme": "nosec"},
        _TOKEN: {"scheme": "bearer", "in": "header", "format": "opaque"},
    }
    used = {to_read} if writes == "none" else {to_read, to_write}
    actions = _searches(to_read)
    if writes != "none":
        actions = {**_writing(to_write), **actions}
    actions = {**actions, "retrieveThing": _retrieving(to_read)}
    return {
        "@context": ["https://www.w3.org/2022/wot/td/v1.1", DISCOVERY_CONTEXT, {"@language": "en"}],
        "@type": "ThingDirectory",
        "id": uuid5(NAMESPACE_URL, f"{base}/things").urn,
        "title": "TinyKG Thing Description Directory",
        "description": "Thing Descriptions of devices, beside the models that run on them.",
        "version": {"instance": __version__, "model": "1.0.0"},
        "base": base,
        "securityDefinitions": {name: schemes[name] for name in sorted(used)},
        "security": to_read,
        "links": [{"rel": "type", "href": MODEL, "type": "application/tm+json"}],
        "properties": {"things": _listing(to_read)},
        "actions": actions,
        "events": {
            "thingCreated": _event("thing_created", "A Thing Description was registered", to_read, diff=True),
            "thingUpdated": _event("thing_updated", "A Thing Description was changed", to_read, diff=True),
            "thingDeleted": _event("thing_deleted", "A Thing Description was removed", to_read, diff=False),
        },
    }


def _form(
    href: str,
    method: str,
    op: str | list[str],
    security: str,
    answer: tuple[int, str],
    *problems: tuple[int, str],
    sends: str | None = None,
    location: bool = False,
) -> dict[str, Any]:
    status, media_type = answer
    response: dict[str, Any] = {"htv:statusCodeValue": status, "contentType": media_type}
    if location:
        response["htv:headers"] = [
            {"htv:fieldName": "Location", "description": "The address of the Thing Description"}
        ]
    return {
        "href": href,
        "htv:methodName": method,
        "op": op,
        "security": security,
        "contentType": sends or media_type,
        "response": response,
        "additionalResponses": [
            {"htv:statusCodeValue": code, "contentType": _PROBLEM, "description": why}
            for code, why in problems
        ],
    }


def _listing(security: str) -> dict[str, Any]:
    form = _form(
        "/things{?offset,limit,format}",
        "GET",
        "readproperty",
        security,
        (200, "application/ld+json"),
        (400, "An argument is wrong"),
    )
    form["response"]["htv:headers"] = [{"htv:fieldName": "Link"}]
    return {
        "title": "Things",
        "description": "All Thing Descriptions",
        "readOnly": True,
        "type": "array",
        "items": _ANY_OBJECT,
        "uriVariables": {
            "offset": {"title": "How many are left out", "type": "integer", "minimum": 0, "default": 0},
            "limit": {"title": "How many are in a page", "type": "integer", "minimum": 1},
            "format": {
                "title": "Form of the page",
                "type": "string",
                "enum": ["array", "collection"],
                "default": "array",
            },
        },
        "forms": [form],
    }


def _writing(security: str) -> dict[str, Any]:
    invoke = "invokeaction"
    return {
        "createThing": {
            "description": "Register a Thing Description under its identifier",
            "uriVariables": _THING_ID,
            "input": _ANY_OBJECT,
            "forms": [_form("/things/{id}", "PUT", invoke, security, (201, _EMPTY), _BAD, sends=_TD)],
        },
        "createAnonymousThing": {
            "description": "Register a Thing Description that has no identifier",
            "input": _ANY_OBJECT,
            "forms": [
                _form("/things", "POST", invoke, security, (201, _EMPTY), _BAD, sends=_TD, location=True)
            ],
        },
        "updateThing": {
            "description": "Replace a Thing Description",
            "uriVariables": _THING_ID,
            "input": _ANY_OBJECT,
            "idempotent": True,
            "forms": [_form("/things/{id}", "PUT", invoke, security, (204, _EMPTY), _BAD, sends=_TD)],
        },
        "partiallyUpdateThing": {
            "description": "Change a Thing Description by a merge patch",
            "uriVariables": _THING_ID,
            "input": _ANY_OBJECT,
            "forms": [
                _form("/things/{id}", "PATCH", invoke, security, (204, _EMPTY), _BAD, _MISSING, sends=_PATCH)
            ],
        },
        "deleteThing": {
            "description": "Remove a Thing Description",
            "uriVariables": _THING_ID,
            "idempotent": True,
            "forms": [_form("/things/{id}", "DELETE", invoke, security, (204, _EMPTY), _MISSING)],
        },
    }


def _retrieving(security: str) -> dict[str, Any]:
    return {
        "description": "Read one Thing Description",
        "uriVariables": _THING_ID,
        "output": _ANY_OBJECT,
        "safe": True,
        "idempotent": True,
        "forms": [_form("/things/{id}", "GET", "invokeaction", security, (200, _TD), _MISSING)],
    }


def _searches(security: str) -> dict[str, Any]:
    kinds = {
        "searchJSONPath": ("jsonpath", "a JSONPath of RFC 9535", {"type": "array"}),
        "searchXPath": ("xpath", "an XPath 3.1 expression", {"type": "array"}),
        "searchSPARQL": ("sparql", "a SPARQL 1.1 query", {"type": "object"}),
    }
    found = {}
    for name, (path, query, output) in kinds.items():
        wrong = (400, f"The query is missing or is not {query}")
        href = f"/search/{path}?query={{query}}"
        found[name] = {
            "description": f"Search all Thing Descriptions by {query}",
            "uriVariables": {"query": {"title": f"The text of {query}", "type": "string"}},
            "output": output,
            "safe": True,
            "idempotent": True,
            "forms": [_form(href, "GET", "invokeaction", security, (200, "application/json"), wrong)],
        }
    by_post = _form(
        "/search/sparql",
        "POST",
        "invokeaction",
        security,
        (200, "application/json"),
        (400, "The query is not a SPARQL 1.1 query"),
        sends="application/sparql-query",
    )
    found["searchSPARQL"]["forms"] = [*_forms_of(found["searchSPARQL"]), by_post]
    return found


def _forms_of(affordance: dict[str, Any]) -> list[dict[str, Any]]:
    return list(affordance["forms"])


def _event(name: str, description: str, security: str, *, diff: bool) -> dict[str, Any]:
    form = {
        "href": f"/events/{name}{{?diff}}" if diff else f"/events/{name}",
        "op": "subscribeevent",
        "subprotocol": "sse",
        "security": security,
        "contentType": "text/event-stream",
        "htv:headers": [{"htv:fieldName": "Last-Event-ID", "description": "The last event that was seen"}],
        "response": {"contentType": "text/event-stream"},
    }
    event: dict[str, Any] = {"description": description, "data": {"type": "object"}, "forms": [form]}
    if diff:
        event["uriVariables"] = {
            "diff": {"title": "Whether to send what has changed, too", "type": "boolean", "default": False}
        }
    return event


LINKS: Final = '</.well-known/wot>;rt="wot.directory";ct=432'
"""The directory in the CoRE Link Format (RFC 6690), for /.well-known/core; 432 is td+json."""
