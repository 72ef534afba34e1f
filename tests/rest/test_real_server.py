"""A server in a process of its own: behind a proxy, while it is filled, and asked by many at once."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.files import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

THING = {
    "@context": "https://www.w3.org/2022/wot/td/v1.1",
    "title": "A thing",
    "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
    "security": "nosec_sc",
    "links": [{"rel": "type", "href": "https://w3id.org/tinykg/device-type/arduino-nano-33-ble-sense"}],
}
TD = {"Content-Type": "application/td+json"}
HTTPS = {"Host": "kg.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
SHEET = 'name = "mine"\ntask = "image-classification"\nsource = "me"\nsensors = []\n'
RACE_S = 4.0
BURST = 10
"""So many requests at once pass where one each second is allowed."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Server:
    """A running server; `said` is what it wrote on stderr until it answered."""

    port: int
    said: str

    def ask(
        self,
        method: str,
        path: str,
        content: object = None,
        headers: dict[str, str] | None = None,
        *,
        source: str = "127.0.0.1",
    ) -> Answer:
        """The answer to one request, which comes from an address of this machine."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=60, source_address=(source, 0)
        )
        body = content if content is None or isinstance(content, bytes) else json.dumps(content).encode()
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        found = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return found


@contextmanager
def running(folder: Path, *options: str, faults: list[str] | None = None) -> Iterator[Server]:
    """A server until the block ends; then `faults` has what it wrote on stderr since it answered."""
    words = [sys.executable, "-m", "tinykg", "--registry", str(folder), "serve", "--port", "0", *options]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = ""
    try:
        for line in process.stderr:
            said += line
            if found := re.search(r"serves on http://[\d.]+:(\d+)", line):
                yield Server(int(found[1]), said)
                break
        else:
            raise AssertionError(said)
    finally:
        process.terminate()
        process.wait(30)
        if faults is not None:
            faults += process.stderr.readlines()
        process.stderr.close()


@pytest.fixture
def folder(seeded_folder: Path, tmp_path: Path) -> Path:
    found = tmp_path / "registry"
    shutil.copytree(seeded_folder, found)
    return found


@pytest.fixture(scope="module")
def server(seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that everybody may write to, and that lets a client ask once a second."""
    folder = tmp_path_factory.mktemp("served") / "registry"
    shutil.copytree(seeded_folder, folder)
    with running(folder, "--no-auth", "--rate", "1") as server:
        yield server


def own_base(answer: Answer) -> str:
    assert answer.status == 200
    return str(answer.json()["base"])


def test_addresses_in_answers_are_those_that_the_proxy_was_asked_at(server: Server) -> None:
    assert own_base(server.ask("GET", "/.well-known/wot", headers=HTTPS)) == "https://kg.example"
    unit = server.ask("GET", "/device-types/nano33/td?id=urn:dev:1", headers=HTTPS).json()
    [of_type] = [link["href"] for link in unit["links"] if link["rel"] == "type"]
    assert of_type == "https://kg.example/device-types/nano33"
    created = server.ask(
        "POST", "/rdf-graphs/service", b"<urn:s> <urn:p> 1 .", {**HTTPS, "Content-Type": "text/turtle"}
    )
    assert created.status == 201
    graph = created.headers["location"]
    assert graph.startswith("https://kg.example/rdf-graphs/")
    assert server.ask("GET", graph.removeprefix("https://kg.example"), headers=HTTPS).status == 200
    assert server.ask("GET", graph.removeprefix("https://kg.example")).status == 404, "another address"
    described = server.ask("GET", "/sparql", headers={**HTTPS, "Accept": "application/n-triples"})
    assert b"<https://kg.example/sparql>" in described.content


def test_a_whole_address_for_an_identifier_is_that_at_the_proxy(server: Server) -> None:
    assert server.ask("PUT", "/things/urn:dev:2", {**THING, "id": "urn:dev:2"}, {**TD, **HTTPS}).status == 201
    whole = "/things/https://kg.example/things/urn:dev:2"
    assert server.ask("GET", whole, headers=HTTPS).json()["id"] == "urn:dev:2"
    assert server.ask("GET", whole).status == 404
    assert server.ask("DELETE", whole, headers=HTTPS).status == 204


