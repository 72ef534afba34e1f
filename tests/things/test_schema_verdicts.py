"""Each verdict is that of the JSON Schemas that W3C publishes, for real documents and for broken ones."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykg.things.check import edition_faults, faults_of, is_thing_model, model_faults_of
from tinykg.things.rules import faults_by
from tinykg.things.thing_rules import Edition, thing_rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EDITIONS = {
    "td10/resources/validation/td-json-schema-validation.json": Edition(is_1_0=True),
    "td11-rec/validation/td-json-schema-validation.json": Edition(),
    "td11-rec/validation/tm-json-schema-validation.json": Edition(is_model=True),
}

ODD_TEXTS = (
    "", "a:b", ":b", "a\n:b", "{{A}}", "x{{A B}}y", "{A}", "{{}}", "{{é}}", "{{A}}\n", "\n{{A}}", "16x16",
    "x5", "x", "en", "en\n", "en-US", "x-a", "de-", "zh-Hans-CN", "i-klingon", "sl-rozaj-biske",
    "de-a-bb-x-c",    "/properties/a", "/properties/a/b", "/properties//", "/actions/",
    "/events/a\n/b/", "tm:extends",
    "icon", "tm:submodel", "http://www.w3.org/ns/td",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    0, 1, -1, 2.0, 1.5, -0.5, 0.0, 1.0, 10**30, True, False, None, [], {}, [1, True, 1.0], [[1], [1.0]],
)  # fmt: skip


@pytest.fixture(scope="module")
def published(test_data: Path) -> dict[Edition, Any]:
    """W3C's schemas, by the edition of ours that says the same."""
    return {
        edition: jsonschema.Draft7Validator(json.loads((test_data / "wot" / name).read_text("utf-8")))
        for name, edition in EDITIONS.items()
    }


@pytest.fixture(scope="module")
def vocabulary(published: dict[Edition, Any]) -> tuple[list[str], list[Any]]:
    """All names of members in the schemas, and values that some of their rules tell apart."""
    names, words = {"@context", "tm:optional", "{{X}}", "zzz"}, set(ODD_TEXTS)
    for validator in published.values():
        for key, value in members_of(validator.schema):
            if key == "properties" and isinstance(value, dict):
                names |= set(value)
            if key == "enum":
                words |= {one for one in value if isinstance(one, str)}
            if key == "const" and isinstance(value, str):
                words.add(value)
    assert len(names) > 80
    return sorted(names), [*sorted(words), *ODD_VALUES]


def members_of(value: object) -> Iterator[tuple[str, Any]]:
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from members_of(one)
    if isinstance(value, dict):
        yield from value.items()


def agree(document: dict[str, Any], published: dict[Edition, Any]) -> list[bool]:
    """Our verdicts, each the same as W3C's."""
    verdicts = []
    for edition, validator in published.items():
        faults = faults_by(thing_rule(edition), document)
        theirs = [(list(error.absolute_path), error.message) for error in validator.iter_errors(document)]
        assert bool(faults) == bool(theirs), (edition, faults, theirs, document)
        assert all(fault.field and fault.description for fault in faults)
        verdicts.append(not faults)
    return verdicts


def test_verdicts_on_published_documents(
    things: dict[str, dict[str, Any]], published: dict[Edition, Any]
) -> None:
    verdicts = [agree(document, published) for document in things.values()]
    valid = [sum(one) for one in zip(*verdicts, strict=True)]
    assert valid[0] >= 12
    assert valid[1] >= 85
    assert valid[2] >= 45


