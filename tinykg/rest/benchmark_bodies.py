"""The shapes of JSON bodies about benchmarks: those that come are checked, those that go described."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from tinykg.records.benchmark import (
    BenchmarkResult,
    Figure,
    Tool,
    UsedDataset,
)
from tinykg.rest.bodies import Body

Short = Annotated[str, Field(min_length=1, max_length=300)]
Worker = Annotated[Short, Field(examples=["ana@laptop#4711-9f86d081"], description="Unique to the process.")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+([-.][a-z0-9]+)*$", max_length=100)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("should be a text, as RFC 3339 has it")


Aware = Annotated[AwareDatetime, BeforeValidator(_text), Field(examples=["2026-02-01T12:00:00Z"])]
"""A moment with its time zone."""


class Sent(BaseModel):
    """An object with the members that are known, and no others."""

    model_config = ConfigDict(extra="forbid")


class RequestBody(Sent):
    """What is to be measured."""

    model: Short = Field(examples=["digits_mlp_int8"], description="A model whose bytes are registered.")
    runner: Name = Field(examples=["qemu-cortex-m"], description="What runs it: a worker must have it.")
    device: Short | None = Field(
        default=None, examples=["nano33"], description="A board or a registered device."
    )
    runtime: Short | None = Field(default=None, description="The registry's runtime that the device runs.")
    options: dict[Short, Short] = Field(
        default={},
        max_length=50,
        description="The runner's own; places on the worker's machine, such as a port, are its to say.",
    )


class ClaimBody(Sent):
    """Who asks for a job, and what it can run."""

    worker: Worker
    runners: list[Name] = Field(min_length=1, max_length=100, examples=[["qemu-cortex-m", "tflm-host"]])
    job: Short | None = Field(default=None, description="This job and no other.")


class ProgressBody(Sent):
    """A sign of life."""

    worker: Worker
    progress: float = Field(strict=True, ge=0, le=1, examples=[0.25])
    doing: str = Field(default="", max_length=10_000)


class WorkerBody(Sent):
    """Whose job it is."""

    worker: Worker


class FailureBody(Sent):
    """Why a job came to nothing."""

    worker: Worker
    reason: str = Field(min_length=1, max_length=100_000, examples=["The board does not answer."])


class FigureBody(Sent):
    """One number of a run."""

    metric: Name = Field(examples=["latency"])
    value: float = Field(strict=True, allow_inf_nan=False)
    unit: Short = Field(examples=["MilliSEC"], description="A QUDT unit's local name.")
    evidence: Literal["measured", "estimated", "computed"] = "measured"
    statistic: Name | None = Field(default=None, examples=["median"])
    count: Count | None = None


class ToolBody(Sent):
    """A program that took part."""

    name: Short
    version: Short


class DatasetBody(Sent):
    """The labelled data of an accuracy."""

    name: Short
    sha256: Sha256
    samples: Count


class ResultBody(Sent):
    """What a runner found out."""

    runner: Name
    tools: list[ToolBody] = Field(min_length=1, max_length=50)
    figures: list[FigureBody] = Field(min_length=1, max_length=500)
    started: Aware
    ended: Aware
    runtime: Short
    where: Short | None = None
    emulator: Short | None = None
    on_device: Flag = False
    simulated: Flag = False
    stack: Name | None = None
    clock_hz: Count | None = None
    dataset: DatasetBody | None = None
    output_sha256: Sha256 | None = None
    environment: dict[Short, str] = Field(default={}, max_length=200)
    notes: list[str] = Field(default=[], max_length=200)

    def record(self) -> BenchmarkResult:
        """The record that the body stands for."""
        said = self.model_dump(exclude={"tools", "figures", "dataset", "notes"})
        return BenchmarkResult(
            **said,
            tools=tuple(Tool(**tool.model_dump()) for tool in self.tools),
            figures=tuple(Figure(**figure.model_dump()) for figure in self.figures),
            dataset=None if self.dataset is None else UsedDataset(**self.dataset.model_dump()),
            notes=tuple(self.notes),
        )


class FinishBody(Sent):
    """A job's result."""

    worker: Worker
    result: ResultBody


class JobBody(Body):
    """A job, and where it stands."""

    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    model: str
    file_sha256: str
    device: str | None
    runner: str
    runtime: str | None
    options: dict[str, str]
    data: str | None
    created: datetime
    started: datetime | None
    ended: datetime | None
    attempts: int
    worker: str | None
    lease_until: datetime | None
    progress: float | None
    doing: str | None
    reason: str | None
    run: str | None


class JobWithRun(JobBody):
    """A job with what it came to."""

    result: dict[str, Any] | None = Field(description="The run with its figures; null unless it is done.")


class ClaimedBody(Body):
    """A job that is the worker's now, with all that its runner is told."""

    job: JobBody
    facts: str = Field(description="The model, its file and the device as N-Triples, in TinyKG's terms.")
    model_file: str = Field(description="The path of the model file's bytes on this server.")
    lease_s: float = Field(description="So many seconds it stays the worker's without a sign of life.")
