"""The host's side of the MLPerf Tiny protocol: who answers, downloads, inferences.

The order of lines, the chunks and what is retried are those of the protocol's own host
(mlcommons/tiny, benchmark/runner/device_under_test.py, io_manager.py, serial_device.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from tinykg.bench.dut_lines import END_OF_COMMAND, command_bytes
from tinykg.bench.dut_messages import (
    LOAD_DONE,
    READY,
    Identity,
    Inference,
    check_refusal,
    inference_in,
    is_of_the_protocol,
    is_ready,
    laps_in,
    name_in,
    profile_in,
    results_in,
)
from tinykg.errors import DeviceGarbled, DeviceRefused, DeviceSilent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.bench.dut_link import SerialLink

Said = TypeVar("Said")

CHUNK_BYTES: Final = 31
WRAPPED_CHUNK_BYTES: Final = 26
"""Bytes of one `db`: fewer where `dut ` stands before each command."""

MAX_REPLY_LINES: Final = 10_000
"""`db print` of the largest buffer, 27,648 bytes, has 3,456."""

RESTARTED: Final = "m-init-done"
"""The banner's line that no command is answered with."""

IDENTIFYING: Final = ("name", "profile")
"""The commands that are asked again, and so may meet a late banner."""

DUT_PREFIX: Final = "[dut]:"
"""What an interface board puts before each line of the device, with a blank behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long a device may take, in seconds; the first two and `tries` are the protocol's own.

    `line_s` is for each line, `infer_line_s` for each line of an inference; `settle_s` is how long a
    device that was reset by opening its port may be quiet before its banner, `drain_s` how long all of
    that may take. After a question that was not answered it must be quiet for `resync_s`. `tries` is for
    `name` and `profile`.
    """

    line_s: float = 5.0
    infer_line_s: float = 30.0
    settle_s: float = 2.0
    resync_s: float = 0.5
    drain_s: float = 20.0
    tries: int = 3


