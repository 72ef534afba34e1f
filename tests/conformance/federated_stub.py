"""A SPARQL endpoint on loopback that has one solution for every query."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERED = "from the other endpoint"


class _Handler(BaseHTTPRequestHandler):
    server: _Endpoint

    def do_GET(self) -> None:
        self._answer("".join(parse_qs(urlsplit(self.path).query).get("query", [])))

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

    def _answer(self, query: str) -> None:
        self.server.received.append(query)
        binding = {"value": {"type": "literal", "value": ANSWERED}}
        body = json.dumps({"head": {"vars": ["value"]}, "results": {"bindings": [binding]}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/sparql-results+json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Nothing is logged."""


class _Endpoint(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[str] = []


@contextlib.contextmanager
def federated_endpoint() -> Iterator[tuple[str, list[str]]]:
    """The address of a running endpoint, and the queries it receives."""
    with _Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/sparql", server.received
        finally:
            server.shutdown()
            thread.join()
