"""Each rule of a Thing Description and a Thing Model: what it takes, what it refuses, and where.

The verdicts on the very same documents are those of W3C's JSON Schemas, and so are the places.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema
import pytest

from tinykg.things.check import faults_of
from tinykg.things.rules import faults_by
from tinykg.things.thing_rules import Edition, thing_rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TD_1_0 = "https://www.w3.org/2019/wot/td/v1"
TD_1_1 = "https://www.w3.org/2022/wot/td/v1.1"
MISSING = object()
"""In place of a value: the member is left out."""

FORM: dict[str, Any] = {"href": "/x"}
THING: dict[str, Any] = {
    "@context": TD_1_1,
    "title": "Lamp",
    "security": "s",
    "securityDefinitions": {"s": {"scheme": "nosec"}},
    "properties": {"p": {"forms": [dict(FORM)]}},
    "actions": {"a": {"forms": [dict(FORM)]}},
    "events": {"e": {"forms": [dict(FORM)]}},
    "links": [{"href": "/l"}],
    "forms": [{"href": "/all", "op": "readallproperties"}],
}
OLD_THING = {**THING, "@context": TD_1_0}
MODEL: dict[str, Any] = {
    "@context": TD_1_1,
    "@type": "tm:ThingModel",
    "properties": {"p": {}},
    "actions": {"a": {}},
    "events": {"e": {}},
    "links": [{"href": "/l"}],
    "forms": [{}],
    "securityDefinitions": {"s": {"scheme": "nosec"}},
}

OLD, NEW, TM = Edition(is_1_0=True), Edition(), Edition(is_model=True)
DOCUMENTS = {OLD: OLD_THING, NEW: THING, TM: MODEL}
SCHEMAS = {
    OLD: "td10/resources/validation/td-json-schema-validation.json",
    NEW: "td11-rec/validation/td-json-schema-validation.json",
    TM: "td11-rec/validation/tm-json-schema-validation.json",
}


class Row(NamedTuple):
    """What stands at a path: all of `good` is right, each of `bad` is a fault with its field.

    A field begins with a dot where it is below the path; an empty one is the path itself.
    """

    path: str
    good: tuple[Any, ...]
    bad: tuple[tuple[Any, str], ...]
    editions: tuple[Edition, ...] = (OLD, NEW, TM)


def bad(*values: Any, at: str = "") -> tuple[tuple[Any, str], ...]:
    return tuple((value, at) for value in values)


TEXT = bad(5, None, ["x"], {})
NUMBERS = ((0, -1, 1.5, 1e300), bad("1", True, None, [1]))
COUNTS = ((0, 3, 2.0), bad(-1, 1.5, "1", True))
FLAGS = ((True, False), bad("true", 1, None))
NOT_OLD, TDS = (NEW, TM), (OLD, NEW)
P, A, E = "properties.p", "actions.a", "events.e"
SCHEME = "securityDefinitions.s"


def schema_rows(at: str) -> Iterator[Row]:
    """The rules of a data schema, wherever one stands (TD 1.1, 5.3.2)."""
    for name in ("title", "description", "unit", "format"):
        yield Row(f"{at}.{name}", ("", "x"), TEXT)
    for name in ("titles", "descriptions"):
        yield Row(f"{at}.{name}", ({}, {"en": "x"}), (*bad([], "x"), *bad({"en": 5}, at=".en")))
    types = ("boolean", "integer", "number", "string", "object", "array", "null")
    yield Row(f"{at}.type", types, bad("float", "Integer", ["string"], None))
    for name in ("readOnly", "writeOnly"):
        yield Row(f"{at}.{name}", *FLAGS)
    for name in ("minimum", "maximum"):
        yield Row(f"{at}.{name}", *NUMBERS)
    for name in ("exclusiveMinimum", "exclusiveMaximum"):
        yield Row(f"{at}.{name}", *NUMBERS, NOT_OLD)
    for name in ("minItems", "maxItems"):
        yield Row(f"{at}.{name}", *COUNTS)
    for name in ("minLength", "maxLength"):
        yield Row(f"{at}.{name}", *COUNTS, NOT_OLD)
    yield Row(f"{at}.multipleOf", (1, 0.1), bad(0, -1, "1", False), NOT_OLD)
    again = ([1, 1.0], [[1], [1.0]], [{"a": 1}, {"a": 1}], ["a", "a"])
    yield Row(
        f"{at}.enum",
        ([1], [1, True, "1", None, [1], {"a": 1}], [0, False]),
        (*bad("x", []), *bad(*again, at=".1")),
    )
    yield Row(f"{at}.oneOf", ([], [{}, {"type": "null"}]), (*bad({}, "x"), *bad([{}, 5], at=".1")))
    yield Row(
        f"{at}.items",
        ({}, [], [{"type": "null"}]),
        (*bad("x", 5), *bad([{}, []], at=".1"), *bad({"type": "x"}, at=".type")),
    )
    yield Row(f"{at}.properties", ({}, {"x": {}}), bad({"x": {"minimum": "0"}}, at=".x.minimum"))
    yield Row(f"{at}.required", ([], ["a"]), (*bad("a", {}), *bad(["a", 5], at=".1")))
    yield Row(f"{at}.@type", ("x", ["x", "y"]), (*bad(5, {}), *bad([5], at=".0")))
    yield Row(f"{at}.@type", (), (*bad("tm:ThingModel"), *bad(["x", "tm:ThingModel"], at=".1")), (NEW,))
    yield Row(f"{at}.const", (None, {}, 5), ())
    yield Row(f"{at}.vendor:own", (None, {}, 5), ())


def rows() -> Iterator[Row]:
    for name in ("id", "title", "description", "base", "support", "created", "modified"):
        yield Row(name, ("", "x"), TEXT)
    for name in ("title", "security", "securityDefinitions", "@context"):
        yield Row(name, (), bad(MISSING), TDS)
    yield Row("@context", (), bad(MISSING, TD_1_0.upper(), 5, {}), (TM,))
    yield Row(
        "@context", ([TD_1_0, "http://x", {"a": 5}],), (*bad("x", TD_1_1), *bad([TD_1_1], at=".0")), (OLD,)
    )
    yield Row(
        "@context",
        (TD_1_0, [TD_1_0, TD_1_1], [TD_1_1, "x", {"a": "b"}]),
        (
            *bad(["x", TD_1_1], at=".0"),
            *bad([TD_1_1, TD_1_0], [TD_1_1, 5], at=".1"),
            *bad([TD_1_1, {"a": 5}], at=".1.a"),
        ),
        NOT_OLD,
    )
    yield Row("@type", ("x", []), (*bad({}, 5), *bad(["x", 5], at=".1")), TDS)
    yield Row("@type", (["x", "tm:ThingModel"],), bad(MISSING, "x", [], 5), (TM,))
    yield from kinds()
    yield from schema_rows(P)
    yield Row(f"{P}.observable", *FLAGS)
    yield from schema_rows(f"{P}.properties.x.items")
    for path in (f"{A}.input", f"{A}.output", f"{E}.subscription", f"{E}.data", f"{E}.cancellation"):
        yield Row(path, ({}, {"type": "null"}), (*bad([], "x"), *bad({"type": "x"}, at=".type")))
    yield Row(f"{E}.dataResponse", ({},), bad([], "x"), NOT_OLD)
    for name in ("safe", "idempotent"):
        yield Row(f"{A}.{name}", *FLAGS)
    yield Row(f"{A}.synchronous", *FLAGS, NOT_OLD)
    yield from forms()
    yield from links()
    yield from schemes()
    yield Row("schemaDefinitions", ({"x": {}},), (*bad({}, []), *bad({"x": 5}, at=".x")), NOT_OLD)
    yield Row("profile", ("x", ["x"]), (*bad([], 5), *bad([5], at=".0")), NOT_OLD)
    yield Row("uriVariables", ({}, {"x": {}}), (*bad([]), *bad({"x": {"type": 5}}, at=".x.type")), NOT_OLD)
    yield Row("version", ({"instance": "1"},), (*bad({}, {"model": "1"}, at=".instance"), *bad("1")), TDS)
    yield Row(
        "version", ({}, {"model": "1"}, "{{V}}"), (*bad({"instance": "1"}, at=".instance"), *bad("1")), (TM,)
    )
    yield from of_models()


def kinds() -> Iterator[Row]:
    """The objects that hold affordances, and what each of these must have."""
    for kind, name in (("properties", "p"), ("actions", "a"), ("events", "e")):
        yield Row(kind, ({}, MISSING), bad([], "x"))
        yield Row(f"{kind}.{name}", (), bad("x", [], None))
        yield Row(f"{kind}.{name}.forms", (), bad(MISSING, [], "x", {}), TDS)
        yield Row(f"{kind}.{name}.forms", (MISSING, [{}]), bad([], "x"), (TM,))
        yield Row(f"{kind}.{name}.uriVariables", ({}, {"x": {}}), (*bad([]), *bad({"x": 5}, at=".x")))


def forms() -> Iterator[Row]:
    """TD 1.1, 5.3.4.2."""
    for owner, good in (
        (P, ("readproperty", ["writeproperty", "observeproperty", "unobserveproperty"])),
        (E, ("subscribeevent", ["unsubscribeevent"])),
    ):
        yield Row(f"{owner}.forms.0.op", good, (*bad("x", 5), *bad(["x"], at=".0")), TDS)
    yield Row(
        f"{A}.forms.0.op", ("invokeaction", ["queryaction", "cancelaction"]), bad("readproperty", []), (NEW,)
    )
    yield Row(f"{A}.forms.0.op", ("invokeaction", []), bad("queryaction"), (OLD,))
    yield Row(
        "forms.0.op", ("readallproperties", ["observeallproperties"]), bad(MISSING, "readproperty"), (NEW,)
    )
    yield Row("forms.0.op", ("readallproperties", MISSING), bad("queryallactions"), (OLD,))
    yield Row("forms", (MISSING,), (*bad([], {}), *bad([5], at=".0")))
    form = f"{P}.forms.0"
    yield Row(form, (), bad("x", [], None), TDS)
    yield Row(f"{form}.href", ("", "{x}"), bad(MISSING, 5), TDS)
    for name in ("contentType", "contentCoding"):
        yield Row(f"{form}.{name}", ("x",), TEXT, TDS)
    yield Row(f"{form}.subprotocol", ("longpoll", "websub", "sse"), bad("x", 5), (OLD,))
    yield Row(f"{form}.subprotocol", ("longpoll", "x"), bad(5), (NEW,))
    yield Row(f"{form}.security", ("s", ["s"]), (*bad([], 5), *bad([5], at=".0")), (NEW,))
    yield Row(f"{form}.scopes", ("s", [], ["s"]), (*bad(5), *bad([5], at=".0")), TDS)
    yield Row(
        f"{form}.response",
        ({"contentType": "x"},),
        (*bad("x"), *bad({"contentType": 5}, at=".contentType")),
        TDS,
    )
    yield Row(f"{form}.response", (), bad({}, at=".contentType"), (NEW,))
    yield Row(f"{form}.response", ({},), (), (OLD,))
    yield Row(
        f"{form}.additionalResponses",
        ([], [{"success": True, "schema": "x", "contentType": "y"}]),
        (*bad({}), *bad([{"success": "x"}], at=".0.success"), *bad([{"schema": 5}], at=".0.schema")),
        (NEW,),
    )


def links() -> Iterator[Row]:
    """TD 1.1, 5.3.4.1."""
    yield Row("links", ([],), (*bad({}, "x"), *bad([5], at=".0")))
    yield Row("links.0.href", ("",), bad(MISSING, 5), TDS)
    for name in ("type", "rel", "anchor"):
        yield Row(f"links.0.{name}", ("x",), bad(5, []), TDS)
    yield Row(
        "links.0.hreflang",
        ("en", ["de-CH", "i-klingon"]),
        (*bad("e n", 5), *bad(["en", "x"], at=".1")),
        (NEW,),
    )
    yield Row("links.0.sizes", (), bad("16x16"), (NEW,))
    yield Row(
        "links.0",
        ({"href": "x", "rel": "icon", "sizes": "16x16"},),
        bad({"href": "x", "rel": "icon", "sizes": 5}, at=".sizes"),
        (NEW,),
    )
    yield Row("links.0.rel", (), bad("tm:extends"), (NEW,))


def schemes() -> Iterator[Row]:
    """TD 1.1, 5.3.3."""
    yield Row("security", ("s", ["s"]), (*bad([], 5), *bad([5], at=".0")), TDS)
    yield Row(
        "securityDefinitions", ({"x": {"scheme": "nosec"}},), (*bad({}, []), *bad({"x": 5}, at=".x")), (NEW,)
    )
    words = ("nosec", "basic", "digest", "apikey", "bearer", "psk", "oauth2")
    yield Row(f"{SCHEME}.scheme", words, bad(MISSING, "x", 5), TDS)
    yield Row(f"{SCHEME}.scheme", ("auto", "ace:x"), (), (NEW,))
    yield Row(f"{SCHEME}.scheme", (), bad("auto", "combo", "ace:x"), (OLD,))
    common: tuple[tuple[str, Any, Any], ...] = (
        ("description", "x", 5),
        ("proxy", "http://x", 5),
        ("@type", ["x"], 5),
        ("descriptions", {"en": "x"}, "x"),
    )
    for name, value, wrong in common:
        yield Row(f"{SCHEME}.{name}", (value,), bad(wrong), TDS)
    own: tuple[tuple[str, str, tuple[Any, ...], tuple[Any, ...]], ...] = (
        ("basic", "in", ("header", "query", "body", "cookie"), ("uri", "x", 5)),
        ("basic", "name", ("x",), (5,)),
        ("digest", "qop", ("auth", "auth-int"), ("x",)),
        ("apikey", "in", ("header",), ("x", 5)),
        ("bearer", "authorization", ("x",), (5,)),
        ("bearer", "alg", ("x",), (5,)),
        ("bearer", "format", ("x",), (5,)),
        ("psk", "identity", ("x",), (5,)),
        ("oauth2", "flow", ("code",), (5,)),
        ("oauth2", "token", ("x",), (5,)),
        ("oauth2", "refresh", ("x",), (5,)),
        ("oauth2", "scopes", ("x", ["x"]), (5, {})),
    )
    for scheme, name, right, wrongs in own:
        good = tuple({"scheme": scheme, name: value} for value in right)
        yield Row(
            SCHEME, good, bad(*({"scheme": scheme, name: value} for value in wrongs), at=f".{name}"), TDS
        )
    yield Row(
        SCHEME, ({"scheme": "apikey", "in": "uri"},), bad({"scheme": "auto", "name": "x"}, at=".name"), (NEW,)
    )
    yield Row(SCHEME, (), bad({"scheme": "apikey", "in": "uri"}, at=".in"), (OLD,))
    both = {"scheme": "combo", "oneOf": ["a", "b"], "allOf": ["a", "b"]}
    yield Row(
        SCHEME,
        ({"scheme": "combo", "oneOf": ["a", "b"]}, {"scheme": "combo", "allOf": ["a", "b", "c"]}),
        (
            *bad(both),
            *bad({"scheme": "combo"}, {"scheme": "combo", "oneOf": "a"}, at=".oneOf"),
            *bad({"scheme": "combo", "oneOf": ["a"]}, at=".oneOf"),
            *bad({"scheme": "combo", "allOf": []}, {"scheme": "combo", "allOf": 5}, at=".allOf"),
            *bad({"scheme": "combo", "allOf": ["a", 5]}, at=".allOf.1"),
        ),
        (NEW,),
    )


def of_models() -> Iterator[Row]:
    """TD 1.1, 10.3: what a Thing Model may leave open, and what only it may say."""
    for name in (
        "type",
        "enum",
        "required",
        "minimum",
        "maximum",
        "minItems",
        "maxLength",
        "multipleOf",
        "readOnly",
    ):
        yield Row(f"{P}.{name}", ("{{X}}", "a{{X Y}}b"), bad("{X}", "{{}}", "{{é}}"), (TM,))
    for path in (f"{P}.{{{{X}}}}", "{{X}}", f"{A}.input.{{{{X}}}}", f"{SCHEME}.{{{{X}}}}"):
        yield Row(path, (), bad("x"), (TM,))
    pointers = ["/properties/p", "/actions/a b", "/events/~1"]
    yield Row(
        "tm:optional",
        ([], pointers),
        (
            *bad({}, "x"),
            *bad(["/properties/"], ["properties/p"], ["/links/0"], ["/actions/a/b"], [5], at=".0"),
        ),
        (TM,),
    )
    for path in (f"{P}.tm:ref", f"{A}.tm:ref", f"{A}.input.tm:ref", "forms.0.tm:ref", f"{SCHEME}.tm:ref"):
        yield Row(path, ("x#/y",), bad(5, {}), (TM,))
    yield Row("links.0.instanceName", ("x",), bad(5), (TM,))
    yield Row("links.0.rel", ("tm:extends", "tm:submodel"), bad("{{X}}"), (TM,))


def documents() -> Iterator[Any]:
    """Every document that the rows make, with the fields of its faults."""
    seen: set[tuple[Edition, str]] = set()
    for row in rows():
        for edition in row.editions:
            cases = [(value, None) for value in row.good] + [(value, field) for value, field in row.bad]
            for value, field in cases:
                document = put(DOCUMENTS[edition], row.path, value)
                key = (edition, json.dumps(document))
                if key in seen:
                    continue
                seen.add(key)
                shown = "left out" if value is MISSING else json.dumps(value)[:40]
                name = (
                    f"{'1.0' if edition.is_1_0 else 'TM' if edition.is_model else '1.1'} {row.path} {shown}"
                )
                yield pytest.param(edition, document, None if field is None else row.path + field, id=name)


def put(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    here: Any = changed
    *steps, last = path.split(".")
    for step in steps:
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
    if isinstance(here, list):
        here[int(last)] = value
    elif value is MISSING:
        here.pop(last, None)
    else:
        here[last] = value
    return changed


CASES = list(documents())


def test_there_are_cases_of_both_kinds_for_each_edition() -> None:
    for edition in DOCUMENTS:
        fields = [case.values[2] for case in CASES if case.values[0] == edition]
        assert fields.count(None) > 60
        assert len(set(fields)) > 60


@pytest.mark.parametrize(("edition", "document", "field"), CASES)
def test_a_rule_takes_what_is_right_and_tells_where_what_is_not_stands(
    edition: Edition, document: dict[str, Any], field: str | None
) -> None:
    faults = faults_by(thing_rule(edition), document)
    assert [fault.field for fault in faults] == ([] if field is None else [field])
    assert all(fault.description for fault in faults)


@pytest.mark.parametrize("edition", DOCUMENTS, ids=["1.0", "1.1", "TM"])
def test_w3cs_schemas_say_the_same_of_every_document(test_data: Path, edition: Edition) -> None:
    text = (test_data / "wot" / SCHEMAS[edition]).read_text("utf-8")
    validator = jsonschema.Draft7Validator(json.loads(text))
    for case in CASES:
        of, document, field = case.values
        if of == edition:
            assert validator.is_valid(document) == (field is None), case.id


@pytest.mark.parametrize(
    ("registration", "field"),
    [
        ({}, None),
        ({"expires": "2030-01-31T12:00:00Z", "ttl": 0}, None),
        ({"created": "x", "modified": "y", "retrieved": "z", "vendor": 5}, None),
        ([], "registration"),
        ({"created": 5}, "registration.created"),
        ({"modified": None}, "registration.modified"),
        ({"retrieved": []}, "registration.retrieved"),
        ({"expires": "2030-13-31T12:00:00Z"}, "registration.expires"),
        ({"expires": 5}, "registration.expires"),
        ({"ttl": True}, "registration.ttl"),
        ({"ttl": None}, "registration.ttl"),
    ],
)
def test_the_registration_has_rules_of_wot_discovery(
    test_data: Path, registration: object, field: str | None
) -> None:
    document = {**THING, "registration": registration}
    assert [fault.field for fault in faults_of(document)] == ([] if field is None else [field])
    name = "discovery-rec/validation/td-discovery-extensions-json-schema.json"
    validator = jsonschema.Draft7Validator(json.loads((test_data / "wot" / name).read_text("utf-8")))
    times = isinstance(registration, dict) and "T" in str(registration.get("expires"))
    assert times or validator.is_valid(document) == (field is None)
