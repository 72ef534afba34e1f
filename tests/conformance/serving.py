"""TinyKG's server in a process of its own, as its users run it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

START_S = 60.0
"""How long a server may take until it answers; a registry's first start fills it."""
STOP_S = 15.0
ADDRESS = re.compile(r"http://\S+?:\d+")
EMPTY = Path(__file__).with_name("serve_empty.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running server."""

    url: str
    token: str | None
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """Ends it as a power failure would: no signal handler runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(STOP_S)


def new_token(folder: Path, scope: str = "write") -> str:
    """A token for a registry's server, made by the command."""
    words = ["--registry", str(folder), "token", "create", f"{scope}-{time.monotonic_ns()}", "--scope", scope]
    done = subprocess.run(
        [sys.executable, "-m", "tinykg", *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@contextlib.contextmanager
def serving(folder: Path, *options: str, token: str | None = None, empty: bool = False) -> Iterator[Served]:
    """`tinykg serve` on a free port until the block ends; `empty` leaves the built-in catalogue out."""
    program = [str(EMPTY)] if empty else ["-m", "tinykg"]
    words = [*program, "--registry", str(folder), "serve", "--host", "127.0.0.1", "--port", "0", *options]
    log = folder.with_name(f"{folder.name}-{time.monotonic_ns()}.log")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, *words], stdout=subprocess.DEVNULL, stderr=errors, env={**os.environ}
        )
    try:
        yield Served(url=_address(process, log), token=token, process=process)
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where a server says that it is, once it answers there."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        said = log.read_text(encoding="utf-8", errors="replace")
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}: {said}")
        if found := ADDRESS.search(said):
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{found[0]}/health").status_code == 200:
                    return found[0]
        time.sleep(0.05)
    raise RuntimeError(f"the server does not answer after {START_S} s: {log.read_text(encoding='utf-8')}")
