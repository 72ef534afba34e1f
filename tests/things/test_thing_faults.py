"""What is said of a faulty description: the place, what was found, what is expected."""

from __future__ import annotations

import copy
import subprocess
import sys
import time
from typing import Any

import pytest

from tinykg.things.check import faults_of, is_thing_model, model_faults_of, warnings_of
from tinykg.things.rules import field_of

Steps = tuple[str | int, ...]


def put(document: dict[str, Any], path: Steps, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    here: Any = changed
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return changed


LEVEL: Steps = ("properties", "level")


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        (("title",), 5, "title", "is 5; expected a text"),
        (("@context",), "x", "@context", "https://www.w3.org/2022/wot/td/v1.1"),
        (("@context",), ["x"], "@context.0", "before all others"),
        (("@context",), ["https://www.w3.org/2022/wot/td/v1.1", 5], "@context.1", "prefixes"),
        (("@type",), "tm:ThingModel", "@type", "no Thing Description; derive one"),
        (("security",), [], "security", "is an empty list"),
        (("security",), 5, "security", "a text or a list of texts"),
        (("securityDefinitions",), {}, "securityDefinitions", "is empty"),
        (("securityDefinitions", "basic_sc"), {"in": "body"}, "securityDefinitions.basic_sc.scheme", "nosec"),
        (
            ("securityDefinitions", "basic_sc", "in"),
            "uri",
            "securityDefinitions.basic_sc.in",
            "header, query",
        ),
        (("properties", "level"), "x", "properties.level", "expected a property, an object"),
        ((*LEVEL, "forms"), [], "properties.level.forms", "at least 1"),
        ((*LEVEL, "forms", 0, "op"), "invokeaction", "properties.level.forms.0.op", "one of readproperty"),
        ((*LEVEL, "forms", 0), {"op": "readproperty"}, "properties.level.forms.0.href", "'href' is missing"),
        ((*LEVEL, "minItems"), -1, "properties.level.minItems", "whole number from 0 on"),
        ((*LEVEL, "multipleOf"), 0, "properties.level.multipleOf", "above 0"),
        ((*LEVEL, "enum"), [1, 2, 1.0], "properties.level.enum.2", "is 1.0 again"),
        ((*LEVEL, "minimum"), True, "properties.level.minimum", "is true; expected a number"),
        (("version",), {"model": "1"}, "version.instance", "'instance' is missing"),
        (("links", 0, "sizes"), "big", "links.0.sizes", "such as 16x16"),
        (("links", 0, "rel"), "other", "links.0.sizes", "only a link with rel=icon"),
        (("links", 0), {"rel": "tm:extends", "href": "x"}, "links.0.rel", "only a Thing Model extends"),
        (("links", 0, "hreflang"), "e n", "links.0.hreflang", "language tag"),
        (("registration",), {"expires": "tomorrow"}, "registration.expires", "RFC 3339"),
        (("registration",), {"expires": "2030-01-01T00:00:00"}, "registration.expires", "offset"),
        (("registration",), {"ttl": "5"}, "registration.ttl", "a number"),
        (("registration",), 5, "registration", "an object"),
    ],
)
def test_a_fault_names_its_place_and_what_to_do(
    lamp: dict[str, Any], path: Steps, value: Any, field: str, words: str
) -> None:
    assert faults_of(lamp) == []
    (fault,) = faults_of(put(lamp, path, value))
    assert fault.field == field
    assert words in fault.description


def test_all_faults_are_told_at_once_in_the_documents_order(lamp: dict[str, Any]) -> None:
    del lamp["title"]
    lamp["properties"]["level"]["type"] = "float"
    lamp["actions"]["toggle"]["forms"][0]["op"] = ["invokeaction", "stop"]
    lamp["registration"] = {"ttl": None}
    assert [fault.field for fault in faults_of(lamp)] == [
        "title",
        "properties.level.type",
        "actions.toggle.forms.0.op.1",
        "registration.ttl",
    ]


@pytest.mark.parametrize(
    "expires", ["2030-01-31T12:00:00Z", "2030-01-31t12:00:00.5+02:00", "2030-12-31T23:59:60Z"]
)
def test_a_registration_with_a_time_is_right(lamp: dict[str, Any], expires: str) -> None:
    lamp["registration"] = {"expires": expires, "ttl": 3.5, "created": "whatever the directory sets"}
    assert faults_of(lamp) == []


