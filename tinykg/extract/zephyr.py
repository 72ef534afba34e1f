"""A board folder of the Zephyr project -> one BoardDescription a target.

Sensors, memories and cores come from the devicetree, names and limits of tests from the metadata. Targets
that run in an emulator or a simulator are left out: they are no boards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.extract.document import read_text
from tinykg.extract.zephyr_connectivity import connectivity
from tinykg.extract.zephyr_devicetree import read_devicetree, texts
from tinykg.extract.zephyr_memory import Region, figures, regions
from tinykg.extract.zephyr_processor import cpu_paths, part_of, processors
from tinykg.extract.zephyr_sensors import SensorNode, sensor_nodes, sensors
from tinykg.extract.zephyr_targets import MAX_ENTRIES, Target, is_twister, targets_of
from tinykg.extract.zephyr_tree import Tree, tree_of
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tinykg.extract.zephyr_devicetree import Devicetree

BOARD_TYPES: Final = frozenset({"mcu"})
"""Types of targets that are boards; the others are native, qemu, sim and unit."""


def sensor_nodes_of(path: Path, arch: str | None = None) -> tuple[SensorNode, ...]:
    """The sensor nodes of one .dts file of a board folder, those out of use included. Raises ExtractError."""
    tree = tree_of(path.parent)
    return sensor_nodes(read_devicetree(tree.folder / path.name, tree.root, tree.folders(arch)))


def read_board_folder(folder: Path) -> tuple[BoardDescription, ...]:
    """The boards of a folder, one description a target. Raises ExtractError."""
    tree = tree_of(folder)
    targets = targets_of(tree)
    if not targets:
        raise ExtractError(folder, "the folder", "no target", "a yaml file with `identifier` or `variants`")
    boards = [target for target in targets if target.kind is None or target.kind in BOARD_TYPES]
    if not boards:
        kinds = " and ".join(sorted({target.kind or "" for target in targets}))
        raise ExtractError(folder, "`$.type`", f"only targets of type {kinds}", "mcu, which is a board")
    parsed = [_parsed(target, tree) for target in boards]
    return tuple(_description(target, one, parsed, tree) for target, one in zip(boards, parsed, strict=True))


@dataclass(frozen=True, slots=True)
class _Parsed:
    devicetree: Devicetree
    cores: frozenset[str]
    regions: tuple[Region, ...]


def _parsed(target: Target, tree: Tree) -> _Parsed | None:
    if target.devicetree is None:
        return None
    devicetree = read_devicetree(
        target.devicetree.resolve(), tree.root, tree.folders(target.arch), target.overlays
    )
    return _Parsed(devicetree, cpu_paths(devicetree), regions(devicetree))


def _description(
    target: Target, own: _Parsed | None, parsed: Sequence[_Parsed | None], tree: Tree
) -> BoardDescription:
    if own is None:
        return BoardDescription(
            source=EXTRACTOR.name,
            collection=None,
            identifier=target.identifier,
            name=target.name,
            vendor=target.vendor,
            part=target.soc,
            processors=(Processor(part=target.soc, core=None),) if target.soc else (),
            figures=_test_limits(target, "sram"),
            connectivity=connectivity(None, target.supported),
            tags=target.supported,
            note="no devicetree of the target in the folder",
        )
    devicetree = own.devicetree
    part = target.soc or part_of(devicetree, tree.root)
    cores = processors(devicetree, part, target.arch)
    others = [one.regions for one in parsed if one is not None and not one.cores & own.cores]
    is_espressif = (part or "").lower().startswith("esp32")
    return BoardDescription(
        source=EXTRACTOR.name,
        collection=None,
        identifier=target.identifier,
        name=target.name,
        vendor=target.vendor or _vendor(devicetree, target.identifier, tree),
        part=part,
        system=_system(cores),
        processors=cores,
        figures=(
            *figures(devicetree, own.regions, others, is_espressif=is_espressif),
            *_test_limits(target, _memory_of_tests(own, target.ram_kib or 0)),
        ),
        sensors=sensors(sensor_nodes(devicetree)),
        connectivity=connectivity(devicetree, target.supported),
        tags=target.supported,
        note=_missing(devicetree),
    )


def _system(cores: Sequence[Processor]) -> str | None:
    """Bare metal, where the core is none that Linux runs on as well."""
    slugs = {core.core for core in cores}
    if not slugs or None in slugs or any(str(slug).startswith(("cortex-a", "rv64")) for slug in slugs):
        return None
    return "bare-metal"


def _memory_of_tests(own: _Parsed, ram_kib: int) -> str:
    """Which memory the twister file's `ram` is about: SRAM, unless that cannot be.

    It cannot where Zephyr's data lies outside of the chip and the figure is more than the chip has.
    """
    chosen = own.devicetree.chosen("zephyr,sram")
    sram_bytes = sum(region.size_bytes for region in own.regions if region.memory == "sram")
    for region in own.regions:
        if chosen is not None and region.node == chosen.path and ram_kib << 10 > sram_bytes:
            return region.memory
    return "sram"


def _test_limits(target: Target, ram: str) -> tuple[MemoryFigure, ...]:
    given = ((ram, "ram", target.ram_kib), ("flash", "flash", target.flash_kib))
    return tuple(
        MemoryFigure(
            memory=memory,
            kind=FigureKind.TEST_LIMIT,
            size_bytes=size_kib << 10,
            place=place,
            note="what tests may assume, in KiB",
        )
        for memory, place, size_kib in given
        if size_kib
    )


def _vendor(devicetree: Devicetree, identifier: str, tree: Tree) -> str | None:
    """The vendor of the root node's compatible string, where that string names the board.

    Many boards carry the string of the chip's own evaluation board, whose prefix is another maker's.
    """
    prefix, comma, rest = (texts(devicetree.tree.root, "compatible") or ("",))[0].partition(",")
    words = re.split(r"[^a-z0-9]+", identifier.lower())
    if not comma or not all(word in rest.lower() for word in words if word):
        return None
    return _vendor_names(tree).get(prefix, prefix)


def _vendor_names(tree: Tree) -> dict[str, str]:
    """The full names of vendors by their prefixes, as the tree has them."""
    path = tree.root / "dts" / "bindings" / "vendor-prefixes.txt"
    if not path.is_file() or not tree.holds(path):
        return {}
    lines = (line.split("\t") for line in read_text(path).splitlines() if not line.startswith("#"))
    return {parts[0]: parts[-1].strip() for parts in lines if len(parts) > 1}


def _missing(devicetree: Devicetree) -> str | None:
    """What of the board was not there to be read; headers and pin tables say nothing about it."""
    names = [name for name in devicetree.missing if name.endswith(".dtsi") and "pinctrl" not in name]
    return f"not read, as the tree lacks it: {', '.join(names)}" if names else None


class ZephyrBoards:
    """Folders of the Zephyr project that describe a board."""

    name = "zephyr"

    def accepts(self, path: Path) -> bool:
        """Whether the folder has a target's yaml file or a board.yml."""
        try:
            if not path.is_dir():
                return False
            board = path / "board.yml"
            if board.is_file() and re.search(r"(?m)^boards?:", _beginning(board)):
                return True
            files = islice(path.glob("*.yaml"), MAX_ENTRIES)
            return any(is_twister(file) for file in files if file.is_file())
        except OSError:
            return False

    def extract(self, path: Path) -> tuple[BoardDescription, ...]:
        """The boards of the folder, one description a target."""
        return read_board_folder(path)


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(4096).decode("utf-8", "replace")


EXTRACTOR = ZephyrBoards()
