"""Opening a registry for one piece of work: many may read, one may write, the first one seeds."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tinykg.catalogue.identity import identity
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.folder import RegistryFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.settings import Settings

MEMORY = "memory:"


class Sessions(Protocol):
    """Where a registry's store comes from."""

    def reading(self, *, sources: bool = True) -> AbstractContextManager[EmbeddedStore]:
        """The store, shared with other readers.

        Without `sources` the built-in records may be missing that say which source says what of which
        board, which nothing is decided by: filling them in takes longer than most answers.
        """
        ...

    def writing(self, purpose: str) -> AbstractContextManager[EmbeddedStore]:
        """The store, alone; `purpose` is told to those who wait."""
        ...

    def files(self) -> Path | None:
        """The folder for model files; None where they are not kept."""
        ...


class MemorySessions:
    """One store in this process, gone with it."""

    def __init__(self) -> None:
        self._store: EmbeddedStore | None = None

    @contextmanager
    def reading(self, *, sources: bool = True) -> Iterator[EmbeddedStore]:
        """The store, which has all from the beginning."""
        del sources
        if self._store is None:
            from tinykg.catalogue.seed import seed_memory

            self._store = seed_memory()
        yield self._store

    def writing(self, purpose: str) -> AbstractContextManager[EmbeddedStore]:
        """The store; nobody else waits for it."""
        del purpose
        return self.reading()

    def files(self) -> Path | None:
        """Nowhere."""
        return None


class FolderSessions:
    """A store in a folder, opened for each piece of work and closed after it."""

    def __init__(self, folder: RegistryFolder, wait_s: float) -> None:
        self._folder = folder
        self._wait_s = wait_s

    @contextmanager
    def reading(self, *, sources: bool = True) -> Iterator[EmbeddedStore]:
        """The store, shared with other readers; seeded first where it is new or of an older catalogue."""
        if not self._is_current(sources=sources):
            with self._hold("seeding the registry"):
                self._seed(sources=sources)
        with self._folder.held(write=False, wait_s=self._wait_s, purpose="reading"):
            store = EmbeddedStore(self._folder.store, read_only=True)
            try:
                yield store
            finally:
                store.close()

    @contextmanager
    def writing(self, purpose: str) -> Iterator[EmbeddedStore]:
        """The store, alone."""
        with self._hold(purpose):
            self._seed(sources=True)
            store = EmbeddedStore(self._folder.store)
            try:
                yield store
            finally:
                store.close()

    def files(self) -> Path | None:
        """The folder for model files."""
        return self._folder.files

    def _hold(self, purpose: str) -> AbstractContextManager[None]:
        return self._folder.held(write=True, wait_s=self._wait_s, purpose=purpose)

    def _is_current(self, *, sources: bool) -> bool:
        state = self._folder.state()
        if state is None or state.catalogue != identity() or not self._folder.store.is_dir():
            return False
        return state.sources or not sources

    def _seed(self, *, sources: bool) -> None:
        if not self._is_current(sources=sources):
            from tinykg.catalogue.seed import add_sources, seed_folder

            if not self._is_current(sources=False):
                seed_folder(self._folder)
            if not self._is_current(sources=sources):
                add_sources(self._folder)


def open_sessions(settings: Settings) -> Sessions:
    """Sessions on the registry that the settings name."""
    if settings.registry == MEMORY:
        return MemorySessions()
    return FolderSessions(RegistryFolder(Path(settings.registry).expanduser()), settings.wait_s)
