"""SERVICE asks the endpoints that the server's keeper named, and nobody else."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rdflib import RDF, Graph, Namespace
from sparql_neighbour import Neighbour, neighbour
from test_query_suite import compare

from tinykg.endpoint.messages import EndpointRequest
from tinykg.endpoint.protocol import Limits, SparqlEndpoint
from tinykg.errors import EndpointFailed, QuerySyntaxError, QueryTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import SimpleNamespace

    from endpoint_client import Client

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.endpoint.pool import Pool

QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
LAMP = b"<http://example.org/lamp> <http://schema.org/name> 'Lamp' ."
NAMES = "SELECT ?name {{ SERVICE {} {{ ?s <http://schema.org/name> ?name }} }}"
NOBODY = "http://invalid.endpoint.org/sparql"


@pytest.fixture
def other() -> Iterator[Neighbour]:
    with neighbour() as server:
        yield server


def bindings(client: Client, query: str) -> Any:
    answer = client.get("/sparql", params={"query": query})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]["bindings"]


@pytest.mark.parametrize("way", ["<{}>", "\t<{}>", "\n<{}>", " SILENT <{}>", " silent\n<{}>"])
def test_a_named_endpoint_is_asked(
    service: SimpleNamespace, client: Client, other: Neighbour, way: str
) -> None:
    address = other.knows("names", LAMP)
    service.settings = replace(service.settings, federated=(address,))
    assert bindings(client, NAMES.format(way.format(address))) == [
        {"name": {"type": "literal", "value": "Lamp"}}
    ]
    assert [path for path, _ in other.asked] == ["/names"]


@pytest.mark.parametrize(
    "way",
    [
        "<{}/more>", "<{}?x=1>", "<{}#x>", "<{} >", "?e", "<names>", "ex:names", "SILENT ex:names",
        "SILENT ?e", "#\n<{}>", "SILENT #\n<{}>", "<\\u0068ttp://127.0.0.1/>", "<{}> {{}} SERVICE <{}/more>",
        "<{}> {{}} SERVICE SILENT ?e", "<{}> {{}} service ex:names",
    ],
)  # fmt: skip
def test_nobody_else_is_asked(service: SimpleNamespace, client: Client, other: Neighbour, way: str) -> None:
    """Neither by another spelling, whatever it would resolve to, nor beside an endpoint that may be asked."""
    address = other.knows("names", LAMP)
    service.settings = replace(service.settings, federated=(address,))
    head = f"BASE <{other.address('')}> PREFIX ex: <{other.address('')}> "
    query = head + NAMES.format(way.replace("{}", address).replace("{{}}", "{}"))
    answer = client.get("/sparql", params={"query": query})
    assert answer.status_code == 400
    assert other.asked == []
    assert "SERVICE is refused" in answer.json()["detail"]
    assert f"<{address}>" in answer.json()["detail"]


def test_an_update_asks_nobody(service: SimpleNamespace, client: Client, other: Neighbour) -> None:
    address = other.knows("names", LAMP)
    service.settings = replace(service.settings, federated=(address,))
    update = f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"
    answer = client.post("/sparql", data={"update": update})
    assert (answer.status_code, other.asked) == (400, [])
    assert "never opens an address" in answer.json()["detail"]
    answer = client.post("/sparql", data={"update": f"LOAD <{address}>"})
    assert (answer.status_code, other.asked) == (400, [])


def test_an_endpoint_that_fails_is_said(service: SimpleNamespace, client: Client, other: Neighbour) -> None:
    address = other.address("nothing")
    service.settings = replace(service.settings, federated=(address,))
    answer = client.get("/sparql", params={"query": NAMES.format(f"<{address}>")})
    assert answer.status_code == 502
    assert "SERVICE asks another endpoint" in answer.json()["detail"]
    assert bindings(client, NAMES.format(f"SILENT <{address}>")) == [{}]


def test_no_redirect_is_followed(service: SimpleNamespace, client: Client, other: Neighbour) -> None:
    other.knows("names", LAMP)
    service.settings = replace(service.settings, federated=(other.address("moved"),))
    answer = client.get("/sparql", params={"query": NAMES.format(f"<{other.address('moved')}>")})
    assert answer.status_code == 502
    assert [path for path, _ in other.asked] == ["/moved"]


@pytest.mark.usefixtures("empty")
def test_an_endpoint_that_hangs_is_given_up(pool: Pool) -> None:
    """A port that takes connections and says nothing: the time limit of the query holds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/sparql"
        endpoint = SparqlEndpoint(pool, limits=Limits(timeout_s=0.5), federated=(address,))
        request = EndpointRequest(
            method="GET", url="http://e.example/sparql", query=(("query", NAMES.format(f"<{address}>")),)
        )
        with pytest.raises(QueryTimeout):
            endpoint.answer(request)


