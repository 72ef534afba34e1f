"""Directory: the verbs of a Thing Description Directory (WoT Discovery, 6.3) on a held registry."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import uuid4

from tinykg.directory.change import DELETED, KINDS, read_changes
from tinykg.directory.conditions import UNCONDITIONAL, Conditions
from tinykg.directory.enriched import compact
from tinykg.directory.expiry import Expiry
from tinykg.directory.feed import Feed
from tinykg.directory.index import Index, read_index
from tinykg.directory.jsonpath import jsonpath_matches
from tinykg.directory.prepared import Prepared, prepare, read_document, read_patch, refused_id, require_id
from tinykg.directory.registration import register
from tinykg.directory.stored import ServedThing, ServedThings, StoredThing, read_many, read_stored
from tinykg.directory.thing_graph import thing_graph
from tinykg.directory.transaction import Transaction
from tinykg.directory.xpath import xpath_matches
from tinykg.errors import ThingNotFound
from tinykg.settings import ServeSettings
from tinykg.things.merge_patch import merged
from tinykg.vocab.tinykg import TK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from types import TracebackType

    import pyoxigraph as ox

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.directory.change import Change
    from tinykg.endpoint.pool import Pool
    from tinykg.store.embedded import EmbeddedStore

_TRIES: Final = 3
"""So often a patch is computed outside of the lock before it is computed inside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A Thing that was written: whether it is a new one, and its entity tag."""

    thing_id: str
    is_new: bool
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of the registered Things in order; `next_offset` None on the last page.

    `total` is how many there are in all, `etag` changes whenever the order of all can have changed.
    """

    things: Sequence[ServedThing]
    total: int
    next_offset: int | None
    etag: str
    time: datetime


