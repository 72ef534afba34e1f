"""What a set of files came to, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tinykg.records.listing import Intake

if TYPE_CHECKING:
    from pathlib import Path

    import pyoxigraph as ox

    from tinykg.extract.protocol import Record

Progress = Callable[[int, int, str], None]
"""Called with (done, total, name of the file in work)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """One file, what read it and what it says."""

    path: Path
    extractor: str
    record: Record


@dataclass(slots=True)
class Batch:
    """What a set of files came to: graphs to write, model files to keep, and a line for each file.

    A model file that a sheet describes has no line of its own. `taken` says for each graph that was
    accepted which file it is from and what it holds, also where nothing is to be written.
    """

    graphs: dict[str, list[ox.Triple]] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    intakes: list[Intake] = field(default_factory=list)
    taken: dict[str, tuple[Path, frozenset[ox.Triple]]] = field(default_factory=dict)

    def refuse(self, path: Path, problem: str, *, is_conflict: bool = False) -> None:
        """Note that a file is not taken, and why; `is_conflict` where its name is taken by something else."""
        intake = Intake(
            path=str(path), kind=None, name=None, status="refused", problem=problem, is_conflict=is_conflict
        )
        self.intakes.append(intake)

    def note(self, path: Path, kind: str, name: str, status: str) -> None:
        """Note that a file is taken."""
        self.intakes.append(Intake(path=str(path), kind=kind, name=name, status=status))
