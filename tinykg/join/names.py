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
    vendors: Mapping[str, str]


@cache
def naming() -> Naming:
    """How vendors and boards are called in different sources."""
    raw = tomllib.loads((data_folder() / "boards" / "names.toml").read_text(encoding="utf-8"))
    return Naming(
        empty_words=frozenset(raw["empty_words"]),
        vendor_words=frozenset(raw["vendor_words"]),
        leading_vendors=frozenset(raw["leading_vendors"]),
        vendors=raw["vendors"],
    )


def vendor_key(vendor: str) -> str:
    """A vendor's name without what only some sources write; of one that was bought, its owner's."""
    table = naming()
    words = [word for word in _words(vendor) if word not in table.vendor_words]
    if not words:
        return ""
    return table.vendors.get("".join(words)) or table.vendors.get(words[0], words[0])


def board_key(description: BoardDescription) -> tuple[str, str]:
    """(vendor, name) without what only some sources write; equal for two that may be the same board."""
    table, words = naming(), _words(description.name.replace("+", " plus "))
    vendor = vendor_key(description.vendor or "")
    if not vendor and words and table.vendors.get(words[0], words[0]) in table.leading_vendors:
        vendor = table.vendors.get(words[0], words[0])
    theirs = {vendor, *_words(description.vendor or "")}
    kept = [w for w in words if w not in table.empty_words and table.vendors.get(w, w) not in theirs]
    part = part_key(description.part or "")
    return vendor, "".join([word for word in kept if word != part] or kept)


def board_slug(description: BoardDescription) -> str:
    """Vendor and name as a slug: lower case, digits and hyphens."""
    vendor, name = vendor_key(description.vendor or ""), slug(description.name)
    return name if not vendor or name.split("-")[0] == vendor else f"{vendor}-{name}"


def slug(name: str) -> str:
    """A name in lower case, its words joined by hyphens."""
    return "-".join(_words(name.replace("+", " plus ")))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.casefold())
