"""One device of a type: what it says itself stands above its type."""

from __future__ import annotations

import pytest

from tinykg.join.unit import unit
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind

KIND = DeviceType(
    slug="board",
    name="Board",
    vendor="Maker",
    evidence=Evidence(kind=EvidenceKind.DECLARED, source="a data sheet"),
    system="bare-metal",
    processors=(Processor(part="X1", core="cortex-m4f", clock_hz=64_000_000),),
    memories=(
        Memory(
            kind="sram", total_bytes=256 << 10, source="a data sheet", free_bytes=200 << 10, free_source="a"
        ),
        Memory(kind="flash", total_bytes=1 << 20, source="a data sheet"),
    ),
    sensors=(Sensor(kind="microphone", part="MP34DT05"),),
    accelerators=(),
    connectivity=("ble",),
    active_power_mw=20.0,
)


def said(**facts: object) -> BoardDescription:
    """What a Thing Description says, with its facts."""
    told = {"source": "thing-description", "collection": None, "identifier": "urn:x", "name": "Mine", **facts}
    return BoardDescription(**told)  # type: ignore[arg-type]


def figure(memory: str, size_bytes: int, kind: FigureKind = FigureKind.LINKABLE) -> MemoryFigure:
    return MemoryFigure(memory=memory, kind=kind, size_bytes=size_bytes, place="tk:hasMemory")


def test_a_device_that_says_nothing_is_what_its_type_is() -> None:
    found = unit("urn:x", said(), KIND)
    assert (found.slug, found.name, found.vendor) == ("urn:x", "Mine", "Maker")
    assert found.evidence.source == "its Thing Description"
    same = ("system", "processors", "memories", "sensors", "accelerators", "connectivity", "active_power_mw")
    for name in same:
        assert getattr(found, name) == getattr(KIND, name), name


def test_its_own_free_memory_stands_above_that_of_its_type() -> None:
    found = unit("urn:x", said(figures=(figure("sram", 40_000),)), KIND)
    ram, flash = found.memories
    assert (ram.kind, ram.free_bytes, ram.free_source) == ("sram", 40_000, "its Thing Description")
    assert (ram.total_bytes, ram.source) == (256 << 10, "a data sheet")
    assert flash == KIND.memories[1]


def test_a_memory_that_was_added_is_one_more() -> None:
    psram = figure("psram", 8 << 20, FigureKind.CHIP_TOTAL)
    found = unit("urn:x", said(figures=(psram,)), KIND)
    assert [m.kind for m in found.memories] == ["sram", "psram", "flash"]
    assert found.memories[1].total_bytes == 8 << 20
    assert found.memories[1].source == "its Thing Description"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (None, ("microphone",)),
        ((), ()),
        ((Sensor(kind="camera"),), ("microphone", "camera")),
        ((Sensor(kind="microphone", part="MP34DT05"),), ("microphone",)),
    ],
)
def test_sensors_that_it_names_are_attached_to_those_of_its_type(
    own: tuple[Sensor, ...] | None, expected: tuple[str, ...]
) -> None:
    found = unit("urn:x", said(sensors=own), KIND)
    assert tuple(s.kind for s in found.sensors or ()) == expected


def test_what_neither_says_is_unknown() -> None:
    from dataclasses import replace

    bare = replace(KIND, sensors=None, accelerators=None, connectivity=None)
    found = unit("urn:x", said(connectivity=("lora",)), bare)
    assert (found.sensors, found.accelerators, found.connectivity) == (None, None, ("lora",))


def test_a_device_without_a_known_type_is_what_it_says() -> None:
    told = said(
        figures=(figure("sram", 1000, FigureKind.CHIP_TOTAL),),
        processors=(Processor(part=None, core="rv32imc"),),
        system="bare-metal",
    )
    found = unit("urn:x", told, None)
    assert [(m.kind, m.total_bytes) for m in found.memories] == [("sram", 1000)]
    assert found.processors[0].core == "rv32imc"
    assert found.vendor is None
