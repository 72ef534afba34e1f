"""Lines, menus and parts of a boards.txt, by hand-written ones."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tinykg.errors import ExtractError
from tinykg.extract.arduino import EXTRACTOR
from tinykg.extract.arduino_parts import find_part, is_core, is_part, stm32_part
from tinykg.extract.arduino_properties import MAX_LINE, MAX_LINES, MAX_MENU_DEPTH, read_boards
from tinykg.records.board import BoardDescription, FigureKind

if TYPE_CHECKING:
    from pathlib import Path


def write(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "boards.txt"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def read(tmp_path: Path, text: str | bytes) -> dict[str, BoardDescription]:
    return {record.identifier: record for record in EXTRACTOR.extract(write(tmp_path, text))}


def test_lines_end_as_they_like_and_comments_are_passed_over(tmp_path: Path) -> None:
    found = read(
        tmp_path, b"\xef\xbb\xbf# first\r\n\r\n  a.name = A = B \r\nmenu.cpu=Processor\r\n#b.name=B\r\n"
    )
    assert list(found) == ["a"]
    assert found["a"].name == "A = B"
    assert list(read(tmp_path, "a.name=A\rb.name=B\r")) == ["a", "b"]


def test_text_is_utf8_or_latin1(tmp_path: Path) -> None:
    assert read(tmp_path, "a.name=Yún".encode())["a"].name == "Yún"
    assert read(tmp_path, "a.name=Yún".encode("latin-1"))["a"].name == "Yún"


def test_of_a_key_that_occurs_twice_the_last_counts(tmp_path: Path) -> None:
    found = read(tmp_path, "a.name=A\na.build.mcu=one\na.build.mcu=two\n")
    assert found["a"].part == "two"


def test_a_key_may_be_value_and_prefix(tmp_path: Path) -> None:
    found = read(tmp_path, "a.name=A\na.build=1\na.build.mcu=p\na.menu=2\na.menu.m=3\na.menu.m.o.x.y=4\n")
    assert found["a"].part == "p"


def test_what_has_no_name_is_no_board(tmp_path: Path) -> None:
    assert list(read(tmp_path, "x.build.mcu=p\na.name=A\n")) == ["a"]
    with pytest.raises(ExtractError, match="no board"):
        read(tmp_path, "x.build.mcu=p\n")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a.name=A\nno equals sign\n", "line 2"),
        ("a.name=A\n" + "x" * (MAX_LINE + 1), "line 2"),
        ("a.name=A\na." + "menu.m.o." * 1000 + "x=1", "line 2"),
        ("\n" * (MAX_LINES + 1), f"line {MAX_LINES + 1}"),
        ("a.name=A\n" + "".join(f"a.menu.m{n}.o=1\n" for n in range(201)), "a"),
        ("a.name=A\n" + "".join(f"a.menu.m.o{n}.build.board={n}\n" for n in range(5001)), "a"),
        (
            "a.name=A\n" + "".join(f"a.menu.m.o{n}.upload.maximum_size={n}\n" for n in range(500)),
            "a.menu.m.o401.",
        ),
    ],
)
def test_hostile_lines_are_one_error_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ExtractError) as error:
        read(tmp_path, text)
    assert error.value.place.startswith(place)
    assert time.perf_counter() - start < 5


def test_many_keys_are_read_in_bounded_time(tmp_path: Path) -> None:
    start = time.perf_counter()
    found = read(tmp_path, "a.name=A\n" + "".join(f"a.k{n}=v\n" for n in range(100_000)))
    assert list(found) == ["a"]
    assert time.perf_counter() - start < 10


def test_two_board_menus_do_not_multiply_without_bound(tmp_path: Path) -> None:
    text = "a.name=A\n" + "".join(
        f"a.menu.{menu}.o{n}.build.board={menu}{n}\n" for menu in ("m", "n") for n in range(80)
    )
    with pytest.raises(ExtractError, match="6400 boards"):
        read(tmp_path, text)


def test_references_that_unfold_without_end_stop(tmp_path: Path) -> None:
    bomb = "a.name=A\na.upload.maximum_size={x}\na.x={y}{y}{y}{y}{y}{y}{y}{y}\na.y={x}{x}{x}{x}{x}{x}{x}{x}\n"
    assert read(tmp_path, bomb)["a"].figures == ()


def test_references_are_replaced(tmp_path: Path) -> None:
    text = "a.name=A\na.upload.maximum_size={build.length}\na.build.length=4096\n"
    assert read(tmp_path, text)["a"].figures[0].size_bytes == 4096


def test_menus_nest_as_deep_as_allowed(tmp_path: Path) -> None:
    key = "menu.m.o." * MAX_MENU_DEPTH
    boards = read_boards(write(tmp_path, f"a.name=A\na.{key}x=1\n"))
    scope = boards["a"]
    for _ in range(MAX_MENU_DEPTH):
        scope = scope.menus["m"]["o"]
    assert scope.properties["x"].text == "1"
    assert scope.place == key


SETTING = """
a.name=A
a.build.mcu=part1
a.build.f_cpu=1000
a.menu.speed.fast=Fast
a.menu.speed.slow=Slow
a.menu.speed.slow.build.f_cpu=10
a.menu.speed.fast.build.f_cpu=2000
a.menu.flash.slow.upload.maximum_size=7
a.menu.flash.big=Big
a.menu.flash.big.upload.maximum_size=900
a.menu.flash.slow=Small
"""


def test_a_setting_is_taken_as_listed_first(tmp_path: Path) -> None:
    (board,) = read(tmp_path, SETTING).values()
    assert board.identifier == "a"
    assert board.processors[0].clock_hz == 2000
    assert [(f.size_bytes, f.place, f.note) for f in board.figures] == [
        (900, "menu.flash.big.upload.maximum_size", None),
        (7, "menu.flash.slow.upload.maximum_size", "with the option Small"),
    ]


@pytest.mark.parametrize(
    ("key", "one", "two", "is_board"),
    [
        ("build.board", "X", "Y", True),
        ("build.product_line", "STM32F4xx", "STM32F7xx", True),
        ("build.mcu", "atmega328p", "atmega168", True),
        ("build.chip", "rp2040", "rp2350", True),
        ("build.mcu", "cortex-m7", "cortex-m4", False),
        ("build.board", "A", "A", False),
        ("build.board", "{x}", "{y}", False),
        ("build.variant", "v1", "v2", False),
        ("build.f_cpu", "1", "2", False),
        ("upload.maximum_size", "1", "2", False),
        ("build.flash_size", "2MB", "4MB", False),
    ],
)
def test_a_menu_offers_boards_where_it_names_another_board_or_part(
    tmp_path: Path, key: str, one: str, two: str, *, is_board: bool
) -> None:
    lines = ["name=N", "build.board=A", "menu.m.o=One", "menu.m.p=Two"]
    lines += [f"menu.m.o.{key}={one}", f"menu.m.p.{key}={two}"]
    text = "".join(f"a.{line}\n" for line in lines)
    found = read(tmp_path, text)
    assert list(found) == (["a.m.o", "a.m.p"] if is_board else ["a"])
    if is_board:
        assert [board.name for board in found.values()] == ["N (One)", "N (Two)"]


def test_a_menu_of_cores_that_names_other_chips_is_still_one_board(tmp_path: Path) -> None:
    text = (
        "a.name=N\na.menu.arch.arm=Arm\na.menu.arch.arm.build.mcu=cortex-m33\na.menu.arch.arm.build.chip=rp2350\n"
        "a.menu.arch.rv=RISC-V\na.menu.arch.rv.build.mcu=rv32imac\na.menu.arch.rv.build.chip=rp2350-riscv\n"
    )
    (board,) = read(tmp_path, text).values()
    assert (board.identifier, board.part) == ("a", "rp2350")
    assert [processor.core for processor in board.processors] == ["cortex-m33"]


def test_each_core_with_memory_of_its_own_has_a_share(tmp_path: Path) -> None:
    text = (
        "a.name=N\na.menu.core.m7=Main\na.menu.core.m7.build.mcu=cortex-m7\n"
        "a.menu.core.m7.upload.maximum_data_size=500\na.menu.core.m4=Other\na.menu.core.m4.build.mcu=cortex-m4\n"
        "a.menu.core.m4.upload.maximum_data_size=300\na.upload.maximum_size=4000\n"
    )
    (board,) = read(tmp_path, text).values()
    assert [(f.size_bytes, f.kind) for f in board.figures] == [
        (500, FigureKind.CORE_SHARE),
        (300, FigureKind.CORE_SHARE),
        (4000, FigureKind.LINKABLE),
    ]
    assert [processor.core for processor in board.processors] == ["cortex-m7", "cortex-m4"]


def test_a_family_without_size_gives_its_label_to_the_board(tmp_path: Path) -> None:
    text = "F.name=Family\nF.upload.maximum_size=0\nF.menu.p.B=Board B\nF.menu.p.B.build.board=B\n"
    (board,) = read(tmp_path, text).values()
    assert (board.identifier, board.name) == ("F.p.B", "Board B")
    assert board.figures[0].kind is FigureKind.PLACEHOLDER


@pytest.mark.parametrize(
    "text", ["cortex-m4", "cortex-m85+nomve", "rv32imac", "QingKe-V4C", "arm926ej", "xtensa-lx6"]
)
def test_cores(text: str) -> None:
    assert is_core(text)
    assert not is_part(text)


@pytest.mark.parametrize(
    "text", ["atmega328p", "esp32s3", "STM32F407VE", "nrf52840", "R7FA4M1AB", "SAMD21G18A"]
)
def test_parts(text: str) -> None:
    assert is_part(text)
    assert not is_core(text)


@pytest.mark.parametrize(
    "text", ["STM32F4xx", "SAMD", "NRF5", "NRF52_SERIES", "spresense", "ARDUINO_SAMD_ZERO"]
)
def test_families_and_other_words_are_no_parts(text: str) -> None:
    assert not is_part(text)


@pytest.mark.parametrize(
    ("properties", "part"),
    [
        ({"build.mcu": "atmega328p", "build.chip": "other"}, "atmega328p"),
        (
            {"build.mcu": "cortex-m0plus", "build.extra_flags": "-DARDUINO_X -D__SAMD21G18A__ {y}"},
            "SAMD21G18A",
        ),
        ({"build.mcu": "cortex-m4", "debug.svd_file": "{p}/svd/nrf52840.svd"}, "nrf52840"),
        ({"build.mcu": "cortex-m7", "debug.svd_file": "svd/STM32H747_CM7.svd"}, "STM32H747"),
        ({"build.mcu": "cortex-m7", "build.chip": "{chip}"}, None),
        ({"build.mcu": "cortex-m4", "build.extra_flags": "-DNRF52_SERIES -DSTM32F4xx"}, None),
        ({}, None),
    ],
)
def test_the_part_is_told_by_the_first_that_knows(properties: dict[str, str], part: str | None) -> None:
    assert find_part(properties.get, None, ("a",)) == part


@pytest.mark.parametrize(
    ("line", "variant", "flash_kib", "name", "part"),
    [
        ("STM32F207xx", "STM32F2xx/F207Z(C-E-F-G)T_F217Z(E-G)T", 1024, "NUCLEO_F207ZG", "STM32F207ZGT"),
        ("STM32F207xx", "STM32F2xx/F207Z(C-E-F-G)T_F217Z(E-G)T", 512, "Some board", "STM32F207ZET"),
        ("STM32F412Zx", "STM32F4xx/F412Z(E-G)(J-T)", 1024, "NUCLEO_F412ZG", "STM32F412ZGxx"),
        ("STM32F103xB", "STM32F1xx/F103C8T_F103CB(T-U)", 64, "BLUEPILL_F103C8", "STM32F103C8T"),
        ("STM32WB55xx", "STM32WBxx/WB55R(C-E-G)V", 512, "P_NUCLEO_WB55RG", "STM32WB55RGV"),
        ("STM32WB55xx", "STM32WBxx/WB55R(C-E-G)V", 512, "Some board", "STM32WB55xx"),
        ("STM32WBA55xx", "STM32WBAxx/WBA55C(E-G)U", 1024, "NUCLEO_WBA55CG", "STM32WBA55CGU"),
        ("STM32F407xx", None, 512, "Generic F407VETx", "STM32F407VETx"),
        ("STM32F407xx", None, 512, "Generic G071RBTx", "STM32F407xx"),
        ("STM32F446xx", "STM32F4xx/F446R(C-E)T", 448, "FYSETC", "STM32F446xx"),
    ],
)
def test_an_stm32_is_told_as_exactly_as_the_lines_allow(
    line: str, variant: str | None, flash_kib: int, name: str, part: str
) -> None:
    assert stm32_part(line, variant, flash_kib << 10, (name,)) == part


def test_a_pattern_of_many_groups_does_not_unfold_without_bound() -> None:
    start = time.perf_counter()
    assert stm32_part("STM32F4xx", "x/F4" + "(A-B-C-D-E-F-G-H-I-J-K)" * 50, 1, ("a",)) == "STM32F4xx"
    assert time.perf_counter() - start < 1
