"""Bytes -> the JSON object of a Thing Description, a Thing Model or a merge patch."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tinykg.errors import InvalidThing
from tinykg.records.thing import ThingFault

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 1 << 20
"""The longest Thing Description published in a test collection has 60 KB."""

MAX_NESTING: Final = 64
"""Deeper than any description nests, and far from the interpreter's own limit."""

ROOT: Final = "(root)"
"""The field of a fault that is one of the whole document."""

_MARK: Final = b"\xef\xbb\xbf"
_BRACKET_OR_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_LONE_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def read_thing(
    content: bytes, *, strict: bool = True, limit_bytes: int = MAX_BYTES, subject: str = "The document"
) -> dict[str, Any]:
    """The JSON object that the bytes are, in UTF-8.

    Raises InvalidThing with the place of each fault. A byte order mark is skipped (RFC 8259, 8.1: who reads
    may ignore one). NaN and Infinity are no JSON. An object with a member twice is refused, as JSON-LD 1.1
    (9, "keys in objects must be unique") has it; without `strict` the last one counts, and `doubled_members`
    names them.
    """
    text = _text(content, limit_bytes, subject)
    doubled: list[_Doubled] = []
    members = _decoded(text, doubled, subject)
    if not isinstance(members, dict):
        _refuse(subject, ROOT, f"is {_form(members)}; expected a JSON object")
    if doubled and strict:
        faults = [ThingFault(field=place, description=_twice(place)) for place in _places(members)]
        raise InvalidThing(subject, faults)
    return members


def doubled_members(content: bytes, limit_bytes: int = MAX_BYTES) -> list[ThingFault]:
    """The members that an object of the document has more than once, outermost first."""
    doubled: list[_Doubled] = []
    members = _decoded(_text(content, limit_bytes, "The document"), doubled, "The document")
    if not doubled:
        return []
    return [ThingFault(field=place, description=_twice(place)) for place in _places(members)]


def _text(content: bytes, limit_bytes: int, subject: str) -> str:
    if len(content) > limit_bytes:
        _refuse(subject, ROOT, f"has {len(content)} bytes; expected at most {limit_bytes}")
    try:
        text = content.removeprefix(_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(subject, ROOT, f"is not UTF-8: byte {error.start} begins no character; send JSON in UTF-8")
    _check_depth(text, subject)
    return text


def _check_depth(text: str, subject: str) -> None:
    """Before it is decoded: the decoder would recurse as deep as the text nests."""
    depth = 0
    for match in _BRACKET_OR_TEXT.finditer(text):
        piece = match[0]
        if piece in "[{":
            depth += 1
            if depth > MAX_NESTING:
                _refuse(subject, ROOT, f"nests deeper than {MAX_NESTING} levels; flatten it")
        elif piece in "]}":
            depth -= 1


def _decoded(text: str, doubled: list[_Doubled], subject: str) -> Any:
    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        marked = _Doubled(members)
        times = Counter(name for name, _ in pairs)
        marked.names = tuple(name for name in members if times[name] > 1)
        doubled.append(marked)
        return marked

    def refuse_constant(name: str) -> NoReturn:
        _refuse(subject, ROOT, f"holds {name}, which JSON has no number for; leave the member out")

    def finite(digits: str) -> float:
        number = float(digits)
        if math.isinf(number):
            _refuse(subject, ROOT, f"holds the number {digits[:40]}, which is beyond a double's range")
        return number

    try:
        value = json.loads(
            text, object_pairs_hook=collect, parse_constant=refuse_constant, parse_float=finite
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        _refuse(subject, ROOT, f"is not JSON: {error.msg[0].lower()}{error.msg[1:]} at {where}")
    except ValueError as error:  # an integer of more digits than Python reads
        _refuse(subject, ROOT, f"holds a number that is too long: {str(error).partition(';')[0]}")
    if _LONE_SURROGATE.search(text) and not _is_encodable(value):
        _refuse(
            subject, ROOT, "holds half of a surrogate pair (\\ud800 to \\udfff); write the whole character"
        )
    return value


def _is_encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


class _Doubled(dict[str, Any]):
    """An object of which some members are given several times."""

    names: tuple[str, ...] = ()


def _places(root: object) -> Iterator[str]:
    level: list[tuple[tuple[str, ...], object]] = [((), root)]
    while level:
        below: list[tuple[tuple[str, ...], object]] = []
        for path, value in level:
            if isinstance(value, _Doubled):
                yield from (".".join((*path, name)) for name in value.names)
            if isinstance(value, dict):
                below += [((*path, name), member) for name, member in value.items()]
            elif isinstance(value, list):
                below += [((*path, str(i)), member) for i, member in enumerate(value)]
        level = below


def _twice(place: str) -> str:
    return f"is given more than once in one object; keep one '{place.rpartition('.')[2]}'"


def _form(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"


def _refuse(subject: str, field: str, description: str) -> NoReturn:
    raise InvalidThing(subject, [ThingFault(field=field, description=description)])
