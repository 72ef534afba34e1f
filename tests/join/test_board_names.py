"""Names of boards and vendors without what only some sources write."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from said import board

from tinykg.join.names import board_key, board_slug, slug, vendor_key

texts = st.text(max_size=20)


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (("STMicroelectronics", "ST", "ST Microelectronics", "st", "STM"), "st"),
        (("Seeed Studio", "SeeedStudio", "Seeed", "seeed"), "seeed"),
        (("Nordic Semiconductor", "Nordic", "nordic", "Nordic Semiconductor ASA"), "nordic"),
        (("NXP Semiconductors", "nxp", "Freescale"), "nxp"),
        (("Microchip Technology Inc.", "Atmel", "microchip"), "microchip"),
        (("Raspberry Pi", "RaspberryPi", "raspberrypi"), "raspberry"),
        (("Texas Instruments", "TI", "ti"), "ti"),
        (("generic", "Unknown", "", "???"), ""),
    ],
)
def test_a_vendor_has_one_key_however_it_is_written(names: tuple[str, ...], key: str) -> None:
    assert {vendor_key(name) for name in names} == {key}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Arduino Nano 33 BLE", "Arduino"), ("Nano 33 BLE", "Arduino")),
        (("ST Nucleo F446RE", "ST"), ("NUCLEO-F446RE", "STMicroelectronics")),
        (("Adafruit Feather nRF52840 Express", "Adafruit"), ("Feather nRF52840 Express", "adafruit")),
        (("Raspberry Pi Pico", "Raspberry Pi"), ("Pico Board", "RaspberryPi")),
        (("Nordic nRF52840-DK", None), ("nRF52840 DK", "Nordic Semiconductor")),
    ],
)
def test_a_board_has_one_key_with_or_without_its_vendors_name(
    one: tuple[str, str | None], other: tuple[str, str | None]
) -> None:
    keys = [board_key(board("x", "x", name, vendor=vendor)) for name, vendor in (one, other)]
    assert keys[0] == keys[1]


def test_the_parts_number_tells_no_boards_apart_unless_little_is_left() -> None:
    def key(name: str) -> str:
        return board_key(board("x", "x", name, part="nrf52840"))[1]

    assert key("Feather nRF52840 Express") == key("Feather Express")
    assert key("nRF52840 DK") == "nrf52840dk", "what is left would be `dk`"


def test_variants_of_a_board_have_keys_of_their_own() -> None:
    names = (
        "Nano 33 BLE",
        "Nano 33 BLE Sense",
        "Nano 33 IoT",
        "Nano",
        "XIAO",
        "XIAO Sense",
        "Nicla Vision",
        "Pico",
        "Pico W",
    )
    assert len({board_key(board("x", "x", name, vendor="V")) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "vendor", "expected"),
    [
        ("Arduino Nano 33 BLE", "Arduino", "arduino-nano-33-ble"),
        ("Nano 33 BLE", "Arduino", "arduino-nano-33-ble"),
        ("LOLIN D32 PRO", "WEMOS", "lolin-d32-pro"),
        ("Adafruit Feather+", None, "adafruit-feather-plus"),
        ("Ärger & Söhne_1", None, "rger-s-hne-1"),
        ("Acme", "Acme", "acme-acme"),
    ],
)
def test_a_slug_is_the_vendor_and_the_name(name: str, vendor: str | None, expected: str) -> None:
    assert board_slug(board("x", "x", name, vendor=vendor)) == expected


@given(texts, st.none() | texts, st.none() | texts)
def test_a_boards_slug_is_words_joined_by_single_hyphens(
    name: str, vendor: str | None, part: str | None
) -> None:
    found = board_slug(board("x", "x", name, vendor=vendor, part=part))
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", found)
    assert slug(found) == found


@given(texts, st.none() | texts)
def test_case_and_separators_change_no_key(name: str, vendor: str | None) -> None:
    plain = board_key(board("x", "x", name, vendor=vendor))
    spaced = "".join(f" {c}-" if c in "_-" else c for c in name)
    assert board_key(board("x", "x", spaced, vendor=vendor)) == plain
    ascii_only = name.isascii() and (vendor or "").isascii()
    if ascii_only:
        assert board_key(board("x", "x", name.upper(), vendor=vendor and vendor.upper())) == plain
