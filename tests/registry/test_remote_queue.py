"""A worker believes no server: whatever one answers is a job that is sound, or an error that says why not."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinykg.catalogue import remote_queue
from tinykg.catalogue.benchmarks import BenchmarkFacts, facts_text
from tinykg.catalogue.model_bytes import bytes_of
from tinykg.catalogue.places import Own, check_trusted, places_in
from tinykg.catalogue.remote_queue import RemoteQueue
from tinykg.errors import BenchmarkCancelled, BenchmarkError, Refused, StoreError, TinykgError
from tinykg.records.benchmark import BenchmarkRequest, Job, JobState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tinykg.registry import Registry

ANA, MODEL = "ana#1", "digits_mlp_int8"


class Told(ThreadingHTTPServer):
    """A server that answers each path as its test says, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.seen: list[tuple[str, str | None, Any]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def says(
        self, path: str, value: object, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.answers[path] = (status, headers or {}, content)


class _Handler(BaseHTTPRequestHandler):
    server: Told

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = json.loads(sent) if sent else None
        self.server.seen.append((self.path, self.headers.get("Authorization"), said))
        status, headers, content = self.server.answers[self.path]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST  # noqa: N815 - likewise

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def telling() -> Iterator[Told]:
    with Told() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[Told]:
    with telling() as server:
        yield server


@pytest.fixture
def queue(server: Told) -> RemoteQueue:
    return RemoteQueue(server.address, "tinykg_secret")


@pytest.fixture(scope="module")
def facts(registry: Registry) -> BenchmarkFacts:
    model, file = registry.model(MODEL)
    return BenchmarkFacts(model=model, file=file, device=registry.device("nano33"))


@pytest.fixture(scope="module")
def content(facts: BenchmarkFacts) -> bytes:
    return bytes_of(facts.model, None)


def sent_job(facts: BenchmarkFacts, **changed: object) -> dict[str, object]:
    return {
        "id": "j1",
        "state": "running",
        "model": MODEL,
        "file_sha256": facts.file.sha256,
        "runner": "plain",
        "created": "2026-02-01T12:00:00Z",
        "attempts": 1,
        "device": "arduino-nano-33-ble-sense",
        **changed,
    }


def offer(server: Told, known: BenchmarkFacts, content: bytes, **changed: Any) -> None:
    """Let a server offer a job, with what is changed of the answer."""
    job = sent_job(known, **changed.pop("job", {}))
    whole = {"job": job, "facts": facts_text(known), "model_file": "/file", "lease_s": 30.0, **changed}
    server.says("/benchmarks/claim", whole)
    server.says("/file", content)


def claimed(queue: RemoteQueue) -> Job:
    job = queue.claim(ANA, {"plain"})
    assert job is not None
    return job


# -- what a server should say


def test_a_job_is_claimed_with_what_its_runner_is_told(
    server: Told, queue: RemoteQueue, facts: BenchmarkFacts, content: bytes, tmp_path: Path
) -> None:
    offer(server, facts, content, news="a member of a later release")
    assert queue.lease_s == 60.0
    job = claimed(queue)
    assert (job.id, job.state, job.request.model, queue.lease_s) == ("j1", JobState.RUNNING, MODEL, 30.0)
    task = queue.task(job, tmp_path)
    assert (task.model, task.file, task.device, task.content) == (
        facts.model, facts.file, facts.device, content,
    )  # fmt: skip
    assert server.seen[0] == (
        "/benchmarks/claim",
        "Bearer tinykg_secret",
        {"worker": ANA, "runners": ["plain"], "job": None},
    )


def test_a_job_without_a_device_has_none(
    server: Told, queue: RemoteQueue, facts: BenchmarkFacts, content: bytes, tmp_path: Path
) -> None:
    told = facts_text(BenchmarkFacts(model=facts.model, file=facts.file, device=None))
    offer(server, facts, content, facts=told, job={"device": None})
    assert queue.task(claimed(queue), tmp_path).device is None


@pytest.mark.parametrize("done", [float("nan"), float("-inf"), -1.0])
def test_progress_that_is_no_number_is_told_as_none(
    server: Told, queue: RemoteQueue, facts: BenchmarkFacts, done: float
) -> None:
    server.says("/benchmarks/a%2Fb/progress", sent_job(facts, id="a/b"))
    assert queue.beat("a/b", ANA, done, "doing").id == "a/b"
    assert server.seen[-1][2] == {"worker": ANA, "progress": 0.0, "doing": "doing"}


# -- what it should not


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"facts": "no triples"}, "no N-Triples"),
        ({"facts": ""}, "0 models with 0 files; expected 1"),
        ({"model_file": "http://evil.example/file"}, "as the model's file; expected a path"),
        ({"model_file": "@evil.example/file"}, "as the model's file; expected a path"),
        ({"job": {"file_sha256": "0" * 64}}, "another sha256"),
        ({"job": {"options": {"port": "/dev/ttyACM0"}}}, "'port' is on the worker's machine"),
        ({"job": {"options": {"monitor": "/dev/ttyACM1"}}}, "'monitor' is on the worker's machine"),
        ({"job": {"data": "/etc"}}, "'data' is on the worker's machine"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_job_that_is_odd_is_not_run(
    server: Told,
    queue: RemoteQueue,
    facts: BenchmarkFacts,
    content: bytes,
    tmp_path: Path,
    changed: dict[str, Any],
    complaint: str,
) -> None:
    offer(server, facts, content, **changed)
    with pytest.raises(BenchmarkError, match=complaint):
        queue.task(claimed(queue), tmp_path)


def test_only_the_job_that_was_claimed_last_is_run(
    server: Told, queue: RemoteQueue, facts: BenchmarkFacts, content: bytes, tmp_path: Path
) -> None:
    request = BenchmarkRequest(model=MODEL, file_sha256=facts.file.sha256, runner="plain")
    offer(server, facts, content)
    job = claimed(queue)
    other = Job(id="j2", request=request, state=JobState.RUNNING, created=job.created)
    for asking in (queue, RemoteQueue(server.address, None)):
        with pytest.raises(BenchmarkError, match="job j2 is not the one that was claimed last"):
            asking.task(other, tmp_path)


def test_a_server_sends_no_worker_elsewhere_with_its_token(server: Told, queue: RemoteQueue) -> None:
    with telling() as other:
        other.says("/benchmarks/claim", {})
        server.says("/benchmarks/claim", b"", 307, {"Location": f"{other.address}/benchmarks/claim"})
        with pytest.raises(BenchmarkError, match="status 307"):
            queue.claim(ANA, ["plain"])
        assert other.seen == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BenchmarkError),
        (401, Refused),
        (403, Refused),
        (404, BenchmarkCancelled),
        (409, BenchmarkCancelled),
        (422, BenchmarkError),
        (429, StoreError),
        (500, StoreError),
        (503, StoreError),
    ],
)
@pytest.mark.parametrize(
    "problem", [{"detail": "why"}, {"detail": None}, {}, [], b"<html>", b"\xff"], ids=str
)
def test_a_refusal_is_the_error_that_it_is_of(
    server: Told, queue: RemoteQueue, status: int, error: type[TinykgError], problem: object
) -> None:
    server.says("/benchmarks/j1/return", problem, status)
    with pytest.raises(error) as caught:
        queue.give_back("j1", ANA)
    assert type(caught.value) is error
    words = "why" if problem == {"detail": "why"} else f"answered with status {status}"
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"{",
        b"[]",
        b"\xff",
        b'"job"',
        {"job": {}, "facts": "", "model_file": "/"},
        {"facts": "", "model_file": "/"},
    ],
    ids=str,
)
def test_an_answer_that_is_no_job_is_an_error(server: Told, queue: RemoteQueue, answer: object) -> None:
    server.says("/benchmarks/claim", answer)
    with pytest.raises(BenchmarkError, match="not what was agreed"):
        queue.claim(ANA, ["plain"])


