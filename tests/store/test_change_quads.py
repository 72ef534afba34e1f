"""Quads come and go in one transaction, blank nodes as the nodes they are; datasets are as named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import InputError, QueryTooBig, StoreError
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.protocol import DEFAULT_GRAPH, Dataset
from tinykg.store.quads import graph_name, graph_node
from tinykg.store.results import solutions_as, triples_as

if TYPE_CHECKING:
    from pathlib import Path

EX = "http://e.example/"
P = ox.NamedNode(EX + "p")

nodes = st.sampled_from([*(ox.NamedNode(EX + n) for n in "ab"), *(ox.BlankNode(n) for n in "xy")])
values = st.one_of(nodes, st.text(max_size=4).map(ox.Literal), st.integers(-3, 3).map(ox.Literal))
graphs = st.sampled_from([ox.DefaultGraph(), ox.NamedNode(EX + "g"), ox.NamedNode(EX + "h")])
quads = st.sets(st.builds(ox.Quad, nodes, st.just(P), values, graphs), max_size=8)


@given(quads, quads, quads)
def test_a_change_is_a_difference_of_sets(
    before: set[ox.Quad], removed: set[ox.Quad], added: set[ox.Quad]
) -> None:
    store = EmbeddedStore()
    store.change(removed=(), added=before)
    assert set(store.quads()) == before
    store.change(removed=removed, added=added)
    assert set(store.quads()) == (before - removed) | added


def test_an_empty_change_is_none() -> None:
    store = EmbeddedStore()
    assert store.change(removed=(), added=()) is False
    assert store.version == 0
    assert store.change(removed=(), added=[ox.Quad(P, P, P)]) is True
    assert store.version == 1


def test_dropped_graphs_are_gone() -> None:
    store = EmbeddedStore()
    store.change(removed=(), added=[ox.Quad(P, P, P, P), ox.Quad(P, P, P)])
    store.change(removed=(), added=(), dropped=(P.value, DEFAULT_GRAPH))
    assert (store.size(), store.graph_names()) == (0, [])


def test_a_change_is_all_or_nothing(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store")
    store.change(removed=(), added=[ox.Quad(P, P, P)])
    with pytest.raises(InputError, match=r"RDF 1\.1 only"):
        store.change(removed=[ox.Quad(P, P, P)], added=[ox.Quad(P, P, ox.Triple(P, P, P))])
    with pytest.raises(InputError, match="by the blank node"):
        store.change(removed=[ox.Quad(P, P, P)], added=[ox.Quad(P, P, P, ox.BlankNode("g"))])
    assert set(store.quads()) == {ox.Quad(P, P, P)}
    store.close()
    with pytest.raises(StoreError, match="for reading only"):
        EmbeddedStore(tmp_path / "store", read_only=True).change(removed=(), added=[ox.Quad(P, P, P)])


def test_graphs_have_names() -> None:
    assert graph_name(ox.Quad(P, P, P)) == DEFAULT_GRAPH
    assert graph_name(ox.Quad(P, P, P, P)) == P.value
    assert graph_node(DEFAULT_GRAPH) == ox.DefaultGraph()


@pytest.fixture
def store() -> EmbeddedStore:
    store = EmbeddedStore()
    store.change(
        removed=(),
        added=[ox.Quad(P, P, ox.Literal(name), graph_node(name and EX + name)) for name in ("", "g", "h")],
    )
    return store


@pytest.mark.parametrize(
    ("dataset", "query", "expected"),
    [
        (None, "SELECT ?o { ?s ?p ?o }", {"", "g", "h"}),
        (Dataset(default_graphs=(EX + "g", DEFAULT_GRAPH)), "SELECT ?o { ?s ?p ?o }", {"", "g"}),
        (Dataset(named_graphs=(EX + "g",)), "SELECT ?o { ?s ?p ?o }", set()),
        (Dataset(named_graphs=(EX + "g",)), "SELECT ?o { GRAPH ?x { ?s ?p ?o } }", {"g"}),
        (Dataset(), "SELECT ?o { { ?s ?p ?o } UNION { GRAPH ?x { ?s ?p ?o } } }", set()),
        (None, f"SELECT ?o FROM <{EX}h> {{ ?s ?p ?o }}", {"h"}),
        (None, f"SELECT ?o FROM <{EX}h> {{ GRAPH ?x {{ ?s ?p ?o }} }}", set()),
    ],
)
def test_a_query_sees_its_dataset(
    store: EmbeddedStore, dataset: Dataset | None, query: str, expected: set[str]
) -> None:
    result = store.raw(query, dataset=dataset)
    assert isinstance(result, ox.QuerySolutions)
    assert {row["o"].value for row in result} == expected


def test_relative_iris_need_a_base(store: EmbeddedStore) -> None:
    result = store.raw("SELECT (<x> AS ?x) {}", base=EX)
    assert isinstance(result, ox.QuerySolutions)
    assert [row["x"] for row in result] == [ox.NamedNode(EX + "x")]
    store.update("INSERT DATA { <s> <p> <o> }", base=EX)
    assert store.ask(f"ASK {{ <{EX}s> <{EX}p> <{EX}o> }}")


def test_results_are_bounded_while_they_are_written(store: EmbeddedStore) -> None:
    endless = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?q ?r ?s . ?t ?u ?v . ?w ?x ?y }"
    rows, triples = store.raw(f"SELECT * {endless}"), store.raw(f"CONSTRUCT {{ ?a ?b ?l }} WHERE {endless}")
    assert isinstance(rows, ox.QuerySolutions)
    assert isinstance(triples, ox.QueryTriples)
    with pytest.raises(QueryTooBig, match="longer than 20000 bytes"):
        solutions_as(rows, ox.QueryResultsFormat.JSON, 20_000)
    with pytest.raises(QueryTooBig, match="longer than 50 bytes"):
        triples_as(triples, ox.RdfFormat.N_TRIPLES, most_bytes=50)


def test_what_a_form_cannot_hold_is_said() -> None:
    whole = triples_as([ox.Triple(P, P, ox.Literal("x"))], ox.RdfFormat.TURTLE, {"e": EX})
    assert whole == b'@prefix e: <http://e.example/> .\ne:p e:p "x" .\n'
    with pytest.raises(InputError, match="no XML name"):
        triples_as([ox.Triple(P, ox.NamedNode(EX + "1"), P)], ox.RdfFormat.RDF_XML)
    assert b"oxprefix" in triples_as([ox.Triple(P, P, ox.Literal("<oxprefix: "))], ox.RdfFormat.RDF_XML)


def test_a_dump_keeps_the_names_of_blank_nodes() -> None:
    store = EmbeddedStore()
    quad = ox.Quad(ox.BlankNode("same"), P, P, P)
    store.change(removed=(), added=[quad])
    assert b"_:same " in store.dump(ox.RdfFormat.N_QUADS)
    assert store.dump(ox.RdfFormat.N_TRIPLES, P.value).startswith(b"_:same ")
    assert list(store.quads(subject=ox.BlankNode("same"))) == [quad]
    assert list(store.quads_in(ox.DefaultGraph())) == []
