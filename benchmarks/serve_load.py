"""Whether many clients at once, and a server that is killed, lose anything.

    python benchmarks/serve_load.py [--clients N] [--seconds S] [--writes W] [--registry FOLDER]

First: N clients read and write Thing Descriptions for S seconds; each request must succeed, and at the end
the directory must hold what was acknowledged last. Then: W writes over 8 connections, in the middle of which
the server is killed (SIGKILL); after a restart every acknowledged write must be there. Ends with 1 where
something is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from serve_process import Connection, Server, started, tinykg

TD_JSON, MERGE_PATCH = "application/td+json", "application/merge-patch+json"
WRITERS = 8
OWN = 5
"""Things that each client writes to."""
READS = (
    "/match?device=nano33",
    "/models?limit=5",
    "/things?limit=5",
    "/sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 3"),
    "/health",
)
SHARE_OF_WRITES = 0.25

State = dict[str, str | None]
"""The title of each Thing as it was acknowledged last; None where it was deleted."""


def description(thing_id: str, title: str) -> bytes:
    """A small Thing Description."""
    td: dict[str, Any] = {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "id": thing_id,
        "title": title,
        "security": ["nosec_sc"],
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "properties": {"status": {"type": "string", "forms": [{"href": "http://device.example/status"}]}},
    }
    return json.dumps(td).encode()


def at(thing_id: str) -> str:
    """Where a Thing is."""
    return f"/things/{quote(thing_id, safe='')}"


class Client:
    """Reads and writes at random; knows what of its own was acknowledged."""

    def __init__(self, number: int, server: Server) -> None:
        self._server, self._dice = server, random.Random(number)
        self._ids = [f"urn:example:load:{number}:{index}" for index in range(OWN)]
        self.state: State = {}
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []

    async def run(self, deadline: float) -> None:
        """Ask until the deadline."""
        async with Connection(self._server.host, self._server.port) as connection:
            while time.monotonic() < deadline:
                try:
                    if self._dice.random() < SHARE_OF_WRITES:
                        await self._write(connection)
                    else:
                        await self._read(connection)
                except (OSError, EOFError) as broken:
                    self.errors.append(repr(broken))

    async def _read(self, connection: Connection) -> None:
        thing_id = self._dice.choice(self._ids)
        path = self._dice.choice((*READS, at(thing_id)))
        begun = time.monotonic()
        answer = await connection.ask("GET", path)
        seconds = time.monotonic() - begun
        expected = 200
        if path == at(thing_id) and self.state.get(thing_id) is None:
            expected = 404
        what = "/things/{id}" if path == at(thing_id) else path.partition("?")[0]
        self._judge(f"GET {what}", answer.status, expected, answer.body, seconds)
        if path == at(thing_id) and answer.status == 200:
            title = json.loads(answer.body)["title"]
            if title != self.state[thing_id]:
                self.errors.append(f"{thing_id} is read as '{title}', not '{self.state[thing_id]}'")

    async def _write(self, connection: Connection) -> None:
        thing_id, title = self._dice.choice(self._ids), f"title {self._dice.random()}"
        known = self.state.get(thing_id) is not None
        begun = time.monotonic()
        method = self._dice.choice(("PUT", "PATCH", "PUT", "DELETE")) if known else "PUT"
        if method == "PUT":
            answer = await connection.ask("PUT", at(thing_id), description(thing_id, title), TD_JSON)
        elif method == "PATCH":
            patch = json.dumps({"title": title}).encode()
            answer = await connection.ask("PATCH", at(thing_id), patch, MERGE_PATCH)
        else:
            answer = await connection.ask("DELETE", at(thing_id))
        seconds = time.monotonic() - begun
        if self._judge(method, answer.status, 204 if known else 201, answer.body, seconds):
            self.state[thing_id] = None if method == "DELETE" else title

    def _judge(self, what: str, status: int, expected: int, body: bytes, seconds: float) -> bool:
        self.times[what].append(seconds)
        if status != expected:
            self.errors.append(f"{what}: {status}, not {expected}: {body[:200]!r}")
        return status == expected


async def lost(server: Server, state: State) -> list[str]:
    """What the directory does not have as it was acknowledged."""
    found = []
    async with Connection(server.host, server.port) as connection:
        for thing_id, title in sorted(state.items()):
            answer = await connection.ask("GET", at(thing_id))
            there = json.loads(answer.body)["title"] if answer.status == 200 else None
            if there != title or answer.status not in (200, 404):
                found.append(f"{thing_id}: '{there}' ({answer.status}), not '{title}'")
    return found


def percentiles_ms(seconds: list[float]) -> str:
    """The median, the 95th percentile and the longest of some times."""
    ordered = sorted(1000 * one for one in seconds) or [0.0]
    median, p95 = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.95))
    return f"p50 {median:6.0f} ms, p95 {p95:6.0f} ms, longest {ordered[-1]:6.0f} ms"


async def many_clients(server: Server, clients: int, seconds: float) -> list[str]:
    """Errors and lost writes of many clients."""
    crowd = [Client(number, server) for number in range(clients)]
    deadline = time.monotonic() + seconds
    await asyncio.gather(*(client.run(deadline) for client in crowd))
    times: dict[str, list[float]] = defaultdict(list)
    for client in crowd:
        for what, seconds_each in client.times.items():
            times[what] += seconds_each
    errors = [error for client in crowd for error in client.errors]
    state = {thing_id: title for client in crowd for thing_id, title in client.state.items()}
    missing = await lost(server, state)
    writes = sum(len(times[name]) for name in ("PUT", "PATCH", "DELETE"))
    total = sum(map(len, times.values()))
    print(f"{clients} clients, {seconds:.0f} s: {total} requests ({total / seconds:.0f}/s), ", end="")
    print(f"{writes} of them writes; {len(errors)} errors, {len(missing)} lost writes")
    for what in sorted(times):
        print(f"  {what:18} {len(times[what]):6}  {percentiles_ms(times[what])}")
    print(f"  {'all':18} {total:6}  {percentiles_ms([t for one in times.values() for t in one])}")
    if writes == 0:
        errors.append("nothing was written")
    return errors + missing


async def writes_until_killed(server: Server, writes: int) -> tuple[State, int]:
    """What was acknowledged before the server was killed, and how many writes were under way."""
    state: State = {}
    waiting = list(range(writes))
    under_way = 0

    async def writer() -> None:
        nonlocal under_way
        async with Connection(server.host, server.port) as connection:
            while waiting:
                number = waiting.pop()
                thing_id, title = f"urn:example:durable:{number}", f"title {number}"
                under_way += 1
                answer = await connection.ask("PUT", at(thing_id), description(thing_id, title), TD_JSON)
                under_way -= 1
                if answer.status not in (201, 204):
                    raise ValueError(f"PUT: {answer.status} {answer.body[:300]!r}")
                state[thing_id] = title
                if len(state) == writes // 2:
                    server.process.kill()

    results = await asyncio.gather(*(writer() for _ in range(WRITERS)), return_exceptions=True)
    server.process.wait()
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, OSError | EOFError):
            raise result
    return state, under_way


def killed(registry: Path, folder: Path, writes: int) -> list[str]:
    """What of the acknowledged writes is not there after the server was killed and started again."""
    with started(tinykg(registry), folder) as server:
        state, under_way = asyncio.run(writes_until_killed(server, writes))
    with started(tinykg(registry), folder) as server:
        missing = asyncio.run(lost(server, state))
    print(
        f"killed at {len(state)} acknowledged of {writes} writes, {under_way} under way: {len(missing)} lost"
    )
    if len(state) >= writes:
        missing.append("the server was killed too late to say anything")
    return missing


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--writes", type=int, default=1000)
    parser.add_argument("--registry", type=Path, help="a registry's folder to work on a copy of")
    words = parser.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder, registry = Path(name), Path(name) / "registry"
        if words.registry is not None:
            shutil.copytree(words.registry, registry)
        if words.clients:
            with started(tinykg(registry), folder) as server:
                wrong += asyncio.run(many_clients(server, words.clients, words.seconds))
        if words.writes:
            wrong += killed(registry, folder, words.writes)
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
