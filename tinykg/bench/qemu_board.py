"""The boards with a Cortex-M that QEMU emulates and a model can be run on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.records.device import DeviceType


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """An FPGA image of Arm's MPS2 board, by the name of QEMU's machine.

    `timer` and `uart` are the addresses of a CMSDK timer and a CMSDK UART, `code` and `ram` where 4 MiB of
    each memory begin; for Armv8-M they are the secure aliases, which such a core starts in. `fpu` is what
    GCC calls the core's floating-point unit. `dsp` says that the core has the DSP extension.
    """

    core: str
    machine: str
    timer: int
    uart: int
    code: int
    ram: int
    fpu: str | None = None
    dsp: bool = True


MEMORY_BYTES: Final = 4 << 20
"""Of code and of variables, on each of the boards (Arm AN385, AN386, AN500, AN505)."""

_M3: Final = Board(
    core="cortex-m3",
    machine="mps2-an385",
    timer=0x40000000,
    uart=0x40004000,
    code=0x00000000,
    ram=0x20000000,
    dsp=False,
)
_M33: Final = Board(
    core="cortex-m33",
    machine="mps2-an505",
    timer=0x50000000,
    uart=0x50200000,
    code=0x10000000,
    ram=0x38000000,
    fpu="fpv5-sp-d16",
)

BOARDS: Final[Mapping[str, Board]] = {
    "cortex-m3": _M3,
    "cortex-m4": replace(_M3, core="cortex-m4", machine="mps2-an386", fpu="fpv4-sp-d16", dsp=True),
    "cortex-m7": replace(_M3, core="cortex-m7", machine="mps2-an500", fpu="fpv5-d16", dsp=True),
    "cortex-m33": _M33,
}
"""By core."""

_TOO_SMALL: Final = "QEMU's one machine with an Armv6-M core has 16 KB of memory"
_NO_HELIUM: Final = "bakenn 1.0 brings no Helium kernels, so that a count would say nothing of such a core"

WITHOUT: Final[Mapping[str, str]] = {
    "cortex-m0": _TOO_SMALL,
    "cortex-m0plus": _TOO_SMALL,
    "cortex-m52": _NO_HELIUM,
    "cortex-m55": _NO_HELIUM,
    "cortex-m85": _NO_HELIUM,
}
"""Cortex-M cores that cannot be counted on, and why."""

SAME: Final[Mapping[str, str]] = {"cortex-m4f": "cortex-m4"}
"""Other names of a core in the vocabulary of cores."""


def core_of(device: DeviceType | None) -> str | None:
    """The first core of a device that a machine exists for; None where there is none."""
    cores = [processor.core or "" for processor in device.processors] if device else []
    return next((name for core in cores if (name := SAME.get(core, core)) in BOARDS), None)


def why_not(device: DeviceType) -> str:
    """Why a device's instructions cannot be counted, in a sentence."""
    cores = sorted({processor.core for processor in device.processors if processor.core})
    for core in cores:
        if core in WITHOUT:
            return f"{device.name} has a {core}: {WITHOUT[core]}"
    found = f"has {' and '.join(cores)}" if cores else "has cores that are not known"
    return f"{device.name} {found}; emulated are {', '.join(BOARDS)}"
