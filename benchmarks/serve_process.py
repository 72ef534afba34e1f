"""What measurements of a server share: the server in a process of its own, and a client that costs little.

The client speaks HTTP/1.1 on a plain socket and keeps its connection; it reads each body whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

START_S = 180.0
"""How long a server may take until it answers: the first start fills the registry."""
STOP_S = 15.0
ADDRESS = re.compile(r"http://([^\s:/]+):(\d+)")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    host: str
    port: int
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it as a power failure would."""
        self.process.kill()
        self.process.wait(STOP_S)


@contextlib.contextmanager
def started(words: Sequence[str], folder: Path) -> Iterator[Server]:
    """A Python program that tells its address on standard error, until the block ends."""
    log = folder / f"server-{time.monotonic_ns()}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=errors)
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)


def tinykg(registry: Path, *options: str) -> list[str]:
    """The words that serve a registry on a free port of this machine."""
    return ["-m", "tinykg", "--registry", str(registry), "serve", "--port", "0", "--no-auth", *options]


def _address(process: subprocess.Popen[bytes], log: Path) -> Server:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        said = log.read_text(encoding="utf-8", errors="replace")
        if process.poll() is not None:
            sys.exit(f"the server ended with {process.returncode}: {said}")
        if found := ADDRESS.search(said):
            return Server(found[1], int(found[2]), process)
        time.sleep(0.05)
    sys.exit(f"the server does not answer after {START_S} s: {said}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body."""

    status: int
    body: bytes


class Connection:
    """One connection, one request at a time; it is opened again where the server closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def ask(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> Answer:
        """The answer to a request; OSError or EOFError where the connection breaks."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        head = f"{method} {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-length: {len(body)}\r\n"
        kind = f"content-type: {content_type}\r\n" if content_type else ""
        try:
            self._writer.write(f"{head}{kind}\r\n".encode() + body)
            return await self._answer(self._reader)
        except (OSError, EOFError):
            self._close()
            raise

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        status, length, closes, is_chunked = int(lines[0].split()[1]), 0, False, False
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif name.lower() == b"transfer-encoding":
                is_chunked = value.strip().lower() == b"chunked"
            elif name.lower() == b"connection":
                closes = value.strip().lower() == b"close"
        body = await (_chunks(reader) if is_chunked else reader.readexactly(length))
        if closes:
            self._close()
        return Answer(status, body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A body in chunks (RFC 9112, 7.1)."""
    parts = []
    while size_bytes := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        parts.append((await reader.readexactly(size_bytes + 2))[:-2])
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass  # a trailer
    return b"".join(parts)
