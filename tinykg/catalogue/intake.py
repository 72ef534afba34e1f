"""Files -> graphs that passed the gate; a file's fault never stops the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.catalogue.assemble import device_graph, differs, file_graph, graph_name, model_graph
from tinykg.catalogue.batch import Batch, Extracted
from tinykg.catalogue.board_intake import take_boards
from tinykg.catalogue.builtin import runtimes
from tinykg.catalogue.folders import sources_below
from tinykg.catalogue.keep import files_left_by
from tinykg.catalogue.lookup import file_by_digest
from tinykg.catalogue.unregistered import bare_model
from tinykg.errors import InputError, ShapeViolation
from tinykg.extract.installed import extractor_for
from tinykg.graph.iris import source_graph
from tinykg.queries.load import sparql
from tinykg.records.board import BoardDescription, Microcontroller
from tinykg.records.device import DeviceType
from tinykg.records.model import Model
from tinykg.records.model_file import ModelFile
from tinykg.validate.gate import check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tinykg.catalogue.batch import Progress
    from tinykg.store.protocol import Store


def prepare(
    store: Store, paths: Iterable[Path], *, replace: bool = False, progress: Progress | None = None
) -> Batch:
    """Read, assemble and check files against a store; writes nothing.

    With `replace` a model of the same name but another file is replaced, else it is refused.
    """
    batch = Batch()
    extracted = _extract(paths, batch, progress)
    files: dict[str, Extracted] = {}
    for item in extracted:
        if isinstance(item.record, ModelFile):
            files.setdefault(item.record.sha256, item)
    described = {e.record.file_sha256 for e in extracted if isinstance(e.record, Model)}
    for item in extracted:
        if isinstance(item.record, Model):
            _take_sheet(batch, store, item, files, replace=replace)
    bare: dict[str, list[str]] = {}
    for item in extracted:
        if isinstance(item.record, ModelFile) and item.record.sha256 not in described:
            _take_bare_file(batch, store, item, bare, replace=replace)
    sheets: list[DeviceType] = []
    for item in extracted:
        if isinstance(item.record, DeviceType):
            graphs = {graph_name(item.record): (item, device_graph(item.record))}
            if _offer(batch, store, item, graphs, kind="device", name=item.record.slug):
                sheets.append(item.record)
    said = [item for item in extracted if isinstance(item.record, BoardDescription | Microcontroller)]
    take_boards(batch, store, said, sheets)
    left = files_left_by(store, [name for name in batch.taken if name.startswith(source_graph("model", ""))])
    batch.graphs.update((name, []) for name in left if name not in batch.taken)
    return batch


def _extract(paths: Iterable[Path], batch: Batch, progress: Progress | None) -> list[Extracted]:
    found: list[Extracted] = []
    sources = sources_below(paths)
    for i, source in enumerate(sources):
        if progress:
            progress(i, len(sources), source.path.name)
        if source.problem is None:
            try:
                found += _records(source.path)
            except InputError as error:
                batch.refuse(source.path, error)
        else:
            batch.refuse(source.path, source.problem)
    if progress and sources:
        progress(len(sources), len(sources), "checking")
    return found


def _records(path: Path) -> list[Extracted]:
    extractor = extractor_for(path)
    return [
        Extracted(path=path, extractor=extractor.name, record=record) for record in extractor.extract(path)
    ]


def _take_sheet(
    batch: Batch, store: Store, item: Extracted, files: dict[str, Extracted], *, replace: bool
) -> None:
    model = item.record
    assert isinstance(model, Model)
    beside = files.get(model.file_sha256)
    file = beside.record if beside else file_by_digest(store, model.file_sha256)
    if not isinstance(file, ModelFile):
        batch.refuse(
            item.path,
            f"{item.path}: describes the file with sha256 {model.file_sha256[:12]}..., which is neither "
            f"among the files given nor registered; add it together with its model file",
        )
        return
    if _offer_model(batch, store, item, beside or item, model, file, replace=replace) and beside:
        batch.files[file.sha256] = beside.path


def _take_bare_file(
    batch: Batch, store: Store, item: Extracted, bare: dict[str, list[str]], *, replace: bool
) -> None:
    """Take a file that no sheet describes; `bare` holds the names that such files got, by sha256."""
    file = item.record
    assert isinstance(file, ModelFile)
    registered = (name for name in _names_of_file(store, file.sha256) if not _is_taken(batch, name))
    known = bare.get(file.sha256) or list(registered)
    if known:
        bare[file.sha256] = known
        for graph in (graph_name(file), *(source_graph("model", name) for name in known)):
            batch.taken.setdefault(graph, (item.path, frozenset()))
        batch.files.setdefault(file.sha256, item.path)
        batch.note(item.path, "model", ", ".join(known), "unchanged")
        return
    model = bare_model(file, item.path.stem)
    if _offer_model(batch, store, item, item, model, file, replace=replace):
        bare[file.sha256] = [model.name]
        batch.files[file.sha256] = item.path


def _is_taken(batch: Batch, name: str) -> bool:
    """Whether another file of the batch has a model's name by now."""
    return source_graph("model", name) in batch.taken


