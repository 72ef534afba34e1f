"""The rules a JSON value is checked by, and the faults they find, each with its place.

A rule takes a value, its place and the list that its faults go to. It finds all faults, in the order of the
document; where a value may have one of several forms, the faults are those of the form it comes nearest to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tinykg.records.thing import ThingFault

if TYPE_CHECKING:
    import re

Place: TypeAlias = "tuple[Place, str | int] | None"
"""Where a value stands: its object's or list's place and its name or number in there; None is the root."""

Faults: TypeAlias = "list[ThingFault]"
Rule: TypeAlias = Callable[[object, Place, Faults], None]

ROOT: Final = "(root)"
_SHOWN_CHARACTERS: Final = 60


def faults_by(rule: Rule, value: object) -> list[ThingFault]:
    """What a rule finds in a value, without repetitions."""
    faults: list[ThingFault] = []
    rule(value, None, faults)
    return list(dict.fromkeys(faults))


def field_of(place: Place) -> str:
    """A place as WoT Discovery writes it: names joined by dots, or `(root)`."""
    names: list[str] = []
    while place is not None:
        place, name = place
        names.append(str(name))
    return ".".join(reversed(names)) or ROOT


def fault_at(place: Place, description: str) -> ThingFault:
    """What is wrong with the value at a place."""
    return ThingFault(field=field_of(place), description=description)


def found(value: object) -> str:
    """A value in a fault's description, cut short."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def tell(faults: Faults, place: Place, value: object, expected: str) -> None:
    """Add the fault that a value is not what is expected."""
    faults.append(fault_at(place, f"is {found(value)}; expected {expected}"))


def anything(value: object, place: Place, faults: Faults) -> None:
    """Any value is right."""


def text(value: object, place: Place, faults: Faults) -> None:
    """A text."""
    if not isinstance(value, str):
        tell(faults, place, value, "a text")


def flag(value: object, place: Place, faults: Faults) -> None:
    """True or false."""
    if not isinstance(value, bool):
        tell(faults, place, value, "true or false")


def number(value: object, place: Place, faults: Faults) -> None:
    """A number; true and false are none in JSON."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        tell(faults, place, value, "a number")


def count(value: object, place: Place, faults: Faults) -> None:
    """A whole number from 0 on; 2.0 is one too (JSON Schema, draft 7, 4.3)."""
    whole = not isinstance(value, bool) and (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    )
    if not whole or value < 0:  # type: ignore[operator]  # it is a number here
        tell(faults, place, value, "a whole number from 0 on")


def positive(value: object, place: Place, faults: Faults) -> None:
    """A number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        tell(faults, place, value, "a number above 0")


def word(*words: str, beside: re.Pattern[str] | None = None) -> Rule:
    """One of some words, or a text that a pattern finds itself in."""
    allowed = frozenset(words)
    expected = words[0] if len(words) == 1 else f"one of {', '.join(words)}"

    def check(value: object, place: Place, faults: Faults) -> None:
        if isinstance(value, str) and (value in allowed or (beside is not None and beside.search(value))):
            return
        tell(faults, place, value, expected)

    return check


def matching(pattern: re.Pattern[str], expected: str) -> Rule:
    """A text that a pattern finds itself in."""

    def check(value: object, place: Place, faults: Faults) -> None:
        if not isinstance(value, str) or not pattern.search(value):
            tell(faults, place, value, expected)

    return check


def text_but(*refused: str, reason: str) -> Rule:
    """A text that is none of some."""

    def check(value: object, place: Place, faults: Faults) -> None:
        if not isinstance(value, str):
            tell(faults, place, value, "a text")
        elif value in refused:
            faults.append(fault_at(place, f"is {found(value)}; {reason}"))

    return check


def many(rule: Rule, *, least: int = 0) -> Rule:
    """A list of at least some values that each keep a rule."""

    def check(value: object, place: Place, faults: Faults) -> None:
        if not isinstance(value, list):
            tell(faults, place, value, "a list")
            return
        if len(value) < least:
            tell(faults, place, value, f"a list of at least {least}")
        for i, one in enumerate(value):
            rule(one, (place, i), faults)

    return check


def one_or_many(rule: Rule, *, least: int = 0) -> Rule:
    """A text that keeps a rule, or a list of such."""
    several = many(rule, least=least)

    def check(value: object, place: Place, faults: Faults) -> None:
        if isinstance(value, list):
            several(value, place, faults)
        elif isinstance(value, str):
            rule(value, place, faults)
        else:
            tell(faults, place, value, "a text or a list of texts")

    return check


