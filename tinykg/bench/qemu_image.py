"""A program for an emulated board: the model's C sources and our harness, compiled and linked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.bench.qemu_board import MEMORY_BYTES
from tinykg.bench.qemu_process import Step, ended, program
from tinykg.errors import BenchmarkError
from tinykg.files import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.bench.bakenn_source import Source
    from tinykg.bench.protocol import Watch
    from tinykg.bench.qemu_board import Board

COMPILER: Final = "arm-none-eabi-gcc"
PACKAGE: Final = "gcc-arm-none-eabi libnewlib-arm-none-eabi"

TIME_LIMIT_S: Final = 180.0
"""How long the compiler may take; the largest of MLPerf Tiny's models takes 3 seconds."""

STACK_BYTES: Final = 1 << 16
"""Left to the stack; what is used of it is measured."""

_VERSION: Final = re.compile(r"\b(\d+\.\d+\.\d+)\b")
_SIZES: Final = re.compile(r"^\s*(\d+)\s+(\d+)\s+(\d+)\s+\d+\s+[0-9a-f]+\s+\S", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How an image is made: the board, GCC's level of optimization, floating-point registers used or not."""

    board: Board
    optimization: str
    hard_float: bool
    inputs: int
    seed: int

    @property
    def flags(self) -> tuple[str, ...]:
        """The compiler's options that the code depends on.

        Integer kernels compute nothing in floating point, but GCC keeps values in the registers of a
        floating-point unit that it may use: 3.6 % more instructions for MLPerf Tiny's keyword spotting.
        """
        hard = self.hard_float and self.board.fpu
        floats = ("-mfloat-abi=hard", f"-mfpu={self.board.fpu}") if hard else ("-mfloat-abi=soft",)
        sections = ("-ffunction-sections", "-fdata-sections")
        return (f"-mcpu={self.board.core}", "-mthumb", *floats, "-std=c11", self.optimization, *sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A linked program and its sizes in bytes, with and without what is ours in it.

    `text` is code and constants, `data` variables with a value (in flash and in RAM), `bss` those without.
    `harness` is code and constants of the harness, which are part of `text`.
    """

    path: Path
    text: int
    data: int
    bss: int
    harness: int
    compiler: str


def image_of(source: Source, build: Build, folder: Path, watch: Watch) -> Image:
    """Compile and link. Raises BenchmarkError where that fails or takes too long."""
    compiler, size = program(COMPILER, PACKAGE), program("arm-none-eabi-size", "binutils-arm-none-eabi")
    step = Step(doing="compiling", done=0.15, time_limit_s=TIME_LIMIT_S)
    ours, place = data_folder() / "bench" / "qemu", folder / "build"
    place.mkdir()
    headers = [part for path in source.folders for part in ("-I", str(path))]
    common = [compiler, *build.flags, *headers, *_definitions(build)]
    version = ended([compiler, "--version"], folder, step, watch)
    _ran([*common, "-c", str(ours / "harness.c"), "-o", "build/harness.o"], folder, step, watch)
    names = [str(path) for path in source.files]
    link = ["-T", str(ours / "link.ld"), "-nostartfiles", "-Wl,--gc-sections", *_memories(build)]
    _ran([*common, *names, "build/harness.o", *link, "-o", "build/image.elf"], folder, step, watch)
    harness = _sizes(ended([size, "build/harness.o"], folder, step, watch).stdout)
    text, data, bss = _sizes(ended([size, "build/image.elf"], folder, step, watch).stdout)
    found = _VERSION.search(version.stdout.decode("utf-8", "replace").partition("\n")[0].rpartition(")")[2])
    return Image(
        path=place / "image.elf",
        text=text,
        data=data,
        bss=bss,
        harness=harness[0],
        compiler=found[1] if found else "unknown",
    )


def _ran(command: list[str], folder: Path, step: Step, watch: Watch) -> None:
    done = ended(command, folder, step, watch)
    if done.code:
        raise BenchmarkError(f"The image cannot be built: {_reason(done.stderr, folder) or done.last_words}")


def _reason(said: str, folder: Path) -> str | None:
    """The first complaint of compiler or linker that is an error."""
    lines = [line.strip().replace(f"{folder}/", "") for line in said.splitlines()]
    marks = ("error:", "overflowed by", "no room for the stack", "undefined reference", "will not fit")
    return next(
        (line.rpartition("ld: ")[2][:400] for line in lines if any(mark in line for mark in marks)), None
    )


def _definitions(build: Build) -> list[str]:
    values = {
        "TIMER_BASE": f"{build.board.timer:#x}u",
        "UART_BASE": f"{build.board.uart:#x}u",
        "INPUTS": f"{build.inputs}u",
        "SEED": f"{build.seed}u",
    }
    fpu = ["-DHAS_FPU"] if build.hard_float and build.board.fpu else []
    return [*(f"-D{name}={value}" for name, value in values.items()), *fpu]


def _memories(build: Build) -> list[str]:
    values = {
        "code_origin": build.board.code,
        "code_length": MEMORY_BYTES,
        "ram_origin": build.board.ram,
        "ram_length": MEMORY_BYTES,
        "stack_bytes": STACK_BYTES,
    }
    return [f"-Wl,--defsym={name}={value:#x}" for name, value in values.items()]


def _sizes(said: bytes) -> tuple[int, int, int]:
    """text, data and bss of what `size` was asked about."""
    found = _SIZES.search(said.decode("utf-8", "replace"))
    if found is None:
        raise BenchmarkError("The sizes of the linked image cannot be read")
    return int(found[1]), int(found[2]), int(found[3])
