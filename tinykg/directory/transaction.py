"""Several changes of a directory that are written together: Things, their devices and the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.catalogue.registered import device_graphs
from tinykg.directory.change import CREATED, DELETED, UPDATED, Change, change_graph
from tinykg.directory.enriched import compact
from tinykg.directory.index import Entry
from tinykg.directory.stored import StoredThing
from tinykg.directory.thing_graph import leaves_answers, registered_triples, thing_graph
from tinykg.things.merge_patch import difference
from tinykg.validate.gate import check
from tinykg.validate.targets import concerns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pyoxigraph as ox

    from tinykg.directory.index import Index
    from tinykg.directory.prepared import Prepared
    from tinykg.directory.registration import Registration
    from tinykg.directory.stored import ServedThing
    from tinykg.store.embedded import EmbeddedStore


class Transaction:
    """What is about to be written; nothing is before `commit`, then all of it is or nothing."""

    def __init__(self, store: EmbeddedStore, index: Index, now: datetime) -> None:
        self._store = store
        self._index = index
        self._now = now
        self._graphs: dict[str, list[ox.Triple]] = {}
        self._entries: dict[str, Entry | None] = {}
        self.changes: list[Change] = []
        self.served: list[ServedThing] = []

    def put(self, prepared: Prepared, registration: Registration, before: ServedThing | None) -> ServedThing:
        """Register a Thing, or replace what is registered of it."""
        number = self._next()
        stored = StoredThing(
            thing_id=prepared.thing_id, number=number, text=prepared.text, registration=registration
        )
        served = stored.served()
        devices = device_graphs(self._store, prepared.thing_id, prepared.document)
        _check(prepared, devices)
        triples = registered_triples(prepared.thing_id, prepared.text, registration, number)
        self._graphs[thing_graph(prepared.thing_id)] = [*prepared.told, *triples]
        self._graphs.update(devices)
        self._entries[prepared.thing_id] = Entry(
            thing_id=prepared.thing_id, number=number, expires=registration.expires
        )
        if before is None:
            self._log(CREATED, prepared.thing_id, served.lasting())
        else:
            patch = difference(before.document(), served.document())
            self._log(UPDATED, prepared.thing_id, compact({**patch, "id": prepared.thing_id}))
        self.served.append(served)
        return served

    def delete(self, thing_id: str) -> None:
        """Remove a Thing and all that came with it."""
        self._graphs[thing_graph(thing_id)] = []
        devices = device_graphs(self._store, thing_id, None)
        self._graphs.update(devices)
        self._entries[thing_id] = None
        self._log(DELETED, thing_id, None)

    def commit(self, kept_changes: int) -> None:
        """Write it all, with the changes that tell of it; of these the last `kept_changes` are kept."""
        for change in self.changes:
            self._graphs[change_graph(change.number)] = change.triples(self._now)
        latest = self.changes[-1].number
        oldest = max(self._index.oldest, latest - kept_changes + 1)
        for number in range(self._index.oldest, min(oldest, latest)):
            self._graphs[change_graph(number)] = []
        self._store.replace_graphs(self._graphs, leaves_answers)
        self._index.oldest, self._index.latest = oldest, latest
        for thing_id, entry in self._entries.items():
            if entry is None:
                self._index.drop(thing_id)
            else:
                self._index.put(entry)

    def _next(self) -> int:
        return self._index.latest + len(self.changes) + 1

    def _log(self, kind: str, thing_id: str, content: bytes | None) -> None:
        change = Change(number=self._next(), kind=kind, thing_id=thing_id, content=content)
        self.changes.append(change)


def _check(prepared: Prepared, devices: Mapping[str, list[ox.Triple]]) -> None:
    """Raise ShapeViolation where what a Thing says of itself, or as a device, breaks a shape.

    What the directory states by itself is not checked on each write: it is made here, of values that are
    checked already, and tests hold it against the shapes.
    """
    said = [*prepared.told, *(triple for graph in devices.values() for triple in graph)]
    if concerns(said):
        check(said, prepared.thing_id)
