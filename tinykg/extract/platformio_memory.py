"""The memory figures of a PlatformIO manifest: which memory each means, and which quantity of it.

`upload.maximum_ram_size` and `upload.maximum_size` are bytes that the builder checks a program
against, so they are what a program may be linked into and never a chip's total. Where such a number
cannot be that, these rules decide, in this order:

* A zero, and on Linux boards a program size that equals the RAM, stands for "no limit": a placeholder.
* The RAM of an ESP32 or ESP8266 is the part for data of a larger SRAM, unless it is exactly that SRAM. The
  rule goes by the chip: the same number on another chip means something else.
* A RAM figure that is a chip's known own RAM and a whole power of two of MiB counts a RAM chip beside
  it: two figures. What exceeds an ESP's own RAM in another way belongs to no memory: a placeholder.
* RAM as large as no microcontroller has on its chip is external RAM.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from tinykg.errors import ExtractError
from tinykg.records.board import FigureKind, MemoryFigure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB: Final = 1 << 20

SizeBytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]


class Upload(msgspec.Struct, kw_only=True, frozen=True):
    """The sizes of a manifest's member `upload`, in bytes where they are numbers."""

    maximum_ram_size: SizeBytes | None = None
    maximum_size: SizeBytes | None = None
    flash_size: SizeBytes | str | None = None
    psram_length: SizeBytes | None = None


_OWN_RAM: Final = (
    (re.compile("esp32"), 327_680),
    (re.compile("gd32eprt"), 98_304),
)
"""RAM for data on chips whose manifests also count a RAM chip: the DRAM that the ESP32's Arduino core states
for each member of the family; the SRAM of the GD32EPRT, which has 4 MiB of PSRAM in its package (GigaDevice,
GD32EPRTxx datasheet)."""

_ESP32_SRAM: Final = {
    "esp32": 532_480,
    "esp32s3": 524_288,
    "esp32c3": 409_600,
    "esp32c6": 524_288,
}
"""The whole SRAM of members of the family (Espressif, their datasheets, section "Internal Memory")."""

_HEAP_ONLY: Final = re.compile(r"esp(?:32|82(?:66|85))")
"""Chips of which one part of the SRAM holds data and another instructions (Espressif, ESP32 technical
reference manual, "System and Memory"; ESP8266 technical reference, "Memory map")."""

_NO_ON_CHIP_FLASH: Final = re.compile(
    r"esp32|esp82(?:66|85)|rp20[34]0|rp23\d\d|(?:mk?imx|mimx|imx)rt|k210|fe310|fu[57]40|gap[89]"
)
"""Chips that run programs from a flash chip beside the die, in some versions in the same package (product
pages of Espressif, Raspberry Pi, NXP i.MX RT, Kendryte, SiFive, GreenWaves)."""

_ONE_CORE: Final = re.compile(r"\((?:arm\s)?(?:cortex-)?c?[mar]\d+\+? core\)", re.IGNORECASE)
_SIZE: Final = re.compile(r"(\d+)\s*(?:([kmg])i?b?|b)?", re.IGNORECASE)
_FACTOR: Final = {"": 1, "k": 1 << 10, "m": MIB, "g": 1 << 30}


def figures(path: Path, upload: Upload, *, part: str, name: str, is_linux: bool) -> tuple[MemoryFigure, ...]:
    """The figures of a manifest in the order RAM, flash, total flash, external RAM."""
    kind = FigureKind.CORE_SHARE if _ONE_CORE.search(name) else FigureKind.LINKABLE
    found: list[MemoryFigure] = []
    if upload.maximum_ram_size is not None:
        found += (
            _linux_ram(upload.maximum_ram_size) if is_linux else _ram(upload.maximum_ram_size, part, kind)
        )
    if upload.maximum_size is not None:
        found.append(_program(upload, part, kind, is_linux=is_linux))
    found += _flash_size(path, upload)
    if upload.psram_length:
        found.append(_figure("psram", FigureKind.LINKABLE, upload.psram_length, "psram_length"))
    return tuple(found)


def _figure(
    memory: str, kind: FigureKind, size_bytes: int, field: str, note: str | None = None
) -> MemoryFigure:
    return MemoryFigure(memory=memory, kind=kind, size_bytes=size_bytes, place=f"upload.{field}", note=note)


def _linux_ram(size_bytes: int) -> Iterator[MemoryFigure]:
    """The board's main memory: Linux gives programs what they ask for, so the number is that of the chips."""
    if size_bytes:
        yield _figure("dram", FigureKind.CHIP_TOTAL, size_bytes, "maximum_ram_size")


