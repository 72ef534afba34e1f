"""The lines of a boards.txt as boards with properties and menus.

The format is Arduino's platform specification: `key=value` a line, `#` before comments, the first
part of a key is the board. `BOARD.menu.MENU.OPTION=Label` offers a choice, and properties under
`BOARD.menu.MENU.OPTION.` replace the board's when it is taken; menus may lie in menus.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.extract.document import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_TEXT_BYTES: Final = 16 << 20
"""The largest published boards.txt are 3 MB."""

MAX_LINE: Final = 64 << 10
"""The longest published lines, with all include paths of a core, have 8,000 characters."""

MAX_LINES: Final = 400_000
"""The longest published boards.txt has 45,000 lines."""

MAX_MENU_DEPTH: Final = 8
"""Published menus lie at most two deep."""


@dataclass(frozen=True, slots=True)
class Property:
    """A value and the line it stands on; of a key that occurs twice the last counts."""

    text: str
    line: int


@dataclass(slots=True)
class Scope:
    """What holds for a board, or when an option is taken.

    `place` is the key up to here, without the board and with a dot at its end; `label` is what an
    option is shown as.
    """

    place: str = ""
    label: Property | None = None
    properties: dict[str, Property] = field(default_factory=dict)
    menus: dict[str, dict[str, Scope]] = field(default_factory=dict)

    def option(self, menu: str, name: str) -> Scope:
        """The scope of an option of a menu, made where it is new."""
        options = self.menus.setdefault(menu, {})
        return options.setdefault(name, Scope(f"{self.place}menu.{menu}.{name}."))


def read_lines(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, key and value of every property; the text is UTF-8, else Latin-1."""
    content = read_bytes(path, MAX_TEXT_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MAX_LINES:
        raise ExtractError(path, f"line {MAX_LINES + 1}", f"{len(lines)} lines", f"at most {MAX_LINES}")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            raise ExtractError(path, f"line {number}", f"{len(line)} characters", f"at most {MAX_LINE}")
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        key, equals, value = stripped.partition("=")
        if not equals:
            raise ExtractError(path, f"line {number}", f"{stripped[:60]!r}", "key=value")
        yield number, key.strip(), value.strip()


def read_boards(path: Path) -> dict[str, Scope]:
    """The boards of the file by their identifier, in order; what has no name is no board."""
    boards: dict[str, Scope] = {}
    for number, key, value in read_lines(path):
        board, dot, rest = key.partition(".")
        if dot and board and board != "menu":
            _place(path, boards.setdefault(board, Scope()), rest, Property(value, number))
    return {name: board for name, board in boards.items() if "name" in board.properties}


def _place(path: Path, scope: Scope, key: str, value: Property) -> None:
    """Put a property where its menus lead."""
    for _ in range(MAX_MENU_DEPTH + 1):
        parts = key.split(".", 3)
        if parts[0] != "menu" or len(parts) < 3:
            scope.properties[key] = value
            return
        scope = scope.option(parts[1], parts[2])
        if len(parts) == 3:
            scope.label = value
            return
        key = parts[3]
    raise ExtractError(path, f"line {value.line}", f"menus more than {MAX_MENU_DEPTH} deep")