class Directory:
    """A Thing Description Directory whose only memory is the graph of a held registry.

    Of the settings count how long a description may be asked to be kept, how many changes are kept for
    listeners that come back, and how long a search may take. `clock` tells the time in UTC. All methods may
    be called from any thread. As a context it removes what expires, and ends its streams of events at last.
    """

    def __init__(
        self,
        held: HeldRegistry,
        pool: Pool,
        settings: ServeSettings | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        settings = settings or ServeSettings()
        self._held = held
        self._pool = pool
        self._max_ttl_s = settings.max_ttl_s
        self._kept_changes = max(1, settings.kept_changes)
        self._search_timeout_s = settings.query_timeout_s
        self._clock = clock
        self._index = Index()
        self._index_version = -1
        self._index_lock = threading.Lock()
        self._served = ServedThings()
        self._feed = Feed(self._older_changes, self._current().latest)
        self._expiry = Expiry(self.purge, self.next_expiry, clock)

    def __enter__(self) -> Self:
        self._expiry.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all streams of events and the removal of what expires."""
        self._feed.close()
        self._expiry.stop()

    # reading

    def size(self) -> int:
        """How many Things are registered."""
        index, now = self._current(), self._clock()
        return len(index.ids) - len(index.expired(now))

    def now(self) -> datetime:
        """The directory's time."""
        return self._clock()

    def resolve(self, names: Sequence[str]) -> str:
        """The first reading of a path that is a registered Thing's identifier, else the first of all."""
        index, now = self._current(), self._clock()
        return next((name for name in names if index.find(name, now) is not None), names[0])

    def get(self, thing_id: str) -> ServedThing:
        """A registered Thing; raises ThingNotFound."""
        found = self._find(thing_id)
        if found is None:
            raise ThingNotFound(thing_id)
        return found

    def triples(self, things: Sequence[ServedThing]) -> list[ox.Triple]:
        """Things as RDF: what their descriptions say, and their registrations, without the text in JSON."""
        with self._held.reading() as store:
            graphs = [store.graph(thing_graph(thing.thing_id)) for thing in things]
        return [t for graph in graphs for t in graph if t.predicate.value != TK.thingDescription]

    def page(self, offset: int = 0, limit: int | None = None) -> Page:
        """The registered Things from a place in their order on, at most `limit` of them."""
        index, now = self._current(), self._clock()
        ids = index.live_ids(now)
        end = len(ids) if limit is None else min(offset + limit, len(ids))
        return Page(
            things=self._many(index, ids[offset:end]),
            total=len(ids),
            next_offset=end if end < len(ids) else None,
            etag=index.order_tag(ids),
            time=now,
        )

    def search_jsonpath(self, query: str, *, client: str = "") -> bytes:
        """The JSON array of what a JSONPath query (RFC 9535) selects in the array of all Things."""
        return self._search(jsonpath_matches, query, client)

    def search_xpath(self, query: str, *, client: str = "") -> bytes:
        """The JSON array of what an XPath 3.1 expression selects in the XML form of all Things."""
        return self._search(xpath_matches, query, client)

    def events(
        self, kinds: frozenset[str] = frozenset(KINDS), *, diff: bool = False, after: int | None = None
    ) -> AsyncIterator[bytes]:
        """Server-sent events for ever: those after a number that a client had last, or from now on."""
        return self._feed.follow(kinds, diff=diff, after=after)

    # writing

    def create(self, content: bytes) -> Written:
        """Register a Thing Description that has no identifier, under a new urn:uuid (6.3.2.1.1)."""
        text, document = read_document(content)
        if "id" in document:
            raise refused_id("is given; send a Thing Description that has an id with PUT /things/{id}.")
        prepared = self._prepare(uuid4().urn, text, document)
        return self._put(prepared, UNCONDITIONAL)

    def put(self, names: Sequence[str], content: bytes, conditions: Conditions = UNCONDITIONAL) -> Written:
        """Register a Thing Description, or replace it; its `id` is one of the readings of the path."""
        text, document = read_document(content)
        thing_id = require_id(document)
        if thing_id not in names:
            raise refused_id(f"is '{thing_id}', and the path says '{names[0]}'; make them equal.")
        return self._put(self._prepare(thing_id, text, document), conditions)

    def patch(self, thing_id: str, content: bytes, conditions: Conditions = UNCONDITIONAL) -> Written:
        """Change a Thing Description by a merge patch (RFC 7396); an empty one keeps it alive."""
        patch = read_patch(content)
        if patch.get("id", thing_id) != thing_id:
            raise refused_id(f"would change from '{thing_id}'; register another Thing instead.")
        for _ in range(_TRIES):  # prepared outside of the lock, as long as nobody else writes meanwhile
            with self._held.reading() as store:
                before = self._stored(store, thing_id)
            prepared = self._patched(before, patch)
            with self._writing(f"patching {thing_id}") as (store, index):
                entry = index.find(thing_id, self._clock())
                if entry is not None and entry.number == before.number:
                    return self._write(store, index, prepared, conditions)
        with self._writing(f"patching {thing_id}") as (store, index):
            prepared = self._patched(self._stored(store, thing_id), patch)
            return self._write(store, index, prepared, conditions)

    def delete(self, thing_id: str, conditions: Conditions = UNCONDITIONAL) -> None:
        """Remove a registered Thing; raises ThingNotFound."""
        with self._writing(f"deleting {thing_id}") as (store, index):
            found = self._find(thing_id)
            if found is None:
                raise ThingNotFound(thing_id)
            conditions.check(f"The Thing '{thing_id}'", found.etag)
            change = Transaction(store, index, self._clock())
            change.delete(thing_id)
            self._commit(change)

    def purge(self) -> list[str]:
        """Remove what has expired, and tell of it; the identifiers of what is gone."""
        if not self._current().expired(self._clock()):
            return []
        with self._writing("removing what has expired") as (store, index):
            now = self._clock()
            gone = index.expired(now)
            if gone:
                change = Transaction(store, index, now)
                for thing_id in gone:
                    change.delete(thing_id)
                self._commit(change)
            return gone

    def next_expiry(self) -> datetime | None:
        """When the next description expires; None where none does."""
        return min(self._current().expiring.copy().values(), default=None)

    # within

    def _search(self, matches: Callable[..., bytes], query: str, client: str) -> bytes:
        most_bytes, timeout_s = self._pool.result_bytes, self._search_timeout_s
        return self._pool.run(matches, query, self._clock(), most_bytes, timeout_s=timeout_s, client=client)

    def _prepare(self, thing_id: str, text: str, document: dict[str, Any]) -> Prepared:
        iris = self._current().iris
        return prepare(thing_id, text, document, lambda iri: iri in iris and iris[iri] != thing_id)

    def _patched(self, before: StoredThing, patch: dict[str, Any]) -> Prepared:
        document = before.document()
        after = merged(document, patch)
        text = compact(after).decode()
        if text == compact(document).decode():  # it keeps its own spelling
            text = before.text
        return self._prepare(before.thing_id, text, after)

    def _put(self, prepared: Prepared, conditions: Conditions) -> Written:
        with self._writing(f"registering {prepared.thing_id}") as (store, index):
            return self._write(store, index, prepared, conditions)

    def _write(
        self, store: EmbeddedStore, index: Index, prepared: Prepared, conditions: Conditions
    ) -> Written:
        thing_id, now = prepared.thing_id, self._clock()
        before = self._find(thing_id)
        conditions.check(f"The Thing '{thing_id}'", None if before is None else before.etag)
        change = Transaction(store, index, now)
        if before is None and thing_id in index.entries:
            change.delete(thing_id)  # it has expired: another one takes its place
        created = None if before is None else before.registration.created
        registration = register(prepared.document, now, created=created, max_ttl_s=self._max_ttl_s)
        served = change.put(prepared, registration, before)
        self._commit(change)
        return Written(thing_id=thing_id, is_new=before is None, etag=served.etag)

    @contextmanager
    def _writing(self, purpose: str) -> Iterator[tuple[EmbeddedStore, Index]]:
        with self._held.writing(purpose) as store:
            yield store, self._current()

    def _commit(self, change: Transaction) -> None:
        with self._index_lock:  # who sees the new version waits here for the index of it
            change.commit(self._kept_changes)
            self._index_version = self._held.version
        for one in change.changes:
            if one.kind == DELETED:
                self._served.drop(one.thing_id)
        for thing in change.served:
            self._served.keep(thing)
        self._feed.publish(change.changes)
        if any(thing.registration.expires is not None for thing in change.served):
            self._expiry.look_again()

    def _current(self) -> Index:
        """The index of the store as it is.

        Where somebody has written to the store, the log of changes tells whether the index still holds:
        every write to a Thing leaves a change in it, and nobody but a directory may write to their graphs.
        """
        if self._index_version != self._held.version:
            with self._index_lock:
                version = self._held.version
                if self._index_version != version:
                    with self._held.reading() as store:
                        if self._index_version < 0 or not self._index.is_current(store):
                            self._index = read_index(store)
                    self._index_version = version
        return self._index

    def _stored(self, store: EmbeddedStore, thing_id: str) -> StoredThing:
        entry = self._current().find(thing_id, self._clock())
        found = None if entry is None else read_stored(store, thing_id)
        if found is None:
            raise ThingNotFound(thing_id)
        return found

    def _find(self, thing_id: str) -> ServedThing | None:
        index = self._current()
        if index.find(thing_id, self._clock()) is None:
            return None
        return next(iter(self._many(index, [thing_id])), None)

    def _many(self, index: Index, ids: Sequence[str]) -> list[ServedThing]:
        """The Things of these identifiers that are still there, in their order."""
        found: dict[str, ServedThing] = {}
        for thing_id in ids:
            entry = index.entries.get(thing_id)
            thing = None if entry is None else self._served.find(thing_id, entry.number)
            if thing is not None:
                found[thing_id] = thing
        missing = [thing_id for thing_id in ids if thing_id not in found]
        if missing:
            for thing in self._read(missing):
                self._served.keep(thing)
                found[thing.thing_id] = thing
        return [found[thing_id] for thing_id in ids if thing_id in found]

    def _read(self, ids: Sequence[str]) -> Iterator[ServedThing]:
        with self._held.reading() as store:
            for thing in read_many(store, ids):
                yield thing.served()

    def _older_changes(self, after: int, most: int) -> list[Change]:
        index = self._current()
        begin = max(after + 1, index.oldest)
        with self._held.reading() as store:
            return read_changes(store, range(begin, min(begin + most, index.latest + 1)))
