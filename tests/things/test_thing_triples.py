"""A description's triples are those of W3C's contexts; then what says the same becomes the same term."""

from __future__ import annotations

import copy
import json
import logging
import random
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.compare import to_isomorphic
from rdflib.plugins.parsers.jsonld import to_rdf
from rdflib.plugins.shared.jsonld.context import Context

from tinykg.errors import InvalidThing
from tinykg.things.contexts import known_context
from tinykg.things.inline_contexts import MAX_TERMS, inlined
from tinykg.things.project import plain_triples_of, subject_of, triples_of

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://directory.example/things/1/"
TD = "https://www.w3.org/2022/wot/td/v1.1"
PUBLISHED = {
    TD: "td11-rec/context/td-context-1.1.jsonld",
    "https://www.w3.org/2019/wot/td/v1": "td10/resources/context/td-context-1.1.jsonld",
    "https://www.w3.org/2019/wot/td/v1.1": "td11-rec/context/td-context-1.1.jsonld",
    "https://www.w3.org/2022/wot/discovery": "discovery-rec/context/discovery-core.jsonld",
    "https://www.w3.org/2022/wot/discovery-did": "discovery-rec/context/discovery-did.jsonld",
}
STRING = rdflib.URIRef("http://www.w3.org/2001/XMLSchema#string")


