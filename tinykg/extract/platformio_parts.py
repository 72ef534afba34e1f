"""Which processors a manifest's part and `build.cpu` mean."""

from __future__ import annotations

import re
from typing import Final

from tinykg.extract.core_names import core_slug
from tinykg.records.device import Processor

_CORES: Final = (
    (r"atmega|attiny|at90|at43usb|avr\d|atxmega", "avr", 1),
    (r"esp32s2", "xtensa-lx7", 1),
    (r"esp32s3", "xtensa-lx7", 2),
    (r"esp32(?:c2|c3)", "rv32imc", 1),
    (r"esp32(?:c5|c6|c61|h2)", "rv32imac", 1),
    (r"esp32p4", "rv32imafc", 2),
    (r"esp32$", "xtensa-lx6", 2),
    (r"esp8266", "xtensa-lx106", 1),
    (r"gap8", "rv32imc-xpulp", 9),
    (r"k210", "rv64gc", 2),
    (r"gd32vf103", "rv32imac", 1),
    (r"fe310", "rv32imac", 1),
    (r"fu540", "rv64gc", None),
    (r"ch32v00|ch641", "rv32", 1),
    (r"ch32v30|ch32v31", "rv32imafc", 1),
    (r"ch32[vxl]|ch5[6-9]", "rv32imac", 1),
    (r"ch32f1|ch32f20", "cortex-m3", 1),
    (r"32m[xzk]|pic32", "mips32", 1),
    (r"msp430", "msp430", 1),
    (r"stm8", "stm8", 1),
    (r"bcm2835", "arm1176", 1),
    (r"bcm2836", "cortex-a7", 4),
    (r"bcm2837", "cortex-a53", 4),
    (r"bcm2711", "cortex-a72", 4),
    (r"samd51|same5|rtl8720d", None, None),
)
"""Cores of parts that manifests give no `build.cpu` for, and how many of them, by the beginning of the part's
name: from the data sheets of Microchip, Espressif, GreenWaves, Kendryte, GigaDevice, SiFive, WCH, TI, ST and
Broadcom. What stands first counts."""


def processors(part: str | None, cpu: str | None, clock_hz: int | None) -> tuple[Processor, ...]:
    """The processor of a board: by `build.cpu` where it names a core, else by the part."""
    core, count = _core(part or "", cpu or "")
    if core is None and clock_hz is None:
        return ()
    named = None if core is not None and core_slug(part or "") == core else part
    return (Processor(part=named, core=core, core_count=count, clock_hz=clock_hz),)


def _core(part: str, cpu: str) -> tuple[str | None, int | None]:
    if not cpu and part.casefold().startswith("cortex"):  # some manifests have the core for the part
        cpu = part
    named = cpu if cpu in {"mcs51", "stm8", "msp430", "mips32"} else core_slug(cpu)
    if named is not None:
        return named, None
    key = part.casefold().replace("-", "")
    return next(((core, count) for start, core, count in _CORES if re.match(start, key)), (None, None))
