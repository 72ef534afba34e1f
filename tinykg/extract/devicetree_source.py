"""A devicetree source with its includes, conditions and macros resolved, as far as its files are there.

Zephyr's sources are made for C's preprocessor. This one does what they need of it in bounded time,
memory and place, and goes on where a header is missing, which a compiler cannot.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.extract.devicetree_macros import MacroError, Macros
from tinykg.extract.document import read_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_FILES: Final = 512
"""Files one board may open; published ones open up to 18."""

MAX_INCLUDES: Final = 4_096
"""Lines that ask for an include, found or not; published boards have up to 26."""

MAX_DEPTH: Final = 32
"""Includes within includes; published ones nest up to 11."""

MAX_CHARACTERS: Final = 4 << 20
"""Of all files of one board together; published ones have up to 60 thousand without comments."""

ARITHMETIC: Final = (
    "DT_SIZE_K(x) ((x) * 1024)",
    "DT_SIZE_M(x) ((x) * 1048576)",
    "DT_FREQ_K(x) ((x) * 1000)",
    "DT_FREQ_M(x) ((x) * 1000000)",
    "_TINYKG_JOINED(a, b) a##b",
    "DT_ADDR(a) _TINYKG_JOINED(0x, a)",
)
"""Sizes, frequencies and addresses as Zephyr's <mem.h> and <freq.h> define them; those headers are
not in every copy of a tree, and where they are they define the same."""

_COMMENT = re.compile(
    r"""("(?:\\.|[^"\\\n])*+"?|'(?:\\.|[^'\\\n])')|//[^\n]*|/\*(?:[^*]|\*(?!/))*(\*/)?""", re.VERBOSE
)
_DIRECTIVE = re.compile(
    r"\s*#\s*(include|define|undef|ifdef|ifndef|if|elif|else|endif|error|warning|pragma|line)(?![\w,.+?#-])(.*)",
    re.DOTALL,
)
_INCLUDE = re.compile(r"""\s*(?:"([^"]+)"|<([^>]+)>)\s*""")
_NAME = re.compile(r"\s*([A-Za-z_]\w*)")


@dataclass(slots=True)
class Source:
    """The text, which includes were missing, which files were read, and where each line came from."""

    text: str
    missing: tuple[str, ...]
    files: tuple[Path, ...]
    _starts: list[int] = field(default_factory=list)
    _origins: list[tuple[Path, int]] = field(default_factory=list)

    def origin(self, line: int) -> tuple[Path, int]:
        """The file and the line in it of a line of the text; lines count from 1."""
        place = max(0, bisect_right(self._starts, line) - 1)
        path, first = self._origins[place]
        return path, first + max(0, line - self._starts[place])


def preprocessed(path: Path, root: Path, folders: Sequence[Path], overlays: Sequence[Path] = ()) -> Source:
    """The source of a board and its overlays; includes are sought next to the file, then in the folders.

    No file outside `root` is read, whatever path or symbolic link leads there. Raises ExtractError
    for such a one, for a loop of includes, and past the bounds.
    """
    reader = _Reader(path, root.resolve(), tuple(folders))
    for file in (path, *overlays):
        reader.read(file, ())
    return reader.finished()


