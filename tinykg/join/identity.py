"""Which descriptions speak of the same board. Pure.

Sources share no identifiers, and one identifier may stand for different boards. Two descriptions are joined
where a curated link says so, or where vendor, name and microcontroller agree: the name without the vendor's
name and without words that say only that it is a board, the part as far as both state it, and, within one
collection, every memory figure too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tinykg.join.names import board_key, board_slug, slug
from tinykg.join.parts import may_be, part_key
from tinykg.join.trust import by_trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tinykg.records.board import BoardDescription

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
    _slug_of: dict[Identity, str] = field(default_factory=dict)
    _alike: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    _taken: set[str] = field(default_factory=set)

    def reserve(self, slugs: Iterable[str]) -> None:
        """Keep slugs for boards that only a curated link may join."""
        self._taken.update(slugs)

    def put(self, name: str, description: BoardDescription) -> None:
        """Say of which board a description speaks; it takes the place of one of the same identity."""
        who = identity(description)
        if who in self._slug_of:
            before = self._slug_of[who]
            self.members[before] = [d for d in self.members[before] if identity(d) != who]
        self._slug_of[who] = name
        self.members.setdefault(name, []).append(description)
        key = board_key(description)
        if key[1] and name not in self._alike[key]:
            self._alike[key].append(name)

    def add(self, descriptions: Iterable[BoardDescription]) -> set[str]:
        """Put each description where it belongs, the most trusted sources first; which boards changed."""
        changed = set()
        for description in by_trust(descriptions):
            name = self._known(description) or self._same(description) or self._new_slug(description)
            self.put(name, description)
            changed.add(name)
        return changed

    def _known(self, description: BoardDescription) -> str | None:
        who = identity(description)
        return self.links.get(who) or self._slug_of.get(who)

    def _same(self, description: BoardDescription) -> str | None:
        """The board that vendor, name and part of a description mean."""
        key = board_key(description)
        if not key[1] or description.part is None:
            return None
        for name in self._alike.get(key, ()):
            if all(_may_be_same(description, other) for other in self.members[name]):
                return name
        return None

    def _new_slug(self, description: BoardDescription) -> str:
        """A slug that no other board has: vendor and name, then more of where it is from."""
        plain = board_slug(description)
        whence = "-".join(slug(part or "") for part in identity(description))
        for name in (plain, f"{plain}-{slug(description.identifier)}", f"{plain}-{whence}"):
            if name and name not in self.members and name not in self._taken:
                return name
        return f"{plain}-{len(self.members)}"


def _may_be_same(one: BoardDescription, other: BoardDescription) -> bool:
    """Whether nothing that two descriptions state speaks against their being of one board."""
    if one.part and other.part and not may_be(part_key(one.part), part_key(other.part)):
        return False
    if (one.source, one.collection) != (other.source, other.collection):
        return True
    figures = [{(f.memory, f.kind, f.size_bytes) for f in d.figures} for d in (one, other)]
    return figures[0] == figures[1]
