"""The energy monitor LPM01A (X-NUCLEO-LPM01A, "PowerShield"): powers a board and reports joules.

Commands, acknowledgements, samples and events are as MLPerf Tiny's host uses them (mlcommons/tiny,
benchmark/runner/power_manager/power_manager_lpm.py; ST UM2243 has all commands). A sample is the energy of
one period, `dddd-ee` = dddd x 10^-ee joules; an event is an edge on the pin that the board pulses.
"""

from __future__ import annotations

import contextlib
import math
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tinykg.errors import DeviceError, DeviceGarbled, DeviceRefused, DeviceSilent

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from tinykg.bench.dut_link import SerialLink

BAUD: Final = 3_686_400
SAMPLE_HZ: Final = 1000
MIN_VOLTAGE: Final = 1.8
MAX_VOLTAGE: Final = 3.3
"""What the monitor can supply, in volts."""

ANSWER_LIMIT_S: Final = 5.0
EVENT_LIMIT_S: Final = 5.0
SETTLE_S: Final = 0.1
"""How long reports may be on their way: where a pin moved before a window, two events are not its own."""

BOOT_S: Final = 1.0
"""How long a board that was just powered is left alone; the protocol's own host waits as long."""

PROMPT: Final = "PowerShield > "
COMPLETED: Final = "Acquisition completed"