@pytest.fixture
def published(test_data: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """W3C's contexts, from which rdflib reads while a test runs."""
    contexts = {
        address: json.loads((test_data / "wot" / name).read_text("utf-8"))["@context"]
        for address, name in PUBLISHED.items()
    }
    monkeypatch.setattr(Context, "_fetch_context", lambda *asked: {"@context": contexts[asked[1]]})
    monkeypatch.setattr(logging.getLogger("rdflib.term"), "disabled", True)
    return contexts


def test_the_tables_make_w3cs_contexts(published: dict[str, Any]) -> None:
    for address, context in published.items():
        assert written_out(known_context(address) or {}, {}) == written_out(context, {}), address


def written_out(context: dict[str, Any], outer: dict[str, str]) -> dict[str, Any]:
    """A context as whole IRIs, each definition as an object."""
    xsd = {"xsd": "http://www.w3.org/2001/XMLSchema#"}
    prefixes = {**outer, **xsd, **{k: v for k, v in context.items() if isinstance(v, str) and v[-1] in "/#"}}
    result: dict[str, Any] = {}
    for name, stated in context.items():
        if name in ("@vocab", "@version"):
            result[name] = stated
            continue
        definition = dict(stated) if isinstance(stated, dict) else {"@id": stated}
        for key in ("@id", "@type"):
            prefix, colon, rest = definition.get(key, "").partition(":")
            if colon and prefix in prefixes:
                definition[key] = prefixes[prefix] + rest
        if "@context" in definition:
            definition["@context"] = written_out(definition["@context"], prefixes)
        result[name] = definition
    return result


def test_triples_of_published_documents_are_those_of_w3cs_contexts(
    things: dict[str, dict[str, Any]], published: dict[str, Any]
) -> None:
    assert published
    compared = triples = 0
    for name, document in things.items():
        if "@context" not in document:
            continue
        theirs = rdflib.Graph()
        to_rdf(copy.deepcopy(document), theirs, base=BASE)
        ours, expected = graph_of(plain_triples_of(document, BASE)), compared_to(theirs)
        assert to_isomorphic(ours) == to_isomorphic(expected), name
        compared += 1
        triples += len(ours)
    assert compared >= 176
    assert triples >= 8000


TEXTS = ("x", "", "http://x.example/y", "urn:x:1", "/rel", "#frag", "../up", "en", "schema:Thing", "td:x")
CHANGES: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("id", "href", "title", "description", "base", "support", "contentType", "name"), TEXTS),
    **dict.fromkeys(("subprotocol", "anchor", "profile", "zzz", "geo:lat", "schema:x", "format"), TEXTS),
    **dict.fromkeys(("rel", "hreflang", "security", "scopes", "required"), (*TEXTS, [], ["a", "b"])),
    **dict.fromkeys(("titles", "descriptions"), ({}, {"en": "A", "de": "B"}, {"zh-Hans": "C"})),
    **dict.fromkeys(("created", "modified"), ("2030-01-31T12:00:00Z",)),
    **dict.fromkeys(("readOnly", "writeOnly", "observable", "safe", "success"), (True, False)),
    **dict.fromkeys(("minimum", "maximum", "multipleOf", "maxItems"), (0, 5, -1, 1.5)),
    **dict.fromkeys(("const", "default"), (5, 1.5, True, "x", ["a"], {"zzz": "y"})),
    "@type": ("schema:Thing", ["td:x", "http://x.example/y"]),
    "type": ("number", "integer", "string", "boolean", "object", "array", "null"),
    "op": ("readproperty", ["readproperty", "writeproperty"], "invokeaction", "subscribeevent"),
    "scheme": ("nosec", "basic", "auto", "oauth2"),
    "enum": ([1, "x", True], ["a"]),
    "items": ({"type": "string"}, [{"type": "number"}, {}]),
    "oneOf": ([{"const": 1}, {"type": "null"}],),
    **dict.fromkeys(
        ("input", "output", "data", "cancellation"), ({}, {"type": "object", "properties": {"n": {}}})
    ),
    **dict.fromkeys(("properties", "uriVariables", "schemaDefinitions"), ({}, {"n": {"type": "number"}})),
    "forms": ([{"href": "x", "op": "readproperty"}], [{"href": "y", "security": ["s"]}]),
    "links": ([{"href": "x", "rel": "icon", "sizes": "16x16"}],),
    "version": ({"instance": "1", "model": "2"},),
    "registration": ({"ttl": 5, "expires": "2030-01-31T12:00:00Z"},),
    "tag": ({"x": [1, {"y": "z"}]}, {"@id": "urn:y"}),
}


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_triples_of_changed_documents_are_those_of_w3cs_contexts(
    seed: int, things: dict[str, dict[str, Any]], published: dict[str, Any]
) -> None:
    assert published
    chance = random.Random(seed)
    small = [one for one in things.values() if "@context" in one and len(json.dumps(one)) < 2500]
    for _ in range(3):
        document = copy.deepcopy(chance.choice(small))
        for _ in range(chance.choice((1, 1, 2))):
            put_somewhere(document, chance)
        try:
            ours = graph_of(plain_triples_of(document, BASE))
        except InvalidThing:  # what is no JSON-LD 1.1, where rdflib reads on
            continue
        theirs = rdflib.Graph()
        to_rdf(copy.deepcopy(document), theirs, base=BASE)
        assert to_isomorphic(ours) == to_isomorphic(compared_to(theirs)), document


def put_somewhere(document: dict[str, Any], chance: random.Random) -> None:
    """Put or exchange a member anywhere but in the contexts."""
    name = chance.choice(list(CHANGES))
    chance.choice(objects_of(document))[name] = copy.deepcopy(chance.choice(CHANGES[name]))


def objects_of(value: Any) -> list[dict[str, Any]]:
    """All objects of a value without its contexts, and without those whose members are names of any kind."""
    if isinstance(value, list):
        return [found for one in value for found in objects_of(one)]
    if not isinstance(value, dict):
        return []
    found = [value]
    for name, one in value.items():
        if name in ("securityDefinitions", "schemaDefinitions") and isinstance(one, dict):
            found += objects_of(list(one.values()))
        elif name not in ("@context", "titles", "descriptions"):
            found += objects_of(one)
    return found


def compared_to(theirs: rdflib.Graph) -> rdflib.Graph:
    """The triples of rdflib in the form they are compared in."""
    graph = rdflib.Graph()
    for triple in theirs:
        graph.add(tuple(comparable(term) for term in triple))
    return graph


