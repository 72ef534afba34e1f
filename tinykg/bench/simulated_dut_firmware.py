"""The firmware of a simulated device: bytes of commands in, bytes of answers out.

What it prints, refuses and ignores is what the reference firmware does (mlcommons/tiny,
benchmark/api/internally_implemented.cpp); no clock, port or process is in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from tinykg.bench.accuracy import mean_squared_error
from tinykg.bench.dut_lines import MAX_COMMAND_CHARS
from tinykg.bench.dut_tensors import ANOMALY, sent_bytes, to_real, to_tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tinykg.bench.dut_tensors import TensorForm

PROFILE: Final = "ULPMark for tinyML Firmware V0.0.1"
"""EE_FW_VERSION: what a device of this protocol answers to `profile`."""

MAX_BUFFER_BYTES: Final = 96 * 96 * 3
DEFAULT_WARMUP: Final = 10
MAX_RESULTS: Final = 4096
"""Longer outputs are cut off, so that a line of results stays a line."""

HELP: Final = (
    PROFILE,
    "",
    "help         : what this is",
    "name         : the device's name",
    "timestamp    : the lap counter, or a pulse in energy mode",
    "db load N    : expect N bytes",
    "db HH[HH]*   : bytes in hexadecimal until N have come",
    "db print     : the bytes",
    "infer N [W]  : N inferences after W that are not timed",
    "results      : the last results",
)


class Engine(Protocol):
    """What runs the model."""

    @property
    def inputs(self) -> tuple[TensorForm, ...]:
        """The forms of its inputs."""
        ...

    @property
    def output(self) -> TensorForm:
        """The form of its first output."""
        ...

    def run(self, iterations: int, content: bytes = b"") -> tuple[int, bytes]:
        """Run so many times, on new inputs where given: nanoseconds and the first output."""
        ...


class Clock(Protocol):
    """The device's own time."""

    def now_us(self) -> int:
        """The lap counter."""
        ...

    def ran(self, took_ns: int) -> None:
        """Take note that the model has run for so long."""
        ...

    def pulse(self, *, after_inference: bool) -> None:
        """Make the edge on a pin that an energy monitor takes as an event; the second one of a window."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What the firmware says of itself."""

    name: str
    model: str
    energy: bool = False


