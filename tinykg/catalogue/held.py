"""A registry that one process holds for as long as it lives, such as a server's: many threads, one writer."""

from __future__ import annotations

import shutil
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tinykg.catalogue.sessions import MEMORY, bring_up_to_date
from tinykg.errors import StoreBusy
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.folder import RegistryFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.settings import Settings


PURPOSE = "serving"
"""What those are told who wait for the folder."""


@dataclass(eq=False, slots=True)
class Snapshot:
    """A copy of the store at one version, in `path`; whoever got it gives it back with `release`."""

    path: Path
    version: int
    _held: HeldRegistry
    _users: int = 0

    def release(self) -> None:
        """Give the snapshot back; the last one removes what is no longer current."""
        self._held.give_back(self)

    def take(self) -> Self:
        """Count one user more; the holder of the registry calls it under its lock."""
        self._users += 1
        return self

    def leave(self) -> bool:
        """Count one user less; whether nobody uses it now."""
        self._users -= 1
        return self._users <= 0

    @property
    def is_unused(self) -> bool:
        """Whether nobody uses it."""
        return self._users <= 0


class HeldRegistry:
    """The sessions of a process that alone holds a registry's folder.

    Readers share the live store; each query of theirs sees one state of it. Writers take turns. `snapshot`
    gives a copy on disk for another process, which may be killed in the middle of reading it.
    """

    def __init__(self, folder: RegistryFolder, store: EmbeddedStore, wait_s: float) -> None:
        self.folder = folder
        self._store = store
        self._wait_s = wait_s
        self._writer = threading.Lock()
        self._purpose = ""
        self._snapshots = threading.Lock()
        self._current: Snapshot | None = None
        self._count = 0

    @classmethod
    @contextmanager
    def hold(cls, settings: Settings, *, empty: bool = False) -> Iterator[HeldRegistry]:
        """Hold a registry until the end of the context; `memory:` is a folder that goes with it.

        An `empty` one is not filled with the built-in catalogue. Raises StoreBusy where another process
        holds the folder.
        """
        with _folder(settings) as path:
            folder = RegistryFolder(path)
            with folder.held(write=True, wait_s=settings.wait_s, purpose=PURPOSE):
                if not empty:
                    bring_up_to_date(folder, sources=True)
                shutil.rmtree(folder.snapshots, ignore_errors=True)  # what a killed server left
                store = EmbeddedStore(folder.store)
                try:
                    yield cls(folder, store, settings.wait_s)
                finally:
                    store.close()
                    shutil.rmtree(folder.snapshots, ignore_errors=True)

    @property
    def version(self) -> int:
        """A number that grows with each change of the store."""
        return self._store.version

    @property
    def answers_version(self) -> int:
        """A number that grows with each change that may change answers about models and devices."""
        return self._store.answers_version

    def size(self) -> int:
        """The number of quads."""
        return self._store.size()

    @contextmanager
    def reading(self, *, sources: bool = True) -> Iterator[EmbeddedStore]:
        """The live store; all built-in records are in it."""
        del sources
        yield self._store

    @contextmanager
    def writing(self, purpose: str) -> Iterator[EmbeddedStore]:
        """The live store, as its only writer; raises StoreBusy where another one takes too long."""
        if not self._writer.acquire(timeout=self._wait_s):
            raise StoreBusy(self.folder.path, f"this server ({self._purpose})", self._wait_s)
        try:
            self._purpose = purpose
            yield self._store
        finally:
            self._writer.release()

    def files(self) -> Path | None:
        """The folder for model files."""
        return self.folder.files

    def snapshot(self, version: int | None = None) -> Snapshot:
        """A copy of the store with all that belongs to a version, or else to now; release it after use.

        Whoever asks for what the last copy has shares it.
        """
        with self._snapshots:
            wanted = self.version if version is None else version
            if self._current is None or self._current.version < wanted:
                now = self.version  # read before copying: the copy may be newer than it says, never older
                last, self._current = self._current, self._copy(now)
                if last is not None and last.is_unused:
                    shutil.rmtree(last.path, ignore_errors=True)
            return self._current.take()

    def _copy(self, version: int) -> Snapshot:
        self._count += 1
        self.folder.snapshots.mkdir(exist_ok=True)
        path = self.folder.snapshots / str(self._count)
        self._store.copy_to(path)
        return Snapshot(path, version, self)

    def give_back(self, snapshot: Snapshot) -> None:
        """What `Snapshot.release` does."""
        with self._snapshots:
            if snapshot.leave() and snapshot is not self._current:
                shutil.rmtree(snapshot.path, ignore_errors=True)


@contextmanager
def _folder(settings: Settings) -> Iterator[Path]:
    if settings.registry != MEMORY:
        yield Path(settings.registry).expanduser()
        return
    with tempfile.TemporaryDirectory(prefix="tinykg-") as name:
        yield Path(name)
