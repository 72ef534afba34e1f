"""The registry: what is done with models and devices."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tinykg.catalogue.lookup import (
    check_task,
    file_of,
    find,
    find_any,
    list_devices,
    list_models,
    list_runtimes,
    model_named,
)
from tinykg.catalogue.sessions import open_sessions
from tinykg.errors import InputError
from tinykg.match.explain import explain
from tinykg.match.fit import Question, match, match_best
from tinykg.match.rank import rank
from tinykg.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from tinykg.catalogue.batch import Progress
    from tinykg.catalogue.local_queue import LocalQueue
    from tinykg.catalogue.sessions import Sessions
    from tinykg.catalogue.thing_models import Unit
    from tinykg.records.benchmark import BenchmarkRun, ResultRow
    from tinykg.records.board import Statement
    from tinykg.records.device import DeviceType
    from tinykg.records.finding import Finding
    from tinykg.records.firmware import FirmwareBuild
    from tinykg.records.footprint import Footprint
    from tinykg.records.listing import DeviceSummary, Intake, ModelSummary, RuntimeSummary, UnitSummary
    from tinykg.records.match import Explanation, Match
    from tinykg.records.model import Model
    from tinykg.records.model_file import ModelFile
    from tinykg.store.protocol import Rows


class Registry:
    """Models, device types and runtimes in one graph, and the questions about them.

    A folder is opened for each call and closed after it, so that other processes
    get their turn; `memory:` lives as long as the object.

    >>> with Registry.open("memory:") as registry:
    ...     [match.model for match in registry.match(device="nano33", task="regression")]
    ['Hello_World', 'hello_world_float', 'hello_world_int8']
    """

    def __init__(
        self,
        where: str | Path | None = None,
        *,
        wait_s: float | None = None,
        sessions: Sessions | None = None,
    ) -> None:
        settings = read_settings(registry=None if where is None else str(where))
        self.where = settings.registry
        if wait_s is not None:
            settings = type(settings)(registry=settings.registry, wait_s=wait_s)
        self._sessions = open_sessions(settings) if sessions is None else sessions

    @classmethod
    def open(cls, where: str | Path | None = None, *, wait_s: float | None = None) -> Self:
        """A registry in a folder, or in `memory:`; None takes TINYKG_REGISTRY or the user's data folder.

        `wait_s` is how long to wait where another process holds the folder. The first
        use of a folder fills it with the built-in catalogue.
        """
        return cls(where, wait_s=wait_s)

    @classmethod
    def over(cls, sessions: Sessions, where: str) -> Self:
        """A registry on sessions that somebody else opens and closes, such as a server's."""
        return cls(where, sessions=sessions)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def match(
        self,
        *,
        device: str | None = None,
        model: str | Path | None = None,
        runtime: str | None = None,
        task: str | None = None,
        min_accuracy: float | None = None,
        max_latency_us: float | None = None,
        senses: Sequence[str] | None = None,
        ignore_sensors: bool = False,
        sort: str = "task",
        all_verdicts: bool = False,
    ) -> list[Match]:
        """The pairs that fit, best first, each on its best runtime.

        `device` and `model` are names or aliases; `model` may be a path to a file that
        is not registered, then `senses` says which observable properties it needs.
        `max_latency_us` is the longest time of one inference, in microseconds. `ignore_sensors`
        leaves sensors out of the verdict, since they can be attached.
        `all_verdicts` adds the pairs that do not fit or are unknown, with reasons.
        Raises InputError, UnknownName, ExtractError, StoreError.
        """
        for limit in (min_accuracy, max_latency_us):
            if limit is not None and not math.isfinite(limit):
                raise InputError(f"A limit is {limit}; expected a finite number")
        with self._sessions.reading(sources=False) as store:
            if task is not None:
                check_task(store, task)
            runtime_iri = None if runtime is None else find(store, "runtime", runtime)
            device_iri = None if device is None else find(store, "device", device)
            asked, model_iri = store, None
            if isinstance(model, Path) or (model is not None and is_path(model)):
                from tinykg.catalogue.unregistered import overlay_of

                asked, model_iri = overlay_of(store, Path(model), senses)
            elif senses:
                raise InputError("What is sensed can be said of a model's file only; of a model it is known")
            elif model is not None:
                model_iri = find(store, "model", model)
            question = Question(
                device=device_iri,
                model=model_iri,
                runtime=runtime_iri,
                task=task,
                min_accuracy=min_accuracy,
                max_latency_us=max_latency_us,
                ignore_sensors=ignore_sensors,
            )
            found = rank(match_best(asked, question), sort)
        return found if all_verdicts else [m for m in found if m.verdict == "fits"]

    def explain(self, model: str | Path, device: str, *, runtime: str | None = None) -> list[Explanation]:
        """Each runtime's verdict on one pair, with all constraints and what would change it."""
        with self._sessions.reading(sources=False) as store:
            device_iri = find(store, "device", device)
            runtime_iri = None if runtime is None else find(store, "runtime", runtime)
            everywhere = store
            if isinstance(model, Path) or is_path(model):
                from tinykg.catalogue.unregistered import overlay_of

                everywhere, model_iri = overlay_of(store, Path(model), None)
            else:
                model_iri = find(store, "model", model)
            here = match(everywhere, Question(device=device_iri, model=model_iri, runtime=runtime_iri))
            others = Question(model=model_iri, runtime=runtime_iri, timed=False, only_fitting=True)
            elsewhere = match_best(everywhere, others)
            task = here[0].task if here else None
            alike = Question(device=device_iri, task=task, timed=False, only_fitting=True)
            instead = [] if task is None else match_best(store, alike)
        return [explain(m, elsewhere=elsewhere, instead=instead) for m in rank(here)]

    def build(self, model: str | Path, device: str, *, runtime: str | None = None) -> FirmwareBuild:
        """What a firmware's build needs of a model on a device, by its best runtime or by one named."""
        from tinykg.catalogue.firmware import firmware_build

        with self._sessions.reading(sources=False) as store:
            device_iri = find(store, "device", device)
            runtime_iri = None if runtime is None else find(store, "runtime", runtime)
            if isinstance(model, Path) or is_path(model):
                from tinykg.catalogue.unregistered import overlay_of

                overlay, model_iri = overlay_of(store, Path(model), None)
                return firmware_build(overlay, model_iri, device_iri, runtime_iri)
            return firmware_build(store, find(store, "model", model), device_iri, runtime_iri)

    def model_bytes(self, model: str | Path) -> bytes:
        """The bytes of a model's file, registered or not; raises ModelNotKept where only facts are known."""
        from tinykg.catalogue.model_bytes import bytes_at, bytes_of

        if isinstance(model, Path) or is_path(model):
            return bytes_at(Path(model))
        return bytes_of(self.model(model)[0], self._sessions.files())

    def inspect(self, path: str | Path, *, vela: bool = False) -> tuple[ModelFile, list[Footprint]]:
        """What a model file says, and its footprint on every runtime; nothing is registered.

        With `vela` the file is compiled for Ethos-U by the package of the extra `bench`.
        """
        from tinykg.catalogue.unregistered import footprints_by_vela, footprints_of, read_model_file

        file = read_model_file(Path(path))
        found = footprints_of(file)
        if vela:
            compiled = {f.runtime: f for f in footprints_by_vela(Path(path), Path(path).name)}
            found = [compiled.get(f.runtime, f) for f in found]
        return file, found

    def add(
        self,
        *paths: str | Path,
        dry_run: bool = False,
        replace: bool = False,
        progress: Progress | None = None,
    ) -> list[Intake]:
        """Register models and boards from files and folders; what became of each file.

        All that passes the shapes is written in one transaction; a file that cannot be
        read or breaks a rule is refused and named. Adding a file again changes nothing.
        """
        from tinykg.catalogue.intake import prepare
        from tinykg.catalogue.keep import drop_unused_files, keep_files
        from tinykg.catalogue.registered import units_anew

        wanted = [Path(path) for path in paths]
        session = self._sessions.reading() if dry_run else self._sessions.writing("adding files")
        with session as store:
            batch = prepare(store, wanted, replace=replace, progress=progress)
            if not dry_run:
                keep_files(self._sessions.files(), batch.files)
                store.replace_graphs(batch.graphs)
                store.replace_graphs(units_anew(store, batch.graphs))
                drop_unused_files(self._sessions.files(), store)
        return batch.intakes

    def remove(self, name: str, *, kind: str | None = None) -> list[str]:
        """Remove the model and the device of a name; their kinds. Raises UnknownName.

        `kind`, `model` or `device`, removes only that one.
        """
        return [kind for kind, _ in self.remove_all([name], kind=kind)]

    def remove_all(self, names: Sequence[str], *, kind: str | None = None) -> list[tuple[str, str]]:
        """Remove what goes by names, all of it or, where one is unknown, nothing; (kind, name) of each."""
        from tinykg.catalogue.boards import graphs_of
        from tinykg.catalogue.keep import drop_unused_files, files_left_by
        from tinykg.catalogue.registered import check_is_no_thing, units_anew

        kinds = ("model", "device") if kind is None else (kind,)
        with self._sessions.writing(f"removing {', '.join(names)}") as store:
            found = [(one, name, iri) for name in names for one, iri in find_any(store, name, kinds)]
            for _, _, iri in found:
                check_is_no_thing(iri)
            gone = [graph for _, _, iri in found for graph in graphs_of(store, iri)]
            store.replace_graphs({graph: [] for graph in (*gone, *files_left_by(store, gone))})
            store.replace_graphs(units_anew(store, gone))
            drop_unused_files(self._sessions.files(), store)
        return list(dict.fromkeys((one, name) for one, name, _ in found))

    def models(self, task: str | None = None) -> list[ModelSummary]:
        """All models, by name; `task` keeps those for a task or a narrower one."""
        with self._sessions.reading(sources=False) as store:
            if task is not None:
                check_task(store, task)
            return list_models(store, task)

    def devices(self, where: str | None = None) -> list[DeviceSummary]:
        """All device types, by slug; `where` keeps those that meet conditions.

        Conditions are such as `ram>=256KiB and sensor=microphone and core=Cortex-M4F`; raises InputError.
        """
        with self._sessions.reading(sources=False) as store:
            if where is None:
                return list_devices(store)
            from tinykg.catalogue.where import devices_where

            return list_devices(store, devices_where(store, where))

    def units(self) -> list[UnitSummary]:
        """The registered devices, by the ids of their Things."""
        from tinykg.catalogue.registered import units

        with self._sessions.reading(sources=False) as store:
            return units(store)

    def runtimes(self) -> list[RuntimeSummary]:
        """All runtimes, by name."""
        with self._sessions.reading(sources=False) as store:
            return list_runtimes(store)

    def model(self, name: str) -> tuple[Model, ModelFile]:
        """All that is known of one model and its file."""
        with self._sessions.reading(sources=False) as store:
            model = model_named(store, name)
            return model, file_of(store, model)

    def device(self, name: str) -> DeviceType:
        """All that is known of one device type, by its sheet and by the sources that were joined."""
        from tinykg.catalogue.boards import device_of

        with self._sessions.reading(sources=False) as store:
            return device_of(store, find(store, "device", name))

    def thing_model(self, name: str) -> dict[str, Any]:
        """The Thing Model of a device type: as it was registered, else made of what is known of it."""
        from tinykg.catalogue.thing_models import thing_model_of

        with self._sessions.reading(sources=False) as store:
            return thing_model_of(store, find(store, "device", name))

    def thing_description(self, name: str, href: str, unit: Unit) -> dict[str, Any]:
        """A Thing Description to begin with, for a unit of the device type whose Thing Model is at `href`."""
        from tinykg.catalogue.thing_models import description_of

        with self._sessions.reading(sources=False) as store:
            return description_of(store, find(store, "device", name), href, unit)

    def add_thing_model(self, text: str, address: str | None = None) -> list[Intake]:
        """Register a device type by its Thing Model; what it extends or refers to is of this registry.

        `address` is where the model is published, so that others can extend it.
        Raises InvalidThing, which names each field that is wrong.
        """
        from tinykg.catalogue.thing_model_intake import add_thing_model

        with self._sessions.writing("adding a Thing Model") as store:
            return add_thing_model(store, text, address)

    def sources(self, name: str) -> list[Statement]:
        """Every source's word on every fact of a device type, the one that was taken marked."""
        from tinykg.catalogue.boards import joined_of
        from tinykg.join.statements import statements

        with self._sessions.reading() as store:
            joined, sheet = joined_of(store, find(store, "device", name))
        return statements(joined, sheet)

    @property
    def benchmarks(self) -> LocalQueue:
        """The queue of benchmarks: what was asked for, and where each stands."""
        from tinykg.catalogue.local_queue import LocalQueue

        return LocalQueue(self._sessions)

    def results(
        self, *, model: str | None = None, device: str | None = None, runner: str | None = None
    ) -> list[BenchmarkRun]:
        """Our own runs, the latest first: of a model's file, on or for a device, by a runner."""
        from tinykg.catalogue.benchmarks import own_runs

        with self._sessions.reading(sources=False) as store:
            return own_runs(store, model=model, device=device, runner=runner)

    def result_rows(self, *, published: bool = False, **chosen: str | None) -> list[ResultRow]:
        """The `results` of a choice beside what is computed for the same file and device.

        With `published` those that others published follow, unless a runner is named. Raises UnknownName.
        """
        from tinykg.catalogue.result_rows import rows_of

        with self._sessions.reading(sources=False) as store:
            return rows_of(store, published=published, **chosen)

    def select(self, query: str) -> Rows:
        """The solutions of a SPARQL SELECT query over all graphs."""
        with self._sessions.reading() as store:
            return store.select(query)

    def validate(self, paths: Iterable[str | Path] = ()) -> list[Finding]:
        """The findings of the shapes on Turtle files, or on the whole registry where none is named."""
        from tinykg.catalogue.audit import audit_files, audit_store

        wanted = [Path(path) for path in paths]
        if wanted:
            return audit_files(wanted)
        with self._sessions.reading() as store:
            return audit_store(store)

    def export(self, name: str | None = None, form: str = "turtle", *, kind: str | None = None) -> bytes:
        """One entity's graph, or the whole registry, in a form such as `turtle`, `jsonld` or `trig`.

        `kind`, such as `model`, takes only the entity of that kind.
        """
        from tinykg.catalogue.boards import graphs_of
        from tinykg.catalogue.export import export_graph, export_registry
        from tinykg.catalogue.keep import files_of

        with self._sessions.reading() as store:
            if name is None:
                return export_registry(store, form)
            found = find_any(store, name, ("model", "device", "runtime") if kind is None else (kind,))
            graphs = [graph for _, iri in found for graph in graphs_of(store, iri)]
            return export_graph(store, [*graphs, *files_of(store, graphs)], form)


def is_path(name: str) -> bool:
    """Whether a name can only be meant as a file: it has a separator or a model file's suffix."""
    path = Path(name)
    return len(path.parts) > 1 or path.suffix.lower() in (".tflite", ".cc", ".c", ".h", ".cpp", ".hpp")
