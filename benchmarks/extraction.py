"""How fast model files are read and their footprints computed, on one core.

    python benchmarks/extraction.py [FOLDER]

FOLDER is searched for .tflite files; default: models/ of TINYKG_TEST_DATA, else of ../shared/data. The aim:
each file is read, with its footprint on one runtime, within 20 times its own sha256 and 50 ms. Beside it the
same files through two interpreters, where they are installed, each in a process of its own, which a file may
crash: building the interpreter and allocating its tensors, which is the nearest that they do.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import statistics
import sys
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tinykg.catalogue.builtin import runtimes
from tinykg.catalogue.unregistered import footprints_of
from tinykg.errors import TinykgError
from tinykg.extract.tflite import read_model
from tinykg.footprint import footprint
from tinykg.report.table import table

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from tinykg.records.runtime import Runtime

ROUNDS = 3
ALLOWED_SHA256, ALLOWED_S = 20, 0.050
WAIT_S = 60.0
ARENA_BYTES = 64 << 20


def least(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The least of some rounds, in seconds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def litert(content: bytes) -> None:
    """LiteRT's interpreter on one thread, without delegates, as far as allocated tensors."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType  # type: ignore[import-not-found]

    reference = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    Interpreter(
        model_content=content, num_threads=1, experimental_op_resolver_type=reference
    ).allocate_tensors()


def tflite_micro(content: bytes) -> None:
    """The interpreter of the tflite-micro wheel, which allocates when it is made."""
    from tflite_micro.python.tflite_micro import runtime

    runtime.Interpreter.from_bytes(content, arena_size=ARENA_BYTES)


INTERPRETERS = {"ai_edge_litert": litert, "tflite_micro": tflite_micro}


def serve(inbox: Connection, name: str) -> None:
    """In a process of its own: the seconds that each model takes, or None where it is refused."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    work = INTERPRETERS[name]
    while True:
        content = inbox.recv_bytes()
        try:
            work(content)
            inbox.send(least(partial(work, content)))
        except (RuntimeError, ValueError):
            inbox.send(None)


def by_interpreter(name: str, contents: list[bytes]) -> list[float | None]:
    """The seconds of each model; None where the interpreter refuses it, crashes or hangs."""
    context = multiprocessing.get_context("spawn")
    found: list[float | None] = []
    outbox, worker = None, None
    for content in contents:
        if outbox is None or worker is None:
            outbox, inbox = context.Pipe()
            worker = context.Process(target=serve, args=(inbox, name), daemon=True)
            worker.start()
            inbox.close()
        try:
            outbox.send_bytes(content)
            found.append(outbox.recv() if outbox.poll(WAIT_S) else None)
        except (EOFError, OSError):
            found.append(None)
        if not worker.is_alive():
            outbox, worker = None, None
    if worker is not None:
        worker.kill()
    return found


def model_files() -> list[Path]:
    here = Path(__file__).resolve().parent.parent
    data = Path(os.environ.get("TINYKG_TEST_DATA", here.parent / "shared" / "data"))
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data / "models"
    files = sorted(folder.rglob("*.tflite"))
    if not files:
        raise SystemExit(f"{folder} has no .tflite files; name a folder, or set TINYKG_TEST_DATA")
    return files


def summary(name: str, taken: list[float], total_bytes: int) -> tuple[str, ...]:
    return (
        name,
        f"{len(taken) / sum(taken):.0f}",
        f"{statistics.median(taken) * 1e3:.2f}",
        f"{max(taken) * 1e3:.1f}",
        f"{total_bytes / sum(taken) / 1e6:.1f}",
    )


def footprint_of(content: bytes, runtime: Runtime) -> object:
    return footprint(read_model(content, ""), runtime)


def all_footprints_of(content: bytes) -> object:
    return footprints_of(read_model(content, ""))


def main() -> None:
    paths, contents = [], []
    for path in model_files():
        content = path.read_bytes()
        try:
            read_model(content, path.name)
        except TinykgError as error:
            print(f"left out: {error}")
            continue
        paths.append(path)
        contents.append(content)
    first = next(runtime for runtime in runtimes() if runtime.name == "tflm-ref-arm32")
    total = sum(map(len, contents))
    digests = [least(partial(hashlib.sha256, content)) for content in contents]
    read = [least(partial(read_model, content, "")) for content in contents]
    one = [least(partial(footprint_of, content, first)) for content in contents]
    every = [least(partial(all_footprints_of, content)) for content in contents]
    columns = ("on one core", "files/s", "median ms", "slowest ms", "MB/s")
    rows = [
        summary("sha256 alone", digests, total),
        summary("read", read, total),
        summary("read, footprint on one runtime", one, total),
        summary(f"read, footprints on {len(runtimes())} runtimes", every, total),
    ]
    print(f"{len(contents)} files, {total / 1e6:.1f} MB\n")
    print("\n".join(table(columns, rows, right=columns[1:])))
    shares = [
        taken / (ALLOWED_SHA256 * digest + ALLOWED_S) for taken, digest in zip(one, digests, strict=True)
    ]
    worst = max(range(len(shares)), key=shares.__getitem__)
    print(
        f"\nwithin {ALLOWED_SHA256} x sha256 + {ALLOWED_S * 1e3:.0f} ms: "
        f"{sum(share <= 1 for share in shares)} of {len(shares)}; "
        f"the nearest to it takes {shares[worst]:.2f} of what is allowed: {paths[worst].name}"
    )
    compare(contents, one)


def compare(contents: list[bytes], ours: list[float]) -> None:
    """Our reading with one footprint beside each interpreter, as ratios over the files that it takes."""
    print()
    for name in INTERPRETERS:
        if find_spec(name) is None:
            print(f"{name}: not installed, not compared")
            continue
        theirs = by_interpreter(name, contents)
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True) if other]
        if not ratios:
            print(f"{name}: took none of the files")
            continue
        print(
            f"{name}: took {len(ratios)} of {len(contents)} files; ours / theirs: "
            f"median {statistics.median(ratios):.1f}, least {min(ratios):.2f}, most {max(ratios):.1f}"
        )


if __name__ == "__main__":
    main()
