"""What a set of files came to, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tinykg.catalogue.assemble import provenance
from tinykg.records.fault import faults_of
from tinykg.records.listing import Intake

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyoxigraph as ox

    from tinykg.errors import TinykgError
    from tinykg.extract.protocol import Record

Progress = Callable[[int, int, str], None]
"""Called with (done, total, name of the file in work)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """One file, what read it and what it says."""

    path: Path
    extractor: str
    record: Record

    def graph(self, name: str, triples: Iterable[ox.Triple]) -> list[ox.Triple]:
        """A graph of triples that the file says, with where they come from."""
        return [
            *triples,
            *provenance(name, source=self.path.name, extractor=self.extractor, built_in=False),
        ]


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

    def refuse(self, path: Path, problem: str | TinykgError, *, is_conflict: bool = False) -> None:
        """Note that a file is not taken, and why; `is_conflict` where its name is taken by something else."""
        intake = Intake(
            path=str(path),
            kind=None,
            name=None,
            status="refused",
            problem=str(problem),
            is_conflict=is_conflict,
            faults=() if isinstance(problem, str) else faults_of(problem),
        )
        self.intakes.append(intake)

    def note(self, path: Path, kind: str, name: str, status: str) -> None:
        """Note that a file is taken."""
        self.intakes.append(Intake(path=str(path), kind=kind, name=name, status=status))
