"""The processor of a Zephyr target: which part, which core, and what the devicetree says of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tinykg.extract.zephyr_devicetree import cells, is_working, texts
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from devicetree.dtlib import Node

    from tinykg.extract.zephyr_devicetree import Devicetree

_ARM = re.compile(r"arm,cortex-([amr]\d+)(\+?)(f?)")

_OTHER: Final = {
    "cdns,tensilica-xtensa-lx6": "xtensa-lx6",
    "cdns,tensilica-xtensa-lx7": "xtensa-lx7",
    "espressif,xtensa-lx6": "xtensa-lx6",
    "espressif,xtensa-lx7": "xtensa-lx7",
    "espressif,riscv": "rv32",
    "raspberrypi,hazard3": "hazard3",
    "snps,arcem": "arc",
    "snps,archs38": "arc",
    "snps,archs": "arc",
}
"""Cores by their compatible strings, other than Arm's and RISC-V's."""

_ARM_CORES: Final = re.compile(
    r"m(0|0plus|1|3|4|7|23|33|35p|52|55|85)|r(5|52)|a(5|7|8|9|15|32|35|53|55|57|72|73|76)"
)
"""The cores of Arm that the vocabulary has."""

BY_ARCHITECTURE: Final = {"arc": "arc", "riscv32": "rv32", "riscv64": "rv64", "xtensa": "xtensa"}
"""Architectures of the metadata that are cores of the vocabulary as well."""

_ISA = re.compile(r"rv(32|64)([a-z]*)")

_NO_CHIP: Final = re.compile(r"skeleton|armv\d.*|.*pinctrl.*|.*_pinmux.*|xtensa|posix|.*partition.*")
"""Shared files that name no chip."""


def processors(devicetree: Devicetree, part: str | None, arch: str | None) -> tuple[Processor, ...]:
    """The cores of the target, the equal ones as one with their number; the part alone where none is told.

    `arch` is the metadata's architecture, for cores that the devicetree does not tell further.
    """
    found: dict[tuple[str | None, int | None, bool | None], int] = {}
    for node in devicetree.nodes():
        if is_cpu(node) and is_working(node):
            core, has_fpu = core_of(texts(node, "compatible"), texts(node, "riscv,isa"))
            core = core or BY_ARCHITECTURE.get(arch or "")
            clocks = cells(node, "clock-frequency")
            clock_hz = clocks[0] if clocks and len(clocks) == 1 and clocks[0] else None
            key = (core, clock_hz, has_fpu)
            found[key] = found.get(key, 0) + 1
    result = tuple(
        Processor(part=part, core=core, core_count=count, clock_hz=clock_hz, has_fpu=has_fpu)
        for (core, clock_hz, has_fpu), count in found.items()
    )
    return result or ((Processor(part=part, core=None),) if part else ())


def is_cpu(node: Node) -> bool:
    """Whether the node is a core: a child of /cpus with its kind of device or its name."""
    if node.parent is None or node.parent.path != "/cpus":
        return False
    return texts(node, "device_type") == ("cpu",) or re.fullmatch(r"cpu(@.*)?", node.name) is not None


def cpu_paths(devicetree: Devicetree) -> frozenset[str]:
    """The paths of the target's cores, by which targets for other cores of the chip are told."""
    return frozenset(node.path for node in devicetree.nodes() if is_cpu(node) and is_working(node))


def core_of(compatibles: Sequence[str], isa: Sequence[str]) -> tuple[str | None, bool | None]:
    """The core's slug and whether it has an FPU, as far as compatible strings and `riscv,isa` tell.

    Zephyr writes an f behind the cores with FPU; where it is missing the FPU is not known, as it is
    missing behind the Cortex-M7, M55 and A cores of all chips.
    """
    for name in compatibles:
        if arm := _ARM.fullmatch(name):
            plain = arm[1] + ("plus" if arm[2] else "")
            core = f"cortex-{plain}" if _ARM_CORES.fullmatch(plain) else None
            has_fpu = True if arm[3] else False if plain in ("m0", "m0plus", "m1", "m3", "m23") else None
            return ("cortex-m4f" if (plain, arm[3]) == ("m4", "f") else core), has_fpu
    for text in isa:
        if found := _ISA.match(text.lower()):
            letters = found[2]
            return _riscv_core(found[1], letters), "f" in letters.partition("x")[0] or "g" in letters
    return next((_OTHER[name] for name in compatibles if name in _OTHER), None), None


def _riscv_core(width: str, letters: str) -> str:
    """The narrowest core of the vocabulary that an instruction set includes."""
    have = set(letters.partition("x")[0].replace("g", "imafd"))
    if width == "64":
        return "rv64gc" if have >= set("imafdc") else "rv64"
    for core in ("rv32imafc", "rv32imac", "rv32imc"):
        if have >= set(core[4:]):
            return core
    return "rv32"


def part_of(devicetree: Devicetree, root: Path) -> str | None:
    """The chip as the tree writes it: the name of its node /soc, else that of the chip's .dtsi file."""
    soc = devicetree.tree.root.nodes.get("soc")
    for name in texts(soc, "compatible") if soc else ():
        if "," in name and any(letter.isdigit() for letter in name):
            return name.partition(",")[2]
    shared = root.resolve() / "dts"
    for file in devicetree.files:
        if file.suffix == ".dtsi" and file.is_relative_to(shared) and not _NO_CHIP.fullmatch(file.stem):
            return file.stem
    for name in devicetree.missing:
        stem = name.rpartition("/")[2].removesuffix(".dtsi")
        if name.endswith(".dtsi") and "/" in name and not _NO_CHIP.fullmatch(stem):
            return stem
    return None
