"""Where the ontology, shapes, data and queries lie, in a checkout and in an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@cache
def share() -> Path:
    """The folder that holds `ontology/`, `shapes/` and `data/`.

    In a checkout it is the repository's top; in a wheel they are packed as `tinykg/_share`.
    """
    packed = PACKAGE / "_share"
    return packed if packed.is_dir() else PACKAGE.parent


def ontology_files() -> list[Path]:
    """The ontology and its vocabularies, which every registry holds as one graph, in a stable order."""
    folder = share() / "ontology"
    return [folder / "tinykg.ttl", *sorted((folder / "vocabularies").glob("*.ttl"))]


def shape_files() -> list[Path]:
    """The SHACL shapes, in a stable order."""
    return sorted((share() / "shapes").glob("*.ttl"))


def data_folder() -> Path:
    """The built-in catalogue: devices/, models/, runtimes/."""
    return share() / "data"


def query_file(name: str) -> Path:
    """The file of a named query, whether or not it exists."""
    return PACKAGE / "queries" / f"{name}.rq"


def query_names() -> list[str]:
    """The names of all built-in queries."""
    return sorted(path.stem for path in (PACKAGE / "queries").glob("*.rq"))
