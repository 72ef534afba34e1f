"""Strict decoding of TinyKG's own sheets, TOML or YAML: a stray field is an error that names its place."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Final, TypeVar

from tinykg.errors import ExtractError
from tinykg.extract.document import read_text, read_toml, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

MAX_BYTES: Final = 1 << 20
"""A sheet is written by hand; anything longer is something else."""

YAML: Final = (".yaml", ".yml")
"""How the names of YAML files end."""


def read_sheet(path: Path, kind: type[T]) -> T:
    """The sheet at `path` as a private struct; raises ExtractError with the field's path or the line."""
    return (read_yaml if path.suffix in YAML else read_toml)(path, kind, MAX_BYTES)


def sheet_tables(path: Path) -> frozenset[str] | None:
    """The names of a sheet's top-level keys; None where it is no small file of its kind."""
    try:
        if path.suffix in YAML:
            found = read_yaml(path, object, MAX_BYTES)
            return frozenset(map(str, found)) if isinstance(found, dict) else None
        return frozenset(tomllib.loads(read_text(path, MAX_BYTES)))
    except (ExtractError, tomllib.TOMLDecodeError, RecursionError):
        return None
