"""What a registry holds, to compare before and after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinykg.records.listing import Intake
    from tinykg.registry import Registry


def everything(registry: Registry) -> str:
    """All that a registry says, but for the ontology, whose blank nodes are written with other labels."""
    lines = registry.export(form="nquads").decode().splitlines()
    return "\n".join(line for line in lines if not line.endswith("<https://w3id.org/tinykg> ."))


def size(registry: Registry) -> object:
    """How many triples a registry holds."""
    return registry.select("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").rows


def kept(registry: Registry) -> list[str]:
    """The names of the kept model files."""
    folder = Path(registry.where) / "files"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def statuses(intakes: list[Intake]) -> list[tuple[str, str | None, str | None]]:
    """What became of files: status, kind and name."""
    return [(intake.status, intake.kind, intake.name) for intake in intakes]
