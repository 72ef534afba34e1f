"""Keeping the bytes of model files beside the graph, named by their sha256."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, cast

from tinykg.errors import InputError, StoreError
from tinykg.extract.installed import model_bytes
from tinykg.graph.decode_model import decode_models
from tinykg.graph.iris import source_graph
from tinykg.queries.load import sparql
from tinykg.store.folder import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pyoxigraph as ox

    from tinykg.store.protocol import Store


_KEPT = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{64}\.[0-9]+")
"""The name of a kept file, or of one that a killed process did not finish."""


def keep_files(folder: Path | None, files: Mapping[str, Path]) -> None:
    """Copy model files into the folder; those it has are left alone. None keeps nothing.

    Raises InputError where a file has another content by now than the one it was read with.
    """
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sha256, path in files.items():
            if not (folder / sha256).exists():
                content = model_bytes(path)
                if hashlib.sha256(content).hexdigest() != sha256:
                    raise InputError(
                        f"{path}: changed while it was read; nothing was registered, add it again"
                    )
                write_whole(folder / sha256, content)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}; nothing was registered") from error


def drop_unused_files(folder: Path | None, store: Store) -> None:
    """Remove kept files that no model has any more."""
    if folder is None or not folder.is_dir():
        return
    rows = store.select(sparql("models_of_file")).rows
    used = {cast("ox.Literal", sha256).value for _, sha256 in rows}
    for path in folder.iterdir():
        if path.name not in used and _KEPT.fullmatch(path.name):
            path.unlink(missing_ok=True)


def files_of(store: Store, graphs: Iterable[str]) -> list[str]:
    """The graphs of the model files that the models of some graphs have."""
    found = {model.file_sha256 for graph in graphs for model in decode_models(store.graph(graph))}
    return [source_graph("file", sha256) for sha256 in sorted(found)]


def files_left_by(store: Store, graphs: Sequence[str]) -> list[str]:
    """The graphs of model files that no model has any more once some graphs are gone."""
    had = files_of(store, graphs)
    if not had:
        return []
    staying = set(store.graph_names()) - set(graphs)
    models = [name for name in staying if name.startswith(source_graph("model", ""))]
    return sorted(set(had) - set(files_of(store, models)))
