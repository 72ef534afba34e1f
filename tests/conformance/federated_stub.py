"""A SPARQL endpoint on loopback that has one solution for every query, and one that always fails."""

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
WORKING = "/sparql"
BROKEN = "/broken"


class _Handler(BaseHTTPRequestHandler):
    server: _Endpoint

    def do_GET(self) -> None:
        self._answer("".join(parse_qs(urlsplit(self.path).query).get("query", [])))

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

    def _answer(self, query: str) -> None:
        self.server.received.append(query)
        if self.path.startswith(BROKEN):
            self.send_error(500)
            return
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
    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.received: list[str] = []


def addresses(port: int) -> tuple[str, str]:
    """Where the endpoint that answers and the one that fails are, on a port."""
    return f"http://127.0.0.1:{port}{WORKING}", f"http://127.0.0.1:{port}{BROKEN}"


@contextlib.contextmanager
def federated_endpoint(port: int = 0) -> Iterator[tuple[str, str, list[str]]]:
    """The addresses of a running endpoint and of a failing one, and the queries they receive."""
    with _Endpoint(port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            working, broken = addresses(server.server_port)
            yield working, broken, server.received
        finally:
            server.shutdown()
            thread.join()
