"""How fast model files are read and their footprints computed on every runtime, beside real interpreters.

Takes the .tflite files under TINYKG_TEST_DATA/models, or a folder given as the argument. Each file is also
compared with 20 times its own sha256 plus 50 ms. Interpreters that are not installed are said to be so.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.footprint import footprint, load_runtimes

if TYPE_CHECKING:
    from collections.abc import Callable

ALLOWED_S = 0.05
ALLOWED_FACTOR = 20
ARENA_BYTES = 32 << 20


def timed(work: Callable[[bytes], object], data: bytes) -> float:
    """Seconds of one call; a model that the other side refuses costs what refusing costs."""
    start = time.perf_counter()
    with contextlib.suppress(RuntimeError, ValueError, SystemError):
        work(data)
    return time.perf_counter() - start


def interpreters() -> dict[str, Callable[[bytes], object]]:
    """Loading and allocating in the interpreters that are installed."""
    found: dict[str, Callable[[bytes], object]] = {}
    if importlib.util.find_spec("ai_edge_litert"):
        from ai_edge_litert.interpreter import Interpreter

        found["ai-edge-litert: load and allocate"] = lambda data: Interpreter(
            model_content=data, num_threads=1
        ).allocate_tensors()
    if importlib.util.find_spec("tflite_micro"):
        from tflite_micro import runtime

        found["tflite-micro: load and allocate"] = lambda data: runtime.Interpreter.from_bytes(
            data, arena_size=ARENA_BYTES
        )
    return found


def main() -> None:
    """Print files a second for each way, and the file that comes nearest to its allowance."""
    default = Path(os.environ.get("TINYKG_TEST_DATA", "../shared/data")) / "models"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    files = [path.read_bytes() for path in sorted(folder.rglob("*.tflite"))]
    if not files:
        sys.exit(f"no .tflite file below {folder}; name a folder or set TINYKG_TEST_DATA")
    runtimes = load_runtimes(data_folder() / "runtimes").values()

    def ours(data: bytes) -> None:
        model = read_model(data, "benchmark")
        for runtime in runtimes:
            footprint(model, runtime)

    ways: dict[str, Callable[[bytes], object]] = {
        "sha256": lambda data: hashlib.sha256(data).digest(),
        "read": lambda data: read_model(data, "benchmark"),
        f"read and {len(runtimes)} footprints": ours,
        **interpreters(),
    }
    times = {name: [timed(work, data) for data in files] for name, work in ways.items()}
    own = sum(times[f"read and {len(runtimes)} footprints"])
    print(f"{len(files)} files, {sum(map(len, files)) / 1e6:.1f} MB, one core")
    for name, found in times.items():
        print(f"{name:<40} {len(files) / sum(found):>9.0f} files/s {sum(found) / own:>8.2f} of ours")
    shares = [
        mine / (ALLOWED_FACTOR * digest + ALLOWED_S)
        for mine, digest in zip(times[f"read and {len(runtimes)} footprints"], times["sha256"], strict=True)
    ]
    allowance = f"{ALLOWED_FACTOR} x sha256 + {ALLOWED_S * 1e3:.0f} ms"
    print(f"slowest file: {max(shares):.2f} of its allowance of {allowance}")
    for name in ("ai_edge_litert", "tflite_micro"):
        if not importlib.util.find_spec(name):
            print(f"{name} is not installed; not compared")


if __name__ == "__main__":
    main()
