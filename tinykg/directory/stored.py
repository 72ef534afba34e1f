"""A Thing as it is kept: read back from its named graph, and ready to be served."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tinykg.directory.enriched import closed, enriched, retrieved, with_discovery
from tinykg.directory.registration import Registration, moment
from tinykg.directory.thing_graph import registration_iri, thing_graph, thing_iri
from tinykg.errors import StoreError
from tinykg.graph.triples import Facts
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DISCOVERY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    import pyoxigraph as ox

    from tinykg.store.embedded import EmbeddedStore

_BOUND_BYTES: Final = 64 << 20
_MANY: Final = 32
"""From so many Things on, all graphs are looked through once instead of one by one."""


class _Stated(msgspec.Struct):
    """The one member that decoding a Thing needs of its text."""

    registration: dict[str, Any] = {}


_STATED: Final = msgspec.json.Decoder(_Stated)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredThing:
    """A registered Thing Description: its text as it came, and the directory's registration.

    `number` is that of the change that wrote it.
    """

    thing_id: str
    number: int
    text: str
    registration: Registration

    def document(self) -> dict[str, Any]:
        """The Thing Description as its producer wrote it."""
        return dict(json.loads(self.text))

    def enriched_document(self) -> dict[str, Any]:
        """The Thing Description as it is served, but for the time of retrieval."""
        own = self.document()
        context = with_discovery(own["@context"])
        added = {"id": self.thing_id, "registration": self.registration.members()}
        return {**own, "@context": context, **added}

    def served(self) -> ServedThing:
        """The Thing in the form that clients get."""
        head = enriched(self.text, self.thing_id, self.registration)
        tag = hashlib.sha256(b"%d\0%b" % (self.number, head)).hexdigest()[:32]
        return ServedThing(
            thing_id=self.thing_id,
            number=self.number,
            head=head,
            etag=f'"{tag}"',
            registration=self.registration,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedThing:
    """An enriched Thing Description, and its strong entity tag, which changes with each write."""

    thing_id: str
    number: int
    head: bytes
    etag: str
    registration: Registration

    def content(self, now: datetime) -> bytes:
        """The enriched Thing Description as it is retrieved now, in JSON."""
        return retrieved(self.head, now)

    def lasting(self) -> bytes:
        """The same without the time of retrieval, which is equal until the Thing is written again."""
        return closed(self.head)

    def document(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return dict(json.loads(self.lasting()))


def read_stored(store: EmbeddedStore, thing_id: str) -> StoredThing | None:
    """A registered Thing from its named graph; None where there is none."""
    return decode_stored(thing_id, store.graph(thing_graph(thing_id)))


_OF_THE_DIRECTORY: Final = (
    TK.thingDescription,
    TK.lastChange,
    DISCOVERY.dateCreated,
    DISCOVERY.dateModified,
    DISCOVERY.expires,
    DISCOVERY.ttl,
)


def read_many(store: EmbeddedStore, ids: Collection[str]) -> Iterator[StoredThing]:
    """The Things of these identifiers that are there, in their order; many of them are read at one go."""
    if len(ids) < _MANY:
        found = (read_stored(store, thing_id) for thing_id in ids)
        yield from (thing for thing in found if thing is not None)
        return
    graphs: dict[str, list[ox.Triple]] = {thing_graph(thing_id): [] for thing_id in ids}
    for predicate in _OF_THE_DIRECTORY:
        for graph, triple in store.statements(predicate):
            if graph in graphs:
                graphs[graph].append(triple)
    for thing_id, triples in zip(ids, graphs.values(), strict=True):
        thing = decode_stored(thing_id, triples)
        if thing is not None:
            yield thing


def decode_stored(thing_id: str, triples: Iterable[ox.Triple]) -> StoredThing | None:
    """The Thing that the triples of its named graph describe; None where they are those of no Thing."""
    facts = Facts(triples)
    thing, entry = thing_iri(thing_id).value, registration_iri(thing_id).value
    text, change = facts.text(thing, TK.thingDescription), facts.link(thing, TK.lastChange)
    if text is None or change is None:
        return None
    ttl_s = facts.number(entry, DISCOVERY.ttl)
    created, modified = (
        _time(facts, entry, name) for name in (DISCOVERY.dateCreated, DISCOVERY.dateModified)
    )
    if created is None or modified is None:
        raise StoreError(f"The graph of the Thing '{thing_id}' has no times of its registration.")
    return StoredThing(
        thing_id=thing_id,
        number=int(change.rpartition("/")[2]),
        text=text,
        registration=Registration(
            created=created,
            modified=modified,
            expires=_time(facts, entry, DISCOVERY.expires),
            ttl_s=ttl_s,
            stated=_STATED.decode(text).registration,
        ),
    )


def _time(facts: Facts, entry: str, name: str) -> datetime | None:
    text = facts.text(entry, name)
    return None if text is None else moment(text)


class ServedThings:
    """Things in the form that clients get, by identifier; the least recently used go first.

    What is here is of the state that its `number` names, so that who asks for the current one can tell.
    """

    def __init__(self, bound_bytes: int = _BOUND_BYTES) -> None:
        self._bound_bytes = bound_bytes
        self._lock = threading.Lock()
        self._things: OrderedDict[str, ServedThing] = OrderedDict()
        self._bytes = 0

    def find(self, thing_id: str, number: int) -> ServedThing | None:
        """The Thing as the change of that number left it, if it is here."""
        with self._lock:
            found = self._things.get(thing_id)
            if found is None or found.number != number:
                return None
            self._things.move_to_end(thing_id)
            return found

    def keep(self, thing: ServedThing) -> None:
        """Keep a Thing in place of an older state of it."""
        with self._lock:
            before = self._things.get(thing.thing_id)
            if before is not None:
                if before.number > thing.number:
                    return
                self._bytes -= len(before.head)
            self._things[thing.thing_id] = thing
            self._things.move_to_end(thing.thing_id)
            self._bytes += len(thing.head)
            while self._bytes > self._bound_bytes:
                _, gone = self._things.popitem(last=False)
                self._bytes -= len(gone.head)

    def drop(self, thing_id: str) -> None:
        """Forget a Thing that is gone."""
        with self._lock:
            gone = self._things.pop(thing_id, None)
            if gone is not None:
                self._bytes -= len(gone.head)
