"""MicroPython's board.json: what they say of boards, and what they do not."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.micropython import EXTRACTOR
from tinykg.extract.protocol import Extractor
from tinykg.records.board import BoardDescription

PICO = {
    "deploy": ["../deploy.md"],
    "docs": "",
    "features": ["WiFi", "BLE", "IMU", "USB"],
    "mcu": "rp2040",
    "product": "Pico W",
    "url": "https://example.org/pico-w",
    "vendor": "Raspberry Pi",
}


def written(folder: Path, **changes: object) -> Path:
    """A board.json in its place in a checkout; None leaves a member out."""
    place = folder / "ports" / "rp2" / "boards" / "PICO_W"
    place.mkdir(parents=True, exist_ok=True)
    content = {key: value for key, value in {**PICO, **changes}.items() if value is not None}
    (place / "board.json").write_text(json.dumps(content), encoding="utf-8")
    return place / "board.json"


def read(folder: Path, **changes: object) -> BoardDescription:
    """The one description of a board.json."""
    (board,) = EXTRACTOR.extract(written(folder, **changes))
    return board


def published(test_data: Path) -> dict[str, BoardDescription]:
    """The descriptions of all published files, by folder name."""
    found = {}
    for path in sorted((test_data / "boards" / "micropython").rglob("board.json")):
        assert EXTRACTOR.accepts(path)
        (found[path.parent.name],) = EXTRACTOR.extract(path)
    return found


def test_it_is_an_extractor() -> None:
    assert isinstance(EXTRACTOR, Extractor)
    assert EXTRACTOR.name == "micropython"


def test_a_board(tmp_path: Path) -> None:
    assert read(tmp_path) == BoardDescription(
        source="micropython",
        collection="rp2",
        identifier="PICO_W",
        name="Pico W",
        vendor="Raspberry Pi",
        part="rp2040",
        system="bare-metal",
        connectivity=("ble", "wifi"),
        tags=("BLE", "IMU", "USB", "WiFi"),
        address="https://example.org/pico-w",
    )


def test_features_are_never_sensors_and_no_memory_is_made_up(tmp_path: Path) -> None:
    board = read(
        tmp_path,
        features=["Microphone", "Camera", "Environment Sensor", "External RAM", "External Flash"],
        features_non_filterable=["3 Axis IMU", " "],
    )
    assert board.sensors is None
    assert (board.figures, board.processors, board.accelerators) == ((), (), None)
    assert board.tags == (
        "3 Axis IMU",
        "Camera",
        "Environment Sensor",
        "External Flash",
        "External RAM",
        "Microphone",
    )


@pytest.mark.parametrize(
    ("features", "connectivity"),
    [
        ([], None),
        (["USB", "USB-C", "Display", "T1S", "LoRa-ready antenna"], None),
        (["Wi-Fi", "Bluetooth LE"], ("ble", "wifi")),
        (["Bluetooth", "CAN", "LTE-M", "802.15.4"], ("bluetooth", "can", "ieee802154", "lte-m")),
        (["BLE", "Bluetooth LE"], ("ble",)),
    ],
)
def test_networks_among_the_features(
    tmp_path: Path, features: list[str], connectivity: tuple[str, ...] | None
) -> None:
    assert read(tmp_path, features=features).connectivity == connectivity


@pytest.mark.parametrize("url", ["", "  ", "www.example.org", "javascript:alert(1)", "https://a b", None])
def test_what_is_no_web_address_is_left_out(tmp_path: Path, url: str | None) -> None:
    assert read(tmp_path, url=url).address is None


def test_empty_texts_are_unknown(tmp_path: Path) -> None:
    board = read(tmp_path, vendor=" ", mcu="", features=None)
    assert (board.vendor, board.part, board.tags) == (None, None, ())


def test_the_port_is_known_only_where_the_folders_tell(tmp_path: Path) -> None:
    path = tmp_path / "MY_BOARD" / "board.json"
    path.parent.mkdir()
    path.write_text(json.dumps(PICO), encoding="utf-8")
    (board,) = EXTRACTOR.extract(path)
    assert (board.collection, board.identifier) == (None, "MY_BOARD")


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("product", 3, "`$.product`"),
        ("product", " ", "`$.product`"),
        ("mcu", ["rp2040"], "`$.mcu`"),
        ("features", "WiFi", "`$.features`"),
        ("features", ["WiFi", 5], "`$.features[1]`"),
        ("features_non_filterable", {}, "`$.features_non_filterable`"),
        ("url", {"href": ""}, "`$.url`"),
        ("vendor", 1, "`$.vendor`"),
    ],
)
def test_a_mistyped_field_is_refused_with_its_place(
    tmp_path: Path, field: str, value: object, place: str
) -> None:
    path = written(tmp_path, **{field: value})
    assert EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError) as caught:
        EXTRACTOR.extract(path)
    assert caught.value.place == place


def test_broken_json_is_accepted_and_refused_with_line_and_column(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text('{\n"mcu": "rp2040"\n"product": "Pico"}', encoding="utf-8")
    assert not EXTRACTOR.accepts(path)  # no comma, so that only `mcu` is a member
    path.write_text('{\n"mcu": "rp2040",\n"product": "Pico",}', encoding="utf-8")
    assert EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError, match="line 3, column"):
        EXTRACTOR.extract(path)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"board": {"product": "x", "mcu": "y"}}',
        '{"product": "x"}',
        '{"name": "x", "build": {"mcu": "y", "product": "z"}, "upload": {}}',
        '{"@context": "https://www.w3.org/2022/wot/td/v1.1", "product": "x", "mcu": "y"}',
        "\0" * 4096,
    ],
)
def test_other_files_of_the_name_are_not_accepted(tmp_path: Path, content: str) -> None:
    path = tmp_path / "board.json"
    path.write_text(content, encoding="utf-8")
    assert not EXTRACTOR.accepts(path)


def test_only_files_of_the_name_are_accepted(tmp_path: Path) -> None:
    other = written(tmp_path).rename(tmp_path / "pico.json")
    folder = tmp_path / "x" / "board.json"
    folder.mkdir(parents=True)
    assert not EXTRACTOR.accepts(other)
    assert not EXTRACTOR.accepts(folder)
    assert not EXTRACTOR.accepts(tmp_path / "absent" / "board.json")


def test_a_sparse_file_of_a_gigabyte_is_refused_at_once(tmp_path: Path) -> None:
    path = written(tmp_path)
    with path.open("r+b") as file:
        file.truncate(1 << 30)
    assert EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError, match="bytes"):
        EXTRACTOR.extract(path)


def test_all_published_boards_are_read(test_data: Path) -> None:
    boards = published(test_data)
    assert len(boards) == 225
    assert len({(board.collection, board.identifier) for board in boards.values()}) == 225
    assert {board.collection for board in boards.values()} == {
        *("alif", "cc3200", "esp32", "esp8266", "mimxrt", "nrf", "psoc-edge"),
        *("renesas-ra", "rp2", "samd", "stm32"),
    }
    assert all(board.sensors is None and not board.figures for board in boards.values())
    assert all(board.vendor and board.part for board in boards.values())
    assert sum(board.address is None for board in boards.values()) == 35
    assert sum("wifi" in (board.connectivity or ()) for board in boards.values()) == 64
    assert sum("Microphone" in board.tags for board in boards.values()) == 11


def test_generic_firmware_is_for_a_chip(test_data: Path) -> None:
    boards = published(test_data)
    chips = {key for key, board in boards.items() if board.is_chip}
    assert len(chips) == 13
    assert {"ESP32_GENERIC", "ESP8266_GENERIC", "SAMD_GENERIC_D21X18"} <= chips
    redboard = boards["SPARKFUN_IOT_REDBOARD_ESP32"]  # its product is a copy of the generic one's
    assert (redboard.name, redboard.is_chip) == ("ESP32 / WROOM", False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
members = st.dictionaries(
    st.sampled_from([*PICO, "features_non_filterable", "id"]) | st.text(max_size=5), json_values
)


@given(members, st.booleans())
def test_any_object_gives_a_board_or_an_extract_error(document: dict[str, Any], over_a_board: bool) -> None:
    content = {**PICO, **document} if over_a_board else document
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "board.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        EXTRACTOR.accepts(path)
        try:
            (board,) = EXTRACTOR.extract(path)
        except ExtractError:
            return
        assert board.name.strip() == board.name != ""
