"""Triples are collected without blanks and read back as Python values."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tinykg.graph.datatypes import as_encoded
from tinykg.graph.encode_model import encode_model
from tinykg.graph.triples import Facts, Triples, json_literal, typed
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Dataset, Model
from tinykg.vocab.wot import DCAT, DCTERMS, RDF, SCHEMA, XSD

S, P = ox.NamedNode("https://example.org/s"), "https://example.org/p"


def test_none_is_not_written() -> None:
    out = Triples()
    out.add(S, P, None)
    out.add_all(S, [(P, None), (P, 0), (P, ""), (P, False)])
    assert [triple.object for triple in out.done()] == [
        ox.Literal(0),
        ox.Literal(""),
        ox.Literal(value=False),
    ]


@pytest.mark.parametrize("values", [(), (1,), (1, 49, -1, 0), tuple(range(20))])
def test_a_list_comes_back_and_has_no_blank_nodes(values: tuple[int, ...]) -> None:
    out = Triples()
    out.add_list(S, P, values)
    assert Facts(out.done()).integers(S.value, P) == values
    assert not any(isinstance(t.subject, ox.BlankNode) for t in out.done())
    assert sum(t.predicate.value == RDF.rest for t in out.done()) == len(values)


def test_absent_facts_are_none_and_required_ones_are_an_error() -> None:
    facts = Facts([])
    for read in (
        facts.text,
        facts.integer,
        facts.number,
        facts.truth,
        facts.json,
        facts.integers,
        facts.link,
    ):
        assert read(S.value, P) is None
    assert facts.texts(S.value, P) == []
    with pytest.raises(IndexError):
        facts.require_integer(S.value, P)


def test_facts_are_sorted_whatever_the_order_of_the_triples() -> None:
    triples = [ox.Triple(S, ox.NamedNode(P), ox.Literal(text)) for text in ("b", "c", "a")]
    links = [ox.Triple(S, ox.NamedNode(P), ox.NamedNode(f"https://example.org/{n}")) for n in "zyx"]
    facts = Facts([*triples, *links, ox.Triple(ox.BlankNode(), ox.NamedNode(P), S)])
    assert facts.texts(S.value, P) == ["a", "b", "c"]
    assert facts.links(S.value, P) == [f"https://example.org/{n}" for n in "xyz"]
    assert facts.text(S.value, P) == "a"


def test_json_has_one_spelling() -> None:
    assert json_literal({"b": (1, 2.5), "a": None, "ü": "x"}).value == '{"a":null,"b":[1,2.5],"ü":"x"}'
    assert json_literal({"a": None, "b": [1, 2.5], "ü": "x"}) == json_literal(
        {"ü": "x", "b": (1, 2.5), "a": None}
    )
    with pytest.raises(TypeError, match="bytes has no JSON form"):
        json_literal({"a": b"x"})


def test_datatypes_that_a_database_widens_are_restored() -> None:
    stored = ox.Triple(S, ox.NamedNode(DCAT.byteSize), ox.Literal(7))
    other = ox.Triple(S, ox.NamedNode(P), ox.Literal(7))
    link = ox.Triple(S, ox.NamedNode(DCAT.byteSize), S)
    narrow = ox.Triple(S, ox.NamedNode(DCAT.byteSize), typed("7", XSD.nonNegativeInteger))
    assert list(as_encoded([stored, other, link])) == [narrow, other, link]
    assert list(as_encoded([narrow])) == [narrow]


@pytest.mark.parametrize("address", ["not an address", "<x>", "relative/path", "", "https://a b"])
def test_an_address_that_is_no_iri_becomes_text_for_the_shapes_to_refuse(address: str) -> None:
    model = Model(
        name="m",
        evidence=Evidence(kind=EvidenceKind.DECLARED, source="a test"),
        file_sha256="0" * 64,
        source_address=address,
        file_address=address,
        dataset=Dataset(name="d", address=address),
    )
    values = {t.predicate.value: t.object for t in encode_model(model)}
    for predicate in (DCTERMS.source, DCAT.downloadURL, SCHEMA.url):
        assert values[predicate] == ox.Literal(address)
