"""Results beside what is computed for the same file and device: what the estimates are worth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from tinykg.catalogue.benchmarks import own_runs
from tinykg.catalogue.boards import device_of
from tinykg.catalogue.builtin import runtimes
from tinykg.catalogue.lookup import file_by_digest, find, list_models, model_named
from tinykg.errors import UnknownName
from tinykg.estimate.latency import estimate_latency, processor_for
from tinykg.estimate.measurements import read_runs, read_sources
from tinykg.estimate.tables import read_tables
from tinykg.estimate.workload import workload
from tinykg.files import data_folder
from tinykg.footprint import footprint
from tinykg.graph import iris
from tinykg.graph.decode_model import decode_models
from tinykg.records.benchmark import Computed, Figure, Ground, ResultRow, ground_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinykg.records.benchmark import BenchmarkRun
    from tinykg.records.device import DeviceType
    from tinykg.records.footprint import Footprint
    from tinykg.records.measurement import MeasuredRun, MeasurementSource
    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import Runtime
    from tinykg.store.protocol import Store

BESIDE = {
    "tflm-reference": ("tflm-ref-arm32", True),
    "litert-xnnpack": ("litert-linux", True),
    "litert": ("litert-linux", False),
    "bakenn": ("static-codegen-arm32", False),
}
"""The runtime that stands beside runs by a kernel stack which has none, by the beginning of the stack's name,
and whether its kernels are the same."""

QUALITIES = ("top-1-accuracy", "auc")
"""The published figures of a model that a result without an accuracy is shown with, the first there is."""


def rows_of(
    store: Store,
    *,
    model: str | None = None,
    device: str | None = None,
    runner: str | None = None,
    published: bool = False,
) -> list[ResultRow]:
    """Our own runs of a choice, the latest first; with `published` others' runs follow.

    A runner is only ours, so that naming one leaves published runs out. Raises UnknownName.
    """
    rows = result_rows(store, own_runs(store, model=model, device=device, runner=runner))
    if published and runner is None:
        slug = None if device is None else device_of(store, find(store, "device", device)).slug
        rows += published_rows(
            store, file_sha256=model and model_named(store, model).file_sha256, device=slug
        )
    return rows


def result_rows(store: Store, runs: Iterable[BenchmarkRun]) -> list[ResultRow]:
    """Each run beside what is computed for its file on its device, in the order given."""
    known = _Known(store=store)
    return [_own(known, run) for run in runs]


def published_rows(
    store: Store, *, file_sha256: str | None = None, device: str | None = None
) -> list[ResultRow]:
    """The published runs of models beside what is computed, in the order of their sources.

    Those of one file, or on one device type by its slug, where these are given. Calls of single kernels are
    no runs of a model.
    """
    known = _Known(store=store)
    return [
        _published(known, source, run)
        for source, run in _published_runs()
        if file_sha256 in {None, run.file_sha256} and device in {None, run.device}
    ]


@cache
def _published_runs() -> tuple[tuple[MeasurementSource, MeasuredRun], ...]:
    folder = data_folder() / "measurements"
    sources = [source for source in read_sources(folder).values() if not source.kernels]
    return tuple((source, run) for source in sources for run in read_runs(folder, source))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What a registry knows of files and devices; each is looked up once."""

    store: Store
    files: dict[str, ModelFile | None] = field(default_factory=dict)
    devices: dict[str, DeviceType | None] = field(default_factory=dict)
    footprints: dict[tuple[str, str], Footprint] = field(default_factory=dict)
    qualities: dict[str, Figure | None] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)

    def file(self, sha256: str) -> ModelFile | None:
        """A model file by its checksum."""
        if sha256 not in self.files:
            self.files[sha256] = file_by_digest(self.store, sha256)
        return self.files[sha256]

    def device(self, name: str) -> DeviceType | None:
        """A device type by its slug, or a registered device in its form; None where it was removed."""
        if name not in self.devices:
            try:
                self.devices[name] = device_of(self.store, iris.device(name).value)
            except UnknownName:
                self.devices[name] = None
        return self.devices[name]

    def footprint(self, file: ModelFile, runtime: Runtime) -> Footprint:
        """A file's footprint on a runtime."""
        key = (file.sha256, runtime.name)
        if key not in self.footprints:
            self.footprints[key] = footprint(file, runtime)
        return self.footprints[key]

    def quality(self, model: str | None) -> Figure | None:
        """What is published of a model's accuracy."""
        if model is None:
            return None
        if model not in self.qualities:
            self.qualities[model] = self._quality(model)
        return self.qualities[model]

    def _quality(self, model: str) -> Figure | None:
        found = decode_models(self.store.graph(iris.graph_of(iris.model(model).value)))
        stated = {evaluation.metric: evaluation for one in found for evaluation in reversed(one.evaluations)}
        best = next((stated[metric] for metric in QUALITIES if metric in stated), None)
        if best is None:
            return None
        evidence = best.evidence.kind.value
        return Figure(metric=best.metric, value=best.value, unit="UNITLESS", evidence=evidence)

    def model_of(self, sha256: str | None) -> str | None:
        """The first model, by name, that has a file."""
        if not self.models:
            for summary in list_models(self.store):
                self.models.setdefault(summary.sha256, summary.name)
        return None if sha256 is None else self.models.get(sha256)


