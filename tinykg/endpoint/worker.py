"""A worker process: runs one function after the other on a snapshot, and is killed when it takes too long.

It is started by `tinykg.endpoint.worker_process`, which says what the two talk about. A thread of it waits
for the server's end, however that comes, and ends the process.
"""

from __future__ import annotations

import os
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from tinykg.errors import TinykgError
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.limits import OUT_OF_MEMORY, limit_cpu, limit_memory, resident_bytes, silence_the_engine
from tinykg.store.packed_errors import pack

if TYPE_CHECKING:
    from collections.abc import Callable

READY = "ready"
OPENED = "opened"

_NICENESS = 5
"""On a busy processor the server, whose answers take milliseconds, comes first: about three to one."""


def private_copy(snapshots: Path, pid: int) -> Path:
    """Where a worker may put a copy of the store to write to; the server removes what it leaves."""
    return snapshots / f"private-{pid}"


def main(connection_fd: int, life_fd: int, memory_bytes: int) -> None:
    """Answer requests until the server closes the connection, or ends."""
    threading.Thread(target=_end_with_the_server, args=(life_fd,), daemon=True).start()
    sys.stderr = os.fdopen(os.dup(2), "w")  # a fault of Python's is still told
    silence_the_engine()
    os.nice(_NICENESS)
    limit_memory(memory_bytes)
    connection = Connection(connection_fd)
    connection.send(READY)
    try:
        _serve(connection)
    except EOFError:  # the server has no more work
        os._exit(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _serve(connection: Connection) -> None:
    store: EmbeddedStore | None = None
    while True:
        snapshot, function, args, timeout_s = connection.recv()
        if snapshot is not None:
            if store is not None:
                store.close()
            store = EmbeddedStore(Path(snapshot), read_only=True)
        connection.send(OPENED)
        limit_cpu(timeout_s)
        connection.send(_answer(store, function, args))
        connection.send(resident_bytes())


def _answer(
    store: EmbeddedStore | None, function: Callable[..., object], args: tuple[object, ...]
) -> tuple[bool, object]:
    """Whether it went well, and the result or the error."""
    try:
        return True, function(store, *args)
    except TinykgError as error:
        return False, pack(error)


def _end_with_the_server(life_fd: int) -> None:
    """Wait for the end of the server, which alone has the other end of a pipe and writes nothing to it."""
    os.read(life_fd, 1)
    os._exit(0)
