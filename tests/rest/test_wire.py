"""What is before the routes, each layer alone: HEAD, limits, compression, counting, what is remembered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.rest.answers import Answers, Kept
from tinykg.rest.numbers import Numbers
from tinykg.rest.uploads import file_name
from tinykg.rest.wire import (
    BodyLimit,
    Compressed,
    Counting,
    HeadAsGet,
    RateLimit,
    Readable,
    Remembering,
    asked_as,
)

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Exchange:
    """One request that is sent to an application, and what came back."""

    scope: dict[str, Any]
    parts: list[bytes] = field(default_factory=lambda: [b""])
    sent: list[Any] = field(default_factory=list)

    def run(self, app: ASGIApp) -> Exchange:
        waiting = list(self.parts)

        async def receive() -> Message:
            if not waiting:
                return {"type": "http.disconnect"}
            part = waiting.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(waiting)}

        async def send(message: Message) -> None:
            self.sent.append(message)

        asyncio.run(_called(app, self.scope, receive, send))
        return self

    @property
    def status(self) -> int:
        [start] = [message for message in self.sent if message["type"] == "http.response.start"]
        return int(start["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def content(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


async def _called(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


def exchange(
    method: str = "GET", path: str = "/x", *parts: bytes, client: str | None = "203.0.113.1", **headers: str
) -> Exchange:
    lines = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode("latin-1"),
        "headers": lines,
        "client": None if client is None else (client, 5000),
    }
    return Exchange(scope, list(parts) or [b""])


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what was sent, in parts as they come."""
    got = [b"%s:" % scope["method"].encode()]
    more = True
    while more:
        message = await receive()
        got.append(message.get("body", b""))
        more = message.get("more_body", False)
    headers = [(b"content-type", b"text/plain"), (b"etag", b'"1"')]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for part in got:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def not_http(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    await send({"type": "passed", "what": scope["type"]})


def layers() -> list[ASGIApp]:
    numbers = Numbers(lambda: 0, lambda: 0)
    return [
        Remembering(not_http, Answers(lambda: 0)),
        HeadAsGet(not_http),
        Compressed(not_http),
        Readable(not_http),
        BodyLimit(not_http, 1),
        RateLimit(not_http, 0.1),
        Counting(not_http, numbers),
    ]


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_passes_every_layer(kind: str) -> None:
    for layer in layers():
        for _ in range(3):
            sent = Exchange({"type": kind, "path": "/", "headers": []}).run(layer).sent
            assert sent == [{"type": "passed", "what": kind}], layer


def test_head_is_answered_as_get_up_to_the_content() -> None:
    head, get = exchange("HEAD").run(HeadAsGet(echo)), exchange("GET").run(HeadAsGet(echo))
    assert (head.status, head.headers, head.content) == (200, get.headers, b"")
    assert get.content == b"GET:"
    assert [message.get("more_body", False) for message in head.sent[1:]] == [False], "it ends, once"


def test_head_ends_an_answer_that_would_go_on() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    assert exchange("HEAD", "/x", b"1", b"2").run(HeadAsGet(endless)).content == b""


@pytest.mark.parametrize(
    ("parts", "declared", "status"),
    [
        ((b"x" * 10,), None, 200),
        ((b"x" * 10,), "10", 200),
        ((b"x" * 11,), None, 413),
        ((b"x" * 6, b"x" * 5), None, 413),
        ((b"x",), "11", 413),
        ((b"x",), "\u00b2", 200),
        ((b"x",), "-11", 200),
        ((b"x",), "9" * 30, 413),
    ],
)
def test_content_is_bounded_by_what_is_declared_and_by_what_comes(
    parts: tuple[bytes, ...], declared: str | None, status: int
) -> None:
    headers = {} if declared is None else {"content_length": declared}
    found = exchange("POST", "/x", *parts, **headers).run(BodyLimit(echo, 10))
    assert found.status == status
    if status == 413:
        assert b"longer than 10 bytes" in found.content
        assert found.headers["connection"] == "close", "what is left of the content is not waited for"


def test_content_of_get_is_not_counted_but_refused_where_it_is_declared() -> None:
    assert exchange("GET", "/x", b"x" * 99).run(BodyLimit(echo, 10)).status == 200
    assert exchange("GET", "/x", b"", content_length="99").run(BodyLimit(echo, 10)).status == 413


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip", True),
        ("x-gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=0.001", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, identity", False),
        ("br", False),
        ("identity", False),
        ("", False),
        ("*;q=0", False),
    ],
)
def test_gzip_is_for_those_who_accept_it(accepts: str, packed: bool) -> None:
    found = exchange("POST", "/x", b"x" * 5000, accept_encoding=accepts).run(Compressed(echo, minimum_size=9))
    assert (found.headers.get("content-encoding") == "gzip") == packed
    assert (found.content == b"POST:" + b"x" * 5000) != packed


def test_a_file_comes_as_it_is_whoever_asks() -> None:
    found = exchange("POST", "/models/a/file", b"x" * 5000, accept_encoding="gzip").run(Compressed(echo))
    assert "content-encoding" not in found.headers


