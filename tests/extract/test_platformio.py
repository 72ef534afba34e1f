"""PlatformIO's manifests written by hand: what each member means, and what is no manifest."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.platformio import EXTRACTOR, clock_hz, read_manifest
from tinykg.records.board import FigureKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MANIFEST: Mapping[str, Any] = {
    "name": "Sample Board",
    "vendor": "Sample Works",
    "url": "https://example.org/board",
    "frameworks": ["arduino"],
    "connectivity": ["wifi"],
    "build": {"mcu": "stm32f407vgt6", "cpu": "cortex-m4", "f_cpu": "168000000L"},
    "upload": {"maximum_ram_size": 131_072, "maximum_size": 1_048_576},
}


def write(folder: Path, content: object, name: str = "sample.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def changed(**members: Any) -> dict[str, Any]:
    """The sample with members changed; those of `build` and `upload` are put beside the known ones."""
    manifest = {**MANIFEST}
    for key, value in members.items():
        known = manifest.get(key)
        manifest[key] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
    return manifest


def test_a_manifest_is_a_board(tmp_path: Path) -> None:
    path = write(tmp_path, MANIFEST, "myplatform/boards/sample.json")
    (board,) = EXTRACTOR.extract(path)
    assert (board.source, board.collection, board.identifier) == ("platformio", "myplatform", "sample")
    assert (board.name, board.vendor, board.part) == ("Sample Board", "Sample Works", "stm32f407vgt6")
    assert board.system == "bare-metal"
    assert board.address == "https://example.org/board"
    assert board.connectivity == ("wifi",)
    assert board.sensors is None, "a manifest has no word for sensors"
    assert board.accelerators is None
    assert not board.is_chip
    (processor,) = board.processors
    assert (processor.part, processor.core, processor.clock_hz) == ("stm32f407vgt6", "cortex-m4", 168_000_000)
    assert processor.has_fpu is None, "cpu says Cortex-M4 with and without a floating-point unit"
    assert [(f.memory, f.kind, f.size_bytes, f.place) for f in board.figures] == [
        ("sram", FigureKind.LINKABLE, 131_072, "upload.maximum_ram_size"),
        ("flash", FigureKind.LINKABLE, 1_048_576, "upload.maximum_size"),
    ]


def test_the_collection_is_the_platforms_folder(tmp_path: Path) -> None:
    for name in ("ststm32/sample.json", "ststm32/boards/sample.json"):
        assert read_manifest(write(tmp_path, MANIFEST, name)).collection == "ststm32"


def test_a_byte_order_mark_is_no_part_of_the_json(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeff" + json.dumps(MANIFEST))
    assert EXTRACTOR.accepts(path)
    assert read_manifest(path).name == "Sample Board"


def test_what_a_manifest_leaves_out_is_unknown(tmp_path: Path) -> None:
    board = read_manifest(write(tmp_path, {"name": " Bare ", "build": {}, "frameworks": []}))
    nulls = dict.fromkeys(["vendor", "url", "frameworks", "connectivity", "upload"])
    assert board == read_manifest(write(tmp_path, {"name": "Bare", "build": {}, **nulls}))
    assert (board.name, board.vendor, board.part, board.address) == ("Bare", None, None, None)
    assert board.figures == ()
    assert board.connectivity is None
    assert [p.core for p in board.processors] == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("64000000L", 64_000_000),
        ("16000000UL", 16_000_000),
        ("8000000ul", 8_000_000),
        ("600000000", 600_000_000),
        (48_000_000, 48_000_000),
        ("16*1000000", 16_000_000),
        ("(12 * 1000000UL)", 12_000_000),
        ("0x7A1200L", 8_000_000),
        ("0L", None),
        (None, None),
    ],
)
def test_a_clock_is_a_number_of_hertz(tmp_path: Path, text: str | int | None, expected: int | None) -> None:
    assert clock_hz(tmp_path, text) == expected


@pytest.mark.parametrize(
    "text", ["", "fast", "16 MHz", "-1", "1/0", "16000000LLL*", "9" * 400, "9" * 15 + "*9"]
)
def test_a_clock_that_is_none_is_a_fault_with_its_place(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, changed(build={"f_cpu": text}))
    with pytest.raises(ExtractError, match=r"`\$\.build\.f_cpu`"):
        read_manifest(path)


@pytest.mark.parametrize(
    ("words", "links", "tags"),
    [
        (["wifi", "Bluetooth"], ("bluetooth", "wifi"), ()),
        (["thread", "zigbee", "6LoWPAN"], ("ieee802154",), ("6LoWPAN", "thread", "zigbee")),
        (["LoRa", "GPS"], ("lora",), ("GPS",)),
        (["NB-IoT", "can", "nfc"], ("can", "nb-iot", "nfc"), ()),
        (["gps"], None, ("gps",)),
        ([], None, ()),
    ],
)
def test_connectivity_is_in_tinykgs_words_and_what_they_lose_is_a_tag(
    tmp_path: Path, words: list[str], links: tuple[str, ...] | None, tags: tuple[str, ...]
) -> None:
    board = read_manifest(write(tmp_path, changed(connectivity=words)))
    assert (board.connectivity, board.tags) == (links, tags)


def test_bluetooth_of_a_part_without_the_classic_one_is_low_energy(tmp_path: Path) -> None:
    expected = {"nrf52840": "ble", "esp32s3": "ble", "esp32c6": "ble", "esp32": "bluetooth"}
    for mcu, link in expected.items():
        board = read_manifest(write(tmp_path, changed(connectivity=["bluetooth"], build={"mcu": mcu})))
        assert board.connectivity == (link,), mcu


@pytest.mark.parametrize(
    ("flags", "tags"),
    [
        ("-DBOARD_HAS_PSRAM -mfix", ("BOARD_HAS_PSRAM",)),
        (["-DX", "-D BOARD_HAS_PSRAM"], ("BOARD_HAS_PSRAM",)),
        ("-DBOARD_HAS_PSRAM=1", ("BOARD_HAS_PSRAM",)),
        ("-DBOARD_HAS_PSRAM=0", ()),
        ("-DARDUINO_QTPY_NOPSRAM", ()),
        ([], ()),
    ],
)
def test_external_ram_of_unknown_size_is_a_tag_and_no_figure(
    tmp_path: Path, flags: str | list[str], tags: tuple[str, ...]
) -> None:
    board = read_manifest(write(tmp_path, changed(build={"mcu": "esp32", "extra_flags": flags})))
    assert board.tags == tags
    assert not any(figure.memory == "psram" for figure in board.figures)
    assert (board.note is not None) == bool(tags)


@pytest.mark.parametrize(
    ("build", "core", "count", "has_fpu"),
    [
        ({"mcu": "AMA3B1KK", "cpu": "cortex-m4", "fabi": "hard"}, "cortex-m4f", None, True),
        ({"mcu": "x1", "cpu": "cortex-m4", "extra_flags": "-mfloat-abi=hard"}, "cortex-m4f", None, True),
        ({"mcu": "x1", "cpu": "cortex-m4", "extra_flags": "-mfloat-abi=soft"}, "cortex-m4", None, None),
        ({"mcu": "cortex-m33", "cpu": None}, "cortex-m33", None, None),
        ({"mcu": "atmega328p", "cpu": None}, "avr", 1, None),
        ({"mcu": "esp32", "cpu": None}, "xtensa-lx6", 2, None),
        (
            {"mcu": "esp32", "cpu": None, "extra_flags": "-DCONFIG_FREERTOS_UNICORE=1"},
            "xtensa-lx6",
            None,
            None,
        ),
        ({"mcu": "esp32solo1", "cpu": None}, "xtensa-lx6", 1, None),
        ({"mcu": "ESP32-S2", "cpu": None}, "xtensa-lx7", 1, None),
        ({"mcu": "ARCv2EM", "cpu": None}, "arc", None, None),
        ({"mcu": "esp32s2", "cpu": None}, "xtensa-lx7", 1, None),
        ({"mcu": "esp32s3", "cpu": None}, "xtensa-lx7", 2, None),
        ({"mcu": "esp32c3", "cpu": None}, "rv32imc", 1, None),
        ({"mcu": "esp32c6", "cpu": None}, "rv32imac", 1, None),
        ({"mcu": "esp32p4", "cpu": None}, "rv32imafc", 2, None),
        ({"mcu": "esp8266", "cpu": None}, "xtensa-lx106", 1, None),
        ({"mcu": "32MX795F512H", "cpu": None}, "mips32", 1, None),
        ({"mcu": "msp430f5529", "cpu": None}, "msp430", 1, None),
        ({"mcu": "stc15w404s", "cpu": "mcs51"}, "mcs51", None, None),
        ({"mcu": "K210", "cpu": None}, "rv64gc", 2, None),
        ({"mcu": "rp2040", "cpu": "cortex-m0plus"}, "cortex-m0plus", 2, None),
        ({"mcu": "rp2350", "cpu": None}, None, 2, None),
        ({"mcu": "ch32v003f4p6", "cpu": None, "march": "rv32ecxw"}, "rv32ec", 1, None),
        ({"mcu": "ch32v307vct6", "cpu": None, "march": "rv32imacxw"}, "rv32imafc", 1, None),
        ({"mcu": "E-Class", "cpu": None, "march": "rv32imac"}, "rv32imac", None, None),
        ({"mcu": "whatever", "cpu": None}, None, None, None),
    ],
)
def test_the_core_is_that_of_the_cpu_the_part_or_the_compilers_flag(
    tmp_path: Path, build: dict[str, Any], core: str | None, count: int | None, has_fpu: bool | None
) -> None:
    (processor,) = read_manifest(write(tmp_path, changed(build=build))).processors
    assert (processor.core, processor.core_count, processor.has_fpu) == (core, count, has_fpu)


def test_a_core_in_the_parts_place_is_no_part(tmp_path: Path) -> None:
    board = read_manifest(write(tmp_path, changed(build={"mcu": "cortex-m33", "cpu": None})))
    assert board.part is None
    assert board.processors[0].part is None


@pytest.mark.parametrize("address", ["www.example.org", "", "see https://example.org", "https://a b"])
def test_an_address_that_is_none_is_left_out(tmp_path: Path, address: str) -> None:
    assert read_manifest(write(tmp_path, changed(url=address))).address is None


@pytest.mark.parametrize(
    ("identifier", "name", "vendor", "mcu"),
    [
        ("stm32f103c8", "STM32F103C8 (20k RAM. 64k Flash)", "Generic", "stm32f103c8t6"),
        ("ATmega168P", "ATmega168P/PA", "Microchip", "atmega168p"),
        ("attiny84", "Generic ATtiny84", "Atmel", "attiny84"),
        ("at90pwm216", "Atmel AT90PWM216", "Atmel", "at90pwm216"),
        ("stm8s003f3", "ST STM8S003F3 chip", "ST", "stm8s003f3p6"),
        ("generic-bk7231n", "Generic - BK7231N (Tuya)", "N/A", "bk7231n"),
        ("Generic8051", "Generic 8051", "Generic", "8051"),
        ("genericGD32VW553HM", "genericGD32VW553HM", "GigaDevice", ""),
    ],
)
def test_a_name_that_says_only_the_part_is_a_chips(
    tmp_path: Path, identifier: str, name: str, vendor: str, mcu: str
) -> None:
    manifest = changed(name=name, vendor=vendor, build={"mcu": mcu, "cpu": None})
    assert read_manifest(write(tmp_path, manifest, f"{identifier}.json")).is_chip


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("STM32F401RC (64k RAM. 256k Flash)", "STM32F401RC"),
        ("genericGD32VW553HM", "GD32VW553HM"),
        ("Generic ATmega328P", "ATmega328P"),
        ("STM32F3DISCOVERY", None),
        ("STM32F4Stamp F405", None),
        ("Teensy40", None),
        ("RVfpga: Digilent Nexys A7", None),
        ("STM32", None),
        ("ESP32", None),
    ],
)
def test_without_a_part_a_name_that_is_one_says_it(tmp_path: Path, name: str, part: str | None) -> None:
    board = read_manifest(write(tmp_path, changed(name=name, build={"mcu": None})))
    assert (board.part, board.is_chip) == (part, part is not None)


@pytest.mark.parametrize(
    ("identifier", "name", "vendor", "mcu"),
    [
        ("uno", "Arduino Uno", "Arduino", "atmega328p"),
        ("nano33ble", "Arduino Nano 33 BLE", "Arduino", "nrf52840"),
        ("bluepill_f103c8", "BluePill F103C8", "Generic", "stm32f103c8t6"),
        ("nanoatmega168", "Arduino Nano ATmega168", "Arduino", "atmega168"),
        ("redBearLab", "RedBearLab nRF51822", "RedBearLab", "nrf51822"),
        ("max32620fthr", "MAX32620FTHR", "Maxim", "max32620fthr"),
        ("esp07s", "Espressif Generic ESP8266 ESP-07S", "Espressif", "esp8266"),
        ("esp320", "Electronic SweetPeas ESP320", "Electronic SweetPeas", "esp32"),
        ("xmc1100_boot_kit", "XMC1100 Boot Kit", "Infineon", "XMC1100"),
        ("ch32v003f4p6_evt_r0", "CH32V003F4P6-EVT-R0", "W.CH", "ch32v003f4p6"),
        ("stm32h747i_disco", "STM32H747I-DISCO", "ST", "stm32h747xih6"),
        ("attiny416_xnano", "ATtiny416 Xplained Nano", "Microchip", "attiny416"),
        ("x", "2040", "X", "rp2040"),
    ],
)
def test_a_name_of_its_own_is_a_boards(
    tmp_path: Path, identifier: str, name: str, vendor: str, mcu: str
) -> None:
    manifest = changed(name=name, vendor=vendor, build={"mcu": mcu})
    assert not read_manifest(write(tmp_path, manifest, f"{identifier}.json")).is_chip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", {"name": "x", "_base": ["y"]}),
        ("a.json", {"name": "x", "build": {}, "frameworks": []}),
        ("a.json", '{"name": "x", "build": {"mcu": 3}, "upload": {'),
    ],
)
def test_a_manifest_is_told_by_its_members_sound_or_not(tmp_path: Path, name: str, content: object) -> None:
    assert EXTRACTOR.accepts(write(tmp_path, content, name))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", MANIFEST),
        ("_base/a.json", MANIFEST),
        ("a.json", [MANIFEST]),
        ("a.json", {"board": MANIFEST}),
        ("a.json", {"name": "electron", "build": {"appId": "org.example"}}),
        ("a.json", {"name": "template", "width": 3}),
        ("a.json", {"build": {"mcu": "x"}, "upload": {}}),
        ("a.json", {**MANIFEST, "@context": "https://www.w3.org/2022/wot/td/v1.1"}),
        ("a.json", "name build upload"),
        ("a.json", ""),
    ],
)
def test_other_files_are_not_manifests(tmp_path: Path, name: str, content: object) -> None:
    assert not EXTRACTOR.accepts(write(tmp_path, content, name))


def test_folders_and_what_is_not_there_are_not_manifests(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    assert not EXTRACTOR.accepts(tmp_path / "folder.json")
    assert not EXTRACTOR.accepts(tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"name": 3}, "$.name"),
        ({"name": "  "}, "$.name"),
        ({"vendor": []}, "$.vendor"),
        ({"build": "x"}, "$.build"),
        ({"build": {"mcu": 7}}, "$.build.mcu"),
        ({"build": {"extra_flags": [1]}}, "$.build.extra_flags"),
        ({"upload": {"maximum_ram_size": "2048"}}, "$.upload.maximum_ram_size"),
        ({"upload": {"maximum_size": -1}}, "$.upload.maximum_size"),
        ({"upload": {"maximum_size": 2.5}}, "$.upload.maximum_size"),
        ({"upload": {"maximum_size": 1 << 60}}, "$.upload.maximum_size"),
        ({"upload": {"flash_size": "big"}}, "$.upload.flash_size"),
        ({"connectivity": "wifi"}, "$.connectivity"),
        ({"connectivity": ["wifi", None]}, "$.connectivity[1]"),
        ({"frameworks": {}}, "$.frameworks"),
    ],
)
def test_a_member_of_the_wrong_form_is_a_fault_with_its_path(
    tmp_path: Path, members: dict[str, Any], place: str
) -> None:
    path = write(tmp_path, changed(**members))
    with pytest.raises(ExtractError) as fault:
        read_manifest(path)
    assert place in fault.value.place
    assert str(path) in str(fault.value)


def test_a_member_given_twice_is_a_fault_with_its_path(tmp_path: Path) -> None:
    text = json.dumps(MANIFEST).replace('"mcu"', '"mcu": "other", "mcu"')
    with pytest.raises(ExtractError, match=r"'mcu' twice.*`\$\.build\.mcu`"):
        read_manifest(write(tmp_path, text))


def test_json_that_is_not_sound_is_a_fault_with_line_and_column(tmp_path: Path) -> None:
    text = json.dumps(MANIFEST, indent=1).replace('"vendor":', '"vendor"', 1)
    with pytest.raises(ExtractError, match="line 3, column "):
        read_manifest(write(tmp_path, text))


def test_endless_nesting_is_a_fault(tmp_path: Path) -> None:
    for depth in (100, 900, 200_000):
        text = json.dumps(MANIFEST)[:-1] + ', "debug": ' + "[" * depth + "]" * depth + "}"
        with pytest.raises(ExtractError, match="nest"):
            read_manifest(write(tmp_path, text))


def test_a_sparse_file_of_a_gigabyte_is_refused_unread(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(MANIFEST))
    os.truncate(path, 1 << 30)
    started = time.process_time()
    assert EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError, match="size"):
        read_manifest(path)
    assert time.process_time() - started < 2


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "mcu": values,
        "cpu": values,
        "march": values,
        "f_cpu": values | st.from_regex(r"[0-9]{0,20}[uUlL]{0,3}", fullmatch=True),
        "extra_flags": values,
        "maximum_ram_size": values | st.integers(0, 1 << 41),
        "maximum_size": values | st.integers(0, 1 << 41),
        "flash_size": values | st.from_regex(r"[0-9]{1,20} ?[kKMG]?i?B?", fullmatch=True),
        "psram_length": values,
    },
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "name": values | st.text(min_size=1),
        "vendor": values,
        "url": values,
        "frameworks": values | st.just(["wiringpi"]),
        "connectivity": values | st.lists(st.sampled_from(["wifi", "gps", "Thread"])),
        "build": values | fields,
        "upload": values | fields,
        "_base": values,
    },
)


@given(documents | st.dictionaries(st.text(max_size=9), values, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
def test_any_object_is_a_board_or_an_extract_error(tmp_path: Path, document: dict[str, Any]) -> None:
    path = write(tmp_path, json.dumps(document))
    assert EXTRACTOR.accepts(path) in {True, False}
    try:
        (board,) = EXTRACTOR.extract(path)
    except ExtractError:
        return
    assert board.name.strip() == board.name != ""
    assert all(figure.size_bytes >= 0 for figure in board.figures)
    assert all(figure.size_bytes > 0 or figure.kind is FigureKind.PLACEHOLDER for figure in board.figures)
