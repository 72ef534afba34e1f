"""Events over a real connection: headers at once, each event as it happens, a quick end."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn
from lamps import TD_JSON, lamp, sent

from tinykg.rest.app import create_app
from tinykg.rest.run import open_service
from tinykg.settings import ServeSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.rest.service import Service

PATIENCE_S = 10


@contextmanager
def running(service: Service) -> Iterator[str]:
    """The address of a real server, in a thread of this process."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(service), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            service.directory.close()
            begun = time.monotonic()
            thread.join(PATIENCE_S)
            assert time.monotonic() - begun < PATIENCE_S / 2
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ExitStack() as stack:
        settings = ServeSettings(writes="open", query_workers=1, rate_per_s=None)
        service = open_service(stack, Settings(registry="memory:"), settings, empty=True)
        yield stack.enter_context(running(service))


def events(lines: Iterator[str], count: int) -> list[dict[str, str]]:
    """The next events of a stream."""
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            found.append(event)
            event = {}
        if len(found) == count:
            break
    return found


def put(address: str, name: str, **members: object) -> int:
    body = sent(lamp(name, **members))
    return httpx.put(
        f"{address}/things/{name}", content=body, headers=TD_JSON, timeout=PATIENCE_S
    ).status_code


def test_each_stream_gets_its_events_as_they_happen(address: str) -> None:
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=PATIENCE_S))
        streams = {
            where: stack.enter_context(client.stream("GET", f"{address}{where}"))
            for where in ("/events", "/events/thing_updated?diff=true", "/events/thing_deleted")
        }
        for answer in streams.values():
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
        assert put(address, "urn:a") == 201
        assert put(address, "urn:a", title="Other") == 204
        assert httpx.delete(f"{address}/things/urn:a").status_code == 204
        every, updated, deleted = (answer.iter_lines() for answer in streams.values())
        told = events(every, 3)
        assert [event["event"] for event in told] == ["thing_created", "thing_updated", "thing_deleted"]
        (update,) = events(updated, 1)
        assert '"title":"Other"' in update["data"]
        assert update["id"] == told[1]["id"]
        assert events(deleted, 1) == told[2:]


def test_who_comes_back_is_told_what_it_missed(address: str) -> None:
    with httpx.stream("GET", f"{address}/events", timeout=PATIENCE_S) as answer:
        put(address, "urn:b")
        (first,) = events(answer.iter_lines(), 1)
    for n in range(3):
        put(address, "urn:b", n=n)
    headers = {"last-event-id": first["id"]}
    with httpx.stream("GET", f"{address}/events", headers=headers, timeout=PATIENCE_S) as answer:
        told = events(answer.iter_lines(), 3)
    assert [int(event["id"]) for event in told] == [int(first["id"]) + n for n in (1, 2, 3)]


@pytest.mark.parametrize("where", ["/events", "/events/thing_created"])
def test_head_is_answered_without_waiting(address: str, where: str) -> None:
    answer = httpx.head(f"{address}{where}", timeout=PATIENCE_S)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_path_comes_through_a_real_server_as_it_was_sent(address: str) -> None:
    from urllib.parse import quote

    for odd in ("https://example.org/a%20b", "urn:größe", "a b/c"):
        where = f"{address}/things/{quote(odd, safe='')}"
        assert httpx.put(where, content=sent(lamp(odd)), headers=TD_JSON).status_code == 201
        assert httpx.get(where).json()["id"] == odd
