"""A simulated device under test: it speaks the protocol on a pseudo-terminal and really runs its model.

Its answers are the `tflite-micro` wheel's, its times are this host's, and say nothing of any board. Its
name says that it is simulated, so that whoever measures it knows.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from tinykg.bench.dut_tensors import MLPERF_FILES
from tinykg.bench.simulated_dut_engine import EngineDied, SimulatedEngine
from tinykg.bench.simulated_dut_firmware import Announced, Firmware
from tinykg.bench.simulated_dut_monitor import SimulatedMonitor
from tinykg.bench.simulated_dut_pty import FarSide
from tinykg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

NAME: Final = "tinykg-simulated-device"
MAX_CLOCK_FACTOR: Final = 1e6
COUNTER_RANGE: Final = 1 << 32
BANNER_DELAY_S: Final = 0.05
"""Long enough for whoever opens the port to have set it up."""

SLOW_BANNER_S: Final = 3.0
"""Longer than the two seconds that the protocol's own host waits."""

HEARTBEAT_S: Final = 0.2
_NAME: Final = re.compile(rf"^{NAME}(?:-clock-x([0-9.]+))?$")


class Misbehaviour(StrEnum):
    """What can go wrong with a device; most of it at a command."""

    HANG = "hang"
    DIE = "die"
    RESTART = "restart"
    GARBAGE = "garbage"
    ENDLESS = "endless"
    HALF_LINE = "half line"
    UNPLUG = "unplug"
    NO_BANNER = "no banner"
    SLOW_BANNER = "slow banner"
    STRAY_LINES = "stray lines"


PUT_UP_WITH: Final = frozenset({Misbehaviour.NO_BANNER, Misbehaviour.SLOW_BANNER, Misbehaviour.STRAY_LINES})
"""What a host is to cope with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A misbehaviour, and the command from which on a device has it."""

    kind: Misbehaviour
    at: str = "infer"


def model_id_of(content: bytes) -> str:
    """What a device with this model answers to `profile`: MLPerf's identifier, or one made of the file."""
    sha256 = hashlib.sha256(content).hexdigest()
    return MLPERF_FILES.get(sha256, f"file-{sha256[:16]}")


def device_name(clock_factor: float) -> str:
    """The name of a simulated device."""
    return NAME if clock_factor == 1 else f"{NAME}-clock-x{clock_factor:.15g}"


def simulated_clock(name: str) -> float | None:
    """The clock factor of a simulated device by its name; None for any other device."""
    found = _NAME.match(name)
    if found is None:
        return None
    try:
        return float(found[1] or 1)
    except ValueError:
        return 1.0


class SimulatedClock:
    """The lap counter: this host's time, in which the runs of the model take `factor` times as long.

    So a window of ten simulated seconds need not last ten. It starts at `start_us` and has 32 bits.
    """

    def __init__(self, factor: float, start_us: int, monitor: SimulatedMonitor | None) -> None:
        self._factor, self._added_us = factor, float(start_us)
        self._start = time.monotonic_ns()
        self._monitor = monitor

    def now_us(self) -> int:
        """The counter's value."""
        return self._total_us() % COUNTER_RANGE

    def _total_us(self) -> int:
        return int((time.monotonic_ns() - self._start) / 1000 + self._added_us)

    def ran(self, took_ns: int) -> None:
        """Let the time that the model took be longer."""
        self._added_us += took_ns / 1000 * (self._factor - 1)

    def pulse(self, *, after_inference: bool) -> None:
        """Tell the monitor."""
        if self._monitor is not None:
            self._monitor.pulse(self._total_us(), after_inference=after_inference)


