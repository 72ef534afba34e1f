"""MicroPython's board.json -> names, vendors and addresses of boards.

A `board.json` tells a web page what to show of a board: no memory, no clock, and features in words that
people wrote by hand. They enrich what others say: the words become tags, the radios and networks among them
connectivity, and none of them a sensor.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from tinykg.errors import ExtractError
from tinykg.extract.json_document import beginning, read_struct, top_members
from tinykg.records.board import BoardDescription

if TYPE_CHECKING:
    from pathlib import Path

SOURCE: Final = "micropython"

FILE_NAME: Final = "board.json"

_LINKS: Final = {
    "802154": "ieee802154",
    "ble": "ble",
    "bluetooth": "bluetooth",
    "bluetoothle": "ble",
    "bluetoothlowenergy": "ble",
    "can": "can",
    "canfd": "can",
    "cellular": "cellular",
    "ethernet": "ethernet",
    "ieee802154": "ieee802154",
    "lora": "lora",
    "lorawan": "lora",
    "lte": "cellular",
    "ltem": "lte-m",
    "nbiot": "nb-iot",
    "nfc": "nfc",
    "subghz": "subghz",
    "thread": "ieee802154",
    "wifi": "wifi",
    "wlan": "wifi",
    "zigbee": "ieee802154",
}
"""Features that name a network, without their dashes and blanks. `USB` names none."""

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


class _Board(msgspec.Struct):
    product: str
    mcu: str
    vendor: str | None = None
    url: str | None = None
    features: list[str] = []
    features_non_filterable: list[str] = []


def read_board(path: Path) -> BoardDescription:
    """What a board.json says of its board; raises ExtractError with the field's path."""
    board = read_struct(path, _Board)
    name, part = board.product.strip(), board.mcu.strip()
    if not name:
        raise ExtractError(path, "`$.product`", "an empty text", "the board's name")
    tags = {text.strip() for text in (*board.features, *board.features_non_filterable)} - {""}
    folder = path.absolute().parent
    return BoardDescription(
        source=SOURCE,
        collection=_port(folder),
        identifier=folder.name or path.stem,
        name=name,
        vendor=(board.vendor or "").strip() or None,
        part=part or None,
        is_chip=_is_chip(name, part, folder.name),
        system="bare-metal",
        connectivity=_connectivity(tags),
        tags=tuple(sorted(tags)),
        address=_address(board.url),
    )


def _port(folder: Path) -> str | None:
    """The port that a board's folder belongs to: `ports/<port>/boards/<board>`."""
    return folder.parent.parent.name or None if folder.parent.name == "boards" else None


def _is_chip(name: str, part: str, folder: str) -> bool:
    """Whether the firmware is for any board with a part: called generic, or by the part's own name.

    The folder has to agree: a few boards were copied from a generic one, and kept its name.
    """
    if "generic" in (name.split(maxsplit=1)[0].casefold(), *folder.casefold().split("_")):
        return True
    key = _folded(part)
    return bool(key) and _folded(re.split(r"[/(,]", name)[0]) == key and _folded(folder).startswith(key)


def _folded(text: str) -> str:
    return "".join(re.findall("[a-z0-9]", text.casefold()))


def _connectivity(tags: set[str]) -> tuple[str, ...] | None:
    """The networks among the features; None where there are none, for a list by hand is never whole."""
    links = {_LINKS[key] for key in map(_folded, tags) if key in _LINKS}
    return tuple(sorted(links)) or None


def _address(url: str | None) -> str | None:
    text = (url or "").strip()
    return text if _ADDRESS.fullmatch(text) else None


class BoardFiles:
    """Files of the name `board.json` with a product and its microcontroller."""

    name = SOURCE

    def accepts(self, path: Path) -> bool:
        """Whether the file is MicroPython's description of a board."""
        if path.name != FILE_NAME:
            return False
        content = beginning(path)
        if b'"product"' not in content or b'"mcu"' not in content:
            return False
        members = top_members(content)
        return {"product", "mcu"} <= members.keys() and "@context" not in members

    def extract(self, path: Path) -> tuple[BoardDescription, ...]:
        """What the file says of its board."""
        return (read_board(path),)


EXTRACTOR = BoardFiles()
