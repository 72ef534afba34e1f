"""Benchmarks over HTTP: asking, following, cancelling, and workers elsewhere that take them."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from tinykg.bench.installed import Runners
from tinykg.bench.worker import Worker
from tinykg.catalogue.benchmarks import facts_for, facts_text, read_facts
from tinykg.catalogue.places import Own
from tinykg.catalogue.remote_queue import RemoteQueue
from tinykg.errors import BenchmarkCancelled, BenchmarkError, InputError, Refused, StoreError
from tinykg.records.benchmark import BenchmarkResult, Figure, JobState, Tool, UsedDataset
from tinykg.rest.benchmark_bodies import ResultBody
from tinykg.settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from starlette.testclient import TestClient

    from tinykg.bench.protocol import Task, Watch
    from tinykg.records.device import DeviceType
    from tinykg.rest.service import Service

MODEL, ANA, BEN = "digits_mlp_int8", "ana@laptop#1-aa", "ben@desk#2-bb"
WANTED = {"model": MODEL, "runner": "plain", "device": "nano33", "options": {"n": "1"}}
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
RESULT: dict[str, Any] = {
    "runner": "plain",
    "tools": [{"name": "a tool", "version": "1.2"}],
    "figures": [{"metric": "latency", "value": 1.5, "unit": "MilliSEC", "statistic": "median", "count": 5}],
    "started": "2026-02-01T12:00:00Z",
    "ended": "2026-02-01T13:00:03+01:00",
    "runtime": "an engine 3",
    "where": "a host",
}
WHOLE = BenchmarkResult(
    runner="plain",
    tools=(Tool(name="TinyKG", version="0.1.0"),),
    figures=(Figure(metric="auc", value=0.5, unit="UNITLESS"),),
    started=NOW,
    ended=NOW,
    runtime="an engine",
    where="a host",
    stack="tflm-reference",
    clock_hz=64_000_000,
    dataset=UsedDataset(name="d", sha256="0" * 64, samples=3),
    output_sha256="1" * 64,
    environment={"a": "b"},
    notes=("one", "two"),
)


class PlainRunner:
    """A plug-in that comes to a result at once."""

    name = "plain"
    measures = "what its test says"
    leaves_out = "everything else"
    options: Mapping[str, str] = {"n": "any", "port": "where its board is"}

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def suits(self, device: DeviceType | None) -> str | None:
        del device
        return None

    def run(self, task: Task, watch: Watch) -> BenchmarkResult:
        watch.progress(0.5, "half")
        self.tasks.append(task)
        return WHOLE


def ask(client: TestClient, **changed: object) -> dict[str, Any]:
    answer = client.post("/benchmarks", json={**WANTED, **changed})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/benchmarks/{found['id']}"
    return found


def take(client: TestClient, job_id: str, worker: str = ANA) -> dict[str, Any]:
    answer = client.post("/benchmarks/claim", json={"worker": worker, "runners": ["plain"], "job": job_id})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture(autouse=True)
def nothing_waits(client: TestClient) -> Iterator[None]:
    """No test finds another one's jobs."""
    yield
    for job in client.get("/benchmarks", params={"state": ["queued", "running"]}).json():
        assert client.post(f"/benchmarks/{job['id']}/cancel").status_code == 200


