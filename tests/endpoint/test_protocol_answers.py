"""The protocol beyond W3C's tests: forms, datasets, limits, and what is said of a wrong request."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest

from tinykg.endpoint.media_types import BOOLEANS, GRAPHS, SOLUTIONS
from tinykg.endpoint.messages import EndpointRequest
from tinykg.endpoint.protocol import Limits, SparqlEndpoint
from tinykg.endpoint.query import DIRECTORY
from tinykg.errors import InputError, NotAcceptable, QueryTimeout, QueryTooBig, UnsupportedMediaType

if TYPE_CHECKING:
    from endpoint_client import Client

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.endpoint.pool import Pool

URL = "http://endpoint.example/sparql"
G, H = "http://e.example/g", "http://e.example/h"
DATA = f"INSERT DATA {{ GRAPH <{G}> {{ <x:s> <x:p> 1 }} GRAPH <{H}> {{ <x:s> <x:p> 2 }} <x:s> <x:p> 3 }}"
VALUES = "SELECT ?o { ?s ?p ?o } ORDER BY ?o"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture
def filled(empty: HeldRegistry) -> HeldRegistry:
    with empty.writing("filling") as store:
        store.update(DATA)
    return empty


def ask(client: Client, query: str, accept: str | None = None, **parameters: Any) -> Any:
    headers = {} if accept is None else {"accept": accept}
    return client.get("/sparql", params={"query": query, **parameters}, headers=headers)


def found(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["o"]["value"] for row in answer.json()["results"]["bindings"]]


@pytest.mark.parametrize(
    ("parameters", "query", "expected"),
    [
        ({}, VALUES, ["1", "2", "3"]),
        ({"default-graph-uri": G}, VALUES, ["1"]),
        ({"default-graph-uri": [G, H]}, VALUES, ["1", "2"]),
        ({"named-graph-uri": G}, VALUES, []),
        ({"named-graph-uri": G}, "SELECT ?o { GRAPH ?g { ?s ?p ?o } }", ["1"]),
        ({"default-graph-uri": G}, "SELECT ?o { GRAPH ?g { ?s ?p ?o } }", []),
        ({"default-graph-uri": "http://e.example/nothing"}, VALUES, []),
        ({}, f"SELECT ?o FROM <{G}> {{ ?s ?p ?o }}", ["1"]),
        ({}, f"SELECT ?o FROM NAMED <{G}> {{ ?s ?p ?o }}", []),
        ({}, f"SELECT ?o FROM NAMED <{G}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", ["1"]),
        ({"default-graph-uri": H}, f"SELECT ?o FROM <{G}> {{ ?s ?p ?o }}", ["2"]),
        ({}, "SELECT ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?o", ["1", "2"]),
    ],
)
@pytest.mark.usefixtures("filled")
def test_the_dataset_is_the_one_that_is_named(
    client: Client, parameters: dict[str, Any], query: str, expected: list[str]
) -> None:
    assert found(ask(client, query, **parameters)) == expected


@pytest.mark.parametrize("media_type", SOLUTIONS)
@pytest.mark.usefixtures("filled")
def test_solutions_come_in_every_form(client: Client, media_type: str) -> None:
    answer = ask(client, VALUES, media_type)
    assert answer.headers["content-type"].split(";")[0] == media_type
    assert answer.headers["vary"] == "Accept"
    if "json" in media_type:
        assert found(answer) == ["1", "2", "3"]
    elif "xml" in media_type:
        assert [e.text for e in ET.fromstring(answer.text).iter() if e.tag.endswith("}literal")] == [
            "1",
            "2",
            "3",
        ]
    else:
        rows = list(csv.reader(answer.text.splitlines()))
        assert [row[0] for row in rows[1:]] == ["1", "2", "3"]


@pytest.mark.parametrize("media_type", GRAPHS)
@pytest.mark.usefixtures("filled")
def test_triples_come_in_every_form(client: Client, media_type: str) -> None:
    answer = ask(client, "CONSTRUCT WHERE { ?s <x:p> ?o }".replace("x:p", "http://e.example/p"), media_type)
    assert answer.headers["content-type"].split(";")[0] == media_type
    described = ask(client, f"CONSTRUCT {{ <{G}> <{G}> ?o }} WHERE {{ ?s ?p ?o }}", media_type)
    triples = ox.parse(described.content, format=GRAPHS[media_type])
    assert {quad.object.value for quad in triples} == {"1", "2", "3"}


@pytest.mark.parametrize("media_type", BOOLEANS)
def test_a_boolean_comes_in_json_and_xml(client: Client, media_type: str) -> None:
    answer = ask(client, "ASK {}", media_type)
    assert answer.headers["content-type"].startswith(media_type)
    assert "true" in answer.text


def test_what_cannot_be_given_is_406_and_lists_the_offer(client: Client) -> None:
    for query, accept in (("ASK {}", "text/csv"), (VALUES, "text/turtle"), ("DESCRIBE <x:s>", "text/csv")):
        answer = ask(client, query, accept)
        assert answer.status_code == 406
        assert "Offered are" in answer.json()["detail"]


def test_rdf_xml_without_a_name_for_a_predicate_is_said(client: Client) -> None:
    answer = ask(client, f"CONSTRUCT {{ <{G}> <http://e.example/1> 1 }} {{}}", "application/rdf+xml")
    assert answer.status_code == 400
    assert "no XML name" in answer.json()["detail"]


def test_forms_by_post_keep_every_letter(client: Client) -> None:
    answer = client.post("/sparql", data={"query": "SELECT ('ä+ %26&Ω' AS ?o) {}"})
    assert found(answer) == ["ä+ %26&Ω"]
    direct = client.post(
        "/sparql/",
        content="SELECT ('模型' AS ?o) {}".encode(),
        headers={"content-type": "application/sparql-query; charset=utf-8"},
    )
    assert found(direct) == ["模型"]


FORM = {"content-type": "application/x-www-form-urlencoded"}
WRONG: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "nothing": ("POST", {"content": b"", "headers": FORM}, 400, "found 0 queries and 0 updates"),
    "both": ("POST", {"data": {"query": "ASK {}", "update": "CLEAR ALL"}}, 400, "1 queries and 1 updates"),
    "form and parameter": (
        "POST",
        {"data": {"query": "ASK {}"}, "params": {"query": "ASK {}"}},
        400,
        "found 2",
    ),
    "update in the address": (
        "POST",
        {"params": {"update": "CLEAR ALL"}, "headers": FORM},
        400,
        "by POST, in the",
    ),
    "no type": ("POST", {"content": b"ASK {}"}, 415, "(none)"),
    "another type": (
        "POST",
        {"content": b"ASK {}", "headers": {"content-type": "text/plain"}},
        415,
        "text/plain",
    ),
    "form not UTF-8": ("POST", {"content": b"query=%FF", "headers": FORM}, 400, "not UTF-8"),
    "graph that is no IRI": (
        "GET",
        {"params": {"query": "ASK {}", "default-graph-uri": "a b"}},
        400,
        "no IRI",
    ),
    "parameter of updates": (
        "GET",
        {"params": {"query": "ASK {}", "using-graph-uri": G}},
        400,
        "not for a query",
    ),
    "parameter of queries": (
        "POST",
        {"data": {"update": "CLEAR DEFAULT", "default-graph-uri": G}},
        400,
        "an update",
    ),
    "time": ("GET", {"params": {"query": "ASK {}", "timeout": "soon"}}, 400, "number of seconds"),
    "no time": ("GET", {"params": {"query": "ASK {}", "timeout": "0"}}, 400, "number of seconds"),
    "no number": ("GET", {"params": {"query": "ASK {}", "timeout": "nan"}}, 400, "number of seconds"),
    "network": ("GET", {"params": {"query": "SELECT * { SERVICE <x:y> {} }"}}, 400, "SERVICE is refused"),
    "syntax": ("GET", {"params": {"query": "SELECT"}}, 400, "does not parse"),
    "too long": ("POST", {"data": {"query": "ASK {} #" + "x" * (300 << 10)}}, 422, "longer than 262144"),
    "only a time": ("GET", {"params": {"timeout": "5"}}, 400, "found 0 queries"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_told_what_is_wrong(client: Client, name: str) -> None:
    method, options, status, text = WRONG[name]
    answer = client.request(method, "/sparql", **options)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert text in answer.json()["detail"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    answer = client.request(method, "/sparql", params={"query": "ASK {}"})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.usefixtures("filled")
def test_a_query_is_stopped_at_its_own_time_or_the_servers(pool: Pool, client: Client) -> None:
    heavy = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(40))
    answer = ask(client, f"SELECT (COUNT(*) AS ?n) {{ {heavy} }}", timeout="0.3")
    assert answer.status_code == 503
    assert "0.3 s" in answer.json()["detail"]
    assert "retry-after" in answer.headers
    endpoint = SparqlEndpoint(pool, limits=Limits(timeout_s=0.4))
    request = EndpointRequest(
        method="GET", url=URL, query=(("query", f"SELECT (COUNT(*) AS ?n) {{ {heavy} }}"), ("timeout", "1e9"))
    )
    with pytest.raises(QueryTimeout, match=r"0\.4 s"):
        endpoint.answer(request)


def test_head_is_answered(client: Client) -> None:
    answer = client.request("HEAD", "/sparql", params={"query": "ASK {}"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/sparql-results+json"


def test_requests_at_once_get_their_own_answers(client: Client) -> None:
    requests = [("GET", "/sparql", {"params": {"query": f"SELECT ({n} AS ?o) {{}}"}}) for n in range(30)]
    answers = client.together(*requests)
    assert [found(answer) for answer in answers] == [[str(n)] for n in range(30)]


def directory(pool: Pool) -> SparqlEndpoint:
    return SparqlEndpoint(pool, defaults=DIRECTORY, describes=False)


@pytest.mark.usefixtures("empty")
def test_the_directory_has_other_defaults_and_takes_no_updates(pool: Pool) -> None:
    def get(query: str, accept: str | None = None) -> Any:
        return directory(pool).answer(
            EndpointRequest(method="GET", url=URL, query=(("query", query),), accept=accept)
        )

    for accept in (None, "*/*", "application/json"):
        assert get("ASK {}", accept).content_type == "application/json"
    assert json.loads(get(VALUES).content)["results"] == {"bindings": []}
    assert get("DESCRIBE <x:s>").content_type == "application/ld+json"
    explicit = "application/sparql-results+json"
    assert get(VALUES, explicit).content_type == explicit
    with pytest.raises(InputError, match="Only queries are answered here"):
        directory(pool).answer(
            EndpointRequest(
                method="POST", url=URL, content_type="application/sparql-update", content=b"CLEAR ALL"
            )
        )
    with pytest.raises(InputError, match="does not parse"):
        get("CLEAR ALL")
    with pytest.raises(InputError, match="found 0 queries"):
        directory(pool).answer(EndpointRequest(method="GET", url=URL))


def test_errors_are_typed_without_a_web_framework(pool: Pool) -> None:
    endpoint = SparqlEndpoint(pool, limits=Limits(query_bytes=20))

    def post(content: bytes, kind: str | None, accept: str | None = None) -> None:
        endpoint.answer(
            EndpointRequest(method="POST", url=URL, content=content, content_type=kind, accept=accept)
        )

    with pytest.raises(UnsupportedMediaType):
        post(b"ASK {}", "application/json")
    with pytest.raises(NotAcceptable):
        post(b"ASK {}", "application/sparql-query", "image/png")
    with pytest.raises(QueryTooBig, match="longer than 20 bytes"):
        post("ASK { 'äääääää' }".encode(), "application/sparql-query")
    with pytest.raises(InputError, match="GET and POST"):
        endpoint.answer(EndpointRequest(method="PUT", url=URL, query=(("query", "ASK {}"),)))


def test_an_update_needs_the_right_to_write_and_a_query_does_not(reader: Client, empty: HeldRegistry) -> None:
    version = empty.version
    for options in (
        {"data": {"update": DATA}},
        {"content": DATA.encode(), "headers": {"content-type": "application/sparql-update"}},
    ):
        answer = reader.post("/sparql", **options)
        assert (answer.status_code, empty.version) == (403, version)
    assert reader.post("/sparql", data={"query": "ASK {}"}).json()["boolean"] is True
    graph = {"params": {"graph": G}}
    turtle = {"content": b"<x:s> <x:p> 1 .", "headers": {"content-type": "text/turtle"}}
    for answer in (
        reader.put("/rdf-graphs/service", **graph, **turtle),
        reader.post("/rdf-graphs/service", **turtle),
        reader.delete("/rdf-graphs/service", **graph),
        reader.put("/rdf-graphs/g", **turtle),
        reader.post("/rdf-graphs/g", **turtle),
        reader.delete("/rdf-graphs/g"),
    ):
        assert (answer.status_code, empty.version) == (403, version)
    assert reader.get("/rdf-graphs/service?default").status_code == 200
