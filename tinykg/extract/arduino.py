"""A boards.txt of an Arduino core -> its boards.

`arduino_properties` reads the lines, `arduino_menus` tells boards from settings, `arduino_parts`
finds part and core. Which quantity a size is: `upload.maximum_size` and `upload.maximum_data_size`
are what a sketch may fill (the Uno's 32,256 of 32,768 bytes), LINKABLE; for Espressif's chips the
data size is the DRAM that data may use, HEAP_ONLY; in a menu of cores they are one core's share;
zero stands where a family has no size of its own, PLACEHOLDER. `build.flash_total`,
`build.flash_size` and `build.psram_length` are the chips themselves, and are taken where all
options agree on them.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.extract.arduino_menus import described
from tinykg.extract.arduino_parts import find_part, is_part
from tinykg.extract.arduino_properties import read_boards, read_lines
from tinykg.extract.core_names import core_slug
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tinykg.extract.arduino_menus import Choice, Described, Found
    from tinykg.extract.arduino_properties import Scope

SIZES: Final = (("upload.maximum_data_size", "sram"), ("upload.maximum_size", "flash"))
CHIP_SIZES: Final = (
    ("build.flash_total", "flash"),
    ("build.flash_size", "flash"),
    ("build.psram_length", "psram"),
)
CORE_KEYS: Final = ("build.mcu", "build.architecture", "build.march", "build.tarch")
"""Where cores say which processor core the compiler is to make code for."""

MAX_DESCRIPTIONS: Final = 20_000
"""Boards of one file; the largest published one gives 1,356."""

MAX_FIGURES: Final = 400
"""Figures of one board; published ones have at most 40, of as many flash partitions."""

_NAMES: Final = frozenset({"boards.txt", "boards.local.txt"})
_ARCHITECTURES: Final = re.compile(
    r"avr|megaavr|sam[de]?\d*|esp32|nrf5\w*|stm32|rp2040|mbed\w*|renesas\w*|zephyr|arm|hardware",
    re.IGNORECASE,
)
_VERSION: Final = re.compile(r"v?\d+(?:\.\d+)+\S*")
_NUMBER: Final = re.compile(r"(0[xX][0-9a-fA-F]{1,12}|\d{1,15})([uUlL]{0,3})")
_CHIP_SIZE: Final = re.compile(r"(\d{1,6})\s*([KMG])i?B?|(0[xX][0-9a-fA-F]{1,12}|\d{1,15})", re.IGNORECASE)
_UNITS: Final = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_AVR: Final = re.compile(r"at(?:mega|tiny|xmega)\d|avr\d+[a-z]", re.IGNORECASE)
_ESPRESSIF: Final = re.compile(r"esp(?:32|8266|8285)", re.IGNORECASE)


class ArduinoBoards:
    """The boards.txt of Arduino cores."""

    name = "arduino"

    def accepts(self, path: Path) -> bool:
        """Whether the file is a core's list of boards, told from its name."""
        return path.name.lower() in _NAMES and path.is_file()

    def extract(self, path: Path) -> tuple[BoardDescription, ...]:
        """The boards of the file, each option that is a board of its own; raises ExtractError."""
        boards = read_boards(path)
        if not boards:
            raise ExtractError(path, "line 1", "no board with a name", "BOARD.name=…")
        collection = collection_of(path)
        descriptions: list[BoardDescription] = []
        for identifier, board in boards.items():
            for found in described(path, identifier, board):
                descriptions.append(_description(path, identifier, board, found, collection))
                if len(descriptions) > MAX_DESCRIPTIONS:
                    raise ExtractError(path, identifier, f"more than {MAX_DESCRIPTIONS} boards")
        return tuple(descriptions)


def collection_of(path: Path) -> str | None:
    """The core's name: of the `platform.txt` beside, else its folder, with the packager's where it is bare.

    Folders that are versions are passed over, as cores are installed in packager/architecture/version.
    """
    platform = path.with_name("platform.txt")
    if platform.is_file():
        with contextlib.suppress(ExtractError):  # what is wrong with another file is not this file's fault
            for _, key, value in read_lines(platform):
                if key == "name" and value:
                    return value
    folders = [part for part in path.absolute().parts[1:-1] if not _VERSION.fullmatch(part)]
    if not folders:
        return None
    is_bare = len(folders) > 1 and _ARCHITECTURES.fullmatch(folders[-1])
    return "/".join(folders[-2:]) if is_bare else folders[-1]


def _description(
    path: Path, identifier: str, board: Scope, found: Described, collection: str | None
) -> BoardDescription:
    choice = found.choice

    def get(key: str) -> str | None:
        value = choice.get(key)
        return value.text if value else None

    name, label = _name(board, found), found.labels[-1] if found.labels else None
    words = [identifier, *(word for option in found.options for word in option)]
    size = choice.get("upload.maximum_size")
    part = find_part(get, number(path, size) if size else None, (name, *words))
    vendor = (get("build.usb_manufacturer") or "").strip("\"' ")
    return BoardDescription(
        source="arduino",
        collection=collection,
        identifier=".".join(words),
        name=name,
        vendor=vendor or None,
        part=part,
        is_chip=_is_chip(board, label),
        processors=tuple(_processors(path, choice, part)),
        figures=tuple(figures(path, identifier, choice, part)),
    )


