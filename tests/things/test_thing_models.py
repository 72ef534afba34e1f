"""Thing Models build on one another, and Thing Descriptions derive from them."""

from __future__ import annotations

import copy
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.errors import InvalidThing
from tinykg.things.check import faults_of
from tinykg.things.derive import conforms, derived, placeholders_of, resolved, submodels_of
from tinykg.things.inherit import MAX_MODELS, check_dependencies, pointed_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TD = "https://www.w3.org/2022/wot/td/v1.1"
FOLDER = "file://./test/thing-model/tmodels/"
"""The address under which the tools' models name one another."""
T = "http://test.com/"


def nowhere(href: str) -> dict[str, Any]:
    raise LookupError(href)


def among(models: Mapping[str, dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    return lambda href: models[href]


@pytest.fixture
def tools(things: dict[str, dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """Loads the models of the tools' own tests, which lie in several folders."""
    folders = {"depsLoop/": "2__", "noDepsLoop/": "3__", "placeholderExtension/": ""}

    def load(href: str) -> dict[str, Any]:
        name = href.removeprefix(FOLDER)
        for folder, prefix in folders.items():
            if name.startswith(folder):
                rest = name.removeprefix(folder)
                own = f"td-tools/td-tools__{prefix}{rest}"
                return things[own if own in things else f"td-tools/td-tools__{rest}"]
        return things[f"td-tools/td-tools__{name}"]

    return load


def part(name: str) -> str:
    return f"{T}{name}.td.jsonld"


@pytest.mark.parametrize(
    ("model", "expected", "href", "settings"),
    [
        ("SmartLampControlExtend.jsonld", "SmartLampControlExtended.jsonld",
         "./SmartLampControlwithDimming.tm.jsonld", {}),
        ("SmartLampControlImport.jsonld", "SmartLampControlImported.jsonld",
         "./SmartLampControl.tm.jsonld", {}),
        ("noDepsLoop/SmartLampControlImport.jsonld", "SmartLampControlImport.td.jsonld",
         f"{T}SmartLampControl.tm.jsonld", {}),
        ("SmartVentilator.tm.jsonld", "SmartVentilator.composed.tm.jsonld", f"{T}SmartVentilator.tm.jsonld",
         {"parts": {"ventilation": part("VentilatorThingModel"), "led": part("LedThingModel")}}),
        ("Led.tm.jsonld", "Led.composed.tm.jsonld", f"{T}LedThingModel.tm.jsonld",
         {"whole": part("SmartVentilator")}),
        ("Ventilator.tm.jsonld", "Ventilator.composed.tm.jsonld", f"{T}VentilatorThingModel.tm.jsonld",
         {"whole": part("SmartVentilator")}),
        ("LedExtend.tm.jsonld", "LedExtend.composed.tm.jsonld", f"{T}LedThingModelExtend.tm.jsonld",
         {"whole": part("SmartVentilator")}),
        ("SmartVentilatorSubExtend.tm.jsonld", "SmartVentilatorSubExtend.composed.tm.jsonld",
         f"{T}SmartVentilator.tm.jsonld",
         {"parts": {"ventilation": part("VentilatorThingModel"), "led": part("LedThingModelExtend")}}),
        ("VentilatorRecursive.tm.jsonld", "VentilatorRecursive.composed.tm.jsonld",
         f"{T}VentilatorThingModelRecursive.tm.jsonld",
         {"parts": {"led": part("LedThingModelExtend")}, "whole": part("SmartVentilatorRecursive")}),
        ("SmartVentilatorRecursive.tm.jsonld", "SmartVentilatorRecursive.composed.tm.jsonld",
         f"{T}SmartVentilatorRecursive.tm.jsonld",
         {"parts": {"ventilation": part("VentilatorThingModelRecursive")}}),
        ("placeholderExtension/ThingWithPlaceholder.tm.jsonld", "thingExtended.jsonld",
         "./extended_thing.tm.jsonld",
         {"values": {"MQTT_BROKER_ADDR": "example.org:1883", "THING_MODEL": "extended_thing",
                     "THING_UUID_V4": "bf2c24bc-9232-454d-ac17-90feb3647b71"}}),
    ],
)  # fmt: skip
def test_derivation_gives_what_the_tools_give(
    tools: Callable[[str], dict[str, Any]], model: str, expected: str, href: str, settings: dict[str, Any]
) -> None:
    result = derived(tools(FOLDER + model), tools, model_href=href, **settings)
    assert "@type" not in result
    wanted = {key: one for key, one in tools(FOLDER + expected).items() if key != "@type"}
    for one in (result, wanted):  # the tools leave the type of the model, and order links as they find them
        one["links"] = sorted(one["links"], key=json.dumps)
    assert result == wanted


@pytest.mark.parametrize(
    "model", ["LedExtendLoop.tm.jsonld", "depsLoop/OnOff.jsonld", "depsLoop/SmartLampControlImport.jsonld"]
)
def test_models_that_lead_back_to_themselves_are_refused(
    tools: Callable[[str], dict[str, Any]], model: str
) -> None:
    with pytest.raises(InvalidThing, match="cannot build on itself"):
        derived(tools(FOLDER + model), tools, model_href=FOLDER + model)


def test_the_published_models_derive_without_placeholders_left(things: dict[str, dict[str, Any]]) -> None:
    done = 0
    for name, model in things.items():
        if model.get("@type") != "tm:ThingModel" or not name.startswith(("playground-tm/", "test-things/")):
            continue
        before = copy.deepcopy(model)
        names = placeholders_of(model)
        try:
            td = derived(model, nowhere, model_href="http://x.example/tm", values=dict.fromkeys(names, "v"))
        except InvalidThing as error:
            assert "not there" in str(error), name  # noqa: PT017 - some of them name others
            continue
        assert model == before
        assert placeholders_of(td) == []
        assert [link["rel"] for link in td["links"]].count("type") == 1
        done += 1
    assert done >= 10


LAMP: dict[str, Any] = {
    "@context": [TD, {"saref": "https://saref.etsi.org/core/"}],
    "@type": ["tm:ThingModel", "saref:Lamp"],
    "title": "Lamp {{NAME}}",
    "id": "urn:lamp:{{NAME}}:{{NUMBER}}",
    "version": {"model": "1.2.0"},
    "tm:optional": ["/events/hot", "/actions/a~1b"],
    "properties": {"level": {"type": "integer", "minimum": 0, "maximum": "{{MAX}}"}},
    "actions": {"a/b": {"synchronous": "{{SYNC}}"}},
    "events": {"hot": {"data": {"type": "string"}}},
    "links": [
        {"rel": "license", "href": "l"},
        {"rel": "type", "href": "older"},
        {"rel": "tm:submodel", "href": "bulb", "instanceName": "bulb"},
    ],
}
VALUES = {"NAME": "desk", "NUMBER": 7, "MAX": 100, "SYNC": True}


def test_a_description_has_what_the_model_says_and_what_is_added() -> None:
    form = [{"href": "x"}]
    td = derived(
        LAMP,
        nowhere,
        model_href="http://x.example/lamp.tm.json",
        values=VALUES,
        optional=["/actions/a~1b"],
        parts={"bulb": "http://x.example/bulb"},
        instance="3",
        additions={
            "security": "n",
            "securityDefinitions": {"n": {"scheme": "nosec"}},
            "properties": {"level": {"forms": form}},
            "actions": {"a/b": {"forms": form}},
        },
    )
    assert faults_of(td) == []
    assert td["@type"] == ["saref:Lamp"]
    assert td["id"] == "urn:lamp:desk:7"
    assert td["version"] == {"model": "1.2.0", "instance": "3"}
    assert td["properties"]["level"]["maximum"] == 100
    assert td["actions"] == {"a/b": {"synchronous": True, "forms": form}}
    assert "events" not in td
    assert "tm:optional" not in td
    assert td["links"] == [
        {"rel": "license", "href": "l"},
        {"rel": "item", "href": "http://x.example/bulb", "type": "application/td+json"},
        {"rel": "type", "href": "http://x.example/lamp.tm.json", "type": "application/tm+json"},
    ]
    assert conforms(td, LAMP) == []


def test_all_placeholders_without_a_value_are_told() -> None:
    with pytest.raises(InvalidThing) as caught:
        derived(
            LAMP, nowhere, model_href="http://x.example/tm", values={"NAME": "x"}, optional=["/actions/a~1b"]
        )
    assert {fault.field for fault in caught.value.faults} == {
        "id", "properties.level.maximum", "actions.a/b.synchronous",
    }  # fmt: skip
    assert placeholders_of(LAMP) == ["NAME", "NUMBER", "MAX", "SYNC"]
    assert submodels_of(LAMP) == [("bulb", "bulb")]


def test_without_an_instance_no_version_is_made_up() -> None:
    td = derived(LAMP, nowhere, model_href="http://x.example/tm", values=VALUES)
    assert "version" not in td
    assert "actions" not in td


BASE: dict[str, Any] = {
    "@context": [TD, {"b": "http://b/"}],
    "@type": ["tm:ThingModel", "b:Base"],
    "title": "base",
    "version": {"model": "9"},
    "tm:optional": ["/properties/p"],
    "links": [{"rel": "license", "href": "l"}],
    "properties": {"p": {"type": "number", "minimum": 0}, "q": {"type": "string", "unit": "u"}},
}


def test_an_extending_model_overrides_removes_and_adds() -> None:
    own = {
        "@context": TD,
        "@type": "tm:ThingModel",
        "title": "own",
        "tm:optional": ["/properties/r"],
        "links": [{"rel": "tm:extends", "href": "base"}, {"rel": "icon", "href": "i"}],
        "properties": {"p": {"minimum": 5}, "q": None, "r": {"type": "null"}},
    }
    before = copy.deepcopy((own, BASE))
    result = resolved(own, among({"http://x.example/base": BASE}), href="http://x.example/own")
    assert (own, BASE) == before
    assert result == {
        "@context": [TD, {"b": "http://b/"}],
        "@type": ["tm:ThingModel", "b:Base"],
        "title": "own",
        "tm:optional": ["/properties/p", "/properties/r"],
        "links": [{"rel": "license", "href": "l"}, {"rel": "icon", "href": "i"}],
        "properties": {"p": {"type": "number", "minimum": 5}, "r": {"type": "null"}},
    }


def test_an_import_takes_a_definition_wherever_it_stands_and_patches_it() -> None:
    other = {
        "properties": {"a/b": {"type": "object", "properties": {"x": {"tm:ref": "#/schemaDefinitions/s"}}}},
        "schemaDefinitions": {"s": {"type": "string", "maxLength": 5}},
    }
    own = {
        "properties": {"default": {"tm:ref": "o#/properties/a~1b", "title": "mine", "type": None}},
        "actions": {"x": {"input": {"tm:ref": "o#/schemaDefinitions/s", "const": {"tm:ref": "is data"}}}},
    }
    result = resolved(own, among({"o": other}))
    assert result["properties"]["default"] == {
        "title": "mine",
        "properties": {"x": {"type": "string", "maxLength": 5}},
    }
    assert result["actions"]["x"]["input"] == {
        "type": "string",
        "maxLength": 5,
        "const": {"tm:ref": "is data"},
    }


def test_what_a_model_inherits_can_be_imported_from_it() -> None:
    models = {"a": {"links": [{"rel": "tm:extends", "href": "b"}]}, "b": BASE}
    result = resolved({"properties": {"x": {"tm:ref": "a#/properties/q"}}}, among(models))
    assert result == {"properties": {"x": {"type": "string", "unit": "u"}}}


@pytest.mark.parametrize(
    ("model", "field", "words"),
    [
        ({"links": [{"rel": "tm:extends", "href": "gone"}]}, "links.0.href", "not there; add that model"),
        ({"links": [{"rel": "tm:extends"}]}, "links.0.href", "address of a Thing Model"),
        ({"properties": {"p": {"tm:ref": "gone#/x"}}}, "properties.p.tm:ref", "not there"),
        ({"properties": {"p": {"tm:ref": "base"}}}, "properties.p.tm:ref", "no JSON Pointer"),
        ({"properties": {"p": {"tm:ref": "base#/properties/z"}}}, "properties.p.tm:ref", "does not have"),
        ({"properties": {"p": {"tm:ref": 5}}}, "properties.p.tm:ref", "expected an address"),
        ({"properties": {"p": {"tm:ref": "#/properties/p"}}}, "properties.p.tm:ref", "cannot import itself"),
        ({"links": [{"rel": "tm:extends", "href": "me"}]}, "links.0.href", "cannot build on itself"),
    ],
)
def test_what_a_model_builds_on_must_be_there(model: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(InvalidThing) as caught:
        resolved(model, among({"base": BASE, "me": model}), href="me")
    (fault,) = caught.value.faults
    assert fault.field == field
    assert words in fault.description


def test_parts_that_contain_their_whole_are_refused_but_shared_ones_are_not() -> None:
    def of(*parts: str) -> dict[str, Any]:
        return {"links": [{"rel": "tm:submodel", "href": one} for one in parts]}

    diamond = {"a": of("b", "c"), "b": of("d"), "c": of("d", "gone"), "d": of()}
    check_dependencies(diamond["a"], among(diamond), href="a")
    with pytest.raises(InvalidThing, match="leads back"):
        check_dependencies(diamond["a"], among({**diamond, "d": of("b")}), href="a")


def test_models_that_multiply_are_bounded() -> None:
    started = time.monotonic()
    twice = {
        f"p{i}": {"properties": {name: {"tm:ref": f"#/properties/p{i + 1}"} for name in "ab"}}
        for i in range(40)
    }
    with pytest.raises(InvalidThing, match=r"makes up more than|levels of objects"):
        resolved({"properties": {**twice, "p40": {}}}, nowhere)
    chain = {f"p{i}": {"tm:ref": f"#/properties/p{i + 1}"} for i in range(5000)}
    with pytest.raises(InvalidThing, match="levels of objects"):
        resolved({"properties": {**chain, "p5000": {}}}, nowhere)
    with pytest.raises(InvalidThing, match=f"build on {MAX_MODELS}"):
        resolved(
            {"links": [{"rel": "tm:extends", "href": "0"}]},
            lambda href: {"links": [{"rel": "tm:extends", "href": str(int(href) + 1)}]},
        )
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", {"a": [{"": 1}], "x~y/z": 2}), ("/a/0/", 1), ("/x~0y~1z", 2), ("/a", [{"": 1}])],
)
def test_pointers_lead_to_values(pointer: str, value: Any) -> None:
    assert pointed_at({"a": [{"": 1}], "x~y/z": 2}, pointer) == value


@pytest.mark.parametrize("pointer", ["/b", "/a/1", "/a/00", "/a/-", "/a/²", "/a/0//x"])
def test_pointers_to_nothing_are_look_up_errors(pointer: str) -> None:
    with pytest.raises(LookupError):
        pointed_at({"a": [{"": 1}]}, pointer)
