"""What a Zephyr devicetree says of a board's memories, each figure with its kind.

Zephyr's trees describe the memory that Zephyr uses. Where a chip has banks that no node shows, the sum
of the nodes is less than the chip has, so each sum says in its note what it is a sum of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.extract.zephyr_devicetree import cells, is_in_use, texts
from tinykg.records.board import FigureKind, MemoryFigure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from devicetree.dtlib import Node

    from tinykg.extract.zephyr_devicetree import Devicetree

SRAM_COMPATIBLES: Final = frozenset(
    {
        "arc,dccm",
        "arc,iccm",
        "arc,xccm",
        "arc,yccm",
        "arm,dtcm",
        "arm,itcm",
        "mmio-sram",
        "nxp,imx-dtcm",
        "nxp,imx-itcm",
        "sc,hrmem",
        "sifive,dtim0",
        "st,stm32-ccm",
        "xlnx,zynq-ocm",
    }
)
"""Nodes of memory in the chip. Battery-backed SRAM is left out, as no program's data lie there."""

FLASH_COMPATIBLES: Final = frozenset({"serial-flash", "soc-nv-flash"})
"""Nodes of flash that a program runs from, with its range of addresses."""

NOR_COMPATIBLES: Final = (
    "jedec,spi-nor",
    "nordic,qspi-nor",
    "nxp,imx-flexspi-hyperflash",
    "nxp,imx-flexspi-mx25um51345g",
    "nxp,imx-flexspi-nor",
    "st,stm32-ospi-nor",
    "st,stm32-qspi-nor",
    "st,stm32-xspi-nor",
)
"""Flash chips on a serial bus; their property `size` counts bits (binding jedec,jesd216)."""

FIRST_EXTERNAL: Final = 0x6000_0000
"""From here on the Arm M-profile has external memory in its map of addresses (Armv7-M ARM, B3.1)."""

_EXTERNAL = re.compile(r"(?:ext_?)?(?:sd|ps|d|hyper|lpddr\d?)_?ram\d*|ddr\d*|sdram.*|psram.*", re.IGNORECASE)
_ROM = re.compile(r".*rom\d*", re.IGNORECASE)

Interval = tuple[int, int]
"""The first address of a memory and the one behind its last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One node of memory; `memory` is a slug of the memory vocabulary, `interval` where it lies."""

    node: str
    label: str | None
    memory: str
    interval: Interval

    @property
    def size_bytes(self) -> int:
        """How long it is."""
        return self.interval[1] - self.interval[0]

    @property
    def place(self) -> str:
        """The node, by its label where it has one."""
        return f"&{self.label}" if self.label else self.node


def regions(devicetree: Devicetree) -> tuple[Region, ...]:
    """The nodes of memory in use, in the order of the source.

    A flash whose controller is not in use is there all the same: it can be run from, not written.
    """
    family = core_family(devicetree)
    found = (
        region for node in devicetree.nodes() if is_in_use(node) and (region := _region(node, family=family))
    )
    return tuple(found)


def core_family(devicetree: Devicetree) -> str:
    """`m` for Arm's M-profile, whose map of addresses is the same on all chips; `a` for cores with
    virtual memory, whose main memory is DRAM; else `other`.
    """
    for node in devicetree.nodes():
        if node.path.startswith("/cpus/"):
            for name in texts(node, "compatible"):
                if name.startswith("arm,cortex-m"):
                    return "m"
                if name.startswith(("arm,cortex-a", "arm,armv8", "intel,")):
                    return "a"
            if texts(node, "riscv,isa")[:1] and texts(node, "riscv,isa")[0].startswith("rv64"):
                return "a"
    return "other"


def figures(
    devicetree: Devicetree, own: Sequence[Region], others: Sequence[Sequence[Region]], *, is_espressif: bool
) -> tuple[MemoryFigure, ...]:
    """The figures of a target; `others` are the regions of targets for other cores of the chip."""
    result: list[MemoryFigure] = []
    sram = devicetree.chosen("zephyr,sram")
    flash = devicetree.chosen("zephyr,flash")
    result += _sram_figures(own, others, sram, is_espressif=is_espressif)
    result += _flash_figures(own, others, flash)
    for memory in ("psram", "dram"):
        result += _totals([one for one in own if one.memory == memory], memory, FigureKind.CHIP_TOTAL)
    result += _nor_figures([node for node in devicetree.nodes() if _nor_bytes(node)], flash)
    partition = devicetree.chosen("zephyr,code-partition")
    if partition is not None and (span := _span(partition)):
        result.append(
            MemoryFigure(
                memory="flash",
                kind=FigureKind.LINKABLE,
                size_bytes=span[1] - span[0],
                place=f"chosen zephyr,code-partition = {_place(partition)}",
                note="the partition that the application is linked into",
            )
        )
    return tuple(result)


def _nor_figures(nodes: Sequence[Node], chosen: Node | None) -> list[MemoryFigure]:
    """The flash chips on serial buses: the one that the program runs from, and the others as one."""
    result = []
    for memory, note in (
        ("flash", "a chip beside the processor that the program runs from"),
        ("external-flash", None),
    ):
        found = [node for node in nodes if (node is chosen) == (memory == "flash")]
        if found:
            result.append(
                MemoryFigure(
                    memory=memory,
                    kind=FigureKind.CHIP_TOTAL,
                    size_bytes=sum(_nor_bytes(node) or 0 for node in found),
                    place=", ".join(_place(node) for node in found) + " size",
                    note=note,
                )
            )
    return result