@pytest.mark.parametrize("claimed", ["javascript", "https, http", "", "ftp"])
def test_a_proxy_that_says_no_scheme_changes_none(server: Server, claimed: str) -> None:
    headers = {"Host": "kg.example", "X-Forwarded-Proto": claimed}
    assert own_base(server.ask("GET", "/.well-known/wot", headers=headers)) == "http://kg.example"


def test_what_others_than_a_proxy_on_this_machine_say_of_themselves_is_not_believed(server: Server) -> None:
    stranger = server.ask("GET", "/.well-known/wot", headers=HTTPS, source="127.0.0.2")
    assert own_base(stranger) == "http://kg.example"
    statuses = [
        server.ask("GET", "/health", headers={"X-Forwarded-For": claimed}, source="127.0.0.3").status
        for claimed in ("127.0.0.1", "203.0.113.9", "::1") * BURST
    ]
    assert statuses[:BURST] == [200] * BURST
    assert statuses[-1] == 429


def test_behind_a_proxy_each_client_is_counted_and_none_passes_for_the_proxy(server: Server) -> None:
    def statuses(forwarded_for: str) -> list[int]:
        headers = {"X-Forwarded-For": forwarded_for}
        return [server.ask("GET", "/health", headers=headers).status for _ in range(BURST + 3)]

    assert statuses("198.51.100.1")[BURST:] == [429] * 3
    assert server.ask("GET", "/health", headers={"X-Forwarded-For": "198.51.100.2"}).status == 200
    assert statuses("127.0.0.1, 198.51.100.3")[-1] == 429, "the last one is who the proxy saw"
    assert statuses("unheard-of")[-1] == 429
    assert set(statuses("127.0.0.1")) == {200}, "a client of this machine"


def test_a_stream_of_events_ends_well_where_the_server_stops(folder: Path) -> None:
    faults: list[str] = []
    with running(folder, "--no-auth", faults=faults) as server:
        stream = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        stream.request("GET", "/events")
        told = stream.getresponse()
        assert server.ask("PUT", "/things/urn:dev:1", {**THING, "id": "urn:dev:1"}, TD).status == 201
        assert told.readline().strip() == b"event: thing_created"
        server.ask("DELETE", "/things/urn:dev:1")
    whole = told.read()  # an answer that breaks off raises IncompleteRead
    stream.close()
    assert b"event: thing_deleted" in whole
    assert faults == [], "nothing to report to whoever stops it"


def test_who_starts_a_new_registry_is_told_what_takes_time(folder: Path, tmp_path: Path) -> None:
    with running(folder) as server:
        assert "Filling" not in server.said
    new = tmp_path / "new"
    with running(new) as server:
        assert server.said.startswith(f"Filling the registry {new} with the built-in catalogue...\n")
        assert server.ask("GET", "/models/kws").status == 200


def form(model: bytes, **fields: str) -> tuple[bytes, dict[str, str]]:
    """A form with a model's file, and its headers."""
    parts = [
        b'Content-Disposition: form-data; name="%b"\r\n\r\n%b' % (name.encode(), value.encode())
        for name, value in fields.items()
    ]
    parts.append(
        b'Content-Disposition: form-data; name="file"; filename="m.tflite"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + model
    )
    content = b"".join(b"--xyz\r\n%b\r\n" % part for part in parts) + b"--xyz--\r\n"
    return content, {"Content-Type": "multipart/form-data; boundary=xyz"}


