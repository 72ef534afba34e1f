"""What the catalogue ships about boards: one line of JSON a board or part, nothing that is not said.

`data/boards/boards.jsonl` holds, for each board, the descriptions that speak of it; `data/boards/parts.jsonl`
the microcontrollers that published files describe. Both are written by `make catalogue`; `parts.toml` and
`same_as.toml` by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tinykg.errors import ExtractError
from tinykg.extract.curated_parts import read_parts
from tinykg.files import data_folder
from tinykg.records.board import BoardDescription, Microcontroller

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Board:
    slug: str
    descriptions: tuple[BoardDescription, ...]


def board_lines(members: Mapping[str, Iterable[BoardDescription]]) -> bytes:
    """The descriptions of each board as lines of JSON, by slug."""
    return b"".join(
        _line({"slug": slug, "descriptions": [msgspec.to_builtins(d) for d in members[slug]]})
        for slug in sorted(members)
    )


def part_lines(parts: Iterable[Microcontroller]) -> bytes:
    """Microcontrollers as lines of JSON, by source, collection and part."""
    ordered = sorted(parts, key=lambda p: (p.source, p.collection or "", p.part))
    return b"".join(_line(msgspec.to_builtins(part)) for part in ordered)


def read_boards() -> dict[str, tuple[BoardDescription, ...]]:
    """The shipped descriptions by the slug of the board that they speak of."""
    return {board.slug: board.descriptions for board in _read(boards_path(), _Board)}


def read_all_parts() -> list[Microcontroller]:
    """The shipped microcontrollers: those of data sheets first."""
    return [*read_parts(data_folder() / "boards" / "parts.toml"), *_read(parts_path(), Microcontroller)]


def boards_path() -> Path:
    """Where the descriptions of boards are."""
    return data_folder() / "boards" / "boards.jsonl"


def parts_path() -> Path:
    """Where the microcontrollers are."""
    return data_folder() / "boards" / "parts.jsonl"


def _line(value: object) -> bytes:
    return msgspec.json.encode(_said(value)) + b"\n"


def _said(value: object) -> object:
    """A value without fields that say nothing; an empty list of sensors says that there are none, and stays."""
    if isinstance(value, dict):
        kept = {key: _said(item) for key, item in value.items() if item is not None and item is not False}
        return {key: item for key, item in kept.items() if item not in ([], ()) or key in _MAY_BE_NONE}
    if isinstance(value, list | tuple):
        return [_said(item) for item in value]
    return value


_MAY_BE_NONE = frozenset({"sensors", "accelerators", "connectivity"})


def _read(path: Path, kind: type[T]) -> list[T]:
    decoder = msgspec.json.Decoder(kind)
    try:
        return [decoder.decode(line) for line in path.read_bytes().splitlines()]
    except OSError as error:
        raise ExtractError(path, "the file", error.strerror or str(error)) from error
    except msgspec.DecodeError as error:
        raise ExtractError(path, "`$`", str(error)) from error
