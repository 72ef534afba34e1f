"""A registry that a server on this machine holds: other processes of the same user work through it.

The server listens on a socket in a folder that only its user may enter. A connection is one piece of work:
it begins with what is wanted (`reading`, or `writing` and its purpose), then each message is a method of the
store with its arguments, and each answer its result or the error that it raised. Closing it ends the work; a
writer that is killed gives its turn back so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from tinykg.errors import StoreError, TinykgError
from tinykg.store.packed_errors import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyoxigraph as ox

    from tinykg.catalogue.sessions import Sessions
    from tinykg.store.protocol import Rows, Store

_METHODS = frozenset(
    {"select", "ask", "construct", "update", "replace_graphs", "graph", "graph_names", "size", "run"}
)
_PAUSE_S = 0.1
_LONGEST_ADDRESS = 100
"""A Unix socket's path has at most 107 bytes on Linux, 103 elsewhere."""


class RunsQueries(Protocol):
    """Who evaluates a stranger's query, in a form and within a time limit."""

    def __call__(self, query: str, form: str | None, timeout_s: float) -> object:
        """The answer; raises TinykgError."""
        ...


class ServedStore:
    """The store of a registry that a server holds. Close it to end the piece of work."""

    def __init__(self, address: str, purpose: str | None) -> None:
        self._connection = Client(address, family="AF_UNIX")
        self._ask(purpose)

    def _ask(self, message: object) -> Any:
        try:
            self._connection.send(message)
            is_error, answer = self._connection.recv()
        except (EOFError, OSError) as error:
            raise StoreError("The server that held the registry has gone; try again.") from error
        if is_error:
            raise unpack(answer)
        return answer

    def select(self, query: str) -> Rows:
        """The solutions of a SELECT query."""
        return cast("Rows", self._ask(("select", query)))

    def ask(self, query: str) -> bool:
        """The answer to an ASK query."""
        return bool(self._ask(("ask", query)))

    def construct(self, query: str) -> list[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE query, without duplicates."""
        return cast("list[ox.Triple]", self._ask(("construct", query)))

    def update(self, update: str) -> None:
        """Run a SPARQL update as one transaction."""
        self._ask(("update", update))

    def replace_graphs(self, graphs: Mapping[str, Iterable[ox.Triple]]) -> bool:
        """Make each named graph hold exactly these triples, in one transaction."""
        return bool(self._ask(("replace_graphs", {name: list(triples) for name, triples in graphs.items()})))

    def graph(self, name: str) -> list[ox.Triple]:
        """The triples of one named graph, empty where there is none."""
        return cast("list[ox.Triple]", self._ask(("graph", name)))

    def graph_names(self) -> list[str]:
        """The IRIs of all named graphs, sorted."""
        return cast("list[str]", self._ask(("graph_names",)))

    def size(self) -> int:
        """The number of quads."""
        return int(self._ask(("size",)))

    def run(self, query: str, form: str | None, timeout_s: float) -> object:
        """A stranger's query, evaluated in a process that the server can stop."""
        return self._ask(("run", query, form, timeout_s))

    def close(self) -> None:
        """End the piece of work."""
        self._connection.close()


def connected(address: str | None, purpose: str | None) -> ServedStore | None:
    """The store at a server's address; None where nobody answers there any more.

    `purpose` is what is written for, None to read. Raises StoreBusy where another writer takes too long.
    """
    if address is None:
        return None
    try:
        return ServedStore(address, purpose)
    except OSError:  # a server that was killed left its address
        return None


class Serving:
    """Answers other processes on a registry's sessions until it is closed."""

    def __init__(self, sessions: Sessions, address: str, run: RunsQueries | None = None) -> None:
        self._sessions = sessions
        self._run = run
        self._over = threading.Event()
        self._listener = Listener(address, family="AF_UNIX")
        self._accepting = threading.Thread(target=self._accept, name="tinykg-socket", daemon=True)
        self._accepting.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take no more connections; work that has begun is given up."""
        self._over.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError):  # closed; or this process has as many files open as it may
                if self._over.wait(_PAUSE_S):
                    return
                continue
            work = threading.Thread(
                target=self._work, args=(connection,), name="tinykg-socket-work", daemon=True
            )
            work.start()

    def _work(self, connection: Connection[Any, Any]) -> None:
        with connection, contextlib.suppress(EOFError, OSError):
            purpose = connection.recv()
            session = self._sessions.reading() if purpose is None else self._sessions.writing(str(purpose))
            try:
                store = session.__enter__()
            except TinykgError as error:
                connection.send((True, pack(error)))
                return
            try:
                connection.send((False, None))
                while True:
                    connection.send(self._answer(store, connection.recv()))
            finally:
                session.__exit__(None, None, None)

    def _answer(self, store: Store, message: tuple[Any, ...]) -> tuple[bool, object]:
        name, *arguments = message
        if name not in _METHODS:
            return True, pack(StoreError(f"A store has no method '{name}'; are both TinyKG of one version?"))
        try:
            if name == "run":
                return False, self._evaluate(*arguments)
            return False, getattr(store, name)(*arguments)
        except TinykgError as error:
            return True, pack(error)

    def _evaluate(self, query: str, form: str | None, timeout_s: float) -> object:
        if self._run is None:
            raise StoreError("This server evaluates no queries for others.")
        return self._run(query, form, timeout_s)


@contextlib.contextmanager
def address_in(folder: Path) -> Iterator[str]:
    """Where a server of a registry's folder listens: in a folder that only this user may enter."""
    home = folder / "serving"
    if len(os.fsencode(home / "socket")) > _LONGEST_ADDRESS:
        home = Path(tempfile.mkdtemp(prefix="tinykg-"))
    else:
        shutil.rmtree(home, ignore_errors=True)  # of a server that was killed; the folder's lock is held
        home.mkdir(mode=0o700, parents=True)
    try:
        yield str(home / "socket")
    finally:
        shutil.rmtree(home, ignore_errors=True)
