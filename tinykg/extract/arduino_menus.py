"""Which boards a family's menus offer, and which options are taken where nobody chooses.

A menu offers boards or parts where an option replaces `build.board` or `build.product_line`, or
gives a `build.mcu` that is a part, or a `build.chip` without choosing between cores. Every option
of it is a description of its own. A menu whose options give `build.mcu` as another core of the same
part is a menu of cores. Any other menu is a setting: clock, partition, optimisation, port.

Of each setting the first option listed is taken, as the Arduino IDE does. In nested menus the
option taken is the same as in the menu of that name at the top.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.extract.arduino_parts import is_core

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tinykg.extract.arduino_properties import Property, Scope

MAX_DESCRIPTIONS: Final = 5000
"""Boards of one family; the largest published one has 230."""

MAX_MENUS: Final = 200
"""Menus of one board; published boards have at most 20."""

_REFERENCE = re.compile(r"\{([A-Za-z0-9_.-]{1,80})\}")
_MAX_ROUNDS: Final = 8
_MAX_EXPANDED: Final = 4096


@dataclass(frozen=True, slots=True)
class Found:
    """A property in force: its text without references, where it stands."""

    text: str
    place: str
    line: int


_Place = tuple["Scope", str | None]
"""A scope, and what the options that lead to it are shown as."""


class Choice:
    """A board with one option taken of every menu."""

    def __init__(
        self,
        board: Scope,
        chosen: dict[str, str],
        own: list[Scope],
        cores: str | None,
        settings: dict[str, list[_Place]],
    ) -> None:
        self.board = board
        self.core_menu = cores
        self._scopes = list(_taken(board, chosen))
        self._settings = settings
        self._own = own

    def get(self, key: str) -> Found | None:
        """The property in force, with references to others replaced; None where absent or empty."""
        found = self._raw(key)
        if found is None:
            return None
        scope, value = found
        text = self._expanded(value.text)
        return Found(text, scope.place + key, value.line) if text else None

    def _raw(self, key: str) -> tuple[Scope, Property] | None:
        for scope in reversed(self._scopes):
            value = scope.properties.get(key)
            if value is not None:
                return scope, value
        return None

    def _expanded(self, text: str) -> str:
        """The text with `{key}` replaced by the board's property, as far as there is one."""
        for _ in range(_MAX_ROUNDS):
            expanded = _REFERENCE.sub(self._referred, text)
            if expanded == text or len(expanded) > _MAX_EXPANDED:
                break
            text = expanded
        return text

    def _referred(self, match: re.Match[str]) -> str:
        found = self._raw(match[1])
        return found[1].text if found and len(found[1].text) <= _MAX_EXPANDED else match[0]

    def everywhere(self, key: str) -> Iterator[tuple[Found, str | None]]:
        """The property wherever the board, its settings or its cores have it, with the option's label."""
        places = list(self._settings.get(key, ()))
        for option in self._own:
            places += ((scope, label) for scope, label in _below(option, None) if key in scope.properties)
        for scope, label in places:
            value = scope.properties[key]
            text = self._expanded(value.text)
            if text:
                yield Found(text, scope.place + key, value.line), label


@dataclass(frozen=True, slots=True)
class Described:
    """One description a board's lines give: the options that name it, and the choice they lead to."""

    options: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    choice: Choice


def described(path: Path, identifier: str, board: Scope) -> Iterator[Described]:
    """The boards that a family offers, or the one board where no menu offers any."""
    if len(board.menus) > MAX_MENUS:
        raise ExtractError(path, identifier, f"{len(board.menus)} menus", f"at most {MAX_MENUS}")
    cores = next((menu for menu in board.menus if _offers_cores(board, menu)), None)
    offering = [menu for menu in board.menus if menu != cores and offers_boards(board, menu)]
    settings = _settings(board, [menu for menu in board.menus if menu not in offering])
    defaults = {menu: default_option(options) for menu, options in board.menus.items()}
    total = math.prod(len(_options(board.menus[menu])) for menu in offering)
    if total > MAX_DESCRIPTIONS:
        raise ExtractError(path, identifier, f"{total} boards in its menus", f"at most {MAX_DESCRIPTIONS}")
    choices = itertools.product(*([(menu, o) for o in _options(board.menus[menu])] for menu in offering))
    for options in choices:
        scopes = [board.menus[menu][option] for menu, option in options]
        labels = tuple(
            scope.label.text if scope.label and scope.label.text else option
            for scope, (_, option) in zip(scopes, options, strict=True)
        )
        yield Described(
            options, labels, Choice(board, {**defaults, **dict(options)}, scopes, cores, settings)
        )


def offers_boards(board: Scope, menu: str) -> bool:
    """Whether the options of a menu are boards or parts."""
    options = list(board.menus[menu].values())
    if _replaced(board, options, "build.board") or _replaced(board, options, "build.product_line"):
        return True
    parts = _replaced(board, options, "build.mcu")
    if parts:
        return not all(is_core(part) for part in parts)
    return bool(_replaced(board, options, "build.chip"))


def _offers_cores(board: Scope, menu: str) -> bool:
    options = list(board.menus[menu].values())
    return bool(_replaced(board, options, "build.mcu")) and not offers_boards(board, menu)


def _replaced(board: Scope, options: list[Scope], key: str) -> set[str]:
    """The values that options give a property in place of the board's own; references are no values."""
    own = board.properties.get(key)
    given = {option.properties[key].text for option in options if key in option.properties}
    return {text for text in given if text and "{" not in text and not (own and own.text == text)}


def _options(options: dict[str, Scope]) -> list[str]:
    """The options that are shown; all where none has a label."""
    return [name for name, scope in options.items() if scope.label] or list(options)


def default_option(options: dict[str, Scope]) -> str:
    """The option that is taken where nobody chooses: the first that is shown."""
    listed = [(scope.label.line, name) for name, scope in options.items() if scope.label]
    return min(listed)[1] if listed else next(iter(options))


def _taken(scope: Scope, chosen: dict[str, str]) -> Iterator[Scope]:
    """The scope and those of the options taken, the later over the earlier."""
    yield scope
    for menu, options in scope.menus.items():
        name = chosen.get(menu)
        option = options.get(name) if name is not None else options[default_option(options)]
        if option is not None:
            yield from _taken(option, chosen)


def _settings(board: Scope, menus: list[str]) -> dict[str, list[_Place]]:
    """Where a board and the menus that offer no boards have each property."""
    places: dict[str, list[_Place]] = {key: [(board, None)] for key in board.properties}
    for menu in menus:
        for name, option in board.menus[menu].items():
            for place in _below(option, option.label.text if option.label else name):
                for key in place[0].properties:
                    places.setdefault(key, []).append(place)
    return places


def _below(scope: Scope, label: str | None) -> Iterator[_Place]:
    """The scope and all that its menus hold."""
    yield scope, label
    for options in scope.menus.values():
        for name, option in options.items():
            shown = option.label.text if option.label else name
            yield from _below(option, f"{label}, {shown}" if label else shown)
