"""Which Things are registered, by which change, until when: read from the store, kept until it changes."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.directory.change import change_graph
from tinykg.directory.registration import moment
from tinykg.directory.thing_graph import registered_id, thing_iri
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DISCOVERY

if TYPE_CHECKING:
    from datetime import datetime

    from tinykg.store.embedded import EmbeddedStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A registered Thing: the number of the change that wrote it, and when it expires."""

    thing_id: str
    number: int
    expires: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires is None or self.expires > now


@dataclass(slots=True)
class Index:
    """All registered Things in the order of their identifiers, and which changes are kept.

    The order is that of Unicode's code points (WoT Discovery, 6.3.2.1.6), which is how Python compares texts.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    """Sorted."""
    iris: dict[str, str] = field(default_factory=dict)
    """Identifier by IRI."""
    expiring: dict[str, datetime] = field(default_factory=dict)
    oldest: int = 1
    """The number of the oldest change that is kept; one above `latest` where none is."""
    latest: int = 0
    """The number of the latest change; 0 where there was none."""
    _digest: str | None = None

    def find(self, thing_id: str, now: datetime) -> Entry | None:
        """The entry of a Thing that has not expired."""
        found = self.entries.get(thing_id)
        return found if found is not None and found.is_live(now) else None

    def live_ids(self, now: datetime) -> list[str]:
        """The identifiers of all Things that have not expired, in order."""
        gone = {thing_id for thing_id, expires in list(self.expiring.items()) if expires <= now}
        return [thing_id for thing_id in self.ids if thing_id not in gone] if gone else list(self.ids)

    def expired(self, now: datetime) -> list[str]:
        """The identifiers of all Things that have expired and are still here, in order."""
        return sorted(thing_id for thing_id, expires in self.expiring.items() if expires <= now)

    def put(self, entry: Entry) -> None:
        """Note a Thing that was created or updated."""
        thing_id = entry.thing_id
        if thing_id not in self.entries:
            insort(self.ids, thing_id)
            self.iris[thing_iri(thing_id).value] = thing_id
            self._digest = None
        self.entries[thing_id] = entry
        if entry.expires is None:
            self.expiring.pop(thing_id, None)
        else:
            self.expiring[thing_id] = entry.expires

    def drop(self, thing_id: str) -> None:
        """Note a Thing that was deleted."""
        if self.entries.pop(thing_id, None) is not None:
            del self.ids[bisect_left(self.ids, thing_id)]
            self.iris.pop(thing_iri(thing_id).value, None)
            self.expiring.pop(thing_id, None)
            self._digest = None

    def is_current(self, store: EmbeddedStore) -> bool:
        """Whether the log of changes still ends where it did when the index was read."""
        ends_here = self.latest < self.oldest or bool(store.graph(change_graph(self.latest)))
        return ends_here and not store.graph(change_graph(self.latest + 1))

    def order_tag(self, ids: list[str]) -> str:
        """An entity tag of a list of identifiers, which changes with the list."""
        if len(ids) != len(self.ids):
            return _digest(ids)
        if self._digest is None:
            self._digest = _digest(ids)
        return self._digest


def _digest(ids: list[str]) -> str:
    return hashlib.sha256("\0".join(ids).encode()).hexdigest()[:32]


def read_index(store: EmbeddedStore) -> Index:
    """The index of a store."""
    index = Index(entries=read_entries(store))
    index.ids = sorted(index.entries)
    for thing_id, entry in index.entries.items():
        index.iris[thing_iri(thing_id).value] = thing_id
        if entry.expires is not None:
            index.expiring[thing_id] = entry.expires
    changes = _kept_numbers(store)
    index.latest = max([*changes, *(entry.number for entry in index.entries.values())], default=0)
    index.oldest = min(changes, default=index.latest + 1)
    return index


def read_entries(store: EmbeddedStore) -> dict[str, Entry]:
    """What is registered, by identifier. What other graphs say with the directory's terms does not count."""
    numbers = {
        graph: int(triple.object.value.rpartition("/")[2])
        for graph, triple in store.statements(TK.lastChange)
        if isinstance(triple.object, ox.NamedNode) and registered_id(graph) is not None
    }
    expiries = {
        graph: moment(triple.object.value)
        for graph, triple in store.statements(DISCOVERY.expires)
        if graph in numbers and isinstance(triple.object, ox.Literal)
    }
    found = {}
    for graph, number in numbers.items():
        thing_id = registered_id(graph) or ""
        found[thing_id] = Entry(thing_id=thing_id, number=number, expires=expiries.get(graph))
    return found


def _kept_numbers(store: EmbeddedStore) -> list[int]:
    """The numbers of the changes that are kept."""
    return [
        int(triple.object.value)
        for graph, triple in store.statements(TK.changeNumber)
        if isinstance(triple.object, ox.Literal) and graph == change_graph(int(triple.object.value))
    ]
