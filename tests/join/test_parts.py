"""Which microcontrollers a part number may mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from said import part

from tinykg.catalogue.board_files import read_all_parts
from tinykg.join.parts import PartIndex, may_be, part_key, same_core, usable

WRITTEN = (
    "nRF52840_xxAA",
    "nrf52840",
    "nRF52840-QIAA",
    "nRF52832_xxAB",
    "nRF5340_xxAA",
    "nrf9160",
    "STM32F446RETx",
    "stm32f446ret6",
    "STM32F446",
    "stm32f4",
    "STM32L475VGTx",
    "STM32L475VETx",
    "STM32H743ZI2",
    "ESP32",
    "esp32s3",
    "ESP32-S3",
    "esp32c3",
    "ESP32-C3",
    "rp2040",
    "RP2350",
    "MK64FN1M0VLL12",
    "mk64f",
    "MIMXRT1062DVL6A",
    "MIMXRT1062",
    "RT1062",
    "LPC1768",
    "LPC1769",
    "R7FA4M1AB3CFM",
    "RA4M1",
    "ATSAMD51J19A",
    "SAMD51J20A",
    "ATMEGA328P",
    "atmega328",
    "GD32VF103CBT6",
    "x",
    "",
)
keys = st.sampled_from(sorted({part_key(name) for name in WRITTEN})) | st.from_regex(
    r"(stm32|nrf5|lpc|esp32|mimxrt|x)[a-z0-9x]{0,8}", fullmatch=True
)
cores = st.sampled_from(
    ["cortex-m4", "cortex-m4f", "cortex-m33", "cortex-m7", "rv32", "rv32imc", "rv64", "rv64gc", "arc", "avr"]
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nRF52840_xxAA", "nRF52840-xxAA"),
        ("ATSAMD21G18A", "samd21g18a"),
        ("AT91SAM3X8E", "sam3x8e"),
        ("ATmega328P", "mega328p"),
        ("K64FN1M0VLL12", "MK64FN1M0VLL12"),
        ("rt1062", "MIMXRT1062"),
        ("R7FA4M1AB3CFM", "ra4m1ab3cfm"),
        ("Nordic nRF52840", "nrf52840"),
        ("ESP32-S3", "esp32s3"),
    ],
)
def test_a_part_has_one_key_however_it_is_written(one: str, other: str) -> None:
    assert part_key(one) == part_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nRF52840_xxAA", "nrf52840"),
        ("nRF52840_QIAA", "nRF52840_xxAA"),
        ("STM32F446RETx", "stm32f446ret6"),
        ("stm32f446Xe", "STM32F446RETx"),
        ("STM32F446", "STM32F446RETx"),
        ("MIMXRT1062", "MIMXRT1062DVL6A"),
        ("LPC55S69", "LPC55S69JBD100"),
    ],
)
def test_what_is_left_open_fits_anything(one: str, other: str) -> None:
    assert may_be(part_key(one), part_key(other))


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("esp32", "ESP32-S3", "the end of an ESP32's name is another chip"),
        ("esp32", "ESP32-C3", "the end of an ESP32's name is another chip"),
        ("ESP32-S2", "ESP32-S3", "two chips"),
        ("nRF52832_xxAA", "nRF52840_xxAA", "two chips"),
        ("nRF52832_xxAA", "nRF52832_xxAB", "two memory sizes"),
        ("STM32L475VGTx", "STM32L475VETx", "two flash sizes"),
        ("stm32f4", "STM32F446RETx", "a family, no part"),
        ("LPC176", "LPC1768", "the number goes on"),
        ("MIMXRT1062", "MIMXRT10621", "the number goes on"),
        ("rp2040", "rp2350", "two chips"),
        ("samd51j19a", "samd51j20a", "two memory sizes"),
        ("mimxrt106x", "mimxrt1062", "an x is a wildcard for STM32 and nRF only"),
    ],
)
def test_what_says_something_else_is_another_part(one: str, other: str, why: str) -> None:
    assert not may_be(part_key(one), part_key(other)), why


@given(keys)
def test_a_part_may_be_itself(key: str) -> None:
    assert may_be(key, key)


@given(keys, keys)
def test_two_parts_may_be_the_same_in_either_order(one: str, other: str) -> None:
    assert may_be(one, other) == may_be(other, one)


@given(st.sampled_from(WRITTEN))
def test_a_key_is_its_own_key(name: str) -> None:
    assert part_key(part_key(name)) == part_key(name)


def test_a_name_means_the_part_it_names_exactly_where_there_is_one() -> None:
    index = PartIndex([part("nRF52840_xxAA"), part("nRF52840"), part("nRF52832_xxAA")])
    assert [p.part for p in index.meant_by("nrf52840")] == ["nRF52840"]
    assert [p.part for p in index.meant_by("nRF52840_QIAA")] == ["nRF52840_xxAA", "nRF52840"]


def test_a_short_name_means_all_parts_it_may_stand_for() -> None:
    index = PartIndex([part("STM32L475VGTx"), part("STM32L475VETx"), part("STM32L476VGTx")])
    assert [p.part for p in index.meant_by("STM32L475")] == ["STM32L475VGTx", "STM32L475VETx"]
    assert [p.part for p in index.meant_by("stm32l475vgt6")] == ["STM32L475VGTx"]
    assert index.meant_by("stm32") == ()
    assert index.meant_by("") == ()


def test_one_part_by_several_sources_is_meant_by_all_of_them() -> None:
    index = PartIndex([part("RP2040", source="datasheet"), part("rp2040", source="zephyr")])
    assert [p.source for p in index.meant_by("RP2040")] == ["datasheet", "zephyr"]


def test_a_chip_of_a_family_is_never_the_family() -> None:
    index = PartIndex([part("ESP32"), part("ESP32-S3"), part("ESP32-C3")])
    assert [p.part for p in index.meant_by("esp32")] == ["ESP32"]
    assert [p.part for p in index.meant_by("ESP32S3")] == ["ESP32-S3"]
    assert index.meant_by("esp32c6") == ()


def test_the_index_says_what_comparing_with_each_part_says() -> None:
    """The shortcut over the first six characters leaves nothing out."""
    parts = read_all_parts()
    index = PartIndex(parts)
    every = {part_key(p.part) for p in parts}
    for key in sorted(every)[::7]:
        shorter = key[:9]
        wanted = {k for k in every if (k == shorter if shorter in every else may_be(shorter, k))}
        assert {part_key(p.part) for p in index.meant_by(shorter)} == wanted, shorter


def test_several_names_mean_the_parts_that_fit_them_all() -> None:
    index = PartIndex([part("STM32L475VGTx"), part("STM32L475VETx"), part("nRF52840_xxAA")])
    assert [p.part for p in index.meant_by_all(["STM32L475", "stm32l475vg"])] == ["STM32L475VGTx"]
    assert [p.part for p in index.meant_by_all(["stm32l475vg", "nrf52840"])] == ["STM32L475VGTx"], (
        "the first counts"
    )
    assert [p.part for p in index.meant_by_all(["nothing", "nrf52840"])] == ["nRF52840_xxAA"]
    assert index.meant_by_all([]) == ()


@given(cores)
def test_a_core_is_the_same_as_itself(core: str) -> None:
    assert same_core(core, core)


@given(cores, cores)
def test_two_cores_are_the_same_in_either_order(one: str, other: str) -> None:
    assert same_core(one, other) == same_core(other, one)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("cortex-m4", "cortex-m4f", True),
        ("rv32", "rv32imac", True),
        ("rv64", "rv64gc", True),
        ("rv32", "rv64gc", False),
        ("rv32imc", "rv32imac", False),
        ("cortex-m4", "cortex-m33", False),
        ("cortex-m3", "cortex-m33", False),
        ("cortex-m7", "cortex-m4f", False),
        (None, None, False),
        ("arc", None, False),
    ],
)
def test_a_less_exact_name_is_of_the_same_core(one: str | None, other: str | None, same: bool) -> None:
    assert same_core(one, other) is same


def test_a_part_without_any_of_the_cores_that_a_board_has_is_no_part_of_it() -> None:
    m4, m7, both = part("a", "cortex-m4f"), part("b", "cortex-m7"), part("c", "cortex-m7", "cortex-m4f")
    unknown = part("d")
    every = (m4, m7, both, unknown)
    assert usable(every, []) == every
    assert usable(every, ["cortex-m4"]) == (m4, both, unknown)
    assert usable(every, ["cortex-m7"]) == (m7, both, unknown)
    assert usable(every, ["cortex-m33"]) == (unknown,)
