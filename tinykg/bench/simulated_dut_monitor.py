"""A simulated energy monitor: answers as an LPM01A does and reports a constant power while a model runs.

The power is made up (`POWER_W`); what is simulated is the exchange, not the consumption of anything.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from tinykg.bench.simulated_dut_pty import FarSide

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

POWER_W: Final = 0.050
SAMPLE_HZ: Final = 1000
IDLE_SAMPLES: Final = 50
"""Samples between two windows; as many as it takes to tell them apart."""

PROMPT: Final = "PowerShield > "


class SimulatedMonitor:
    """A monitor on a pseudo-terminal, `port`; `pulse` is an edge on its event pin."""

    def __init__(self) -> None:
        self._side = FarSide()
        self.port = self._side.path
        self._line = bytearray()
        self._running = False
        self._events = self._samples = 0
        self._last_us: int | None = None
        self._lock = threading.Lock()
        self.commands: list[str] = []
        self._thread = threading.Thread(target=self._serve, name="simulated monitor", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._side.stop()
        self._thread.join()
        self._side.close()

    def pulse(self, now_us: int, *, after_inference: bool) -> None:
        """An event: samples of what has passed since the last one, then the event."""
        with self._lock:
            if not self._running:
                return
            passed = IDLE_SAMPLES
            if after_inference and self._last_us is not None:
                passed = round((now_us - self._last_us) * SAMPLE_HZ / 1e6)
            self._last_us = now_us
            lines = self._sample_lines(passed, POWER_W if after_inference else POWER_W / 10)
            lines.append(f"event {self._events} ris")
            self._events += 1
            self._print(lines)

    def _sample_lines(self, count: int, power_w: float) -> list[str]:
        """Samples of the energy of a millisecond each, with a time stamp at each thousandth."""
        sample = _ascii_dec(power_w / SAMPLE_HZ)
        lines = []
        for _ in range(count):
            lines.append(sample)
            self._samples += 1
            if self._samples % SAMPLE_HZ == 0:
                lines.append(f"TimeStamp: {self._samples // SAMPLE_HZ % 1000:03d}s 000ms, buff 00%")
        return lines

    def _print(self, lines: list[str]) -> None:
        self._side.write("".join(f"{line}\r\n" for line in lines).encode())

    def _serve(self) -> None:
        while not self._side.stopped:
            if not self._side.attached:
                self._side.wait(0.02)
                continue
            for byte in self._side.read():
                if byte == 0x0A:
                    self._obey(self._line.decode("ascii", "replace").strip())
                    self._line.clear()
                else:
                    self._line.append(byte)

    def _obey(self, command: str) -> None:
        """Acknowledge a command; `volt` outside 1.8 V to 3.3 V is an error."""
        if not command:
            return
        with self._lock:
            self.commands.append(command)
            word, _, rest = command.partition(" ")
            if word == "volt" and not 1800 <= int(rest.removesuffix("m") or 0) <= 3300:
                self._print([f"{PROMPT}error {command}", "Error detail: out of range", PROMPT])
                return
            self._running = word == "start" or (self._running and word != "stop")
            self._print([f"{PROMPT}ack {command}"])
            if word == "stop":
                self._print(["end", "Acquisition completed", PROMPT])


def _ascii_dec(joules: float) -> str:
    """Four digits and a power of ten, such as 5000-08."""
    mantissa, exponent = f"{joules:.3e}".split("e")
    return f"{mantissa.replace('.', '')}{int(exponent) - 3:+03d}"
