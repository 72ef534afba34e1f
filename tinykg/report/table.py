"""Rows and paragraphs as lines of text, within a width where one is given."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP = "  "
_NARROWEST = 8
_PARTS_OF_NAMES = re.compile(r"[^\s_,;/-]*[\s_,;/-]?")
_WORDS = re.compile(r"\S*\s?")


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Iterable[str] = (),
    width: int | None = None,
) -> list[str]:
    """Lines of a table: the column names, a rule, the rows; columns named in `right` hold numbers.

    Where the table is wider than `width`, the widest columns of text fold their cells. A row
    of one cell is a line across the table.
    """
    cells = [tuple(map(printable, row)) for row in rows]
    numbers = set(right)
    whole = [row for row in (tuple(columns), *cells) if len(row) == len(columns)]
    widths = [max(cell_width(row[i]) for row in whole) for i in range(len(columns))]
    if width is not None:
        _narrow(widths, [i for i, name in enumerate(columns) if name not in numbers], width)
    sides = [name in numbers for name in columns]
    head = _row(columns, widths, sides)
    rule = [_GAP.join("-" * size for size in widths)]
    body = (list(row) if len(row) < len(columns) else _row(row, widths, sides) for row in cells)
    return [*head, *rule, *(line for lines in body for line in lines)]


def printable(text: str) -> str:
    """A text without control characters, which a stranger's file could send to the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cell_width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def fold(text: str, width: int, *, names: bool = True) -> list[str]:
    """A text in lines of at most `width`, as far indented as it is itself.

    It is broken after a space, with `names` also within names: after `_`, `-` and the like.
    """
    if cell_width(text) <= width:
        return [text]
    indent = text[: min(len(text) - len(text.lstrip()), width // 2)]
    lines = [indent]
    for piece in filter(None, (_PARTS_OF_NAMES if names else _WORDS).findall(text.strip())):
        if lines[-1].strip() and cell_width(lines[-1] + piece.rstrip()) > width:
            lines.append(indent)
        lines[-1] += piece
        while names and cell_width(lines[-1].rstrip()) > width:
            lines[-1:] = [lines[-1][:width], indent + lines[-1][width:]]
    return [line.rstrip() for line in lines]


def paragraph(text: str, *, first: str = "", hanging: str = "", width: int | None = None) -> list[str]:
    """A text after `first`; further lines, where it is wider than `width`, are indented by `hanging`.

    Names stay whole, so that they can be copied.
    """
    shown = printable(text)
    if width is None:
        return [first + shown]
    lines = fold(shown, max(width - max(len(first), len(hanging)), 2 * _NARROWEST), names=False)
    return [(hanging if i else first) + line for i, line in enumerate(lines)]


def _narrow(widths: list[int], texts: Sequence[int], width: int) -> None:
    """Take from the widest columns of text, character by character, until all fit or none can give more."""
    spare = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    while spare > 0 and texts:
        widest = max(texts, key=lambda i: widths[i])
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1
        spare -= 1


def _row(cells: Sequence[str], widths: Sequence[int], sides: Sequence[bool]) -> list[str]:
    folded = [fold(cell, size) for cell, size in zip(cells, widths, strict=True)]
    height = max(len(lines) for lines in folded)
    return [
        _GAP.join(
            _padded(lines[level] if level < len(lines) else "", size, to_right=to_right)
            for lines, size, to_right in zip(folded, widths, sides, strict=True)
        ).rstrip()
        for level in range(height)
    ]


def _padded(text: str, width: int, *, to_right: bool) -> str:
    space = " " * (width - cell_width(text))
    return space + text if to_right else text + space
