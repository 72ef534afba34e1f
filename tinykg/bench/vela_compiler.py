"""Vela, the compiler for Ethos-U, in a child process: the compiled file, and what Vela expects of it.

The package `ethos-u-vela` comes with the extra `bench`. Reading the compiled file is the caller's part.
"""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tinykg.bench.protocol import Unwatched
from tinykg.errors import ExtractError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.bench.protocol import Watch

MODULE: Final = "ethosu.vela"
TIME_LIMIT_S: Final = 120.0
MEMORY_LIMIT_BYTES: Final = 8 << 30
POLL_S: Final = 0.1
ACCELERATOR: Final = "ethos-u55-128"
MAX_SAID_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """A compiled file, the columns of Vela's summary of it, and what Vela printed.

    `summary` is empty where Vela wrote none.
    """

    content: bytes
    summary: Mapping[str, str]
    said: str


def is_installed() -> bool:
    """Whether the compiler's package is there; nothing of it is loaded."""
    return importlib.util.find_spec("ethosu") is not None


def compile_model(
    data: bytes,
    name: str,
    accelerator: str = ACCELERATOR,
    *,
    settings: Mapping[str, str] | None = None,
    watch: Watch | None = None,
) -> Compilation:
    """The file as Vela compiles it for an accelerator; `name` is for messages.

    `settings` are further options of Vela, such as `system-config`. Raises ExtractError where the compiler
    fails, with the last line it said, and what the watch raises; the compiler has ended then.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source = folder / "model.tflite"
        source.write_bytes(data)
        command = [sys.executable, "-m", MODULE, str(source)]
        command += ["--accelerator-config", accelerator, "--output-dir", place]
        command += [f"--{option}={value}" for option, value in (settings or {}).items()]
        code, said = _run(command, folder, watch or Unwatched(), name)
        product = folder / "model_vela.tflite"
        if code or not product.is_file():
            last = said.strip().splitlines()[-1:] or ["it said nothing"]
            raise ExtractError(name, "compilation by Vela", last[0], "a compiled file")
        return Compilation(content=product.read_bytes(), summary=_summary(folder), said=said)


def _run(command: Sequence[str], folder: Path, watch: Watch, name: str) -> tuple[int, str]:
    """The exit code, and what was said: errors where there are any, else the output."""
    output, errors = folder / "said.txt", folder / "complained.txt"
    with output.open("wb") as out, errors.open("wb") as err:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter, a fixed module, a path of our own
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
        try:
            _bound(child.pid)
            code = _wait(child, watch, name)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    said, complained = _beginning(output), _beginning(errors)
    if not code:
        return code, said + complained
    return code, complained if complained.strip() else said


def _wait(child: subprocess.Popen[bytes], watch: Watch, name: str) -> int:
    end = time.monotonic() + TIME_LIMIT_S
    while True:
        watch.progress(0.1, "compiling")
        try:
            return child.wait(POLL_S)
        except subprocess.TimeoutExpired as error:
            if time.monotonic() > end:
                expected = f"an answer within {TIME_LIMIT_S:.0f} s"
                raise ExtractError(name, "compilation by Vela", "no answer", expected) from error


def _bound(pid: int) -> None:
    """Limit a process's memory, where the system can do that from outside."""
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(ProcessLookupError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))


def _beginning(path: Path) -> str:
    with path.open("rb") as lines:
        return lines.read(MAX_SAID_BYTES).decode("utf-8", "replace")


def _summary(folder: Path) -> dict[str, str]:
    """The one row of Vela's summary, by column."""
    for path in sorted(folder.glob("*_summary_*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            row = next(csv.DictReader(lines), None)
            if row is not None:
                return {key: value for key, value in row.items() if key and isinstance(value, str)}
    return {}
