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
    from tinykg.store.protocol import Store

MEMORY = "memory:"


class Sessions(Protocol):
    """Where a registry's store comes from."""

    def reading(self, *, sources: bool = True) -> AbstractContextManager[Store]:
        """The store, shared with other readers.

        Without `sources` the built-in records may be missing that say which source says what of which
        board, which nothing is decided by: filling them in takes longer than most answers.
        """
        ...

    def writing(self, purpose: str) -> AbstractContextManager[Store]:
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
    def reading(self, *, sources: bool = True) -> Iterator[Store]:
        """The store, which has all from the beginning."""
        del sources
        if self._store is None:
            from tinykg.catalogue.seed import seed_memory

            self._store = seed_memory()
        yield self._store

    def writing(self, purpose: str) -> AbstractContextManager[Store]:
        """The store; nobody else waits for it."""
        del purpose
        return self.reading()

    def files(self) -> Path | None:
        """Nowhere."""
        return None


class FolderSessions:
    """A store in a folder, opened for each piece of work, or reached through the server that holds it."""

    def __init__(self, folder: RegistryFolder, wait_s: float) -> None:
        self._folder = folder
        self._wait_s = wait_s

    @contextmanager
    def reading(self, *, sources: bool = True) -> Iterator[Store]:
        """The store, shared with other readers; seeded first where it is new or of an older catalogue."""
        with self._through_server(None) as served:
            if served is not None:
                yield served
                return
        if not is_current(self._folder, sources=sources):
            with self._hold("seeding the registry"):
                bring_up_to_date(self._folder, sources=sources)
        with self._folder.held(write=False, wait_s=self._wait_s, purpose="reading"):
            store = EmbeddedStore(self._folder.store, read_only=True)
            try:
                yield store
            finally:
                store.close()

    @contextmanager
    def writing(self, purpose: str) -> Iterator[Store]:
        """The store, alone."""
        with self._through_server(purpose) as served:
            if served is not None:
                yield served
                return
        with self._hold(purpose):
            bring_up_to_date(self._folder, sources=True)
            store = EmbeddedStore(self._folder.store)
            try:
                yield store
            finally:
                store.close()

    @contextmanager
    def _through_server(self, purpose: str | None) -> Iterator[Store | None]:
        """The store of the server that holds the folder; None where there is none."""
        address = self._folder.server()
        if address is None:
            yield None
            return
        from tinykg.catalogue.served import connected

        served = connected(address, purpose)
        try:
            yield served
        finally:
            if served is not None:
                served.close()

    def files(self) -> Path | None:
        """The folder for model files."""
        return self._folder.files

    def _hold(self, purpose: str) -> AbstractContextManager[None]:
        return self._folder.held(write=True, wait_s=self._wait_s, purpose=purpose)


def is_current(folder: RegistryFolder, *, sources: bool) -> bool:
    """Whether a folder holds today's catalogue; with `sources`, all of it."""
    state = folder.state()
    if state is None or state.catalogue != identity() or not folder.store.is_dir():
        return False
    return state.sources or not sources


def bring_up_to_date(folder: RegistryFolder, *, sources: bool) -> None:
    """Put today's catalogue into a folder that has not got it; hold the folder for writing."""
    if not is_current(folder, sources=sources):
        from tinykg.catalogue.seed import add_sources, seed_folder

        if not is_current(folder, sources=False):
            seed_folder(folder)
        if not is_current(folder, sources=sources):
            add_sources(folder)


def open_sessions(settings: Settings) -> Sessions:
    """Sessions on the registry that the settings name."""
    if settings.registry == MEMORY:
        return MemorySessions()
    return FolderSessions(RegistryFolder(Path(settings.registry).expanduser()), settings.wait_s)
