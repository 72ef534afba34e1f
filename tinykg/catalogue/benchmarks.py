"""What a registry has for benchmarks: requests in its own names, what a worker must know, own runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.catalogue.boards import device_of
from tinykg.catalogue.jobs import run_graph
from tinykg.catalogue.lookup import file_of, find, model_named, model_of
from tinykg.catalogue.model_bytes import path_of
from tinykg.errors import BenchmarkError, InputError
from tinykg.graph import iris
from tinykg.graph.decode_benchmark import decode_runs
from tinykg.graph.decode_device import decode_device_types
from tinykg.graph.decode_model import decode_model_files, decode_models
from tinykg.graph.encode_device import encode_device_type
from tinykg.graph.encode_model import encode_model, encode_model_file
from tinykg.queries.load import sparql
from tinykg.records.benchmark import BenchmarkRequest
from tinykg.store.protocol import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkRun
    from tinykg.records.device import DeviceType
    from tinykg.records.model import Model
    from tinykg.records.model_file import ModelFile
    from tinykg.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkFacts:
    """What a runner is told: the model, its file, and the device in the form of a device type."""

    model: Model
    file: ModelFile
    device: DeviceType | None


def requested(
    store: Store,
    kept: Path | None,
    model: str,
    runner: str,
    *,
    device: str | None = None,
    runtime: str | None = None,
    options: Mapping[str, str] | None = None,
    data: str | None = None,
) -> BenchmarkRequest:
    """A request in the registry's own names; `kept` is its folder of files.

    Raises UnknownName, InputError, and ModelNotKept where there are no bytes of the model's file to run.
    """
    found = model_named(store, model)
    path_of(found, kept)
    for text in (data or "", *(options or {}), *(options or {}).values()):
        if not text.isprintable() and not text.isspace():
            raise InputError(f"{text!r} has characters that cannot be kept")
    return BenchmarkRequest(
        model=found.name,
        file_sha256=found.file_sha256,
        runner=runner,
        device=None if device is None else device_of(store, find(store, "device", device)).slug,
        runtime=None if runtime is None else iris.concept_name(find(store, "runtime", runtime)),
        options=dict(options or {}),
        data=data,
    )


def facts_for(store: Store, request: BenchmarkRequest) -> BenchmarkFacts:
    """What the runner of a request is told; raises UnknownName where something was removed meanwhile.

    Raises BenchmarkError where the model has another file by now.
    """
    model = model_of(store, iris.model(request.model).value)
    if model.file_sha256 != request.file_sha256:
        raise BenchmarkError(
            f"the model '{request.model}' has another file by now: it was {request.file_sha256[:12]}..., "
            f"it is {model.file_sha256[:12]}..."
        )
    file = file_of(store, model)
    device = None if request.device is None else device_of(store, iris.device(request.device).value)
    return BenchmarkFacts(model=model, file=file, device=device)


def facts_text(facts: BenchmarkFacts) -> str:
    """Facts as N-Triples, for a worker elsewhere."""
    triples = [*encode_model(facts.model), *encode_model_file(facts.file)]
    if facts.device is not None:
        triples += encode_device_type(facts.device)
    return (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()


def read_facts(text: str) -> BenchmarkFacts:
    """The facts that `facts_text` wrote; raises BenchmarkError where the text is something else."""
    try:
        triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]
    except (SyntaxError, ValueError) as error:
        raise BenchmarkError(f"The server's facts are no N-Triples: {error}") from error
    models, files = decode_models(triples), decode_model_files(triples)
    if len(models) != 1 or len(files) != 1:
        raise BenchmarkError(f"The server tells of {len(models)} models with {len(files)} files; expected 1")
    devices = decode_device_types(triples)
    return BenchmarkFacts(model=models[0], file=files[0], device=devices[0] if devices else None)


def own_runs(
    store: Store, *, model: str | None = None, device: str | None = None, runner: str | None = None
) -> list[BenchmarkRun]:
    """Our own runs, the latest first: of a model's file, on or for a device, by a runner.

    A device type stands for the registered devices of it, too.
    """
    rows = store.select(
        sparql(
            "benchmark_runs",
            file=None if model is None else iris.model_file(model_named(store, model).file_sha256),
            wanted=None if device is None else ox.NamedNode(find(store, "device", device)),
            runner=None if runner is None else ox.Literal(runner),
        )
    ).rows
    ids = dict.fromkeys(iris.concept_name(text_of(run) or "") for run, _ in rows)
    return [run for run_id in ids for run in _decoded(store, run_id)]


def _decoded(store: Store, run_id: str) -> Iterable[BenchmarkRun]:
    return decode_runs(store.graph(run_graph(run_id)))
