"""Adding files of boards and parts: what is taken, what it changes, and what is refused alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from board_inputs import write_manifest, write_pack, write_sheet

from tinykg.errors import UnknownName
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.device import DeviceType, Memory
    from tinykg.records.listing import Intake
    from tinykg.registry import Registry

KIB, MIB = 1 << 10, 1 << 20
GRAPHS = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
DERIVED = """PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?node ?part { GRAPH ?g { ?node prov:wasDerivedFrom ?part } } ORDER BY ?node ?part"""


def told(intakes: list[Intake]) -> list[tuple[str, str | None, str | None]]:
    return [(one.status, one.kind, one.name) for one in intakes]


def memory(device: DeviceType, kind: str) -> Memory:
    (found,) = (m for m in device.memories if m.kind == kind)
    return found


def content(registry: Registry) -> object:
    return registry.select(GRAPHS).rows


def derived(registry: Registry, slug: str) -> list[tuple[str, str]]:
    """(node below the board, part) of what is taken from parts."""
    begin = f"<https://w3id.org/tinykg/device-type/{slug}/"
    rows = [(str(node), str(part)) for node, part in registry.select(DERIVED).rows]
    return [
        (node[len(begin) : -1], part.split("/microcontroller/")[1][:-1])
        for node, part in rows
        if node.startswith(begin)
    ]


# -- a manifest


def test_a_manifest_of_an_unknown_board_is_a_board(small_registry: Registry, tmp_path: Path) -> None:
    path = write_manifest(tmp_path / "nordicnrf52")
    assert told(small_registry.add(path)) == [("added", "device", "acme-one")]
    device = small_registry.device("acme-one")
    assert (device.name, device.vendor, device.platformio_id) == ("Acme One", "Acme", "acme_one")
    assert device.evidence.source == "PlatformIO manifest nordicnrf52/acme_one"
    assert memory(device, "sram").free_bytes == 200_704
    assert device.sensors is None, "a manifest says nothing of sensors"


def test_what_is_known_of_its_part_flows_to_a_board(small_registry: Registry, tmp_path: Path) -> None:
    """The shipped pack describes the nRF52840."""
    small_registry.add(write_manifest(tmp_path / "nordicnrf52"))
    device = small_registry.device("acme-one")
    assert device.processors[0] == Processor(
        part="nrf52840", core="cortex-m4f", core_count=1, clock_hz=64_000_000, has_fpu=True, simd="DSP"
    )
    assert (memory(device, "sram").total_bytes, memory(device, "flash").total_bytes) == (256 * KIB, MIB)
    nodes = derived(small_registry, "acme-one")
    assert [node for node, _ in nodes] == ["memory/0", "memory/1", "processor/0"]
    assert all(part.startswith("cmsis-pack/") and part.endswith("/nRF52840_xxAA") for _, part in nodes)


def test_a_manifest_again_changes_nothing(small_registry: Registry, tmp_path: Path) -> None:
    path = write_manifest(tmp_path / "p")
    small_registry.add(path)
    before = content(small_registry)
    assert told(small_registry.add(path)) == [("unchanged", "device", "acme-one")]
    assert content(small_registry) == before


def test_a_changed_manifest_updates_its_board(small_registry: Registry, tmp_path: Path) -> None:
    small_registry.add(write_manifest(tmp_path / "p"))
    changed = write_manifest(tmp_path / "p", name="Acme One Plus", upload={"maximum_ram_size": 131_072})
    assert told(small_registry.add(changed)) == [("updated", "device", "acme-one")]
    device = small_registry.device("acme-one")
    assert (device.name, memory(device, "sram").free_bytes) == ("Acme One Plus", 131_072)
    assert told(small_registry.add(changed)) == [("unchanged", "device", "acme-one")]


def test_one_board_by_two_platforms_is_one_board(small_registry: Registry, tmp_path: Path) -> None:
    one, two = write_manifest(tmp_path / "p"), write_manifest(tmp_path / "q", "acme-1")
    assert told(small_registry.add(one)) == [("added", "device", "acme-one")]
    assert told(small_registry.add(two)) == [("added", "device", "acme-one")]
    sources = {s.source for s in small_registry.sources("acme-one") if s.fact == "name"}
    assert len(sources) == 2
    assert len([d for d in small_registry.devices() if d.slug.startswith("acme")]) == 1


def test_a_dry_run_says_the_same_and_writes_nothing(small_registry: Registry, tmp_path: Path) -> None:
    path, before = write_manifest(tmp_path / "p"), content(small_registry)
    assert told(small_registry.add(path, dry_run=True)) == [("added", "device", "acme-one")]
    assert content(small_registry) == before


# -- a sheet


def test_a_sheet_and_a_manifest_of_its_board_are_one_board(small_registry: Registry, tmp_path: Path) -> None:
    write_manifest(tmp_path / "in" / "p", name="Something else")
    write_sheet(tmp_path / "in" / "my-one.toml", "sensors = []", name="My One", platformio_id="acme_one")
    intakes = small_registry.add(tmp_path / "in")
    assert sorted(told(intakes)) == [("added", "device", "my-one"), ("added", "device", "my-one")]
    device = small_registry.device("my-one")
    assert (device.name, device.sensors, device.vendor) == ("My One", (), "Acme")
    assert device.processors[0].clock_hz == 64_000_000, "what the sheet leaves open is filled"
    assert {s.value for s in small_registry.sources("my-one") if s.fact == "name"} == {
        "My One",
        "Something else",
    }


@pytest.mark.parametrize("again", [False, True], ids=["sheet alone", "with the manifest again"])
def test_a_sheet_that_comes_later_takes_over_the_board_it_names(
    small_registry: Registry, tmp_path: Path, *, again: bool
) -> None:
    manifest = write_manifest(tmp_path / "p")
    small_registry.add(manifest)
    path = write_sheet(tmp_path / "my-one.toml", name="My One", platformio_id="acme_one")
    small_registry.add(*([path, manifest] if again else [path]))
    slugs = {d.slug for d in small_registry.devices()}
    assert "my-one" in slugs
    assert "acme-one" not in slugs, "its only description is the sheet's now"
    assert small_registry.device("my-one").vendor == "Acme"
    before = content(small_registry)
    assert {status for status, _, _ in told(small_registry.add(path, manifest))} == {"unchanged"}
    assert content(small_registry) == before


def test_the_order_of_files_makes_no_other_boards(small_registry: Registry, tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path / "p")
    path = write_sheet(tmp_path / "acme-one.toml", platformio_id="acme_one")
    pack = write_pack(tmp_path / "Acme.One_DFP.pdsc", "nRF52840_xxAA")
    assert sorted(told(small_registry.add(pack, path, manifest, dry_run=True))) == sorted(
        told(small_registry.add(manifest, path, pack, dry_run=True))
    )


# -- parts


def test_a_pack_that_comes_later_flows_to_the_boards_with_its_part(
    small_registry: Registry, tmp_path: Path
) -> None:
    manifest = write_manifest(tmp_path / "p", build={"mcu": "acme4711", "f_cpu": None, "cpu": "cortex-m4"})
    small_registry.add(manifest)
    device = small_registry.device("acme-one")
    assert (device.processors[0].has_fpu, device.processors[0].clock_hz) == (None, None)
    assert [m.total_bytes for m in device.memories] == [None, None]
    pack = write_pack(tmp_path / "Acme.One_DFP.pdsc", "ACME4711", clock_hz=120_000_000)
    assert told(small_registry.add(pack)) == [("added", "microcontroller", "ACME4711")]
    device = small_registry.device("acme-one")
    assert device.processors[0] == Processor(
        part="acme4711", core="cortex-m4f", core_count=1, clock_hz=120_000_000, has_fpu=True, simd="DSP"
    )
    assert [(m.kind, m.total_bytes) for m in device.memories] == [("sram", 256 * KIB), ("flash", MIB)]
    assert memory(device, "sram").free_bytes == 200_704, "what a program gets is still the manifest's"
    assert [node for node, _ in derived(small_registry, "acme-one")] == [
        "memory/0",
        "memory/1",
        "processor/0",
    ]
    before = content(small_registry)
    assert told(small_registry.add(pack, manifest)) == [
        ("unchanged", "microcontroller", "ACME4711"),
        ("unchanged", "device", "acme-one"),
    ]
    assert content(small_registry) == before


def test_a_changed_pack_changes_the_boards_with_its_part(small_registry: Registry, tmp_path: Path) -> None:
    small_registry.add(write_manifest(tmp_path / "p", build={"mcu": "acme4711"}))
    path = tmp_path / "Acme.One_DFP.pdsc"
    small_registry.add(write_pack(path, "ACME4711"))
    small_registry.add(write_pack(path, "ACME4711", sram_bytes=0x80000))
    assert memory(small_registry.device("acme-one"), "sram").total_bytes == 512 * KIB
    small_registry.add(write_pack(path, "ACME4711", sram_bytes=0x10000))
    sram = memory(small_registry.device("acme-one"), "sram")
    assert (sram.total_bytes, sram.free_bytes) == (64 * KIB, None), "200,704 bytes cannot be free of 65,536"


def test_a_pack_flows_to_a_board_of_a_sheet(small_registry: Registry, tmp_path: Path) -> None:
    sheet = tmp_path / "mine.toml"
    sheet.write_text('name = "Mine"\nsource = "me"\n[[processor]]\npart = "ACME4711"\ncore = "cortex-m4f"\n')
    small_registry.add(sheet)
    small_registry.add(write_pack(tmp_path / "Acme.One_DFP.pdsc", "ACME4711"))
    device = small_registry.device("mine")
    assert (device.processors[0].clock_hz, memory(device, "flash").total_bytes) == (64_000_000, MIB)
    assert derived(small_registry, "mine") != []


def test_bare_chips_are_parts_and_no_boards(small_registry: Registry, tmp_path: Path) -> None:
    path = write_manifest(
        tmp_path / "ststm32",
        "genericSTM32F999",
        name="STM32F999 (128k RAM)",
        vendor="Generic",
        build={"mcu": "stm32f999zit6", "cpu": "cortex-m4"},
    )
    assert told(small_registry.add(path)) == [("added", "microcontroller", "stm32f999zit6")]
    with pytest.raises(UnknownName):
        small_registry.device("genericSTM32F999")


# -- sources


def test_every_sources_word_is_told(small_registry: Registry, tmp_path: Path) -> None:
    small_registry.add(write_manifest(tmp_path / "p", build={"f_cpu": "32000000L"}))
    said = small_registry.sources("acme-one")
    clocks = [(s.value, s.source.split()[0], s.taken) for s in said if s.fact == "clock_hz"]
    assert clocks == [(64_000_000, "CMSIS-Pack", True), (32_000_000, "PlatformIO", False)]
    (free,) = (s for s in said if s.fact == "sram linkable")
    assert (free.value, free.taken) == (200_704, True)
    assert (free.place or "").startswith("upload.maximum_ram_size")


def test_sources_of_what_is_not_there_are_an_error(small_registry: Registry) -> None:
    with pytest.raises(UnknownName, match="arduino-uno-r3"):
        small_registry.sources("arduino-uno-r4")


# -- refused alone


def test_a_description_that_breaks_a_rule_is_refused_alone(small_registry: Registry, tmp_path: Path) -> None:
    """A clock of 64 Hz can be said in a manifest, but it is none."""
    good = write_manifest(tmp_path / "p")
    bad = write_manifest(tmp_path / "p", "acme_two", name="Acme Two", build={"f_cpu": "64L"})
    first, second = small_registry.add(bad, good)
    assert (first.status, first.path) == ("refused", str(bad))
    assert "A clock is one whole number of hertz in 10 kHz..10 GHz" in (first.problem or "")
    assert told([second]) == [("added", "device", "acme-one")]
    assert not any(d.slug == "acme-two" for d in small_registry.devices())


def test_a_file_that_cannot_be_read_is_refused_alone(small_registry: Registry, tmp_path: Path) -> None:
    good = write_manifest(tmp_path / "p")
    bad = write_manifest(tmp_path / "p", "acme_two", upload={"maximum_ram_size": "much"})
    intakes = {one.path: one for one in small_registry.add(tmp_path)}
    assert intakes[str(good)].status == "added"
    assert intakes[str(bad)].status == "refused"
    assert "maximum_ram_size" in (intakes[str(bad)].problem or "")


def test_two_descriptions_of_one_identity_are_taken_where_they_say_the_same(
    small_registry: Registry, tmp_path: Path
) -> None:
    one, same = write_manifest(tmp_path / "a" / "p"), write_manifest(tmp_path / "b" / "p")
    other = write_manifest(tmp_path / "c" / "p", upload={"maximum_ram_size": 1024})
    assert told(small_registry.add(one, same, dry_run=True)) == [
        ("unchanged", "device", "acme_one"),
        ("added", "device", "acme-one"),
    ]
    refused, taken = small_registry.add(one, other)
    assert taken.status == "added"
    assert refused.path == str(other)
    assert f"another description of 'acme_one' is taken from {one}" in (refused.problem or "")


# -- removal


def test_a_removed_board_is_gone_with_what_was_said_of_it(small_registry: Registry, tmp_path: Path) -> None:
    before = content(small_registry)
    path = write_manifest(tmp_path / "p")
    small_registry.add(path)
    assert small_registry.remove("acme-one") == ["device"]
    assert content(small_registry) == before
    assert told(small_registry.add(path)) == [("added", "device", "acme-one")]


def test_the_part_of_a_removed_board_stays(small_registry: Registry, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "Acme.One_DFP.pdsc", "ACME4711")
    manifest = write_manifest(tmp_path / "p", build={"mcu": "acme4711"})
    small_registry.add(pack, manifest)
    small_registry.remove("acme-one")
    assert told(small_registry.add(pack)) == [("unchanged", "microcontroller", "ACME4711")]
    small_registry.add(manifest)
    assert memory(small_registry.device("acme-one"), "flash").total_bytes == MIB


# -- the built-in boards


def test_an_owners_manifest_of_a_built_in_board_joins_it(fresh_registry: Registry, tmp_path: Path) -> None:
    path = write_manifest(
        tmp_path / "mine",
        "my_nano",
        name="Arduino Nano 33 BLE Sense",
        vendor="Arduino",
        upload={"maximum_ram_size": 100_000},
    )
    assert told(fresh_registry.add(path)) == [("added", "device", "arduino-nano-33-ble-sense")]
    said = [s for s in fresh_registry.sources("nano33") if s.fact == "sram linkable"]
    assert 100_000 in {s.value for s in said}
    assert fresh_registry.device("nano33").evidence.source != "PlatformIO manifest mine/my_nano"
