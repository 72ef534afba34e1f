"""Which quantity each memory figure of a manifest is.

The rules are general; each was found in published manifests:

* Zero is no size. Boards whose program comes from elsewhere have it, because the field must be there.
* A Linux board's `maximum_size` repeats its RAM: there is no flash to link into, only a field to fill.
* Data on an ESP32 live in the part of its SRAM that the data bus reaches, for which every manifest has
  327,680 bytes. A figure of so many bytes and whole MiB more counts external RAM with it; one that is the
  chip's whole SRAM is that; any other is no size of anything.
* From 8 MiB of RAM on it is another chip's: no microcontroller that these manifests know has so much.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.records.board import FigureKind, MemoryFigure

if TYPE_CHECKING:
    from pathlib import Path

MIB: Final = 1 << 20

ESP32_DATA_BYTES: Final = 327_680
"""The DRAM that the linker scripts of the ESP32 family have: 320 KiB, of 320 to 512 KiB of SRAM."""

ESP32_SRAM_BYTES: Final = {"esp32": 532_480, "esp32s3": 524_288, "esp32c3": 409_600, "esp32c6": 524_288}
"""The whole SRAM of parts, by Espressif's data sheets."""

EXTERNAL_FROM_BYTES: Final = 8 * MIB
"""The on-chip SRAM of the largest part in these manifests, the K210, is 8 MiB with that of its accelerator;
what programs get of it is 6 MiB."""

RAM: Final = "upload.maximum_ram_size"
FLASH: Final = "upload.maximum_size"


def figures(
    path: Path,
    *,
    ram_bytes: int | None,
    flash_bytes: int | None,
    flash_size: str | int | None,
    part: str,
    linux: bool,
) -> tuple[MemoryFigure, ...]:
    """The memory figures of a manifest in bytes, each with its kind; a negative one is an error."""
    for size_bytes, place in ((ram_bytes, RAM), (flash_bytes, FLASH)):
        if size_bytes is not None and size_bytes < 0:
            raise ExtractError(path, f"`$.{place}`", str(size_bytes), "a number of bytes")
    found: list[MemoryFigure] = []
    if ram_bytes is not None:
        found += _ram(ram_bytes, part, linux=linux)
    if flash_bytes is not None:
        found.append(_flash(flash_bytes, ram_bytes, linux=linux))
    if flash_size is not None:
        total_bytes = _flash_size_bytes(path, flash_size)
        found.append(_figure("flash", FigureKind.CHIP_TOTAL, total_bytes, "upload.flash_size"))
    return tuple(found)


def _ram(size_bytes: int, part: str, *, linux: bool) -> list[MemoryFigure]:
    if size_bytes == 0:
        return [_figure("sram", FigureKind.PLACEHOLDER, 0, RAM, "zero")]
    if linux:
        return [_figure("dram", FigureKind.CHIP_TOTAL, size_bytes, RAM)]
    if part.startswith("esp32"):
        return _esp32_ram(size_bytes, part)
    if size_bytes >= EXTERNAL_FROM_BYTES:
        return [
            _figure("psram", FigureKind.LINKABLE, size_bytes, RAM, "more than chips have: another chip's")
        ]
    return [_figure("sram", FigureKind.LINKABLE, size_bytes, RAM)]


def _esp32_ram(size_bytes: int, part: str) -> list[MemoryFigure]:
    """The RAM of an ESP32: its data memory, with or without external RAM, or its whole SRAM."""
    more = size_bytes - ESP32_DATA_BYTES
    if more <= 0:
        return [_figure("sram", FigureKind.HEAP_ONLY, size_bytes, RAM)]
    if size_bytes == ESP32_SRAM_BYTES.get(part.replace("-", "")):
        return [_figure("sram", FigureKind.CHIP_TOTAL, size_bytes, RAM, "the whole SRAM, not data's part")]
    if more % MIB == 0:
        note = "with external RAM"
        return [
            _figure("sram", FigureKind.HEAP_ONLY, ESP32_DATA_BYTES, RAM, note),
            _figure("psram", FigureKind.CHIP_TOTAL, more, RAM, note),
        ]
    return [_figure("sram", FigureKind.PLACEHOLDER, size_bytes, RAM, "no size of any memory there")]


def _flash(size_bytes: int, ram_bytes: int | None, *, linux: bool) -> MemoryFigure:
    if size_bytes == 0:
        return _figure("flash", FigureKind.PLACEHOLDER, 0, FLASH, "zero")
    if linux and size_bytes == ram_bytes:
        return _figure("flash", FigureKind.PLACEHOLDER, size_bytes, FLASH, "repeats the RAM")
    return _figure("flash", FigureKind.LINKABLE, size_bytes, FLASH)


def _flash_size_bytes(path: Path, size: str | int) -> int:
    """Bytes of `8MB` or of a number; an MB is 2**20 bytes here, as flash chips are made."""
    found = re.fullmatch(r"(\d{1,9})\s*(MB|KB|M|K|B)?", str(size).strip(), re.IGNORECASE)
    if found is None:
        raise ExtractError(path, "`$.upload.flash_size`", f"'{size}'", "a size such as 8MB")
    unit = {"": 1, "B": 1, "K": 1024, "M": MIB}[(found.group(2) or "").upper().rstrip("B") or ""]
    return int(found.group(1)) * unit


def _figure(
    memory: str, kind: FigureKind, size_bytes: int, place: str, note: str | None = None
) -> MemoryFigure:
    return MemoryFigure(memory=memory, kind=kind, size_bytes=size_bytes, place=place, note=note)
