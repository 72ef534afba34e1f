"""What is removed between two steps of a piece of work is an error that says so, never another thing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from intake_files import BOARD, digest, model_bytes, write_board, write_model, write_model_sheet
from registry_content import everything

from tinykg.catalogue.boards import device_of
from tinykg.catalogue.firmware import firmware_build
from tinykg.catalogue.lookup import file_by_digest, file_of, find_any, model_of
from tinykg.catalogue.sessions import open_sessions
from tinykg.errors import BenchmarkError, InputError, ModelNotKept, StoreError, UnknownName
from tinykg.graph import iris
from tinykg.records.benchmark import BenchmarkResult, Figure, Tool
from tinykg.settings import Settings
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tinykg.records.benchmark import Job
    from tinykg.registry import Registry
    from tinykg.store.protocol import Store

SHA256 = digest(model_bytes())


@pytest.fixture
def registry(small_registry: Registry, tmp_path: Path) -> Registry:
    """A registry with a model and a board of the user."""
    small_registry.add(write_model(tmp_path / "waves.tflite"), write_board(tmp_path / "my-board.toml"))
    return small_registry


@pytest.fixture
def job(registry: Registry) -> Job:
    queue = registry.benchmarks
    return queue.create(queue.request("waves", "plain", device="my-board", runtime="tflm-ref-arm32"), "ana")


def drop(registry: Registry, *graphs: str) -> None:
    """Empty graphs past all rules, as a SPARQL update or another process does between two steps."""
    with open_sessions(Settings(registry=registry.where)).writing("a test") as store:
        assert store.replace_graphs({graph: [] for graph in graphs})


def result(**said: object) -> BenchmarkResult:
    now = datetime(2026, 2, 1, 12, tzinfo=UTC)
    figure = Figure(metric="latency", value=1.5, unit="MilliSEC")
    tools = (Tool(name="a tool", version="1"),)
    base = BenchmarkResult(
        runner="plain", tools=tools, figures=(figure,), started=now, ended=now, runtime="r", where="a host"
    )
    return replace(base, **said)  # type: ignore[arg-type]  # by name


# -- a job whose subject goes


def test_a_model_whose_files_facts_are_gone_is_an_unknown_one_in_every_answer(
    registry: Registry, job: Job, tmp_path: Path
) -> None:
    drop(registry, iris.source_graph("file", SHA256))
    for ask in (
        lambda: registry.model("waves"),
        lambda: registry.model_bytes("waves"),
        lambda: registry.benchmarks.task(job, tmp_path),
    ):
        with pytest.raises(UnknownName, match="No model 'waves'"):
            ask()


def test_a_task_has_what_was_asked_for(registry: Registry, job: Job, tmp_path: Path) -> None:
    task = registry.benchmarks.task(job, tmp_path)
    assert (task.model.name, task.content, task.runtime) == ("waves", model_bytes(), "tflm-ref-arm32")
    assert task.device is not None
    assert task.device.slug == "my-board"


def test_a_job_never_runs_another_model_that_goes_by_the_name(
    registry: Registry, job: Job, tmp_path: Path
) -> None:
    """The other one has even the same file."""
    sheet = write_model_sheet(tmp_path / "sheet.toml", SHA256, name="other", more='aliases = ["waves"]')
    registry.add(sheet)
    registry.remove("waves")
    assert registry.model("waves")[0].name == "other"
    with pytest.raises(UnknownName, match="No model 'waves'"):
        registry.benchmarks.task(job, tmp_path)


def test_a_job_never_takes_another_board_that_goes_by_the_name(
    registry: Registry, job: Job, tmp_path: Path
) -> None:
    board = BOARD.replace('"My board"', '"Other"').replace('["mb"]', '["my-board"]')
    registry.add(write_board(tmp_path / "other.toml", board))
    registry.remove("my-board")
    assert registry.device("my-board").slug == "other"
    with pytest.raises(UnknownName, match="No device 'my-board'"):
        registry.benchmarks.task(job, tmp_path)


def test_a_job_does_not_run_the_file_that_replaced_its_models(
    registry: Registry, job: Job, tmp_path: Path
) -> None:
    registry.add(write_model(tmp_path / "b" / "waves.tflite", 2), replace=True)
    with pytest.raises(BenchmarkError, match=f"another file by now: it was {SHA256[:12]}"):
        registry.benchmarks.task(job, tmp_path)


@pytest.mark.parametrize("damage", ["gone", "changed", "a folder"])
def test_a_job_whose_models_bytes_are_damaged_says_so(
    registry: Registry, job: Job, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "registry" / "files" / SHA256
    path.unlink()
    if damage == "changed":
        path.write_bytes(model_bytes()[:-2])
    elif damage == "a folder":
        path.mkdir()
    with pytest.raises(StoreError if damage == "changed" else ModelNotKept):
        registry.benchmarks.task(job, tmp_path)


def test_adding_the_file_again_repairs_what_was_lost(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "registry" / "files" / SHA256
    path.unlink()
    assert [intake.status for intake in registry.add(tmp_path / "waves.tflite")] == ["unchanged"]
    assert registry.model_bytes("waves") == model_bytes()


def test_a_runtime_that_a_release_gives_up_leaves_its_jobs_to_run(
    registry: Registry, job: Job, tmp_path: Path
) -> None:
    drop(registry, iris.source_graph("runtime", "tflm-ref-arm32"))
    assert registry.benchmarks.task(job, tmp_path).runtime == "tflm-ref-arm32"
    with pytest.raises(UnknownName, match="No runtime"):
        registry.benchmarks.request("waves", "plain", runtime="tflm-ref-arm32")


def test_a_result_of_what_is_gone_is_kept_and_shown_without_what_is_not_known(
    registry: Registry, job: Job
) -> None:
    registry.remove("waves")
    registry.remove("my-board")
    done = registry.benchmarks.finish(job.id, "ana", result(on_device=True, clock_hz=64_000_000))
    (row,) = registry.result_rows(published=True)[:1]
    assert (row.id, row.model, row.device, row.computed, row.quality) == (
        done.run, "waves", "my-board", None, None,
    )  # fmt: skip
    assert [finding.message for finding in registry.validate()] == []


def test_a_result_by_a_runtime_that_is_gone_is_shown_without_an_estimate(registry: Registry) -> None:
    queue = registry.benchmarks
    asked = replace(queue.request("waves", "plain", device="my-board"), runtime="tflm-of-old")
    job = queue.create(asked, "ana")
    queue.finish(job.id, "ana", result(on_device=True))
    (row,) = registry.result_rows(model="waves")
    assert (row.device, row.computed) == ("my-board", None)


# -- graphs that are emptied past the registry


@pytest.fixture
def store(registry: Registry) -> Iterator[Store]:
    """A copy of what the registry holds, in memory."""
    with closing(EmbeddedStore()) as copy:
        with open_sessions(Settings(registry=registry.where)).reading() as live:
            copy.load_new({name: live.graph(name) for name in live.graph_names()})
        yield copy


def test_a_model_without_its_files_facts_is_an_unknown_one(store: Store) -> None:
    model = iris.model("waves").value
    described = model_of(store, model)
    assert file_of(store, described).sha256 == SHA256
    store.replace_graphs({iris.source_graph("file", SHA256): []})
    assert file_by_digest(store, SHA256) is None
    with pytest.raises(UnknownName, match="No model 'waves'"):
        file_of(store, described)
    with pytest.raises(InputError, match="no footprint on the runtimes asked about"):
        firmware_build(store, model, iris.device_type("my-board").value)


@pytest.mark.parametrize("iri", [iris.device_type("my-board").value, iris.unit("urn:dev:x").value])
def test_a_device_that_has_just_gone_is_an_unknown_one(store: Store, iri: str) -> None:
    store.replace_graphs({iris.source_graph("device-type", "my-board"): []})
    with pytest.raises(UnknownName, match=r"No device '(my-board|urn:dev:x)'"):
        device_of(store, iri)


def test_a_model_that_has_just_gone_is_an_unknown_one(store: Store) -> None:
    assert find_any(store, "waves", ("model", "device")) == [("model", iris.model("waves").value)]
    store.replace_graphs({iris.source_graph("model", "waves"): []})
    with pytest.raises(UnknownName, match="No model 'waves'"):
        model_of(store, iris.model("waves").value)


def test_adding_again_brings_back_what_was_emptied(registry: Registry, tmp_path: Path) -> None:
    before = everything(registry)
    for graph in ("file/" + SHA256, "model/waves", "device-type/my-board"):
        kind, name = graph.split("/")
        drop(registry, iris.source_graph(kind, name))
        assert everything(registry) != before
        registry.add(tmp_path / "waves.tflite", tmp_path / "my-board.toml")
        assert everything(registry) == before, graph