def graph_of(triples: list[ox.Triple]) -> rdflib.Graph:
    """Our triples in the same form, without those that rdflib leaves out for a blank in an IRI."""
    graph = rdflib.Graph()
    for one in triples:
        terms = [in_rdflib(term) for term in (one.subject, one.predicate, one.object)]
        if not any(isinstance(term, rdflib.URIRef) and " " in term for term in terms):
            graph.add(tuple(comparable(term) for term in terms))
    return graph


def comparable(term: Any) -> Any:
    """A placeholder's braces cannot be written in an IRI; a plain text is an xsd:string (RDF 1.1)."""
    if isinstance(term, rdflib.URIRef):
        return rdflib.URIRef(quote(str(term), safe="!#$%&'()*+,/:;=?@[]~"))
    return rdflib.Literal(str(term)) if isinstance(term, rdflib.Literal) and term.datatype == STRING else term


def in_rdflib(term: Any) -> Any:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))


def test_every_published_document_has_normal_triples(things: dict[str, dict[str, Any]]) -> None:
    kept = {"title", "titleInLanguage", "description", "descriptionInLanguage"}
    for name, document in things.items():
        triples = triples_of(document, BASE)
        store = ox.Store()
        store.extend(ox.Quad(*triple) for triple in triples)
        assert len(store) == len(set(triples)) == len(triples), name
        reread = store.dump(format=ox.RdfFormat.N_QUADS)
        assert reread is not None
        ox.Store().load(reread, format=ox.RdfFormat.N_QUADS)
        if "@context" in document:
            assert any(triple.subject == ox.NamedNode(subject_of(document, BASE)) for triple in triples), name
        for triple in triples:
            if isinstance(triple.object, ox.Literal) and triple.object.language:
                assert triple.predicate.value.rpartition("#")[2] in kept
            assert "https://schema.org" not in str(triple)


def objects(document: dict[str, Any], name: str) -> list[str]:
    """The objects of a property, by the end of its IRI."""
    found = triples_of(document, BASE)
    return [str(triple.object) for triple in found if re.split("[#/]", triple.predicate.value)[-1] == name]


def test_machine_readable_texts_have_no_language(lamp: dict[str, Any]) -> None:
    lamp["@context"] = [TD, {"@language": "de-CH", "@direction": "ltr"}]
    lamp["titles"] = {"fr": "lampe", "e n": "not a tag"}
    lamp["properties"]["level"]["description"] = "Helligkeit"
    assert objects(lamp, "title") == ['"Lamp"@en']  # as the context of TD 1.1 has it
    assert objects(lamp, "titleInLanguage") == ['"lampe"@fr', '"not a tag"']
    assert objects(lamp, "name") == ['"level"', '"toggle"', '"hot"']
    assert objects(lamp, "hasRelationType") == ['"icon"']
    assert objects(lamp, "in") == ['"header"']


def test_names_of_schemes_join_with_their_definitions(lamp: dict[str, Any]) -> None:
    lamp["securityDefinitions"] |= {
        "a b": {"scheme": "nosec"},
        "c": {"scheme": "combo", "oneOf": ["basic_sc", "c"]},
    }
    lamp["security"] = ["basic_sc", "c", "undefined"]
    lamp["actions"]["toggle"]["forms"][0]["security"] = ["basic_sc"]
    scheme, combo = f"<{BASE}basic_sc>", f"<{BASE}c>"
    assert objects(lamp, "hasInstanceConfiguration") == [scheme, combo]
    assert objects(lamp, "hasSecurityConfiguration") == [scheme, combo, '"undefined"', scheme]
    assert objects(lamp, "oneOf") == [scheme, combo]


def test_a_data_schemas_one_of_stays_as_it_is(lamp: dict[str, Any]) -> None:
    lamp["properties"]["level"]["oneOf"] = [{"const": "basic_sc"}]
    assert objects(lamp, "const") == ['"basic_sc"']
    assert objects(lamp, "oneOf")[0].startswith("_:")