_SAMPLES: Final = re.compile(r"^(?:[0-9]{4}[+-][0-9]{2})+$")
_SAMPLE: Final = re.compile(r"([0-9]{4})([+-][0-9]{2})")
_EVENT: Final = re.compile(r"^event ([0-9]{1,9}) ris$")
_STAMP: Final = re.compile(r"^TimeStamp: ?[<>]?\s*([0-9]+)s ([0-9]+)ms, buff ([0-9]+)%$")
_LIKE_A_SAMPLE: Final = re.compile(r"^[0-9+\- ]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """What one window took: joules between two events, and their distance in seconds."""

    joules: float
    seconds: float


@dataclass(slots=True)
class Record:
    """What a monitor has reported since it was cleared: samples in joules, events, time stamps.

    An event or a stamp stands with the number of samples before it. A sample that could not be read is
    not a number.
    """

    samples: list[float] = field(default_factory=list)
    events: list[tuple[int, int]] = field(default_factory=list)
    stamps: list[int] = field(default_factory=list)

    def take(self, line: str) -> bool:
        """Whether a line was a report; any other is an answer to a command."""
        line = line.strip()
        if _SAMPLES.match(line):
            self.samples.extend(int(digits) * 10.0 ** int(power) for digits, power in _SAMPLE.findall(line))
        elif event := _EVENT.match(line):
            self.events.append((int(event[1]), len(self.samples)))
        elif _STAMP.match(line):
            self.stamps.append(len(self.samples))
        elif line and _LIKE_A_SAMPLE.match(line):
            self.samples.append(math.nan)
        else:
            return False
        return True

    def clear(self) -> None:
        """Forget all of it."""
        self.samples.clear()
        self.events.clear()
        self.stamps.clear()

    def energy(self, place: str) -> Energy:
        """The energy between the last two events: pins may move before, so the first ones do not count.

        A window of less than a sample has no energy and takes no time. Raises DeviceGarbled where events or
        samples are missing: the sum would be too small.
        """
        if len(self.events) < 2:
            raise DeviceGarbled(
                place,
                f"the energy monitor saw {len(self.events)} of the 2 events of a window: "
                "is the board's time stamp pin connected to its D7?",
            )
        (first, start), (last, end) = self.events[-2:]
        if last - first != 1:
            raise DeviceGarbled(
                place, f"the energy monitor's events {first} and {last} do not follow each other"
            )
        for before, after in zip(self.stamps, self.stamps[1:], strict=False):
            if before < end and after > start and after - before != SAMPLE_HZ:
                lost = SAMPLE_HZ - (after - before)
                raise DeviceGarbled(place, f"{lost} of {SAMPLE_HZ} samples of the energy monitor are missing")
        if not self.samples:
            raise DeviceGarbled(place, "the energy monitor sends events but no sample")
        joules = sum(self.samples[start:end])
        if math.isnan(joules):
            raise DeviceGarbled(place, "the energy monitor sent samples that cannot be read")
        return Energy(joules=joules, seconds=(end - start) / SAMPLE_HZ)


class EnergyMonitor:
    """A monitor under our control, from entering its context to leaving it; then the board has no power.

    `pump` must be called often while a window runs: the monitor sends 9 kB a second and waits for nobody.
    """

    def __init__(self, link: SerialLink, voltage: float) -> None:
        if not MIN_VOLTAGE <= voltage <= MAX_VOLTAGE:
            raise ValueError(f"{voltage} V; the monitor supplies {MIN_VOLTAGE} to {MAX_VOLTAGE} V")
        self._link = link
        self._voltage = voltage
        self._record = Record()
        self._answers: list[str] = []

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.callback(self._release)
            self._set_up()
            stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _set_up(self) -> None:
        self._ask("htc")
        self._ask("pwr off")
        for command in (
            "acqtime inf",
            "trigdelay 0",
            "trigsrc sw",
            "eventsrc d7 fal",
            "output energy",
            "format ascii_dec",
            "freq 1k",
            f"volt {round(self._voltage * 1000)}m",
        ):
            self._ask(command)

    def power(self) -> None:
        """Give the board power and time to start, then begin to sample."""
        self._ask("pwr on nostatus")
        end = time.monotonic() + BOOT_S
        while time.monotonic() < end:
            self.pump()
            self._link.on_tick()
            time.sleep(0.02)
        self._ask("start")

    def _release(self) -> None:
        """Stop, take the power away, hand the monitor back; as far as it still answers."""
        self._link.on_tick = lambda: None
        for command in ("stop", "pwr off", "hrc"):
            with contextlib.suppress(DeviceError):
                self._ask(command)

    def clear(self) -> None:
        """Begin a new window."""
        self.pump()
        self._record.clear()

    def pump(self) -> None:
        """Take in what the monitor has sent, without waiting."""
        self._link.place = "energy monitor: samples"
        self._link.pump()
        while (line := self._link.take_line()) is not None:
            self._sort(line)

    def _sort(self, line: str) -> None:
        text = line.replace(PROMPT.strip(), "").strip()
        if not self._record.take(text) and text:
            self._answers.append(text)

    def window(self, place: str) -> Energy:
        """The energy of the window that has just ended; waits for its last event, which may be late."""
        now = time.monotonic()
        settled, end = now + SETTLE_S, now + EVENT_LIMIT_S
        self.pump()
        while now < settled or (len(self._record.events) < 2 and now < end):
            time.sleep(0.02)
            self.pump()
            now = time.monotonic()
        return self._record.energy(place)

    def _ask(self, command: str) -> None:
        """Have a command done; raises DeviceRefused with what the monitor says against it."""
        place = f"energy monitor: {command}"
        self._link.place = place
        self._answers.clear()
        self._link.send(f"{command}\r\n".encode("ascii"))
        end = time.monotonic() + ANSWER_LIMIT_S
        while not any(self._acknowledges(answer, command) for answer in self._answers):
            if any(answer.startswith("error") and command in answer for answer in self._answers):
                raise DeviceRefused(place, f"the energy monitor refuses: {self._detail(end)}")
            left_s = end - time.monotonic()
            if left_s <= 0:
                said = " | ".join(self._answers[-2:])
                raise DeviceSilent(place, f"the energy monitor does not acknowledge; it said {said[:120]!r}")
            self._sort(self._link.read_line(left_s))

    def _acknowledges(self, answer: str, command: str) -> bool:
        return answer.startswith("ack") and command in answer

    def _detail(self, end: float) -> str:
        """The line that explains an error, if one comes."""
        while not any("Error detail" in answer for answer in self._answers) and time.monotonic() < end:
            try:
                self._sort(self._link.read_line(0.5))
            except DeviceSilent:
                break
        return " ".join(self._answers)[:160]
