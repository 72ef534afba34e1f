"""Whatever bytes come, from whomever: the server answers, with problem details where it refuses."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykg.rest.app import create_app
from tinykg.rest.run import open_service
from tinykg.settings import ServeSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping
    from pathlib import Path

    from fastapi import FastAPI

DELIBERATE = (501, 503)
"""What a server may say of itself: not supported, or not now."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get")
TYPES = (
    "application/json",
    "application/td+json",
    "application/tm+json",
    "application/merge-patch+json",
    "application/ld+json",
    "application/toml",
    "application/yaml",
    "application/octet-stream",
    "application/sparql-query",
    "application/sparql-update",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/turtle",
    "text/turtle; charset=utf-16",
    "application/rdf+xml",
    "application/n-quads",
    "application/trig",
    "text/n3",
    "text/html;;;=",
    "/",
    "",
)
BODIES = (
    b"",
    b"{",
    b"{}",
    b"[]",
    b"null",
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b"[" * 200_000,
    b'{"a":' * 50_000,
    b'{"id": "\\ud800", "title": "\\udfff"}',
    b'{"id": "urn:x:1", "id": "urn:x:2", "@context": 1, "@context": 2}',
    b'{"a": 1e999999, "b": NaN, "c": -0}',
    b'{"\\u0000": "\\u0000"}',
    b"\x00" * 100,
    b"SELECT * { ?s ?p ?o } LIMIT 1",
    b"SELECT * { " + b"{" * 5_000 + b"}" * 5_000 + b" }",
    b"ASK { FILTER('\\uD800' = '\xed\xa0\x80') }",
    b"INSERT DATA { <urn:x:s> <urn:x:p> '\\uDFFF' }",
    b"LOAD <file:///etc/passwd>",
    b"query=%ff%fe&update=%00",
    b"query=ASK+%7B%7D&query=ASK+%7B%7D",
    b"<a> <b> '\\uD834' .",
    b"@prefix : <" + b":" * 1000 + b"> . : : : .",
    b"@prefix : <:> . " + b"[ : " * 20_000,
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    b"--x\r\nContent-Disposition: form-data; name=file; filename=../../x.tflite\r\n\r\nTFL3\r\n--x--\r\n",
    b"--x\r\nContent-Disposition: form-data; name=file; filename=\xff.tflite\r\n\r\n\r\n--x--\r\n",
    (
        b'--x\r\nContent-Disposition: form-data; name="metadata"\r\n\r\nname: "\\ud800"\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.tflite"\r\n\r\n'
        b"\x18\0\0\0TFL3\r\n--x--\r\n"
    ),
    b"--x\r\n\r\n",
    b'name: "\\ud800"',
    b"a: &a [*a, *a]",
    b'slug = "\x00"',
    b"\x18\0\0\0TFL3" + b"\xff" * 64,
    gzip.compress(b"{}"),
    gzip.compress(b"[" * 50_000_000),
    gzip.compress(b"{}")[:10],
)
HEADERS = (
    ("accept", ("*/*", "text/turtle;q=x", "application/json;q=2", "\xff", ",,,;", "a/b" * 3000, "text/html")),
    ("accept-language", ("de", "fr;q=nan", "\x80,;q=", "*")),
    ("accept-encoding", ("gzip;q=0, *", "br", "\xff")),
    ("authorization", ("Bearer", "Bearer \xff", "Basic =", "Bearer a b", "Bearer " + "x" * 9000)),
    ("content-encoding", ("gzip", "x-gzip", "deflate", "gzip, gzip", "\x00")),
    ("content-length", ("0", "-1", "1", "99999999999999999999", "x", "+5", "\u00b2")),
    ("if-match", ("*", '""', 'W/"', "\xff", ",")),
    ("if-none-match", ("*", '"a", ,', "\xff")),
    ("last-event-id", ("-1", "x", "9" * 40, "\u00b2")),
    (
        "range",
        ("bytes=0-1,2-3", "bytes=-", "bytes=9-1", "lines=1", "bytes=" + "0-1," * 500, "bytes=-99999999999"),
    ),
    ("if-range", ("x", '"a"', "Sat, 21 Nov 2026 16:00:00 GMT")),
    ("host", ("", "a b", "[::1", "x:99999", "\xff", "evil.example/..")),
    ("x-forwarded-proto", ("javascript", "https")),
    ("x-forwarded-for", ("'", "1.2.3.4, x")),
    ("x-long", ("x" * 60_000,)),
)
PIECES = (
    b"nano33",
    b"kws",
    b"urn:x:1",
    b"%00",
    b"%",
    b"%zz",
    b"%ff%fe",
    b"%ED%A0%80",
    b"..",
    b"%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    b"\xff",
    b"'\"<>{}|^`\\",
    b"%0d%0aSet-Cookie:x",
    b"a" * 5000,
    b"-1",
    b"9" * 30,
    b"NaN",
    b"[1:",
    b"http://[",
    b"%F0%9F%92%A9",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """One request, as bytes."""

    method: str
    path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def send(app: FastAPI, request: Hostile) -> Answer:
    """The answer of an application to a request that no client would send."""
    answer = Answer()
    sent = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()  # the client stays
        sent = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def take(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in message["headers"]}
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(request.path.decode("latin-1")),
        "raw_path": request.path,
        "query_string": request.query,
        "root_path": "",
        "headers": list(request.headers),
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }
    asyncio.run(asyncio.wait_for(app(scope, receive, take), 60))
    return answer


