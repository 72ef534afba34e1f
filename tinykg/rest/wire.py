"""What happens to every request before a route sees it, as plain ASGI: HEAD, limits, numbers."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware

from tinykg.rest.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tinykg.rest.answers import Answers
    from tinykg.rest.numbers import Numbers

_BURST_S = 10
"""A client's requests are counted over so many seconds, so that short bursts pass."""

_SAME_MACHINE = ("127.0.0.1", "::1", None)

_ROUTE = "tinykg.route"
"""Where a scope has the path of the route whose answer came from memory."""

_ZERO = re.compile(r"q\s*=\s*0(\.0*)?")

_CONDITIONS = (b"if-none-match", b"if-match", b"range", b"authorization")
"""Headers that a route has to look at."""


def asked_as(scope: Scope) -> tuple[str, bytes, bytes]:
    """What decides an answer of those that are kept: path, query and Accept, byte for byte."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return scope["path"], scope["query_string"], accept


class Remembering:
    """Gives answers that are kept and still true, without asking a route again.

    Only for servers that everybody may read; requests with conditions go to the routes.
    """

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self._app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request from memory, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "GET":
            headers = scope["headers"]
            if not any(name in _CONDITIONS for name, _ in headers):
                found = self._answers.find(asked_as(scope))
                if found is not None:
                    scope[_ROUTE] = found.route
                    await send(
                        {"type": "http.response.start", "status": 200, "headers": list(found.raw_headers)}
                    )
                    await send({"type": "http.response.body", "body": found.content})
                    return
        await self._app(scope, receive, send)


class HeadAsGet:
    """Answers HEAD as GET without its content, wherever GET is answered (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; of an answer to HEAD only the beginning comes through."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_beginning(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                begun = True

        async def receive_until_begun() -> Message:
            return {"type": "http.disconnect"} if begun else await receive()

        asked = {**scope, "method": "GET"}
        await self._app(asked, receive_until_begun, send_beginning)
        scope.update({name: asked[name] for name in ("route", _ROUTE) if name in asked})


class Compressed(GZipMiddleware):
    """Compresses answers for those who accept that; `gzip;q=0` does not (RFC 9110, 12.5.3).

    Files come as they are: what a client has of one can be completed by a range.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and what comes back, compressed or as it is."""
        refuses = scope["type"] == "http" and (
            scope["path"].endswith("/file") or not _accepts_gzip(Headers(scope=scope))
        )
        await (self.app(scope, receive, send) if refuses else super().__call__(scope, receive, send))


def _accepts_gzip(headers: Headers) -> bool:
    for part in headers.get("accept-encoding", "").casefold().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return _ZERO.fullmatch(weight.strip()) is None
    return False


class Readable:
    """Refuses requests whose query is no text: its bytes, before percent-decoding, are UTF-8 at least."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 400."""
        if scope["type"] == "http":
            try:
                scope["query_string"].decode()
            except UnicodeDecodeError as error:
                problem = Problem(
                    HTTPStatus.BAD_REQUEST,
                    f"The query is not UTF-8: {error.reason} at byte {error.start}; percent-encode it.",
                )
                await problem(scope, receive, send)
                return
        await self._app(scope, receive, send)


class TooLong(Exception):
    """A request's content exceeds the bound while it is read."""


class BodyLimit:
    """Refuses content that is longer than a bound, before it is read where its length is declared.

    What comes with GET has no meaning (RFC 9110, 9.3.1), and no route reads it: it is not kept either.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its content counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._most_bytes:
            await self._refuse(scope, receive, send)
            return
        if scope["method"] == "GET":
            await self._app(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most_bytes:
                raise TooLong
            return message

        try:
            await self._app(scope, counted, send)
        except TooLong:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The content is longer than {self._most_bytes} bytes, which is this server's limit.",
            {"Connection": "close"},
        )
        await problem(scope, receive, send)


class RateLimit:
    """Refuses clients that ask too often; those on the same machine are not counted."""

    def __init__(self, app: ASGIApp, rate_per_s: float) -> None:
        self._app = app
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._item = RateLimitItemPerSecond(max(1, int(rate_per_s * _BURST_S)), _BURST_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 429 with the seconds to wait."""
        if scope["type"] == "http":
            client = scope["client"][0] if scope.get("client") else None
            if client not in _SAME_MACHINE and not self._limiter.hit(self._item, client):
                until = self._limiter.get_window_stats(self._item, client).reset_time
                wait = max(1, round(until - time.time()))
                problem = Problem(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    f"Too many requests; wait {wait} s.",
                    {"Retry-After": str(wait)},
                )
                await problem(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Counting:
    """Counts requests and their time by route, method and status."""

    def __init__(self, app: ASGIApp, numbers: Numbers) -> None:
        self._app = app
        self._numbers = numbers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            path = str(scope.get(_ROUTE) or getattr(scope.get("route"), "path", "(none)"))
            self._numbers.count(scope["method"], path, status, time.perf_counter() - begun)