def test_terms_of_schema_org_are_under_http(lamp: dict[str, Any]) -> None:
    lamp["@context"] = [TD, {"s": "https://schema.org/"}]
    lamp |= {"@type": "s:Product", "s:gtin": "1", "s:brand": {"@id": "https://schema.organic/x"}}
    text = "\n".join(map(str, triples_of(lamp, BASE)))
    assert "<http://schema.org/Product>" in text
    assert "<http://schema.org/gtin>" in text
    assert "<https://schema.organic/x>" in text


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ("urn:uuid:1", "urn:uuid:1"),
        ("lamp", f"{BASE}lamp"),
        ("my lamp", f"{BASE}my%20lamp"),
        ("urn:x:{{ID}}", "urn:x:%7B%7BID%7D%7D"),
        ("https://schema.org/x", "http://schema.org/x"),
        ("", BASE),
        ("_:b", BASE),
        ("http://[", BASE),
        (5, BASE),
        (None, BASE),
    ],
)
def test_the_subject_is_the_id_or_the_base(lamp: dict[str, Any], given: Any, subject: str) -> None:
    lamp["id"] = given
    assert subject_of(lamp, BASE) == subject
    titled = [one.subject for one in triples_of(lamp, BASE) if one.predicate.value.endswith("td#title")]
    assert titled == [ox.NamedNode(subject)]


def test_a_document_may_have_its_own_base(lamp: dict[str, Any]) -> None:
    lamp |= {"@context": [TD, {"@base": "http://own.example/x/"}], "id": "lamp"}
    assert subject_of(lamp, BASE) == "http://own.example/x/lamp"
    assert objects(lamp, "hasSecurityConfiguration") == objects(lamp, "hasInstanceConfiguration")


@pytest.mark.parametrize(
    ("path", "context"),
    [
        ("@context.1", [TD, "https://webthings.io/schemas"]),
        ("@context", "https://www.w3.org/ns/wot-next/td"),
        ("@context.1.@import", [TD, {"@import": "https://x.example/c"}]),
        ("@context.1.x.@context", [TD, {"x": {"@id": "http://x", "@context": "https://x.example/c"}}]),
    ],
)
def test_a_context_that_would_have_to_be_fetched_is_refused_by_its_place_or_skipped(
    lamp: dict[str, Any], path: str, context: Any
) -> None:
    lamp["@context"] = context
    with pytest.raises(InvalidThing) as caught:
        triples_of(lamp, BASE, subject="lamp.json")
    (fault,) = caught.value.faults
    assert fault.field == path
    assert "not fetched" in fault.description
    assert caught.value.subject == "lamp.json"
    skipped = triples_of(lamp, BASE, unknown="skip")
    assert bool(skipped) == (context != "https://www.w3.org/ns/wot-next/td")


def test_a_nested_context_is_found_too(lamp: dict[str, Any]) -> None:
    lamp["properties"]["level"]["@context"] = ["https://x.example/c"]
    with pytest.raises(InvalidThing) as caught:
        triples_of(lamp, BASE)
    assert caught.value.faults[0].field == "properties.level.@context.0"
    plain = copy.deepcopy(lamp)
    del plain["properties"]["level"]["@context"]
    assert len(triples_of(lamp, BASE, unknown="skip")) == len(triples_of(plain, BASE))


@pytest.mark.parametrize(
    "address", [TD, f"{TD}/", "http://www.w3.org/2022/wot/td/v1.1", "https://www.w3.org/ns/td"]
)
def test_known_addresses_have_other_spellings(address: str) -> None:
    assert known_context(address) == known_context(TD)
    assert known_context(f"x{address}") is None


def test_what_a_document_does_not_use_is_left_out_of_its_contexts(lamp: dict[str, Any]) -> None:
    before = copy.deepcopy(lamp)
    copied = inlined(lamp)
    assert lamp == before
    assert next(iter(copied)) == "@context"
    assert "contentCoding" not in json.dumps(copied)
    assert len(json.dumps(copied["@context"])) < len(json.dumps(known_context(TD))) / 2
    assert {**copied, "@context": lamp["@context"]} == lamp


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({"a": 5}, "Term definition"),
        ({"x": "y", "y": "x"}, "Cyclic"),
        ([[["x"]]], "not fetched"),
        (5, "@context value"),
    ],
)
def test_what_is_no_json_ld_is_told(lamp: dict[str, Any], context: Any, reason: str) -> None:
    lamp["@context"] = [TD, context]
    with pytest.raises(InvalidThing, match=reason):
        triples_of(lamp, BASE)


