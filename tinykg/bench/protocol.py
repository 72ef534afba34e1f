"""What a runner is: a plug-in of the entry point group `tinykg.bench_runners`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkResult
    from tinykg.records.device import DeviceType
    from tinykg.records.model import Model
    from tinykg.records.model_file import ModelFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a runner is given: a model with its file and bytes, the device, options, labelled data.

    `device` is a board or registered device in the form of a device type; None where the runner's own host
    is meant. `workplace` is an empty folder of the runner's own.
    """

    model: Model
    file: ModelFile
    content: bytes
    workplace: Path
    device: DeviceType | None = None
    runtime: str | None = None
    data: Path | None = None
    options: Mapping[str, str] = field(default_factory=dict)


class Watch(Protocol):
    """Who follows a run: is told of progress and may end it."""

    def progress(self, done: float, doing: str) -> None:
        """Take note: `done` is 0 to 1; raises BenchmarkCancelled where the run is to end."""
        ...


@runtime_checkable
class Runner(Protocol):
    """Runs models somewhere.

    `measures` says in a sentence what its figures are exactly, `leaves_out` what they are not.
    """

    @property
    def name(self) -> str:
        """How it is chosen, such as `qemu-cortex-m`."""
        ...

    @property
    def measures(self) -> str:
        """What its figures are."""
        ...

    @property
    def leaves_out(self) -> str:
        """What they say nothing about."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """Its options with what each means and its default."""
        ...

    def suits(self, device: DeviceType | None) -> str | None:
        """None where it can run for a device; else why not, in a sentence."""
        ...

    def run(self, task: Task, watch: Watch) -> BenchmarkResult:
        """Run the model and return the figures.

        Raises BenchmarkError with what went wrong where, MissingExtra where a package or program is
        missing, BenchmarkCancelled as soon as the watch says so. Whatever it opened or started is closed.
        """
        ...


class Unwatched:
    """A watch that nobody looks at."""

    def progress(self, done: float, doing: str) -> None:
        """Nothing."""
