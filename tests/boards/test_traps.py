"""The thirteen traps of published board files, each with a real file and what it comes to when joined."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from tinykg.catalogue.board_files import read_boards
from tinykg.extract.installed import extractor_for
from tinykg.join.identity import identity
from tinykg.join.parts import part_key
from tinykg.records.board import BoardDescription, FigureKind, Microcontroller

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.device import DeviceType, Memory
    from tinykg.registry import Registry

KIB, MIB = 1 << 10, 1 << 20


@cache
def slugs() -> dict[tuple[str, str], str]:
    """The board of each (source, identifier); of one that several collections have, the last."""
    return {(d.source, d.identifier): slug for slug, members in read_boards().items() for d in members}


def joined(registry: Registry, source: str, identifier: str) -> DeviceType:
    return registry.device(slugs()[source, identifier])


def memory(device: DeviceType, kind: str) -> Memory:
    (found,) = (m for m in device.memories if m.kind == kind)
    return found


def said(path: Path, identifier: str | None = None) -> BoardDescription | Microcontroller:
    """What a real file says, of one board or part where it speaks of several."""
    assert path.exists(), f"{path} is not among the published files"
    records = [
        r for r in extractor_for(path).extract(path) if isinstance(r, BoardDescription | Microcontroller)
    ]
    for record in records:
        name = record.part if isinstance(record, Microcontroller) else record.identifier
        if identifier in {None, name}:
            return record
    raise AssertionError(identifier)


def figures(record: BoardDescription | Microcontroller) -> set[tuple[str, str, int]]:
    return {(f.memory, f.kind.value, f.size_bytes) for f in record.figures}


@pytest.fixture(scope="module")
def boards(test_data: Path) -> Path:
    return test_data / "boards"


def test_1_a_figure_in_kib_is_never_read_as_bytes(registry: Registry, boards: Path) -> None:
    zephyr = said(boards / "zephyr/boards/arm/nrf52840dk_nrf52840", "nrf52840dk_nrf52840")
    assert ("sram", "test-limit", 256 * KIB) in figures(zephyr), "the file says 256"
    manifest = said(boards / "platformio/nordicnrf52/nrf52840_dk.json")
    assert {size for _, _, size in figures(manifest)} == {256 * KIB, MIB}, "the file says bytes"
    (pack,) = (boards / "pdsc").glob("NordicSemiconductor*.pdsc")
    assert ("sram", "chip-total", 256 * KIB) in figures(said(pack, "nRF52840_xxAA")), "the file says 0x40000"
    sram = memory(joined(registry, "zephyr", "nrf52840dk_nrf52840"), "sram")
    assert sram.total_bytes == 256 * KIB


def test_1_no_board_of_the_catalogue_has_a_memory_that_is_too_small_to_be_in_bytes(
    registry: Registry,
) -> None:
    rows = registry.devices("flash<2KiB")
    assert [device.slug for device in rows] == []


def test_2_what_is_left_after_the_radio_stack_is_apart_from_the_chips_total(
    registry: Registry, boards: Path
) -> None:
    manifest = said(boards / "platformio/nordicnrf52/adafruit_feather_nrf52840.json")
    assert figures(manifest) >= {("sram", "linkable", 248_832), ("flash", "linkable", 815_104)}
    device = joined(registry, "platformio", "adafruit_feather_nrf52840")
    sram, flash = memory(device, "sram"), memory(device, "flash")
    assert (sram.total_bytes, sram.free_bytes) == (256 * KIB, 248_832)
    assert (flash.total_bytes, flash.free_bytes) == (MIB, 815_104)
    assert "PlatformIO" in (sram.free_source or "")


def test_2_an_esp32s_data_memory_is_apart_from_its_total(registry: Registry, boards: Path) -> None:
    manifest = said(boards / "platformio/espressif32/esp32dev.json")
    assert ("sram", "heap-only", 320 * KIB) in figures(manifest)
    sram = memory(joined(registry, "platformio", "esp32dev"), "sram")
    assert (sram.total_bytes, sram.free_bytes) == (520 * KIB, 320 * KIB)


@pytest.mark.parametrize(
    ("path", "free", "total"),
    [
        ("platformio/atmelavr/uno.json", 32_256, 32_768),
        ("platformio/nordicnrf52/nano33ble.json", 983_040, MIB),
        ("platformio/apollo3blue@nigelb/SparkFun_RedBoard_Artemis.json", 983_040, MIB),
    ],
)
def test_3_a_bootloader_is_not_missing_from_the_chip(
    registry: Registry, boards: Path, path: str, free: int, total: int
) -> None:
    manifest = said(boards / path)
    assert isinstance(manifest, BoardDescription)
    assert ("flash", "linkable", free) in figures(manifest)
    flash = memory(joined(registry, "platformio", manifest.identifier), "flash")
    assert (flash.total_bytes, flash.free_bytes) == (total, free)


def test_3_what_one_core_of_two_is_given_is_not_the_flash(registry: Registry, boards: Path) -> None:
    manifest = said(boards / "platformio/ststm32/portenta_h7_m7.json")
    assert ("flash", "chip-total", 786_432) not in figures(manifest)
    assert memory(joined(registry, "platformio", "portenta_h7_m7"), "flash").total_bytes == 2 * MIB


def test_4_external_memory_is_not_the_chips(registry: Registry, boards: Path) -> None:
    manifest = said(boards / "platformio/nxpimxrt/mimxrt1060_evk.json")
    assert {(m, size) for m, _, size in figures(manifest)} >= {("psram", 32 * MIB)}
    device = joined(registry, "platformio", "mimxrt1060_evk")
    assert (memory(device, "sram").total_bytes, memory(device, "psram").total_bytes) == (MIB, 32 * MIB)
    gap = joined(registry, "platformio", "gapuino")
    assert memory(gap, "sram").total_bytes == 576 * KIB
    assert memory(gap, "psram").total_bytes == 8 * MIB
    unphone = joined(registry, "platformio", "unphone9")
    assert (memory(unphone, "sram").total_bytes, memory(unphone, "psram").total_bytes) == (512 * KIB, 8 * MIB)


def test_4_a_placeholder_is_no_flash(registry: Registry, boards: Path) -> None:
    manifest = said(boards / "platformio/linux_arm/raspberrypi_3b.json")
    assert {kind for m, kind, _ in figures(manifest) if m != "dram"} <= {"placeholder"}
    device = joined(registry, "platformio", "raspberrypi_3b")
    assert memory(device, "dram").total_bytes == 1024 * MIB
    assert "flash" not in {m.kind for m in device.memories}
    assert not any(m.kind == "flash" for m in joined(registry, "platformio", "artix7_35t").memories)


def test_5_a_figure_that_cannot_be_is_not_taken(registry: Registry, boards: Path) -> None:
    manifest = said(boards / "platformio/nordicnrf52/nicla_sense_me.json")
    assert 527_616 in {size for memory, _, size in figures(manifest) if memory == "flash"}
    flash = memory(joined(registry, "platformio", "nicla_sense_me"), "flash")
    assert (flash.total_bytes, flash.free_bytes) == (512 * KIB, None)


@pytest.mark.parametrize(
    ("identifier", "kind", "total"),
    [
        ("nanorp2040connect", "flash", 16 * MIB),
        ("disco_b_u585i_iot02a", "sram", 786 * KIB),
        ("nucleo_h743zi", "sram", 1060 * KIB),
        ("weactstudio_esp32c3coreboard", "flash", 4 * MIB),
    ],
)
def test_5_a_wrong_figure_of_one_source_is_corrected_by_the_others(
    registry: Registry, identifier: str, kind: str, total: int
) -> None:
    assert memory(joined(registry, "platformio", identifier), kind).total_bytes == total


def test_6_what_zephyr_assumes_is_no_statement(registry: Registry, boards: Path) -> None:
    folder = boards / "zephyr_hwmv2_sample/st/stm32n6570_dk"
    records = extractor_for(folder).extract(folder)
    kinds = {
        f.kind
        for r in records
        if isinstance(r, BoardDescription)
        for f in r.figures
        if f.memory in {"sram", "flash"}
    }
    assert kinds <= {FigureKind.TEST_LIMIT}
    slug = slugs()["zephyr", "stm32n6570_dk/stm32n657xx"]
    assert not any(m.kind in {"sram", "flash"} for m in registry.device(slug).memories)


def test_6_the_cores_of_a_board_share_its_memory(registry: Registry) -> None:
    """Thingy:53 has 512 KiB, of which 64 are shared: one target says 448, the other 64."""
    targets = (
        "thingy53_nrf5340_cpuapp",
        "thingy53_nrf5340_cpuapp_ns",
        "thingy53_nrf5340_cpunet",
        "thingy53/nrf5340/cpuapp",
    )
    assert {slugs()["zephyr", target] for target in targets} == {"nordic-thingy53"}
    sram = memory(registry.device("nordic-thingy53"), "sram")
    assert (sram.total_bytes, sram.free_bytes) == (512 * KIB, 448 * KIB)


def test_7_of_several_compatible_strings_only_what_all_mean_is_on_the_board(
    registry: Registry, boards: Path
) -> None:
    """FRDM-KL25Z: "nxp,fxos8700","nxp,mma8451q" is an accelerometer without a magnetometer."""
    board = said(boards / "zephyr/boards/arm/frdm_kl25z", "frdm_kl25z")
    assert isinstance(board, BoardDescription)
    assert [s.kind for s in board.sensors or ()] == ["accelerometer"]
    sensors = joined(registry, "zephyr", "frdm_kl25z").sensors or ()
    assert {s.kind for s in sensors} == {"accelerometer"}


def test_8_an_alias_is_not_counted_twice(registry: Registry, boards: Path) -> None:
    (pack,) = (boards / "pdsc").glob("NordicSemiconductor*.pdsc")
    part = said(pack, "nRF52840_xxAA")
    assert isinstance(part, Microcontroller)
    assert {(m, size) for m, kind, size in figures(part) if kind == "chip-total"} == {
        ("sram", 256 * KIB),
        ("flash", MIB),
    }
    samd51 = said(boards / "pdsc/Atmel.SAMD51_DFP.pdsc", "ATSAMD51J19A")
    assert ("sram", "chip-total", 192 * KIB) in figures(samd51)
    boards_with = [registry.device(d.slug) for d in registry.devices("part=nrf52840")]
    assert len(boards_with) >= 40
    for device in boards_with:
        for kind, most in (("sram", 256 * KIB), ("flash", MIB)):
            assert all((m.total_bytes or 0) <= most for m in device.memories if m.kind == kind), device.slug


def test_9_one_board_under_several_identifiers_is_one_board(registry: Registry, boards: Path) -> None:
    one = said(boards / "platformio/espressif32/seeed_xiao_esp32c3.json")
    assert isinstance(one, BoardDescription)
    assert slugs()["platformio", "seeed_xiao_esp32c3"] == slugs()["platformio", "seeed-xiao-esp32-c3"]
    device = joined(registry, "platformio", "seeed_xiao_esp32c3")
    names = {s.source for s in registry.sources(device.slug) if s.fact == "name"}
    assert {f"PlatformIO manifest {identity(one)[1]}/{one.identifier}"} < names


def test_9_the_identifier_of_several_boards_is_of_the_plain_one(registry: Registry, boards: Path) -> None:
    manifest = said(boards / "platformio/nordicnrf52/nano33ble.json")
    assert isinstance(manifest, BoardDescription)
    assert manifest.sensors is None
    plain = joined(registry, "platformio", "nano33ble")
    assert plain.slug == "arduino-nano-33-ble"
    assert {s.kind for s in plain.sensors or ()} == {"accelerometer", "gyroscope", "magnetometer"}
    sense = joined(registry, "zephyr", "arduino_nano_33_ble_sense")
    assert sense.slug == "arduino-nano-33-ble-sense"
    assert {"microphone", "thermometer"} <= {s.kind for s in sense.sensors or ()}


def test_10_a_bare_chip_is_a_part_and_no_board(registry: Registry, boards: Path) -> None:
    manifest = said(boards / "platformio/ststm32/genericSTM32F103C8.json")
    assert isinstance(manifest, BoardDescription)
    assert manifest.is_chip
    assert ("platformio", "genericSTM32F103C8") not in slugs()
    assert not any(
        "stm32f103c8" in (one.name + one.slug).casefold() for one in registry.devices("part=stm32f103c8")
    )


@pytest.mark.parametrize(
    ("path", "stated_hz", "joined_hz"),
    [
        ("platformio/nordicnrf52/nano33ble.json", 64_000_000, 64_000_000),
        ("platformio/atmelavr/uno.json", 16_000_000, 16_000_000),
        ("platformio/ststm32/nucleo_h743zi.json", 400_000_000, 480_000_000),
    ],
)
def test_11_a_clock_is_a_number_whatever_follows_it(
    registry: Registry, boards: Path, path: str, stated_hz: int, joined_hz: int
) -> None:
    manifest = said(boards / path)
    assert isinstance(manifest, BoardDescription)
    assert [p.clock_hz for p in manifest.processors] == [stated_hz]
    assert joined(registry, "platformio", manifest.identifier).processors[0].clock_hz == joined_hz


def test_12_a_hand_written_tag_is_no_network_link(registry: Registry, boards: Path) -> None:
    """The CLUE has no Wi-Fi, whatever a list of features says."""
    manifest = said(boards / "platformio/nordicnrf52/adafruit_clue_nrf52840.json")
    assert isinstance(manifest, BoardDescription)
    assert manifest.connectivity == ("ble",)
    device = joined(registry, "platformio", "adafruit_clue_nrf52840")
    assert "wifi" not in (device.connectivity or ())
    tagged = said(next((boards / "micropython").rglob("board.json")))
    assert isinstance(tagged, BoardDescription)
    assert tagged.sensors is None, "tags are kept as tags"


def test_13_the_boards_of_the_earlier_graph_are_what_they_are(registry: Registry, boards: Path) -> None:
    """Its Nano 33 BLE is the Sense; its Syntiant flash is the external chip; SSI-Web's chip is not known."""
    table = (boards / "ren_devices.csv").read_text(encoding="utf-8")
    assert "Arduino Nano BLE 33" in table
    sense, plain = registry.device("arduino-nano-33-ble-sense"), registry.device("arduino-nano-33-ble")
    for kind in ("thermometer", "microphone"):
        assert kind in {s.kind for s in sense.sensors or ()}
        assert kind not in {s.kind for s in plain.sensors or ()}
    syntiant = registry.device("syntiant-tinyml-board")
    assert memory(syntiant, "flash").total_bytes == 256 * KIB
    assert memory(syntiant, "external-flash").total_bytes == 2 * MIB
    node = registry.device("siemens-ssi-web-node")
    assert [p.part for p in node.processors if p.part] == []
    assert not any(part_key(p.part or "").startswith("nrf") for p in node.processors)
