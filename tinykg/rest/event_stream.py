"""A stream of server-sent events, which ends as an answer ends when the server stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sse_starlette.sse import EventSourceResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from starlette.types import Message, Receive, Scope, Send

_HEARTBEAT_S = 15
_SLOWEST_S = 60
"""A client that takes no byte for so long is left."""


class EventStream(EventSourceResponse):
    """Events with a sign of life between them."""

    def __init__(self, events: AsyncIterable[Any]) -> None:
        super().__init__(events, ping=_HEARTBEAT_S, send_timeout=_SLOWEST_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; where the server stops in the middle, the answer has an end all the same."""
        is_open = False

        async def watched(message: Message) -> None:
            nonlocal is_open
            is_open = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        await super().__call__(scope, receive, watched)
        if is_open:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