@pytest.mark.parametrize("lease_s", [0, -1, 1e-9, 1e300, "60", None])
def test_a_lease_that_no_worker_can_keep_is_not_agreed(
    server: Told, queue: RemoteQueue, facts: BenchmarkFacts, content: bytes, lease_s: object
) -> None:
    offer(server, facts, content, lease_s=lease_s)
    with pytest.raises(BenchmarkError, match="not what was agreed"):
        queue.claim(ANA, ["plain"])


def test_an_answer_without_end_is_cut_off(
    server: Told, queue: RemoteQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_queue, "MOST_BYTES", 1000)
    server.says("/benchmarks/claim", b" " * 1001)
    with pytest.raises(BenchmarkError, match="longer than 1000 bytes"):
        queue.claim(ANA, ["plain"])


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"220 smtp\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 2\xb2\xb2 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n",
        b"x" * 70_000,
    ],
    ids=lambda line: repr(line[:30]),
)
def test_what_speaks_no_http_is_a_server_that_cannot_be_reached(line: bytes) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(line)

        thread = threading.Thread(target=answer)
        thread.start()
        queue = RemoteQueue(f"http://127.0.0.1:{listener.getsockname()[1]}", None)
        with pytest.raises(StoreError, match="cannot be reached"):
            queue.claim(ANA, ["plain"])
        thread.join()


def test_a_server_that_says_nothing_is_left_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_queue, "TIMEOUT_S", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        queue = RemoteQueue(f"http://127.0.0.1:{listener.getsockname()[1]}", None)
        with pytest.raises(StoreError, match="cannot be reached: timed out"):
            queue.claim(ANA, ["plain"])


# -- places


@given(
    options=st.dictionaries(
        st.sampled_from(["port", "monitor", "opt"]), st.sampled_from(["simulated", "/dev/a", "x"])
    ),
    data=st.sampled_from([None, "/somewhere"]),
    own=st.dictionaries(st.sampled_from(["port", "monitor", "opt"]), st.just("/dev/mine")),
)
@settings(deadline=None)
def test_no_job_reaches_a_place_that_the_worker_did_not_name(
    options: dict[str, str], data: str | None, own: dict[str, str]
) -> None:
    """Whatever passes has only the worker's own places, or none."""
    request = BenchmarkRequest(model="m", file_sha256="0" * 64, runner="r", options=options, data=data)
    mine = Own(options=own)
    try:
        check_trusted(request, mine)
    except BenchmarkError:
        assert places_in(request) != []
        return
    assert data is None
    had = mine.options_for(request)
    assert all(had.get(place, "simulated") in {"simulated", "/dev/mine"} for place in ("port", "monitor"))
    assert had == {**options, **own}