def _ram(size_bytes: int, part: str, kind: FigureKind) -> Iterator[MemoryFigure]:
    field = "maximum_ram_size"
    own = next((own for pattern, own in _OWN_RAM if pattern.match(part)), None)
    is_heap = _HEAP_ONLY.match(part) is not None
    on_chip = FigureKind.HEAP_ONLY if is_heap else kind
    if size_bytes == 0:
        yield _figure("sram", FigureKind.PLACEHOLDER, 0, field, "a zero states no size")
    elif own is not None and _is_whole_chip(size_bytes - own):
        note = f"the figure {size_bytes} counts external RAM as well; {own} bytes are the chip's own"
        yield _figure("sram", on_chip, own, field, note)
        yield _figure("psram", FigureKind.CHIP_TOTAL, size_bytes - own, field, note)
    elif size_bytes == _ESP32_SRAM.get(part):
        yield _figure(
            "sram", FigureKind.CHIP_TOTAL, size_bytes, field, "the whole SRAM, not the part for data"
        )
    elif is_heap and size_bytes >= MIB:
        note = "more than the chip has, and not its own RAM and a RAM chip"
        yield _figure("sram", FigureKind.PLACEHOLDER, size_bytes, field, note)
    elif is_external_ram(size_bytes):
        note = "larger than the RAM on any microcontroller's chip: external RAM"
        yield _figure("psram", kind, size_bytes, field, note)
    elif is_heap:
        note = "the RAM for data; the chip's SRAM is larger"
        yield _figure("sram", FigureKind.HEAP_ONLY, size_bytes, field, note)
    else:
        yield _figure("sram", kind, size_bytes, field)


def _is_whole_chip(size_bytes: int) -> bool:
    """Whether a size is one of RAM chips: a power of two from 1 MiB (8 Mbit)."""
    return size_bytes >= MIB and size_bytes.bit_count() == 1


def is_external_ram(size_bytes: int) -> bool:
    """Whether RAM of this size is beside the microcontroller: from 16 MiB, or a power of two from 8 MiB.

    The largest on-chip SRAM is that of the Alif Ensemble E7, 13.5 MB in blocks that make no power of
    two; SDRAM, PSRAM and HyperRAM chips have powers of two.
    """
    return size_bytes >= 16 * MIB or (size_bytes >= 8 * MIB and size_bytes.bit_count() == 1)


def _program(upload: Upload, part: str, kind: FigureKind, *, is_linux: bool) -> MemoryFigure:
    field, size_bytes = "maximum_size", upload.maximum_size or 0
    if size_bytes == 0:
        return _figure("flash", FigureKind.PLACEHOLDER, 0, field, "a zero states no size")
    if is_linux and size_bytes == upload.maximum_ram_size:
        return _figure("flash", FigureKind.PLACEHOLDER, size_bytes, field, "the RAM's size again")
    if is_linux:
        return _figure("storage", kind, size_bytes, field)
    note = "in a flash chip; the microcontroller's die has none" if _NO_ON_CHIP_FLASH.match(part) else None
    return _figure("flash", kind, size_bytes, field, note)


def _flash_size(path: Path, upload: Upload) -> Iterator[MemoryFigure]:
    """What `upload.flash_size` says: a flash chip's total, which is a power of two.

    Its text "8MB" means 2**23 bytes, as the flash chips have and as `maximum_size` beside it shows. A
    number that is no power of two is the sum of several memories, and says no more than `maximum_size`.
    """
    if upload.flash_size is None:
        return
    size_bytes = upload.flash_size if isinstance(upload.flash_size, int) else _bytes(path, upload.flash_size)
    if size_bytes.bit_count() == 1:
        note = (
            None if isinstance(upload.flash_size, int) else f"'{upload.flash_size}', with MB for 2**20 bytes"
        )
        yield _figure("flash", FigureKind.CHIP_TOTAL, size_bytes, "flash_size", note)
    elif size_bytes and size_bytes != upload.maximum_size:
        yield _figure("flash", FigureKind.LINKABLE, size_bytes, "flash_size")


def _bytes(path: Path, text: str) -> int:
    match = _SIZE.fullmatch(text.strip())
    if match is None or len(match[1]) > len(str(1 << 40)):
        raise ExtractError(path, "`$.upload.flash_size`", f"'{text[:40]}'", "a size such as 8MB")
    return int(match[1]) * _FACTOR[(match[2] or "").lower()]
