"""Other SPARQL endpoints on loopback: an engine with a graph of its own at each path, and one that fails."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterator


class Neighbour(ThreadingHTTPServer):
    """A server of stores by path, with what it was asked; /moved redirects; others fail."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stores: dict[str, ox.Store] = {}
        self.asked: list[tuple[str, str]] = []

    def address(self, path: str) -> str:
        """Where a path of this server is."""
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def knows(self, path: str, turtle: bytes) -> str:
        """The address of an endpoint that has these triples."""
        store = self.stores["/" + path] = ox.Store()
        store.load(turtle, format=ox.RdfFormat.TURTLE)
        return self.address(path)


class _Handler(BaseHTTPRequestHandler):
    server: Neighbour

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.asked.append((self.path, query))
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", next(iter(self.server.stores)))
            self.send_header("content-length", "0")
            self.end_headers()
            return
        store = self.server.stores.get(self.path)
        if store is None:
            self.send_error(500)
            return
        result = store.query(query)
        assert isinstance(result, ox.QuerySolutions)
        content = result.serialize(format=ox.QueryResultsFormat.JSON)
        assert content is not None
        self.send_response(200)
        self.send_header("content-type", "application/sparql-results+json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Nothing is logged."""


@contextlib.contextmanager
def neighbour() -> Iterator[Neighbour]:
    """A running neighbour."""
    with Neighbour() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