def _sram_figures(
    own: Sequence[Region], others: Sequence[Sequence[Region]], chosen: Node | None, *, is_espressif: bool
) -> list[MemoryFigure]:
    mine = [one for one in own if one.memory == "sram"]
    span = _span(chosen) if chosen is not None else None
    if is_espressif:
        # Espressif's nodes are the part of the SRAM that is left to a program's data.
        return [
            MemoryFigure(
                memory="sram",
                kind=FigureKind.HEAP_ONLY,
                size_bytes=one.size_bytes,
                place=f"{one.place} reg",
                note="the data part of the SRAM that Zephyr's devicetree gives a program",
            )
            for one in mine
            if one.interval == span
        ]
    result = _totals(mine, "sram", _kind_of_total(mine, others, "sram"))
    if chosen is None or span is None or not _is_inside(span, mine):
        return result + _longest(mine)
    is_part = all(one.interval != span for one in mine)
    result.append(
        MemoryFigure(
            memory="sram",
            kind=FigureKind.CORE_SHARE if is_part else FigureKind.LARGEST_BLOCK,
            size_bytes=span[1] - span[0],
            place=f"chosen zephyr,sram = {_place(chosen)}",
            note="what is left to this core or this side of the secure split" if is_part else None,
        )
    )
    return result


def _is_inside(span: Interval, found: Sequence[Region]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in union(one.interval for one in found))


def _longest(mine: Sequence[Region]) -> list[MemoryFigure]:
    """The longest node in the chip, for a target that has its data outside."""
    if not mine:
        return []
    longest = max(mine, key=lambda region: region.size_bytes)
    return [
        MemoryFigure(
            memory="sram",
            kind=FigureKind.LARGEST_BLOCK,
            size_bytes=longest.size_bytes,
            place=f"{longest.place} reg",
        )
    ]


def _flash_figures(
    own: Sequence[Region], others: Sequence[Sequence[Region]], chosen: Node | None
) -> list[MemoryFigure]:
    mine = [one for one in own if one.memory == "flash"]
    kind = _kind_of_total(mine, others, "flash")
    if chosen is not None and _nor_bytes(chosen):
        return []
    return _totals(mine, "flash", kind)


def _kind_of_total(mine: Sequence[Region], others: Sequence[Sequence[Region]], memory: str) -> FigureKind:
    """A core's share where another core of the chip has the bank that goes on where this one's ends."""
    ends = {end for one in union(region.interval for region in mine) for end in one}
    beyond = (
        interval
        for regions_of_core in others
        for interval in union(one.interval for one in regions_of_core if one.memory == memory)
        if interval not in union(region.interval for region in mine)
    )
    goes_on = any(interval[0] in ends or interval[1] in ends for interval in beyond)
    return FigureKind.CORE_SHARE if goes_on else FigureKind.CHIP_TOTAL


def _totals(found: Sequence[Region], memory: str, kind: FigureKind) -> list[MemoryFigure]:
    size = sum(end - start for start, end in union(one.interval for one in found))
    if not size:
        return []
    return [
        MemoryFigure(
            memory=memory,
            kind=kind,
            size_bytes=size,
            place=", ".join(one.place for one in found) + " reg",
            note="what the devicetree shows to this core of a bank that goes on"
            if kind is FigureKind.CORE_SHARE
            else "the union of the nodes of the devicetree, which need not be all of the chip's",
        )
    ]


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The intervals with those that overlap or touch made one, in order."""
    result: list[Interval] = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _region(node: Node, *, family: str) -> Region | None:
    compatibles = texts(node, "compatible")
    span = _span(node)
    if span is None:
        return None
    names = (*node.labels, node.name.partition("@")[0])
    memory: str | None = None
    if FLASH_COMPATIBLES & set(compatibles):
        memory = None if any(_ROM.fullmatch(name) for name in names) else "flash"
    elif {*SRAM_COMPATIBLES, "mmio-dram"} & set(compatibles) or texts(node, "device_type") == ("memory",):
        if _is_external(node, span, family=family):
            memory = "dram" if family == "a" else "psram"
        elif SRAM_COMPATIBLES & set(compatibles):
            memory = "sram"
        elif family != "other":
            memory = "dram" if family == "a" else "psram"
    if memory is None:
        return None
    return Region(node=node.path, label=node.labels[0] if node.labels else None, memory=memory, interval=span)


def _is_external(node: Node, span: Interval, *, family: str) -> bool:
    names = (*node.labels, node.name.partition("@")[0])
    return (family == "m" and span[0] >= FIRST_EXTERNAL) or any(_EXTERNAL.fullmatch(name) for name in names)


def _span(node: Node) -> Interval | None:
    """Where the first range of the node's `reg` begins and ends; None where it is not known or empty."""
    values = cells(node, "reg")
    above = node.parent
    if values is None or above is None:
        return None
    wide = (cells(above, "#address-cells") or (2,))[0]
    long = (cells(above, "#size-cells") or (1,))[0]
    if wide not in (1, 2) or long not in (1, 2) or len(values) < wide + long:
        return None
    start = _joined(values[:wide])
    size = _joined(values[wide : wide + long])
    return (start, start + size) if size else None


def _joined(values: Sequence[int]) -> int:
    number = 0
    for value in values:
        number = number << 32 | value
    return number


def _nor_bytes(node: Node) -> int | None:
    """The size of a flash chip on a serial bus, where it is in use and says it."""
    if not set(NOR_COMPATIBLES) & set(texts(node, "compatible")) or not is_in_use(node):
        return None
    bits = cells(node, "size")
    return bits[0] // 8 if bits and len(bits) == 1 and bits[0] else None


def _place(node: Node) -> str:
    return f"&{node.labels[0]}" if node.labels else node.path