def _own(known: _Known, run: BenchmarkRun) -> ResultRow:
    result, ground = run.result, ground_of(run)
    words = result.emulator or result.where
    return ResultRow(
        id=run.id,
        ground=ground,
        model=run.model or f"file {run.file_sha256[:12]}",
        device=run.device,
        where=words or run.device or "nowhere",
        runner=result.runner,
        runtime=result.runtime,
        figures=result.figures,
        ended=result.ended,
        computed=_computed(
            known,
            file_sha256=run.file_sha256,
            device=run.device,
            stack=result.stack,
            runtime=run.on_runtime,
            clock_hz=result.clock_hz if result.on_device else None,
        ),
        quality=known.quality(run.model),
        run=run,
    )


def _published(known: _Known, source: MeasurementSource, run: MeasuredRun) -> ResultRow:
    model = known.model_of(run.file_sha256)
    return ResultRow(
        id=f"{source.name}/{run.run}",
        ground=Ground.PUBLISHED,
        model=model or run.model,
        device=run.device,
        where=run.board,
        runner="published",
        runtime=run.runtime,
        figures=tuple(_figures(run)),
        computed=_computed(
            known, file_sha256=run.file_sha256, device=run.device, stack=run.stack, clock_hz=run.clock_hz
        ),
        quality=known.quality(model),
        source=f"{source.address} {run.place}",
    )


def _figures(run: MeasuredRun) -> Iterator[Figure]:
    for metric, value, unit in (
        ("latency", run.latency_ms, "MilliSEC"),
        ("energy-per-inference", run.energy_uj, "MicroJ"),
        ("power", run.power_mw, "MilliW"),
        (run.metric or "", run.quality, "UNITLESS"),
        ("ram-used", run.ram_bytes, "BYTE"),
        ("flash-used", run.flash_bytes, "BYTE"),
    ):
        if value is not None:
            yield Figure(metric=metric, value=float(value), unit=unit)


def _computed(
    known: _Known,
    *,
    file_sha256: str | None,
    device: str | None,
    stack: str | None,
    runtime: str | None = None,
    clock_hz: int | None = None,
) -> Computed | None:
    """What is computed by the runtime that was named or whose kernels ran; None where there is none."""
    file = None if file_sha256 is None else known.file(file_sha256)
    board = None if device is None else known.device(device)
    chosen, same = _runtime(stack, runtime, board)
    if file is None or chosen is None:
        return None
    need = known.footprint(file, chosen)
    processor = None if board is None else processor_for(board, chosen.cores)
    if processor is not None and clock_hz is not None:
        processor = replace(processor, clock_hz=clock_hz)
    tables = read_tables(data_folder() / "estimates")
    return Computed(
        runtime=chosen.name,
        same_stack=same,
        arena_bytes=need.arena_used_bytes,
        ram_bytes=need.ram_bytes,
        flash_bytes=need.flash_bytes,
        latency=None
        if processor is None
        else estimate_latency(tables, workload(file), processor, chosen.name),
    )


def _runtime(stack: str | None, named: str | None, board: DeviceType | None) -> tuple[Runtime | None, bool]:
    """The runtime to compare with, and whether its kernels are those that ran.

    The one that was named; else, of those that the stack stands for, the newest for the board's core; else
    the one that stands beside the stack.
    """
    every = {runtime.name: runtime for runtime in runtimes()}
    if named is not None:
        return every.get(named), True
    kernels = read_tables(data_folder() / "estimates").stacks.get(stack or "")
    if board is not None and kernels is not None and kernels.runtimes:
        candidates = [every[name] for name in kernels.runtimes if name in every]
        usable = [one for one in candidates if processor_for(board, one.cores) is not None]
        return min(usable, key=lambda one: one.superseded_by is not None, default=None), True
    found = (beside for start, beside in BESIDE.items() if (stack or "").startswith(start))
    name, same = next(found, ("", False))
    return every.get(name), same
