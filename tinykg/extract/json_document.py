"""JSON documents: the members at the top of a file's beginning, and faults told by line and column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from tinykg.errors import ExtractError
from tinykg.extract.document import MAX_BYTES, converted, read_bytes
from tinykg.json_text import path_of, read_json

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

BEGINNING_BYTES: Final = 256 << 10
"""How much of a file is looked at to tell its format; no published board description is longer."""

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
"""A text, which the end of the beginning may cut off, a mark, or anything else between them."""


def beginning(path: Path, limit: int = BEGINNING_BYTES) -> bytes:
    """The first bytes of a file that may be a JSON object; nothing where it is none or cannot be read."""
    if not path.is_file():
        return b""  # to open a pipe would wait for whoever writes into it
    try:
        with path.open("rb") as file:
            content = file.read(limit)
    except OSError:
        return b""
    return content if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else b""


def top_members(content: bytes) -> dict[str, list[str]]:
    """The names of a JSON object's own members in a file's beginning, each with the texts it consists of.

    These are its value where that is a text, and the texts of its value where that is a list. What is
    wrong or cut off further on does not matter.
    """
    members: dict[str, list[str]] = {}
    open_marks: list[str] = []
    name: str | None = None
    for match in _TOKEN.finditer(content.decode("utf-8-sig", errors="replace")):
        piece = match[0]
        if piece in "{[":
            open_marks.append(piece)
        elif piece in "}]":
            del open_marks[-1:]
            if not open_marks:
                break
        elif piece == "," and len(open_marks) == 1:
            name = None
        elif piece.startswith('"') and (len(open_marks) == 1 or open_marks == ["{", "["]):
            if name is None:
                name = _unquoted(piece)
                members.setdefault(name, [])
            else:
                members[name].append(_unquoted(piece))
    return members


def _unquoted(text: str) -> str:
    try:
        return msgspec.json.decode(text, type=str)
    except msgspec.MsgspecError:
        return text.strip('"')


def read_object(path: Path, limit: int = MAX_BYTES, *, is_ambiguous: bool = True) -> dict[str, Any]:
    """A JSON object as Python's plain data; an ExtractError names the place of a fault.

    Of a member that is given twice the last one counts; if it must not be ambiguous, that is a fault too.
    """
    read = read_json(read_bytes(path, limit))
    for fault in read.faults:
        place = fault.position or f"`{path_of(fault.steps)}`"
        raise ExtractError(path, place, fault.found, fault.expected)
    if not isinstance(read.value, dict):
        raise ExtractError(path, "`$`", f"a JSON {_form(read.value)}", "an object")
    for steps in () if is_ambiguous else read.doubled:
        raise ExtractError(path, f"`{path_of(steps)}`", f"the member '{steps[-1]}' twice", "each member once")
    return read.value


def read_struct(path: Path, kind: type[T], limit: int = MAX_BYTES) -> T:
    """A JSON object as a private struct; an ExtractError names the field, or the line and column."""
    return converted(path, read_object(path, limit), kind)


def _form(value: object) -> str:
    if isinstance(value, list):
        return "list"
    return "text" if isinstance(value, str) else "value"