class DutClient:
    """Talks to a device; all methods raise the DeviceError that says what went wrong, where.

    `wrapped` where an interface board stands between: commands go out as `dut CMD`, lines come back
    with a prefix.
    """

    def __init__(self, link: SerialLink, *, wrapped: bool = False, timing: Timing | None = None) -> None:
        self._link = link
        self._wrapped = wrapped
        self._timing = timing or Timing()

    def greet(self, dut_baud: int = 115_200) -> Identity:
        """Wait for a banner, if there is one, and ask who it is.

        An interface board is first told to speak to the device with `dut_baud`. Raises DeviceSilent where
        nothing answers, DeviceGarbled where something else does.
        """
        self._link.place = "banner"
        timing = self._timing
        self._link.drain(settle_s=timing.settle_s, limit_s=timing.drain_s, until=is_ready)
        if self._wrapped:
            self._set_baud(dut_baud)
        name = self._retried("name", name_in)
        profile, model = self._retried("profile", _whole_profile)
        return Identity(name=name, profile=profile, model=model)

    def _retried(self, command: str, read: Callable[[list[str]], Said | None]) -> Said:
        """What a reply says; asked again where it says nothing of the kind, as after a late banner."""
        silence: DeviceSilent | DeviceRefused | None = None
        lines: list[str] = []
        for attempt in range(self._timing.tries):
            try:
                lines = self.ask(command)
            except (DeviceSilent, DeviceRefused) as error:  # what came before may have cut the command
                silence = error
                continue
            silence = None
            said = read(lines)
            if attempt or said is None:  # an answer to the question before may still be on its way
                self._link.drain(settle_s=self._timing.resync_s, limit_s=self._timing.line_s, until=_never)
            if said is not None:
                return said
        if silence is not None:
            raise silence
        heard = " | ".join(line[:80] for line in lines[-3:])
        raise DeviceGarbled(
            command, f"was asked {self._timing.tries} times and does not say it; it last said {heard!r}"
        )

    def load(self, data: bytes) -> None:
        """Put bytes into the device's buffer; it confirms the last one, and no other, with m-load-done."""
        if not data:
            raise ValueError("nothing to load")
        self.ask(f"db load {len(data)}")
        step = WRAPPED_CHUNK_BYTES if self._wrapped else CHUNK_BYTES
        for start in range(0, len(data), step):
            lines = self.ask(f"db {data[start : start + step].hex()}")
            done, end = LOAD_DONE in lines, min(start + step, len(data))
            if done != (end == len(data)):
                when = f"after {end} of {len(data)} bytes"
                problem = "says m-load-done already" if done else "does not say m-load-done"
                raise DeviceGarbled(f"db load {len(data)}", f"{problem} {when}: bytes were lost or doubled")

    def infer(
        self, iterations: int, warmup: int, *, expected_s: float = 0.0, timed: bool = True
    ) -> Inference:
        """Run what was loaded; a window that is expected to be long may take longer than 30 s a line."""
        command = f"infer {iterations} {warmup}"
        limit_s = max(self._timing.infer_line_s, 3 * expected_s + self._timing.line_s)
        return inference_in(self.ask(command, limit_s), iterations, warmup, timed=timed)

    def results(self) -> tuple[float, ...]:
        """The last results once more."""
        return results_in(self.ask("results"), "results")[0]

    def timestamp_us(self) -> int | None:
        """The lap counter; None in energy mode, which has none."""
        return next(iter(laps_in(self.ask("timestamp"))), None)

    def buffer(self) -> bytes:
        """What is in the device's buffer."""
        lines = self.ask("db print")
        said = "".join(line.removeprefix("m-buffer-") for line in lines if line.startswith("m-buffer-"))
        try:
            return bytes.fromhex(said.replace("-", ""))
        except ValueError as error:
            raise DeviceGarbled("db print", f"printed what is no hexadecimal: {said[:60]!r}") from error

    def _set_baud(self, baud: int) -> None:
        """Tell the interface board how fast to speak to the device; a board that cannot has one speed."""
        command = f"setbaud {baud}"
        self._send(command, command)
        lines: list[str] = []
        ended = False
        while not ended:
            from_device, line, is_end = self._wrapped_line(self._timing.line_s, lines)
            ended = is_end and not from_device
            lines += [line] if line and not from_device else []

    def ask(self, command: str, line_limit_s: float | None = None) -> list[str]:
        """The lines of a reply, without the one that ends it; raises DeviceRefused where it is an error."""
        limit_s = self._timing.line_s if line_limit_s is None else line_limit_s
        self._send(f"dut {command}" if self._wrapped else command, command)
        lines = self._wrapped_reply(command, limit_s) if self._wrapped else self._reply(command, limit_s)
        check_refusal(command, lines)
        if RESTARTED in lines and command not in IDENTIFYING:
            raise DeviceGarbled(self._link.place, "restarted in the middle: it printed its banner again")
        return lines

    def _send(self, text: str, place: str) -> None:
        self._link.place = place if len(place) <= 40 else f"{place[:37]}..."
        self._link.forget_stray_lines()
        self._link.send(command_bytes(text))

    def _reply(self, command: str, limit_s: float) -> list[str]:
        """Lines up to m-ready; of a device that echoes, the command is no part of them."""
        lines: list[str] = []
        ready = ""
        while not ready:
            line = self._line(limit_s, lines).removeprefix(f"{command}{END_OF_COMMAND}")
            before, ready, _ = line.partition(READY)
            lines.append(before.strip())
        return [line for line in lines if line]

    def _wrapped_reply(self, command: str, limit_s: float) -> list[str]:
        """The device's lines; the board's own are checked and dropped, in whatever order they come."""
        lines: list[str] = []
        board: list[str] = []
        waiting = {"board", "device"}
        while waiting:
            from_device, line, is_end = self._wrapped_line(limit_s, [*board, *lines])
            if line:
                (lines if from_device else board).append(line)
            if is_end:
                waiting.discard("device" if from_device else "board")
            if is_end and not from_device:
                check_refusal(f"interface board: {command}"[:60], board)
        if f"m-dut-passthrough({command})" not in board:
            problem = f"the interface board did not pass the command on; it said {' | '.join(board)[:160]!r}"
            raise DeviceGarbled(command, problem)
        return lines

    def _wrapped_line(self, limit_s: float, before: list[str]) -> tuple[bool, str, bool]:
        """A line by way of the interface board: whether it is the device's, what it says, if it is an end."""
        line = self._line(limit_s, before)
        said, ready, _ = line.removeprefix(DUT_PREFIX).partition(READY)
        return line.startswith(DUT_PREFIX), said.strip(), bool(ready)

    def _line(self, limit_s: float, before: list[str]) -> str:
        """One more line of a reply; explains silence by what came before it."""
        if len(before) > MAX_REPLY_LINES:
            raise DeviceGarbled(self._link.place, f"gave {len(before)} lines without m-ready")
        try:
            return self._link.read_line(limit_s)
        except DeviceSilent as error:
            check_refusal(self._link.place, before)
            said = [line for line in before if line]
            if said and not any(is_of_the_protocol(line.removeprefix(DUT_PREFIX).strip()) for line in said):
                raise DeviceGarbled(
                    self._link.place,
                    f"answers, but not in this protocol: {' | '.join(said)[-160:]!r}. "
                    "Is it the right port, baud rate and firmware?",
                ) from error
            raise


def _never(_: str) -> bool:
    """No line ends the wait."""
    return False


def _whole_profile(lines: list[str]) -> tuple[str, str] | None:
    profile, model = profile_in(lines)
    return (profile, model) if profile is not None and model is not None else None