class SimulatedDut:
    """A simulated device, ready at `port` from entering its context to leaving it.

    As a board that is reset when its port is opened, it prints its banner to whoever opens it. With
    `energy` it gives pulses to a simulated monitor, at `monitor_port`, instead of lap times.
    """

    def __init__(
        self,
        content: bytes,
        model_id: str | None = None,
        *,
        clock_factor: float = 1.0,
        energy: bool = False,
        start_us: int = 0,
        trouble: Trouble | None = None,
    ) -> None:
        if not 1 <= clock_factor <= MAX_CLOCK_FACTOR:
            raise InputError(f"A clock factor is 1 to {MAX_CLOCK_FACTOR:g}, not {clock_factor:g}.")
        self._content, self._trouble = content, trouble
        self._announced = Announced(
            name=device_name(clock_factor), model=model_id or model_id_of(content), energy=energy
        )
        self._clock_factor, self._start_us = clock_factor, start_us
        self._stack = ExitStack()
        self.port = ""
        self.monitor_port: str | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._engine = stack.enter_context(SimulatedEngine(self._content))
            monitor = stack.enter_context(SimulatedMonitor()) if self._announced.energy else None
            self._monitor = monitor
            self.monitor_port = monitor.port if monitor else None
            clock = SimulatedClock(self._clock_factor, self._start_us, monitor)
            self._firmware = Firmware(self._announced, self._engine, clock)
            self._side = FarSide()
            stack.callback(self._side.close)
            self.port = self._side.path
            self._thread = threading.Thread(target=self._serve, name="simulated device", daemon=True)
            self._thread.start()
            stack.callback(self._stop)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _stop(self) -> None:
        self._side.stop()
        self._engine.kill()  # ends a run that the thread waits for
        self._thread.join()

    @property
    def version(self) -> str:
        """Of the wheel that runs the model."""
        return self._engine.version

    def _serve(self) -> None:
        """Wait for somebody to open the port, greet, answer; again and again."""
        while not self._side.stopped:
            if not self._side.attached:
                self._side.wait(0.02)
                continue
            self._greet()
            while self._side.attached and not self._side.stopped:
                if data := self._side.read():
                    self._react(data)

    def _greet(self) -> None:
        kind = self._trouble.kind if self._trouble else None
        if kind is Misbehaviour.NO_BANNER:
            return
        self._side.wait(SLOW_BANNER_S if kind is Misbehaviour.SLOW_BANNER else BANNER_DELAY_S)
        if kind is Misbehaviour.SLOW_BANNER:
            self._side.read()  # commands before the banner's end are ignored
        self._print(self._firmware.banner())

    def _react(self, data: bytes) -> None:
        trouble = self._trouble
        if trouble and trouble.kind is Misbehaviour.STRAY_LINES:
            self._side.write(b"I (312) wifi: beacon\r\n\xff\xfe\x00noise without end")
            self._side.write(b"\r\n")
        elif trouble and trouble.kind not in PUT_UP_WITH and data.startswith(trouble.at.encode()):
            self._misbehave(trouble.kind)
            return
        self._print(self._firmware.feed(data))

    def _print(self, pieces: Iterable[bytes]) -> None:
        """Write what the firmware yields; a model that crashes leaves the device silent."""
        try:
            for piece in pieces:
                self._side.write(piece)
        except EngineDied:
            self._hang()

    def _hang(self) -> None:
        while self._side.attached and not self._side.stopped:
            self._side.read()

    def _misbehave(self, kind: Misbehaviour) -> None:
        if kind is Misbehaviour.UNPLUG:
            self._side.write(b"m-warmup-start-")
            self._side.unplug()
        elif kind is Misbehaviour.HALF_LINE:
            self._side.write(b"m-warmup-start-10\r\nm-infer-sta")
            self._hang()
        elif kind is Misbehaviour.GARBAGE:
            self._side.write(bytes(range(128, 256)) + b"\x01\x02zz~~\r\n{}\r\nDE AD\n")
            self._hang()
        elif kind is Misbehaviour.ENDLESS:
            while self._side.attached and not self._side.stopped:
                self._side.write(b"U" * 1024)
        elif kind is Misbehaviour.RESTART:
            self._side.write(b"m-warmup-start-10\r\n")
            self._print(self._firmware.banner())
        elif kind is Misbehaviour.DIE:
            self._engine.kill()
            self._print(self._firmware.feed(b"infer 1 0%"))
        else:
            self._hang()


def serve_dut(
    content: bytes,
    model_id: str | None,
    on_ready: Callable[[str], None],
    *,
    clock_factor: float = 1.0,
    energy: bool = False,
    on_monitor: Callable[[str], None] | None = None,
) -> None:
    """Be a simulated device until interrupted; `on_ready` is told the port, `on_monitor` its monitor's.

    `model_id` is what it answers to `profile`, by default MLPerf's identifier or one made of the file. With
    `clock_factor` the model takes so many times as long by the device's own counter. Raises BenchmarkError
    where the interpreter does not take the model, MissingExtra without the wheel; KeyboardInterrupt ends it.
    """
    with SimulatedDut(content, model_id, clock_factor=clock_factor, energy=energy) as dut:
        if dut.monitor_port is not None and on_monitor is not None:
            on_monitor(dut.monitor_port)
        on_ready(dut.port)
        try:
            while True:
                time.sleep(HEARTBEAT_S)
        except KeyboardInterrupt:
            return