def test_the_description_says_so(service: SimpleNamespace, client: Client) -> None:
    def features() -> set[Any]:
        answer = client.get("/sparql", headers={"accept": "text/turtle"})
        return set(Graph().parse(data=answer.text, format="turtle").objects(None, SD.feature))

    assert SD.BasicFederatedQuery not in features()
    service.settings = replace(service.settings, federated=("http://e.example/sparql",))
    assert SD.BasicFederatedQuery in features()


SERVICE_TESTS = ("service1", "service2", "service3", "service4a", "service5", "service6", "service7")


@pytest.fixture(scope="module")
def manifest(test_data: Path) -> Graph:
    path = test_data / "rdf-tests" / "sparql" / "sparql11" / "service" / "manifest.ttl"
    return Graph().parse(path, publicID=path.as_uri())


@pytest.mark.parametrize("name", SERVICE_TESTS)
def test_w3c(
    manifest: Graph, name: str, held: HeldRegistry, pool: Pool, other: Neighbour, test_data: Path
) -> None:
    """W3C's tests of SERVICE, with addresses on loopback in place of those that nobody has.

    The fifth takes the addresses from the data, by a variable (section 4, informative), which is refused.
    """
    folder = test_data / "rdf-tests" / "sparql" / "sparql11" / "service"
    (test,) = (node for node in manifest.subjects(RDF.type) if str(node).endswith(f"#{name}"))
    action = manifest.value(test, MF.action)
    there = {NOBODY: other.address("nothing")}
    for index, data in enumerate(manifest.objects(action, QT.serviceData)):
        path = folder / _name(manifest.value(data, QT.data))
        there[str(manifest.value(data, QT.endpoint))] = other.knows(f"e{index}", path.read_bytes())
    query = (folder / _name(manifest.value(action, QT.query))).read_text(encoding="utf-8")
    for old, new in there.items():
        query = query.replace(f"<{old}>", f"<{new}>")
    given = manifest.value(action, QT.data)
    with held.writing("loading") as store:
        store.update("DROP ALL")
        if given is not None:
            store.update(_inserted(folder / _name(given)))
    endpoint = SparqlEndpoint(pool, federated=tuple(there.values()))
    request = EndpointRequest(
        method="GET",
        url="http://e.example/sparql",
        query=(("query", query),),
        accept="application/sparql-results+xml",
    )
    if name == "service5":
        with pytest.raises(QuerySyntaxError, match="SERVICE is refused"):
            endpoint.answer(request)
        return
    compare(endpoint.answer(request).content, str(folder / _name(manifest.value(test, MF.result))))


def _name(node: object) -> str:
    return str(node).rpartition("/")[2]


def _inserted(turtle: Path) -> str:
    return f"INSERT DATA {{ {Graph().parse(turtle).serialize(format='nt')} }}"


@pytest.mark.usefixtures("empty")
def test_errors_are_typed(pool: Pool, other: Neighbour) -> None:
    endpoint = SparqlEndpoint(pool, federated=(other.address("nothing"),))
    query = NAMES.format(f"<{other.address('nothing')}>")
    with pytest.raises(EndpointFailed, match="SERVICE SILENT does without"):
        endpoint.answer(EndpointRequest(method="GET", url="http://e.example/", query=(("query", query),)))
