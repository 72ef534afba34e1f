"""How many answers of /match a server gives, beside a route that returns a constant.

    python benchmarks/serve_match.py [--seconds S] [--rounds N] [--device NAME]

Both are FastAPI applications under uvicorn, in one process each, on this machine. One load generator, in a
process of its own, asks them in turn over 32 connections. The aim: /match for one board, warm, has at least a
third of the constant's throughput. Ends with 1 where it has not.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from serve_process import Connection, Server, started, tinykg

CONNECTIONS = 32
LEAST_RATIO = 1 / 3
WARM_S = 1.0

CONSTANT = """
import sys
import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/constant")
async def constant() -> dict[str, str]:
    return {"answer": "constant"}


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()
        print(f"http://{host}:{port}", file=sys.stderr, flush=True)


Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False)).run()
"""


async def load(host: str, port: int, path: str, seconds: float) -> int:
    """How many answers come within some seconds over all connections; the body of each is read."""
    deadline = time.monotonic() + seconds

    async def one() -> int:
        count = 0
        async with Connection(host, port) as connection:
            while time.monotonic() < deadline:
                answer = await connection.ask("GET", path)
                if answer.status != 200 or not answer.body:
                    sys.exit(f"{path}: {answer.status} {answer.body[:300]!r}")
                count += 1
        return count

    return sum(await asyncio.gather(*(one() for _ in range(CONNECTIONS))))


def throughput(server: tuple[str, int], path: str, seconds: float) -> float:
    """Answers a second."""
    began = time.monotonic()
    count = asyncio.run(load(*server, path, seconds))
    return count / (time.monotonic() - began)


def compare(matching: Server, constant: Server, path: str, seconds: float, rounds: int) -> float:
    """The ratio of the two throughputs; each round is printed."""
    there, beside = (matching.host, matching.port), (constant.host, constant.port)
    ratios = []
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as generator:
        for server, what in ((there, path), (beside, "/constant")):
            generator.submit(throughput, server, what, WARM_S).result()
        for _ in range(rounds):
            match = generator.submit(throughput, there, path, seconds).result()
            plain = generator.submit(throughput, beside, "/constant", seconds).result()
            print(f"/match {match:7.0f}/s   constant {plain:7.0f}/s   ratio {match / plain:.3f}")
            ratios.append(match / plain)
    return statistics.median(ratios)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", default="nano33")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "constant.py"
        script.write_text(CONSTANT, encoding="utf-8")
        with (
            started(tinykg(folder / "registry"), folder) as matching,
            started([str(script)], folder) as plain,
        ):
            ratio = compare(matching, plain, f"/match?device={words.device}", words.seconds, words.rounds)
    print(f"median ratio {ratio:.3f}; the aim is at least {LEAST_RATIO:.3f}")
    return 0 if ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
