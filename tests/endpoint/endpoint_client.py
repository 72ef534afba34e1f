"""A client of an application in the same process, without a socket."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from fastapi import FastAPI


class Client:
    """Sends one request after the other, in an event loop of its own."""

    def __init__(self, app: FastAPI, url: str = "http://endpoint.example") -> None:
        self._runner = asyncio.Runner()
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url, timeout=120)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The response to a request; without a content type no one is sent."""
        return self._runner.run(self._http.request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        """The response to GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """The response to POST."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> httpx.Response:
        """The response to PUT."""
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        """The response to DELETE."""
        return self.request("DELETE", path, **options)

    def together(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """The responses to requests that are sent at once."""

        async def sent() -> list[httpx.Response]:
            return await asyncio.gather(
                *(self._http.request(method, path, **options) for method, path, options in requests)
            )

        return self._runner.run(sent())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()
