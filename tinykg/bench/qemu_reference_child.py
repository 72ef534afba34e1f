"""Run a model in an interpreter of the host and print one of its tensors, for each of some inputs.

A program that imports nothing of TinyKG: native code that crashes takes only this process with it. Argument:
`tflite-micro` or `ai-edge-litert`. stdin: a line of JSON (`entry` and `exit`, tensor numbers; `shape` of the
entry; `scale` and `zero_point` of its int8 values; `count`; `arena`), the inputs for the entry, the model.
stdout says in JSON what the exit was for each input, and whether the entry was as given.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def micro(model: bytes, order: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """TensorFlow Lite Micro: how to set the input, to run, to read a tensor; the details of the input."""
    from tflite_micro import runtime

    keep = runtime.InterpreterConfig.kPreserveAllTensors
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=order["arena"], intrepreter_config=keep)
    details = interpreter.get_input_details(0)
    quantization = details["quantization_parameters"]
    pair = (quantization["scales"], quantization["zero_points"])
    return (
        lambda values: interpreter.set_input(values, 0),
        interpreter.invoke,
        lambda index: interpreter.GetTensor(index, 0)["tensor_data"],
        (details["dtype"], details["shape"], *pair),
    )


def litert(model: bytes, _order: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """The same of LiteRT with its reference kernels."""
    library = import_module("ai_edge_litert.interpreter")
    interpreter = library.Interpreter(
        model_content=model,
        experimental_op_resolver_type=library.OpResolverType.BUILTIN_REF,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()[0]
    quantization = details["quantization_parameters"]
    pair = (quantization["scales"], quantization["zero_points"])
    return (
        lambda values: interpreter.set_tensor(details["index"], values),
        interpreter.invoke,
        interpreter.get_tensor,
        (details["dtype"], details["shape"], *pair),
    )


def as_given(entry: Any, details: tuple[Any, ...], order: dict[str, Any]) -> Any:
    """The model's input that its own QUANTIZE turns into the entry; the entry itself where it has none."""
    import numpy as np

    dtype, shape, scales, zero_points = details
    if np.dtype(dtype) == np.int8 and not order["quantized"]:
        return entry.reshape(shape)
    real = (entry.astype(np.float64) - order["zero_point"]) * order["scale"]
    if np.dtype(dtype).kind != "f":
        bounds = np.iinfo(dtype)
        real = np.clip(np.rint(real / scales[0]) + zero_points[0], bounds.min, bounds.max)
    return real.astype(dtype).reshape(shape)


def outputs(engine: str, order: dict[str, Any], inputs: bytes, model: bytes) -> Iterator[tuple[bool, str]]:
    """Whether the entry was as given, and the exit in hexadecimal, for each input."""
    import numpy as np

    give, run, read, details = (micro if engine == "tflite-micro" else litert)(model, order)
    size = len(inputs) // order["count"]
    for place in range(0, len(inputs), size):
        entry = np.frombuffer(inputs[place : place + size], np.int8)
        give(as_given(entry, details, order))
        run()
        same = bool((np.asarray(read(order["entry"])).reshape(-1) == entry).all())
        yield same, np.asarray(read(order["exit"]), np.int8).tobytes().hex()


def main() -> None:
    """Read the order, run the model, say what came out."""
    engine = sys.argv[1]
    order = json.loads(sys.stdin.buffer.readline())
    inputs = sys.stdin.buffer.read(order["input_bytes"])
    rows = list(outputs(engine, order, inputs, sys.stdin.buffer.read()))
    answer = {"same": all(same for same, _ in rows), "outputs": [output for _, output in rows]}
    sys.stdout.write(json.dumps({"version": version(engine.replace("-", "_")), **answer}))


if __name__ == "__main__":
    main()