class Firmware:
    """Takes bytes as they come in and yields what goes out, piece by piece while it works."""

    def __init__(self, announced: Announced, engine: Engine, clock: Clock) -> None:
        self._announced = announced
        self._engine, self._clock = engine, clock
        single = len(engine.inputs) == 1
        self._input_bytes = (
            sent_bytes(engine.inputs[0], announced.model)
            if single
            else sum(form.size_bytes for form in engine.inputs)
        )
        self._max_bytes = max(MAX_BUFFER_BYTES, self._input_bytes)
        self._command = bytearray()
        self._buffer = bytearray()
        self._expected = 0
        self._output = bytes(engine.output.size_bytes)
        self._given: bytes = b""

    def banner(self) -> Iterator[bytes]:
        """What is printed after a reset."""
        self._command.clear()
        yield _line(f"m-timestamp-mode-{'energy' if self._announced.energy else 'performance'}")
        yield from self._timestamp([])
        yield _line("m-init-done")
        yield _line("m-ready")

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The answers to what came in; characters beyond the 80th of a command are dropped."""
        for byte in data:
            if byte != ord("%"):
                if len(self._command) < MAX_COMMAND_CHARS:
                    self._command.append(byte)
                continue
            text = self._command.decode("ascii", "replace")
            self._command.clear()
            yield from self._answer(text)
            yield _line("m-ready")

    def _answer(self, text: str) -> Iterator[bytes]:
        words = [word for word in text.split(" ") if word]
        answers: dict[str, Callable[[list[str]], Iterator[bytes]]] = {
            "name": self._name,
            "profile": self._profile,
            "help": self._help,
            "timestamp": self._timestamp,
            "db": self._db,
            "infer": self._infer,
            "results": self._results,
        }
        name = words[0] if words else ""
        if name in answers:
            yield from answers[name](words[1:])
        else:
            yield _line(f"e-[Unknown command: {name}]")

    def _name(self, _: list[str]) -> Iterator[bytes]:
        yield _line(f"m-name-dut-[{self._announced.name}]")

    def _help(self, _: list[str]) -> Iterator[bytes]:
        yield from map(_line, HELP)

    def _profile(self, _: list[str]) -> Iterator[bytes]:
        yield _line(f"m-profile-[{PROFILE}]")
        yield _line(f"m-model-[{self._announced.model}]")

    def _timestamp(self, _: list[str], *, after_inference: bool = False) -> Iterator[bytes]:
        if self._announced.energy:
            self._clock.pulse(after_inference=after_inference)
        else:
            yield _line(f"m-lap-us-{self._clock.now_us()}")

    def _db(self, words: list[str]) -> Iterator[bytes]:
        if not words:
            yield _line("e-[Command 'db' requires a subcommand]")
        elif words[0] == "load":
            yield from self._db_load(words[1:])
        elif words[0] == "print":
            yield from self._db_print()
        else:
            yield from self._db_bytes(words[0])

    def _db_load(self, words: list[str]) -> Iterator[bytes]:
        if not words:
            yield _line("e-[Command 'db load' requires the # of bytes]")
            return
        size = _atoi(words[0])
        if size == 0:
            yield _line("e-[Command 'db load' must be >0 bytes]")
        elif not 0 < size <= self._max_bytes:
            yield f"Supplied buffer size {size} exceeds maximum of {self._max_bytes}\n".encode()
        else:
            self._expected = size
            self._buffer.clear()
            yield _line(f"m-[Expecting {size} bytes]")

    def _db_print(self) -> Iterator[bytes]:
        for start in range(0, len(self._buffer), 8):
            yield _line(f"m-buffer-{self._buffer[start : start + 8].hex('-')}")

    def _db_bytes(self, digits: str) -> Iterator[bytes]:
        if len(digits) % 2:
            yield _line("e-[Insufficent number of hex digits]")
            return
        for start in range(0, len(digits), 2):
            pair = digits[start : start + 2]
            if not set(pair) <= set("0123456789abcdefABCDEF"):
                yield _line(f"e-[Invalid hex digit '{pair}']")
                return
            if len(self._buffer) < self._expected:
                self._buffer.append(int(pair, 16))
                if len(self._buffer) == self._expected:
                    yield _line("m-load-done")
                    return

    def _infer(self, words: list[str]) -> Iterator[bytes]:
        iterations = _atoi(words[0]) if words else 1
        warmup = _atoi(words[1]) if len(words) > 1 else DEFAULT_WARMUP
        if iterations <= 0:
            yield _line("e-[Inference iterations must be >0]")
            return
        if warmup < 0:
            yield _line("e-[Inference warmup must be >=0]")
            return
        yield from self._load_tensor()
        yield _line(f"m-warmup-start-{warmup}")
        self._run(warmup)
        yield _line("m-warmup-done")
        yield _line(f"m-infer-start-{iterations}")
        yield from self._timestamp([])
        self._run(iterations)
        yield from self._timestamp([], after_inference=True)
        yield _line("m-infer-done")
        yield from self._results([])

    def _load_tensor(self) -> Iterator[bytes]:
        """The buffer to the model's input; one of another length is complained of and left alone."""
        self._given = b""
        if len(self._buffer) != self._input_bytes:
            yield f"Input db has {len(self._buffer)} elemented, expected {self._input_bytes}\n".encode()
        elif len(self._engine.inputs) == 1:
            self._given = to_tensor(bytes(self._buffer), self._engine.inputs[0], self._announced.model)
        else:
            self._given = bytes(self._buffer)

    def _run(self, iterations: int) -> None:
        if iterations:
            took_ns, self._output = self._engine.run(iterations, self._given)
            self._given = b""
            self._clock.ran(took_ns)

    def _results(self, _: list[str]) -> Iterator[bytes]:
        values = to_real(self._output, self._engine.output)
        if self._announced.model == ANOMALY and len(self._buffer) == self._input_bytes:
            import numpy as np

            sent = np.frombuffer(bytes(self._buffer), "<f4").astype(np.float64)
            numbers = [mean_squared_error(values, sent)]
        else:
            numbers = [float(value) for value in values[:MAX_RESULTS]]
        yield _line(f"m-results-[{','.join(f'{number:.3f}' for number in numbers)}]")


def _line(text: str) -> bytes:
    return f"{text}\r\n".encode("ascii", "replace")


def _atoi(text: str) -> int:
    """A number as C's atoi reads it: what begins the text, 0 where nothing does; cut to 32 bits."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    end = next((i for i, char in enumerate(digits) if not ("0" <= char <= "9")), len(digits))
    return sign * min(int(digits[: min(end, 20)] or 0), (1 << 31) - 1)
