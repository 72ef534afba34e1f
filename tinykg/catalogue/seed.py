"""First use: the built-in catalogue enters a registry, all of it or nothing."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.catalogue.assemble import file_graph
from tinykg.catalogue.boards import joined_anew
from tinykg.catalogue.builtin import (
    are_proven,
    built_graphs,
    device_graphs,
    model_graphs,
    runtimes,
    source_graphs,
    to_check,
)
from tinykg.catalogue.identity import identity
from tinykg.catalogue.keep import files_of
from tinykg.catalogue.registered import units_anew
from tinykg.errors import StoreError
from tinykg.graph.decode_model import decode_model_files
from tinykg.graph.iris import ONTOLOGY_GRAPH, source_graph
from tinykg.queries.load import sparql
from tinykg.store.embedded import EmbeddedStore
from tinykg.validate.batch import check_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tinykg.catalogue.builtin import BuiltGraph
    from tinykg.store.folder import RegistryFolder
    from tinykg.store.protocol import Store


def checked_graphs() -> dict[str, list[ox.Triple]]:
    """The catalogue's graphs, which are sound."""
    return checked(built_graphs())


def checked(graphs: Iterable[BuiltGraph]) -> dict[str, list[ox.Triple]]:
    """Graphs by name; they pass the gate here unless the lock file proves that they did."""
    built = list(graphs)
    if not are_proven(built):
        check_all(to_check(graph for graph in built if graph.files), "the built-in catalogue")
    return {graph.name: graph.triples for graph in built}


def seed_memory() -> EmbeddedStore:
    """A store in memory that holds the catalogue."""
    store = EmbeddedStore()
    store.load_new(checked_graphs())
    return store


def seed_folder(folder: RegistryFolder) -> None:
    """Fill a new folder, or bring an old catalogue up to date; hold the folder for writing.

    A new store is built beside its place and moved there in one step, so that a kill leaves either no
    store or one that has all that questions are decided by; `add_sources` puts in the rest.
    """
    folder.remove_leftovers()
    if folder.store.is_dir():
        _renew(folder, checked_graphs())
        folder.write_state(identity(), sources=True)
    else:
        _build(folder)
        folder.write_state(identity(), sources=False)


def add_sources(folder: RegistryFolder) -> None:
    """Put what sources say of boards and parts into a folder that has all else; hold it for writing.

    A kill leaves some of it, and the state that says that it is not all: the next one who needs it goes on.
    """
    store = EmbeddedStore(folder.store)
    try:
        store.load_new(checked(source_graphs()))
    finally:
        store.close()
    folder.write_state(identity(), sources=True)


def _build(folder: RegistryFolder) -> None:
    workplace = folder.path / f"seeding-{os.getpid()}"
    try:
        store = EmbeddedStore(workplace)
        if not _filled_by_two(store, workplace):
            store.load_new(checked([*model_graphs(), *device_graphs()]))
        store.close()
        workplace.rename(folder.store)
    except OSError as error:
        shutil.rmtree(workplace, ignore_errors=True)
        raise StoreError(f"The registry {folder.path} cannot be filled: {error.strerror or error}") from error


def _filled_by_two(store: EmbeddedStore, workplace: Path) -> bool:
    """Fill a new store, its boards made by a fork of this process meanwhile; False where that fails.

    Only a catalogue that is proven is filled in so.
    """
    if sys.platform != "linux" or threading.active_count() > 1 or len(os.sched_getaffinity(0)) < 2:
        return False
    boards = workplace / "boards.nq"
    process = multiprocessing.get_context("fork").Process(target=_write_devices, args=(boards,))
    process.start()
    try:
        graphs = list(model_graphs())
        sound = are_proven(graphs)
        if sound:
            store.load_new({graph.name: graph.triples for graph in graphs})
    finally:
        process.join()
    if not sound or process.exitcode != 0:
        return False
    store.load_file(boards)
    boards.unlink()
    return True


def _write_devices(path: Path) -> None:
    """In the fork: write the graphs of the boards as N-Quads; ends with 1 where one is not proven.

    It is silent: what goes wrong here, or stops both from the keyboard, the process that waits tells.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    graphs = list(device_graphs())
    if not are_proven(graphs):
        raise SystemExit(1)
    quads = (
        ox.Quad(t.subject, t.predicate, t.object, node)
        for node, triples in ((ox.NamedNode(graph.name), graph.triples) for graph in graphs)
        for t in triples
    )
    try:
        with path.open("wb") as file:
            ox.serialize(quads, file, format=ox.RdfFormat.N_QUADS)
    except OSError:
        raise SystemExit(1) from None


def _renew(folder: RegistryFolder, graphs: Mapping[str, list[ox.Triple]]) -> None:
    store = EmbeddedStore(folder.store)
    try:
        ours = built_in_graphs(store)
        of_the_user = set(store.graph_names()) - ours - {ONTOLOGY_GRAPH}
        needed = set(files_of(store, (name for name in of_the_user if _is(name, "model"))))
        kept = of_the_user | (needed - graphs.keys())
        fresh = {name: triples for name, triples in graphs.items() if name not in of_the_user}
        anew = {name: _on_todays_runtimes(store, name) for name in kept if _is(name, "file")}
        store.replace_graphs({**fresh, **anew, **{name: [] for name in ours - kept - graphs.keys()}})
        store.replace_graphs(joined_anew(store, of_the_user))
        store.replace_graphs(units_anew(store, ours | fresh.keys()))
    finally:
        store.close()


def _is(graph: str, kind: str) -> bool:
    return graph.startswith(source_graph(kind, ""))


def _on_todays_runtimes(store: Store, name: str) -> list[ox.Triple]:
    """The graph of a model file that stays, with its footprints computed anew."""
    present = store.graph(name)
    about = [triple for triple in present if triple.subject == ox.NamedNode(name)]
    return [*about, *(t for file in decode_model_files(present) for t in file_graph(file, runtimes()))]


def built_in_graphs(store: Store) -> set[str]:
    """The graphs in a store that came from the catalogue, not from its user."""
    rows = store.select(sparql("built_in_graphs")).rows
    return {term.value for (term,) in rows if isinstance(term, ox.NamedNode)}
