"""Which descriptions speak of the same board. Pure.

Sources share no identifiers, and one identifier may stand for different boards. Two descriptions are joined
where a curated link says so, or where vendor, name and microcontroller agree: the name without the vendor's
name and without words that say only that it is a board, the part as far as both state it, and, within one
collection, every memory figure too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TYPE_CHECKING, TypeAlias

from tinykg.join.names import board_key, board_slug, slug
from tinykg.join.parts import may_be, part_key
from tinykg.join.trust import by_trust
from tinykg.records.board import BoardDescription

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tinykg.records.device import DeviceType

Identity: TypeAlias = "tuple[str, str | None, str]"
"""(source, collection, identifier) of a description."""


def identity(description: BoardDescription) -> Identity:
    """What tells a description from all others."""
    return description.source, description.collection, description.identifier


@dataclass(slots=True)
class Boards:
    """Boards known so far by slug, each with the descriptions that speak of it; `links` is curated."""

    links: Mapping[Identity, str]
    members: dict[str, list[BoardDescription]] = field(default_factory=dict)
    _sheets: dict[str, BoardDescription] = field(default_factory=dict)
    _slug_of: dict[Identity, str] = field(default_factory=dict)
    _alike: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def know(self, sheet: DeviceType) -> None:
        """Keep a slug for the board of a person's sheet, which descriptions may speak of too."""
        said = BoardDescription(
            source="sheet",
            collection=None,
            identifier=sheet.slug,
            name=sheet.name,
            vendor=sheet.vendor,
            part=next((p.part for p in sheet.processors if p.part), None),
        )
        self._sheets[sheet.slug] = said
        self._find_by(said, sheet.slug)

    def put(self, name: str, description: BoardDescription) -> None:
        """Say of which board a description speaks; it takes the place of one of the same identity."""
        who = identity(description)
        if who in self._slug_of:
            before = self._slug_of[who]
            self.members[before] = [d for d in self.members[before] if identity(d) != who]
        self._slug_of[who] = name
        self.members.setdefault(name, []).append(description)
        self._find_by(description, name)

    def _find_by(self, description: BoardDescription, name: str) -> None:
        for key in _keys(description):
            if name not in self._alike[key]:
                self._alike[key].append(name)

    def add(self, descriptions: Iterable[BoardDescription]) -> set[str]:
        """Put each description where it belongs; which boards changed, also those that lost one.

        Those whose board is known come first, for others to be found by; then the most trusted sources.
        """
        changed = set()
        for description in sorted(by_trust(descriptions), key=lambda d: self._known(d) is None):
            name = self._known(description) or self._same(description) or self._new_slug(description)
            changed |= {name, self._slug_of.get(identity(description), name)}
            self.put(name, description)
        return changed

    def follow_links(self) -> set[str]:
        """Put each description that a link names where the link says; which boards changed."""
        led = {who: slug for who, slug in self._slug_of.items() if self.links.get(who, slug) != slug}
        return self.add([d for slug in set(led.values()) for d in self.members[slug] if identity(d) in led])

    def _known(self, description: BoardDescription) -> str | None:
        who = identity(description)
        return self.links.get(who) or self._slug_of.get(who)

    def _same(self, description: BoardDescription) -> str | None:
        """The board that vendor, name and part of a description mean."""
        near = dict.fromkeys(name for key in _keys(description) for name in self._alike.get(key, ()))
        return next((name for name in near if _is_among(description, self._said_of(name))), None)

    def _said_of(self, name: str) -> list[BoardDescription]:
        sheet = self._sheets.get(name)
        return [*self.members.get(name, ()), *([sheet] if sheet else ())]

    def _new_slug(self, description: BoardDescription) -> str:
        """A slug that no other board has: vendor and name, then more of where it is from."""
        plain, *whence = (board_slug(description), *(slug(part or "") for part in identity(description)))
        longer = (
            "-".join(filter(None, words)) for words in ((plain,), (plain, whence[-1]), (plain, *whence))
        )
        wanted = [name for name in longer if name]
        numbered = (f"{wanted[-1]}-{n}" for n in count(2))
        taken = self.members.keys() | self._sheets.keys()
        return next(name for name in chain(wanted, numbered) if name not in taken)


def _keys(description: BoardDescription) -> list[str]:
    """By which names other descriptions of the board may be found; none for one that names no part."""
    vendor, name = board_key(description)
    named = [name, vendor + name] if len(name) >= _LEAST else [vendor + name]
    target = _target(description)
    return [*([target] if target else ()), *(named if description.part else ())]


_LEAST = 4
"""A name without its vendor that is shorter, such as `mini`, is of too many boards."""

_SIDE = re.compile(
    r"[_/](?:ns|cpu(?:app|net|rad|ppr|flpr|\d)|c?m\d{1,2}p?|cm\d{1,2}|core\d|smp|secure|nonsecure)\b"
)
"""What ends the name of a target that is one core, or one side of a secure split, of a board."""


def _target(description: BoardDescription) -> str | None:
    """What all targets of a Zephyr board, or all submissions with a board, have in common; else None."""
    if description.source == "mlperf-tiny":
        return f"mlperf-tiny {slug(description.name)}"
    if description.source != "zephyr":
        return None
    bare = description.identifier.replace("_", "/")
    while (shorter := _SIDE.sub("", bare.replace("/", "_")).replace("_", "/")) != bare:
        bare = shorter
    return f"zephyr {bare}"


def _is_among(description: BoardDescription, said: list[BoardDescription]) -> bool:
    """Whether a description is of the board that others speak of: one target of it is enough."""
    target = _target(description)
    if target is not None and any(_target(other) == target for other in said):
        return True
    return all(_may_be_same(description, other) for other in said)


def _may_be_same(one: BoardDescription, other: BoardDescription) -> bool:
    """Whether nothing that two descriptions state speaks against their being of one board."""
    vendors = {board_key(one)[0], board_key(other)[0]} - {""}
    if len(vendors) > 1 or not _parts_agree(one.part, other.part):
        return False
    if one.source not in _ONE_FILE_A_BOARD or (one.source, one.collection) != (
        other.source,
        other.collection,
    ):
        return True
    figures = [{(f.memory, f.kind, f.size_bytes) for f in d.figures} for d in (one, other)]
    return figures[0] == figures[1]


_ONE_FILE_A_BOARD = frozenset({"platformio", "arduino"})
"""Sources whose collections have one entry for each board, so that two with other figures are two boards."""


def _parts_agree(one: str | None, other: str | None) -> bool:
    """Whether two part numbers may be meant for one part; sources shorten them to families too."""
    if one is None or other is None:
        return False
    a, b = part_key(one), part_key(other)
    return may_be(a, b) or a.startswith(b) or b.startswith(a) or _same_series(a, b)


def _same_series(one: str, other: str) -> bool:
    """Whether two names are of one i.MX RT series: Zephyr names boards with a 1052 by the series, 1050."""
    return one.startswith("mimxrt1") and one[:9] == other[:9]
