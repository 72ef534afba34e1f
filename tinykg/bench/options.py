"""What a runner was asked to do differently: its options, read strictly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinykg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WHOLE = re.compile(r"\s*-?[0-9]{1,20}\s*")
_YES, _NO = frozenset({"yes", "on", "true", "1"}), frozenset({"no", "off", "false", "0"})


class Options:
    """The options that a task states; `known` are those that its runner has, with what each means.

    Raises InputError for one that the runner does not have, or a value that is none; the
    sentence names what can be given.
    """

    def __init__(self, runner: str, stated: Mapping[str, str], known: Mapping[str, str]) -> None:
        self._runner, self._stated = runner, stated
        strays = sorted(set(stated) - set(known))
        if strays:
            has = ", ".join(sorted(known)) or "none"
            raise InputError(f"The runner {runner} has no option '{strays[0]}'. It has: {has}.")

    def text(self, name: str, default: str) -> str:
        """A text as it was given."""
        return self._stated.get(name, default)

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        stated = self._stated.get(name)
        if stated is None:
            return default
        value = int(stated) if _WHOLE.fullmatch(stated) else most + 1
        if not least <= value <= most:
            raise self._fault(name, f"a whole number from {least} to {most}")
        return value

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        """A number from `least` to `most`."""
        stated = self._stated.get(name)
        if stated is None:
            return default
        try:
            value = float(stated)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise self._fault(name, f"a number from {least:g} to {most:g}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no."""
        stated = self._stated.get(name)
        if stated is None:
            return default
        if stated.casefold() not in _YES | _NO:
            raise self._fault(name, "yes or no")
        return stated.casefold() in _YES

    def choice(self, name: str, default: str, among: Sequence[str]) -> str:
        """One of some words."""
        stated = self._stated.get(name, default)
        if stated not in among:
            raise self._fault(name, " or ".join(among))
        return stated

    def _fault(self, name: str, expected: str) -> InputError:
        found = self._stated[name][:40]
        return InputError(f"Option {name}={found} of the runner {self._runner}: expected {expected}.")
