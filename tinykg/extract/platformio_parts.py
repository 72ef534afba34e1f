"""What the part's name in a PlatformIO manifest says: its core, and whether the board is a bare chip."""

from __future__ import annotations

import re
from typing import Final

_CORES: Final = tuple(
    (re.compile(pattern), core, count)
    for pattern, core, count in (
        # Microchip: AVR instruction set manual (DS40002198), "Devices and cores"
        (r"atmega|attiny|at90|atxmega|avr\d|ata\d", "avr", 1),
        # Espressif: datasheets, section "CPU"; ESP8266EX datasheet 3.1
        (r"esp82(66|85)", "xtensa-lx106", 1),
        (r"esp32s2", "xtensa-lx7", 1),
        (r"esp32s3", "xtensa-lx7", 2),
        (r"esp32c[23]|esp8684", "rv32imc", 1),
        (r"esp32(c5|c6|c61|h2|h4)", "rv32imac", 1),
        (r"esp32p4", "rv32imafc", 2),
        (r"esp32solo", "xtensa-lx6", 1),
        (r"esp32(?![a-z])", "xtensa-lx6", 2),
        # Microchip: PIC32MX (M4K) and PIC32MZ (microAptiv) family datasheets, section "CPU"
        (r"(pic)?32m[xzmk]", "mips32", 1),
        # Texas Instruments: MSP430x2xx to FR6xx family user's guides
        (r"(msp|cc)430", "msp430", 1),
        # STMicroelectronics: PM0044, STM8 CPU programming manual
        (r"stm8", "stm8", 1),
        # Kendryte: K210 datasheet 2.1; SiFive: FE310-G000 and FU540-C000 manuals (its fifth core has no FPU)
        (r"k210", "rv64gc", 2),
        (r"fe310", "rv32imac", 1),
        (r"fu540", "rv64gc", 4),
        # GreenWaves: GAP8 manual 1.1, one core and a cluster of eight
        (r"gap8", "rv32imc-xpulp", 9),
        # WCH: QingKe V2A, V4F and V4 in the CH32V003, CH32V303 to V317, and CH32V20x/X03x datasheets
        (r"ch32v00", "rv32ec", 1),
        (r"ch32v3", "rv32imafc", 1),
        (r"ch32f", "cortex-m3", 1),
        # GigaDevice: GD32VF103 datasheet 1
        (r"gd32vf103", "rv32imac", 1),
        # Raspberry Pi: processor documentation; RP2040 and RP2350 datasheets
        (r"bcm2835", "arm1176", 1),
        (r"bcm2836", "cortex-a7", 4),
        (r"bcm2837", "cortex-a53", 4),
        (r"bcm2711", "cortex-a72", 4),
        (r"bcm2712", "cortex-a76", 4),
        (r"rp2040", "cortex-m0plus", 2),
        (r"rp2350", None, 2),
        # Beken: BK7231 datasheet; Lightning: LN882H datasheet
        (r"bk72(31|38|51|52)", "arm968e-s", 1),
        (r"ln882h", "cortex-m4f", 1),
    )
)
"""Cores by the beginning of the part's name, where a family has one only. The RP2350 starts either of two."""

_PART: Final = re.compile(
    r"(?:stm(?:32|8)|gd32|at32|apm32|hk32|mm32|ch32|n32|atmega|attiny|at90|avr\d|atsam|sam[cdels]\d|pic32|msp430"
    r"|nrf5|lpc\d|mk[elvw]?\d|ef[mr]32|xmc\d|r7f|ra\d|max32|stc\d|esp32|rp2)(?=[a-z]*\d)[a-z\d]{3,}",
    re.IGNORECASE,
)
"""Part numbers by the beginnings that makers of microcontrollers give to theirs."""

_BARE: Final = re.compile(r"\bgeneric|\b(?:chip|mcu)\b", re.IGNORECASE)
_NOTE: Final = re.compile(r"\([^()]*\)|[-_,]")
_BOARD_ENDING: Final = re.compile(r"(?:board|disco(?:very)?|eval|ev[bk]|fthr|kit|mbed)$")
"""Endings by which makers tell a board's name from its part's, as in MAX32620FTHR."""

_CHIP_MAKERS: Final = frozenset(
    {
        "atmel",
        "espressif",
        "gigadevice",
        "infineon",
        "microchip",
        "nordic",
        "nuvoton",
        "nxp",
        "st",
        "stc",
        "ti",
    }
)
"""Vendors before whose parts their own name says nothing more; others name boards by the part on them."""

_STEM: Final = 4
"""The shortest beginning that two names of a part share, such as "gd32" or "8051"."""


def core_of(part: str) -> tuple[str | None, int | None]:
    """The core that a part of this name has, and how many of it; None where the name does not tell."""
    name = folded_part(part)
    return next(((core, count) for pattern, core, count in _CORES if pattern.match(name)), (None, None))


def folded_part(part: str) -> str:
    """A part's name in lower case without dashes: some write "ESP32-S3" for esp32s3."""
    return part.lower().replace("-", "")


def part_by_name(name: str) -> str | None:
    """The part that a manifest without one is called by, such as "STM32F401RC (64k RAM. 256k Flash)"."""
    words = _BARE.sub(" ", _NOTE.sub(" ", name)).split()
    is_part = len(words) == 1 and _PART.fullmatch(words[0]) and not _BOARD_ENDING.search(words[0].lower())
    return words[0] if is_part else None


def is_bare_chip(identifier: str, name: str, vendor: str | None, part: str) -> bool:
    """Whether a manifest describes a microcontroller and no board: its name says nothing but the part.

    A file that is called generic says so itself. Else notes in brackets, which give memory sizes or the
    package, are left out of the name, and the vendor where it makes chips or the name says "Generic" or
    "chip". Every word that is left must be a form of the part: a board has a name of its own, its
    maker's name, or a word such as "kit", "Nucleo" or "module".
    """
    if identifier.lower().startswith("generic"):
        return True
    makers = set((vendor or "").lower().split())
    bare = _NOTE.sub(" ", name.lower())
    left_out = makers if _BARE.search(bare) else makers & _CHIP_MAKERS
    words = [word for word in _BARE.sub(" ", bare).split() if word not in left_out]
    return bool(words) and bool(part) and all(_names_part(word, part.lower()) for word in words)


def _names_part(word: str, part: str) -> bool:
    """Whether a word is the part's name, without its package, or with one letter more.

    Of alternatives such as "ATmega168P/PA" the first counts.
    """
    first = word.partition("/")[0]
    if len(first) < _STEM or not any(c.isdigit() for c in first) or _BOARD_ENDING.search(first):
        return False
    return part.startswith(first) or (first[:-1] == part and first[-1].isalpha())
