"""Inline contexts: names stand for the IRIs that JSON-LD gives them, and nothing is fetched."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.thing_context import WOT_CONTEXT, Context
from tinykg.extract.thing_terms import BASE, TK, concepts, nearest, terms
from tinykg.files import ontology_files

PATH = Path("thing.jsonld")
IN_SCHEME = ox.NamedNode("http://www.w3.org/2004/02/skos/core#inScheme")
WOT = "https://www.w3.org/2022/wot/td/v1.1"

local_names = st.sampled_from(["a", "b", "c", "d"])
namespaces = st.sampled_from(["https://example.org/x#", "https://example.org/y/", TK])
compact = st.builds("{}:{}".format, local_names, st.sampled_from(["", "k", "k2"]))
definitions = st.one_of(namespaces, st.builds(lambda iri: {"@id": iri, "@prefix": True}, namespaces))
leaves = st.one_of(
    compact,
    st.builds("{}{}".format, namespaces, st.sampled_from(["p", "q"])),
    st.builds(lambda iri: {"@id": iri, "@type": "@id"}, compact),
)
contexts = st.builds(
    lambda prefixes, terms, names, vocab: {
        **prefixes,
        **terms,
        **names,
        **({} if vocab is None else {"@vocab": vocab}),
    },
    st.dictionaries(local_names, definitions),
    st.dictionaries(st.just("a:k"), leaves),
    st.dictionaries(st.sampled_from(["m", "n"]), leaves | st.none()),
    st.none() | namespaces,
)


def predicates(context: object, member: str) -> set[str] | None:
    """The predicates that an RDF library gives a member; None where it refuses the document."""
    document = {"@context": context, "@id": "https://example.org/thing", member: {"@value": "v"}}
    try:
        quads = list(ox.parse(json.dumps(document), format=ox.RdfFormat.JSON_LD))
    except SyntaxError:
        return None
    return {quad.predicate.value for quad in quads}


@given(
    st.lists(contexts, min_size=1, max_size=3),
    st.sampled_from(["m", "n", "o", "a", "a:k", "b:k2", "z:k", "https://example.org/x#p"]),
)
def test_members_stand_for_what_an_rdf_library_says(context: list[dict[str, Any]], member: str) -> None:
    expected = predicates(context, member)
    try:
        found = Context().within(PATH, "$.@context", context).iri(member)
    except ExtractError:
        assert expected is None
        return
    if expected:
        assert {found} == expected


def test_no_context_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    context = Context().within(PATH, "$", [WOT, "https://example.org/context.jsonld", "file:///etc/passwd"])
    assert context == Context()


def test_the_things_own_terms_stand_without_a_declaration() -> None:
    context = Context().within(PATH, "$", [WOT, {"@vocab": TK}])
    assert context.iri("title") == "https://www.w3.org/2019/wot/td#title"
    assert context.iri("properties") == "https://www.w3.org/2019/wot/td#properties"
    assert context.iri("id") == "@id"
    assert context.iri("hasMemory") == f"{TK}hasMemory"
    assert context.iri("tm:ThingModel") == "https://www.w3.org/2019/wot/tm#ThingModel"
    assert Context().iri("hasMemory") is None
    assert Context().iri("tk:hasMemory") == "tk:hasMemory"


def test_a_term_with_a_colon_goes_before_its_prefix() -> None:
    below, above = {"a": "https://example.org/", "a:k": "a:k"}, {"a": TK, "n": "a:k"}
    context = Context().within(PATH, "$", [below, above])
    assert context.iri("n") == context.iri("a:k") == "https://example.org/k"
    assert context.iri("a:j") == f"{TK}j"
    assert predicates([below, above], "n") == {"https://example.org/k"}


def test_null_takes_everything_back() -> None:
    context = Context().within(PATH, "$", [{"tk": TK, "@vocab": TK}, None])
    assert context == Context()
    gone = Context().within(PATH, "$", [{"tk": TK, "m": "tk:part"}, {"m": None, "tk": None}])
    assert gone.iri("m") is None
    assert not gone.declares("tk")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | compact | namespaces,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["a", "b", "m", "@id", "@type", "@vocab", "@reverse", "@context"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_context_is_read_or_refused_with_its_place(raw: object) -> None:
    try:
        context = Context().within(PATH, "$.@context", raw)
    except ExtractError as error:
        place = error.place
    else:
        for name in ("a", "a:b", "@type", "", ":", "title"):
            context.iri(name)
        return
    assert place.startswith("`$.@context")


@pytest.mark.parametrize(
    "address",
    [
        "https://www.w3.org/2019/wot/td/v1",
        "https://www.w3.org/2022/wot/td/v1.1",
        "https://www.w3.org/2019/wot/td/v1.1",
        "http://www.w3.org/ns/td",
        "https://www.w3.org/ns/wot-next/td",
        "https://w3c.github.io/wot/w3c-wot-common-context.jsonld",
    ],
)
def test_contexts_that_make_a_thing(address: str) -> None:
    assert WOT_CONTEXT.fullmatch(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.w3.org/2019/wot/td#",
        "https://www.w3.org/2022/wot/discovery",
        "https://www.w3.org/2019/wot/td/v",
        "https://www.w3.org.example.org/2022/wot/td/v1.1",
        "https://example.org/https://www.w3.org/2022/wot/td/v1.1",
        "https://www.w3.org/ns/tdx",
    ],
)
def test_addresses_that_make_none(address: str) -> None:
    assert not WOT_CONTEXT.fullmatch(address)


def test_terms_and_concepts_are_those_of_the_ontology() -> None:
    quads = [quad for path in ontology_files() for quad in ox.parse(path=path)]
    named = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    assert {f"{TK}{name}" for name in terms()} == {iri for iri in named if iri.startswith(TK)}
    for scheme in ("core", "figure-kind", "memory-kind", "sensor-kind", "system"):
        vocabulary = ox.NamedNode(f"{BASE}{scheme}")
        members = {
            quad.subject for quad in quads if quad.predicate == IN_SCHEME and quad.object == vocabulary
        }
        assert {node.value.rsplit("/", 1)[-1] for node in members} == concepts(scheme)


def test_the_nearest_word() -> None:
    assert nearest("hasMemroy", terms()).startswith("hasMemory")
    assert nearest("zzzz", frozenset({"b", "a"})) == "a or b"
    assert re.fullmatch(r"(\w+ or ){7}\w+, \.\.\.", nearest("zzzz", frozenset(f"w{i}" for i in range(9))))