def test_each_member_left_out_or_exchanged(
    things: dict[str, dict[str, Any]],
    published: dict[Edition, Any],
    vocabulary: tuple[list[str], list[Any]],
) -> None:
    seen: set[tuple[str, ...]] = set()
    for document in things.values():
        if len(json.dumps(document)) > 2000:
            continue
        for path in paths(document):
            kind = tuple(str(step) for step in path if step in vocabulary[0])
            if not path or kind in seen:
                continue
            seen.add(kind)
            exchanged: tuple[Any, ...] = (None, "{{X}}", {})
            for value in exchanged:
                changed = copy.deepcopy(document)
                at(changed, path[:-1])[path[-1]] = value
                agree(changed, published)
            changed = copy.deepcopy(document)
            del at(changed, path[:-1])[path[-1]]
            agree(changed, published)
    assert len(seen) > 150


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_verdicts_on_random_changes(
    seed: int,
    things: dict[str, dict[str, Any]],
    published: dict[Edition, Any],
    vocabulary: tuple[list[str], list[Any]],
) -> None:
    chance = random.Random(seed)
    small = [one for one in things.values() if len(json.dumps(one)) < 6000]
    for _ in range(4):
        document = copy.deepcopy(chance.choice([*small, *SECURED]))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            change(document, chance, *vocabulary)
        agree(document, published)


def change(document: dict[str, Any], chance: random.Random, names: list[str], values: list[Any]) -> None:
    """Put, take away or exchange something anywhere."""

    def value(depth: int = 0) -> Any:
        form = chance.randrange(5 if depth < 3 else 3)
        if form == 3:
            return [value(depth + 1) for _ in range(chance.randrange(4))]
        if form == 4:
            return {chance.choice(names): value(depth + 1) for _ in range(chance.randrange(4))}
        return copy.deepcopy(chance.choice(values))

    path = chance.choice(list(paths(document)))
    here = at(document, path)
    if isinstance(here, dict) and chance.random() < 0.4:
        here[chance.choice(names)] = value()
    elif isinstance(here, list) and chance.random() < 0.4:
        here.append(copy.deepcopy(here[0]) if here and chance.random() < 0.5 else value())
    elif path and chance.random() < 0.3:
        del at(document, path[:-1])[path[-1]]
    elif path:
        at(document, path[:-1])[path[-1]] = value()


def paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in steps:
        yield from paths(one, (*path, step))


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


SECURED: list[dict[str, Any]] = [
    {
        "@context": ["https://www.w3.org/2019/wot/td/v1", "https://www.w3.org/2022/wot/td/v1.1", {"a": "b"}],
        "title": "all schemes",
        "security": ["combo"],
        "securityDefinitions": {
            "none": {"scheme": "nosec"},
            "auto": {"scheme": "auto", "proxy": "http://x"},
            "combo": {"scheme": "combo", "oneOf": ["a", "b"]},
            "all": {"scheme": "combo", "allOf": ["a", "b"], "descriptions": {"en": "x"}},
            "digest": {"scheme": "digest", "qop": "auth", "in": "query", "name": "n"},
            "key": {"scheme": "apikey", "in": "uri", "name": "k"},
            "bearer": {"scheme": "bearer", "alg": "ES256", "format": "jwt", "authorization": "http://x"},
            "psk": {"scheme": "psk", "identity": "x"},
            "oauth": {"scheme": "oauth2", "flow": "code", "token": "http://x", "scopes": ["a"]},
            "own": {"scheme": "ace:ACE", "@type": ["x"]},
        },
        "links": [{"href": "x", "hreflang": ["en", "de-CH"]}, {"rel": "icon", "href": "y", "sizes": "1x1"}],
        "schemaDefinitions": {"s": {"type": "object", "properties": {"a": {"items": [{"type": "null"}]}}}},
        "forms": [{"op": "readallproperties", "href": "x", "additionalResponses": [{"success": True}]}],
        "events": {"e": {"forms": [{"href": "x", "response": {"contentType": "a/b"}}], "dataResponse": {}}},
    },
    {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "@type": ["tm:ThingModel", "x"],
        "tm:optional": ["/actions/a"],
        "version": {"model": "1"},
        "securityDefinitions": {
            "x": {"tm:ref": "a#/b"},
            "y": {"scheme": "{{S}}"},
            "z": {"oneOf": ["a", "b"]},
        },
        "actions": {"a": {"input": {"multipleOf": "{{M}}", "enum": "{{E}}"}, "tm:ref": "a#/b"}},
        "links": [{"rel": "tm:submodel", "href": "x", "instanceName": "y"}],
    },
]


