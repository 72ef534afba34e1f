"""The directory over HTTP."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import rdflib
from lamps import DISCOVERY, MERGE_PATCH, TD_1_0, TD_JSON, lamp, own, plain, sent

from tinykg.directory.own_thing import directory_thing
from tinykg.directory.paths import readings, thing_path
from tinykg.things.check import faults_of

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def path(thing_id: str) -> str:
    return f"/things/{quote(thing_id, safe='')}"


def put(client: TestClient, document: dict[str, Any], **headers: str) -> Any:
    return client.put(path(document["id"]), content=sent(document), headers={**TD_JSON, **headers})


@pytest.fixture
def thing_id(client: TestClient) -> str:
    """A Thing that is registered."""
    found = uuid4().urn
    assert put(client, lamp(found)).status_code == 201
    return found


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    return found


def test_a_thing_goes_through_its_life(client: TestClient) -> None:
    document = lamp(uuid4().urn, **{"@context": TD_1_0})
    created = put(client, document)
    assert (created.status_code, created.content) == (201, b"")
    found = client.get(created.headers["location"])
    assert (found.status_code, found.headers["content-type"]) == (200, "application/td+json")
    assert found.headers["etag"] == created.headers["etag"]
    assert own(found.json()) == plain(document)
    assert put(client, {**document, "title": "Other"}).status_code == 204
    patched = client.patch(path(document["id"]), content=b'{"title": "Third"}', headers=MERGE_PATCH)
    assert (patched.status_code, patched.content) == (204, b"")
    assert client.get(path(document["id"])).json()["title"] == "Third"
    assert client.delete(path(document["id"])).status_code == 204
    problem(client.get(path(document["id"])), 404)


def test_a_thing_without_id_is_given_one_that_location_leads_to(client: TestClient) -> None:
    created = client.post("/things", content=sent(lamp(None)), headers=TD_JSON)
    assert created.status_code == 201
    location = created.headers["location"]
    assert location.startswith("/things/urn:uuid:")
    assert client.get(location).json()["id"] == location.removeprefix("/things/")
    whole = f"http://testserver{location}"  # what some clients take for the identifier
    assert client.get(f"/things/{whole}").json()["id"] == location.removeprefix("/things/")
    assert client.get(f"/things/{quote(whole, safe='')}").status_code == 200


ODD_IDS = [
    "http://example.org/things/1?x=y&z#frag",
    "https://example.org/a%20b",
    "urn:example:größe-☃-😀",
    "no IRI at all: 100 %",
    "a/b//c",
    "x+y=z",
    "things/urn:x",
]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_any_identifier_can_be_in_a_path(client: TestClient, odd: str) -> None:
    created = put(client, lamp(odd))
    assert created.status_code == 201, created.text
    assert client.get(created.headers["location"]).json()["id"] == odd
    assert odd in [thing["id"] for thing in client.get("/things").json()]
    assert client.patch(path(odd), content=b"{}", headers=MERGE_PATCH).status_code == 204
    assert client.delete(path(odd)).status_code == 204


@pytest.mark.parametrize(
    "plain_id", ["urn:uuid:1", "https://example.org/a%20b", "http://testserver/things/urn:x"]
)
def test_an_identifier_may_be_in_a_path_as_it_is(client: TestClient, plain_id: str) -> None:
    body = sent(lamp(plain_id))
    assert client.put(f"/things/{plain_id}", content=body, headers=TD_JSON).status_code == 201
    assert client.get(f"/things/{plain_id}").json()["id"] == plain_id
    assert client.delete(f"/things/{plain_id}").status_code == 204


@pytest.mark.parametrize("odd", ODD_IDS)
def test_a_path_is_read_back_as_the_identifier(odd: str) -> None:
    assert readings(thing_path(odd).removeprefix("/things/"), "http://host/")[0] == odd


@pytest.mark.parametrize(
    ("method", "where", "content", "headers", "status"),
    [
        ("POST", "/things", b"{", TD_JSON, 400),
        ("POST", "/things", b"", TD_JSON, 400),
        ("POST", "/things", sent(lamp()), TD_JSON, 400),
        ("POST", "/things", sent(lamp(None)), {"content-type": "text/turtle"}, 415),
        ("POST", "/things", b"not gzip", {**TD_JSON, "content-encoding": "gzip"}, 400),
        ("POST", "/things", sent(lamp(None)), {**TD_JSON, "content-encoding": "br"}, 415),
        ("PUT", "/things", sent(lamp(None)), TD_JSON, 405),
        ("PUT", "/things/urn:x", sent(lamp(None)), TD_JSON, 400),
        ("PUT", "/things/urn:x", sent(lamp("urn:y")), TD_JSON, 400),
        ("PATCH", "/things/urn:nobody", b"{}", MERGE_PATCH, 404),
        ("PATCH", "/things/urn:nobody", b"{}", {"content-type": "application/json"}, 415),
        ("DELETE", "/things/urn:nobody", b"", {}, 404),
        ("GET", "/things/urn:nobody", b"", {}, 404),
        ("GET", "/things?limit=0", b"", {}, 400),
        ("GET", "/things?offset=-1", b"", {}, 400),
        ("GET", "/things?format=table", b"", {}, 400),
        ("GET", "/things?sort_by=title", b"", {}, 501),
        ("GET", "/things", b"", {"accept": "image/png"}, 406),
        ("GET", "/search/jsonpath", b"", {}, 400),
        ("GET", "/search/jsonpath?query=*/id", b"", {}, 400),
        ("GET", "/search/xpath?query=$[:].id", b"", {}, 400),
        ("GET", "/search/sparql?query=INSERT DATA {}", b"", {}, 400),
        ("POST", "/search/sparql", b"SELECT", {"content-type": "application/sparql-query"}, 400),
        ("GET", "/events/thing_painted", b"", {}, 404),
        ("GET", "/events?diff=perhaps", b"", {}, 400),
    ],
)
def test_a_wrong_request_is_answered_with_a_problem(
    client: TestClient, method: str, where: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    problem(client.request(method, where, content=content, headers=headers), status)


def test_validation_errors_name_each_field(client: TestClient) -> None:
    document = lamp(None, title=5, properties={"status": {"forms": [{"op": "readproperty"}]}})
    errors = problem(client.post("/things", content=sent(document), headers=TD_JSON), 400)["validationErrors"]
    assert {"title", "properties.status.forms.0.href"} <= {error["field"] for error in errors}
    assert all(error["description"] for error in errors)


def test_content_may_come_in_gzip(client: TestClient) -> None:
    headers = {**TD_JSON, "content-encoding": "gzip"}
    answer = client.post("/things", content=gzip.compress(sent(lamp(None, title="packed"))), headers=headers)
    assert client.get(answer.headers["location"]).json()["title"] == "packed"
    bomb = gzip.compress(b" " * (64 << 20))
    problem(client.post("/things", content=bomb, headers=headers), 400)


@pytest.mark.parametrize(
    "media_type", ["application/td+json; charset=utf-8", "Application/LD+JSON", "application/json"]
)
def test_things_are_taken_in_three_types(client: TestClient, media_type: str) -> None:
    answer = client.post("/things", content=sent(lamp(None)), headers={"content-type": media_type})
    assert answer.status_code == 201


def test_conditions_are_kept(client: TestClient, thing_id: str) -> None:
    etag = client.get(path(thing_id)).headers["etag"]
    assert client.get(path(thing_id), headers={"if-none-match": etag}).status_code == 304
    assert client.get(path(thing_id), headers={"if-none-match": '"other"'}).status_code == 200
    problem(put(client, lamp(thing_id), **{"if-none-match": "*"}), 412)
    problem(put(client, lamp(thing_id), **{"if-match": '"other"'}), 412)
    newer = put(client, lamp(thing_id), **{"if-match": etag}).headers["etag"]
    assert newer != etag
    problem(client.delete(path(thing_id), headers={"if-match": etag}), 412)
    assert client.delete(path(thing_id), headers={"if-match": newer}).status_code == 204


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/td+json"),
        ("application/json", "application/json"),
        ("application/ld+json;q=0.9, text/turtle;q=0.5", "application/ld+json"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
    ],
)
def test_a_thing_comes_in_several_forms(
    client: TestClient, thing_id: str, accept: str, media_type: str
) -> None:
    answer = client.get(path(thing_id), headers={"accept": accept})
    assert answer.headers["content-type"] == media_type
    if "json" in media_type:
        assert answer.json()["id"] == thing_id
        return
    graph = rdflib.Graph().parse(data=answer.text, format=media_type.partition(";")[0])
    title = rdflib.URIRef("https://www.w3.org/2019/wot/td#title")
    assert [str(text) for text in graph.objects(rdflib.URIRef(thing_id), title)] == ["Lamp"]
    assert answer.headers["etag"].startswith("W/")
    assert client.get(path(thing_id), headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_the_list_is_json_ld_by_default_and_paged(client: TestClient) -> None:
    for _ in range(3):
        put(client, lamp(uuid4().urn))
    every = client.get("/things")
    assert (every.status_code, every.headers["content-type"]) == (200, "application/ld+json")
    assert 'rel="next"' not in every.headers["link"]
    ids = [thing["id"] for thing in every.json()]
    assert ids == sorted(ids)
    seen: list[str] = []
    where: str | None = "/things?limit=2"
    while where is not None:
        answer = client.get(where)
        assert answer.links["canonical"]["etag"] == every.links["canonical"]["etag"]
        seen += [thing["id"] for thing in answer.json()]
        where = answer.links.get("next", {}).get("url")
    assert seen == ids


def test_the_list_comes_as_a_collection_and_in_rdf(client: TestClient, thing_id: str) -> None:
    body = client.get("/things?limit=1&format=collection").json()
    assert (body["@context"], body["@type"], len(body["members"])) == (DISCOVERY, "ThingCollection", 1)
    turtle = client.get("/things", headers={"accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=turtle.text, format="turtle")
    assert (rdflib.URIRef(thing_id), None, None) in graph


@pytest.mark.parametrize(
    "where",
    [
        "/things",
        "/things?limit=1",
        "/search/jsonpath?query=$",
        "/search/xpath?query=*",
        "/search/sparql?query=ASK {}",
        "/.well-known/wot",
        "/.well-known/core",
    ],
)
def test_head_is_get_without_content(client: TestClient, where: str) -> None:
    head, get = client.head(where), client.get(where)
    assert (head.status_code, head.content) == (get.status_code, b"") == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


def test_searches_find_what_is_registered(client: TestClient) -> None:
    tag = uuid4().hex
    expected = put(client, lamp(f"urn:x:{tag}", tag=tag)) and [
        client.get(f"/things/urn:x:{tag}").json()["id"]
    ]
    by_jsonpath = client.get(f"/search/jsonpath?query=$[?(@.tag=='{tag}')]")
    by_xpath = client.get(f"/search/xpath?query=*[tag='{tag}']")
    for answer in (by_jsonpath, by_xpath):
        assert answer.headers["content-type"] == "application/json"
        assert [thing["id"] for thing in answer.json()] == expected
    query = f'SELECT ?thing {{ ?thing <https://w3id.org/tinykg#thingId> "urn:x:{tag}" . ?thing ?p "{tag}" }}'
    for answer in (
        client.get("/search/sparql", params={"query": query}),
        client.post("/search/sparql", content=query, headers={"content-type": "application/sparql-query"}),
        client.post("/search/sparql", data={"query": query}),
    ):
        assert answer.headers["content-type"] == "application/json"
        (row,) = answer.json()["results"]["bindings"]
        assert row["thing"]["value"] == f"urn:x:{tag}"
    described = client.get("/search/sparql", params={"query": f"DESCRIBE <urn:x:{tag}>"})
    assert described.headers["content-type"] == "application/ld+json"


def test_the_directory_describes_itself(client: TestClient) -> None:
    answer = client.get("/.well-known/wot")
    assert answer.headers["content-type"] == "application/td+json"
    found = answer.json()
    assert found["@type"] == "ThingDirectory"
    assert found["base"] == "http://testserver"
    assert list(found["securityDefinitions"]) == ["nosec_sc"]
    core = client.get("/.well-known/core")
    assert core.headers["content-type"] == "application/link-format"
    assert core.text.startswith('</.well-known/wot>;rt="wot.directory"')


@pytest.mark.parametrize("reads", ["open", "token"])
@pytest.mark.parametrize("writes", ["open", "token", "none"])
def test_the_own_description_is_valid_and_true_to_the_settings(reads: str, writes: str) -> None:
    found = directory_thing("https://example.org/base/", reads=reads, writes=writes)
    assert faults_of(found, strict=True) == []
    rules = {"open": "nosec_sc", "token": "bearer_sc"}
    (listing,) = found["properties"]["things"]["forms"]
    assert listing["security"] == found["security"] == rules[reads]
    writing = [
        form
        for action in found["actions"].values()
        for form in action["forms"]
        if form["htv:methodName"] in ("PUT", "PATCH", "DELETE")
    ]
    assert {form["security"] for form in writing} == ({rules[writes]} if writes != "none" else set())
    used = {
        form["security"]
        for kind in ("properties", "actions", "events")
        for one in found[kind].values()
        for form in one["forms"]
    }
    assert used == set(found["securityDefinitions"])


def test_the_own_description_offers_what_the_model_of_directories_does(test_data: Any) -> None:
    import jsonschema

    model = json.loads(
        (test_data / "wot/discovery-rec/model/directory.tm.jsonld").read_text(encoding="utf-8")
    )
    folder = test_data / "wot/td11-rec/validation"
    schema = json.loads((folder / "td-json-schema-validation.json").read_text(encoding="utf-8"))
    found = directory_thing("https://example.org")
    assert list(jsonschema.Draft7Validator(schema).iter_errors(found)) == []
    for kind in ("properties", "actions", "events"):
        assert found[kind].keys() == model[kind].keys()
        for name, affordance in model[kind].items():
            ours, theirs = found[kind][name], affordance
            assert ours.get("uriVariables", {}).keys() == theirs.get("uriVariables", {}).keys(), name
            assert [f.get("htv:methodName") for f in ours["forms"]] == [
                f.get("htv:methodName") for f in theirs["forms"]
            ]
            assert [f["href"] for f in ours["forms"]] == [f["href"] for f in theirs["forms"]]
            for mine, given in zip(ours["forms"], theirs["forms"], strict=True):
                code = given["response"].get("htv:statusCodeValue")
                assert mine["response"].get("htv:statusCodeValue") == code
                assert mine["response"]["contentType"] == given["response"].get(
                    "contentType", "application/x-empty"
                )
