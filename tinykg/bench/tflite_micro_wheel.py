"""The interpreter of the `tflite-micro` wheel as a witness: what it takes for a model, beside the computed.

The wheel is TensorFlow Lite Micro itself, built for 64 bits with an allocator that
records and with tensor compression. A footprint to be compared with it is computed
by the same code as all others, from the sizes of that build
(`data/runtimes/verify/tflite-micro-wheel.toml`).
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tinykg.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.records.footprint import Footprint, Share
    from tinykg.records.runtime import Runtime

CHILD: Final = Path(__file__).with_name("wheel_child.py")

TIME_LIMIT_S: Final = 60.0
"""How long the interpreter may take; allocating takes milliseconds."""

SPARE_BYTES: Final = 1 << 24
"""Added to what is thought to be needed, so that a wrong footprint still allocates."""

MAX_ARENA_BYTES: Final = 1 << 31
"""The interpreter's argument is a 32-bit size."""

REASON_LINES: Final = 3
"""Lines of the interpreter's complaint that are repeated."""

_TOTAL: Final = re.compile(
    r"^\[RecordingMicroAllocator\] Arena allocation (total|head|tail) (\d+) bytes", re.MULTILINE
)
_RECORD: Final = re.compile(r"^\[RecordingMicroAllocator\] '([^']+)' used (\d+) bytes", re.MULTILINE)

RECORDS: Final[Mapping[str, str]] = {
    "TfLiteEvalTensor data": "tensors",
    "NodeAndRegistration struct": "layers",
    "Persistent buffer data": "kernels, graph inputs and outputs",
    "Persistent TfLiteTensor data": "kernels, graph inputs and outputs",
    "Persistent TfLiteTensor quantization data": "kernels, graph inputs and outputs",
    "TfLiteTensor variable buffer data": "variables",
}
"""Our name for what the interpreter records; the rest of the tail it does not record."""

REST: Final = "interpreter, options, scratch handles"
PARTS: Final = (*dict.fromkeys(RECORDS.values()), REST)


class Stage(StrEnum):
    """How far the interpreter got with a model."""

    REFUSED = "refused"
    ALLOCATED = "allocated"
    FAILED = "failed"
    RAN = "ran"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What the interpreter did; sizes in bytes, None where it did not allocate.

    `parts` holds the tail by `PARTS`; `reason` is what it printed where it got no further.
    """

    stage: Stage
    version: str | None
    head_bytes: int | None = None
    tail_bytes: int | None = None
    parts: Mapping[str, int] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether footprint and interpreter agree, in a sentence; `rows` are (part, computed, reported) bytes.

    `agrees` is None where there was nothing to compare.
    """

    agrees: bool | None
    sentence: str
    rows: tuple[tuple[str, int | None, int | None], ...] = ()


def require_wheel() -> None:
    """Raises MissingExtra where the wheel is not installed."""
    if find_spec("tflite_micro") is None:
        raise MissingExtra("--verify runs the tflite-micro wheel and", "bench")


