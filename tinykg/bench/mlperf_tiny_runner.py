"""The runner `mlperf-tiny`: a real board on a serial port that speaks MLPerf Tiny's protocol."""

from __future__ import annotations

import hashlib
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from tinykg.bench import energy_monitor
from tinykg.bench.dut_accuracy import answers_of, quality_figures, used
from tinykg.bench.dut_client import DutClient
from tinykg.bench.dut_link import SerialLink, is_pseudo_terminal
from tinykg.bench.dut_model import model_on_device, seeded_to_send
from tinykg.bench.dut_plan import NAME, OPTIONS, Mode, read_plan
from tinykg.bench.dut_windows import (
    Planned,
    energy_figures,
    energy_windows,
    latency_figures,
    latency_windows,
)
from tinykg.bench.energy_monitor import EnergyMonitor
from tinykg.bench.host_machine import host_words
from tinykg.bench.labelled_data import load
from tinykg.bench.simulated_dut import SimulatedDut, simulated_clock
from tinykg.errors import MissingExtra
from tinykg.records.benchmark import BenchmarkResult, Tool
from tinykg.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.bench.dut_messages import Identity
    from tinykg.bench.dut_model import DeviceModel
    from tinykg.bench.dut_plan import Plan
    from tinykg.bench.dut_windows import Window
    from tinykg.bench.labelled_data import LabelledData
    from tinykg.bench.protocol import Task, Watch
    from tinykg.records.benchmark import Figure
    from tinykg.records.device import DeviceType

PACE_S: Final = 0.5
"""How often whoever watches is told, at most."""