def test_what_is_asked_for_waits(client: TestClient) -> None:
    job = ask(client)
    assert (job["state"], job["device"], job["attempts"]) == ("queued", "arduino-nano-33-ble-sense", 0)
    assert job["options"] == {"n": "1"}
    found = client.get(f"/benchmarks/{job['id']}").json()
    assert found == {**job, "result": None}
    assert job in client.get("/benchmarks").json()
    assert client.get("/benchmarks", params={"state": "done"}).json() == []


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"model": "nothing"}, 404, "No model 'nothing'"),
        ({"model": "hello_world_int8"}, 404, "no bytes"),
        ({"device": "nothing"}, 404, "No device"),
        ({"runtime": "nothing"}, 404, "No runtime"),
        ({"runner": "two words"}, 400, "runner"),
        ({"options": {"port": "/dev/ttyS0"}}, 400, "'port' is a place on the worker's machine"),
        ({"options": {"monitor": "socket://10.0.0.1:1"}}, 400, "'monitor' is a place"),
        ({"data": "/etc/passwd"}, 400, "data"),
        ({"options": {"a": "\0"}}, 400, "characters"),
        ({"options": ["a"]}, 400, "options"),
        ({"more": 1}, 400, "more"),
    ],
)
def test_what_cannot_be_asked_for_is_a_problem(
    client: TestClient, changed: dict[str, object], status: int, says: str
) -> None:
    answer = client.post("/benchmarks", json={**WANTED, **changed})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert says in answer.json()["detail"]
    assert client.get("/benchmarks", params={"state": "queued"}).json() == []


def test_who_knows_a_job_as_it_is_need_not_read_it_again(client: TestClient) -> None:
    job = ask(client)
    for path in (f"/benchmarks/{job['id']}", "/benchmarks"):
        known = {"If-None-Match": client.get(path).headers["etag"]}
        assert client.get(path, headers=known).status_code == 304
        take(client, job["id"]) if path.endswith(job["id"]) else client.post(f"{path}/{job['id']}/cancel")
        assert client.get(path, headers=known).status_code == 200


def test_a_simulated_port_is_no_place(client: TestClient) -> None:
    assert ask(client, options={"port": "simulated"})["options"] == {"port": "simulated"}


def test_a_worker_takes_a_job_tells_of_it_and_gives_its_result(client: TestClient) -> None:
    job = ask(client)
    claimed = take(client, job["id"])
    assert (claimed["job"]["state"], claimed["job"]["worker"]) == ("running", ANA)
    assert claimed["lease_s"] == 60
    facts = read_facts(claimed["facts"])
    assert (facts.model.name, facts.file.sha256) == (MODEL, job["file_sha256"])
    assert facts.device is not None
    assert facts.device.slug == job["device"]
    content = client.get(claimed["model_file"]).content
    assert content[4:8] == b"TFL3"
    told = client.put(
        f"/benchmarks/{job['id']}/progress", json={"worker": ANA, "progress": 0.5, "doing": "half"}
    )
    assert (told.status_code, told.json()["progress"], told.json()["doing"]) == (200, 0.5, "half")
    done = client.post(f"/benchmarks/{job['id']}/result", json={"worker": ANA, "result": RESULT})
    assert (done.status_code, done.json()["state"]) == (200, "done")
    found = client.get(f"/benchmarks/{job['id']}").json()
    assert found["result"]["id"] == found["run"]
    assert found["result"]["figures"] == [{**RESULT["figures"][0], "evidence": "measured"}]
    assert found["result"]["ground"] == "host"
    assert client.post(f"/benchmarks/{job['id']}/cancel").json()["state"] == "done"


def test_two_workers_do_not_get_the_same_job(client: TestClient) -> None:
    job = ask(client)
    take(client, job["id"])
    body = {"worker": BEN, "runners": ["plain"]}
    assert client.post("/benchmarks/claim", json=body).status_code == 204
    for method, what, more in (
        ("PUT", "progress", {"progress": 0.1}),
        ("POST", "result", {"result": RESULT}),
        ("POST", "failure", {"reason": "no"}),
        ("POST", "return", {}),
    ):
        answer = client.request(method, f"/benchmarks/{job['id']}/{what}", json={"worker": BEN, **more})
        assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
        assert ANA in answer.json()["detail"]


def test_a_worker_can_fail_or_give_back(client: TestClient) -> None:
    job = ask(client)
    take(client, job["id"])
    back = client.post(f"/benchmarks/{job['id']}/return", json={"worker": ANA})
    assert (back.json()["state"], back.json()["attempts"]) == ("queued", 0)
    take(client, job["id"])
    failed = client.post(f"/benchmarks/{job['id']}/failure", json={"worker": ANA, "reason": "unplugged"})
    assert (failed.json()["state"], failed.json()["reason"]) == ("failed", "unplugged")


