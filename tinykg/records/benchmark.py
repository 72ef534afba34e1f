"""Benchmarks: what is asked for, where it stands, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from tinykg.records.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tinykg.records.estimate import Unknown


class JobState(StrEnum):
    """Where a job stands; the last three are for ever."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRequest:
    """What is to be measured: a model's file on a device, by a runner.

    `model` and `device` are names in the registry; `runtime` is one of its runtimes where the runner can
    choose. `options` are the runner's own, such as `iterations`, `warmup` or `port`. `data` is where the
    worker finds labelled data.
    """

    model: str
    file_sha256: str
    runner: str
    device: str | None = None
    runtime: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    data: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A request in the queue.

    `worker` is who runs it and `lease_until` how long that is believed without a sign of life; `progress`
    is 0 to 1 with a word on what is being done; `reason` says why it failed; `run` is the identifier of the
    result. Times are UTC.
    """

    id: str
    request: BenchmarkRequest
    state: JobState
    created: datetime
    attempts: int = 0
    worker: str | None = None
    lease_until: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    progress: float | None = None
    doing: str | None = None
    reason: str | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of a run: a slug of the metric vocabulary, its value, its QUDT unit's local name.

    `evidence` is `measured`, or `estimated` where a tool computed it. `statistic` says what of several
    numbers it is, such as `median`, and `count` of how many.
    """

    metric: str
    value: float
    unit: str
    evidence: str = "measured"
    statistic: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program that took part in a run, with its version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedDataset:
    """The labelled data that an accuracy was taken on; `sha256` is of its content in a stated order."""

    name: str
    sha256: str
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """What a runner found out.

    `where` names the hardware in words (a board by its own name, a host); `emulator` stands in its place
    with a version where there was no hardware. `on_device` says that it ran on the very device that was
    asked for: only such figures count as measured on it. A `simulated` device answers as a board does
    without being one: its figures rank nothing. `stack` is the normalised kernel stack and `runtime` the
    engine in words.
    `environment` is what else a reader needs to judge or repeat it: host, compiler flags, firmware's name.
    """

    runner: str
    tools: tuple[Tool, ...]
    figures: tuple[Figure, ...]
    started: datetime
    ended: datetime
    runtime: str
    where: str | None = None
    emulator: str | None = None
    on_device: bool = False
    simulated: bool = False
    stack: str | None = None
    clock_hz: int | None = None
    dataset: UsedDataset | None = None
    output_sha256: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRun:
    """A result in the registry: of which file, on or for which device type or registered device.

    `device` is what it ran on, or what an emulator, a simulated device or an estimate stood for; None where
    it ran on a host that is not the device. `on_runtime` is the registry's runtime where one was named, and
    `worker` who ran it.
    """

    id: str
    model: str | None
    file_sha256: str
    device: str | None
    result: BenchmarkResult
    job: str | None = None
    on_runtime: str | None = None
    worker: str | None = None


class Ground(StrEnum):
    """What the figures of a result are of; only the first two are of a board."""

    BOARD = "board"
    PUBLISHED = "published"
    HOST = "host"
    EMULATED = "emulated"
    SIMULATED = "simulated"
    ESTIMATED = "estimated"


ON_BOARDS = frozenset({Ground.BOARD, Ground.PUBLISHED})


def ground_of(run: BenchmarkRun) -> Ground:
    """What a run's figures are of; a simulated device is one even where it stands in an emulator."""
    result = run.result
    if result.simulated:
        return Ground.SIMULATED
    if result.figures and all(figure.evidence != "measured" for figure in result.figures):
        return Ground.ESTIMATED
    if result.emulator is not None:
        return Ground.EMULATED
    return Ground.BOARD if result.on_device else Ground.HOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What is computed for a file by a runtime, without any run: bytes, and microseconds on a device.

    `same_stack` says that the run's kernels are the runtime's; else the figures stand beside it for
    comparison only.
    """

    runtime: str
    same_stack: bool
    arena_bytes: int | None = None
    ram_bytes: int | None = None
    flash_bytes: int | None = None
    latency: Estimate | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """A result beside what is computed for the same file and device.

    `device` is the registry's name of the device that it counts for, `where` what it ran on in words;
    `quality` is what is published of the model, where the run has no accuracy of its own. `run` is None
    for a published row, whose `source` says where it stands.
    """

    id: str
    ground: Ground
    model: str
    device: str | None
    where: str
    runner: str
    runtime: str
    figures: tuple[Figure, ...]
    ended: datetime | None = None
    computed: Computed | None = None
    quality: Figure | None = None
    run: BenchmarkRun | None = None
    source: str | None = None

    def figure(self, *metrics: str) -> Figure | None:
        """The figure of the first of some metrics that the result has: its median where it has one."""
        for metric in metrics:
            found = [figure for figure in self.figures if figure.metric == metric]
            if found:
                return next((figure for figure in found if figure.statistic in {None, "median"}), found[0])
        return None

    def computed_value(self, figure: Figure) -> float | None:
        """What is computed beside a figure, in its unit; None where nothing is."""
        if self.computed is None:
            return None
        latency = self.computed.latency
        values = {
            "latency": latency.value / 1000 if isinstance(latency, Estimate) else None,
            "arena-used": self.computed.arena_bytes,
            "ram-used": self.computed.ram_bytes,
            "flash-used": self.computed.flash_bytes,
        }
        return values.get(figure.metric)

    def error_percent(self, figure: Figure) -> float | None:
        """How far what is computed lies above a measured figure, in percent of it.

        None where the figure is not of a board, was not measured, is one of the extremes of several, or
        was taken with other kernels than the computed one.
        """
        value = self.computed_value(figure)
        if value is None or self.computed is None or not self.computed.same_stack:
            return None
        measured = figure.evidence == "measured" and figure.statistic in {None, "median", "mean"}
        if self.ground not in ON_BOARDS or not measured or figure.value <= 0:
            return None
        return (value - figure.value) / figure.value * 100
