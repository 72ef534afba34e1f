"""Benchmarks: what is asked for, where it stands, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


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
    choose. `options` are the runner's own, such as `iterations`, `warmup` or `port`.
    """

    model: str
    file_sha256: str
    runner: str
    device: str | None = None
    runtime: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


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
    with a version where there was no hardware. A `simulated` device answers as a board does without being
    one: its figures rank nothing. `stack` is the normalised kernel stack and `runtime` the engine in words.
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
    simulated: bool = False
    stack: str | None = None
    clock_hz: int | None = None
    dataset: UsedDataset | None = None
    output_sha256: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRun:
    """A result in the registry: of which file on which device type or registered device."""

    id: str
    model: str | None
    file_sha256: str
    device: str | None
    result: BenchmarkResult
    job: str | None = None
