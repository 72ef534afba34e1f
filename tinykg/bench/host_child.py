"""Run a model in an interpreter of this machine: a program of its own, which imports nothing of TinyKG.

Native code that crashes takes only this process with it. The argument is a JSON file that says what to run:
`engine` (`tflm` or `litert`), `model`, `inputs` (a file of raw inputs one after another) and their `count`,
`outputs` (the file to write), `again` (whether a second interpreter repeats them), `warmup`, `iterations`,
`seconds`, `arena_bytes` (tflm), `threads` and `kernels` (litert), `limit_bytes` and `limit_s`. stdout carries
one JSON object a line: progress, and last the result. Whatever the interpreter prints goes to stderr.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

REPORT_EVERY_S = 0.2


class Tflm:
    """The interpreter of the `tflite-micro` wheel."""

    package = "tflite_micro"

    def __init__(self, order: dict[str, Any], model: bytes) -> None:
        from tflite_micro import runtime

        self._inner = runtime.Interpreter.from_bytes(model, arena_size=order["arena_bytes"])

    def inputs(self) -> list[tuple[Any, tuple[int, ...]]]:
        """Element type and shape of each input."""
        return _details(self._inner.get_input_details)

    def give(self, index: int, values: Any) -> None:
        """Set one input."""
        self._inner.set_input(values, index)

    def invoke(self) -> None:
        """Run one inference."""
        self._inner.invoke()

    def outputs(self) -> list[Any]:
        """The arrays of all outputs."""
        return [self._inner.get_output(i) for i, _ in enumerate(_details(self._inner.get_output_details))]

    def report(self) -> None:
        """What it allocated, on stderr."""
        self._inner.print_allocations()


class Litert:
    """The interpreter of the `ai-edge-litert` wheel."""

    package = "ai_edge_litert"

    def __init__(self, order: dict[str, Any], model: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        kernels = {
            "xnnpack": OpResolverType.AUTO,
            "builtin": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            "reference": OpResolverType.BUILTIN_REF,
        }
        self._inner = Interpreter(
            model_content=model,
            num_threads=order["threads"],
            experimental_op_resolver_type=kernels[order["kernels"]],
        )
        self._inner.allocate_tensors()

    def inputs(self) -> list[tuple[Any, tuple[int, ...]]]:
        """Element type and shape of each input."""
        return [(d["dtype"], tuple(map(int, d["shape"]))) for d in self._inner.get_input_details()]

    def give(self, index: int, values: Any) -> None:
        """Set one input."""
        self._inner.set_tensor(self._inner.get_input_details()[index]["index"], values)

    def invoke(self) -> None:
        """Run one inference."""
        self._inner.invoke()

    def outputs(self) -> list[Any]:
        """The arrays of all outputs."""
        return [self._inner.get_tensor(d["index"]) for d in self._inner.get_output_details()]

    def report(self) -> None:
        """Nothing: this interpreter does not count."""


ENGINES: dict[str, type[Tflm | Litert]] = {"tflm": Tflm, "litert": Litert}


def _details(of: Any) -> list[tuple[Any, tuple[int, ...]]]:
    """Element types and shapes by an accessor that raises behind the last index."""
    found: list[tuple[Any, tuple[int, ...]]] = []
    while True:
        try:
            detail = of(len(found))
        except (IndexError, RuntimeError, ValueError):
            return found
        found.append((detail["dtype"], tuple(map(int, detail["shape"]))))


class Talk:
    """The lines to whoever started this process."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = 0.0

    def progress(self, done: float, doing: str) -> None:
        """A line now and then."""
        if time.monotonic() - self._last >= REPORT_EVERY_S:
            self._last = time.monotonic()
            self.tell({"progress": done, "doing": doing})

    def tell(self, value: dict[str, Any]) -> None:
        """One line, at once."""
        self._stream.write(json.dumps(value) + "\n")
        self._stream.flush()


