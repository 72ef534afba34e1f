"""Where a Zephyr board folder lies in its tree, and so where its includes may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_FOLDERS: Final = {"riscv32": "riscv", "riscv64": "riscv", "x86_64": "x86", "aarch64": "arm64"}
"""Architectures of the metadata whose folder under dts/ has another name."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The top that no file is read outside of, and the board's folder in it, both without links."""

    root: Path
    folder: Path

    def holds(self, path: Path) -> bool:
        """Whether the path leads to a place in the tree, links followed."""
        try:
            return path.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):
            return False

    def folders(self, arch: str | None) -> tuple[Path, ...]:
        """The places of includes, in the order in which they are tried."""
        names = dict.fromkeys(
            name for name in (_FOLDERS.get(arch or "", arch), self.folder.parent.name) if name
        )
        dts = self.root / "dts"
        return (
            self.folder,
            self.folder / "dts",
            self.root / "include",
            self.root / "include" / "zephyr",
            dts / "common",
            dts / "vendor",
            *(dts / name for name in names),
            dts,
        )


def tree_of(folder: Path) -> Tree:
    """The tree of a board folder: what holds boards/ and dts/, else boards/, else the folder alone."""
    real = folder.resolve()
    for above in real.parents[:3]:
        if above.name == "boards":
            return Tree(above.parent if (above.parent / "dts").is_dir() else above, real)
    return Tree(real, real)