@pytest.mark.parametrize(
    ("changed", "state_or_status"),
    [
        ({"figures": [{"metric": "speed", "value": 1, "unit": "MilliSEC"}]}, "failed"),
        ({"where": None}, "failed"),
        ({"ended": "2026-02-01T11:00:00Z"}, "failed"),
        ({"simulated": True, "on_device": True}, "failed"),
        ({"started": "2026-02-01T12:00:00"}, 400),
        ({"figures": []}, 400),
        ({"figures": [{"metric": "latency", "value": "fast", "unit": "MilliSEC"}]}, 400),
        ({"tools": []}, 400),
        ({"unknown": 1}, 400),
        ({"output_sha256": "xyz"}, 400),
        ({"simulated": "0"}, 400),
        ({"clock_hz": "64000000"}, 400),
        ({"started": 1_770_000_000}, 400),
        ({"figures": [{"metric": "latency", "value": "1", "unit": "MilliSEC"}]}, 400),
    ],
)
def test_a_result_that_is_wrong_is_refused_or_fails_the_job_with_the_reason(
    client: TestClient, changed: dict[str, object], state_or_status: str | int
) -> None:
    job = ask(client)
    take(client, job["id"])
    answer = client.post(
        f"/benchmarks/{job['id']}/result", json={"worker": ANA, "result": {**RESULT, **changed}}
    )
    if isinstance(state_or_status, int):
        assert answer.status_code == state_or_status
        assert client.get(f"/benchmarks/{job['id']}").json()["state"] == "running"
    else:
        assert (answer.status_code, answer.json()["state"]) == (200, state_or_status)
        assert "not taken" in answer.json()["reason"]


def test_a_job_whose_model_is_gone_fails_when_it_is_taken(client: TestClient) -> None:
    content = client.get(f"/models/{MODEL}/file").content + b"\0" * 16
    assert client.post("/models", files={"file": ("gone.tflite", content)}).status_code == 201
    job = ask(client, model="gone")
    assert client.delete("/models/gone").status_code == 204
    answer = client.post("/benchmarks/claim", json={"worker": ANA, "runners": ["plain"]})
    assert answer.status_code == 204
    found = client.get(f"/benchmarks/{job['id']}").json()
    assert (found["state"], found["reason"][:15]) == ("failed", "No model 'gone'")


@pytest.mark.parametrize("path", ["/benchmarks/ffffffffff", "/benchmarks/ffffffffff/events"])
def test_a_job_that_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_who_may_not_write_may_not_ask_or_work(
    serving: Callable[[ServeSettings], AbstractContextManager[TestClient]],
) -> None:
    with serving(ServeSettings(writes="token", query_workers=1)) as client:
        assert client.get("/benchmarks").status_code == 200
        for method, path in (
            ("POST", "/benchmarks"), ("POST", "/benchmarks/claim"), ("POST", "/benchmarks/ab/cancel"),
            ("PUT", "/benchmarks/ab/progress"), ("POST", "/benchmarks/ab/result"),
            ("POST", "/benchmarks/ab/failure"), ("POST", "/benchmarks/ab/return"),
        ):  # fmt: skip
            assert client.request(method, path, json={}).status_code == 401, path
    with serving(ServeSettings(reads="token", query_workers=1)) as client:
        for path in ("/benchmarks", "/benchmarks/ab", "/benchmarks/ab/events"):
            assert client.get(path).status_code == 401, path


