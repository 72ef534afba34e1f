"""What the catalogue ships about boards: one line of JSON a board or part, nothing that is not said.

`data/boards/boards.jsonl` holds, for each board, the descriptions that speak of it; `data/boards/parts.jsonl`
the microcontrollers that published files describe. Both are written by `make catalogue`; `parts.toml` and
`same_as.toml` by hand.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields, is_dataclass
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
    return b"".join(_line({"slug": slug, "descriptions": list(members[slug])}) for slug in sorted(members))


def part_lines(parts: Iterable[Microcontroller]) -> bytes:
    """Microcontrollers as lines of JSON, by source, collection and part."""
    ordered = sorted(parts, key=lambda p: (p.source, p.collection or "", p.part))
    return b"".join(_line(part) for part in ordered)


def read_boards() -> dict[str, tuple[BoardDescription, ...]]:
    """The shipped descriptions by the slug of the board that they speak of."""
    return {board.slug: board.descriptions for board in _read(boards_path(), _Board)}


def read_all_parts() -> list[Microcontroller]:
    """The shipped microcontrollers: those of data sheets first."""
    return [*read_parts(curated_parts_path()), *_read(parts_path(), Microcontroller)]


def boards_path() -> Path:
    """Where the descriptions of boards are."""
    return data_folder() / "boards" / "boards.jsonl"


def curated_parts_path() -> Path:
    """Where the microcontrollers are that were read in data sheets."""
    return data_folder() / "boards" / "parts.toml"


def parts_path() -> Path:
    """Where the microcontrollers are."""
    return data_folder() / "boards" / "parts.jsonl"


def _line(value: object) -> bytes:
    return msgspec.json.encode(_told(value)) + b"\n"


def _told(value: object) -> object:
    """A record as JSON objects without the fields that decoding gives the same value by default."""
    if is_dataclass(value):
        stated = ((field, getattr(value, field.name)) for field in fields(value))
        return {
            field.name: _told(item)
            for field, item in stated
            if field.default is MISSING or item != field.default
        }
    if isinstance(value, dict):
        return {key: _told(item) for key, item in value.items()}
    return [_told(item) for item in value] if isinstance(value, tuple | list) else value


def _read(path: Path, kind: type[T]) -> list[T]:
    decoder = msgspec.json.Decoder(kind)
    try:
        return [decoder.decode(line) for line in path.read_bytes().splitlines()]
    except OSError as error:
        raise ExtractError(path, "the file", error.strerror or str(error)) from error
    except msgspec.DecodeError as error:
        raise ExtractError(path, "`$`", str(error)) from error
