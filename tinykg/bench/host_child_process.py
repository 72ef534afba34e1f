"""The child process that runs a model in an interpreter of this host: started, followed, ended."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tinykg.bench.seeded_inputs import digest_of
from tinykg.errors import BenchmarkError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.bench.protocol import Watch

CHILD: Final = Path(__file__).with_name("host_child.py")

MAX_MEMORY_BYTES: Final = 8 << 30
"""Address space of the child: arenas are at most 2 GiB, and libraries reserve more than they use."""

START_LIMIT_S: Final = 60.0
"""Beyond the seconds that timing may take: loading the libraries, and running the inputs twice."""

POLL_S: Final = 0.1
"""How often somebody who wants to end the run is asked."""

END_LIMIT_S: Final = 5.0
"""How long a child that has said its last may take to end."""

MAX_LINE_BYTES: Final = 1 << 22
"""Of the child: a result with 100,000 times has a megabyte."""

SAID_BYTES: Final = 1 << 16
REASON_LINES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the child is to do; the module `host_child` describes the fields."""

    engine: str
    model: bytes
    inputs: list[bytes]
    again: bool = True
    warmup: int = 0
    iterations: int = 0
    seconds: float = 0.0
    settings: Mapping[str, object]
    limit_s: float = START_LIMIT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of it: raw outputs of each input, the time of each timed inference, what was printed.

    `sha256` are the digests of all outputs by the first interpreter and by the second.
    """

    version: str
    outputs: list[bytes]
    sha256: tuple[str, ...]
    times_ns: list[int]
    resident_bytes: int | None
    said: str


def require(package: str, what: str) -> None:
    """Raises MissingExtra where a package is not installed; nothing of it is loaded."""
    if find_spec(package) is None:
        raise MissingExtra(what, "bench")


def run_child(order: Order, workplace: Path, watch: Watch, *, share: tuple[float, float] = (0.0, 1.0)) -> Ran:
    """Run a model as ordered; files go into `workplace`, progress to the watch as its `share` of a whole.

    Raises BenchmarkError where the interpreter refuses the model, fails, crashes or takes too long. The
    child has ended when this returns or raises.
    """
    model, inputs, outputs, said = (
        workplace / name for name in ("model.tflite", "inputs.bin", "outputs.bin", "said.txt")
    )
    model.write_bytes(order.model)
    inputs.write_bytes(b"".join(order.inputs))
    limit_s = order.limit_s + order.seconds
    statement = workplace / "order.json"
    fields = {
        **order.settings,
        "engine": order.engine,
        "model": str(model),
        "inputs": str(inputs),
        "count": len(order.inputs),
        "outputs": str(outputs),
        "again": order.again,
        "warmup": order.warmup,
        "iterations": order.iterations,
        "seconds": order.seconds,
        "limit_bytes": MAX_MEMORY_BYTES,
        "limit_s": round(limit_s * (os.cpu_count() or 1)) + 1,
    }
    statement.write_text(json.dumps(fields), encoding="utf-8")
    with said.open("wb") as errors:
        child = subprocess.Popen(  # noqa: S603 - our own program, by its full path; the model is only its input
            [sys.executable, "-P", str(CHILD), str(statement)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=workplace,
            start_new_session=True,
        )
    try:
        answer = _follow(child, watch, share, limit_s)
        _let_end(child)
    finally:
        _end(child)
    return _read(answer, child.returncode, outputs, _said(said), len(order.inputs))


def _follow(
    child: subprocess.Popen[bytes], watch: Watch, share: tuple[float, float], limit_s: float
) -> dict[str, object] | None:
    """The child's last line, its result; None where it ended without one."""
    stream = child.stdout
    if stream is None:
        raise ValueError("the child was started without a pipe")
    begun, held, low, width = time.monotonic(), b"", share[0], share[1] - share[0]
    done, doing = 0.0, "starting"
    with selectors.DefaultSelector() as ready:
        ready.register(stream, selectors.EVENT_READ)
        while True:
            watch.progress(low + width * min(max(done, 0.0), 1.0), doing)
            if time.monotonic() - begun > limit_s:
                raise BenchmarkError(f"The interpreter gave no result within {limit_s:.0f} s.")
            if not ready.select(POLL_S):
                continue
            piece = os.read(stream.fileno(), 1 << 16)
            held += piece
            *lines, held = held.split(b"\n")
            for value in map(_line, lines):
                if "result" in value and isinstance(value["result"], dict):
                    return value["result"]
                told = value.get("progress")
                if isinstance(told, float):
                    done, doing = told, str(value.get("doing"))
            if not piece:
                return None
            if len(held) > MAX_LINE_BYTES:
                raise BenchmarkError(f"The interpreter's process wrote over {MAX_LINE_BYTES} B of no result.")


def _line(line: bytes) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _let_end(child: subprocess.Popen[bytes]) -> None:
    """Wait a moment for a child that has said its last."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(END_LIMIT_S)


def _end(child: subprocess.Popen[bytes]) -> None:
    """See that nothing of the child is left, at once."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _said(path: Path) -> str:
    """The beginning of what the interpreter printed."""
    with path.open("rb") as lines:
        return lines.read(SAID_BYTES).decode("utf-8", "replace")


def _read(answer: dict[str, object] | None, code: int, outputs: Path, said: str, count: int) -> Ran:
    if answer is None:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"exit code {code}"
        raise BenchmarkError(f"The interpreter crashed with {name}{_complaint(said)}.")
    if answer["stage"] != "ran":
        verb = "refuses the model" if answer["stage"] == "refused" else "fails while it runs the model"
        words = _complaint(said) or f": {' '.join(str(answer.get('reason')).split())[:400]}"
        raise BenchmarkError(f"The interpreter {verb}{words}.")
    raw = outputs.read_bytes()
    size = len(raw) // count
    found, times, resident = answer["sha256"], answer["times_ns"], answer["resident_bytes"]
    if not isinstance(found, list) or not isinstance(times, list) or digest_of([raw]) != found[0]:
        raise BenchmarkError("The interpreter's outputs are not those that it says it gave.")
    return Ran(
        version=str(answer["version"]),
        outputs=[raw[i * size : (i + 1) * size] for i in range(count)],
        sha256=tuple(map(str, found)),
        times_ns=[int(value) for value in times],
        resident_bytes=resident if isinstance(resident, int) else None,
        said=said,
    )


def _complaint(said: str) -> str:
    """What the interpreter complained of, after a colon: its first lines, or what nobody caught."""
    lines = [line.strip() for line in said.splitlines() if not line.startswith(("[Recording", "INFO:"))]
    stated = [line for line in lines if line]
    failed = any(line.startswith("Traceback ") for line in stated)
    kept = " ".join(stated[-1:] if failed else stated[:REASON_LINES])
    return f": {kept.rstrip('.')[:400]}" if kept else ""
