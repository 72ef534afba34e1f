"""Graphs over HTTP: read in every form, written behind the gate, with conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from tinykg.endpoint.media_types import GRAPHS
from tinykg.graph.iris import source_graph

if TYPE_CHECKING:
    from endpoint_client import Client

    from tinykg.catalogue.held import HeldRegistry

G = "http://e.example/g"
TTL = {"content-type": "text/turtle"}
ONE, TWO = b"<http://e.example/s> <http://e.example/p> 1 .", b"<http://e.example/s> <http://e.example/p> 2 ."
SERVICE = "/rdf-graphs/service"


def triples(answer: Any) -> set[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    kind = answer.headers["content-type"].split(";")[0]
    found = ox.parse(answer.content, format=GRAPHS[kind], base_iri=G)
    return {(str(quad.subject), str(getattr(quad.object, "value", ""))) for quad in found}


def put(client: Client, content: bytes, graph: str = G, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.put(SERVICE, params={"graph": graph}, content=content, headers={**TTL, **named})


def get(client: Client, graph: str = G, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(SERVICE, params={"graph": graph}, headers=named)


def test_put_replaces_and_post_adds(client: Client) -> None:
    assert put(client, ONE).status_code == 201
    assert put(client, TWO).status_code == 204
    assert triples(get(client)) == {("<http://e.example/s>", "2")}
    assert client.post(SERVICE, params={"graph": G}, content=ONE, headers=TTL).status_code == 204
    assert {value for _, value in triples(get(client))} == {"1", "2"}
    assert client.post(SERVICE, params={"graph": G + "2"}, content=ONE, headers=TTL).status_code == 201
    assert client.delete(SERVICE, params={"graph": G}).status_code == 204
    assert get(client).status_code == 404
    assert client.delete(SERVICE, params={"graph": G}).status_code == 404


@pytest.mark.parametrize("media_type", GRAPHS)
def test_every_form_is_read_and_written(client: Client, media_type: str) -> None:
    put(client, ONE)
    content = get(client, accept=media_type).content
    assert client.delete(SERVICE, params={"graph": G}).status_code == 204
    written = client.put(SERVICE, params={"graph": G}, content=content, headers={"content-type": media_type})
    assert written.status_code == 201
    assert triples(get(client, accept=media_type)) == {("<http://e.example/s>", "1")}


def test_the_default_graph_is_always_there(client: Client, empty: HeldRegistry) -> None:
    assert triples(client.get(f"{SERVICE}?default")) == set()
    assert client.put(f"{SERVICE}?default", content=ONE, headers=TTL).status_code == 204
    assert triples(client.get(f"{SERVICE}?default=")) == {("<http://e.example/s>", "1")}
    with empty.reading() as store:
        assert len(store.graph("")) == 1
    assert client.delete(f"{SERVICE}?default").status_code == 204
    assert triples(client.get(f"{SERVICE}?default")) == set()


def test_a_graph_by_its_address(client: Client, empty: HeldRegistry) -> None:
    path = "/rdf-graphs/a%20b/c.ttl"
    assert client.put(path, content=b"<#it> <x:p> <d> .", headers=TTL).status_code == 201
    here = "http://endpoint.example/rdf-graphs/a%20b/c.ttl"
    with empty.reading() as store:
        assert store.graph(here) == [
            ox.Triple(
                ox.NamedNode(here + "#it"),
                ox.NamedNode("x:p"),
                ox.NamedNode("http://endpoint.example/rdf-graphs/a%20b/d"),
            )
        ]
    assert triples(client.get(path)) == triples(get(client, here))
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_post_makes_a_new_graph_with_an_address(client: Client) -> None:
    made = [client.post(SERVICE, content=ONE, headers=TTL) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    first, second = (answer.headers["location"] for answer in made)
    assert first != second
    assert triples(client.get(first)) == triples(get(client, second)) == {("<http://e.example/s>", "1")}


def test_the_parts_of_a_form_are_one_graph(client: Client) -> None:
    files = [
        ("a", ("a.ttl", b"_:x <http://e.example/p> 1 .", "text/turtle")),
        ("b", ("b.nt", b'_:x <http://e.example/p> "2" .', None)),
    ]
    assert client.post(SERVICE, params={"graph": G}, files=files).status_code == 201
    found = triples(get(client))
    assert {value for _, value in found} == {"1", "2"}
    assert len({subject for subject, _ in found}) == 2, "a blank node is local to its document"


def test_relative_iris_are_below_the_graph(client: Client) -> None:
    put(client, b"<> <http://e.example/p> 1 .")
    assert triples(get(client)) == {(f"<{G}>", "1")}


WRONG: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "no graph": ("GET", {}, 400, "Name one graph"),
    "two": ("GET", {"params": {"graph": G, "default": ""}}, 400, "Name one graph"),
    "no graph to replace": ("PUT", {"content": ONE, "headers": TTL}, 400, "Name one graph"),
    "no IRI": ("PUT", {"params": {"graph": "a b"}, "content": ONE, "headers": TTL}, 400, "is no IRI"),
    "relative": ("GET", {"params": {"graph": "a"}}, 400, "is no IRI"),
    "no type": ("PUT", {"params": {"graph": G}, "content": ONE}, 415, "(none)"),
    "another type": (
        "PUT",
        {"params": {"graph": G}, "content": b"x", "headers": {"content-type": "text/csv"}},
        415,
        "text/csv",
    ),
    "syntax": (
        "PUT",
        {"params": {"graph": G}, "content": b"<a> <b>\n", "headers": TTL},
        400,
        "The content is no Turtle",
    ),
    "not UTF-8": (
        "PUT",
        {"params": {"graph": G}, "content": b"<a:b> <a:b> '\xff' .", "headers": TTL},
        400,
        "UTF-8",
    ),
    "remote context": (
        "PUT",
        {
            "params": {"graph": G},
            "content": b'{"@context": "http://localhost:1/c", "x": 1}',
            "headers": {"content-type": "application/ld+json"},
        },
        400,
        "no address is opened here",
    ),
    "named graph": (
        "PUT",
        {
            "params": {"graph": G},
            "content": b"<a:b> <a:b> <a:b> <a:b> .",
            "headers": {"content-type": "application/n-quads"},
        },
        400,
        "names the graph <a:b>",
    ),
    "no parts": (
        "POST",
        {
            "params": {"graph": G},
            "content": b"x",
            "headers": {"content-type": "multipart/form-data; boundary=b"},
        },
        400,
        "boundary",
    ),
    "parts within a part": (
        "POST",
        {
            "params": {"graph": G},
            "content": (
                b'--b\r\nContent-Disposition: form-data; name="two"\r\n'
                b"Content-Type: multipart/mixed; boundary=c\r\n\r\n"
                b"--c\r\nContent-Type: text/turtle\r\n\r\n" + ONE + b"\r\n--c--\r\n--b--\r\n"
            ),
            "headers": {"content-type": "multipart/form-data; boundary=b"},
        },
        400,
        "The part two has parts itself",
    ),
    "a part of no form": (
        "POST",
        {"params": {"graph": G}, "files": {"a": ("a.ttl", ONE), "b": ("b.docx", b"PK")}},
        415,
        "application/vnd.openxmlformats",
    ),
    "a wrong part": (
        "POST",
        {"params": {"graph": G}, "files": {"a": ("a.ttl", ONE), "b": ("b.ttl", b"<a> .", "text/turtle")}},
        400,
        "The part b.ttl is no Turtle: line 1: ",
    ),
    "triple term": (
        "PUT",
        {
            "params": {"graph": G},
            "content": b"<a:s> <a:p> <<( <a:x> <a:y> <a:z> )>> .",
            "headers": {"content-type": "application/n-triples"},
        },
        400,
        "TinyKG keeps RDF 1.1",
    ),
    "charset": (
        "PUT",
        {"params": {"graph": G}, "content": ONE, "headers": {"content-type": "text/turtle; charset=utf-16"}},
        400,
        "must be UTF-8; its Content-Type says charset=utf-16",
    ),
    "two graphs": ("GET", {"params": {"graph": [G, G + "2"]}}, 400, "Name one graph"),
    "graph and default": ("DELETE", {"params": {"graph": G, "default": ""}}, 400, "Name one graph"),
    "unwanted form": (
        "GET",
        {"params": {"graph": G}, "headers": {"accept": "image/png"}},
        406,
        "Offered are",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_told_what_is_wrong(client: Client, empty: HeldRegistry, name: str) -> None:
    method, options, status, text = WRONG[name]
    answer = client.request(method, SERVICE, **options)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert text in answer.json()["detail"]
    with empty.reading() as store:
        assert store.size() == 0


def test_tags_tell_states_apart(client: Client) -> None:
    put(client, ONE)
    first = get(client).headers["etag"]
    assert get(client, accept="application/n-triples").headers["etag"] != first, "another form, another tag"
    assert get(client, if_none_match=first).status_code == 304
    put(client, TWO)
    second = get(client).headers["etag"]
    assert second != first
    assert get(client, if_none_match=first).status_code == 200
    put(client, ONE)
    assert get(client).headers["etag"] == first


def test_a_write_may_depend_on_the_state(client: Client) -> None:
    assert put(client, ONE, if_match="*").status_code == 412
    assert put(client, ONE, if_none_match="*").status_code == 201
    assert put(client, TWO, if_none_match="*").status_code == 412
    tag = get(client, accept="application/n-triples").headers["etag"]
    assert put(client, TWO, if_match='"other"').status_code == 412
    assert put(client, TWO, if_match=f'"other", {tag}').status_code == 204
    assert put(client, ONE, if_match=tag).status_code == 412
    delete = client.delete(SERVICE, params={"graph": G}, headers={"if-match": tag})
    assert delete.status_code == 412
    assert {value for _, value in triples(get(client))} == {"2"}


def test_a_host_that_is_none_is_the_senders_error(client: Client, empty: HeldRegistry) -> None:
    answer = client.put(f"{SERVICE}?default", content=b"<a> <b> 1 .", headers={**TTL, "host": "a b"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    with empty.reading() as store:
        assert store.size() == 0


def test_rdf_xml_says_by_itself_how_it_is_encoded(client: Client) -> None:
    text = (
        '<?xml version="1.0" encoding="utf-8"?><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:e="http://e.example/"><r:Description r:about="http://e.example/s"><e:p>\u00e4</e:p>'
        "</r:Description></r:RDF>"
    )
    headers = {"content-type": "application/rdf+xml"}
    assert client.put(SERVICE, params={"graph": G}, content=text.encode(), headers=headers).status_code == 201
    assert triples(get(client)) == {("<http://e.example/s>", "\u00e4")}
    wrong = client.put(SERVICE, params={"graph": G}, content=text[:-8].encode(), headers=headers)
    assert wrong.status_code == 400
    assert "is no RDF/XML" in wrong.json()["detail"]
    assert triples(get(client)) == {("<http://e.example/s>", "\u00e4")}, "nothing is replaced by half of it"


def test_of_blank_nodes_in_two_parts_none_is_the_same(client: Client) -> None:
    part = b"_:a <http://e.example/p> 1 ."
    files = {"a": ("a.ttl", part, "text/turtle"), "b": ("b.nt", part.replace(b"1", b'"2"'))}
    assert client.post(SERVICE, params={"graph": G}, files=files).status_code == 201
    assert len({subject for subject, _ in triples(get(client))}) == 2


BOARD = b"""@prefix tk: <https://w3id.org/tinykg#> . <http://e.example/board> a tk:DeviceType ."""


def test_the_gate_is_before_every_write(client: Client) -> None:
    answer = put(client, BOARD)
    assert answer.status_code == 400
    assert any("label" in fault["description"] for fault in answer.json()["validationErrors"])
    assert get(client).status_code == 404


@pytest.mark.parametrize("kind", ["thing", "change"])
def test_the_directorys_graphs_are_its_own(client: Client, kind: str) -> None:
    graph = source_graph(kind, "urn:uuid:1")
    answer = put(client, ONE, graph=graph)
    assert answer.status_code == 403
    assert "is written only by" in answer.json()["detail"]


def test_putting_the_same_again_changes_nothing(client: Client, empty: HeldRegistry) -> None:
    content = b"_:a <http://e.example/p> _:b . _:b <http://e.example/p> 007 ."
    assert put(client, content).status_code == 201
    version = empty.version
    assert put(client, content.replace(b"_:b", b"_:c")).status_code == 204
    assert empty.version == version
