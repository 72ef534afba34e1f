"""What holds of every Thing Model: how it extends, imports, fills its placeholders and derives."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import InvalidThing
from tinykg.things.conform import conforms
from tinykg.things.derive import derived, placeholders_of, resolved
from tinykg.things.merge_patch import difference, equal, merged

TD = "https://www.w3.org/2022/wot/td/v1.1"
HREF = "http://x.example/model"
NAMES = st.sampled_from(["p", "q", "a/b", "x~y", "enum", "é"])
LEAVES = (
    st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "{{A}}", "{{B C}}", "a {{A}}, {{B C}}"])
)
SCHEMAS = st.recursive(
    st.fixed_dictionaries({}, optional={"type": st.sampled_from(["string", "{{A}}"]), "minimum": LEAVES}),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={"properties": st.dictionaries(NAMES, inner, max_size=2), "items": inner, "const": LEAVES},
    ),
    max_leaves=4,
)
MODELS = st.fixed_dictionaries(
    {"@context": st.just(TD), "@type": st.just("tm:ThingModel")},
    optional={
        "title": LEAVES.filter(lambda leaf: isinstance(leaf, str)),
        "properties": st.dictionaries(NAMES, SCHEMAS, max_size=3),
        "actions": st.dictionaries(NAMES, st.fixed_dictionaries({}, optional={"input": SCHEMAS}), max_size=2),
        "schemaDefinitions": st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=2),
    },
)
VALUES = {"A": "string", "B C": [1, {"d": None}]}


def nowhere(href: str) -> dict[str, Any]:
    raise LookupError(href)


def extending(model: dict[str, Any], base: str) -> dict[str, Any]:
    return {**model, "links": [{"rel": "tm:extends", "href": base}]}


@given(MODELS)
def test_a_model_that_builds_on_nothing_is_itself(model: dict[str, Any]) -> None:
    before = copy.deepcopy(model)
    assert resolved(model, nowhere) == model == before


@given(st.lists(MODELS, min_size=2, max_size=5))
def test_a_chain_of_extensions_is_one_merge_patch_after_the_other(chain: list[dict[str, Any]]) -> None:
    models = {f"{HREF}/{i}": extending(one, str(i + 1)) for i, one in enumerate(chain[:-1])}
    models[f"{HREF}/{len(chain) - 1}"] = chain[-1]
    before = copy.deepcopy(models)
    expected = copy.deepcopy(chain[-1])
    for one in reversed(chain[:-1]):
        expected = merged(expected, one)
    found = resolved(models[f"{HREF}/0"], models.__getitem__, href=f"{HREF}/0")
    assert equal(found, {**expected, **{name: found[name] for name in ("@context", "@type")}})
    assert models == before
    assert resolved(found, nowhere) == found


@given(MODELS, MODELS)
def test_what_a_model_extends_can_be_overridden_to_anything(
    base: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """A model may remove by null and replace: the difference to what is wanted leads there."""
    patch = difference(base, wanted)
    own = extending({**patch, "@context": TD, "@type": "tm:ThingModel"}, "base")
    assert equal(resolved(own, {"base": base}.__getitem__), wanted)


@given(SCHEMAS, SCHEMAS, NAMES)
def test_an_import_is_the_definition_with_a_merge_patch(
    definition: dict[str, Any], own: dict[str, Any], name: str
) -> None:
    escaped = name.replace("~", "~0").replace("/", "~1")
    there = {"properties": {name: definition}}
    model = {"events": {"e": {"data": {"tm:ref": f"there#/properties/{escaped}", **own}}}}
    assert resolved(model, {"there": there}.__getitem__) == {
        "events": {"e": {"data": merged(definition, own)}}
    }
    within = {**there, "events": {"e": {"data": {"tm:ref": f"#/properties/{escaped}", **own}}}}
    assert resolved(within, nowhere)["events"]["e"]["data"] == merged(definition, own)


@given(MODELS)
def test_placeholders_are_all_filled_and_nothing_else_changes(model: dict[str, Any]) -> None:
    before = copy.deepcopy(model)
    td = derived(model, nowhere, model_href=HREF, values=VALUES)
    assert model == before
    assert placeholders_of(td) == []
    assert "{{" not in json.dumps(td)
    expected = filled({name: one for name, one in model.items() if name != "@type"})
    assert td == {**expected, "links": [{"rel": "type", "href": HREF, "type": "application/tm+json"}]}


def filled(value: Any) -> Any:
    """The values in place of the placeholders, by TD 1.1, 10.3.4."""
    if isinstance(value, dict):
        return {name: filled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one) for one in value]
    for name, one in VALUES.items():
        if value == f"{{{{{name}}}}}":
            return one
    if not isinstance(value, str):
        return value
    return re.sub(r"\{\{A\}\}", "string", value).replace("{{B C}}", '[1, {"d": null}]')


@given(MODELS)
def test_what_derives_from_a_model_conforms_to_it(model: dict[str, Any]) -> None:
    td = derived(model, nowhere, model_href=HREF, values=VALUES)
    assert conforms(td, model) == []
    for kind in ("properties", "actions"):
        for name in list(td.get(kind, {})):
            fewer = {**td, kind: {key: one for key, one in td[kind].items() if key != name}}
            (fault,) = conforms(fewer, model)
            assert fault.field == f"{kind}.{name}"


@given(MODELS, st.data())
def test_optional_affordances_are_there_by_choice(model: dict[str, Any], data: st.DataObject) -> None:
    pointers = [
        f"/{kind}/{name.replace('~', '~0').replace('/', '~1')}"
        for kind in ("properties", "actions")
        for name in model.get(kind, {})
    ]
    optional = data.draw(st.lists(st.sampled_from(pointers), unique=True)) if pointers else []
    chosen = data.draw(st.lists(st.sampled_from(optional), unique=True)) if optional else []
    model["tm:optional"] = optional
    td = derived(model, nowhere, model_href=HREF, values=VALUES, optional=chosen)
    assert "tm:optional" not in td
    assert conforms(td, model) == []
    there = [
        f"/{kind}/{name.replace('~', '~0').replace('/', '~1')}"
        for kind in ("properties", "actions")
        for name in td.get(kind, {})
    ]
    assert there == [one for one in pointers if one not in optional or one in chosen]


@given(MODELS)
def test_each_placeholder_without_a_value_is_told_by_its_place(model: dict[str, Any]) -> None:
    names = placeholders_of(model)
    if not names:
        derived(model, nowhere, model_href=HREF)
        return
    with pytest.raises(InvalidThing) as caught:
        derived(model, nowhere, model_href=HREF)
    for fault in caught.value.faults:
        value: Any = model
        rest = fault.field
        while rest:
            step = max((one for one in names_of(value) if f"{rest}.".startswith(f"{one}.")), key=len)
            value, rest = value[step], rest[len(step) + 1 :]
        assert "{{" in value
    assert {
        name for name in names if any(f"{{{{{name}}}}}" in str(one) for one in caught.value.faults)
    } == set(names)


def names_of(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


@pytest.mark.parametrize(
    ("version", "instance", "found"),
    [
        ({"model": "1"}, "2", {"model": "1", "instance": "2"}),
        (None, "2", {"instance": "2"}),
        ({"model": "1"}, None, None),
        ({}, "2", {"instance": "2"}),
        ("{{A}}", "2", {"instance": "2"}),
    ],
)
def test_the_version_is_that_of_the_instance(version: Any, instance: str | None, found: Any) -> None:
    model = {"@context": TD, "@type": "tm:ThingModel", "version": version}
    td = derived(model, nowhere, model_href=HREF, values=VALUES, instance=instance)
    assert td.get("version") == found


@pytest.mark.parametrize("length", [1, 2, 5])
def test_loops_of_any_length_are_refused_wherever_one_enters(length: int) -> None:
    for link in ({"links": [{"rel": "tm:extends"}]}, {"properties": {"p": {"tm:ref": "#/properties/p"}}}):
        models = {}
        for i in range(length):
            other = str((i + 1) % length)
            text = json.dumps(link).replace('"tm:extends"', f'"tm:extends", "href": "{other}"')
            models[str(i)] = json.loads(text.replace('"#/', f'"{other}#/'))
        for start, model in models.items():
            with pytest.raises(InvalidThing, match=r"cannot (build on|import) itself"):
                resolved(model, models.__getitem__, href=start)
