"""The interpreter of a simulated device: a program of its own, which imports nothing of TinyKG.

Native code that crashes takes only this process with it. The argument is the arena in bytes. stdin carries
the model (8 bytes of length, then it), then orders: iterations (4 bytes) and the length of an input (8
bytes; 0 keeps the old one) with the input, all inputs of the model one after another. stdout answers with
one JSON line, then for each order with the nanoseconds it took (8 bytes), and the length (8 bytes) and bytes
of the first output; all little-endian. An order that fails ends the process.
"""

from __future__ import annotations

import json
import struct
import sys
import time
from importlib.metadata import version
from typing import Any


def form(details: Any) -> dict[str, Any]:
    """A tensor's element type, shape and quantisation."""
    quantization = details["quantization_parameters"]
    scales, zero_points = quantization["scales"], quantization["zero_points"]
    return {
        "element_type": details["dtype"].__name__,
        "shape": [int(n) for n in details["shape"]],
        "scale": float(scales[0]) if len(scales) else 0.0,
        "zero_point": int(zero_points[0]) if len(zero_points) else 0,
    }


def count_inputs(interpreter: Any) -> int:
    """How many inputs the model has."""
    count = 0
    try:
        while True:
            interpreter.get_input_details(count)
            count += 1
    except (IndexError, ValueError, RuntimeError):
        return count


def give(interpreter: Any, content: bytes, inputs: int) -> None:
    """Set all inputs from their bytes."""
    import numpy as np

    start = 0
    for index in range(inputs):
        details = interpreter.get_input_details(index)
        kind, shape = np.dtype(details["dtype"]), tuple(int(n) for n in details["shape"])
        values = np.frombuffer(content, kind, int(np.prod(shape, dtype=np.int64)), start).reshape(shape)
        interpreter.set_input(values, index)
        start += values.nbytes


def serve(interpreter: Any, inputs: int) -> None:
    """Carry out orders until stdin ends."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(12)) == 12:
        iterations, size = struct.unpack("<IQ", head)
        if size:
            give(interpreter, source.read(size), inputs)
        start = time.perf_counter_ns()
        for _ in range(iterations):
            interpreter.invoke()
        took = time.perf_counter_ns() - start
        output = interpreter.get_output(0).tobytes()
        sink.write(struct.pack("<QQ", took, len(output)) + output)
        sink.flush()


def main() -> None:
    """Read the model, say what it is, serve."""
    from tflite_micro import runtime

    (size,) = struct.unpack("<Q", sys.stdin.buffer.read(8))
    interpreter = runtime.Interpreter.from_bytes(sys.stdin.buffer.read(size), arena_size=int(sys.argv[1]))
    inputs = count_inputs(interpreter)
    said = {
        "version": version("tflite_micro"),
        "inputs": [form(interpreter.get_input_details(index)) for index in range(inputs)],
        "output": form(interpreter.get_output_details(0)),
    }
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    sys.stdout.buffer.flush()
    serve(interpreter, inputs)


if __name__ == "__main__":
    main()
