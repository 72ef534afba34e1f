"""A server that is killed in the middle of writes: the long form is `benchmarks/serve_load.py`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from serving import serving

from tinykg.files import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "serve_load.py"


@pytest.mark.parametrize("writes", [20, 200])
def test_each_acknowledged_write_survives_sigkill(writes: int, seeded_folder: Path) -> None:
    words = [sys.executable, str(SCRIPT), "--registry", str(seeded_folder), "--clients", "0"]
    done = subprocess.run(
        [*words, "--writes", str(writes)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f" of {writes} writes" in done.stdout
    assert done.stdout.rstrip().endswith("0 lost")


WRITERS = 4
WAIT_S = 60.0


def writes_until_killed(folder: Path, write: Callable[[httpx.Client, int], None], kill_at: int) -> list[int]:
    """The numbers of the writes that were acknowledged by a server that is killed after some of them."""
    acknowledged: list[int] = []
    with serving(folder, "--no-auth") as server:

        def work(first: int) -> None:
            with httpx.Client(base_url=server.url, timeout=WAIT_S) as client:
                for number in range(first, 100 * kill_at, WRITERS):
                    try:
                        write(client, number)
                    except httpx.TransportError:
                        return
                    acknowledged.append(number)
                    if len(acknowledged) == kill_at:
                        server.process.kill()

        with ThreadPoolExecutor(WRITERS) as threads:
            list(threads.map(work, range(WRITERS)))
        server.process.wait()
    assert len(acknowledged) >= kill_at
    return acknowledged


def insert(client: httpx.Client, number: int) -> None:
    """Add a graph by a SPARQL update."""
    text = f"INSERT DATA {{ GRAPH <urn:durable:{number}> {{ <urn:durable:{number}> <urn:is> {number} }} }}"
    client.post(
        "/sparql", content=text, headers={"content-type": "application/sparql-update"}
    ).raise_for_status()


def post_model(client: httpx.Client, number: int) -> None:
    """Register a model, each of other bytes."""
    path = min((data_folder() / "models" / "files").glob("*.tflite"), key=lambda path: path.stat().st_size)
    content = path.read_bytes() + b"%016d" % number
    client.post("/models", files={"file": (f"durable_{number}.tflite", content)}).raise_for_status()


def test_each_acknowledged_update_survives_sigkill(seeded_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    shutil.copytree(seeded_folder, folder)
    acknowledged = writes_until_killed(folder, insert, kill_at=40)
    with serving(folder, "--no-auth") as server:
        query = "SELECT ?n { GRAPH ?g { ?g <urn:is> ?n } }"
        answer = httpx.get(
            f"{server.url}/sparql", params={"query": query}, headers={"accept": "text/csv"}, timeout=WAIT_S
        )
        found = {int(line) for line in answer.text.split()[1:]}
    assert set(acknowledged) <= found


def test_each_acknowledged_model_survives_sigkill_with_its_bytes(seeded_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    shutil.copytree(seeded_folder, folder)
    acknowledged = writes_until_killed(folder, post_model, kill_at=12)
    with serving(folder, "--no-auth") as server, httpx.Client(base_url=server.url, timeout=WAIT_S) as client:
        for number in acknowledged:
            answer = client.get(f"/models/durable_{number}/file")
            assert answer.status_code == 200, answer.text
            assert answer.content.endswith(b"%016d" % number)
