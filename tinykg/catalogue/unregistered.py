"""A model file that nobody registered, beside all that a registry knows of boards and runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.bench import vela_compiler
from tinykg.catalogue.assemble import file_graph, graph_name, model_graph
from tinykg.catalogue.builtin import runtimes
from tinykg.catalogue.folders import check_is_file
from tinykg.catalogue.lookup import check_properties
from tinykg.errors import MissingExtra, UnknownFormat
from tinykg.extract.installed import extractor_for, model_bytes
from tinykg.extract.tflite import read_model
from tinykg.footprint import footprint, vela
from tinykg.graph.iris import model as model_iri
from tinykg.queries.load import sparql
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Model, SensorRequirement
from tinykg.records.model_file import ModelFile
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tinykg.records.footprint import Footprint
    from tinykg.store.protocol import Store

CONTEXT_GRAPH = "https://w3id.org/tinykg/graph/context"


def read_model_file(path: Path) -> ModelFile:
    """What a model file says; raises InputError for anything that is not one."""
    check_is_file(path)
    records = extractor_for(path).extract(path)
    if len(records) != 1 or not isinstance(records[0], ModelFile):
        raise UnknownFormat(path, (".tflite", "C array source"))
    return records[0]


def footprints_of(file: ModelFile) -> list[Footprint]:
    """The file's footprint on every built-in runtime."""
    return [footprint(file, runtime) for runtime in runtimes()]


def footprints_by_vela(path: Path, name: str) -> list[Footprint]:
    """What the file needs on the runtimes for Ethos-U once Vela has compiled it; raises MissingExtra."""
    if not vela_compiler.is_installed():
        raise MissingExtra("Compiling for Ethos-U", "bench")
    made = vela_compiler.compile_model(model_bytes(path), name)
    compiled = read_model(made.content, name)
    wanted = [r for r in runtimes() if r.accelerator is not None and r.accelerator.startswith("Ethos-U")]
    accelerator = vela_compiler.ACCELERATOR
    return [vela.estimated(compiled, footprint(compiled, runtime), accelerator) for runtime in wanted]


def bare_model(file: ModelFile, name: str, senses: Sequence[str] | None = None) -> Model:
    """What is known of a model when there is only its file; `senses` are slugs of properties."""
    return Model(
        name=name,
        evidence=Evidence(kind=EvidenceKind.DECLARED, source="the model file"),
        file_sha256=file.sha256,
        sensors=None if senses is None else tuple(SensorRequirement(observes=s) for s in senses),
    )


def overlay_of(store: Store, path: Path, senses: Sequence[str] | None) -> tuple[EmbeddedStore, str]:
    """A store that knows the registry's boards and this one model, and the model's IRI."""
    check_properties(store, senses or ())
    file = read_model_file(path)
    model = bare_model(file, path.name, senses)
    overlay = EmbeddedStore()
    overlay.load_new(
        {
            CONTEXT_GRAPH: store.construct(sparql("fit_context")),
            graph_name(model): model_graph(model),
            graph_name(file): file_graph(file, runtimes()),
        }
    )
    return overlay, model_iri(model.name).value