def test_combined_schemes_are_named_on_one_side_only(lamp: dict[str, Any]) -> None:
    combo: dict[str, Any] = {"scheme": "combo", "oneOf": ["a", "b"]}
    lamp["securityDefinitions"] = {"c": combo}
    assert faults_of(lamp) == []
    combo["allOf"] = ["a", "b"]
    (fault,) = faults_of(lamp)
    assert "not both" in fault.description
    del combo["allOf"], combo["oneOf"]
    (fault,) = faults_of(lamp)
    assert fault.field == "securityDefinitions.c.oneOf"
    assert "two or more" in fault.description


def test_a_scheme_of_another_vocabulary_has_a_prefix(lamp: dict[str, Any]) -> None:
    lamp["securityDefinitions"]["basic_sc"] = {"scheme": "ace:ACESecurityScheme", "ace:as": 5}
    assert faults_of(lamp) == []
    lamp["securityDefinitions"]["basic_sc"] = {"scheme": "ACESecurityScheme"}
    (fault,) = faults_of(lamp)
    assert fault.field == "securityDefinitions.basic_sc.scheme"
    assert "with its prefix" in fault.description


def test_members_that_no_rule_knows_are_right(lamp: dict[str, Any]) -> None:
    lamp["tag"] = {"any": [None, 1]}
    lamp["properties"]["level"]["forms"][0]["htv:methodName"] = "GET"
    assert faults_of(lamp) == []


MODEL: dict[str, Any] = {
    "@context": "https://www.w3.org/2022/wot/td/v1.1",
    "@type": "tm:ThingModel",
    "title": "{{NAME}} lamp",
    "tm:optional": ["/actions/toggle"],
    "version": {"model": "1.0.0"},
    "properties": {"level": {"type": "{{T}}", "maximum": "{{MAX}}", "readOnly": "{{R}}"}},
    "actions": {"toggle": {"tm:ref": "other.tm.json#/actions/toggle"}},
    "links": [{"rel": "tm:extends", "href": "base.tm.json"}],
}


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        (("@type",), "Thing", "@type", "tm:ThingModel"),
        (("@type",), ["tm:ThingModel", 5], "@type.1", "a text"),
        (("version",), {"instance": "1"}, "version.instance", "no instance"),
        (("tm:optional",), ["#/actions/toggle"], "tm:optional.0", "/properties/status"),
        (("tm:optional",), ["/actions/toggle/input"], "tm:optional.0", "whole affordance"),
        (("properties", "{{P}}"), {}, "properties.{{P}}", "only stand in values"),
        (("properties", "level", "maximum"), "100", "properties.level.maximum", "a number"),
        (
            ("properties", "level", "exclusiveMaximum"),
            "{{M}}",
            "properties.level.exclusiveMaximum",
            "a number",
        ),
        (("securityDefinitions",), {"s": {"scheme": "{S}"}}, "securityDefinitions.s.scheme", "nosec"),
        (
            ("securityDefinitions",),
            {"s": {"scheme": "basic", "in": "x"}},
            "securityDefinitions.s.in",
            "header",
        ),
    ],
)
def test_faults_of_thing_models(path: Steps, value: Any, field: str, words: str) -> None:
    assert model_faults_of(MODEL) == []
    (fault,) = model_faults_of(put(MODEL, path, value))
    assert fault.field == field
    assert words in fault.description


def test_a_thing_model_is_told_by_its_type(lamp: dict[str, Any]) -> None:
    assert is_thing_model(MODEL)
    assert is_thing_model({"@type": ["saref:Lamp", "tm:ThingModel"]})
    assert not is_thing_model(lamp)
    assert not is_thing_model({"@type": {"tm:ThingModel": 1}})


WARNED: list[tuple[Steps, Any, str, str]] = [
    (("security",), ["other", "basic_sc"], "security.0", "securityDefinitions lacks"),
    ((*LEVEL, "forms", 0, "security"), "other", "properties.level.forms.0.security", '"other"'),
    (("securityDefinitions", "c"), {"scheme": "combo", "allOf": ["basic_sc", "x"]},
     "securityDefinitions.c.allOf.1", '"x"'),
    ((*LEVEL, "forms", 0, "additionalResponses"), [{"schema": "s"}],
     "properties.level.forms.0.additionalResponses.0.schema", "schemaDefinitions lacks"),
    (("links",), [{"rel": "type", "href": "a"}, {"rel": "type", "href": "b"}], "links.1.rel", "second time"),
    (("created",), "yesterday", "created", "date and time"),
    (("modified",), "2020-02-30", "modified", "date and time"),
    (("securityDefinitions", "basic_sc"), {"scheme": "apikey", "in": "uri", "name": "key"},
     "properties.level.forms.0.href", "{key}"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "field", "words"), WARNED)
