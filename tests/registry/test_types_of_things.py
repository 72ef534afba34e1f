"""A registered Thing is a device of the type it links to, whenever that type comes, changes or goes."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tinykg.catalogue.registered import device_graphs, type_at, units_anew
from tinykg.catalogue.sessions import open_sessions
from tinykg.errors import Refused, UnknownName
from tinykg.graph import iris
from tinykg.records.listing import UnitSummary
from tinykg.settings import Settings
from tinykg.store.embedded import EmbeddedStore
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tinykg.catalogue.sessions import Sessions
    from tinykg.registry import Registry
    from tinykg.store.protocol import Store

DESK = "urn:dev:desk"
MINE = "http://127.0.0.1:8000/device-types/my-board"
FREE: Any = {"tk:memoryKind": {"@id": "tinykg:memory-kind/sram"}, "tk:freeBytes": 40_000}
BOARD = """
name = "My board"
source = "a test"
aliases = ["mb"]
vendor = "VENDOR"
[[processor]]
core = "cortex-m4f"
[[memory]]
kind = "sram"
total_bytes = 262_144
"""


def td(href: str = MINE, thing_id: str = DESK, **members: Any) -> dict[str, Any]:
    """A Thing Description that links to a type."""
    return {
        "@context": [
            "https://www.w3.org/2022/wot/td/v1.1",
            {"tk": "https://w3id.org/tinykg#", "tinykg": "https://w3id.org/tinykg/"},
        ],
        "id": thing_id,
        "title": "Desk",
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "security": "nosec_sc",
        "links": [{"rel": "type", "href": href}],
        **members,
    }


def put(store: Store, document: Mapping[str, Any]) -> None:
    """Keep a Thing with its device, as the directory does."""
    thing = ox.NamedNode(document["id"])
    text = ox.Literal(json.dumps(document), datatype=ox.NamedNode(RDF.JSON))
    told = [
        ox.Triple(thing, ox.NamedNode(TK.thingId), ox.Literal(document["id"])),
        ox.Triple(thing, ox.NamedNode(TK.thingDescription), text),
    ]
    graphs = device_graphs(store, document["id"], document)
    store.replace_graphs({iris.source_graph("thing", document["id"]): told, **graphs})


def sessions(registry: Registry) -> Sessions:
    return open_sessions(Settings(registry=registry.where))


def register(registry: Registry, document: Mapping[str, Any]) -> None:
    with sessions(registry).writing("a test") as store:
        put(store, document)


def write_board(path: Path, vendor: str) -> Path:
    path.write_text(BOARD.replace("VENDOR", vendor))
    return path


def types(registry: Registry) -> dict[str, str | None]:
    return {unit.id: unit.device_type for unit in registry.units()}


# -- which type is meant


@pytest.mark.parametrize(
    "href",
    [
        "http://[bad]/device-types/arduino-uno-r3",
        "http://[::1/device-types/arduino-uno-r3",
        "//[/device-types/arduino-uno-r3",
        "https://w3id.org/tinykg/device-type/",
        "https://w3id.org/tinykg/device-type/%ff",
        "http://example.org/device-types/%ff",
        "http://example.org/device-types/",
        "http://example.org/device-types",
        "device-types/\ud800",
        "a b\n<c>",
        "",
    ],
)
def test_what_is_no_address_of_a_type_is_none(small_registry: Registry, href: str) -> None:
    register(small_registry, td(href))
    assert small_registry.units() == []


@pytest.mark.parametrize("base", ["http://[bad]/", "//["])
def test_a_base_that_is_no_address_makes_its_links_none(small_registry: Registry, base: str) -> None:
    register(small_registry, td("device-types/arduino-uno-r3", base=base))
    assert small_registry.units() == []


def test_a_link_is_relative_to_the_base(small_registry: Registry) -> None:
    register(small_registry, td("device-types/arduino-uno-r3", base="http://example.org/hub/"))
    assert types(small_registry) == {DESK: "arduino-uno-r3"}


def test_links_that_lead_nowhere_do_not_hide_the_one_that_does(small_registry: Registry) -> None:
    hrefs = ["http://[bad]/", "http://example.org/lamp", "http://example.org/device-types/arduino-uno-r3"]
    register(small_registry, td(links=[{"rel": "type", "href": href} for href in hrefs]))
    assert types(small_registry) == {DESK: "arduino-uno-r3"}


@pytest.mark.parametrize("name", ["Desk", "desk", "urn%3Adev%3Adesk"])
def test_a_registered_device_is_the_type_of_nothing(small_registry: Registry, name: str) -> None:
    """Neither of another one nor, as it is put again, of itself."""
    own = {"tk:hasMemory": FREE}
    href = f"http://example.org/device-types/{name}"
    for _ in range(2):
        register(small_registry, td(href, **own))
        register(small_registry, td(href, "urn:dev:other", **own))
        assert types(small_registry) == {DESK: None, "urn:dev:other": None}


def test_a_device_with_its_types_name_does_not_hide_the_type(small_registry: Registry) -> None:
    href = "http://example.org/device-types/Raspberry%20Pi%20Pico"
    register(small_registry, td(href, title="Raspberry Pi Pico"))
    register(small_registry, td(href, "urn:dev:other", title="Raspberry Pi Pico"))
    assert types(small_registry) == dict.fromkeys((DESK, "urn:dev:other"), "raspberry-pi-pico")
    with sessions(small_registry).reading() as store:
        assert type_at(store, href) == "https://w3id.org/tinykg/device-type/raspberry-pi-pico"


# -- types that come, change and go


def test_a_type_that_is_registered_after_its_thing_makes_it_a_device(
    small_registry: Registry, tmp_path: Path
) -> None:
    register(small_registry, td())
    assert small_registry.units() == []
    small_registry.add(write_board(tmp_path / "my-board.toml", "A"))
    assert types(small_registry) == {DESK: "my-board"}
    assert small_registry.device(DESK).vendor == "A"
    assert small_registry.match(model="hello_world_int8", device=DESK, all_verdicts=True) != []


def test_a_device_without_a_type_gets_the_one_that_comes(small_registry: Registry, tmp_path: Path) -> None:
    own: dict[str, Any] = {"tk:hasMemory": FREE}
    register(small_registry, td(**own))
    assert types(small_registry) == {DESK: None}
    small_registry.add(write_board(tmp_path / "my-board.toml", "A"))
    assert small_registry.units() == [
        UnitSummary(
            id=DESK, name="Desk", device_type="my-board", ram_free_bytes=40_000, flash_free_bytes=None
        )
    ]


def test_a_name_that_a_type_gives_up_leaves_the_thing_without_it(
    small_registry: Registry, tmp_path: Path
) -> None:
    path = write_board(tmp_path / "my-board.toml", "A")
    small_registry.add(path)
    register(small_registry, td("http://example.org/device-types/mb"))
    assert types(small_registry) == {DESK: "my-board"}
    path.write_text(path.read_text().replace('aliases = ["mb"]', ""))
    small_registry.add(path)
    assert small_registry.units() == []
    path.write_text(BOARD)
    small_registry.add(path)
    assert types(small_registry) == {DESK: "my-board"}


def test_a_type_that_is_removed_leaves_its_things_what_they_say_themselves(
    small_registry: Registry, tmp_path: Path
) -> None:
    path = write_board(tmp_path / "my-board.toml", "A")
    small_registry.add(path)
    register(small_registry, td())
    own: dict[str, Any] = {"tk:hasMemory": FREE}
    register(small_registry, td(thing_id="urn:dev:other", **own))
    assert types(small_registry) == {DESK: "my-board", "urn:dev:other": "my-board"}
    assert small_registry.remove("my-board") == ["device"]
    assert types(small_registry) == {"urn:dev:other": None}
    assert small_registry.device("urn:dev:other").vendor is None
    with pytest.raises(UnknownName):
        small_registry.match(device=DESK)
    small_registry.add(path)
    assert types(small_registry) == {DESK: "my-board", "urn:dev:other": "my-board"}


@pytest.mark.parametrize("name", [DESK, "Desk"])
def test_a_registered_device_is_removed_only_with_its_thing(small_registry: Registry, name: str) -> None:
    register(small_registry, td("http://example.org/device-types/arduino-uno-r3"))
    with pytest.raises(Refused, match=r"DELETE /things/urn%3Adev%3Adesk"):
        small_registry.remove_all(["arduino-uno-r3", name])
    assert types(small_registry) == {DESK: "arduino-uno-r3"}, "all or nothing"


def test_a_release_that_knows_more_of_a_type_tells_its_devices(
    small_registry: Registry, small_share: Path, tmp_path: Path, ship: Callable[[Path], None]
) -> None:
    for slug in ("arduino-nano-33-ble-sense", "arduino-uno-r3"):
        register(small_registry, td(f"http://example.org/device-types/{slug}", f"urn:dev:{slug}"))
    later = tmp_path / "later"
    shutil.copytree(small_share, later, symlinks=True)
    (later / "data/devices/arduino-uno-r3.toml").unlink()
    sheet = later / "data/devices/arduino-nano-33-ble-sense.toml"
    sheet.write_text(sheet.read_text().replace('vendor = "Arduino"', 'vendor = "Arduino S.r.l."'))
    ship(later)
    lock = later / "data" / "catalogue.lock.json"
    lock.write_text(lock.read_text() + " ")
    assert small_registry.device("nano33").vendor == "Arduino S.r.l."
    assert small_registry.device("urn:dev:arduino-nano-33-ble-sense").vendor == "Arduino S.r.l."
    assert types(small_registry) == {"urn:dev:arduino-nano-33-ble-sense": "arduino-nano-33-ble-sense"}, (
        "the other's type is no more"
    )


def test_what_is_not_about_types_changes_no_device(small_registry: Registry) -> None:
    register(small_registry, td("http://example.org/device-types/arduino-uno-r3"))
    with sessions(small_registry).reading() as store:
        assert units_anew(store, []) == {}
        assert units_anew(store, [iris.source_graph("model", "arduino-uno-r3")]) == {}
        assert units_anew(store, [iris.source_graph("device-type", "raspberry-pi-pico")]) == {}
        assert list(units_anew(store, [iris.source_graph("joined", "arduino-uno-r3")])) == [
            iris.graph_of(iris.unit(DESK).value)
        ]


# -- in any order


class TypesAndThings(RuleBasedStateMachine):
    """Types and Things that come, change and go in any order: the devices are as if they came types first."""

    def __init__(self) -> None:
        super().__init__()
        self.store = EmbeddedStore()
        self.types: dict[str, list[ox.Triple]] = {}
        self.things: dict[str, dict[str, Any]] = {}

    @rule(
        slug=st.sampled_from(["one", "two"]),
        vendor=st.sampled_from(["A", "B"]),
        aliases=st.sets(st.sampled_from(["uno", "eins"])),
    )
    def add_type(self, slug: str, vendor: str, aliases: set[str]) -> None:
        from tinykg.graph.encode_device import encode_device_type
        from tinykg.records.device import DeviceType
        from tinykg.records.evidence import Evidence, EvidenceKind

        evidence = Evidence(kind=EvidenceKind.DECLARED, source="a test")
        names = tuple(sorted(f"{slug}-{alias}" for alias in aliases))
        device = DeviceType(slug=slug, name=slug, vendor=vendor, evidence=evidence, aliases=names)
        graph = iris.source_graph("device-type", slug)
        self.types[graph] = encode_device_type(device)
        self.change({graph: self.types[graph]})

    @rule(slug=st.sampled_from(["one", "two"]))
    def remove_type(self, slug: str) -> None:
        graph = iris.source_graph("device-type", slug)
        self.types.pop(graph, None)
        self.change({graph: []})

    def change(self, graphs: dict[str, list[ox.Triple]]) -> None:
        self.store.replace_graphs(graphs)
        self.store.replace_graphs(units_anew(self.store, graphs))

    @rule(
        number=st.integers(0, 1),
        names=st.lists(st.sampled_from(["one", "two", "one-uno", "two-eins", "desk", "urn:dev:0"])),
        says=st.booleans(),
    )
    def put_thing(self, number: int, names: list[str], says: bool) -> None:
        links = [{"rel": "type", "href": f"http://example.org/device-types/{name}"} for name in names]
        own: dict[str, Any] = {"tk:hasMemory": FREE} if says else {}
        document = td(thing_id=f"urn:dev:{number}", links=links, **own)
        self.things[document["id"]] = document
        put(self.store, document)

    @rule(number=st.integers(0, 1))
    def remove_thing(self, number: int) -> None:
        thing_id = f"urn:dev:{number}"
        self.things.pop(thing_id, None)
        gone = device_graphs(self.store, thing_id, None)
        self.store.replace_graphs({iris.source_graph("thing", thing_id): [], **gone})

    @invariant()
    def all_is_as_if_types_came_first(self) -> None:
        anew = EmbeddedStore()
        anew.replace_graphs(self.types)
        for document in self.things.values():
            put(anew, document)
        assert anew.graph_names() == self.store.graph_names()
        for name in anew.graph_names():
            assert set(anew.graph(name)) == set(self.store.graph(name)), name

    def teardown(self) -> None:
        self.store.close()


TypesAndThings.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestTypesAndThings = TypesAndThings.TestCase