def raced(*clients: Callable[[int], Answer]) -> list[set[int]]:
    """What statuses each of some clients saw, who ask over and over, all at once."""
    seen: list[set[int]] = [set() for _ in clients]
    faults: list[str] = []
    end = time.monotonic() + RACE_S

    def over_and_over(place: int) -> None:
        turn = 0
        while time.monotonic() < end:
            answer = clients[place](turn)
            turn += 1
            seen[place].add(answer.status)
            if answer.status >= 500:
                faults.append(answer.content.decode())

    threads = [threading.Thread(target=over_and_over, args=(place,)) for place in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults[0]
    return seen


def test_a_model_comes_and_goes_while_it_is_asked_about(folder: Path) -> None:
    content = next(iter(sorted((data_folder() / "models" / "files").glob("*.tflite")))).read_bytes()
    ways = ("", "/file", "/build?device=nano33")
    with running(folder, "--no-auth") as server:

        def come_and_go(turn: int) -> Answer:
            if turn % 2:
                return server.ask("DELETE", "/models/mine")
            return server.ask("POST", "/models", *form(content + b"\0" * 16, metadata=SHEET))

        def replace(turn: int) -> Answer:
            posted = form(content + b"\0" * 16 * (turn % 2 + 1), metadata=SHEET)
            return server.ask("POST", "/models?replace=true", *posted)

        changed, replaced, matched, read = raced(
            come_and_go,
            replace,
            lambda _turn: server.ask("GET", "/match?model=mine&device=nano33"),
            lambda turn: server.ask("GET", "/models/mine" + ways[turn % 3]),
        )
        assert changed <= {200, 201, 204, 404, 409}
        assert replaced <= {200, 201}
        assert matched <= {200, 404}
        assert read <= {200, 404}
        server.ask("DELETE", "/models/mine")
        assert server.ask("POST", "/models", *form(content + b"\0" * 16, metadata=SHEET)).status == 201
        assert server.ask("GET", "/models/mine/file").content == content + b"\0" * 16


def test_things_updates_and_intake_beside_each_other(folder: Path) -> None:
    update = {"Content-Type": "application/sparql-update"}
    count = b"SELECT (COUNT(*) AS ?n) { GRAPH <urn:g> { ?s ?p ?o } }"
    thing = "/things/urn:dev:1"
    with running(folder, "--no-auth") as server:
        stream = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        stream.request("GET", "/events")
        told = stream.getresponse()

        changes: list[str] = []

        def things(turn: int) -> Answer:
            changes.append(("created", "updated", "deleted")[turn % 3])
            if turn % 3 == 0:
                return server.ask("PUT", thing, {**THING, "id": "urn:dev:1", "turn": turn}, TD)
            if turn % 3 == 1:
                patch = {"Content-Type": "application/merge-patch+json"}
                return server.ask("PATCH", thing, {"title": str(turn)}, patch)
            return server.ask("DELETE", thing)

        inserted: list[int] = []

        def updates(turn: int) -> Answer:
            text = f"INSERT DATA {{ GRAPH <urn:g> {{ <urn:s> <urn:p> {turn} }} }}"
            answer = server.ask("POST", "/sparql", text.encode(), update)
            inserted.append(turn)
            return answer

        content = next(iter(sorted((data_folder() / "models" / "files").glob("*.tflite")))).read_bytes()
        written, updated, taken, matched = raced(
            things,
            updates,
            lambda turn: server.ask("POST", "/models", *form(content + b"\0" * (turn + 1))),
            lambda _turn: server.ask("GET", "/match?device=urn:dev:1&model=kws"),
        )
        assert written == {201, 204}
        assert updated == {204}
        assert taken <= {201, 409}
        assert matched <= {200, 404}
        asked = server.ask("POST", "/sparql", count, {"Content-Type": "application/sparql-query"})
        [row] = asked.json()["results"]["bindings"]
        assert int(row["n"]["value"]) == len(inserted), "no update is lost"
        kinds: list[str] = []
        numbers: list[int] = []
        while len(numbers) < len(changes):
            name, _, value = told.readline().decode().strip().partition(": ")
            if name == "event":
                kinds.append(value.removeprefix("thing_"))
            if name == "id":
                numbers.append(int(value))
        stream.close()
        assert numbers == list(range(1, len(changes) + 1))
        assert kinds == changes