def _is_family(board: Scope) -> bool:
    """Whether the board's own lines are of a family, which has no size of its own."""
    size = board.properties.get("upload.maximum_size")
    return size is not None and size.text == "0"


def _name(board: Scope, found: Described) -> str:
    """The board's name: of a family the option's label, else the board's own and the label."""
    own = board.properties["name"].text
    if not found.labels:
        return own
    label = ", ".join(found.labels)
    if _is_family(board) or label.lower().startswith(own.lower()):
        return label
    return f"{own} ({label})"


def _is_chip(board: Scope, label: str | None) -> bool:
    """Whether the description is of a bare part: it is called generic, or by a part's number."""
    own = label if label and _is_family(board) else board.properties["name"].text
    return any(name.lower().startswith("generic ") for name in (own, label or own)) or is_part(own)


def number(path: Path, found: Found) -> int | None:
    """A size in bytes or a clock in hertz, with or without C's suffix; None where a reference stays open."""
    text = found.text.partition("#")[0].strip()
    if "{" in text or not text:
        return None
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ExtractError(path, f"line {found.line}, {found.place}", f"{text[:40]!r}", "a whole number")
    return int(match[1], 16 if match[1][:2] in {"0x", "0X"} else 10)


def _processors(path: Path, choice: Choice, part: str | None) -> Iterator[Processor]:
    """The core the sketch runs on, and those of the menu of cores that have memory of their own."""
    clock = choice.get("build.f_cpu")
    clock_hz = (number(path, clock) or None) if clock else None
    fpu, abi = choice.get("build.fpu"), choice.get("build.float-abi")
    has_fpu = True if (fpu and "fpu=" in fpu.text) or (abi and "hard" in abi.text) else None
    words = [found.text for key in CORE_KEYS if (found := choice.get(key))]
    cores = [slug for word in words if (slug := core_slug(word, has_fpu=has_fpu))]
    core = cores[0] if cores else "avr" if part and _AVR.match(part) else None
    if core or part or clock_hz:
        yield Processor(part=part, core=core, clock_hz=clock_hz, has_fpu=has_fpu)
    if choice.core_menu:
        for option in choice.board.menus[choice.core_menu].values():
            mcu, unit = option.properties.get("build.mcu"), option.properties.get("build.fpu")
            if mcu and mcu.text not in words and any(key in option.properties for key, _ in SIZES):
                has_unit = True if unit and "fpu=" in unit.text else None
                yield Processor(part=part, core=core_slug(mcu.text, has_fpu=has_unit), has_fpu=has_unit)


def figures(path: Path, identifier: str, choice: Choice, part: str | None) -> Iterator[MemoryFigure]:
    """What a sketch may fill with the options that are taken, then with the others, then the chips."""
    count = 0
    for key, memory in SIZES:
        taken = choice.get(key)
        if taken:
            yield from _figure(path, taken, memory, _kind(choice, memory, taken, part), None)
        for found, label in choice.everywhere(key):
            is_other = found.place != key and (taken is None or found.text != taken.text)
            if is_other:
                count += 1
                if count > MAX_FIGURES:
                    raise ExtractError(path, f"{identifier}.{found.place}", f"more than {MAX_FIGURES} sizes")
                note = f"with the option {label}" if label else None
                yield from _figure(path, found, memory, _kind(choice, memory, found, part), note)
    told: set[str] = set()
    for key, memory in CHIP_SIZES:
        sizes = {chip_bytes(found.text): found for found, _ in choice.everywhere(key)}
        if len(sizes) == 1 and memory not in told:
            ((size, found),) = sizes.items()
            if size:
                told.add(memory)
                yield MemoryFigure(
                    memory=memory, kind=FigureKind.CHIP_TOTAL, size_bytes=size, place=found.place
                )


def _figure(
    path: Path, found: Found, memory: str, kind: FigureKind, note: str | None
) -> Iterator[MemoryFigure]:
    size = number(path, found)
    if size is not None:
        kind = kind if size else FigureKind.PLACEHOLDER
        yield MemoryFigure(memory=memory, kind=kind, size_bytes=size, place=found.place, note=note)


def _kind(choice: Choice, memory: str, found: Found, part: str | None) -> FigureKind:
    if choice.core_menu and found.place.startswith(f"menu.{choice.core_menu}."):
        return FigureKind.CORE_SHARE
    if memory == "sram" and part and _ESPRESSIF.match(part):
        return FigureKind.HEAP_ONLY
    return FigureKind.LINKABLE


def chip_bytes(text: str) -> int | None:
    """The size of a memory chip, such as "4MB" in powers of 1024, or bytes; None where the text is none."""
    match = _CHIP_SIZE.fullmatch(text.strip())
    if match is None:
        return None
    if match[3]:
        return int(match[3], 16 if match[3][:2] in {"0x", "0X"} else 10)
    return int(match[1]) * _UNITS[match[2].upper()]


EXTRACTOR = ArduinoBoards()