def test_what_the_recommendations_schema_accepts_is_accepted(
    things: dict[str, dict[str, Any]], published: dict[Edition, Any]
) -> None:
    accepted = 0
    for name, document in things.items():
        kind = Edition(is_model=True) if is_thing_model(document) else Edition()
        faults = model_faults_of(document) if kind.is_model else faults_of(document)
        assert (faults == []) == published[kind].is_valid(document), name
        accepted += not faults
    assert accepted >= 140


def test_the_index_of_the_collection_says_the_same(
    test_data: Path, things: dict[str, dict[str, Any]]
) -> None:
    import csv

    with (test_data / "tds" / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in ("TD", "TM")]
    assert len(rows) >= 178
    for row in rows:
        document = things[row["file"]]
        for column, edition in zip(("td10", "td11", "tm11"), EDITIONS.values(), strict=True):
            faults = faults_by(thing_rule(edition), document)
            assert (row[column] == "valid") == (not faults), (row["file"], column)


def test_a_td_with_the_old_context_alone_may_be_of_either_edition(lamp: dict[str, Any]) -> None:
    lamp["@context"] = "https://www.w3.org/2019/wot/td/v1"
    assert edition_faults(lamp) == []
    lamp["properties"]["level"]["forms"][0]["subprotocol"] = "cov:observe"  # TD 1.0 knows three
    assert faults_by(thing_rule(Edition(is_1_0=True)), lamp)
    assert edition_faults(lamp) == []
    lamp["properties"]["level"]["forms"][0]["response"] = {}  # TD 1.1 wants its media type
    (fault,) = edition_faults(lamp)
    assert fault.field == "properties.level.forms.0.subprotocol"
    del lamp["properties"]["level"]["forms"][0]["subprotocol"]
    assert edition_faults(lamp) == []
    lamp["@context"] = ["https://www.w3.org/2019/wot/td/v1", "https://www.w3.org/2022/wot/td/v1.1"]
    (fault,) = edition_faults(lamp)
    assert fault.field == "properties.level.forms.0.response.contentType"


def test_a_fault_points_at_what_was_changed(
    things: dict[str, dict[str, Any]],
    published: dict[Edition, Any],
    vocabulary: tuple[list[str], list[Any]],
) -> None:
    chance = random.Random(7396)
    small = [one for one in things.values() if len(json.dumps(one)) < 4000]
    told = 0
    for _ in range(500):
        before = copy.deepcopy(chance.choice([*small, *SECURED]))
        after = copy.deepcopy(before)
        change(after, chance, *vocabulary)
        places = [".".join(map(str, place)) for place in changed_places(before, after)]
        for edition in published:
            if faults_by(thing_rule(edition), before):
                continue
            for fault in faults_by(thing_rule(edition), after):
                assert any(are_related(fault.field, place) for place in places), (fault, places)
                told += 1
    assert told > 100


def changed_places(before: Any, after: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where two values differ; a list of another length as a whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = {**before, **after}
        alone = [(*path, name) for name in names if name not in before or name not in after]
        both = [name for name in names if name in before and name in after]
        return alone + [
            place for name in both for place in changed_places(before[name], after[name], (*path, name))
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [place for i, (one, other) in pairs for place in changed_places(one, other, (*path, i))]
    return [] if type(before) is type(after) and before == after else [path]


def are_related(field: str, place: str) -> bool:
    """Whether one place is the other, or within it."""
    return place == "" or f"{field}.".startswith(f"{place}.") or f"{place}.".startswith(f"{field}.")
