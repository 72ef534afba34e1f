"""Functions for workers to run: a worker imports them from this module."""

from __future__ import annotations

import os
import resource
import signal
import time
from typing import TYPE_CHECKING

from tinykg.errors import ShapeViolation, UnknownName
from tinykg.records.finding import Finding
from tinykg.store.results import solutions_as

if TYPE_CHECKING:
    from tinykg.store.embedded import EmbeddedStore

FINDING = Finding(severity="violation", focus="x", path="p", value=None, shape="s", message="Mend it.")


def size(store: EmbeddedStore) -> int:
    """The number of quads."""
    return store.size()


def select(store: EmbeddedStore, query: str, most_bytes: int = 1 << 20) -> bytes:
    """Solutions as JSON, up to a bound."""
    import pyoxigraph as ox

    result = store.raw(query)
    assert not isinstance(result, ox.QueryTriples)
    return solutions_as(result, ox.QueryResultsFormat.JSON, most_bytes)


def process(_store: EmbeddedStore) -> int:
    """The worker's process."""
    return os.getpid()


def folder(store: EmbeddedStore) -> str:
    """Where the snapshot is."""
    return str(store.folder)


def linger(_store: EmbeddedStore, seconds: float) -> float:
    """Wait, and say how long."""
    time.sleep(seconds)
    return seconds


def write(store: EmbeddedStore) -> None:
    """Try to change what is for reading."""
    store.update("DROP ALL")


def hold_memory(_store: EmbeddedStore, size_bytes: int) -> int:
    """Occupy memory and keep it."""
    _KEPT.append(b"x" * size_bytes)
    return len(_KEPT)


_KEPT: list[bytes] = []


def violate(_store: EmbeddedStore) -> None:
    """Raise an error of several parts."""
    raise ShapeViolation("The thing", [FINDING])


def miss(_store: EmbeddedStore) -> None:
    """Raise another one."""
    raise UnknownName("model", "hello", ["hello-world"])


def die(_store: EmbeddedStore, number: int) -> None:
    """End by a signal."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.kill(os.getpid(), signal.Signals(number))


def fail(_store: EmbeddedStore) -> None:
    """Be wrong."""
    raise ZeroDivisionError
