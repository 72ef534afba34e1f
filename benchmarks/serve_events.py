"""Whether many subscribers get all events in order, and what they cost the server.

    python benchmarks/serve_events.py [--subscribers N] [--writes W] [--registry FOLDER]

N clients listen to /events?diff=true; then W Thing Descriptions are written over 8 connections. Each client
must get W events whose ids grow by one. Ends with 1 where one does not.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from serve_load import TD_JSON, WRITERS, at, description, percentiles_ms
from serve_process import Connection, Server, started, tinykg

PATIENCE_S = 60.0


class Subscriber:
    """A client of the events: the ids it got, and when."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.times_s: list[float] = []
        self.is_ready = asyncio.Event()

    async def listen(self, server: Server, wanted: int) -> None:
        """Read events until so many have come."""
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(f"GET /events?diff=true HTTP/1.1\r\nhost: {server.host}\r\n\r\n".encode())
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise ValueError(f"GET /events: {head[:200]!r}")
            self.is_ready.set()
            while len(self.ids) < wanted:
                line = await reader.readline()
                if not line:
                    return
                if line.startswith(b"id: "):
                    self.ids.append(int(line[4:]))
                    self.times_s.append(time.monotonic())
        finally:
            self.is_ready.set()
            writer.close()


async def write_all(server: Server, writes: int) -> list[float]:
    """When each write was acknowledged."""
    waiting = list(range(writes))
    times_s: list[float] = []

    async def writer() -> None:
        async with Connection(server.host, server.port) as connection:
            while waiting:
                thing_id = f"urn:example:events:{waiting.pop()}"
                answer = await connection.ask("PUT", at(thing_id), description(thing_id, "An event"), TD_JSON)
                if answer.status != 201:
                    raise ValueError(f"PUT: {answer.status} {answer.body[:300]!r}")
                times_s.append(time.monotonic())

    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    return times_s


async def measure(server: Server, subscribers: int, writes: int) -> list[str]:
    """What went wrong; prints the times and the memory."""
    before = occupied_mib(server)
    crowd = [Subscriber() for _ in range(subscribers)]
    tasks = [asyncio.create_task(one.listen(server, writes)) for one in crowd]
    await asyncio.gather(*(one.is_ready.wait() for one in crowd))
    listening, begun = occupied_mib(server), time.monotonic()
    acknowledged = sorted(await write_all(server, writes))
    written_s = time.monotonic() - begun
    _, late = await asyncio.wait(tasks, timeout=PATIENCE_S)
    for task in late:
        task.cancel()
    wrong = []
    for number, one in enumerate(crowd):
        if len(one.ids) != writes:
            wrong.append(f"subscriber {number} got {len(one.ids)} of {writes} events")
        elif one.ids != list(range(one.ids[0], one.ids[0] + writes)):
            wrong.append(f"subscriber {number} got events that are missing or out of order")
    delays = [
        max(0.0, got - sent)
        for one in crowd
        for got, sent in zip(one.times_s, acknowledged, strict=len(one.times_s) == writes)
    ]
    print(
        f"{subscribers} subscribers, {writes} writes in {written_s:.1f} s ({writes / written_s:.0f}/s), ",
        end="",
    )
    print(f"{sum(len(one.ids) for one in crowd)} events; {len(wrong)} subscribers with faults")
    print(f"  an event after its write's answer: {percentiles_ms(delays)}")
    print(f"  memory: {before} MiB, with subscribers {listening} MiB, at the end {occupied_mib(server)} MiB")
    return wrong


def occupied_mib(server: Server) -> int:
    """The memory that the server's process occupies."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) >> 10


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--subscribers", type=int, default=200)
    parser.add_argument("--writes", type=int, default=300)
    parser.add_argument("--registry", type=Path, help="a registry's folder to work on a copy of")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, registry = Path(name), Path(name) / "registry"
        if words.registry is not None:
            shutil.copytree(words.registry, registry)
        with started(tinykg(registry), folder) as server:
            wrong = asyncio.run(measure(server, words.subscribers, words.writes))
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
