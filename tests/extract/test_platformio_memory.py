"""Which memory and which quantity a PlatformIO manifest's number is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.platformio_memory import MIB, Upload, figures, is_external_ram
from tinykg.records.board import FigureKind, MemoryFigure

PATH = Path("board.json")
DRAM = 327_680


def found(
    upload: Upload, part: str = "stm32f407vgt6", name: str = "A Board", *, is_linux: bool = False
) -> list[tuple[str, str, int]]:
    """Memory, kind and bytes of each figure."""
    return [(f.memory, f.kind.value, f.size_bytes) for f in _figures(upload, part, name, is_linux=is_linux)]


def _figures(
    upload: Upload, part: str = "stm32f407vgt6", name: str = "A Board", *, is_linux: bool = False
) -> tuple[MemoryFigure, ...]:
    return figures(PATH, upload, part=part, name=name, is_linux=is_linux)


def ram(size_bytes: int, part: str = "stm32f407vgt6") -> list[tuple[str, str, int]]:
    return found(Upload(maximum_ram_size=size_bytes), part)


def test_nothing_said_is_no_figure() -> None:
    assert found(Upload()) == []


@pytest.mark.parametrize("part", ["esp32", "esp32s2", "esp32c3", "esp32h2", "esp32p4", "esp8266", "esp8285"])
def test_the_kind_of_an_esps_ram_goes_by_the_chip(part: str) -> None:
    assert ram(DRAM, part) == [("sram", "heap-only", DRAM)]
    assert ram(81_920, part) == [("sram", "heap-only", 81_920)]
    assert ram(DRAM, "gd32h737zgt6") == [("sram", "linkable", DRAM)]


@pytest.mark.parametrize(
    ("part", "size_bytes"), [("esp32", 532_480), ("esp32s3", 524_288), ("esp32c3", 409_600)]
)
def test_an_esp32s_whole_sram_is_a_total(part: str, size_bytes: int) -> None:
    assert ram(size_bytes, part) == [("sram", "chip-total", size_bytes)]


@pytest.mark.parametrize("chip", [1, 2, 4, 8, 16, 32])
def test_an_esp32s_ram_and_a_whole_ram_chip_are_two_memories(chip: int) -> None:
    expected = [("sram", "heap-only", DRAM), ("psram", "chip-total", chip * MIB)]
    assert ram(DRAM + chip * MIB, "esp32s3") == expected


@pytest.mark.parametrize("size_bytes", [1_310_720, 4 * MIB, 4 * MIB + 1, 3 * MIB + DRAM])
def test_more_than_an_esp_has_that_is_no_whole_chip_says_nothing(size_bytes: int) -> None:
    assert ram(size_bytes, "esp32") == [("sram", "placeholder", size_bytes)]


def test_ram_in_the_package_is_told_from_the_chips_own() -> None:
    expected = [("sram", "linkable", 98_304), ("psram", "chip-total", 4 * MIB)]
    assert ram(98_304 + 4 * MIB, "gd32eprtvdt6") == expected
    assert ram(98_304, "gd32eprtvdt6") == [("sram", "linkable", 98_304)]


@pytest.mark.parametrize("size_bytes", [8 * MIB, 16 * MIB, 32 * MIB, 128 * MIB, 8 << 30, 20_000_000])
def test_ram_as_large_as_no_chip_has_is_external(size_bytes: int) -> None:
    assert ram(size_bytes) == [("psram", "linkable", size_bytes)]


@pytest.mark.parametrize("size_bytes", [4 * MIB, 6 * MIB, 4_300_800, 14_155_776, 1_310_720, 9 * MIB])
def test_the_largest_on_chip_memories_are_sram(size_bytes: int) -> None:
    """The K210's, the STM32N6's, the Alif Ensemble E7's."""
    assert ram(size_bytes) == [("sram", "linkable", size_bytes)]


def test_a_zero_is_a_placeholder() -> None:
    assert ram(0) == [("sram", "placeholder", 0)]
    assert found(Upload(maximum_size=0)) == [("flash", "placeholder", 0)]
    assert ram(0, "esp32") == [("sram", "placeholder", 0)]


def test_equal_ram_and_flash_are_a_placeholder_on_linux_alone() -> None:
    """A Kinetis K82 has 256 KiB of each."""
    equal = Upload(maximum_ram_size=262_144, maximum_size=262_144)
    assert found(equal) == [("sram", "linkable", 262_144), ("flash", "linkable", 262_144)]
    on_linux = found(equal, "bcm2835", is_linux=True)
    assert on_linux == [("dram", "chip-total", 262_144), ("flash", "placeholder", 262_144)]


