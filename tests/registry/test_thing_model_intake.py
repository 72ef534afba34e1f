"""Device types by their Thing Models, as the registry takes them: once, whole, and only from what it has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.catalogue.thing_models import Unit
from tinykg.errors import InvalidThing, UnknownName
from tinykg.graph.iris import ONTOLOGY_GRAPH

if TYPE_CHECKING:
    from tinykg.registry import Registry

BASE: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/2022/wot/td/v1.1",
        {"tk": "https://w3id.org/tinykg#", "tinykg": "https://w3id.org/tinykg/"},
    ],
    "@type": "tm:ThingModel",
    "id": "urn:tm:acme",
    "title": "Acme",
    "tk:hasMemory": [{"tk:memoryKind": {"@id": "tinykg:memory-kind/sram"}, "tk:totalBytes": 131_072}],
}


def text(**changes: Any) -> str:
    """A Thing Model as people write one."""
    told = {name: value for name, value in {**BASE, **changes}.items() if value is not None}
    return json.dumps(told, indent=4, ensure_ascii=False)


def extends(*hrefs: str) -> list[dict[str, str]]:
    return [{"rel": "tm:extends", "href": href} for href in hrefs]


def add(registry: Registry, model: str, address: str | None = None) -> list[tuple[str, str | None]]:
    return [(one.status, one.name) for one in registry.add_thing_model(model, address)]


def everything(registry: Registry) -> set[str]:
    lines = registry.export(form="nquads").decode().splitlines()
    return {line for line in lines if not line.endswith(f"<{ONTOLOGY_GRAPH}> .")}


@pytest.mark.parametrize("address", [None, "https://models.example/acme.tm.jsonld"])
def test_again_it_changes_nothing_and_says_so(small_registry: Registry, address: str | None) -> None:
    assert add(small_registry, text(), address) == [("added", "acme")]
    before = everything(small_registry)
    for _ in range(2):
        assert add(small_registry, text(), address) == [("unchanged", "acme")]
        assert everything(small_registry) == before


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({}, "https://models.example/other"),
        ({"description": "a word more"}, None),
        ({"tk:runsSystem": {"@id": "tinykg:system/bare-metal"}}, None),
    ],
    ids=["published elsewhere", "another word", "another fact"],
)
def test_what_is_new_in_it_is_kept(
    small_registry: Registry, changes: dict[str, Any], address: str | None
) -> None:
    add(small_registry, text())
    before = everything(small_registry)
    assert add(small_registry, text(**changes), address) == [("updated", "acme")]
    assert everything(small_registry) != before
    assert small_registry.thing_model("acme") == json.loads(text(**changes))
    assert add(small_registry, text()) == [("updated", "acme")]
    assert everything(small_registry) == before


def test_it_goes_without_a_trace(small_registry: Registry) -> None:
    before = everything(small_registry)
    add(small_registry, text(), "https://models.example/acme")
    assert small_registry.remove("acme") == ["device"]
    assert everything(small_registry) == before


def test_another_extends_it_by_its_address_or_its_id(small_registry: Registry) -> None:
    add(small_registry, text(), "https://models.example/acme")
    for number, href in enumerate(("https://models.example/acme", "urn:tm:acme", "urn:tm:acme#x")):
        child = {"id": f"urn:tm:child-{number}", "title": f"Child {number}", "tk:hasMemory": None}
        assert add(small_registry, text(links=extends(href), **child)) == [("added", f"child-{number}")]
        (memory,) = small_registry.device(f"child-{number}").memories
        assert memory.total_bytes == 131_072, "it is inherited"


@pytest.mark.parametrize(
    "href", ["urn:tm:absent", "http://[bad]/device-types/acme", "//[", "https://w3id.org/tinykg/device-type/"]
)
def test_what_is_not_of_this_registry_is_not_fetched_but_named(small_registry: Registry, href: str) -> None:
    before = everything(small_registry)
    with pytest.raises(InvalidThing) as caught:
        small_registry.add_thing_model(text(links=extends(href)))
    assert [fault.field for fault in caught.value.faults] == ["links.0.href"]
    assert everything(small_registry) == before


def test_two_that_would_build_on_each_other_are_refused(small_registry: Registry) -> None:
    add(small_registry, text())
    add(small_registry, text(id="urn:tm:b", title="B", links=extends("urn:tm:acme")))
    for href in ("urn:tm:b", "urn:tm:acme", "urn:tm:acme#x"):
        with pytest.raises(InvalidThing, match="a model cannot build on itself"):
            small_registry.add_thing_model(text(links=extends(href)))
    with pytest.raises(InvalidThing, match="a model cannot build on itself"):
        small_registry.add_thing_model(text(links=extends("http://x.example/a")), "http://x.example/a")


def test_one_whose_base_was_removed_stays_what_it_was(small_registry: Registry) -> None:
    add(small_registry, text())
    child = text(id="urn:tm:b", title="B", links=extends("urn:tm:acme"), **{"tk:hasMemory": None})
    add(small_registry, child)
    small_registry.remove("acme")
    assert small_registry.device("b").memories[0].total_bytes == 131_072
    with pytest.raises(InvalidThing, match="which is not there; add that model first"):
        small_registry.add_thing_model(child)
    with pytest.raises(InvalidThing, match="which is not there"):
        small_registry.thing_description("b", "urn:tm:b", Unit(thing_id="urn:dev:1"))


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Acme Two!", "acme-two"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\0b", "a-b"),
        ("日本", "thing-model"),
    ],
)
def test_any_title_is_a_name_of_its_own(small_registry: Registry, title: str, slug: str) -> None:
    model = text(id=None, title=title)
    assert add(small_registry, model) == [("added", slug)]
    assert small_registry.device(slug).name == title
    assert add(small_registry, model) == [("unchanged", slug)]


def test_titles_of_signs_alone_are_told_apart(small_registry: Registry) -> None:
    names = [add(small_registry, text(id=None, title=title))[0][1] for title in ("***", "???", "..", "***")]
    assert len(set(names)) == 3
    assert names[0] == names[3]


def test_a_fact_that_breaks_a_rule_is_refused_whole(small_registry: Registry) -> None:
    before = everything(small_registry)
    processor = {"tk:core": {"@id": "tinykg:core/cortex-m4f"}, "tk:clockHz": 64}
    (refused,) = small_registry.add_thing_model(text(**{"tk:hasProcessor": processor}))
    assert (refused.status, refused.name) == ("refused", None)
    assert everything(small_registry) == before
    with pytest.raises(UnknownName):
        small_registry.device("acme")


def test_a_unit_has_its_own_title_values_and_additions(small_registry: Registry) -> None:
    prop = {"type": "string", "readOnly": True, "description": "{{PLACE}}"}
    add(small_registry, text(properties={"where": prop}, version={"model": "1.0.0"}))
    unit = Unit(
        thing_id="urn:dev:1",
        title="Mine",
        values={"PLACE": "on the desk"},
        instance="1.0.0-a",
        free_ram_bytes=1000,
        additions={"properties": {"where": {"forms": [{"href": "http://board.local/where"}]}}},
    )
    told = small_registry.thing_description("acme", "urn:tm:acme", unit)
    assert (told["id"], told["title"], told["version"]["instance"]) == ("urn:dev:1", "Mine", "1.0.0-a")
    where = told["properties"]["where"]
    assert (where["description"], where["forms"]) == ("on the desk", [{"href": "http://board.local/where"}])
    assert told["tk:hasMemory"][0]["tk:freeBytes"] == 1000
    assert [link["rel"] for link in told["links"]] == ["type"]
    with pytest.raises(InvalidThing, match="PLACE"):
        small_registry.thing_description("acme", "urn:tm:acme", Unit(thing_id="urn:dev:1"))
