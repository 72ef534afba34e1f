"""Strict decoding of TOML sheets: a stray or mistyped field is an error that names its place."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tinykg.errors import ExtractError

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

MAX_BYTES = 1 << 20
"""A sheet is written by hand; anything longer is something else."""


def read_sheet(path: Path, kind: type[T]) -> T:
    """The sheet at `path` as a private struct; raises ExtractError with the field's path or the line."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ExtractError(path, "the file's size", f"{size} bytes", f"at most {MAX_BYTES}")
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExtractError(path, "the file", error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise ExtractError(path, f"byte {error.start}", "bytes that are not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ExtractError(path, "TOML", str(error)) from error
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        found, _, place = str(error).partition(" - at ")
        raise ExtractError(path, place or "`$`", found) from error


def sheet_tables(path: Path) -> frozenset[str] | None:
    """The names of a TOML file's top-level keys; None where it is not a small TOML file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        return frozenset(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
