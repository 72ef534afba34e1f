"""Windows of many inferences: how long one takes, or how much energy.

By MLPerf Tiny's rules: the number of inferences is raised until a window lasts ten seconds, then there are
five such windows, each on an input that is downloaded anew; what counts is their median.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from tinykg.bench.dut_plan import MAX_ITERATIONS
from tinykg.errors import BenchmarkError, DeviceGarbled
from tinykg.records.benchmark import Figure

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.bench.dut_client import DutClient
    from tinykg.bench.dut_plan import Plan
    from tinykg.bench.energy_monitor import EnergyMonitor

MARGIN: Final = 1.05
"""Windows are planned so much longer than they must be, because times vary."""

MAX_GROWTH: Final = 1000.0
"""At most so many times the inferences of the window before: a counter may be coarse."""

MAX_ATTEMPTS: Final = 20
"""From one inference to two thousand million are 4; a device whose counter stands still ends here."""

FAST_TOLERANCE: Final = 1.02
FAST_SLACK_S: Final = 0.2
"""A device's window can end no later than this host saw it end; crystals are within 100 ppm."""

SLOW_TOLERANCE: Final = 1.25
SLOW_SLACK_S: Final = 1.0
"""Loading the tensor, printing and the line take their time, but not a quarter of a window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window: inferences, seconds by whatever timed it, joules where they were taken."""

    iterations: int
    seconds: float
    joules: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What windows there are to be, on which input, who is told; and the seconds that one inference took.

    `first_s` is by this host's clock, the command and its answer included.
    """

    plan: Plan
    sent: bytes
    tell: Callable[[float, str], None]
    first_s: float


def latency_windows(client: DutClient, planned: Planned, *, real_time: bool) -> list[Window]:
    """Windows timed by the device's lap counter; in `real_time` that is held against this host's clock."""

    def take(iterations: int, expected_s: float) -> Window:
        warmup = planned.plan.warmup
        client.load(planned.sent)
        start = time.monotonic()
        done = client.infer(iterations, warmup, expected_s=expected_s)
        host_s, seconds = time.monotonic() - start, (done.elapsed_us or 0) / 1e6
        if real_time:
            check_clock(iterations, warmup, seconds, host_s)
        return Window(iterations=iterations, seconds=seconds)

    return _windows(take, planned)


def energy_windows(client: DutClient, planned: Planned, monitor: EnergyMonitor) -> list[Window]:
    """Windows timed by the energy monitor's samples between the device's pulses."""

    def take(iterations: int, expected_s: float) -> Window:
        warmup = planned.plan.warmup
        client.load(planned.sent)
        monitor.clear()
        client.infer(iterations, warmup, expected_s=expected_s, timed=False)
        energy = monitor.window(f"infer {iterations} {warmup}")
        return Window(iterations=iterations, seconds=energy.seconds, joules=energy.joules)

    return _windows(take, planned)


def _windows(take: Callable[[int, float], Window], planned: Planned) -> list[Window]:
    """As many windows as planned, all of the same number of inferences and long enough.

    `take` is told the inferences of a window, and how long the device is expected to be quiet meanwhile.
    """
    plan, each_s = planned.plan, planned.first_s
    iterations = plan.iterations
    for attempt in range(MAX_ATTEMPTS):
        planned.tell(0.0, f"how many inferences last {plan.min_window_s:g} s: {iterations}?")
        windows: list[Window] = []
        while not windows or windows[-1].seconds >= plan.min_window_s:
            if len(windows) == plan.windows:
                return windows
            if windows:
                planned.tell(len(windows) / plan.windows, f"window {len(windows) + 1} of {plan.windows}")
            windows.append(take(iterations, each_s * max(iterations, plan.warmup)))
            each_s = windows[-1].seconds / iterations or each_s
        iterations = longer(windows[-1], plan.min_window_s)
        if attempt and iterations >= MAX_ITERATIONS:
            break
    raise BenchmarkError(
        f"No window of {plan.min_window_s:g} s came about: {windows[-1].iterations} inferences take "
        f"{windows[-1].seconds:g} s by the device. Does its time stamp work?"
    )


def check_clock(iterations: int, warmup: int, seconds: float, host_s: float) -> None:
    """Hold a device's counter against this host's clock: a wrong one makes a board look fast, or slow.

    `seconds` are the device's for its timed inferences, `host_s` this host's for the whole command. Raises
    DeviceGarbled.
    """
    place = f"infer {iterations} {warmup}"
    clocks = f"{seconds:.3f} s by its lap counter, but it answered after {host_s:.3f} s"
    if seconds > FAST_TOLERANCE * host_s + FAST_SLACK_S:
        raise DeviceGarbled(place, f"counts too fast: {clocks}")
    if host_s > SLOW_TOLERANCE * seconds * (iterations + warmup) / iterations + SLOW_SLACK_S:
        raise DeviceGarbled(place, f"counts too slowly: {clocks}, {warmup} runs of warm-up included")


def longer(window: Window, min_window_s: float) -> int:
    """How many inferences to try next, after a window that was too short."""
    growth = MAX_GROWTH if window.seconds <= 0 else MARGIN * min_window_s / window.seconds
    wanted = math.ceil(window.iterations * min(growth, MAX_GROWTH))
    return min(max(wanted, window.iterations + 1), MAX_ITERATIONS)


def latency_figures(windows: list[Window]) -> tuple[Figure, ...]:
    """Latency and throughput: medians of the windows."""
    count = len(windows)
    latency_ms = median(window.seconds * 1000 / window.iterations for window in windows)
    rate = median(window.iterations / window.seconds for window in windows)
    return (
        Figure(metric="latency", value=latency_ms, unit="MilliSEC", statistic="median", count=count),
        Figure(metric="throughput", value=rate, unit="NUM-PER-SEC", statistic="median", count=count),
    )


def energy_figures(windows: list[Window]) -> tuple[Figure, ...]:
    """Energy of one inference and power while it runs: medians of the windows."""
    count = len(windows)
    energy_uj = median((window.joules or 0.0) * 1e6 / window.iterations for window in windows)
    power_mw = median((window.joules or 0.0) * 1e3 / window.seconds for window in windows)
    return (
        Figure(
            metric="energy-per-inference", value=energy_uj, unit="MicroJ", statistic="median", count=count
        ),
        Figure(metric="power", value=power_mw, unit="MilliW", statistic="median", count=count),
    )