@pytest.fixture(scope="module")
def app(small_seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """A server of the small catalogue that everybody may write to, with small limits."""
    folder = tmp_path_factory.mktemp("hostile") / "registry"
    shutil.copytree(small_seeded_folder, folder)
    limits = ServeSettings(
        writes="open",
        rate_per_s=None,
        query_workers=1,
        max_body_bytes=4 << 20,
        max_result_bytes=1 << 20,
        query_timeout_s=5,
    )
    with ExitStack() as stack:
        yield create_app(open_service(stack, Settings(registry=str(folder), wait_s=5), limits))


def operations(app: FastAPI) -> list[tuple[str, str]]:
    """All methods and paths of the OpenAPI document but the streams, which have no end."""
    paths = app.openapi()["paths"]
    return [
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if not path.startswith("/events")
    ]


@st.composite
def hostile(draw: st.DrawFn, known: list[tuple[str, str]]) -> Hostile:
    """A request that is right in some parts and wrong in others."""
    method, path = draw(st.sampled_from(known))
    if draw(st.integers(0, 9)) == 0:
        method = draw(st.sampled_from(METHODS))
    piece = st.one_of(st.sampled_from(PIECES), st.binary(max_size=20))
    parts = []
    for part in path.split("/"):
        raw = part.encode()
        if part.startswith("{"):
            raw = draw(piece).replace(b"?", b"").replace(b"#", b"")
        parts.append(raw)
    names: tuple[bytes, ...] = (
        b"query",
        b"device",
        b"model",
        b"limit",
        b"cursor",
        b"timeout",
        b"graph",
        b"default",
        b"id",
    )
    names += (b"offset", b"format", b"where", b"slug", b"replace", b"default-graph-uri", b"update", b"task")
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), piece), max_size=3))
    headers = [
        (name.encode(), draw(st.sampled_from(values)).encode("utf-8", "surrogateescape"))
        for name, values in draw(st.lists(st.sampled_from(HEADERS), max_size=3, unique_by=lambda h: h[0]))
    ]
    kind = draw(st.sampled_from((*TYPES, None)))
    if kind is not None:
        headers.append((b"content-type", kind.encode()))
    body = draw(st.one_of(st.sampled_from(BODIES), st.binary(max_size=200)))
    return Hostile(
        method=method,
        path=b"/".join(parts),
        query=b"&".join(b"%b=%b" % pair for pair in pairs),
        headers=tuple(headers),
        body=body,
    )


def check(request: Hostile, answer: Answer) -> None:
    """An answer that a client can work with."""
    shown = (request.method, request.path[:80], request.query[:80], request.headers[:4], request.body[:60])
    assert 200 <= answer.status < 600, shown
    assert answer.status < 500 or answer.status in DELIBERATE, (shown, answer.status, answer.body[:500])
    if answer.status >= 400:
        assert answer.headers.get("content-type") == "application/problem+json", (shown, answer)
        if request.method != "HEAD":
            packed = answer.headers.get("content-encoding") == "gzip"
            problem = json.loads(gzip.decompress(answer.body) if packed else answer.body)
            assert problem["status"] == answer.status
            assert problem["detail"]
            assert problem["title"]
    assert not {"\r", "\n", "\0"} & set("".join(answer.headers.values()))
    for secret in (b"Traceback", b"/tmp/", b"root:x:0"):
        assert secret not in answer.body, shown


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_makes_the_server_fail(app: FastAPI, data: st.DataObject) -> None:
    request = data.draw(hostile(operations(app)))
    check(request, send(app, request))


def test_each_body_at_each_operation(app: FastAPI) -> None:
    """Each odd content, in the media type that an operation reads, or in another."""
    paths = app.openapi()["paths"]
    tried = 0
    for method, path in operations(app):
        content = paths[path][method.lower()].get("requestBody", {}).get("content", {})
        target = path.replace("{thing_id}", "urn:x:1").replace("{name}", "x").encode()
        for kind in content:
            for body in BODIES:
                boundary = "; boundary=x" if kind.startswith("multipart") else ""
                headers = ((b"content-type", (kind + boundary).encode()),)
                query = b"slug=x" if path == "/device-types" else b""
                request = Hostile(method=method, path=target, query=query, headers=headers, body=body)
                check(request, send(app, request))
                tried += 1
    assert tried > 20 * len(BODIES)


@pytest.mark.parametrize(("name", "values"), HEADERS)
def test_each_header_at_each_operation(app: FastAPI, name: str, values: tuple[str, ...]) -> None:
    for method, path in operations(app):
        target = path.replace("{thing_id}", "urn:x:1").replace("{name}", "kws_ref_model").encode()
        for value in values:
            headers = ((name.encode(), value.encode("utf-8", "surrogateescape")),)
            request = Hostile(method=method, path=target, query=b"", headers=headers, body=b"")
            if method != "DELETE":  # the models are still wanted
                check(request, send(app, request))


def test_what_is_packed_is_bounded_before_it_is_unpacked(app: FastAPI) -> None:
    bomb = gzip.compress(b"[" * 200_000_000)
    headers = ((b"content-type", b"application/td+json"), (b"content-encoding", b"gzip"))
    request = Hostile(method="PUT", path=b"/things/urn:x:1", query=b"", headers=headers, body=bomb)
    answer = send(app, request)
    check(request, answer)
    assert answer.status in (400, 413)
