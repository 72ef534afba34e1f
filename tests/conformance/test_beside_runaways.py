"""While runaway queries of one client have all processes, others are served as if they were not there."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
RUNAWAYS = 6
LIMIT_S = 20


@pytest.fixture(scope="module")
def server(seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("beside") / "registry"
    shutil.copytree(seeded_folder, folder)
    with serving(folder, "--no-auth", "--query-timeout", str(LIMIT_S)) as server:
        yield server


@contextmanager
def runaways(server: Served) -> Iterator[list[int]]:
    """Queries without an end, from an address of their own; the statuses of their answers."""
    statuses: list[int] = []
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=server.url, transport=transport, timeout=4 * LIMIT_S) as client:

        def ask() -> None:
            statuses.append(client.get("/sparql", params={"query": ENDLESS}).status_code)

        threads = [threading.Thread(target=ask) for _ in range(RUNAWAYS)]
        for thread in threads:
            thread.start()
        time.sleep(3)
        yield statuses
        for thread in threads:
            thread.join()


def seconds_of(client: httpx.Client, path: str, **parameters: str) -> float:
    begun = time.monotonic()
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return time.monotonic() - begun


def test_others_are_served_beside_runaways(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=LIMIT_S) as client:
        for path in ("/match?device=nano33", "/things"):
            client.get(path)
        with runaways(server) as statuses:
            begun = time.monotonic()
            times = [seconds_of(client, "/match", device="nano33") for _ in range(40)]
            times += [seconds_of(client, "/things") for _ in range(40)]
            queries = [seconds_of(client, "/sparql", query="ASK { ?s a ?class }") for _ in range(3)]
            was_beside = time.monotonic() - begun < LIMIT_S - 5 and not statuses
    assert was_beside, "the runaways had ended before all was asked"
    assert sorted(times)[int(0.95 * len(times))] < 0.5
    assert max(queries) < 8
    assert statuses == [503] * RUNAWAYS
