"""Bounded reading of text documents: plain text, YAML and TOML, each fault with its place."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
import yaml
from yaml.constructor import ConstructorError

from tinykg.errors import ExtractError
from tinykg.json_text import MAX_NESTING

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

MAX_BYTES: Final = 4 << 20
"""No published board description comes near it; the largest packs and boards.txt are 1.5 MB."""


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The file's content; an ExtractError where it is longer than the limit, before it is read."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise ExtractError(path, "the file", error.strerror or str(error)) from error
    if len(content) > limit:
        raise ExtractError(path, "the file's size", f"{path.stat().st_size} bytes", f"at most {limit}")
    return content


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """The file's text, UTF-8 with or without a byte order mark."""
    try:
        return read_bytes(path, limit).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExtractError(path, f"byte {error.start}", "bytes that are not UTF-8") from error


def read_toml(path: Path, kind: type[T], limit: int = MAX_BYTES) -> T:
    """A TOML document as a private struct (or `object`); the error names the field's path or the line."""
    try:
        raw = tomllib.loads(read_text(path, limit))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ExtractError(path, "TOML", str(error)) from error
    return converted(path, raw, kind)


def read_yaml(path: Path, kind: type[T], limit: int = MAX_BYTES) -> T:
    """A YAML document as a private struct (or `object`); the error names the field's path or the line.

    Anchors and aliases are refused: no board description needs them, and nested ones unfold
    to any size.
    """
    text = read_text(path, limit)
    try:
        raw = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader that takes less
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ExtractError(path, f"line {line}", error.problem or "no YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ExtractError(path, "YAML", str(error)) from error
    return converted(path, raw, kind)


def converted(path: Path, raw: object, kind: type[T], *, strict: bool = True) -> T:
    """A decoded document as a private struct; raises ExtractError with the field's path."""
    try:
        return msgspec.convert(raw, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _mistyped(path, error) from error
    except UnicodeEncodeError as error:  # YAML's escapes can write them, UTF-8 cannot
        found = "a text has half of a surrogate pair, which is no character"
        raise ExtractError(path, "`$`", found) from error


def _mistyped(path: Path, error: msgspec.ValidationError) -> ExtractError:
    found, _, place = str(error).partition(" - at ")
    return ExtractError(path, place or "`$`", found)


class _PlainLoader(yaml.SafeLoader):
    """YAML's plain data without references, at a bounded depth."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise ConstructorError(None, None, "an alias, which is not read here", self._mark())
        if self._depth == MAX_NESTING:
            raise ConstructorError(None, None, f"more than {MAX_NESTING} levels of nesting", self._mark())
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def _mark(self) -> Any:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
        return event.start_mark