def split(raw: bytes, kinds: list[tuple[Any, tuple[int, ...]]]) -> list[Any]:
    """The arrays of one input."""
    import numpy as np

    arrays, start = [], 0
    for kind, shape in kinds:
        size = int(np.dtype(kind).itemsize * np.prod(shape, dtype=np.int64))
        arrays.append(np.frombuffer(raw[start : start + size], dtype=kind).reshape(shape))
        start += size
    if start != len(raw):
        raise ValueError(f"an input has {len(raw)} B, the interpreter takes {start} B")
    return arrays


def all_outputs(engine: Any, given: list[list[Any]], talk: Talk, doing: str) -> list[bytes]:
    """The raw outputs of every input, in order, from the interpreter's first state on."""
    found = []
    for number, arrays in enumerate(given):
        for index, values in enumerate(arrays):
            engine.give(index, values)
        engine.invoke()
        found.append(b"".join(output.tobytes() for output in engine.outputs()))
        talk.progress(number / len(given), doing)
    return found


def times_ns(engine: Any, given: list[list[Any]], order: dict[str, Any], talk: Talk) -> list[int]:
    """The time of each inference alone, in ns, after the warm-up; at most as many seconds as are ordered."""
    found: list[int] = []
    end = time.monotonic() + order["seconds"]
    for number in range(order["warmup"] + order["iterations"]):
        for index, values in enumerate(given[number % len(given)]):
            engine.give(index, values)
        begun = time.perf_counter_ns()
        engine.invoke()
        taken = time.perf_counter_ns() - begun
        if number >= order["warmup"]:
            found.append(taken)
        if time.monotonic() >= end and found:
            break
        talk.progress(number / (order["warmup"] + order["iterations"]), "timing")
    return found


def resident_bytes() -> int | None:
    """The resident set of this process; None where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), None)


def run(order: dict[str, Any], talk: Talk) -> dict[str, Any]:
    """How far it got, and what came of it."""
    kind = ENGINES[order["engine"]]
    result: dict[str, Any] = {"version": version(kind.package), "stage": "refused"}
    model, raw = Path(order["model"]).read_bytes(), Path(order["inputs"]).read_bytes()
    try:
        engine = kind(order, model)
    except (RuntimeError, ValueError) as error:
        return {**result, "reason": str(error)}
    result["stage"] = "failed"
    size = len(raw) // order["count"]
    try:
        kinds = engine.inputs()
        given = [split(raw[i * size : (i + 1) * size], kinds) for i in range(order["count"])]
        outputs = all_outputs(engine, given, talk, "running")
        resident = resident_bytes()
        engine.report()
        again = all_outputs(kind(order, model), given, talk, "running again") if order["again"] else None
        taken = times_ns(engine, given, order, talk)
    except (RuntimeError, ValueError) as error:
        return {**result, "reason": str(error)}
    Path(order["outputs"]).write_bytes(b"".join(outputs))
    runs = [outputs] if again is None else [outputs, again]
    return {
        **result,
        "stage": "ran",
        "sha256": [hashlib.sha256(b"".join(one)).hexdigest() for one in runs],
        "times_ns": taken,
        "resident_bytes": resident,
    }


def limit(order: dict[str, Any]) -> None:
    """Bound what this process can take."""
    wanted = {
        resource.RLIMIT_AS: order["limit_bytes"],
        resource.RLIMIT_CPU: order["limit_s"],
        resource.RLIMIT_CORE: 0,
    }
    for what, most in wanted.items():
        hard = resource.getrlimit(what)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, hard))


def main() -> None:
    """Read the order, run it, say what came of it."""
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    limit(order)
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as stream:
        os.dup2(2, 1)
        talk = Talk(stream)
        try:
            talk.tell({"result": run(order, talk)})
        except MemoryError:
            talk.tell({"result": {"stage": "refused", "reason": "it takes more memory than a run may have"}})


if __name__ == "__main__":
    main()
