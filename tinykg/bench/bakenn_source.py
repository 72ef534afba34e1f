"""A model as C: what bakenn writes for it, by way of a process of its own."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tinykg.bench.qemu_process import Step, ended
from tinykg.errors import BenchmarkError, MissingExtra

if TYPE_CHECKING:
    from tinykg.bench.protocol import Watch
    from tinykg.bench.qemu_process import Ended

CHILD: Final = Path(__file__).with_name("bakenn_child.py")

TIME_LIMIT_S: Final = 120.0
"""How long bakenn may take; models of 100 to 500 kB take 1 to 3 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """C sources of a model and the folders with their headers; sizes in bytes.

    `kernels` counts the steps of an inference by the library that does them: `cmsis_nn`, `portable`,
    `cortex_m4`, `optimized` (the last three are bakenn's own). `cmsis_nn` is that library's version, where
    it takes part.
    """

    bakenn: str
    cmsis_nn: str | None
    files: tuple[Path, ...]
    folders: tuple[Path, ...]
    arena_bytes: int
    input_bytes: int
    output_bytes: int
    kernels: tuple[tuple[str, int], ...]


def require_bakenn() -> None:
    """Raises MissingExtra where bakenn is not installed."""
    if find_spec("bakenn") is None:
        raise MissingExtra("The runner qemu-cortex-m writes models as C with bakenn and", "bench")


def source_of(content: bytes, kernels: str, folder: Path, watch: Watch) -> Source:
    """The C sources of a prepared model below `folder`, with `cmsis` or `portable` kernels.

    Raises BenchmarkError with bakenn's reason where it does not compile the model.
    """
    place = folder / "model"
    place.mkdir()
    command = [sys.executable, "-P", str(CHILD), kernels, str(place)]
    step = Step(doing="writing the model as C", done=0.05, time_limit_s=TIME_LIMIT_S)
    done = ended(command, folder, step, watch, given=content)
    if done.code:
        raise BenchmarkError(f"bakenn broke off on this model: {done.last_words}")
    answer = _answer(done)
    if "refused" in answer:
        raise BenchmarkError(f"bakenn {answer['version']} does not compile this model: {answer['refused']}")
    counts = Counter(kernel.split(".")[0] for kernel in answer["kernels"])
    return Source(
        bakenn=answer["version"],
        cmsis_nn=answer["cmsis_nn"],
        files=tuple(place / name for name in answer["sources"]),
        folders=(place, *(place / name for name in answer["folders"])),
        arena_bytes=answer["arena_bytes"],
        input_bytes=answer["input_bytes"],
        output_bytes=answer["output_bytes"],
        kernels=tuple(sorted(counts.items())),
    )


def _answer(done: Ended) -> dict[str, Any]:
    """What the child said in its last line; bakenn may have said things of its own before."""
    try:
        answer = json.loads(done.stdout.rpartition(b"\n")[2])
    except ValueError:
        raise BenchmarkError(f"bakenn gave no result on this model: {done.last_words}") from None
    return dict(answer)