class _Reader:
    def __init__(self, start: Path, root: Path, folders: tuple[Path, ...]) -> None:
        self._start = start
        self._root = root
        self._folders = folders
        self._macros = Macros()
        for definition in ARITHMETIC:
            self._macros.define(definition)
        self._missing: dict[str, None] = {}
        self._files: list[Path] = []
        self._asked = 0
        self._characters = 0
        self._pieces: list[str] = []
        self._line = 1
        self._starts: list[int] = []
        self._origins: list[tuple[Path, int]] = []

    def finished(self) -> Source:
        """What has been read."""
        return Source(
            "".join(self._pieces), tuple(self._missing), tuple(self._files), self._starts, self._origins
        )

    def read(self, path: Path, including: tuple[Path, ...]) -> None:
        """Take in a file with all that it includes."""
        if path in including:
            raise ExtractError(
                path, "its includes", "a file that includes itself, by way of " + including[-1].name
            )
        if len(including) >= MAX_DEPTH:
            raise ExtractError(path, "its includes", f"includes nested deeper than {MAX_DEPTH}")
        if len(self._files) >= MAX_FILES:
            raise ExtractError(self._start, "its includes", f"more than {MAX_FILES} files")
        text = self._text(path)
        self._files.append(path)
        chain = (*including, path)
        conditions: list[_Condition] = []
        waiting: list[str] = []
        first = 1
        for number, line in _logical_lines(text):
            directive = _DIRECTIVE.match(line)
            if directive is None:
                if not waiting:
                    first = number
                waiting.append(line if _active(conditions) else "\n" * line.count("\n"))
                continue
            self._emit(path, first, waiting)
            try:
                self._obey(path, number, directive[1], directive[2], conditions, chain)
            except MacroError as error:
                raise ExtractError(path, f"line {number}", str(error)) from error
        self._emit(path, first, waiting)
        if conditions:
            raise ExtractError(path, f"line {conditions[-1].line}", "a condition without its #endif")

    def _text(self, path: Path) -> str:
        if not path.is_file():
            raise ExtractError(path, "the file", "no regular file")
        text = read_text(path)
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            raise ExtractError(
                self._start, "its includes", f"more than {MAX_CHARACTERS} characters in all files together"
            )
        return text

    def _emit(self, path: Path, first: int, waiting: list[str]) -> None:
        """Expand the lines that wait, and write down where they came from."""
        if not waiting:
            return
        try:
            text = self._macros.expand("".join(waiting))
        except MacroError as error:
            raise ExtractError(path, f"the lines from {first} on", str(error)) from error
        waiting.clear()
        self._starts.append(self._line)
        self._origins.append((path, first))
        text = text if text.endswith("\n") else text + "\n"
        self._line += text.count("\n")
        self._pieces.append(text)

    def _obey(
        self,
        path: Path,
        number: int,
        word: str,
        rest: str,
        conditions: list[_Condition],
        chain: tuple[Path, ...],
    ) -> None:
        if word in ("if", "ifdef", "ifndef", "elif", "else", "endif"):
            self._turn(path, number, word, rest, conditions)
        elif not _active(conditions):
            return
        elif word == "include":
            self._include(path, number, rest, chain)
        elif word == "define":
            self._macros.define(rest.strip())
        elif word == "undef" and (name := _NAME.match(rest)):
            self._macros.undefine(name[1])
        elif word == "error":
            raise ExtractError(path, f"line {number}", f"#error {rest.strip()[:100]}")

    def _turn(self, path: Path, number: int, word: str, rest: str, conditions: list[_Condition]) -> None:
        if word in ("if", "ifdef", "ifndef"):
            active = _active(conditions)
            true = active and self._true(word, rest)
            conditions.append(_Condition(number, outer=active, on=true, done=true))
            return
        if not conditions:
            raise ExtractError(path, f"line {number}", f"#{word} without its #if")
        if word == "endif":
            conditions.pop()
            return
        last = conditions[-1]
        true = last.outer and not last.done and (word == "else" or self._true("if", rest))
        last.on, last.done = true, last.done or true

    def _true(self, word: str, rest: str) -> bool:
        if word == "if":
            return self._macros.holds(rest)
        name = _NAME.match(rest)
        if name is None:
            raise MacroError(f"#{word} without a name")
        return (name[1] in self._macros) == (word == "ifdef")

    def _include(self, path: Path, number: int, rest: str, chain: tuple[Path, ...]) -> None:
        self._asked += 1
        if self._asked > MAX_INCLUDES:
            raise ExtractError(self._start, "its includes", f"more than {MAX_INCLUDES} of them")
        found = _INCLUDE.fullmatch(rest) or _INCLUDE.fullmatch(self._macros.expand(rest))
        if found is None:
            raise ExtractError(path, f"line {number}", f"{rest.strip()[:80]!r}", 'an #include of "…" or <…>')
        name = found[1] or found[2]
        folders = (path.parent, *self._folders) if found[1] else self._folders
        for folder in folders:
            file = folder / name
            try:
                if not file.is_file():
                    continue
                real = file.resolve()
            except (OSError, ValueError, RuntimeError):
                continue
            if not real.is_relative_to(self._root):
                raise ExtractError(
                    path, f"line {number}", f"an include of {name!r}, which leads out of {self._root}"
                )
            self.read(real, chain)
            return
        self._missing.setdefault(name)


@dataclass(slots=True)
class _Condition:
    line: int
    outer: bool
    on: bool
    done: bool


def _active(conditions: list[_Condition]) -> bool:
    return not conditions or (conditions[-1].outer and conditions[-1].on)


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """The lines with their numbers, continued ones joined, comments blank; each keeps its line ends."""
    plain = _COMMENT.sub(lambda found: found[1] or " " + "\n" * found[0].count("\n"), text)
    result: list[tuple[int, str]] = []
    pending = ""
    blank = ""
    for number, line in enumerate(plain.split("\n"), start=1):
        bare = line.rstrip()
        if bare.endswith("\\"):
            pending += bare[:-1] + " "
            blank += "\n"
            continue
        result.append((number - len(blank), pending + line.rstrip("\r") + "\n" + blank))
        pending = blank = ""
    if pending:
        result.append((1, pending + blank))
    return result
