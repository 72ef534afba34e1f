"""Bytes -> the JSON value that they are, and each fault of them with its place.

JSON leaves open what a member given twice means, what a number beyond a double's range is, and what half of
a surrogate pair stands for (RFC 8259, 4, 6 and 8.2); I-JSON (RFC 7493, 2) refuses all three, and so does
this reader, for all documents of strangers. It raises nothing, as its callers have errors of their own.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Steps: TypeAlias = tuple[str | int, ...]
"""The names and numbers that lead from the root to a value."""

MAX_NESTING: Final = 64
"""Deeper than any description nests, and far from the interpreter's own limit."""

_BRACKET_OR_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_LONE_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SHOWN_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFault:
    """What is wrong with the value that `steps` lead to, or with the text at a `position`."""

    found: str
    expected: str | None = None
    steps: Steps = ()
    position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Json:
    """A value, which counts only without `faults`; of the members `doubled` the last one is in it.

    Both are in the document's order, outermost first.
    """

    value: Any = None
    faults: tuple[JsonFault, ...] = ()
    doubled: tuple[Steps, ...] = ()


def read_json(content: bytes, most_levels: int = MAX_NESTING) -> Json:
    """The JSON value that the content is, in UTF-8; values nest at most `most_levels` deep.

    A byte order mark is skipped (RFC 8259, 8.1: who reads may ignore one).
    """
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        return _refused("bytes that are not UTF-8", "JSON in UTF-8", f"byte {error.start}")
    if _is_deep(text, most_levels):  # the decoder would recurse as deep as the text nests
        return _refused(f"more than {most_levels} levels of nesting", "a flatter one")
    return _read(text)


def path_of(steps: Steps) -> str:
    """The steps as one reads them in a file, such as `$.boards[0].name`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _refused(found: str, expected: str | None, position: str | None = None) -> Json:
    return Json(faults=(JsonFault(found=found, expected=expected, position=position),))


def _is_deep(text: str, most_levels: int) -> bool:
    depth = 0
    for match in _BRACKET_OR_TEXT.finditer(text):
        piece = match[0]
        if piece in "[{":
            depth += 1
            if depth > most_levels:
                return True
        elif piece in "]}":
            depth -= 1
    return False


def _read(text: str) -> Json:
    doubled: list[_Doubled] = []
    odd: list[_NoNumber] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        times = Counter(name for name, _ in pairs)
        doubled.append(_Doubled(found))
        doubled[-1].names = tuple(name for name in found if times[name] > 1)
        return doubled[-1]

    def number(digits: str) -> int | float | str:
        value = float(digits)
        if math.isfinite(value):
            return int(digits) if digits.lstrip("-").isdecimal() else value
        odd.append(_NoNumber(digits))
        return odd[-1]

    try:
        value = json.loads(
            text, object_pairs_hook=members, parse_constant=number, parse_float=number, parse_int=number
        )
    except json.JSONDecodeError as error:
        reason = f"text that is not JSON: {error.msg[0].lower()}{error.msg[1:]}"
        return _refused(reason, None, f"line {error.lineno}, column {error.colno}")
    if not (doubled or odd or _LONE_SURROGATE.search(text)):
        return Json(value=value)
    faults = tuple(_faults(value)) or tuple(map(_no_number, odd[:1]))  # in a member that is given again
    twice = (
        (*steps, _whole(name))
        for steps, one in _walk(value)
        if isinstance(one, _Doubled)
        for name in one.names
    )
    return Json(value=value, faults=faults, doubled=tuple(twice))


class _Doubled(dict[str, Any]):
    """An object of which some members are given several times."""

    names: tuple[str, ...] = ()


class _NoNumber(str):
    """The digits, or the name, of what stands where a number would."""

    __slots__ = ()


def _walk(root: object) -> Iterator[tuple[Steps, object]]:
    """Each value with its place, outermost first; names are such that they can be told."""
    level: list[tuple[Steps, object]] = [((), root)]
    while level:
        yield from level
        level = [
            ((*steps, _whole(step) if isinstance(step, str) else step), inner)
            for steps, value in level
            if isinstance(value, dict | list)
            for step, inner in (value.items() if isinstance(value, dict) else enumerate(value))
        ]


def _faults(root: object) -> Iterator[JsonFault]:
    for steps, value in _walk(root):
        if isinstance(value, _NoNumber):
            yield _no_number(value, steps)
        elif any(map(_is_half, value)) if isinstance(value, dict) else _is_half(value):
            found = "half of a surrogate pair (\\ud800 to \\udfff)"
            yield JsonFault(found=found, expected="the whole character", steps=steps)


def _no_number(digits: _NoNumber, steps: Steps = ()) -> JsonFault:
    cut = digits if len(digits) <= _SHOWN_CHARACTERS else f"{digits[:_SHOWN_CHARACTERS]}…"
    found = f"the number {cut}, which is out of range" if digits[-1].isdecimal() else str(digits)
    return JsonFault(found=found, expected="a number that a double can hold", steps=steps)


def _is_half(text: object) -> bool:
    return isinstance(text, str) and _whole(text) != text


def _whole(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair, so that it can be told."""
    return text.encode("utf-8", "replace").decode("utf-8")
