"""What a run of the MLPerf Tiny protocol is to do: its options, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from tinykg.bench.energy_monitor import MAX_VOLTAGE, MIN_VOLTAGE
from tinykg.bench.options import Options
from tinykg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = "mlperf-tiny"
SIMULATED: Final = "simulated"
"""The port that means: start a simulated device for this run."""

RULE_WINDOWS: Final = 5
RULE_WINDOW_S: Final = 10.0
"""MLPerf Tiny's rules: exactly five windows of at least ten seconds (benchmark/MLPerfTiny_Rules.adoc)."""

MAX_ITERATIONS: Final = (1 << 31) - 1
"""The firmware reads them with atoi."""

DIRECT_BAUD: Final = 115_200
ENERGY_BAUD: Final = 9_600
"""What the device speaks with an interface board in energy mode; EEMBC's knows no other speed."""

OPTIONS: Final[Mapping[str, str]] = {
    "port": "the device's serial port, such as /dev/ttyACM0, socket://HOST:PORT or rfc2217://HOST:PORT; "
    f"'{SIMULATED}' starts a simulated device. No default",
    "baud": f"symbols a second on that port; default {DIRECT_BAUD}",
    "mode": "performance, accuracy (needs data) or energy (needs monitor and voltage); default performance",
    "iterations": "inferences of the first window; raised until a window is long enough; default 1",
    "warmup": "inferences before each window, which are not timed; default 10",
    "windows": f"how many windows; default {RULE_WINDOWS}, as the rules have it",
    "min_window_s": f"the least length of a window, in s; default {RULE_WINDOW_S:g}, as the rules have it",
    "interface": "whether an interface board stands between; default yes in energy mode, else no",
    "dut_baud": f"what the device speaks with the interface board; default {ENERGY_BAUD} in energy mode, "
    f"else {DIRECT_BAUD}",
    "monitor": "the serial port of an LPM01A energy monitor",
    "voltage": f"what the monitor supplies the board with, {MIN_VOLTAGE:g} to {MAX_VOLTAGE:g} V. No default: "
    "too much can harm it",
    "stack": "the normalised kernel stack of the firmware, such as tflm-cmsis-nn, if you know it",
    "engine": "the firmware's engine and version in words, if you know it",
    "clock_hz": "the clock of the core during the run, if you know it",
    "clock_factor": f"with port={SIMULATED}: the model takes so many times as long; default 1",
}


class Mode(StrEnum):
    """What is measured."""

    PERFORMANCE = "performance"
    ACCURACY = "accuracy"
    ENERGY = "energy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The options of a run; those that are None were not given."""

    port: str
    baud: int
    mode: Mode
    iterations: int
    warmup: int
    windows: int
    min_window_s: float
    wrapped: bool
    dut_baud: int
    monitor: str | None
    voltage: float | None
    stack: str | None
    engine: str | None
    clock_hz: int | None
    clock_factor: float

    @property
    def simulated(self) -> bool:
        """Whether the run brings its own simulated device."""
        return self.port == SIMULATED

    @property
    def by_the_rules(self) -> bool:
        """Whether number and length of the windows are MLPerf Tiny's."""
        return self.windows == RULE_WINDOWS and self.min_window_s >= RULE_WINDOW_S


def read_plan(stated: Mapping[str, str], *, has_data: bool) -> Plan:
    """The plan that options state; raises InputError with what is missing or cannot be."""
    options = Options(NAME, stated, OPTIONS)
    port = options.text("port", "")
    if not port:
        raise InputError(f"The runner {NAME} needs the option port: {OPTIONS['port']}.")
    mode = Mode(options.choice("mode", Mode.PERFORMANCE, tuple(Mode)))
    simulated, energy = port == SIMULATED, mode is Mode.ENERGY
    if mode is Mode.ACCURACY and not has_data:
        raise InputError(
            "Accuracy is taken on labelled data: name a folder with y_labels.csv, or an NPZ file."
        )
    monitor = options.text("monitor", "") or None
    voltage = stated.get("voltage")
    if energy and not simulated and (monitor is None or voltage is None):
        missing = "monitor" if monitor is None else "voltage"
        raise InputError(f"Mode energy needs the option {missing}: {OPTIONS[missing]}.")
    clock_hz = options.integer("clock_hz", 0, least=0, most=100_000_000_000)
    return Plan(
        port=port,
        baud=options.integer("baud", DIRECT_BAUD, least=300, most=12_000_000),
        mode=mode,
        iterations=options.integer("iterations", 1, least=1, most=MAX_ITERATIONS),
        warmup=options.integer("warmup", 10, least=0, most=1_000_000),
        windows=options.integer("windows", RULE_WINDOWS, least=1, most=1000),
        min_window_s=options.number("min_window_s", RULE_WINDOW_S, least=0.001, most=3600.0),
        wrapped=options.flag("interface", default=energy and not simulated),
        dut_baud=options.integer(
            "dut_baud", ENERGY_BAUD if energy else DIRECT_BAUD, least=300, most=12_000_000
        ),
        monitor=monitor,
        voltage=None
        if voltage is None
        else options.number("voltage", 0, least=MIN_VOLTAGE, most=MAX_VOLTAGE),
        stack=options.text("stack", "") or None,
        engine=options.text("engine", "") or None,
        clock_hz=clock_hz or None,
        clock_factor=options.number("clock_factor", 1.0, least=1.0, most=1e6),
    )
