"""The Thing Descriptions that a search looks at, kept from one search to the next."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tinykg.directory.enriched import compact
from tinykg.directory.index import read_entries
from tinykg.directory.stored import read_many
from tinykg.errors import QueryTooBig

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tinykg.store.embedded import EmbeddedStore

_SHOWN_CHARACTERS: Final = 300
_KEPT_BYTES: Final = 16 << 20
"""So much text is kept; as Python's objects it takes about ten times that."""


class _Known(NamedTuple):
    """A Thing Description as the change of this number left it."""

    number: int
    text_bytes: int
    document: dict[str, Any]


class LiveDocuments:
    """Enriched Thing Descriptions by identifier, each with the number of the change that it is of."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._known: dict[str, _Known] = {}

    def read(self, store: EmbeddedStore, now: datetime) -> list[dict[str, Any]]:
        """All that have not expired, in the order of their identifiers; what is known is not read again."""
        entries = {name: entry for name, entry in read_entries(store).items() if entry.is_live(now)}
        known = {
            name: found
            for name, found in self._known.items()
            if name in entries and entries[name].number == found.number
        }
        for thing in read_many(store, sorted(entries.keys() - known.keys())):
            known[thing.thing_id] = _Known(thing.number, len(thing.text), thing.enriched_document())
        size = sum(found.text_bytes for found in known.values())
        self._known = known if size <= self._kept_bytes else {}
        return [known[name].document for name in sorted(known)]


@cache
def _of_this_process() -> LiveDocuments:
    return LiveDocuments()


def live_documents(store: EmbeddedStore, now: datetime) -> list[dict[str, Any]]:
    """All enriched Thing Descriptions that have not expired, in the order of their identifiers."""
    return _of_this_process().read(store, now)


def shown(text: object) -> str:
    """A query, or what is said of it, as an error tells it: a client may send any length."""
    told = str(text)
    return told if len(told) <= _SHOWN_CHARACTERS else f"{told[:_SHOWN_CHARACTERS]}…"


def json_array(values: Iterable[Any], most_bytes: int) -> bytes:
    """A JSON array of values; raises QueryTooBig as soon as it is longer than `most_bytes`."""
    parts, size = [], 0
    for value in values:
        parts.append(compact(value))
        size += len(parts[-1]) + 1
        if size > most_bytes:
            raise QueryTooBig(f"The result is longer than {most_bytes} bytes; select less.")
    return b"[" + b",".join(parts) + b"]"