def distinct(value: object, place: Place, faults: Faults) -> None:
    """A list that is not empty and has no value twice, as JSON compares values (1 is 1.0, and not true)."""
    if not isinstance(value, list):
        tell(faults, place, value, "a list of the allowed values")
        return
    if not value:
        tell(faults, place, value, "at least one allowed value")
    seen: set[object] = set()
    for i, one in enumerate(value):
        key = _comparable(one)
        if key in seen:
            faults.append(fault_at((place, i), f"is {found(one)} again; keep one"))
        seen.add(key)


def _comparable(value: object) -> object:
    if isinstance(value, bool):
        return ("flag", value)
    if isinstance(value, list):
        return ("list", *map(_comparable, value))
    if isinstance(value, dict):
        return ("object", frozenset((name, _comparable(member)) for name, member in value.items()))
    return value


def mapping(rule: Rule, *, least: int = 0, name_rule: Rule | None = None) -> Rule:
    """An object whose members all keep a rule, whatever they are called."""

    def check(value: object, place: Place, faults: Faults) -> None:
        if not isinstance(value, dict):
            tell(faults, place, value, "an object")
            return
        if len(value) < least:
            faults.append(fault_at(place, "is empty; expected at least one member"))
        for name, member in value.items():
            if name_rule is not None:
                name_rule(name, (place, name), faults)
            rule(member, (place, name), faults)

    return check


def if_object(rule: Rule) -> Rule:
    """Anything but an object is right; an object keeps the rule."""

    def check(value: object, place: Place, faults: Faults) -> None:
        if isinstance(value, dict):
            rule(value, place, faults)

    return check


def record(
    what: str,
    members: Mapping[str, Rule],
    *,
    required: Mapping[str, str] | None = None,
    refused: Mapping[str, str] | None = None,
    name_rule: Rule | None = None,
) -> Rule:
    """An object with members of its own; other members are right (a Thing Description may be extended).

    `required` says of each member what is missing, `refused` of each why it is not wanted.
    """
    needed = dict(required or {})
    unwanted = dict(refused or {})

    def check(value: object, place: Place, faults: Faults) -> None:
        if not isinstance(value, dict):
            tell(faults, place, value, f"{what}, an object")
            return
        for name, missing in needed.items():
            if name not in value:
                faults.append(fault_at((place, name), f"'{name}' is missing: {missing}"))
        for name, member in value.items():
            if name_rule is not None:
                name_rule(name, (place, name), faults)
            rule = members.get(name)
            if rule is not None:
                rule(member, (place, name), faults)
            if name in unwanted:
                faults.append(fault_at((place, name), unwanted[name]))

    return check


def _fewest(tries: Sequence[Faults]) -> Faults:
    best = tries[0]
    for faults in tries[1:]:
        best = faults if len(faults) < len(best) else best
    return best


def either(*rules: Rule, nearest: Callable[[Any], int | None] | None = None) -> Rule:
    """A value that keeps at least one of some rules; `nearest` says which one a value means, where it can."""

    def check(value: object, place: Place, faults: Faults) -> None:
        meant = nearest(value) if nearest is not None else None
        tries: list[Faults] = []
        for rule in rules:
            one: Faults = []
            rule(value, place, one)
            if not one:
                return
            tries.append(one)
        faults += tries[meant] if meant is not None else _fewest(tries)

    return check


def exactly_one(*rules: Rule, both: str, nearest: Callable[[Any], int]) -> Rule:
    """A value that keeps one of some rules and no second one; `both` says what is wrong if it does.

    `nearest` says which one a value means that keeps none.
    """

    def check(value: object, place: Place, faults: Faults) -> None:
        tries: list[Faults] = []
        for rule in rules:
            one: Faults = []
            rule(value, place, one)
            tries.append(one)
        kept = sum(not one for one in tries)
        if kept == 0:
            faults += tries[nearest(value)]
        elif kept > 1:
            faults.append(fault_at(place, both))

    return check


def chosen(choose: Callable[[object], Rule]) -> Rule:
    """The rule that a value itself chooses."""

    def check(value: object, place: Place, faults: Faults) -> None:
        choose(value)(value, place, faults)

    return check


def later(rules: Sequence[Rule]) -> Rule:
    """The first rule of a list that is filled later: how a rule refers to itself."""

    def check(value: object, place: Place, faults: Faults) -> None:
        rules[0](value, place, faults)

    return check
