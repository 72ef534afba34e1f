"""Opening a registry for one piece of work: many may read, one may write, the first one seeds."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tinykg.catalogue.identity import identity
from tinykg.errors import StoreBusy
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.folder import RegistryFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.settings import Settings
    from tinykg.store.protocol import Store

MEMORY = "memory:"
_LOOK_S = 0.2
"""How often those who wait for a folder look whether a server holds it by now."""


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
    """A store in a folder, opened for each piece of work, or reached through the server that holds it.

    Who waits for a folder that a server takes meanwhile works through that server.
    """

    def __init__(self, folder: RegistryFolder, wait_s: float) -> None:
        self._folder = folder
        self._wait_s = wait_s

    @contextmanager
    def reading(self, *, sources: bool = True) -> Iterator[Store]:
        """The store, shared with other readers; seeded first where it is new or of an older catalogue."""
        deadline = time.monotonic() + self._wait_s
        while True:
            with self._through_server(None) as served:
                if served is not None:
                    yield served
                    return
            if not is_current(self._folder, sources=sources):
                with self._held("seeding the registry", deadline) as is_held:
                    if not is_held:
                        continue
                    bring_up_to_date(self._folder, sources=sources)
                deadline = time.monotonic() + self._wait_s
            with self._held(None, deadline) as is_held:
                if is_held:
                    with closing(EmbeddedStore(self._folder.store, read_only=True)) as store:
                        yield store
                    return

    @contextmanager
    def writing(self, purpose: str) -> Iterator[Store]:
        """The store, alone."""
        deadline = time.monotonic() + self._wait_s
        while True:
            with self._through_server(purpose) as served:
                if served is not None:
                    yield served
                    return
            with self._held(purpose, deadline) as is_held:
                if is_held:
                    bring_up_to_date(self._folder, sources=True)
                    with closing(EmbeddedStore(self._folder.store)) as store:
                        yield store
                    return

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

    @contextmanager
    def _held(self, purpose: str | None, deadline: float) -> Iterator[bool]:
        """Whether the folder is held, to be read or for a purpose; it is not where a server has taken it.

        Raises StoreBusy where neither is so until the deadline, a time of `time.monotonic`.
        """
        with ExitStack() as stack:
            while True:
                left_s = deadline - time.monotonic()
                held = self._folder.held(
                    write=purpose is not None, wait_s=min(_LOOK_S, left_s), purpose=purpose or "reading"
                )
                try:
                    stack.enter_context(held)
                except StoreBusy as busy:
                    if left_s <= _LOOK_S:
                        raise StoreBusy(self._folder.path, busy.holder, self._wait_s) from busy
                    if self._folder.server() is not None:
                        yield False
                        return
                else:
                    yield True
                    return


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
