"""A registry's folder: its layout, and who may read or write it now.

    <folder>/tinykg.json    layout version and the catalogue that was seeded
    <folder>/lock           many readers or one writer, held through flock
    <folder>/holder.json    who writes, for the message to those who wait
    <folder>/store/         Oxigraph's files
    <folder>/files/         model files by sha256
    <folder>/snapshots/     copies of the store that a server's queries read, by hard links
    <folder>/tokens.json    who may write through a server, hashed

The engine's own lock allows one process at all, and opening it read-only beside a
writer is undefined; the lock here gives readers company and everybody an answer.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from tinykg.errors import StoreBusy, StoreError, StoreFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYOUT = 1
_POLL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderState:
    """What `tinykg.json` says; `catalogue` identifies the built-in records that were seeded.

    `sources` tells whether those are in that say which source says what of which board.
    """

    layout: int
    catalogue: str
    sources: bool


class RegistryFolder:
    """The paths of one registry and the lock on them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def store(self) -> Path:
        """Where the engine keeps its files."""
        return self.path / "store"

    @property
    def files(self) -> Path:
        """Where model files lie, named by their sha256."""
        return self.path / "files"

    @property
    def snapshots(self) -> Path:
        """Where a server keeps copies of the store for queries that may have to be stopped."""
        return self.path / "snapshots"

    @property
    def tokens(self) -> Path:
        """The file with the hashes of tokens."""
        return self.path / "tokens.json"

    @property
    def _state_file(self) -> Path:
        return self.path / "tinykg.json"

    @property
    def _holder_file(self) -> Path:
        return self.path / "holder.json"

    def state(self) -> FolderState | None:
        """What the folder holds; None where nothing was seeded yet."""
        try:
            text = self._state_file.read_bytes()
        except FileNotFoundError:
            if self.store.exists() and not (self.store / "CURRENT").is_file():
                raise StoreFormatError(
                    f"{self.store} is not a TinyKG registry's store; name another folder with --registry"
                ) from None
            return None
        except OSError as error:
            raise StoreError(
                f"{self._state_file} cannot be read: {error.strerror}; name another folder with --registry"
            ) from error
        try:
            value = json.loads(text)
            state = FolderState(
                layout=int(value["layout"]),
                catalogue=str(value["catalogue"]),
                sources=value.get("sources", True) is True,
            )
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise StoreFormatError(
                f"{self._state_file} is not a TinyKG registry's state; move the folder away or name "
                f"another one with --registry"
            ) from error
        if state.layout > LAYOUT:
            raise StoreFormatError(
                f"{self.path} has layout {state.layout}, this TinyKG knows up to {LAYOUT}: "
                f"use a newer TinyKG for it"
            )
        return state

    def write_state(self, catalogue: str, *, sources: bool) -> None:
        """Record what was seeded, in one step that a kill cannot split."""
        text = json.dumps({"layout": LAYOUT, "catalogue": catalogue, "sources": sources})
        write_whole(self._state_file, text.encode())

    @contextlib.contextmanager
    def held(self, *, write: bool, wait_s: float, purpose: str) -> Iterator[None]:
        """Hold the folder, with other readers or alone; raises StoreBusy after `wait_s` seconds."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+b")
        except OSError as error:
            raise StoreError(
                f"The registry {self.path} cannot be used: {error.strerror}. "
                f"Name another folder with --registry or TINYKG_REGISTRY."
            ) from error
        with lock:
            self._acquire(lock, write=write, wait_s=wait_s)
            if not write:
                with contextlib.suppress(OSError):
                    self._holder_file.unlink()  # nobody writes now: a killed writer left it
                yield
                return
            self.announce(purpose)
            try:
                yield
            finally:
                self._holder_file.unlink(missing_ok=True)
                for log in self.store.glob("LOG.old.*"):  # the engine begins one whenever it is opened
                    log.unlink(missing_ok=True)

    def _acquire(self, lock: IO[bytes], *, write: bool, wait_s: float) -> None:
        mode = (fcntl.LOCK_EX if write else fcntl.LOCK_SH) | fcntl.LOCK_NB
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(lock, mode)
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EACCES):
                    raise StoreError(f"{self.path} cannot be locked: {error.strerror}") from error
                if time.monotonic() >= deadline:
                    raise StoreBusy(self.path, self.holder(), wait_s) from error
                time.sleep(_POLL_S)
            else:
                return

    def holder(self) -> str | None:
        """Who writes to the folder now, in words; None where nobody said."""
        try:
            value = json.loads(self._holder_file.read_text(encoding="utf-8"))
            return f"process {int(value['pid'])} ({value['purpose']})"
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def announce(self, purpose: str, address: str | None = None) -> None:
        """Tell those who wait why the folder is held, and at which address the holder answers them."""
        about = {"pid": os.getpid(), "purpose": purpose, "address": address}
        write_whole(self._holder_file, json.dumps(about).encode())

    def server(self) -> str | None:
        """The address at which a server that holds the folder answers; None where there is none."""
        try:
            address = json.loads(self._holder_file.read_text(encoding="utf-8"))["address"]
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return address if isinstance(address, str) else None

    def remove_leftovers(self) -> None:
        """Remove what a killed seeding left; only while holding the folder for writing."""
        for path in self.path.glob("seeding-*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in (*self.path.glob(".tinykg.json.*"), *self.path.glob(".holder.json.*")):
            path.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file so that others see the old or the new content, never a part.

    A `private` one can be read by its owner alone.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(part, "wb", opener=_private if private else None) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error


def _private(path: str, flags: int) -> int:
    """Open a file that only its owner may read."""
    return os.open(path, flags, 0o600)