def test_another_size_on_linux_is_storage() -> None:
    upload = Upload(maximum_ram_size=512 * MIB, maximum_size=4096 * MIB)
    assert ("storage", "linkable", 4096 * MIB) in found(upload, is_linux=True)
    assert found(Upload(maximum_ram_size=0), is_linux=True) == []


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("8MB", 8 << 20),
        ("16 MB", 16 << 20),
        ("512KB", 512 << 10),
        ("4M", 4 << 20),
        ("2MiB", 2 << 20),
        ("4194304", 4_194_304),
        (2_097_152, 2_097_152),
    ],
)
def test_a_flash_size_is_the_total_of_a_chip_in_powers_of_two(text: str | int, size_bytes: int) -> None:
    (figure,) = _figures(Upload(flash_size=text), "esp32")
    assert (figure.memory, figure.kind, figure.size_bytes) == ("flash", FigureKind.CHIP_TOTAL, size_bytes)
    assert figure.place == "upload.flash_size"
    assert (figure.note is None) == isinstance(text, int)


def test_a_flash_size_that_is_a_sum_of_memories_is_no_chips_total() -> None:
    """Seeed's MG24 boards state 5,767,168: 1.5 MiB in the microcontroller and a chip of 4 MiB."""
    total = 5_767_168
    assert found(Upload(maximum_size=total, flash_size=str(total))) == [("flash", "linkable", total)]
    other = found(Upload(maximum_size=1_572_864, flash_size=total))
    assert ("flash", "linkable", total) in other
    assert not any(kind == "chip-total" for _, kind, _ in other)


@pytest.mark.parametrize("text", ["", "big", "8 TB", "MB", "1.5MB", "9" * 40, "-4MB", "4MB 8MB"])
def test_a_flash_size_that_is_none_is_a_fault_with_its_place(text: str) -> None:
    with pytest.raises(ExtractError, match=r"`\$\.upload\.flash_size`"):
        found(Upload(flash_size=text))


@pytest.mark.parametrize(
    ("part", "has_note"),
    [("rp2040", True), ("mimxrt1062dvl6a", True), ("imxrt1062", True), ("esp8266", True), ("stm32f4", False)],
)
def test_a_chip_without_flash_runs_from_one_beside_it(part: str, has_note: bool) -> None:
    (figure,) = _figures(Upload(maximum_size=2 * MIB), part)
    assert (figure.memory, figure.kind) == ("flash", FigureKind.LINKABLE)
    assert (figure.note is not None) == has_note


def test_the_length_of_external_ram_is_linkable() -> None:
    upload = Upload(maximum_ram_size=524_288, psram_length=8 * MIB)
    assert found(upload, "rp2350") == [("sram", "linkable", 524_288), ("psram", "linkable", 8 * MIB)]
    assert found(Upload(psram_length=0), "rp2350") == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Arduino Portenta H7 (M7 core)", "core-share"),
        ("A Board (Cortex-M4 core)", "core-share"),
        ("A Board (CM4 core)", "core-share"),
        ("Microduino Core (ATmega328P)", "linkable"),
        ("M5Stack Core (M7)", "linkable"),
    ],
)
def test_a_name_that_says_one_core_makes_its_figures_a_share(name: str, kind: str) -> None:
    upload = Upload(maximum_ram_size=294_248, maximum_size=MIB)
    assert {found_kind for _, found_kind, _ in found(upload, name=name)} == {kind}


sizes = st.integers(0, 1 << 40)


@given(
    st.builds(Upload, maximum_ram_size=sizes, maximum_size=sizes, flash_size=sizes, psram_length=sizes),
    st.sampled_from(["", "esp32", "esp8266", "gd32eprtvdt6", "rp2040", "atmega328p"]),
    st.booleans(),
)
def test_no_byte_is_lost_and_a_total_is_never_what_the_linker_gets(
    upload: Upload, part: str, is_linux: bool
) -> None:
    made = _figures(upload, part, is_linux=is_linux)
    in_ram = sum(f.size_bytes for f in made if f.place == "upload.maximum_ram_size")
    assert in_ram == upload.maximum_ram_size
    for figure in made:
        assert figure.size_bytes > 0 or figure.kind is FigureKind.PLACEHOLDER
        if figure.place == "upload.maximum_size":
            assert figure.kind in {FigureKind.LINKABLE, FigureKind.PLACEHOLDER}


@given(st.integers(16 * MIB, 1 << 44))
def test_beyond_a_bound_all_ram_is_external(size_bytes: int) -> None:
    assert is_external_ram(size_bytes)