@pytest.mark.parametrize(
    "data",
    [
        {"default": {"id": 5, "type": "x"}},
        {"const": {"type": 5}},
        {"enum": [{"@value": 1, "x": 2}, {"@id": None, "type": {}}, "kept"]},
        {"properties": {"id": {"type": "integer", "default": {"id": [1]}}}},
        {"vendor:thing": {"id": 7, "type": {"a": 1}, "x": 1}},
    ],
)
def test_data_that_is_no_node_is_refused_or_skipped(lamp: dict[str, Any], data: dict[str, Any]) -> None:
    lamp["properties"]["level"] |= data
    with pytest.raises(InvalidThing, match="no JSON-LD"):
        triples_of(lamp, BASE)
    skipped = [str(triple.object) for triple in triples_of(lamp, BASE, unknown="skip")]
    assert '"level"' in skipped
    assert ('"kept"' in skipped) == ("enum" in data)


def test_too_many_terms_or_objects_are_refused_before_they_take_long(lamp: dict[str, Any]) -> None:
    terms = {f"a{i}": f"a{i + 1}" for i in range(MAX_TERMS + 1)}
    with pytest.raises(InvalidThing, match="defines 1001 terms"):
        triples_of({**lamp, "@context": [TD, terms]}, BASE)
    with pytest.raises(InvalidThing, match="too many for its contexts"):
        triples_of({**lamp, "x": [{}] * 10_001}, BASE)
    embedded = [{"@context": {"a": "http://a"}, "a": 1} for _ in range(999)]
    with pytest.raises(InvalidThing, match="too many for its contexts"):
        triples_of({**lamp, "x": embedded, "y": [{}] * 1000}, BASE)


def test_prefixes_of_prefixes_do_not_fill_the_memory(lamp: dict[str, Any]) -> None:
    def chained(length: int) -> dict[str, Any]:
        terms: dict[str, Any] = {"a0": "http://x.example/"}
        for i in range(1, 900):
            terms[f"a{i}"] = {"@id": f"a{i - 1}:" + "x" * length, "@prefix": True}
        return {**lamp, "@context": [TD, terms], "l": [{"a899:x": 1}] * 1700}

    started = time.monotonic()
    with pytest.raises(InvalidThing, match="expected at most 65536"):
        triples_of(chained(900), BASE)
    with pytest.raises(InvalidThing, match="define shorter prefixes"):
        triples_of(chained(22), BASE)
    assert time.monotonic() - started < 20


def test_blank_nodes_are_fresh_at_each_call(lamp: dict[str, Any]) -> None:
    lamp["x"] = {"@id": "_:mine", "y": 1}
    first, second = triples_of(lamp, BASE), triples_of(lamp, BASE)
    blanks = [
        {one.subject.value for one in several if isinstance(one.subject, ox.BlankNode)}
        for several in (first, second)
    ]
    assert blanks[0].isdisjoint(blanks[1])
    assert len(first) == len(second)


def test_a_registration_has_the_terms_of_discovery(lamp: dict[str, Any]) -> None:
    lamp["@context"] = [TD, "https://www.w3.org/2022/wot/discovery"]
    lamp["registration"] = {"created": "2030-01-31T12:00:00Z", "ttl": 60}
    text = "\n".join(map(str, triples_of(lamp, BASE)))
    assert "<https://www.w3.org/2022/wot/discovery-ontology#hasRegistrationInformation>" in text
    assert '"2030-01-31T12:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>' in text
    assert '"60"^^<http://www.w3.org/2001/XMLSchema#unsignedInt>' in text
