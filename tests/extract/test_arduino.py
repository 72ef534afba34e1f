"""boards.txt of published cores: boards, which quantity each size is, parts, cores."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.arduino import EXTRACTOR, chip_bytes, collection_of
from tinykg.records.board import BoardDescription, FigureKind

if TYPE_CHECKING:
    from pathlib import Path

LINKABLE, HEAP, SHARE = FigureKind.LINKABLE, FigureKind.HEAP_ONLY, FigureKind.CORE_SHARE


@pytest.fixture(scope="module")
def cores(test_data: Path) -> dict[str, dict[str, BoardDescription]]:
    folder = test_data / "boards" / "arduino"
    files = sorted(folder.rglob("boards.txt"))
    assert len(files) == 25
    return {
        "/".join(file.relative_to(folder).parts[:-1]): {r.identifier: r for r in EXTRACTOR.extract(file)}
        for file in files
    }


def write(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "boards.txt"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def read(tmp_path: Path, text: str | bytes) -> dict[str, BoardDescription]:
    return {record.identifier: record for record in EXTRACTOR.extract(write(tmp_path, text))}


def first(board: BoardDescription, memory: str) -> tuple[int, FigureKind]:
    figure = next(figure for figure in board.figures if figure.memory == memory)
    return figure.size_bytes, figure.kind


def test_all_published_boards_are_read(cores: dict[str, dict[str, BoardDescription]]) -> None:
    boards = [board for core in cores.values() for board in core.values()]
    assert len(boards) == 1868
    sized = [b for b in boards if {"sram", "flash"} <= {f.memory for f in b.figures if f.size_bytes}]
    assert len(sized) == 1802
    assert len(cores["stm32duino"]) == 1356
    assert len({(b.collection, b.identifier) for b in boards}) == len(boards)
    assert {b.sensors for b in boards} == {None}


def test_the_uno_and_its_bootloader(cores: dict[str, dict[str, BoardDescription]]) -> None:
    uno = cores["arduino-avr"]["uno"]
    assert (uno.name, uno.part, uno.is_chip) == ("Arduino UNO", "atmega328p", False)
    assert first(uno, "flash") == (32256, LINKABLE)
    assert first(uno, "sram") == (2048, LINKABLE)
    assert uno.processors[0].core == "avr"
    assert uno.processors[0].clock_hz == 16_000_000
    assert [figure.place for figure in uno.figures] == ["upload.maximum_data_size", "upload.maximum_size"]


def test_trap_2_memory_after_the_radio_stack_is_linkable(
    cores: dict[str, dict[str, BoardDescription]],
) -> None:
    clue = cores["adafruit-nrf52"]["cluenrf52840"]
    assert first(clue, "sram") == (237568, LINKABLE)
    assert first(clue, "flash") == (815104, LINKABLE)
    assert clue.part == "NRF52840_XXAA"
    assert clue.vendor == "Adafruit"


def test_trap_2_the_dram_of_an_esp32_is_heap(cores: dict[str, dict[str, BoardDescription]]) -> None:
    esp32 = cores["espressif-esp32-2020"]["esp32"]
    assert first(esp32, "sram") == (327680, HEAP)
    assert all(first(board, "sram")[1] is HEAP for board in cores["espressif-esp32-2020"].values())
    assert first(cores["esp8266"]["generic"], "sram") == (81920, HEAP)


def test_trap_3_a_partition_is_linkable_and_others_stay_beside_it(
    cores: dict[str, dict[str, BoardDescription]],
) -> None:
    flash = [figure for figure in cores["espressif-esp32-2020"]["esp32"].figures if figure.memory == "flash"]
    assert (flash[0].size_bytes, flash[0].kind, flash[0].note) == (1310720, LINKABLE, None)
    huge = next(f for f in flash if f.place == "menu.PartitionScheme.huge_app.upload.maximum_size")
    assert (huge.size_bytes, huge.kind) == (3145728, LINKABLE)
    assert huge.note == "with the option Huge APP (3MB No OTA/1MB SPIFFS)"
    assert not [figure for figure in flash if figure.kind is FigureKind.CHIP_TOTAL], "a menu changes it"


def test_trap_3_flash_split_between_cores_is_a_share(cores: dict[str, dict[str, BoardDescription]]) -> None:
    giga = cores["arduino-mbed"]["giga"]
    assert first(giga, "flash") == (1966080, SHARE)
    assert first(giga, "sram") == (523624, SHARE)
    places = {figure.place: figure.size_bytes for figure in giga.figures}
    assert places["menu.target_core.cm7.menu.split.100_0.upload.maximum_size"] == 1966080
    assert places["menu.target_core.cm7.menu.split.50_50.upload.maximum_size"] == 786432
    assert places["menu.target_core.cm4.upload.maximum_data_size"] == 294248
    assert [processor.core for processor in giga.processors] == ["cortex-m7", "cortex-m4f"]
    assert not [name for name in cores["arduino-mbed"] if name.startswith("giga.")], "cores are no boards"


def test_trap_5_a_wrong_number_keeps_its_place(cores: dict[str, dict[str, BoardDescription]]) -> None:
    assert first(cores["arduino-mbed"]["nicla_sense"], "flash") == (527616, LINKABLE)


def test_trap_10_generic_parts_are_chips(cores: dict[str, dict[str, BoardDescription]]) -> None:
    stm32 = cores["stm32duino"]
    assert Counter(board.is_chip for board in stm32.values()) == {True: 1167, False: 189}
    chip = stm32["GenF4.pnum.GENERIC_F407VETX"]
    assert (chip.name, chip.part, chip.is_chip) == ("Generic F407VETx", "STM32F407VETx", True)
    assert not stm32["GenF4.pnum.FEATHER_F405"].is_chip
    assert not any(board.is_chip for board in cores["arduino-avr"].values())


def test_the_board_of_a_menu_is_a_description(cores: dict[str, dict[str, BoardDescription]]) -> None:
    board = cores["stm32duino"]["Nucleo_144.pnum.NUCLEO_L4R5ZI"]
    assert (board.name, board.part) == ("Nucleo L4R5ZI", "STM32L4R5ZIT")
    assert first(board, "flash") == (2097152, LINKABLE)
    assert board.figures[0].place == "menu.pnum.NUCLEO_L4R5ZI.upload.maximum_data_size"
    assert board.processors[0].core == "cortex-m4f"
    assert board.processors[0].has_fpu is True
    assert "Nucleo_144" not in cores["stm32duino"]


def test_the_parts_of_a_menu_are_descriptions_of_the_board(
    cores: dict[str, dict[str, BoardDescription]],
) -> None:
    nano = {name: board for name, board in cores["arduino-avr"].items() if name.startswith("nano.")}
    assert set(nano) == {"nano.cpu.atmega328", "nano.cpu.atmega328old", "nano.cpu.atmega168"}
    assert nano["nano.cpu.atmega168"].name == "Arduino Nano (ATmega168)"
    assert nano["nano.cpu.atmega168"].part == "atmega168"
    assert first(nano["nano.cpu.atmega328"], "flash") == (30720, LINKABLE)


def test_core_and_part_are_told_apart(cores: dict[str, dict[str, BoardDescription]]) -> None:
    def told(core: str, board: str) -> tuple[str | None, str | None]:
        found = cores[core][board]
        return found.part, found.processors[0].core

    assert told("arduino-renesas", "unor4wifi") == ("R7FA4M1AB", "cortex-m4f")
    assert told("arduino-samd", "mkrwifi1010") == ("SAMD21G18A", "cortex-m0plus")
    assert told("arduino-sam", "arduino_due_x") == ("SAM3X8E", "cortex-m3")
    assert told("earlephilhower-pico", "rpipico") == ("rp2040", "cortex-m0plus")
    assert told("earlephilhower-pico", "rpipico2") == ("rp2350", "cortex-m33")
    assert told("ch32", "CH32V20x_EVT.pnum.CH32V203RB") == ("CH32V203", "rv32imac")
    assert told("esp8266", "generic")[0] == "esp8266"
    assert cores["arduino-mbed"]["nicla_vision"].part == "STM32H747"


def test_trap_11_the_clock_is_the_default_options(cores: dict[str, dict[str, BoardDescription]]) -> None:
    assert cores["arduino-sam"]["arduino_due_x"].processors[0].clock_hz == 84_000_000
    assert cores["esp8266"]["generic"].processors[0].clock_hz == 80_000_000
    assert cores["arduino-renesas"]["unor4wifi"].processors[0].clock_hz is None


def test_the_chip_is_told_where_all_options_agree(cores: dict[str, dict[str, BoardDescription]]) -> None:
    pico = [f for f in cores["earlephilhower-pico"]["rpipico"].figures if f.kind is FigureKind.CHIP_TOTAL]
    assert [(f.memory, f.size_bytes) for f in pico] == [("flash", 2 << 20)]
    generic = cores["earlephilhower-pico"]["generic"]
    assert generic.is_chip
    assert not [f for f in generic.figures if f.kind is FigureKind.CHIP_TOTAL and f.memory == "flash"]


def test_zero_is_a_placeholder(tmp_path: Path) -> None:
    (figure,) = read(tmp_path, "a.name=A\na.upload.maximum_size=0\n")["a"].figures
    assert (figure.size_bytes, figure.kind) == (0, FigureKind.PLACEHOLDER)


@pytest.mark.parametrize(
    ("clock", "hertz"),
    [
        ("16000000L", 16_000_000),
        ("16000000UL", 16_000_000),
        ("0x100", 256),
        ("{x}", None),
        ("", None),
        ("0", None),
    ],
)
def test_a_clock_may_have_a_suffix_or_be_open(tmp_path: Path, clock: str, hertz: int | None) -> None:
    processors = read(tmp_path, f"a.name=A\na.build.mcu=p\na.build.f_cpu={clock}\n")["a"].processors
    assert processors[0].clock_hz == hertz


@pytest.mark.parametrize("value", ["16MHz", "-1", "1.5", "0x", "9" * 40])
def test_what_is_no_number_is_an_error_with_its_line(tmp_path: Path, value: str) -> None:
    with pytest.raises(ExtractError) as error:
        read(tmp_path, f"# comment\na.name=A\na.upload.maximum_size={value}\n")
    assert error.value.place == "line 3, upload.maximum_size"
    assert error.value.expected == "a whole number"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4MB", 4 << 20),
        ("4M", 4 << 20),
        ("512KB", 512 << 10),
        ("2097152", 2 << 20),
        ("0x200000", 2 << 20),
        ("big", None),
    ],
)
def test_the_size_of_a_flash_chip(text: str, size: int | None) -> None:
    assert chip_bytes(text) == size


def test_the_collection_is_the_cores_name(tmp_path: Path) -> None:
    folder = tmp_path / "packager" / "hardware" / "avr" / "1.8.6"
    folder.mkdir(parents=True)
    file = write(folder, "a.name=A\n")
    assert collection_of(file) == "hardware/avr"
    (folder / "platform.txt").write_text("what is this", encoding="utf-8")
    assert collection_of(file) == "hardware/avr"
    (folder / "platform.txt").write_text("# x\r\nname=Some Boards\r\nversion=1\r\n", encoding="utf-8")
    assert collection_of(file) == "Some Boards"
    plain = tmp_path / "ArduinoCore-x"
    plain.mkdir()
    assert collection_of(write(plain, "a.name=A\n")) == "ArduinoCore-x"


def test_only_lists_of_boards_are_accepted(tmp_path: Path) -> None:
    assert EXTRACTOR.accepts(write(tmp_path, "a.name=A\n"))
    (tmp_path / "boards.local.txt").write_text("a.name=A\n", encoding="utf-8")
    assert EXTRACTOR.accepts(tmp_path / "boards.local.txt")
    (tmp_path / "platform.txt").write_text("name=A\n", encoding="utf-8")
    assert not EXTRACTOR.accepts(tmp_path / "platform.txt")
    assert not EXTRACTOR.accepts(tmp_path)
    assert not EXTRACTOR.accepts(tmp_path / "absent" / "boards.txt")


KEYS = [
    "name",
    "menu",
    "menu.m",
    "menu.m.o",
    "menu.m.o.build.board",
    "menu.m.p.upload.maximum_size",
    "build.mcu",
    "build.f_cpu",
    "menu.m.o.menu.n.q.upload.maximum_size",
    "upload.maximum_size",
    "build.product_line",
    "menu.m.p.build.mcu",
    "build.flash_size",
    "upload.maximum_data_size",
    "menu.n.q",
    "build.variant",
    "name.x",
]
VALUES = [
    "0",
    "1024",
    "16000000L",
    "{build.mcu}",
    "{upload.maximum_size}",
    "cortex-m4",
    "STM32F407xx",
    "x/F4(A-B)_F4",
    "4MB",
    "x",
    "{",
    "}{",
    "é",
]


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "menu"]), st.sampled_from(["", *KEYS]), st.sampled_from(["", *VALUES])
        ),
        max_size=12,
    )
)
def test_any_lines_are_records_or_an_extract_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str, str]]
) -> None:
    text = "".join(f"{board}.{key}={value}\n" for board, key, value in lines)
    with contextlib.suppress(ExtractError):
        found = EXTRACTOR.extract(write(tmp_path_factory.getbasetemp(), text))
        assert found
        assert len({board.identifier for board in found}) == len(found)
        assert all(figure.size_bytes >= 0 for board in found for figure in board.figures)


@given(st.binary(max_size=80))
def test_any_bytes_are_records_or_an_extract_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    with contextlib.suppress(ExtractError):
        assert EXTRACTOR.extract(write(tmp_path_factory.getbasetemp(), b"a.name=A\n" + content))
