"""Programs that take part in a run on an emulated board: started with bounds, followed, ended at once."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tinykg.errors import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.bench.protocol import Watch

LIMITED: Final = Path(__file__).with_name("qemu_limited.py")

POLL_S: Final = 0.1
"""How often a program is looked after, and who follows the run is asked."""

MAX_MEMORY_BYTES: Final = 4 << 30
"""Address space of one program. QEMU reserves about 1.5 GiB of it, a compiler of large constants less."""

MAX_FILE_BYTES: Final = 1 << 28
"""The largest file that one program may write."""

SAID_CHARACTERS: Final = 400
"""Characters of a program's last complaint that are repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One program's share of a run: `doing` says what it does, `done` how much of the run lies behind."""

    doing: str
    done: float
    time_limit_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What became of a program: its exit code (negative: the signal that ended it) and what it wrote."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def last_words(self) -> str:
        """How it ended, with the last line that it complained in."""
        names = {-one.value: one.name for one in signal.Signals}
        how = names.get(self.code, f"exit code {self.code}")
        lines = [line.strip() for line in self.stderr.splitlines() if line.strip()]
        return ": ".join([how, *(line[:SAID_CHARACTERS] for line in lines[-1:])])


def program(name: str, package: str) -> str:
    """The path of a program. Raises BenchmarkError with the Debian package that brings it."""
    path = shutil.which(name)
    if path is None:
        raise BenchmarkError(f"The program {name} is not installed (Debian: apt install {package})")
    return path


def ended(command: Sequence[str], folder: Path, step: Step, watch: Watch, *, given: bytes = b"") -> Ended:
    """Run a program in a folder to its end; `given` is its input.

    Raises BenchmarkError where it takes longer than its step may, and whatever the watch raises; the program
    and its children have ended then.
    """
    for name, content in (("stdin", given), ("stdout", b""), ("stderr", b"")):
        (folder / name).write_bytes(content)
    bounds = [str(MAX_MEMORY_BYTES), str(int(step.time_limit_s) + 1), str(MAX_FILE_BYTES)]
    with (
        (folder / "stdin").open("rb") as stdin,
        (folder / "stdout").open("wb") as stdout,
        (folder / "stderr").open("wb") as stderr,
    ):
        process = subprocess.Popen(  # noqa: S603 - programs by their full paths, no shell
            [sys.executable, "-I", "-S", str(LIMITED), *bounds, *command],
            stdin=stdin, stdout=stdout, stderr=stderr, cwd=folder, start_new_session=True,
        )  # fmt: skip
        try:
            code = _waited(process, step, watch)
        finally:
            _kill(process)
    words = (folder / "stderr").read_bytes().decode("utf-8", "replace")
    return Ended(code=code, stdout=(folder / "stdout").read_bytes(), stderr=words)


def _waited(process: subprocess.Popen[bytes], step: Step, watch: Watch) -> int:
    until = time.monotonic() + step.time_limit_s
    while True:
        watch.progress(step.done, step.doing)
        try:
            return process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            if time.monotonic() > until:
                raise BenchmarkError(f"{step.doing}: no end within {step.time_limit_s:.0f} s") from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that it started; they are one process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
