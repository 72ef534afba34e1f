"""The curated links: which descriptions speak of which board, whatever their names say."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from tinykg.errors import ExtractError
from tinykg.files import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tinykg.join.identity import Identity
    from tinykg.records.board import BoardDescription


@cache
def curated_links() -> Mapping[Identity, str]:
    """`data/boards/same_as.toml`: the slug of the board that a description speaks of."""
    path = data_folder() / "boards" / "same_as.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    found: dict[Identity, str] = {}
    for slug, sources in raw.items():
        for line in sources:
            source, collection, identifier = line.split(" ", 2)
            who = (source, None if collection == "-" else collection, identifier)
            if who in found:
                raise ExtractError(path, f"`{slug}`", f"'{line}', which '{found[who]}' has too")
            found[who] = slug
    return found


def links_of_sheets(
    named: Iterable[tuple[str, str, str]], descriptions: Iterable[BoardDescription]
) -> dict[Identity, str]:
    """Links that sheets state by themselves: (source, identifier, slug of the sheet).

    An identifier that several sheets name is of none of them.
    """
    stated = [(source, _plain(identifier), slug) for source, identifier, slug in named]
    times = Counter((source, identifier) for source, identifier, _ in stated)
    unique = {(s, i): slug for s, i, slug in stated if times[s, i] == 1}
    found = ((d, unique.get((d.source, _plain(d.identifier)))) for d in descriptions)
    return {(d.source, d.collection, d.identifier): slug for d, slug in found if slug is not None}


def _plain(identifier: str) -> str:
    """An identifier as Zephyr wrote it before it named the part: `board/part/variant` as `board_variant`."""
    board, *rest = identifier.split("/")
    return "_".join([board, *rest[1:]])
