"""Registered Things that are boards are matched like boards."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from tinykg.catalogue.held import HeldRegistry
from tinykg.catalogue.registered import device_graphs, units_anew
from tinykg.errors import InvalidThing, UnknownName
from tinykg.extract.thing_description import described
from tinykg.records.match import Verdict
from tinykg.registry import Registry
from tinykg.report.thing_model import thing_description, thing_model
from tinykg.settings import Settings
from tinykg.validate.gate import validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tinykg.store.embedded import EmbeddedStore

DESK = "urn:dev:desk"
HREF = "http://127.0.0.1:8000/device-types/arduino-nano-33-ble-sense"
FREE = {"tk:memoryKind": {"@id": "tinykg:memory-kind/sram"}, "tk:freeBytes": 40_000}


@pytest.fixture(scope="module")
def held(seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeldRegistry]:
    import shutil

    folder = tmp_path_factory.mktemp("registered") / "registry"
    shutil.copytree(seeded_folder, folder)
    with ExitStack() as stack:
        yield stack.enter_context(HeldRegistry.hold(Settings(registry=str(folder))))


@pytest.fixture
def store(held: HeldRegistry) -> Iterator[EmbeddedStore]:
    """A store that is as before when the test is over."""
    with held.writing("a test") as live:
        yield live
        for name in live.graph_names():
            if "/graph/unit/" in name or "/graph/thing/" in name:
                live.replace_graphs({name: []})


@pytest.fixture
def registry(held: HeldRegistry) -> Registry:
    return Registry.over(held, "held")


def td(**members: Any) -> dict[str, Any]:
    """A Thing Description of a board on a desk."""
    return {
        "@context": [
            "https://www.w3.org/2022/wot/td/v1.1",
            {"tk": "https://w3id.org/tinykg#", "tinykg": "https://w3id.org/tinykg/"},
        ],
        "id": DESK,
        "title": "Board on my desk",
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "security": "nosec_sc",
        "links": [{"rel": "type", "href": HREF, "type": "application/tm+json"}],
        **members,
    }


def register(store: EmbeddedStore, document: Mapping[str, Any]) -> None:
    graphs = device_graphs(store, DESK, document)
    assert [f for triples in graphs.values() for f in validate(triples)] == []
    store.replace_graphs(graphs)


def test_a_device_fits_what_its_type_fits(store: EmbeddedStore, registry: Registry) -> None:
    register(store, td())
    for name in (DESK, "Board on my desk"):
        found = registry.match(device=name)
        assert [(m.model, m.verdict, m.runtime) for m in found] == [
            (m.model, m.verdict, m.runtime) for m in registry.match(device="nano33")
        ]
        assert {m.device for m in found} == {DESK}


def test_its_own_free_memory_decides(store: EmbeddedStore, registry: Registry) -> None:
    register(store, td(**{"tk:hasMemory": FREE}))
    found = registry.match(device=DESK, all_verdicts=True)
    assert {m.ram_available_bytes for m in found if m.ram_available_bytes} == {40_000}
    fits = {m.model for m in found if m.verdict is Verdict.FITS}
    assert fits < {m.model for m in registry.match(device="nano33")}
    assert all((m.ram_required_bytes or 0) <= 40_000 for m in found if m.verdict is Verdict.FITS)


def test_boards_for_a_model_include_registered_ones(store: EmbeddedStore, registry: Registry) -> None:
    before = {m.device for m in registry.match(model="hello_world_int8")}
    register(store, td())
    assert {m.device for m in registry.match(model="hello_world_int8")} - before == {DESK}


def test_it_has_the_measured_times_of_its_type(store: EmbeddedStore, registry: Registry) -> None:
    href = "https://w3id.org/tinykg/device-type/st-nucleo-l4r5zi"
    register(store, td(links=[{"rel": "type", "href": href}]))

    def times(device: str) -> dict[str, object]:
        found = registry.match(device=device, ignore_sensors=True)
        return {m.model: (m.latency, m.energy) for m in found if m.model == "kws_ref_model"}

    assert times(DESK) == times("st-nucleo-l4r5zi") != {}


@pytest.mark.parametrize(
    "href",
    [
        "https://w3id.org/tinykg/device-type/arduino-nano-33-ble-sense",
        "https://tinykg.example.org:8443/device-types/nano33",
        "https://example.org/base/device-types/arduino-nano-33-ble-sense?x=1#y",
        "/device-types/nano33",
    ],
)
def test_a_type_is_known_by_its_iri_or_its_resource(
    store: EmbeddedStore, registry: Registry, href: str
) -> None:
    register(store, td(links=[{"rel": "type", "href": href}]))
    assert [u.device_type for u in registry.units()] == ["arduino-nano-33-ble-sense"]


def test_a_type_is_known_by_the_id_of_its_thing_model(
    store: EmbeddedStore, registry: Registry, tmp_path: Path
) -> None:
    model = {
        **thing_model(registry.device("raspberry-pi-pico")),
        "id": "urn:tm:my-board",
        "title": "My board",
    }
    path = tmp_path / "my-board.tm.jsonld"
    path.write_text(json.dumps(model))
    from tinykg.catalogue.intake import prepare

    batch = prepare(store, [path])
    assert [intake.problem for intake in batch.intakes] == [None]
    store.replace_graphs(batch.graphs)
    register(store, td(links=[{"rel": "type", "href": "urn:tm:my-board"}]))
    [found] = registry.units()
    assert registry.device(found.device_type or "").name == "My board"
    store.replace_graphs(dict.fromkeys(batch.graphs, ()))


@pytest.mark.parametrize(
    "links",
    [
        [],
        [{"rel": "type", "href": "https://example.org/lamp"}],
        [{"rel": "type", "href": "https://example.org/device-types/no-such-board"}],
        [{"rel": "icon", "href": HREF}],
        [{"href": HREF}],
    ],
)
def test_a_thing_that_is_no_board_is_none(
    store: EmbeddedStore, registry: Registry, links: list[dict[str, str]]
) -> None:
    register(store, td(links=links))
    assert registry.units() == []
    with pytest.raises(UnknownName):
        registry.match(device=DESK)


def test_a_thing_that_says_what_it_is_made_of_needs_no_type(store: EmbeddedStore, registry: Registry) -> None:
    own = {
        "tk:hasProcessor": {"tk:core": {"@id": "tinykg:core/cortex-m4f"}, "tk:clockHz": 64_000_000},
        "tk:hasMemory": [
            FREE,
            {"tk:memoryKind": {"@id": "tinykg:memory-kind/flash"}, "tk:totalBytes": 1 << 20},
        ],
        "tk:runsSystem": {"@id": "tinykg:system/bare-metal"},
        "tk:hasNoSensor": True,
    }
    register(store, td(links=[], **own))
    assert "hello_world_int8" in {m.model for m in registry.match(device=DESK)}


def test_what_is_wrong_in_tinykgs_terms_is_named_by_its_field(store: EmbeddedStore) -> None:
    wrong = {"tk:memoryKind": {"@id": "tinykg:memory-kind/srma"}, "tk:freeBytes": 1}
    with pytest.raises(InvalidThing) as raised:
        device_graphs(store, DESK, td(**{"tk:hasMemory": wrong}))
    [fault] = raised.value.faults
    assert "tk:hasMemory" in fault.field
    assert "srma" in fault.description


def test_a_device_that_is_gone_is_gone(store: EmbeddedStore, registry: Registry) -> None:
    register(store, td())
    store.replace_graphs(device_graphs(store, DESK, None))
    assert registry.units() == []


def test_a_changed_type_changes_its_devices(store: EmbeddedStore, registry: Registry) -> None:
    register(store, td())
    thing = ox.NamedNode(DESK)
    text = ox.Literal(
        json.dumps(td(title="Renamed")),
        datatype=ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"),
    )
    told = [
        ox.Triple(thing, ox.NamedNode("https://w3id.org/tinykg#thingId"), ox.Literal(DESK)),
        ox.Triple(thing, ox.NamedNode("https://w3id.org/tinykg#thingDescription"), text),
    ]
    store.replace_graphs({"https://w3id.org/tinykg/graph/thing/urn%3Adev%3Adesk": told})
    changed = "https://w3id.org/tinykg/graph/device-type/arduino-nano-33-ble-sense"
    store.replace_graphs(units_anew(store, [changed]))
    assert [u.name for u in registry.units()] == ["Renamed"]
    assert units_anew(store, ["https://w3id.org/tinykg/graph/device-type/arduino-uno-r3"]) == {}


@pytest.mark.parametrize("name", ["nano33", "raspberry-pi-4b", "espressif-esp32-devkitc", "arduino-uno-r3"])
def test_the_thing_model_of_a_type_says_what_is_known_of_it(registry: Registry, name: str) -> None:
    from dataclasses import replace

    device = registry.device(name)
    said = described(thing_model(device), f"{name}.tm.jsonld")
    assert said.source == "thing-model"
    assert (said.name, said.vendor, said.system) == (device.name, device.vendor, device.system)
    assert [replace(p) for p in said.processors] == list(device.processors)
    assert said.sensors == device.sensors
    assert said.accelerators == device.accelerators
    assert set(said.connectivity or ()) == set(device.connectivity or ())
    figures = {(f.memory, f.size_bytes) for f in said.figures}
    stated = {
        (m.kind, size)
        for m in device.memories
        for size in (m.total_bytes, m.contiguous_bytes, m.free_bytes)
        if size is not None
    }
    assert figures == stated


def test_a_description_derived_from_a_type_makes_a_device_of_it(
    store: EmbeddedStore, registry: Registry
) -> None:
    kind = registry.device("nano33")
    document = thing_description(kind, thing_id=DESK, title=None, href=HREF)
    register(store, document)
    [found] = registry.units()
    assert (found.name, found.device_type) == (kind.name, kind.slug)
