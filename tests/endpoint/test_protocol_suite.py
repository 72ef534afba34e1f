"""W3C's tests of the SPARQL 1.1 Protocol and of the Graph Store Protocol, against the routes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from endpoint_client import Client
    from httpx import Response

    from tinykg.catalogue.held import HeldRegistry

SUITES = {
    "protocol/manifest.ttl": 34,
    "graph-store-protocol/manifest-direct.ttl": 4,
    "graph-store-protocol/manifest-indirect.ttl": 9,
}
STATUSES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}
FORMATS = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    ),
    "RDF": ("text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"),
}


@pytest.fixture(scope="module")
def suite(test_data: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(
        (test_data / "rdf-tests" / "protocol-tests.json").read_text(encoding="utf-8")
    )
    return found


def load(held: HeldRegistry, test_data: Path) -> None:
    """Put the data of the protocol's tests into the graphs that they name."""
    folder = test_data / "rdf-tests" / "sparql" / "sparql11" / "protocol"
    with held.writing("loading") as store:
        for number in (1, 2, 3):
            quads = ox.parse(path=str(folder / f"data{number}.nt"), format=ox.RdfFormat.N_TRIPLES)
            name = f"http://kasei.us/2009/09/sparql/data/data{number}.rdf"
            store.replace_graphs({name: [quad.triple for quad in quads]})


def send(client: Client, request: dict[str, Any], location: str | None) -> Response:
    """The response to a request of a suite, whose paths are mapped to ours."""
    path = request["path"].replace("$LOCATION$", location or "")
    if path.startswith("/gsp/"):
        path = "/rdf-graphs/" + path.removeprefix("/gsp/")
    elif path.startswith("/gsp"):
        path = "/rdf-graphs/service" + path.removeprefix("/gsp")
    body = request["body"]
    content = None if body is None else body.encode(request["bodyEncoding"])
    return client.request(request["method"], path, headers=dict(request["headers"]), content=content)


def check(response: Response, request: dict[str, Any]) -> None:
    """Assert what a suite expects of a response."""
    allowed = request["expectedStatus"]
    classes = {status[0] for status in allowed if status.endswith("xx")}
    codes = {STATUSES[status] for status in allowed if not status.endswith("xx")}
    assert str(response.status_code)[0] in classes or response.status_code in codes, response.text
    if request["expectedFormat"]:
        kind = response.headers["content-type"].split(";")[0]
        assert kind in FORMATS[request["expectedFormat"]]
    if request["expectedBoolean"]:
        assert response.json()["boolean"] is (request["expectedBoolean"] == "true")
    for name, value in request["respHeaders"]:
        assert response.headers[name] == value


def numbered() -> list[tuple[str, int]]:
    return [(name, number) for name, count in SUITES.items() for number in range(count)]


def test_the_suite_is_whole(suite: dict[str, list[dict[str, Any]]]) -> None:
    assert {name: len(tests) for name, tests in suite.items()} == SUITES


@pytest.mark.parametrize(("name", "number"), numbered())
def test_w3c(
    suite: dict[str, list[dict[str, Any]]],
    test_data: Path,
    client: Client,
    empty: HeldRegistry,
    name: str,
    number: int,
) -> None:
    test = suite[name][number]
    if name.startswith("protocol"):
        load(empty, test_data)
    location = None
    for request in test["requests"]:
        response = send(client, request, location)
        check(response, request)
        location = response.headers.get("location", location)