def arena_for(model: bytes, footprint: Footprint) -> int:
    """An arena that is large enough, with room for an error of the footprint."""
    guess = footprint.arena_bytes if footprint.arena_bytes is not None else 10 * len(model)
    return min(-(-(2 * guess + SPARE_BYTES) // 16) * 16, MAX_ARENA_BYTES - 16)


def witness(
    model: bytes, arena_bytes: int, *, invoke: bool = False, time_limit_s: float = TIME_LIMIT_S
) -> Witness:
    """What the interpreter takes for a model, in a process of its own; `invoke` also runs it once."""
    command = [sys.executable, "-P", str(CHILD), str(arena_bytes), "invoke" if invoke else "allocate"]
    try:
        done = subprocess.run(  # noqa: S603  our own program, by its full path; the model is only its input
            command, input=model, capture_output=True, timeout=time_limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        return Witness(stage=Stage.TIMED_OUT, version=None, reason=f"no answer within {time_limit_s:.0f} s")
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        return Witness(stage=Stage.CRASHED, version=None, reason=_crash(done.returncode, said))
    answer = json.loads(done.stdout)
    return _read(Stage(answer["stage"]), answer["version"], said)


def _crash(code: int, said: str) -> str:
    """How the process ended, with its last words."""
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"exit code {code}"
    last = [line.strip() for line in said.splitlines() if line.strip()][-1:]
    return ": ".join([name, *last])


def _read(stage: Stage, version: str, said: str) -> Witness:
    totals = {name: int(size) for name, size in _TOTAL.findall(said)}
    lines = [line.strip() for line in said.splitlines() if not line.startswith("[RecordingMicroAllocator]")]
    reason = " ".join([line for line in lines if line][:REASON_LINES])
    if "tail" not in totals:
        return Witness(stage=stage, version=version, reason=reason)
    parts = dict.fromkeys(PARTS, 0)
    for name, size in _RECORD.findall(said):
        parts[RECORDS.get(name, REST)] += int(size)
    parts[REST] += totals["tail"] - sum(parts.values())
    return Witness(
        stage=stage,
        version=version,
        head_bytes=totals["head"],
        tail_bytes=totals["tail"],
        parts=parts,
        reason=reason,
    )


def tail_parts(shares: tuple[Share, ...]) -> dict[str, int]:
    """A footprint's tail by the parts that the interpreter records."""
    parts = dict.fromkeys(PARTS, 0)
    for share in shares:
        parts[_part(share.name)] += share.size_bytes
    return parts


def _part(name: str) -> str:
    if name.startswith("tensors of "):
        return "tensors"
    if name.startswith("layers of "):
        return "layers"
    if name.startswith("variable "):
        return "variables"
    kept_by_kernel = name.startswith("layer ") and not name.endswith(": options")
    if kept_by_kernel or name in {"graph inputs", "graph outputs", "resource variables"}:
        return "kernels, graph inputs and outputs"
    return REST


def verify(
    model: bytes, footprint: Footprint, runtime: Runtime, *, time_limit_s: float = TIME_LIMIT_S
) -> Verification:
    """Run the interpreter on the model and compare; `footprint` is that of `runtime`, the wheel's build.

    Head and tail must be equal to the byte. Where the footprint refuses the file, the
    interpreter must refuse it too, at the latest while it runs. Raises MissingExtra.
    """
    require_wheel()
    refused = bool(footprint.refusals)
    seen = witness(model, arena_for(model, footprint), invoke=refused, time_limit_s=time_limit_s)
    if refused:
        return _compare_refusal(footprint, seen)
    if seen.tail_bytes is None:
        return _unanswered(footprint, seen)
    if footprint.arena_bytes is None:
        facts = ", ".join(footprint.unknowns)
        return Verification(
            agrees=None,
            sentence=f"nothing to compare: TinyKG does not know {facts}; the wheel allocates {_bytes(seen)}",
        )
    return _compare(footprint, seen, runtime)


def _compare_refusal(footprint: Footprint, seen: Witness) -> Verification:
    ours = footprint.refusals[0].reason
    if seen.stage is Stage.TIMED_OUT:
        return Verification(
            agrees=None, sentence=f"nothing to compare: the wheel gave {seen.reason}; TinyKG: {ours}"
        )
    if seen.stage is Stage.RAN:
        return Verification(
            agrees=False,
            sentence=f"the wheel, built without debug checks, runs this file; TinyKG refuses it: {ours}",
        )
    when = {Stage.REFUSED: "refuses to allocate it", Stage.CRASHED: "crashes"}.get(
        seen.stage, "fails while running it"
    )
    return Verification(
        agrees=True, sentence=f"both refuse this file. TinyKG: {ours}. The wheel {when}: {seen.reason}"
    )


def _unanswered(footprint: Footprint, seen: Witness) -> Verification:
    """The interpreter did not allocate what TinyKG does not refuse."""
    if seen.stage is Stage.REFUSED:
        known = footprint.arena_bytes is not None
        sentence = f"the wheel refuses this file, TinyKG does not: {seen.reason}"
        return Verification(agrees=False if known else None, sentence=sentence)
    return Verification(
        agrees=None, sentence=f"nothing to compare: the wheel {seen.stage.value} ({seen.reason})"
    )


def _compare(footprint: Footprint, seen: Witness, runtime: Runtime) -> Verification:
    ours, theirs = tail_parts(footprint.tail), seen.parts or {}
    rows = (
        ("head", footprint.head_bytes, seen.head_bytes),
        *((f"tail: {part}", ours[part], theirs[part]) for part in PARTS),
        ("tail", footprint.tail_bytes, seen.tail_bytes),
        ("arena used", footprint.arena_used_bytes, (seen.head_bytes or 0) + (seen.tail_bytes or 0)),
    )
    agrees = footprint.head_bytes == seen.head_bytes and footprint.tail_bytes == seen.tail_bytes
    if agrees:
        sentence = f"equal to tflite_micro {seen.version}: head {seen.head_bytes} B, tail {seen.tail_bytes} B"
    else:
        parts = [name for name, a, b in rows[:1] + rows[-2:-1] if a != b]
        verb = "differs" if len(parts) == 1 else "differ"
        sentence = f"{' and '.join(parts)} {verb} from what tflite_micro {seen.version} takes"
        if seen.version != runtime.version:
            sentence += f"; the sizes of its structs were measured on {runtime.version}"
    return Verification(agrees=agrees, sentence=sentence, rows=rows)


def _bytes(seen: Witness) -> str:
    return f"head {seen.head_bytes} B, tail {seen.tail_bytes} B"
