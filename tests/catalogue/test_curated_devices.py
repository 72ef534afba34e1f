"""Every board's sheet: it decodes, is plausible, and agrees with the sources it names."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinykg.extract.curated_device import read_device

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.records.device import DeviceType, Memory

FOLDER = Path(__file__).resolve().parents[2] / "data" / "devices"
SHEETS = sorted(FOLDER.glob("*.toml"))
DEVICES = {path.stem: read_device(path) for path in SHEETS}

each_device = pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES.keys())

MEMORY_OF_SYSTEM = {
    "bare-metal": {"sram", "psram", "flash", "external-flash"},
    "linux": {"dram", "storage"},
    "none": set(),
}

CORRECTED_RAM = {
    # ST's sum of TCM, AXI, AHB and backup RAM; curated.csv rounds it to 1 MiB
    "arduino-giga-r1-wifi": 1_085_440,
    "arduino-nicla-vision": 1_085_440,
    "arduino-portenta-h7": 1_085_440,
    "openmv-cam-h7-plus": 1_085_440,
    "st-nucleo-h743zi2": 1_085_440,
    "st-stm32h747i-disco": 1_085_440,
}

LINKS = {"ble", "bluetooth", "ethernet", "ieee802154", "lte-m", "nb-iot", "nfc", "subghz", "wifi"}

BOARDS_TXT = {
    "arduino-mbed boards.txt": "arduino-mbed",
    "arduino-esp32 boards.txt": "espressif-esp32-2020",
    "Spresense Arduino boards.txt": "spresense",
}

KNOWN_FIGURES = [
    # device, kind of memory, figure, bytes: what some source gets wrong, or a user relies on
    ("arduino-nano-33-ble-sense", "sram", "contiguous_bytes", 262_144),
    ("arduino-nano-33-ble-sense", "flash", "free_bytes", 983_040),
    ("arduino-uno-r3", "flash", "free_bytes", 32_256),
    ("arduino-nicla-sense-me", "flash", "free_bytes", None),
    ("arduino-nano-rp2040-connect", "flash", "total_bytes", 16_777_216),
    ("arduino-nano-rp2040-connect", "flash", "free_bytes", None),
    ("adafruit-clue", "sram", "free_bytes", 248_832),
    ("adafruit-clue", "flash", "free_bytes", 815_104),
    ("seeed-xiao-nrf52840-sense", "sram", "free_bytes", 237_568),
    ("seeed-xiao-nrf52840-sense", "flash", "free_bytes", 811_008),
    ("espressif-esp32-devkitc", "sram", "contiguous_bytes", 163_840),
    ("espressif-esp32-devkitc", "sram", "free_bytes", 327_680),
    ("nordic-thingy53", "sram", "free_bytes", 458_752),
    ("nxp-mimxrt1060-evk", "sram", "total_bytes", 1_048_576),
    ("nxp-frdm-k64f", "sram", "contiguous_bytes", 196_608),
    ("st-b-l475e-iot01a", "sram", "contiguous_bytes", 98_304),
    ("st-b-u585i-iot02a", "sram", "contiguous_bytes", 786_432),
    ("st-nucleo-f746zg", "sram", "contiguous_bytes", 327_680),
    ("st-nucleo-h743zi2", "sram", "contiguous_bytes", 524_288),
    ("st-nucleo-h7a3zi-q", "sram", "contiguous_bytes", 1_048_576),
    ("st-nucleo-l4r5zi", "sram", "contiguous_bytes", 655_360),
    ("raspberry-pi-pico", "sram", "free_bytes", 262_144),
    ("sipeed-maix-bit", "sram", "free_bytes", 6_291_456),
    ("siemens-ssi-web-node", "sram", "total_bytes", None),
    ("siemens-ssi-web-node", "sram", "free_bytes", 86_000),
    ("siemens-ssi-web-node", "flash", "free_bytes", 348_000),
]


def the_memory(device: DeviceType, kind: str) -> Memory:
    """The only memory of a kind."""
    found = [memory for memory in device.memories if memory.kind == kind]
    assert len(found) == 1, f"{device.slug} has {len(found)} memories of kind {kind}"
    return found[0]


def test_there_are_106_sheets() -> None:
    assert len(DEVICES) == 106


@each_device
def test_a_sheet_names_its_source(device: DeviceType) -> None:
    assert len(device.evidence.source) > 8
    assert device.evidence.confidence in {"high", "medium"}
    assert device.name
    assert device.vendor


@each_device
def test_a_slug_is_short_lower_case_words(device: DeviceType) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", device.slug)


@each_device
def test_aliases_are_typable(device: DeviceType) -> None:
    assert device.aliases, "a board needs a short name"
    assert [alias for alias in device.aliases if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", alias)] == []


def test_a_name_leads_to_one_board() -> None:
    names = Counter(name for device in DEVICES.values() for name in {device.slug, *device.aliases})
    assert [name for name, uses in names.items() if uses > 1] == []
    titles = Counter(device.name for device in DEVICES.values())
    assert [title for title, uses in titles.items() if uses > 1] == []


@pytest.mark.parametrize(
    ("alias", "slug"),
    [
        ("nano33", "arduino-nano-33-ble-sense"),
        ("nano33-rev2", "arduino-nano-33-ble-sense-rev2"),
        ("nano33ble", "arduino-nano-33-ble"),
        ("uno", "arduino-uno-r3"),
        ("pico", "raspberry-pi-pico"),
        ("esp32cam", "ai-thinker-esp32-cam"),
        ("edge", "sparkfun-edge"),
        ("spresense", "sony-spresense"),
        ("microbit", "bbc-microbit-v2"),
    ],
)
def test_what_people_type(alias: str, slug: str) -> None:
    assert alias in DEVICES[slug].aliases


@each_device
def test_words_are_those_of_the_vocabularies(
    device: DeviceType, concepts: Callable[[str], frozenset[str]]
) -> None:
    assert device.system in concepts("systems")
    assert {processor.core for processor in device.processors} <= concepts("cores")
    assert {memory.kind for memory in device.memories} <= concepts("memory-kinds")
    assert {sensor.kind for sensor in device.sensors or ()} <= concepts("sensor-kinds")


@each_device
def test_links_are_network_links(device: DeviceType) -> None:
    assert set(device.connectivity or ()) <= LINKS


@each_device
def test_processors_are_plausible(device: DeviceType) -> None:
    for processor in device.processors:
        assert processor.clock_hz is None or 10_000_000 <= processor.clock_hz <= 2_000_000_000
        assert processor.core_count in range(1, 17)
        if processor.core in {"cortex-m0plus", "avr"}:
            assert processor.has_fpu is False
        if processor.core == "cortex-m4f":
            assert processor.has_fpu is True
            assert processor.simd == "DSP"


def test_only_two_boards_have_no_processor_of_their_own() -> None:
    without = {slug for slug, device in DEVICES.items() if not device.processors}
    assert without == {"google-coral-usb-accelerator", "siemens-ssi-web-node"}


@each_device
def test_memory_fits_the_system(device: DeviceType) -> None:
    assert device.system is not None
    assert {memory.kind for memory in device.memories} <= MEMORY_OF_SYSTEM[device.system]
    assert bool(device.memories) == (device.system != "none")


@each_device
def test_parts_of_a_memory_are_at_most_the_whole(device: DeviceType) -> None:
    for memory in device.memories:
        figures = [memory.total_bytes, memory.contiguous_bytes, memory.free_bytes]
        for figure in filter(None, figures):
            assert 1_024 <= figure <= 1 << 34
        whole = memory.total_bytes
        if whole is not None:
            assert (memory.contiguous_bytes or 0) <= whole
            assert (memory.free_bytes or 0) <= whole


@each_device
def test_every_figure_has_a_source(device: DeviceType) -> None:
    for memory in device.memories:
        assert (memory.total_bytes is None) == (memory.source is None)
        assert (memory.contiguous_bytes is None) == (memory.contiguous_source is None)
        assert (memory.free_bytes is None) == (memory.free_source is None)
        for own in (memory.contiguous_source, memory.free_source):
            assert own is None or own != device.evidence.source, "a derived figure needs a source of its own"


@each_device
def test_a_sensor_is_listed_once(device: DeviceType) -> None:
    pairs = Counter((sensor.kind, sensor.part) for sensor in device.sensors or ())
    assert [pair for pair, times in pairs.items() if times > 1] == []


def test_boards_without_sensors_are_told_from_unknown_ones() -> None:
    unknown = {slug for slug, device in DEVICES.items() if device.sensors is None}
    assert "renesas-rx65n-cloud-kit" in unknown
    assert {"arduino-uno-r3", "raspberry-pi-pico", "st-nucleo-l4r5zi"}.isdisjoint(unknown)
    assert DEVICES["raspberry-pi-pico"].sensors == ()


@pytest.mark.parametrize(("slug", "kind", "figure", "expected"), KNOWN_FIGURES)
def test_known_figures(slug: str, kind: str, figure: str, expected: int | None) -> None:
    assert getattr(the_memory(DEVICES[slug], kind), figure) == expected


def test_two_kinds_of_core_are_two_processors() -> None:
    cores = [(p.core, p.clock_hz) for p in DEVICES["arduino-portenta-h7"].processors]
    assert cores == [("cortex-m7", 480_000_000), ("cortex-m4f", 240_000_000)]
    assert [p.core for p in DEVICES["raspberry-pi-pico-2"].processors] == ["cortex-m33", "hazard3"]


@each_device
def test_the_collected_table_agrees(device: DeviceType, test_data: Path) -> None:
    with (test_data / "boards" / "curated.csv").open(encoding="utf-8", newline="") as file:
        row = {row["id"]: row for row in csv.DictReader(file)}.get(device.slug)
    if row is None:
        assert "esp-bsp" in device.evidence.source, "what is not in the collected table is from esp-bsp"
        return
    assert device.name == row["name"]
    assert device.evidence.confidence == row["confidence"]
    ram = sum(m.total_bytes or 0 for m in device.memories if m.kind in {"sram", "dram"})
    stated = 0 if device.slug == "siemens-ssi-web-node" else int(row["ram_bytes"] or 0)
    assert ram == CORRECTED_RAM.get(device.slug, stated)
    listed = {tuple(pair.split(":", 1)) for pair in row["sensors"].split(";") if pair}
    carried = {(sensor.kind, sensor.part or "") for sensor in device.sensors or ()}
    assert carried - listed <= {("microphone", "")}
    assert listed <= carried


@each_device
def test_quoted_platformio_figures_are_in_the_manifest(device: DeviceType, test_data: Path) -> None:
    for memory in device.memories:
        for figure, source in (
            (memory.free_bytes, memory.free_source),
            (memory.contiguous_bytes, memory.contiguous_source),
        ):
            quoted = re.match(
                r"PlatformIO board manifest (\S+)(?: \(same chip\))?: upload\.(\w+)", source or ""
            )
            if quoted is None:
                continue
            manifests = sorted((test_data / "boards" / "platformio").rglob(f"{quoted[1]}.json"))
            assert manifests, f"no manifest {quoted[1]}"
            stated = {json.loads(path.read_text("utf-8"))["upload"][quoted[2]] for path in manifests}
            assert figure in stated


@each_device
def test_quoted_arduino_figures_are_in_boards_txt(device: DeviceType, test_data: Path) -> None:
    for memory in device.memories:
        for named, folder in BOARDS_TXT.items():
            if (memory.free_source or "").startswith(named):
                [boards_txt] = (test_data / "boards" / "arduino" / folder).rglob("boards.txt")
                key = re.search(r"upload\.\w+", memory.free_source or "")
                assert key is not None
                assert f"{key[0]}={memory.free_bytes}\n" in boards_txt.read_text("utf-8")


@each_device
def test_platformio_knows_the_board(device: DeviceType, test_data: Path) -> None:
    if device.platformio_id is not None:
        assert any((test_data / "boards" / "platformio").rglob(f"{device.platformio_id}.json"))