def test_the_openapi_document_has_each_route_with_its_bodies(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    paths = {path: set(methods) for path, methods in document["paths"].items() if "benchmarks" in path}
    assert paths == {
        "/benchmarks": {"get", "post"},
        "/benchmarks/claim": {"post"},
        "/benchmarks/{job_id}": {"get"},
        "/benchmarks/{job_id}/cancel": {"post"},
        "/benchmarks/{job_id}/events": {"get"},
        "/benchmarks/{job_id}/failure": {"post"},
        "/benchmarks/{job_id}/progress": {"put"},
        "/benchmarks/{job_id}/result": {"post"},
        "/benchmarks/{job_id}/return": {"post"},
    }
    assert {"RequestBody", "FinishBody", "JobBody", "ClaimedBody"} <= set(document["components"]["schemas"])


def test_what_a_worker_sends_is_what_the_server_reads() -> None:
    from tinykg.catalogue.remote_queue import sent_result

    sent = json.loads(json.dumps(sent_result(WHOLE)))
    assert ResultBody(**sent).record() == WHOLE


def test_facts_survive_the_way(client: TestClient) -> None:
    service: Service = client.app.state.service  # type: ignore[attr-defined]  # the application is a FastAPI
    request = service.registry.benchmarks.request(MODEL, "plain", device="nano33")
    with service.held.reading() as store:
        facts = facts_for(store, request)
    assert read_facts(facts_text(facts)) == facts
    with pytest.raises(BenchmarkError, match="no N-Triples"):
        read_facts("no triples")
    with pytest.raises(BenchmarkError, match="0 models"):
        read_facts("")


@contextmanager
def listening(client: TestClient) -> Iterator[str]:
    """The client's application on a port of this machine; its address."""
    server = uvicorn.Server(uvicorn.Config(client.app, port=0, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.02)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join()


def test_events_tell_each_step_and_end_with_the_job(client: TestClient) -> None:
    job = ask(client)
    with listening(client) as address:
        events: list[tuple[str, dict[str, Any]]] = []
        begun = threading.Event()

        def listen() -> None:
            import urllib.request

            with urllib.request.urlopen(f"{address}/benchmarks/{job['id']}/events", timeout=60) as stream:
                kind = ""
                for raw in stream:
                    name, _, value = raw.decode().rstrip("\r\n").partition(": ")
                    if name == "event":
                        kind = value
                    elif name == "data":
                        events.append((kind, json.loads(value)))
                        begun.set()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        assert begun.wait(30)
        RemoteQueueWorker(address).run(job["id"])
        thread.join(30)
        assert not thread.is_alive()
    kinds = [kind for kind, _ in events]
    assert kinds[0] == "queued"
    assert kinds[-1] == "done"
    assert set(kinds) <= {"queued", "running", "done"}
    assert events[-1][1]["run"] is not None
    assert [one["state"] for _, one in events] == kinds


def test_events_end_where_the_job_is_removed_and_say_nothing_of_other_writes(client: TestClient) -> None:
    job = ask(client)
    graph = {"graph": f"https://w3id.org/tinykg/graph/benchmark-job/{job['id']}"}
    assert client.get("/rdf-graphs/service", params=graph).status_code == 200
    other: dict[str, Any] = {"params": {"graph": "urn:other"}, "headers": {"Content-Type": "text/turtle"}}
    lines: list[str] = []
    begun = threading.Event()
    with listening(client) as address:

        def listen() -> None:
            import urllib.request

            with urllib.request.urlopen(f"{address}/benchmarks/{job['id']}/events", timeout=60) as stream:
                for raw in stream:
                    lines.append(raw.decode().strip())
                    begun.set()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        assert begun.wait(30)
        client.put("/rdf-graphs/service", content=b"<urn:s> <urn:p> 1 .", **other)
        client.put("/rdf-graphs/service", content=b"<urn:s> <urn:p> 2 .", **other)
        assert client.delete("/rdf-graphs/service", params=graph).status_code == 204
        thread.join(30)
        assert not thread.is_alive()
    client.delete("/rdf-graphs/service", params=other["params"])
    assert [line for line in lines if line.startswith("event:")] == ["event: queued"]


class RemoteQueueWorker:
    """A worker elsewhere with the plain runner."""

    def __init__(self, address: str, token: str | None = None, own: Own | None = None) -> None:
        self.runner = PlainRunner()
        self.worker = Worker(
            RemoteQueue(address, token, own), Runners(working={"plain": self.runner}, broken={}), name=ANA
        )

    def run(self, job_id: str) -> JobState | None:
        done = self.worker.work(job_id)
        assert done is not None
        return None if done[1] is None else done[1].state


def test_a_worker_elsewhere_runs_what_a_server_queued(client: TestClient) -> None:
    job = ask(client)
    with listening(client) as address:
        elsewhere = RemoteQueueWorker(address, own=Own(options={"port": "/dev/mine"}))
        assert elsewhere.run(job["id"]) is JobState.DONE
        assert elsewhere.worker.work() is None
    (task,) = elsewhere.runner.tasks
    assert task.content[4:8] == b"TFL3"
    assert task.options == {"n": "1", "port": "/dev/mine"}
    assert task.device is not None
    assert task.device.slug == job["device"]
    found = client.get(f"/benchmarks/{job['id']}").json()
    assert (found["state"], found["worker"]) == ("done", ANA)
    assert found["result"]["dataset"] == {"name": "d", "sha256": "0" * 64, "samples": 3}
    assert found["result"]["worker"] == "ana@laptop"


def test_a_worker_elsewhere_does_not_go_where_a_server_points(client: TestClient) -> None:
    """A server's job may come from a stranger: it opens no port and reads no file of the worker's."""
    service: Service = client.app.state.service  # type: ignore[attr-defined]  # the application is a FastAPI
    registry = service.registry
    for options, data in (({"port": "/dev/ttyS0"}, None), ({"monitor": "x"}, None), ({}, "/etc/passwd")):
        job = registry.benchmarks.create(
            registry.benchmarks.request(MODEL, "plain", options=options, data=data)
        )
        with listening(client) as address:
            elsewhere = RemoteQueueWorker(address)
            assert elsewhere.run(job.id) is JobState.FAILED
        assert elsewhere.runner.tasks == []
        assert "only the worker may" in (registry.benchmarks.get(job.id).reason or "")


def test_a_worker_elsewhere_learns_that_its_job_was_cancelled(client: TestClient) -> None:
    job = ask(client)
    with listening(client) as address:
        queue = RemoteQueue(address, None)
        claimed = queue.claim(ANA, ["plain"], job["id"])
        assert claimed is not None
        client.post(f"/benchmarks/{job['id']}/cancel")
        with pytest.raises(BenchmarkCancelled, match="was cancelled"):
            queue.beat(claimed.id, ANA, 0.5, "half")
        with pytest.raises(BenchmarkCancelled):
            queue.beat("ffffffffff", ANA, 0.5, "half")


def test_a_worker_elsewhere_needs_a_token_where_writing_does(
    serving: Callable[[ServeSettings], AbstractContextManager[TestClient]],
) -> None:
    with serving(ServeSettings(writes="token", query_workers=1)) as client, listening(client) as address:
        for token in (None, "wrong"):
            with pytest.raises(Refused, match="TINYKG_TOKEN"):
                RemoteQueue(address, token).claim(ANA, ["plain"])
        service: Service = client.app.state.service  # type: ignore[attr-defined]  # the application is a FastAPI
        text = service.tokens.create("worker", "write")
        assert RemoteQueue(address, text).claim(ANA, ["plain"]) is None


def test_a_server_that_is_not_there_is_told_of_as_such(tmp_path: Path) -> None:
    del tmp_path
    with pytest.raises(StoreError, match="cannot be reached"):
        RemoteQueue("http://127.0.0.1:1", None).claim(ANA, ["plain"])
    for address in ("file:///etc/passwd", "127.0.0.1:8000", "http://", "ftp://x"):
        with pytest.raises(InputError, match="not the address of a server"):
            RemoteQueue(address, None)
