"""Allocate a model in the interpreter of the `tflite-micro` wheel and let it print what it took.

A program of its own, which imports nothing of TinyKG: native code that crashes takes
only this process with it. Arguments: bytes of the arena, `invoke` or `allocate`. The
model comes on stdin. stderr is the interpreter's; stdout says in JSON how far it got.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version


def run(model: bytes, arena_bytes: int, *, invoke: bool) -> str:
    """`refused`, `allocated`, `failed` (inference failed) or `ran`."""
    from tflite_micro import runtime

    try:
        interpreter = runtime.Interpreter.from_bytes(model, arena_size=arena_bytes)
    except RuntimeError:
        return "refused"
    interpreter.print_allocations()
    if not invoke:
        return "allocated"
    try:
        interpreter.invoke()
    except RuntimeError:
        return "failed"
    return "ran"


def main() -> None:
    """Read the model, run it, say how far it got."""
    arena_bytes, invoke = int(sys.argv[1]), sys.argv[2] == "invoke"
    stage = run(sys.stdin.buffer.read(), arena_bytes, invoke=invoke)
    sys.stdout.write(json.dumps({"version": version("tflite_micro"), "stage": stage}))


if __name__ == "__main__":
    main()
