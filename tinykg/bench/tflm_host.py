"""The runner `tflm-host`: TensorFlow Lite Micro's own interpreter on this machine."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tinykg.bench.host_accuracy import accuracy_of, trial
from tinykg.bench.host_child_process import Order, Ran, require, run_child
from tinykg.bench.host_machine import environment, host_words
from tinykg.bench.options import Options
from tinykg.bench.seeded_inputs import SEED, digest_of, seeded_inputs
from tinykg.bench.time_statistics import latency_figures
from tinykg.records.benchmark import BenchmarkResult, Figure, Tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.bench.protocol import Task, Watch
    from tinykg.records.device import DeviceType
    from tinykg.records.model_file import ModelFile

STACK: Final = "tflm-reference"
SPARE_BYTES: Final = 1 << 24
MAX_ARENA_BYTES: Final = (1 << 31) - 16
"""The interpreter's argument is a signed 32-bit size."""

_TOTAL: Final = re.compile(r"^\[RecordingMicroAllocator\] Arena allocation total (\d+) bytes", re.MULTILINE)


class TflmHost:
    """The `tflite-micro` wheel in a child process."""

    name: Final = "tflm-host"
    measures: Final = (
        "the outputs of TensorFlow Lite Micro's interpreter for inputs that anybody can make again, whether "
        "a second run gives the same, the arena that it takes when built for this host's 64 bits, and the "
        "time of an inference on this host; accuracy on labelled data"
    )
    leaves_out: Final = (
        "time, energy and flash of any board, and a board's arena, whose structs and pointers are smaller"
    )
    options: Final[Mapping[str, str]] = {
        "inputs": "how many inputs are run for the outputs' digest; default 8",
        "seed": f"of the inputs; default {SEED}",
        "warmup": "inferences before the timed ones; default 10",
        "iterations": "timed inferences at most; default 200",
        "seconds": "of timing at most; default 10",
    }

    def suits(self, device: DeviceType | None) -> str | None:  # noqa: ARG002 - the same for every device
        """None: it runs on this host, whichever device is meant, and says so."""
        return None

    def run(self, task: Task, watch: Watch) -> BenchmarkResult:
        """Run the model; raises BenchmarkError, MissingExtra, BenchmarkCancelled, InputError."""
        require("tflite_micro", "The runner tflm-host")
        options = Options(self.name, task.options, self.options)
        seed = options.integer("seed", SEED, least=0, most=2**63)
        inputs = seeded_inputs(task.file, options.integer("inputs", 8, least=1, most=1000), seed)
        tried = None if task.data is None else trial(task.file, task.data)
        order = Order(
            engine="tflm",
            model=task.content,
            inputs=inputs,
            warmup=options.integer("warmup", 10, least=0, most=100_000),
            iterations=options.integer("iterations", 200, least=1, most=100_000),
            seconds=options.number("seconds", 10.0, least=0.01, most=3600.0),
            settings={"arena_bytes": arena_for(task.file)},
        )
        started, around = datetime.now(UTC), environment()
        ran = run_child(order, task.workplace, watch, share=(0.0, 1.0 if tried is None else 0.5))
        timed = latency_figures(ran.times_ns, percentiles=(50, 90))
        return BenchmarkResult(
            runner=self.name,
            tools=(Tool(name="tflite-micro", version=ran.version),),
            figures=(*_arena(ran.said), *timed, *accuracy_of(tried, order, task, watch)),
            started=started,
            ended=datetime.now(UTC),
            runtime=f"tflite_micro {ran.version}, reference kernels, 64-bit",
            where=host_words(),
            stack=STACK,
            dataset=None if tried is None else tried.dataset,
            output_sha256=ran.sha256[0],
            environment={
                **around,
                "inputs": f"{len(inputs)}, seed {seed}, sha256 {digest_of(inputs)}",
                "warm-up": str(order.warmup),
                "repeatable": "yes" if len(set(ran.sha256)) == 1 else "no",
            },
            notes=tuple(_notes(task, ran)),
        )


def arena_for(file: ModelFile) -> int:
    """An arena that is large enough: every tensor at the same time, and room for what kernels keep."""
    graphs = file.subgraphs
    tensors = sum(8 * max(t.elements, 0) for g in graphs for t in g.tensors if not t.data_bytes)
    structs = sum(512 * (len(g.tensors) + len(g.layers)) for g in graphs)
    wanted = tensors + structs + file.file_bytes + SPARE_BYTES
    return min(-(-wanted // 16) * 16, MAX_ARENA_BYTES)


def _arena(said: str) -> tuple[Figure, ...]:
    """The arena that the interpreter says it uses; nothing where it does not say."""
    found = _TOTAL.search(said)
    return () if found is None else (Figure(metric="arena-used", value=float(found[1]), unit="BYTE"),)


def _notes(task: Task, ran: Ran) -> list[str]:
    notes = [
        "The arena is that of a 64-bit build; a board's is smaller.",
        "The times are this host's and say nothing about a board's.",
    ]
    if task.device is not None:
        notes.append(f"Nothing ran on {task.device.name}.")
    if len(set(ran.sha256)) > 1:
        notes.append(
            "A second interpreter gave other outputs for the same inputs: the model is not repeatable."
        )
    return notes


RUNNER: Final = TflmHost()
