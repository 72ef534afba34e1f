"""What a request to the endpoint brings and what goes back, free of any web framework."""

from __future__ import annotations

from dataclasses import dataclass

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRequest:
    """A request: `url` is the endpoint's address without the query string; `query` has that, decoded.

    `client` tells those who wait for the same processes apart.
    """

    method: str
    url: str
    query: Pairs = ()
    content_type: str | None = None
    content: bytes = b""
    accept: str | None = None
    client: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResponse:
    """A response; errors are raised instead, as classes of `tinykg.errors`."""

    status: int
    content: bytes = b""
    content_type: str | None = None
    headers: Pairs = ()
