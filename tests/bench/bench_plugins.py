"""Runners that are plug-ins of tests, and a clock that is set by hand."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tinykg.bench.installed import Runners
from tinykg.bench.tflite_micro_wheel import Stage, witness
from tinykg.errors import BenchmarkError
from tinykg.records.benchmark import BenchmarkResult, Figure, Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tinykg.bench.protocol import Task, Watch
    from tinykg.records.device import DeviceType

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)


class SetClock:
    """A clock that shows what it was set to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def result(*figures: Figure, **changed: object) -> BenchmarkResult:
    """A result on this host, of one latency unless figures are given."""
    said: dict[str, object] = {
        "runner": "plain",
        "tools": (Tool(name="a tool", version="1.2"),),
        "figures": figures or (Figure(metric="latency", value=1.5, unit="MilliSEC"),),
        "started": NOON,
        "ended": NOON + timedelta(seconds=3),
        "runtime": "an engine 3",
        "where": "a host",
    }
    return BenchmarkResult(**{**said, **changed})  # type: ignore[arg-type]  # the fields come by name


@dataclass
class PlainRunner:
    """A plug-in that does what its test wants; by default it comes to a result at once."""

    run_it: Callable[[Task, Watch], BenchmarkResult] = field(default=lambda _task, _watch: result())
    name: str = "plain"
    measures: str = "what its test says"
    leaves_out: str = "everything else"
    options: Mapping[str, str] = field(default_factory=dict)
    why_not: str | None = None

    def suits(self, device: DeviceType | None) -> str | None:
        del device
        return self.why_not

    def run(self, task: Task, watch: Watch) -> BenchmarkResult:
        return self.run_it(task, watch)


def by_the_wheel(task: Task, watch: Watch) -> BenchmarkResult:
    """Really run the model, in the interpreter of the tflite-micro wheel."""
    watch.progress(0.1, "running the model")
    seen = witness(task.content, 1 << 20, invoke=True)
    if seen.stage is not Stage.RAN:
        raise BenchmarkError(f"the interpreter {seen.stage.value}: {seen.reason}")
    used = float((seen.head_bytes or 0) + (seen.tail_bytes or 0))
    return result(
        Figure(metric="arena-used", value=used, unit="BYTE"),
        tools=(Tool(name="tflite-micro", version=str(seen.version)),),
    )


def until_cancelled(_task: Task, watch: Watch) -> BenchmarkResult:
    """Go on until the watch ends it, for half a minute at most."""
    for step in range(3000):
        watch.progress(step / 3000, f"step {step}")
        threading.Event().wait(0.01)
    raise BenchmarkError("nobody ended it")


def only(*runners: PlainRunner) -> Runners:
    """An installation that has these runners and no others."""
    return Runners(working={runner.name: runner for runner in runners}, broken={})
