"""Which microcontroller and which core a board of a boards.txt has.

`build.mcu` is what the core hands to its compiler: the part for AVR and Espressif ("atmega328p",
"esp32"), the processor core for Arm and RISC-V ("cortex-m4"). Where it is a core, the part is told
by, in this order: `build.chip`; STM32's product line with the package and density of `build.variant`
("F207Z(C-E-F-G)T"); a part number among the compiler's defines; the name of the SVD file, which
describes a chip's registers.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_CORE: Final = re.compile(
    r"(?:arm[-_ ])?cortex[-_ ]?[amrx]\d+\w*|arm\d+\w*|armv\d\S*|rv(?:32|64)\w*|risc-?v\w*|qingke\S*|hazard3"
    r"|xtensa\S*|lx\d+|avr\d?|arc(?:\d|em|hs)?\w*|mips\w*",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"(?:AT)?SAM[A-Z]{0,2}\d\w+|NRF\d{2,5}\w*|EF[MR]32\w+|[BM]GM\d\w+|STM32[A-Z]+\d\w+|MIMXRT\d\w+|MK\d\w+|LPC\d\w+"
    r"|CH32[A-Z]\w+|GD32[A-Z]\w+|AMA\dB\w+|APOLLO\d\w*|R7FA\w+|RP2\d{3}\w?|ESP(?:32|8266)\w*|CY8C\w+|RTL87\d\d\w*"
    r"|HC32\w+|APM32\w+|AT32\w+|MAX32\d{3}\w*|CC\d{4}\w+|MSP43\w+|AT(?:mega|tiny|xmega)\d\w*|CXD\d{4}\w*",
    re.IGNORECASE,
)
_FAMILY_ONLY: Final = re.compile(r"(?:SAM\w{0,3}|NRF5\d?|STM32[A-Z]\d)(?:XX|_SERIES|_FAMILY)?", re.IGNORECASE)
_DEFINE: Final = re.compile(r"-D\s*(\w{3,60})")
_FLAG_KEYS: Final = (
    "build.extra_flags",
    "build.chip_flags",
    "build.board_flags",
    "build.defines",
    "build.flags",
)
_CORE_SUFFIX: Final = re.compile(r"_C(?:M\d\w*|ORE\d)$|_(?:S|NS|APPLICATION|NETWORK)$", re.IGNORECASE)

_DENSITY_KIB: Final = {
    "4": 16, "6": 32, "8": 64, "B": 128, "Z": 192, "C": 256, "D": 384, "E": 512, "F": 768, "G": 1024,
    "H": 1536, "I": 2048, "J": 4096,
}  # fmt: skip
"""Flash in KiB by the letter of an STM32's ordering code (each datasheet, "Ordering information")."""
_GROUP: Final = re.compile(r"\(([A-Z0-9]+(?:-[A-Z0-9]+)*)\)")


def is_core(text: str) -> bool:
    """Whether a `build.mcu` is a processor core, with or without extensions after a plus sign."""
    return bool(_CORE.fullmatch(text.partition("+")[0]))


def is_part(text: str) -> bool:
    """Whether a text is the number of a microcontroller of a known family."""
    return bool(_PART.fullmatch(text)) and not _FAMILY_ONLY.fullmatch(text)


def find_part(
    get: Callable[[str], str | None], flash_bytes: int | None, names: tuple[str, ...]
) -> str | None:
    """The part, from the properties in force and the board's names; None where nothing tells it."""
    mcu = get("build.mcu")
    if mcu and not is_core(mcu):
        return mcu
    chip = get("build.chip")
    if chip and "{" not in chip:
        return chip.partition("-")[0] if is_core(chip.partition("-")[2]) else chip
    line = get("build.product_line")
    if line:
        return stm32_part(line, get("build.variant"), flash_bytes, names)
    return _defined(get) or _svd(get("debug.svd_file"))


def _defined(get: Callable[[str], str | None]) -> str | None:
    """The first part number among the compiler's defines, without the underscores around it."""
    for key in _FLAG_KEYS:
        for match in _DEFINE.finditer(get(key) or ""):
            word = match[1].strip("_")
            if is_part(word):
                return word
    return None


def _svd(text: str | None) -> str | None:
    """The part for which an SVD file is named."""
    stem = _CORE_SUFFIX.sub("", PurePosixPath(text or "").stem)
    return stem if is_part(stem) else None


def stm32_part(line: str, variant: str | None, flash_bytes: int | None, names: tuple[str, ...]) -> str:
    """The part of a product line such as STM32F207xx, as exactly as names or variant tell it.

    A name "Generic F207ZGTx" is the part. A variant "STM32F2xx/F207Z(C-E-F-G)T_F217Z(E-G)T" lists
    parts that share pins; meant is the one that a name has in it (NUCLEO_F207ZG), else the one of
    the board's flash size, but for the WB, whose radio stack takes part of the flash. Where that
    leaves several packages, they stay open as "xx"; where it leaves more, the line is the answer.
    """
    stem = line.partition("x")[0]
    for name in names:
        match = re.fullmatch(r"Generic\s+([A-Z]+[0-9]\w+)", name)
        if match and f"STM32{match[1]}".startswith(stem):
            return f"STM32{match[1]}"
    patterns = (variant or "").rpartition("/")[2].split("_")
    parts = [p for pattern in patterns for p in _unfolded(f"STM32{pattern}") if p.startswith(stem)]
    said = "\n".join(names).upper()
    meant = [part for part in parts if _ordering_code(part) in said]
    if not meant and not line.startswith("STM32WB5"):
        meant = [part for part in parts if _flash_bytes(part) == flash_bytes]
    codes = {_ordering_code(part) for part in meant}
    if len(set(meant)) == 1:
        return meant[0]
    return f"STM32{codes.pop()}xx" if len(codes) == 1 else line


def _ordering_code(part: str) -> str:
    """Line, pins and density of a part: F207ZG of STM32F207ZGT; the WBA's lines have five letters."""
    return part[5:12] if part.startswith("STM32WBA") else part[5:11]


def _flash_bytes(part: str) -> int | None:
    """The flash that the density letter stands for."""
    kib = _DENSITY_KIB.get(_ordering_code(part)[-1:])
    return None if kib is None else kib << 10


def _unfolded(pattern: str) -> list[str]:
    """The names that a pattern with groups such as (C-E) stands for, at most some hundred."""
    names = [pattern]
    for _ in range(3):
        names = [
            name[: match.start()] + choice + name[match.end() :] if match else name
            for name in names
            for match in [_GROUP.search(name)]
            for choice in (match[1].split("-")[:10] if match else [""])
        ]
    return names
