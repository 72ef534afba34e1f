"""JSON that says one thing: no member twice, as JSON does not say which one counts, and no deep nesting."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tinykg.errors import ExtractError
from tinykg.extract.document import MAX_NESTING, read_text
from tinykg.extract.json_document import read_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def read_unambiguous(path: Path) -> dict[str, Any]:
    """A JSON object of at most `MAX_NESTING` levels in which no object has a member twice.

    An ExtractError names the path of such a member.
    """
    members = read_object(path)
    if _is_deep(members):
        raise ExtractError(path, "`$`", f"more than {MAX_NESTING} levels of nesting")
    for place, name in doubled_members(read_text(path)):
        raise ExtractError(path, f"`{place}`", f"the member '{name}' twice", "each member once")
    return members


def doubled_members(text: str) -> Iterator[tuple[str, str]]:
    """The path and name of each member that a well-formed JSON text gives several times, outermost first."""
    found: list[_Doubled] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        names = [name for name, _ in pairs]
        doubled = _Doubled(members)
        doubled.names = [name for name in members if names.count(name) > 1]
        found.append(doubled)
        return doubled

    root = json.loads(text, object_pairs_hook=collect, parse_int=str, parse_float=str)
    if found:
        yield from _walk(root)


def _is_deep(root: object) -> bool:
    level = [root]
    for _ in range(MAX_NESTING):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return any(isinstance(value, dict | list) for value in level)


class _Doubled(dict[str, Any]):
    """An object of which some members are given several times."""

    names: Sequence[str] = ()


def _walk(root: object) -> Iterator[tuple[str, str]]:
    level: list[tuple[str, object]] = [("$", root)]
    while level:
        below: list[tuple[str, object]] = []
        for place, value in level:
            if isinstance(value, _Doubled):
                yield from ((f"{place}.{name}", name) for name in value.names)
            if isinstance(value, dict):
                below += [(f"{place}.{name}", member) for name, member in value.items()]
            elif isinstance(value, list):
                below += [(f"{place}[{i}]", member) for i, member in enumerate(value)]
        level = below
