"""The built-in catalogue: its records, its graphs, and the proof that they passed the gate."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.catalogue.assemble import (
    device_graph,
    file_graph,
    graph_name,
    model_graph,
    provenance,
    runtime_graph,
)
from tinykg.catalogue.board_files import (
    boards_path,
    curated_parts_path,
    parts_path,
    read_all_parts,
    read_boards,
)
from tinykg.catalogue.boards import JOINED, BoardWorld, encode_said, joined_graph, said_graph
from tinykg.catalogue.facts import read_facts
from tinykg.catalogue.identity import LOCK
from tinykg.errors import StoreError
from tinykg.estimate.graphs import estimate_graphs, measurement_graphs
from tinykg.extract.curated_device import read_device
from tinykg.extract.curated_model import read_model_sheet
from tinykg.extract.curated_parts import SOURCE as DATASHEET
from tinykg.files import data_folder, ontology_files, shape_files
from tinykg.footprint import load_runtime
from tinykg.graph.iris import ONTOLOGY_GRAPH, source_graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tinykg.records.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltGraph:
    """One named graph of the catalogue; `files` are the data files it was made of."""

    name: str
    triples: list[ox.Triple]
    files: tuple[Path, ...]


@cache
def runtimes() -> tuple[Runtime, ...]:
    """The built-in runtimes, by name."""
    return tuple(load_runtime(path) for path in sorted((data_folder() / "runtimes").glob("*.toml")))


def ontology_triples() -> list[ox.Triple]:
    """The ontology with its vocabularies."""
    found: list[ox.Triple] = []
    for path in ontology_files():
        found += (quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
    return found


def facts_path(sheet: Path) -> Path:
    """Where the facts of the model that a sheet describes lie."""
    return sheet.parent / "facts" / f"{sheet.stem}.json"


def built_graphs() -> Iterator[BuiltGraph]:
    """Every named graph of the built-in catalogue, the ontology first."""
    yield from model_graphs()
    yield from device_graphs()
    yield from source_graphs()


def model_graphs() -> Iterator[BuiltGraph]:
    """The ontology, the runtimes, the models with their files, and the published figures."""
    files: set[str] = set()
    yield BuiltGraph(name=ONTOLOGY_GRAPH, triples=ontology_triples(), files=())
    for path in sorted((data_folder() / "runtimes").glob("*.toml")):
        runtime = load_runtime(path)
        yield _built(graph_name(runtime), runtime_graph(runtime), "runtime", (path,))
    for path in sorted((data_folder() / "models").glob("*.toml")):
        model = read_model_sheet(path)
        yield _built(graph_name(model), model_graph(model), "curated-model", (path,))
        facts = facts_path(path)
        file = read_facts(facts)
        if file.sha256 not in files:
            files.add(file.sha256)
            yield _built(graph_name(file), file_graph(file, runtimes()), "tflite", (facts,))

    for graph in (*measurement_graphs(), *estimate_graphs()):
        yield _built(graph.name, graph.triples, "published-table", graph.files)


def device_graphs() -> Iterator[BuiltGraph]:
    """The sheets of boards, and what boards have from joined sources, which rests on all board files."""
    sheets = [(path, read_device(path)) for path in sorted((data_folder() / "devices").glob("*.toml"))]
    for path, sheet in sheets:
        yield _built(graph_name(sheet), device_graph(sheet), "curated-device", (path,))
    world, boards = BoardWorld.empty(), read_boards()
    world.add_sheets((sheet for _, sheet in sheets), [d for members in boards.values() for d in members])
    world.parts = {said_graph(part): part for part in read_all_parts()}
    for slug, descriptions in boards.items():
        for description in descriptions:
            world.boards.put(slug, description)
    files = (boards_path(), parts_path(), curated_parts_path(), *(path for path, _ in sheets))
    for slug, joined in world.join({*boards, *world.sheets}).items():
        triples = world.triples(joined)
        if triples:
            yield _built(joined_graph(slug), triples, JOINED, files)


def source_graphs() -> Iterator[BuiltGraph]:
    """What each source says of boards and of parts."""
    for part in read_all_parts():
        file = curated_parts_path() if part.source == DATASHEET else parts_path()
        yield _built(said_graph(part), encode_said(part), part.source, (file,))
    for descriptions in read_boards().values():
        for description in descriptions:
            triples = encode_said(description)
            yield _built(said_graph(description), triples, description.source, (boards_path(),))


def _built(name: str, triples: list[ox.Triple], extractor: str, files: tuple[Path, ...]) -> BuiltGraph:
    source = files[0].relative_to(data_folder()).as_posix()
    about = provenance(name, source=source, extractor=extractor, built_in=True)
    return BuiltGraph(name=name, triples=triples + about, files=files)


def rules_digest() -> str:
    """The digest of all that decides a record's graph and whether it is sound, besides the record.

    These are the shapes, the vocabularies, and the runtimes' tables that footprints are computed from.
    """
    tables = sorted(path for path in (data_folder() / "runtimes").rglob("*") if path.is_file())
    return digest([*shape_files(), *ontology_files(), *tables])


def digest(paths: Iterable[Path]) -> str:
    """One sha256 over the contents of files, in order."""
    total = hashlib.sha256()
    for path in paths:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def are_proven(graphs: Iterable[BuiltGraph]) -> bool:
    """Whether graphs are made of files that passed the gate when the lock was written.

    False where the shapes or vocabularies have changed since.
    """
    try:
        lock = json.loads((data_folder() / LOCK).read_text(encoding="utf-8"))
        rules, known = str(lock["rules"]), dict[str, str](lock["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{data_folder() / LOCK} cannot be read: {error!r}. Run 'make catalogue'."
        ) from error
    if rules != rules_digest():
        return False
    used = {path for graph in graphs for path in graph.files}
    return all(known.get(path.relative_to(data_folder()).as_posix()) == digest_of(path) for path in used)


def digest_of(path: Path) -> str | None:
    """The sha256 of a file; None where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def to_check(graphs: Iterable[BuiltGraph]) -> dict[str, list[ox.Triple]]:
    """What the gate is asked about: each graph alone, but a board's sheet with what was joined to it."""
    sheets, joined = source_graph("device-type", ""), source_graph("joined", "")
    found: dict[str, list[ox.Triple]] = {}
    for graph in graphs:
        name = graph.name.replace(joined, sheets, 1)
        found[name] = [*found.get(name, ()), *graph.triples]
    return found