def test_what_schemas_cannot_say_is_a_warning_and_a_fault_only_when_strict(
    lamp: dict[str, Any], path: Steps, value: Any, field: str, words: str
) -> None:
    assert warnings_of(lamp) == []
    changed = put(lamp, path, value)
    assert faults_of(changed) == []
    for faults in (warnings_of(changed), faults_of(changed, strict=True)):
        assert faults[0].field == field
        assert words in faults[0].description


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"enum": [1], "const": 1}, "both enum and const"),
        ({"type": "object"}, "unknown members"),
        ({"type": "array"}, "unknown items"),
        ({"readOnly": True, "writeOnly": True}, "neither read nor written"),
        ({"minimum": 5, "maximum": 4}, "no number is allowed"),
        ({"type": "array", "items": {"type": "object"}}, "unknown members"),
        ({"oneOf": [{"type": "array"}]}, "unknown items"),
    ],
)
def test_data_schemas_that_make_no_sense_are_warned_of_everywhere(
    lamp: dict[str, Any], schema: dict[str, Any], words: str
) -> None:
    places: list[Steps] = [
        ("actions", "toggle", "input"),
        ("events", "hot", "cancellation"),
        ("uriVariables",),
        ("schemaDefinitions",),
    ]
    for place in places:
        changed = put(lamp, place, schema if len(place) == 3 else {"x": schema})
        (warning,) = warnings_of(changed)
        assert warning.field.startswith(".".join(map(str, place)))
        assert words in warning.description
        assert faults_of(changed, strict=True) == []
    lamp["properties"]["level"] |= schema
    assert any(words in warning.description for warning in warnings_of(lamp))


def test_texts_are_in_the_same_languages_throughout(lamp: dict[str, Any]) -> None:
    lamp["titles"] = {"en": "Lamp", "de": "Lampe"}
    lamp["properties"]["level"]["titles"] = {"de": "Helligkeit", "en": "level"}
    assert warnings_of(lamp) == []
    lamp["actions"]["toggle"]["descriptions"] = {"en": "toggles"}
    (warning,) = warnings_of(lamp)
    assert warning.field == "actions.toggle.descriptions"
    assert warning.description == "is in en, but titles in de, en"


def test_a_key_in_the_uri_is_no_variable_of_an_affordance(lamp: dict[str, Any]) -> None:
    lamp["securityDefinitions"]["basic_sc"] = {"scheme": "apikey", "in": "uri", "name": "key"}
    for kind in ("properties", "actions", "events"):
        for one in lamp[kind].values():
            one["forms"][0]["href"] += "{?key,unit*}"
    assert warnings_of(lamp) == []
    lamp["properties"]["level"]["uriVariables"] = {"key": {"type": "string"}}
    (warning,) = warnings_of(lamp)
    assert "both as a key and as a URI variable" in warning.description


@pytest.mark.parametrize("document", [{}, {"security": {}, "links": 5, "forms": {}, "properties": [1]}])
def test_no_document_is_too_broken_to_be_checked(document: dict[str, Any]) -> None:
    assert faults_of(document, strict=True)
    assert model_faults_of(document)
    warnings_of(document)


def test_a_place_is_written_as_discovery_writes_it() -> None:
    assert field_of(None) == "(root)"
    assert field_of((((None, "forms"), 0), "href")) == "forms.0.href"


def test_a_check_is_quick_and_grows_with_the_document(lamp: dict[str, Any]) -> None:
    faults_of(lamp)
    started = time.perf_counter()
    for _ in range(50):
        faults_of(lamp)
    assert (time.perf_counter() - started) / 50 < 0.005
    lamp["properties"] = {f"p{i}": {"enum": list(range(200)), "forms": [{"href": "x"}]} for i in range(1000)}
    started = time.perf_counter()
    assert faults_of(lamp) == []
    assert time.perf_counter() - started < 5


def test_reading_rules_loads_no_rdf_library() -> None:
    code = "import sys, tinykg.things.check; print({'rdflib', 'pyoxigraph', 'jsonschema'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