@pytest.mark.parametrize("query", ["a=%ff", "a=\xe4", "\xff=1", "a=%zz", "%"])
def test_a_query_is_text_before_it_is_decoded(query: str) -> None:
    found = exchange("GET", f"/x?{query}").run(Readable(echo))
    is_text = query.isascii()
    assert found.status == (200 if is_text else 400)
    assert is_text or b"percent-encode it" in found.content


@pytest.mark.parametrize(("rate_per_s", "passing"), [(0.01, 1), (0.1, 1), (0.5, 5), (2, 20)])
def test_so_many_pass_at_once(rate_per_s: float, passing: int) -> None:
    limited = RateLimit(echo, rate_per_s)
    statuses = [exchange().run(limited).status for _ in range(passing + 2)]
    assert statuses == [200] * passing + [429] * 2
    told = exchange().run(limited)
    assert 1 <= int(told.headers["retry-after"]) <= 10
    assert exchange(client="203.0.113.2").run(limited).status == 200, "another client"
    assert exchange(client="2001:db8::1").run(limited).status == 200


@pytest.mark.parametrize("neighbour", ["127.0.0.1", "::1", None])
def test_who_is_on_the_same_machine_waits_for_nobody(neighbour: str | None) -> None:
    limited = RateLimit(echo, 0.1)
    assert {exchange(client=neighbour).run(limited).status for _ in range(20)} == {200}


def remembering() -> tuple[ASGIApp, Answers]:
    answers = Answers(lambda: 0)
    kept = Kept(b"kept", "text/plain", (("Vary", "Accept"),), "/x/{name}")
    answers.keep(asked_as(exchange("GET", "/x?a=1", accept="text/plain").scope), 0, kept)
    return Remembering(echo, answers), answers


def test_what_is_remembered_has_all_that_a_route_would_say() -> None:
    app, _ = remembering()
    asked = exchange("GET", "/x?a=1", accept="text/plain")
    found = asked.run(app)
    assert (found.status, found.content) == (200, b"kept")
    assert found.headers == {
        "content-type": "text/plain",
        "content-length": "4",
        "etag": Kept(b"kept", "text/plain").etag,
        "cache-control": "no-cache",
        "vary": "Accept",
    }
    assert asked.scope["tinykg.route"] == "/x/{name}", "for those who count"


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/x?a=2", {"accept": "text/plain"}),
        ("GET", "/x", {"accept": "text/plain"}),
        ("GET", "/y?a=1", {"accept": "text/plain"}),
        ("GET", "/x?a=1", {"accept": "text/html"}),
        ("GET", "/x?a=1", {}),
        ("POST", "/x?a=1", {"accept": "text/plain"}),
        ("GET", "/x?a=1", {"accept": "text/plain", "if_none_match": "*"}),
        ("GET", "/x?a=1", {"accept": "text/plain", "if_match": "*"}),
        ("GET", "/x?a=1", {"accept": "text/plain", "range": "bytes=0-1"}),
        ("GET", "/x?a=1", {"accept": "text/plain", "authorization": "Bearer x"}),
    ],
)
def test_another_question_goes_to_the_routes(method: str, path: str, headers: dict[str, str]) -> None:
    app, _ = remembering()
    assert exchange(method, path, **headers).run(app).content == method.encode() + b":"


def counted(numbers: Numbers) -> list[str]:
    lines = numbers.text().decode().splitlines()
    return [line for line in lines if line.startswith("tinykg_http_responses_total{")]


def test_each_answer_is_counted_once_by_what_the_route_is_called() -> None:
    numbers = Numbers(lambda: 7, lambda: 3)

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        scope["tinykg.route"] = "/x/{name}"
        await echo(scope, receive, send)

    async def broken(*_request: object) -> None:
        raise ZeroDivisionError

    for path in ("/x/1", "/x/2"):
        exchange("GET", path).run(Counting(routed, numbers))
    exchange("BREW", "/nothing").run(Counting(echo, numbers))
    with pytest.raises(ZeroDivisionError):
        exchange("GET", "/x").run(Counting(broken, numbers))
    assert counted(numbers) == [
        'tinykg_http_responses_total{method="GET",route="/x/{name}",status="200"} 2.0',
        'tinykg_http_responses_total{method="BREW",route="(none)",status="200"} 1.0',
        'tinykg_http_responses_total{method="GET",route="(none)",status="500"} 1.0',
    ]
    assert "tinykg_quads 7.0" in numbers.text().decode()
    assert "tinykg_things 3.0" in numbers.text().decode()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("a.tflite", "a.tflite"),
        ("../../etc/passwd", "passwd"),
        ("C:\\models\\a.tflite", "a.tflite"),
        ("a/", "model.tflite"),
        ("..", "model.tflite"),
        (". .", "model.tflite"),
        ("", "model.tflite"),
        (None, "model.tflite"),
        ("\0a.tflite", "a.tflite"),
        ("模型.tflite", "模型.tflite"),
        ("x" * 300 + ".tflite", "x" * 93 + ".tflite"),
    ],
)
def test_of_a_sent_name_the_last_part_counts(sent: str | None, expected: str) -> None:
    assert file_name(sent) == expected


@given(st.text(max_size=200))
def test_no_name_leads_out_of_its_folder(sent: str) -> None:
    name = file_name(sent)
    assert not {"/", "\\", "\0"} & set(name)
    assert name.strip(". ")
    assert len(name) <= 100
