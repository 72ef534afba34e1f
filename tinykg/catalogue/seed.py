"""First use: the built-in catalogue enters a registry, all of it or nothing."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.catalogue.assemble import file_graph
from tinykg.catalogue.builtin import built_graphs, proven, runtimes
from tinykg.catalogue.identity import identity
from tinykg.catalogue.keep import files_of
from tinykg.errors import StoreError
from tinykg.graph.decode_model import decode_model_files
from tinykg.graph.iris import ONTOLOGY_GRAPH, source_graph
from tinykg.queries.load import sparql
from tinykg.store.embedded import EmbeddedStore
from tinykg.validate.gate import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.store.folder import RegistryFolder
    from tinykg.store.protocol import Store


def checked_graphs() -> dict[str, list[ox.Triple]]:
    """The catalogue's graphs; they pass the gate here unless the lock file proves that they did."""
    built = list(built_graphs())
    if not proven().issuperset(graph.name for graph in built if graph.files):
        check([t for graph in built if graph.files for t in graph.triples], "the built-in catalogue")
    return {graph.name: graph.triples for graph in built}


def seed_memory() -> EmbeddedStore:
    """A store in memory that holds the catalogue."""
    store = EmbeddedStore()
    store.load_new(checked_graphs())
    return store


def seed_folder(folder: RegistryFolder) -> None:
    """Fill a new folder, or bring an old catalogue up to date; hold the folder for writing.

    A new store is built beside its place and moved there in one step, so that a
    kill leaves either no store or a whole one.
    """
    folder.remove_leftovers()
    graphs = checked_graphs()
    if folder.store.is_dir():
        _renew(folder, graphs)
    else:
        _build(folder, graphs)
    folder.write_state(identity())


def _build(folder: RegistryFolder, graphs: Mapping[str, list[ox.Triple]]) -> None:
    workplace = folder.path / f"seeding-{os.getpid()}"
    try:
        store = EmbeddedStore(workplace)
        store.load_new(graphs)
        store.close()
        workplace.rename(folder.store)
    except OSError as error:
        shutil.rmtree(workplace, ignore_errors=True)
        raise StoreError(f"The registry {folder.path} cannot be filled: {error.strerror}") from error


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
