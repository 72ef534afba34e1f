"""What clients are told where the server cannot do as it should: busy, out of time, a process killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tinykg import errors
from tinykg.rest.problems import STATUSES, problem_of
from tinykg.settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from starlette.testclient import TestClient

    Serving = Callable[[ServeSettings], AbstractContextManager[TestClient]]

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
TD = {
    "@context": "https://www.w3.org/2022/wot/td/v1.1",
    "title": "A thing",
    "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
    "security": "nosec_sc",
}
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/things", {"json": TD, "headers": {"Content-Type": "application/td+json"}}),
    ("DELETE", "/models/kws", {}),
    ("DELETE", "/device-types/nano33", {}),
    ("POST", "/benchmarks", {"json": {"model": "digits_mlp_int8", "device": "nano33", "runner": "plain"}}),
    (
        "POST",
        "/sparql",
        {
            "content": b"INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }",
            "headers": {"Content-Type": "application/sparql-update"},
        },
    ),
    (
        "PUT",
        "/rdf-graphs/service?graph=urn:g",
        {"content": b"<urn:a> <urn:b> 1 .", "headers": {"Content-Type": "text/turtle"}},
    ),
]


def told(answer: Any, status: int) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    return str(answer.json()["detail"])


def test_who_has_to_wait_too_long_to_write_is_told_for_whom_and_to_come_back(serving: Serving) -> None:
    with serving(ServeSettings(writes="open", query_workers=1)) as client:
        held = client.app.state.service.held  # type: ignore[attr-defined]
        before = held.version
        with held.writing("a very long piece of work"), ThreadPoolExecutor(len(WRITES)) as threads:
            answers = list(
                threads.map(lambda one: client.request(one[0], one[1], **one[2]), WRITES)  # all at once
            )
            assert client.get("/models/kws").status_code == 200, "who only reads does not wait"
        for (method, path, _), answer in zip(WRITES, answers, strict=True):
            assert "a very long piece of work" in told(answer, 503), f"{method} {path}"
            assert int(answer.headers["retry-after"]) >= 1
        assert held.version == before
        method, path, options = WRITES[0]
        assert client.request(method, path, **options).status_code == 201


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_is_answered(serving: Serving) -> None:
    with serving(ServeSettings(query_workers=1, query_timeout_s=0.5)) as client:
        begun = time.monotonic()
        stopped = client.get("/sparql", params={"query": ENDLESS})
        assert "0.5 s" in told(stopped, 503)
        assert time.monotonic() - begun < 10
        assert "retry-after" in stopped.headers
        for path in ("/sparql?query=ASK{}", "/search/sparql?query=ASK{}", "/search/jsonpath?query=$"):
            assert client.get(path).status_code == 200, path


def test_a_result_that_is_too_long_is_refused(serving: Serving) -> None:
    with serving(ServeSettings(query_workers=1, max_result_bytes=2000)) as client:
        everything = client.get("/sparql?query=SELECT * { ?s ?p ?o }")
        assert "2000 bytes" in told(everything, 422)
        assert "retry-after" not in everything.headers, "later it is no shorter"
        assert client.get("/sparql?query=SELECT * { ?s ?p ?o } LIMIT 3").status_code == 200


def test_where_the_system_kills_a_process_its_client_alone_is_told(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(ServeSettings(query_workers=2)) as client, ThreadPoolExecutor(1) as threads:
        pool = client.app.state.service.pool  # type: ignore[attr-defined]
        assert client.get("/sparql?query=ASK{}").status_code == 200
        before = pool.pids
        asked = threads.submit(client.get, "/sparql", params={"query": ENDLESS})
        time.sleep(1)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert "ended with exit status -9" in told(asked.result(30), 500)
        assert "ended with exit status -9" in caplog.text, "who keeps the server can find it"
        for _ in range(4):
            assert client.get("/sparql?query=ASK{}").status_code == 200
        assert not set(pool.pids) & set(before)


def test_a_server_that_stops_says_so_to_who_asks_still(serving: Serving) -> None:
    with serving(ServeSettings(query_workers=1)) as client:
        service = client.app.state.service  # type: ignore[attr-defined]
        asked: list[Any] = []
        thread = threading.Thread(
            target=lambda: asked.append(client.get("/sparql", params={"query": ENDLESS}))
        )
        thread.start()
        time.sleep(1)
        service.pool.close()
        thread.join(30)
        assert not thread.is_alive()
        told(asked[0], 500)
        assert "shutting down" in told(client.get("/sparql?query=ASK{}"), 503)
        assert client.get("/models/kws").status_code == 200


def kinds(kind: type[errors.TinykgError]) -> list[type[errors.TinykgError]]:
    return [kind, *(one for sub in kind.__subclasses__() for one in kinds(sub))]


@pytest.mark.parametrize("kind", kinds(errors.TinykgError))
def test_each_error_has_the_status_of_the_nearest_kind(kind: type[errors.TinykgError]) -> None:
    """A kind that is listed before its own subclass would take what is the other's."""
    nearest = next(one for one in kind.__mro__ if one in STATUSES)
    error = kind.__new__(kind)
    Exception.__init__(error, "what is wrong")
    for name in ("faults", "findings", "near"):
        setattr(error, name, ())
    error.__dict__.update(place="`$.a`", found="nothing", expected=None)
    found = problem_of(error)
    assert found.status_code == STATUSES[nearest]
    assert ("retry-after" in found.headers) == (found.status_code == 503)
    assert found.media_type == "application/problem+json"
