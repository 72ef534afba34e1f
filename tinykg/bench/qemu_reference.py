"""What a model's own interpreter computes, to compare the outputs of an emulated board with.

The original file is run, not the one that was written for bakenn, with all its tensors kept: where the end of
a model was left out, the tensor before it is compared.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tinykg.bench.qemu_process import Step, ended
from tinykg.errors import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.bench.bakenn_import import Part
    from tinykg.bench.protocol import Watch
    from tinykg.records.model_file import ModelFile

CHILD: Final = Path(__file__).with_name("qemu_reference_child.py")

ENGINES: Final[Mapping[str, str]] = {"tflite-micro": "tflite_micro", "ai-edge-litert": "ai_edge_litert"}
"""Interpreters by preference, with the package that each is."""

TIME_LIMIT_S: Final = 120.0

SPARE_BYTES: Final = 1 << 24
MAX_ARENA_BYTES: Final = (1 << 31) - 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What an interpreter computed for each input."""

    engine: str
    version: str
    outputs: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How far outputs lie from the reference: bytes compared, bytes that differ, the largest difference."""

    compared: int
    differing: int
    largest: int


def reference_outputs(
    file: ModelFile, content: bytes, part: Part, inputs: Sequence[bytes], folder: Path, watch: Watch
) -> Reference | str:
    """The reference's outputs for the inputs, or in a sentence why there is none."""
    reasons = []
    for engine, package in ENGINES.items():
        if find_spec(package) is None:
            reasons.append(f"{engine} is not installed")
            continue
        try:
            return _run(engine, (file, content, part), inputs, folder, watch)
        except _NoReferenceError as problem:
            reasons.append(f"{engine}: {problem}")
    return f"The outputs are not compared: {'; '.join(reasons)}"


class _NoReferenceError(Exception):
    """An interpreter that cannot serve."""


def _run(
    engine: str, model: tuple[ModelFile, bytes, Part], inputs: Sequence[bytes], folder: Path, watch: Watch
) -> Reference:
    file, content, part = model
    quantization = part.input.quantization
    sizes = [max(tensor.elements, 0) * 8 for tensor in file.main.tensors]
    order = {
        "entry": part.entry,
        "exit": part.exit,
        "quantized": part.entry != file.main.inputs[0],
        "scale": quantization.scales[0] if quantization and quantization.scales else 1.0,
        "zero_point": quantization.zero_points[0] if quantization and quantization.zero_points else 0,
        "count": len(inputs),
        "input_bytes": sum(map(len, inputs)),
        "arena": min(2 * sum(sizes) + SPARE_BYTES, MAX_ARENA_BYTES) // 16 * 16,
    }
    given = b"".join([json.dumps(order).encode(), b"\n", *inputs, content])
    step = Step(doing="computing the reference", done=0.85, time_limit_s=TIME_LIMIT_S)
    try:
        done = ended([sys.executable, "-P", str(CHILD), engine], folder, step, watch, given=given)
    except BenchmarkError as problem:
        if type(problem) is not BenchmarkError:
            raise
        raise _NoReferenceError(str(problem)) from problem
    if done.code:
        raise _NoReferenceError(done.last_words)
    answer = json.loads(done.stdout)
    if not answer["same"]:
        raise _NoReferenceError("it cannot be given the same inputs")
    outputs = tuple(map(bytes.fromhex, answer["outputs"]))
    return Reference(engine=engine, version=answer["version"], outputs=outputs)


def compared(ours: Sequence[bytes], theirs: Sequence[bytes]) -> Comparison:
    """Outputs of int8 values, value by value. Raises BenchmarkError where they are not as many."""
    if [len(output) for output in ours] != [len(output) for output in theirs]:
        raise BenchmarkError("The image's outputs are not of the size that the model's are")
    pairs = zip(b"".join(ours), b"".join(theirs), strict=True)
    distances = [abs((a ^ 0x80) - (b ^ 0x80)) for a, b in pairs]
    return Comparison(
        compared=len(distances),
        differing=sum(distance > 0 for distance in distances),
        largest=max(distances, default=0),
    )