def _offer_model(
    batch: Batch,
    store: Store,
    item: Extracted,
    beside: Extracted,
    model: Model,
    file: ModelFile,
    *,
    replace: bool,
) -> bool:
    others = _file_of_name(store, model.name)
    if others and file.sha256 not in others and not replace:
        batch.refuse(
            item.path,
            f"{item.path}: a model named '{model.name}' with another file (sha256 {others[0][:12]}...) is "
            f"registered; give this one another name, or replace that one with --replace",
            is_conflict=True,
        )
        return False
    graphs = {
        graph_name(model): (item, model_graph(model)),
        graph_name(file): (beside, file_graph(file, runtimes())),
    }
    return _offer(batch, store, item, graphs, kind="model", name=model.name)


def _offer(
    batch: Batch,
    store: Store,
    item: Extracted,
    graphs: Mapping[str, tuple[Extracted, list[ox.Triple]]],
    *,
    kind: str,
    name: str,
) -> bool:
    """Check a record's graphs together; put those into the batch that the store does not hold just so.

    Each graph comes with the file that says it; the first graph is the record's own. Returns whether
    it is taken.
    """
    own = next(iter(graphs))
    if own in batch.taken:
        return _offer_again(batch, item, own, graphs[own][1], kind=kind, name=name)
    changed = {
        graph: origin.graph(graph, triples)
        for graph, (origin, triples) in graphs.items()
        if differs(store, graph, triples)
    }
    if changed:
        context = [t for graph, (_, triples) in graphs.items() if graph not in changed for t in triples]
        try:
            check([*context, *(t for triples in changed.values() for t in triples)], item.path.name)
        except ShapeViolation as error:
            batch.refuse(item.path, error)
            return False
    status = "unchanged" if not changed else "updated" if store.graph(own) else "added"
    batch.graphs.update(changed)
    batch.taken.update((graph, (item.path, frozenset(triples))) for graph, (_, triples) in graphs.items())
    batch.note(item.path, kind, name, status)
    return True


def _offer_again(
    batch: Batch, item: Extracted, graph: str, triples: list[ox.Triple], *, kind: str, name: str
) -> bool:
    """A second record of a name: taken where it says the same."""
    first, known = batch.taken[graph]
    if set(triples) == known:
        batch.note(item.path, kind, name, "unchanged")
        return True
    batch.refuse(
        item.path,
        f"{item.path}: another {kind} named '{name}' is taken from {first}; give one another name",
        is_conflict=True,
    )
    return False


def _names_of_file(store: Store, sha256: str) -> list[str]:
    rows = store.select(sparql("models_of_file", sha256=ox.Literal(sha256))).rows
    return [name.value for name, _ in rows if isinstance(name, ox.Literal)]


def _file_of_name(store: Store, name: str) -> list[str]:
    rows = store.select(sparql("models_of_file", name=ox.Literal(name))).rows
    return [sha.value for _, sha in rows if isinstance(sha, ox.Literal)]
