"""SPARQL Update behind the gate: evaluated on a private copy, its effect validated and then written."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.endpoint.change import Change, commit, gated, refuse_protected
from tinykg.endpoint.update_text import clears_all, graphs_written, with_using, without_silent_loads
from tinykg.endpoint.worker import private_copy
from tinykg.errors import InputError, QuerySyntaxError, StoreError
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.guard import refuse_network
from tinykg.store.quads import graph_node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.endpoint.pool import Pool
    from tinykg.store.protocol import Dataset

_SUBJECT = "The update"


class Updates:
    """What changes a held registry by SPARQL Update."""

    def __init__(self, held: HeldRegistry, pool: Pool) -> None:
        self._held = held
        self._pool = pool

    def update(
        self,
        text: str,
        *,
        base: str | None = None,
        dataset: Dataset | None = None,
        timeout_s: float = 30.0,
        client: str = "",
    ) -> None:
        """Run an update as one transaction, or raise and change nothing.

        Its default graph is the graph without a name, not the union of all. A graph is there while it holds
        a triple. `dataset` is what the protocol's using-graph-uri and using-named-graph-uri say.
        """
        commit(
            self._held,
            self._pool,
            worked_out,
            text,
            base,
            dataset,
            self._pool.result_bytes,
            timeout_s=timeout_s,
            purpose="a SPARQL update",
            client=client,
        )


def worked_out(
    store: EmbeddedStore, text: str, base: str | None, dataset: Dataset | None, most_bytes: int
) -> Change:
    """The change that an update makes to a snapshot; in a worker, which writes to a copy of its own."""
    text = without_silent_loads(text)
    refuse_network(text)
    if clears_all(text):  # known before the work of seconds that it is for a whole catalogue
        refuse_protected(store.graph_names())
    if dataset is not None:
        text = with_using(text, dataset)
    assert store.folder is not None
    copy = private_copy(store.folder.parent, os.getpid())
    store.copy_to(copy)
    try:
        changed = EmbeddedStore(copy)
        try:
            _run(changed, text, base)
            removed, added = difference(store, changed, graphs_written(text))
        finally:
            changed.close()
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    return gated(store, removed, added, _SUBJECT, most_bytes)


def _run(store: EmbeddedStore, text: str, base: str | None) -> None:
    """Run the update; what the engine refuses of a graph that is or is not there is the sender's error."""
    try:
        store.update(text, base=base)
    except QuerySyntaxError:
        raise
    except StoreError as error:
        if isinstance(error.__cause__, RuntimeError):
            raise InputError(str(error)) from error
        raise


def difference(
    before: EmbeddedStore, after: EmbeddedStore, names: Iterable[str] | None
) -> tuple[set[ox.Quad], set[ox.Quad]]:
    """The quads that are gone and that are new, in some graphs or (None) in all.

    Both stores must name their blank nodes alike, as a copy does.
    """
    if names is None:
        form = ox.RdfFormat.N_QUADS
        old, new = (set(store.dump(form).splitlines()) for store in (before, after))
        return _read(old - new), _read(new - old)
    graphs = [graph_node(name) for name in names]
    old_quads, new_quads = (
        {quad for graph in graphs for quad in store.quads_in(graph)} for store in (before, after)
    )
    return old_quads - new_quads, new_quads - old_quads


def _read(lines: set[bytes]) -> set[ox.Quad]:
    return set(ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_QUADS))
