"""A client of server-sent events, as the HTML Living Standard (9.2) has them parsed."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx
from verdicts import Broken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PATIENCE_S = 10.0
"""How long an event that must come may take."""
SILENCE_S = 1.0
"""How long no event must come before it counts as none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a stream."""

    kind: str
    data: str
    id: str

    def json(self) -> dict[str, Any]:
        """The data as the JSON object that it must be."""
        value = json.loads(self.data)
        if not isinstance(value, dict):
            raise Broken(f"the data of an event is no JSON object: {self.data[:200]}")
        return value


def parsed(lines: Iterable[str]) -> Iterator[Event]:
    """The events in the lines of a stream; comments and unknown fields are left out."""
    kind, last_id = "", ""
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield Event(kind=kind or "message", data="\n".join(data), id=last_id)
            kind, data = "", []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "data":
            data.append(value)
        elif name == "id" and "\0" not in value:
            last_id = value


class Subscription:
    """Events of one stream, read in a thread from the moment the block is entered."""

    def __init__(self, url: str, *, headers: dict[str, str], last_event_id: str | None = None) -> None:
        self._url, self._headers = url, headers | {"accept": "text/event-stream"}
        if last_event_id is not None:
            self._headers["last-event-id"] = last_event_id
        self._events: queue.SimpleQueue[Event | Exception] = queue.SimpleQueue()
        self._client = httpx.Client(timeout=httpx.Timeout(PATIENCE_S, read=None))
        self.content_type = ""

    def __enter__(self) -> Self:
        request = self._client.build_request("GET", self._url, headers=self._headers)
        self._answer = self._client.send(request, stream=True)
        self.content_type = self._answer.headers.get("content-type", "")
        if self._answer.status_code != 200:
            self._answer.read()
            self._client.close()
            raise Broken(f"GET {self._url}: {self._answer.status_code} {self._answer.text[:200]}")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # wakes the thread, which waits for the next line
            self._answer.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE_S)
        self._client.close()

    def _read(self) -> None:
        try:
            for event in parsed(self._answer.iter_lines()):
                self._events.put(event)
            self._events.put(EOFError("it has an end"))
        except (httpx.HTTPError, httpx.StreamError, OSError) as broken:
            self._events.put(broken)

    def _next(self, deadline: float) -> Event | None:
        """The next event, or None when there is none until the deadline."""
        try:
            got = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None
        if isinstance(got, Event):
            return got
        raise Broken(f"the event stream broke: {got!r}")

    def take(self, count: int, thing_ids: set[str], *, patience_s: float = PATIENCE_S) -> list[Event]:
        """The first `count` events that are about these Things; Broken where they do not come."""
        found: list[Event] = []
        deadline = time.monotonic() + patience_s
        while len(found) < count:
            event = self._next(deadline)
            if event is None:
                raise Broken(f"{len(found)} of {count} events came within {patience_s} s at {self._url}")
            if event.json().get("id") in thing_ids:
                found.append(event)
        return found

    def rest(self, thing_ids: set[str]) -> list[Event]:
        """What else comes about these Things in a short while."""
        found: list[Event] = []
        deadline = time.monotonic() + SILENCE_S
        while (event := self._next(deadline)) is not None:
            if event.json().get("id") in thing_ids:
                found.append(event)
        return found
