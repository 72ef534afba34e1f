"""One change of a directory, as a record, as triples, and as a server-sent event."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.directory.enriched import compact
from tinykg.directory.registration import timestamp
from tinykg.graph.iris import node, source_graph
from tinykg.graph.triples import Facts, Triples, typed
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import PROV, RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pyoxigraph as ox

    from tinykg.store.embedded import EmbeddedStore

CREATED: Final = "created"
UPDATED: Final = "updated"
DELETED: Final = "deleted"
KINDS: Final = (CREATED, UPDATED, DELETED)
EVENTS: Final = {f"thing_{kind}": kind for kind in KINDS}
"""The kind of change by the name of its event."""

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A Thing that was created, updated or deleted; `number` grows for ever.

    `content` is JSON: the whole Thing Description where it was created, the merge patch where it was
    updated, None where it was deleted.
    """

    number: int
    kind: str
    thing_id: str
    content: bytes | None

    @property
    def iri(self) -> ox.NamedNode:
        """The change's own IRI."""
        return change_iri(self.number)

    def triples(self, time: datetime) -> list[ox.Triple]:
        """What its named graph holds."""
        told = Triples()
        told.add_type(self.iri, TK.Change)
        told.add(self.iri, TK.changeNumber, self.number)
        told.add(self.iri, TK.changeKind, self.kind)
        told.add(self.iri, TK.thingId, self.thing_id)
        told.add(self.iri, PROV.generatedAtTime, typed(timestamp(time), XSD.dateTime))
        if self.content is not None:
            told.add(self.iri, TK.changeContent, typed(self.content.decode(), RDF.JSON))
        return told.done()

    def event(self, *, diff: bool) -> bytes:
        """The change as a server-sent event (WoT Discovery, 6.3.3; HTML, 9.2.6).

        With `diff` its data is the whole Thing Description or the merge patch, else the identifier alone.
        """
        data = self.content if diff and self.content is not None else compact({"id": self.thing_id})
        lines = b"".join(b"data: %b\n" % line for line in _LINE_END.split(data))
        return b"event: thing_%b\n%bid: %d\n\n" % (self.kind.encode(), lines, self.number)


def change_iri(number: int) -> ox.NamedNode:
    """The IRI of a change."""
    return node(f"change/{number}")


def change_graph(number: int) -> str:
    """The named graph of a change."""
    return source_graph("change", str(number))


def read_changes(store: EmbeddedStore, numbers: Iterable[int]) -> list[Change]:
    """The changes of these numbers that are kept, in the same order."""
    found = []
    for number in numbers:
        facts, iri = Facts(store.graph(change_graph(number))), change_iri(number).value
        kind, thing_id = facts.text(iri, TK.changeKind), facts.text(iri, TK.thingId)
        if kind is not None and thing_id is not None:
            content = facts.text(iri, TK.changeContent)
            encoded = None if content is None else content.encode()
            found.append(Change(number=number, kind=kind, thing_id=thing_id, content=encoded))
    return found


def wanted_by(changes: Iterable[Change], kinds: frozenset[str]) -> list[Change]:
    """The changes of certain kinds, in their order."""
    return [change for change in changes if change.kind in kinds]
