"""A worker process as the server sees it: started, given work, killed.

The two talk over a socket pair, in pickles. Server: (snapshot's path or None for the one it has open,
function, arguments, seconds). Worker: "ready" once; then for each request "opened", whether it went well
with the result or error, and the bytes of memory that it occupies.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from tinykg.endpoint.worker import OPENED, READY, private_copy
from tinykg.errors import QueryTimeout, QueryTooBig, StoreError
from tinykg.store.limits import ran_out
from tinykg.store.packed_errors import unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.catalogue.held import HeldRegistry, Snapshot

_START_S = 60.0
"""How long a worker may take to start or to open a snapshot: far longer than it does on a busy machine."""

_LONGEST_S = 2_000_000.0
"""What poll(2) can wait for, in milliseconds of 31 bits."""

_RECYCLE_FROM_BYTES = 512 << 20
"""A worker that occupies more than this, or a quarter of what it may, is replaced after its work."""

_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
"""By default the C library reserves 64 MiB of addresses for each of many threads, which count as memory."""

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from tinykg.endpoint.worker import main; main(*map(int, sys.argv[2:]))"
)


class Displaced(Exception):
    """The work was ended to make room for other work; it can be begun anew."""


class _NotBegun(StoreError):
    """The process ended before the work began."""


class WorkerProcess:
    """One worker, for one thread at a time; a new process takes the place of one that was killed."""

    def __init__(self, held: HeldRegistry, memory_bytes: int) -> None:
        self._held = held
        self._memory_bytes = memory_bytes
        self._snapshot: Snapshot | None = None
        self._ended = False
        self._guard = threading.Lock()
        self._works = False
        self._displaced = False
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        life, self._life = os.pipe()
        fds = (theirs.fileno(), life)
        path = json.dumps([entry or os.getcwd() for entry in sys.path])  # noqa: PTH109 - a text is wanted
        numbers = map(str, (*fds, self._memory_bytes))
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this program's own code
                [sys.executable, "-c", _PROGRAM, path, *numbers],
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
            )
        finally:
            theirs.close()
            os.close(life)
        self._connection = Connection(ours.detach())
        self._is_ready = False

    @property
    def pid(self) -> int:
        """The process that works now."""
        return self._process.pid

    @property
    def version(self) -> int:
        """The version of the snapshot that is open; -1 where none is."""
        snapshot = self._snapshot
        return -1 if snapshot is None else snapshot.version

    def run(
        self, function: Callable[..., Any], args: tuple[object, ...], timeout_s: float, version: int
    ) -> Any:
        """What the function returns or raises, called on a snapshot of a version or a later one.

        Raises QueryTimeout or QueryTooBig where the process had to end, Displaced after `displace`.
        """
        timeout_s = min(timeout_s, _LONGEST_S)
        try:
            return self._attempt(function, args, timeout_s, version)
        except _NotBegun:  # it was killed while it had nothing to do, or the system was short of something
            return self._attempt(function, args, timeout_s, version)

    def _attempt(
        self, function: Callable[..., Any], args: tuple[object, ...], timeout_s: float, version: int
    ) -> Any:
        begun = done = False
        with self._guard:
            self._works, self._displaced = True, False
        try:
            self._begin(function, args, timeout_s, version)
            begun = True
            if not self._connection.poll(timeout_s):
                raise QueryTimeout(
                    f"This did not end within {timeout_s:g} s and was stopped. Ask for less, or more time."
                )
            went_well, result = self._connection.recv()
            occupied_bytes = self._connection.recv()
            done = occupied_bytes < min(_RECYCLE_FROM_BYTES, self._memory_bytes // 4)
        except (EOFError, OSError):
            if self._displaced:
                raise Displaced from None
            raise (self._death() if begun or self._ended else _NotBegun(str(self._death()))) from None
        finally:
            with self._guard:  # from here on nobody may displace it
                self._works = False
            if not done or self._displaced:
                self._replace()
        if went_well:
            return result
        raise unpack(result)

    def displace(self) -> None:
        """End the work that goes on, if any, from another thread; its `run` raises Displaced or returns."""
        with self._guard:
            if self._works:
                self._displaced = True
                self._process.kill()

    def _begin(
        self, function: Callable[..., Any], args: tuple[object, ...], timeout_s: float, version: int
    ) -> None:
        """Hand the work over, on a snapshot that is recent enough; return when the worker has it open."""
        if not self._is_ready:
            self._expect(READY)
            self._is_ready = True
        path = None
        old = self._snapshot
        if old is None or old.version < version:
            self._snapshot = self._held.snapshot(version)
            path = str(self._snapshot.path)
        try:
            self._connection.send((path, function, args, timeout_s))
            self._expect(OPENED)
        finally:
            if path is not None and old is not None:
                old.release()

    def _expect(self, word: str) -> None:
        if not self._connection.poll(_START_S):
            raise StoreError(f"A worker process did not say '{word}' within {_START_S:g} s; try again.")
        found = self._connection.recv()
        if found != word:
            raise StoreError(f"A worker process said {found!r} where '{word}' was expected.")

    def _death(self) -> StoreError:
        """The error for a process that ended by itself."""
        status = self._process.wait()
        if ran_out(status):
            most = f"{self._memory_bytes >> 20} MiB"
            return QueryTooBig(
                f"This was stopped: it needed more than {most} of memory, or is nested too deeply. "
                "Ask for less."
            )
        return StoreError(f"A worker process ended with exit status {status} and no answer.")

    def _replace(self) -> None:
        self.stop()
        if not self._ended:
            self._start()

    def end(self) -> None:
        """Kill the process for good, from any thread, at any time; `stop` is still to be called."""
        self._ended = True
        self._process.kill()

    def stop(self) -> None:
        """Kill the process and give back what it had."""
        if self._connection.closed:
            return
        self._process.kill()
        self._process.wait()
        self._connection.close()
        os.close(self._life)
        shutil.rmtree(private_copy(self._held.folder.snapshots, self._process.pid), ignore_errors=True)
        if self._snapshot is not None:
            self._snapshot.release()
            self._snapshot = None