class Pace:
    """Tells a watch how far the run is, now and then; so that it can be ended at any time."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._said: tuple[float, str] = (0.0, "open the port")
        self._next = 0.0

    def tell(self, done: float, doing: str) -> None:
        """Take note of a step, and say so in time."""
        self._said = (done, doing)
        self.tick()

    def tick(self) -> None:
        """Give the watch a chance to end the run."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PACE_S
            self._watch.progress(*self._said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a session came to, before it is a result."""

    figures: tuple[Figure, ...]
    output_sha256: str
    environment: Mapping[str, str]
    notes: tuple[str, ...]


class Session:
    """A device that is connected and has said who it is; everything is given back when its stack closes."""

    def __init__(self, plan: Plan, task: Task, pace: Pace, stack: ExitStack) -> None:
        self.plan, self._task, self._pace = plan, task, pace
        dut = stack.enter_context(self._simulated()) if plan.simulated else None
        self.port = dut.port if dut else plan.port
        self.engine = f"tflite_micro {dut.version}, simulated device" if dut else plan.engine
        self.tools = (*_tools(), *([Tool(name="tflite-micro", version=dut.version)] if dut else []))
        self.monitor = self._monitor(dut.monitor_port if dut else plan.monitor, stack)
        self._link = stack.enter_context(SerialLink.open(self.port, plan.baud, self._tick))
        self.client = DutClient(self._link, wrapped=plan.wrapped)
        self.identity: Identity = self.client.greet(plan.dut_baud)
        self.clock_factor = simulated_clock(self.identity.name)
        self.model: DeviceModel = model_on_device(self.identity, task.file)

    def _simulated(self) -> SimulatedDut:
        energy = self.plan.mode is Mode.ENERGY
        return SimulatedDut(self._task.content, clock_factor=self.plan.clock_factor, energy=energy)

    def _monitor(self, port: str | None, stack: ExitStack) -> EnergyMonitor | None:
        """The energy monitor, with the board powered and sampling."""
        if self.plan.mode is not Mode.ENERGY or port is None:
            return None
        link = stack.enter_context(SerialLink.open(port, energy_monitor.BAUD, self._pace.tick))
        voltage = self.plan.voltage if self.plan.voltage is not None else energy_monitor.MAX_VOLTAGE
        monitor = stack.enter_context(EnergyMonitor(link, voltage))
        monitor.power()
        return monitor

    def _tick(self) -> None:
        if self.monitor is not None:
            self.monitor.pump()
        self._pace.tick()

    @property
    def simulated(self) -> bool:
        """Whether no board answers: the device says so, or its port is another program's."""
        return self.clock_factor is not None or is_pseudo_terminal(self.port)

    def measured(self, data: LabelledData | None) -> Found:
        """Do what was planned."""
        if self.plan.mode is Mode.ACCURACY and data is not None:
            quality, digest = answers_of(self.client, self.model, data, self._pace.tell, timed=True)
            return self._found(quality_figures(quality), digest)
        content, said = self._input(data)
        self.client.load(content)
        begun = time.monotonic()
        first = self.client.infer(1, 0, timed=self.plan.mode is not Mode.ENERGY)
        planned = Planned(
            plan=self.plan, sent=content, tell=self._pace.tell, first_s=time.monotonic() - begun
        )
        digest = hashlib.sha256(f"{first.results_text}\n".encode()).hexdigest()
        if self.monitor is not None:
            windows = energy_windows(self.client, planned, self.monitor)
            return self._found(energy_figures(windows), digest, windows, said)
        windows = latency_windows(self.client, planned, real_time=not self.simulated)
        return self._found(latency_figures(windows), digest, windows, said)

    def _input(self, data: LabelledData | None) -> tuple[bytes, str]:
        """What the windows run on: the first of the data, else an input that can be made again."""
        if data is None:
            return seeded_to_send(self._task.file, self.model), "pseudo-random"
        window = data.samples[0].windows[0]
        return self.model.to_send(window, data.element_type), f"{data.samples[0].name} of {data.name}"

    def _found(
        self, figures: tuple[Figure, ...], digest: str, windows: list[Window] | None = None, said: str = ""
    ) -> Found:
        around = {
            "port": self.port,
            "baud": str(self.plan.baud),
            "mode": self.plan.mode.value,
            "device's name": self.identity.name,
            "firmware's profile": self.identity.profile or "",
            "model's identifier": self.identity.model or "",
            "interface board": f"yes, told {self.plan.dut_baud} baud" if self.plan.wrapped else "no",
        }
        if windows:
            around |= {
                "input": said,
                "warm-up": str(self.plan.warmup),
                "inferences in a window": str(windows[0].iterations),
                "windows in s": ", ".join(f"{window.seconds:.6f}" for window in windows),
            }
        if self.plan.voltage is not None and self.monitor is not None:
            around["voltage in V"] = f"{self.plan.voltage:g}"
        if self.clock_factor is not None:
            around["simulated clock"] = (
                f"{self.clock_factor:g} simulated seconds of the model in one of the host"
            )
        return Found(figures=figures, output_sha256=digest, environment=around, notes=tuple(self._notes()))

    def _notes(self) -> list[str]:
        notes = [self.model.caveat] if self.model.caveat else []
        if self.simulated:
            why = "the port is a pseudo-terminal" if self.clock_factor is None else "the device is simulated"
            notes.append(
                f"No board was measured: {why}. Its times are those of a program on this host"
                + (f", made {self.clock_factor:g} times as long." if (self.clock_factor or 1) > 1 else ".")
            )
            if self.monitor is not None:
                notes.append("The power is a constant of the simulation: nothing was weighed.")
        if not self.plan.by_the_rules and self.plan.mode is not Mode.ACCURACY:
            notes.append(
                f"Not by MLPerf Tiny's rules (5 windows of at least 10 s): {self.plan.windows} windows of at "
                f"least {self.plan.min_window_s:g} s."
            )
        if self._link.skipped_bytes or self._link.stray_lines:
            notes.append(
                f"The line is noisy: {self._link.skipped_bytes} bytes were no text, "
                f"{self._link.stray_lines} lines came unasked."
            )
        return notes


class MlperfTinyRunner:
    """Measures what answers on a serial port."""

    name: Final = NAME
    measures: Final = (
        "the latency, or the energy by an LPM01A monitor, of one inference on the board itself: medians of 5 "
        "windows of at least 10 s by the board's own counter; or its accuracy, every labelled input run once"
    )
    leaves_out: Final = (
        "reading sensors, computing features and loading the input, which MLPerf Tiny does not time; memory; "
        "and from which file the firmware was built, which the protocol does not tell"
    )
    options: Final[Mapping[str, str]] = OPTIONS

    def suits(self, device: DeviceType | None) -> str | None:
        """None for every device: what answers on the port is taken for it."""
        if device is None:
            return "It measures a board on a serial port: say which one."
        return None

    def run(self, task: Task, watch: Watch) -> BenchmarkResult:
        """Measure; raises DeviceError, BenchmarkError, InputError, MissingExtra, BenchmarkCancelled."""
        plan = read_plan(task.options, has_data=task.data is not None)
        if find_spec("numpy") is None:
            raise MissingExtra(f"The runner {NAME}", "bench")
        data = load(task.data) if task.data is not None else None
        pace, started = Pace(watch), datetime.now(UTC)
        with ExitStack() as stack:
            session = Session(plan, task, pace, stack)
            found = session.measured(data)
            ended = datetime.now(UTC)
        board = task.device.name if task.device else session.identity.name
        simulated = session.simulated
        return BenchmarkResult(
            runner=NAME,
            tools=session.tools,
            figures=found.figures,
            started=started,
            ended=ended,
            runtime=session.engine or task.runtime or f"firmware {session.identity.name}",
            where=f"simulated device on {host_words()}" if simulated else board,
            on_device=not simulated and task.device is not None,
            simulated=simulated,
            stack=plan.stack,
            clock_hz=plan.clock_hz,
            dataset=used(data) if data is not None and plan.mode is Mode.ACCURACY else None,
            output_sha256=found.output_sha256,
            environment=found.environment,
            notes=found.notes,
        )


def _tools() -> tuple[Tool, ...]:
    return (
        Tool(name="TinyKG", version=__version__),
        Tool(name="pyserial", version=version("pyserial")),
    )


RUNNER: Final = MlperfTinyRunner()
