"""A Thing conforms to its model if it has what that has, and allows no value that that does not."""

from __future__ import annotations

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.things.conform import conforms

Schema = dict[str, object]


def of(schema: Schema) -> dict[str, object]:
    return {"properties": {"p": schema}}


@pytest.mark.parametrize(
    ("wanted", "actual", "field"),
    [
        ({"type": "number"}, {"type": "integer"}, None),
        ({"type": "integer"}, {"type": "number"}, "type"),
        ({"type": "integer"}, {}, "type"),
        ({"type": "{{T}}"}, {"type": "string"}, None),
        ({"minimum": 1}, {"minimum": 1.0}, None),
        ({"minimum": 1}, {"minimum": 0.5}, "minimum"),
        ({"minimum": 1}, {}, "minimum"),
        ({"minimum": 1}, {"exclusiveMinimum": 1}, None),
        ({"exclusiveMinimum": 1}, {"minimum": 1}, "exclusiveMinimum"),
        ({"exclusiveMinimum": 1}, {"minimum": 1.1}, None),
        ({"maximum": 5}, {"maximum": 6}, "maximum"),
        ({"maximum": 5}, {"exclusiveMaximum": 5}, None),
        ({"exclusiveMaximum": 5}, {"maximum": 5}, "exclusiveMaximum"),
        ({"maximum": "{{M}}"}, {"maximum": 6}, None),
        ({"minLength": 2}, {"minLength": 1}, "minLength"),
        ({"maxItems": 2}, {"maxItems": 1}, None),
        ({"maxItems": 2}, {}, "maxItems"),
        ({"multipleOf": 0.1}, {"multipleOf": 0.3}, None),
        ({"multipleOf": 2}, {"multipleOf": 3}, "multipleOf"),
        ({"enum": [1, 2]}, {"enum": [2]}, None),
        ({"enum": [1, 2]}, {"enum": [True]}, "enum"),
        ({"enum": [1, 2]}, {"const": 2}, None),
        ({"enum": [1, 2]}, {"const": 3}, "const"),
        ({"enum": [1]}, {}, "enum"),
        ({"const": 1}, {"enum": [1.0]}, None),
        ({"const": 1}, {}, "const"),
        ({"enum": [1, 2], "const": 3}, {"enum": [2, 1], "const": 3}, "const"),
        ({"unit": "V"}, {"unit": "mV"}, "unit"),
        ({"readOnly": False}, {}, None),
        ({"readOnly": True}, {}, "readOnly"),
        ({"observable": True}, {}, "observable"),
        ({"observable": False}, {}, None),
        ({"required": ["a"]}, {"required": ["b", "a"]}, None),
        ({"required": ["a"]}, {"required": ["b"]}, "required"),
        (
            {"properties": {"a": {"minimum": 1}}},
            {"properties": {"a": {"minimum": 0}}},
            "properties.a.minimum",
        ),
        ({"properties": {"a": {}}, "required": ["a"]}, {"required": ["a"]}, "properties.a"),
        ({"properties": {"a": {}}}, {}, None),
        ({"items": {"type": "null"}}, {}, "items"),
        ({"items": {"type": "null"}}, {"items": {"type": "string"}}, "items.type"),
        ({"items": {"type": "null"}}, {"items": [{"type": "null"}, {}]}, "items.1.type"),
        ({"items": [{"type": "null"}]}, {"items": []}, "items.0"),
        ({"items": [{"minimum": 1}]}, {"items": [{"minimum": 0}]}, "items.0.minimum"),
        ({"items": [{"minimum": 1}]}, {"items": {}}, "items.minimum"),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, {"oneOf": [{"const": 2}]}, None),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, {"const": 1}, None),
        ({"oneOf": [{"const": 1}]}, {"oneOf": [{"const": 1}, {"const": 3}]}, "oneOf.1"),
        ({"uriVariables": {"u": {"type": "string"}}}, {}, "uriVariables.u"),
    ],
)
def test_a_schema_that_allows_more_is_told(wanted: Schema, actual: Schema, field: str | None) -> None:
    assert conforms(of(wanted), of(wanted)) == []
    found = [fault.field for fault in conforms(of(actual), of(wanted))]
    assert found == ([] if field is None else [f"properties.p.{field}"])


SCHEMAS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["integer", "number", "string"]),
        "minimum": st.integers(-2, 2),
        "maximum": st.integers(-2, 2),
        "exclusiveMinimum": st.integers(-2, 2),
        "exclusiveMaximum": st.integers(-2, 2),
        "multipleOf": st.sampled_from([1, 2, 0.5]),
        "enum": st.lists(st.sampled_from([0, 1, 2.5, "a", True]), min_size=1, max_size=2),
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(0, 2),
    },
)
EXAMPLES = (-3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, "", "a", "ab", "abc", True, False, None)


@given(SCHEMAS, SCHEMAS)
def test_what_conforms_allows_no_value_that_the_model_does_not(wanted: Schema, actual: Schema) -> None:
    if conforms(of(actual), of(wanted)):
        return
    ours, theirs = jsonschema.Draft7Validator(actual), jsonschema.Draft7Validator(wanted)
    for value in EXAMPLES:
        assert theirs.is_valid(value) or not ours.is_valid(value), value


@given(SCHEMAS, SCHEMAS)
def test_both_restrictions_together_conform(wanted: Schema, further: Schema) -> None:
    narrower = {**further, **wanted}
    assert conforms(of(narrower), of(wanted)) == []


def test_affordances_are_there_unless_optional() -> None:
    tm = {
        "tm:optional": ["/events/e", "/actions/a~1b"],
        "properties": {"p": {}},
        "actions": {"a/b": {"safe": True, "input": {"type": "string"}}, "c": {}},
        "events": {"e": {"data": {"type": "string"}}},
    }
    assert [fault.field for fault in conforms({}, tm)] == ["properties.p", "actions.c"]
    td = {
        "properties": {"p": {}, "more": {"type": "object"}},
        "actions": {"a/b": {"input": {"type": "null"}}, "c": {}},
        "events": {"e": {}},
    }
    assert [fault.field for fault in conforms(td, tm)] == [
        "actions.a/b.safe",
        "actions.a/b.input.type",
        "events.e.data",
    ]
    assert all(fault.description for fault in conforms(td, tm))
