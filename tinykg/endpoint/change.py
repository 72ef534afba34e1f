"""Changes of graphs: worked out and gated in a worker, written to the live store in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pyoxigraph as ox

from tinykg.errors import QueryTooBig, Refused, ShapeViolation
from tinykg.graph.iris import BASE, ONTOLOGY_GRAPH
from tinykg.store.quads import graph_name
from tinykg.validate.change import new_violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.endpoint.pool import Pool
    from tinykg.store.embedded import EmbeddedStore

    R = TypeVar("R", bound="Change")

PROTECTED = {
    f"{BASE}graph/thing/": "PUT, PATCH and DELETE of /things/{id}",
    f"{BASE}graph/change/": "the directory itself, with each change of a Thing",
    ONTOLOGY_GRAPH: "TinyKG itself, of which it is a part: every verdict rests on its terms",
}
"""Graphs that only their own route writes, by their IRI or how it begins (up to a slash), and that route."""

_TRIES = 3
"""How often a change is worked out beside other writers before it is done with all of them waiting."""

ALONE_S = 5.0
"""How long others may have to wait for that: less than the time after which they give up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be removed and added, as N-Quads, and the graphs that are dropped as a whole."""

    removed: bytes = b""
    added: bytes = b""
    dropped: tuple[str, ...] = ()


def gated(
    store: EmbeddedStore, removed: Iterable[ox.Quad], added: Iterable[ox.Quad], subject: str, most_bytes: int
) -> Change:
    """The change, if it may be made to a store.

    Raises Refused where it touches a protected graph, ShapeViolation where it would break what is sound,
    QueryTooBig where it is longer than a bound.
    """
    removed, added = set(removed), set(added)
    refuse_protected({graph_name(quad) for quad in (*removed, *added)})
    violations = new_violations(store, removed, added)
    if violations:
        raise ShapeViolation(subject, violations)
    dropped = _emptied(store, removed, added)
    rest = [quad for quad in removed if graph_name(quad) not in dropped]
    change = Change(removed=_written(rest), added=_written(added), dropped=tuple(sorted(dropped)))
    if len(change.removed) + len(change.added) > most_bytes:
        raise QueryTooBig(f"The change is longer than {most_bytes} bytes of N-Quads; make it in parts.")
    return change


def refuse_protected(names: Iterable[str]) -> None:
    """Raise Refused where one of these graphs is not for everybody to write."""
    for name in sorted(names):
        for beginning, route in PROTECTED.items():
            if name == beginning or (beginning.endswith("/") and name.startswith(beginning)):
                raise Refused(
                    f"The graph <{name}> is written only by {route}. Nothing was changed; name the graphs "
                    "that you mean."
                )


def _written(quads: Iterable[ox.Quad]) -> bytes:
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""


def _emptied(store: EmbeddedStore, removed: set[ox.Quad], added: set[ox.Quad]) -> set[str]:
    """The graphs that lose all their triples and get none."""
    gone: dict[str, int] = {}
    for quad in removed:
        name = graph_name(quad)
        gone[name] = gone.get(name, 0) + 1
    for quad in added:
        gone.pop(graph_name(quad), None)
    return {name for name, count in gone.items() if count == len(store.graph(name))}


def commit(
    held: HeldRegistry,
    pool: Pool,
    work_out: Callable[..., R],
    *args: object,
    timeout_s: float,
    purpose: str,
    client: str = "",
) -> R:
    """Let a worker work out a change, and write it; what the worker returned.

    Where another writer was quicker the change is worked out anew, at last with all writers waiting. So it
    is as if nothing had happened between what it read and what it wrote.
    """
    for _ in range(_TRIES):
        version = held.version
        change = pool.run(work_out, *args, timeout_s=timeout_s, client=client)
        if is_empty(change):
            return change
        with held.writing(purpose) as store:
            if held.version == version:
                write(store, change)
                return change
    with (
        pool.taken(timeout_s=timeout_s, client=client) as worker,  # first: who writes must not wait for one
        held.writing(purpose) as store,
    ):
        change = worker.run(work_out, *args, timeout_s=min(timeout_s, ALONE_S))
        write(store, change)
        return change


def is_empty(change: Change) -> bool:
    """Whether there is nothing to write."""
    return not (change.removed or change.added or change.dropped)


def write(store: EmbeddedStore, change: Change) -> None:
    """Make a change in one transaction."""
    form = ox.RdfFormat.N_QUADS
    store.change(
        removed=ox.parse(change.removed, format=form),
        added=ox.parse(change.added, format=form),
        dropped=change.dropped,
    )
