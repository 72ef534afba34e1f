"""A serial line to a device: opening, lines with time limits, closing; every fault as a DeviceError.

By pyserial (extra `bench`): a device file, or `socket://HOST:PORT`, `rfc2217://HOST:PORT` and `loop://`.
Its other forms of address are not taken: some of them write files.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tinykg.bench.dut_lines import LineSplitter
from tinykg.errors import DeviceGarbled, DeviceGone, DeviceSilent, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

ADDRESSES: Final = ("socket://", "rfc2217://", "loop://")
TICK_S: Final = 0.05
"""How long a read waits at once; between two, whoever follows may end the run."""

WRITE_LIMIT_S: Final = 5.0
READ_BYTES: Final = 4096
MAX_PUMPED: Final = 256
"""Reads at once: a megabyte."""


def _nothing() -> None:
    """Between two reads, by default."""


class SerialLink:
    """An open line to a device. `on_tick` is called between reads and may raise.

    `place` is what the line is used for at the moment; errors carry it. Nothing is retried here.
    """

    def __init__(self, port: Any, name: str, on_tick: Callable[[], None] = _nothing) -> None:
        self._port = port
        self._splitter = LineSplitter()
        self.name = name
        self.place = "open"
        self.on_tick = on_tick
        self.last_line: str | None = None
        self.stray_lines = 0

    @classmethod
    def open(cls, name: str, baud: int, on_tick: Callable[[], None] = _nothing) -> Self:
        """A line that is ready to use, 8 data bits, no parity; nobody else can open it meanwhile.

        Raises DeviceGone where it cannot be opened, MissingExtra without pyserial.
        """
        try:
            import serial  # type: ignore[import-untyped,unused-ignore]  # pyserial has no types
        except ImportError as error:
            raise MissingExtra("A serial port", "bench") from error
        _check_name(name)
        try:
            port = serial.serial_for_url(
                name, baudrate=baud, timeout=TICK_S, write_timeout=WRITE_LIMIT_S, exclusive=True
            )
        except _faults() as error:
            raise DeviceGone("open", f"the port {name} cannot be opened: {error}") from error
        return cls(port, name, on_tick)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether the port is held."""
        return bool(self._port.is_open)

    @property
    def skipped_bytes(self) -> int:
        """How many bytes came that are no text."""
        return self._splitter.skipped_bytes

    def close(self) -> None:
        """Give the port back, also where the device is gone already."""
        line = getattr(
            self._port, "_socket", None
        )  # pyserial leaves one open that the other side closed first
        try:
            self._port.close()
        except _faults():
            self._port.is_open = False
        if line is not None:
            line.close()

    def send(self, data: bytes) -> None:
        """Write all of it; raises DeviceGone, or DeviceSilent where the device does not take it in time."""
        import serial

        try:
            self._port.write(data)
        except serial.SerialTimeoutException as error:
            problem = f"did not take {len(data)} bytes within {WRITE_LIMIT_S:g} s"
            raise DeviceSilent(self.place, problem) from error
        except _faults() as error:
            self._gone(error)

    def read_line(self, limit_s: float) -> str:
        """The next line; raises DeviceSilent where none ends within the limit, DeviceGone, DeviceGarbled."""
        end = time.monotonic() + limit_s
        while (line := self._next(TICK_S)) is None:
            if time.monotonic() >= end:
                raise DeviceSilent(self.place, f"no line within {limit_s:g} s{self._so_far()}")
        return line

    def drain(self, *, settle_s: float, limit_s: float, until: Callable[[str], bool]) -> list[str]:
        """What a device says unasked: up to a line of which `until` is true, and whatever follows at once.

        Ends where nothing came for `settle_s`, at the latest after `limit_s`. Half a line is forgotten.
        """
        lines: list[str] = []
        wait_s, end = settle_s, time.monotonic() + limit_s
        quiet_at = time.monotonic() + wait_s
        while time.monotonic() < min(quiet_at, end):
            line = self._next(TICK_S)
            if line is not None:
                lines.append(line)
                wait_s = 2 * TICK_S if until(line) else wait_s
                quiet_at = time.monotonic() + wait_s
        self._splitter.forget_half_line()
        return lines

    def forget_stray_lines(self) -> None:
        """Drop, and count, what came since the last reply; it answers nothing that will be asked."""
        self.pump()
        while self.take_line() is not None:
            self.stray_lines += 1
        self._splitter.forget_half_line()
        self.on_tick()

    def pump(self) -> None:
        """Take in what has come, without waiting; a sender that never stops is left after a while."""
        for _ in range(MAX_PUMPED):
            data = self._read(0)
            if not data:
                break
            self._splitter.feed(data)

    def take_line(self) -> str | None:
        """A line that was taken in, None where there is none."""
        return self._splitter.next_line()

    def _next(self, wait_s: float) -> str | None:
        """A line, or None after at most one tick."""
        line = self._splitter.next_line()
        if line is None:
            self._splitter.feed(self._read(wait_s))
            line = self._splitter.next_line()
        if self._splitter.too_long:
            raise DeviceGarbled(self.place, f"gives a line without an end{self._so_far()}")
        self.on_tick()
        if line is not None:
            self.last_line = line
        return line

    def _read(self, wait_s: float) -> bytes:
        """What has come; where nothing has, at most one byte after waiting."""
        try:
            waiting = self._port.in_waiting
            if waiting or wait_s:
                return bytes(self._port.read(min(max(waiting, 1), READ_BYTES)))
        except _faults() as error:
            self._gone(error)
        return b""

    def _gone(self, error: Exception) -> NoReturn:
        problem = f"the port {self.name} closed in the middle ({error}){self._so_far()}"
        raise DeviceGone(self.place, problem) from error

    def _so_far(self) -> str:
        """What was read last, for a message."""
        said = []
        if self.last_line is not None:
            said.append(f"the last line was {self.last_line[:80]!r}")
        if half := self._splitter.half_line:
            said.append(
                f"then came half a line, {half[-80:]!r}" if said else f"half a line came, {half[-80:]!r}"
            )
        if self.skipped_bytes:
            said.append(f"{self.skipped_bytes} bytes were no text: is the baud rate right?")
        return "; " + ", ".join(said) if said else "; nothing was ever read"


def _check_name(name: str) -> None:
    """Raises DeviceGone where a name is neither a terminal device nor an address of a known form."""
    if name.startswith(ADDRESSES):
        return
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116 - an empty name is not the working folder
    except (OSError, ValueError) as error:
        raise DeviceGone("open", f"there is no port {name!r}: {error}") from error
    if not stat.S_ISCHR(mode):
        known = ", ".join(f"{form}..." for form in ADDRESSES)
        raise DeviceGone(
            "open", f"{name!r} is no serial port; expected a device file such as /dev/ttyACM0, or {known}"
        )


def _faults() -> tuple[type[Exception], ...]:
    """What pyserial raises at a port that is gone or was none: its own errors are OSErrors."""
    import termios

    return (OSError, termios.error, ValueError)


def is_pseudo_terminal(name: str) -> bool:
    """Whether a port is a program's, not a wire's."""
    if name.startswith(ADDRESSES):
        return False
    return Path(name).resolve().is_relative_to("/dev/pts")
