"""Names of boards and vendors without what only some sources write. Pure but for its table."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tinykg.files import data_folder
from tinykg.join.parts import part_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.records.board import BoardDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The table `data/boards/names.toml`."""

    empty_words: frozenset[str]
    vendor_words: frozenset[str]
    leading_vendors: frozenset[str]
    no_vendors: frozenset[str]
    vendors: Mapping[str, str]


@cache
def naming() -> Naming:
    """How vendors and boards are called in different sources."""
    raw = tomllib.loads((data_folder() / "boards" / "names.toml").read_text(encoding="utf-8"))
    return Naming(
        empty_words=frozenset(raw["empty_words"]),
        vendor_words=frozenset(raw["vendor_words"]),
        leading_vendors=frozenset(raw["leading_vendors"]),
        no_vendors=frozenset(raw["no_vendors"]),
        vendors=raw["vendors"],
    )


def vendor_key(vendor: str) -> str:
    """A vendor's name without what only some sources write; of one that was bought, its owner's."""
    table = naming()
    words = [word for word in _words(vendor) if word not in table.vendor_words]
    if not words or words[0] in table.no_vendors:
        return ""
    whole = "".join(words)
    first = words[0] if len(words[0]) > 2 else whole  # u-blox, but also ST Microelectronics
    return table.vendors.get(whole) or table.vendors.get(words[0], first)


def board_key(description: BoardDescription) -> tuple[str, str]:
    """(vendor, name) without what only some sources write; equal for two that may be the same board."""
    vendor, words = _vendor_and_words(description)
    kept = list(dict.fromkeys(word for word in words if word not in naming().empty_words)) or words
    part = part_key(description.part or "")
    others = "".join(word for word in kept if not (len(word) >= _PART_LENGTH and part.startswith(word)))
    return vendor, others if len(others) >= _TELLING_LENGTH else "".join(kept)


def board_slug(description: BoardDescription) -> str:
    """Vendor and name as a slug: lower case, digits and hyphens."""
    vendor, words = _vendor_and_words(description)
    return "-".join([vendor, *words] if vendor else words)


def _vendor_and_words(description: BoardDescription) -> tuple[str, list[str]]:
    """The vendor's key, which a name may begin with, and the words of the name without the vendor's."""
    table, words = naming(), _words(description.name.replace("+", " plus "))
    vendor = vendor_key(description.vendor or "")
    first = table.vendors.get(words[0], words[0]) if words else ""
    if not vendor and first in table.leading_vendors:
        vendor = first
    theirs = {vendor, *_words(description.vendor or "")}
    return vendor, [w for w in words if w not in theirs and table.vendors.get(w, w) != vendor] or words


_TELLING_LENGTH = 4
"""What is left of a name without its part's number must be so long to tell boards apart: `dk` is not."""

_PART_LENGTH = 6
"""A word of a name is the part's if the part begins with it and it is so long: `nrf52832`, not `esp32`."""


def slug(name: str) -> str:
    """A name in lower case, its words joined by hyphens."""
    return "-".join(_words(name.replace("+", " plus ")))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.casefold())
