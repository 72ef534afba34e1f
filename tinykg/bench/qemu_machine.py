"""Runs an image in QEMU and reads what it says on its serial port."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from tinykg.bench.qemu_process import Step, ended, program
from tinykg.errors import BenchmarkError

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.bench.protocol import Watch
    from tinykg.bench.qemu_board import Board
    from tinykg.bench.qemu_image import Image

EMULATOR: Final = "qemu-system-arm"
PACKAGE: Final = "qemu-system-arm"

TIME_LIMIT_S: Final = 300.0
"""How long one start of the emulator may take. It runs 0.4 to 1.5 thousand million instructions a second."""

COUNTING: Final = "shift=6,align=off,sleep=off"
"""Virtual time goes on by 2**6 ns with each instruction, and by nothing else."""

SANDBOX: Final = (
    ("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny")
    if sys.platform == "linux"
    else ()
)
"""System calls that an emulated program can have no use for. Only QEMU for Linux can refuse them."""

LOOP: Final = 200_002
"""Instructions by which the harness's `known_loop` exceeds its `nothing`, which is one instruction."""

TOLERANCE_TICKS: Final = 2
"""A span is between two readings of a counter, each of which falls short by less than a tick."""

MOST_AROUND: Final = 32
"""Instructions that reading the timer and calling a function take, at most; they are about three."""

_NUMBER: Final = re.compile(r"^(stack|loop|empty|ticks|depth|wrapped) ([0-9a-f]{8})$")
_OUTPUT: Final = re.compile(r"^output ((?:[0-9a-f]{2})*)$")
_VERSION: Final = re.compile(r"version (\d+(?:\.\d+)+)")
_ROW: Final = ("loop", "empty", "ticks", "depth", "wrapped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """One inference on the emulated board: instructions, bytes of stack below the call, what came out."""

    instructions: int
    stack_bytes: int
    output: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What one start of the emulator yielded; `ticks_per_instruction` is what its timer was found to do."""

    inferences: tuple[Inference, ...]
    ticks_per_instruction: Fraction


def emulator_version(folder: Path, watch: Watch) -> str:
    """The version of QEMU, such as 7.2.22."""
    step = Step(doing="asking for the emulator's version", done=0.5, time_limit_s=30.0)
    said = ended([program(EMULATOR, PACKAGE), "--version"], folder, step, watch).stdout
    found = _VERSION.search(said.decode("utf-8", "replace"))
    return found[1] if found else "unknown"


def session(image: Image, board: Board, folder: Path, watch: Watch, done: float) -> Session:
    """Start the emulator once and let the image run to its end.

    The board has no network, no disk and no way to the host but its serial port. Raises BenchmarkError
    where the image faults, hangs or says something else than the harness does.
    """
    command = [
        program(EMULATOR, PACKAGE), "-M", board.machine, "-kernel", str(image.path),
        "-icount", COUNTING, "-no-reboot", "-display", "none", "-monitor", "none", "-serial", "stdio",
        "-nic", "none", *SANDBOX,
    ]  # fmt: skip
    step = Step(doing=f"running in QEMU ({board.machine})", done=done, time_limit_s=TIME_LIMIT_S)
    over = ended(command, folder, step, watch)
    if over.code:
        raise BenchmarkError(f"QEMU broke off: {over.last_words}")
    return read_session(over.stdout.decode("ascii", "replace"))


def read_session(said: str) -> Session:
    """The harness's words, read strictly; the timer's rate comes from its loop of known length."""
    lines = said.replace("\r", "").split("\n")
    if "fault" in lines:
        raise BenchmarkError("The emulated core faulted while it ran the model")
    if lines[-2:] != ["done", ""]:
        raise BenchmarkError("The emulated board fell silent before it was done")
    (name, stack), rows = _number(lines[0]), lines[1:-2]
    width = len(_ROW) + 1
    if name != "stack" or not rows or len(rows) % width:
        raise BenchmarkError("The emulated board said something else than was agreed")
    tables = [_row(rows[i : i + width]) for i in range(0, len(rows), width)]
    rate = _rate([(values["loop"], values["empty"]) for values, _ in tables])
    around = _around(rate, [(values["loop"], values["empty"]) for values, _ in tables])
    inferences = tuple(_inference(values, output, (rate, around), stack) for values, output in tables)
    return Session(inferences=inferences, ticks_per_instruction=rate)


def _number(line: str) -> tuple[str, int]:
    found = _NUMBER.fullmatch(line)
    if found is None:
        raise BenchmarkError(f"The emulated board said {line[:60]!r}, which was not agreed")
    return found[1], int(found[2], 16)


def _row(lines: list[str]) -> tuple[dict[str, int], bytes]:
    values = dict(map(_number, lines[:-1]))
    found = _OUTPUT.fullmatch(lines[-1])
    if tuple(values) != _ROW or found is None:
        raise BenchmarkError("The emulated board said something else than was agreed")
    return values, bytes.fromhex(found[1])


def _rate(loops: list[tuple[int, int]]) -> Fraction:
    """Ticks per instruction: the rate with the fewest digits that the loops of known length agree with.

    A CMSDK timer counts the board's clock, and an instruction takes 64 ns of virtual time: 8/5 of a tick
    at 25 MHz, 32/25 at 20 MHz.
    """
    low = max(loop - empty - TOLERANCE_TICKS for loop, empty in loops)
    high = min(loop - empty + TOLERANCE_TICKS for loop, empty in loops)
    if low > high or low <= 0:
        raise BenchmarkError("The emulator's timer does not count instructions evenly: is -icount in force?")
    rate = Fraction(low + high, 2 * LOOP).limit_denominator(1000)
    if not low <= rate * LOOP <= high:
        raise BenchmarkError("The emulator's timer does not count instructions at a steady rate")
    return rate


def _around(rate: Fraction, spans: list[tuple[int, int]]) -> int:
    """Instructions between two readings of the timer besides those of the function that is called.

    The number that the spans of the empty function (one instruction, its return) and of the loop are
    nearest to; they are the same machine code for any function.
    """

    def distance(around: int) -> Fraction:
        expected = rate * (around + 1)
        misses = [(loop - expected - rate * LOOP, empty - expected) for loop, empty in spans]
        return max(abs(miss) for pair in misses for miss in pair)

    return min(range(MOST_AROUND), key=distance)


def _inference(values: dict[str, int], output: bytes, scale: tuple[Fraction, int], stack: int) -> Inference:
    rate, around = scale
    if values["wrapped"]:
        most = float((1 << 32) / rate / 10**9)
        raise BenchmarkError(
            f"An inference takes more than {most:.1f} thousand million instructions; the timer wrapped"
        )
    if values["depth"] >= stack:
        raise BenchmarkError(f"The model needs more than {stack} B of stack")
    # A long span is known to less than a tick, and so to one instruction.
    instructions = round(values["ticks"] / rate) - around
    return Inference(instructions=instructions, stack_bytes=values["depth"], output=output)
