"""Let bakenn write a model as C, in a process of its own: it may fail in any way without harm.

A program that imports nothing of TinyKG. Arguments: `cmsis` or `portable`, the folder to write to. The model
comes on stdin. stdout says in JSON what was written, or why nothing was.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

NAME = "model"


def compiled(content: bytes, kernels: str, folder: Path) -> dict[str, object]:
    """What bakenn wrote, by the paths below `folder`; or `refused`, why it did not."""
    bakenn = import_module("bakenn")
    cmsis_nn = import_module("bakenn.backend.cmsis_nn.bundle").CMSIS_NN_VERSION
    options = bakenn.CBackendOptions(
        kernel_policy=bakenn.KernelPolicy.STATIC_PRIORITY
        if kernels == "cmsis"
        else bakenn.KernelPolicy.PORTABLE,
        enable_cmsis_nn=kernels == "cmsis",
        target=bakenn.CORTEX_M4,
    )
    try:
        model = bakenn.compile_tflite(content, folder, name=NAME, backend_options=options)
    except bakenn.BakeNNError as refusal:
        return {"version": version("bakenn"), "refused": str(refusal)}
    files = model.artifacts
    sources = (files.model_source, files.weights_source, files.kernels_source, *files.support_sources)
    steps = [step.kernel_id for step in files.memory_report.steps]
    return {
        "version": version("bakenn"),
        "cmsis_nn": cmsis_nn if any(step.startswith("cmsis_nn.") for step in steps) else None,
        "sources": [str(Path(path).relative_to(folder)) for path in sources],
        "folders": [str(Path(path).relative_to(folder)) for path in files.support_include_dirs],
        "arena_bytes": files.memory_report.arena_bytes,
        "input_bytes": files.memory_report.input_bytes,
        "output_bytes": files.memory_report.output_bytes,
        "kernels": steps,
    }


def main() -> None:
    """Read the model, have it compiled, say what came of it."""
    kernels, folder = sys.argv[1], Path(sys.argv[2])
    sys.stdout.write(json.dumps(compiled(sys.stdin.buffer.read(), kernels, folder)))


if __name__ == "__main__":
    main()
