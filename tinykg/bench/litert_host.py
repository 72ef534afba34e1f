"""The runner `litert-host`: LiteRT on this machine, which may be the Linux board that is asked about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tinykg.bench.host_accuracy import accuracy_of, trial
from tinykg.bench.host_child_process import Order, Ran, require, run_child
from tinykg.bench.host_machine import environment, host_words, is_this_host
from tinykg.bench.options import Options
from tinykg.bench.seeded_inputs import SEED, digest_of, seeded_inputs
from tinykg.bench.time_statistics import latency_figures
from tinykg.records.benchmark import BenchmarkResult, Figure, Tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.bench.protocol import Task, Watch
    from tinykg.records.device import DeviceType

KERNELS: Final = {"xnnpack": "XNNPACK", "builtin": "built-in kernels", "reference": "reference kernels"}
MOST_THREADS: Final = 256


class LitertHost:
    """The `ai-edge-litert` wheel in a child process."""

    name: Final = "litert-host"
    measures: Final = (
        "the time of an inference by LiteRT on this host after a warm-up, as median and percentiles; the "
        "resident memory of its Python process; outputs and whether a second run gives the same; accuracy on "
        "labelled data"
    )
    leaves_out: Final = "any other machine than this host, microcontrollers above all, and energy"
    options: Final[Mapping[str, str]] = {
        "here": "yes: this host is the board that is asked about; default no, unless the host says so",
        "threads": "that the interpreter may use; default 1",
        "kernels": "xnnpack, builtin (without XNNPACK) or reference; default xnnpack",
        "warmup": "inferences before the timed ones; default 20",
        "iterations": "timed inferences at most; default 1000",
        "seconds": "of timing at most; default 20",
        "inputs": "how many inputs are run for the outputs' digest; default 8",
        "seed": f"of the inputs; default {SEED}",
    }

    def suits(self, device: DeviceType | None) -> str | None:
        """None for this host and for devices that run Linux."""
        if device is None or device.system == "linux":
            return None
        runs = {None: "is not known to run Linux", "none": "runs no programs of its own"}
        return f"{device.name} {runs.get(device.system, 'does not run Linux, which LiteRT needs')}"

    def run(self, task: Task, watch: Watch) -> BenchmarkResult:
        """Run the model; raises BenchmarkError, MissingExtra, BenchmarkCancelled, InputError."""
        require("ai_edge_litert", "The runner litert-host")
        options = Options(self.name, task.options, self.options)
        kernels = options.choice("kernels", "xnnpack", tuple(KERNELS))
        threads = options.integer("threads", 1, least=1, most=MOST_THREADS)
        here = task.device is not None and options.flag("here", default=is_this_host(task.device))
        seed = options.integer("seed", SEED, least=0, most=2**63)
        inputs = seeded_inputs(task.file, options.integer("inputs", 8, least=1, most=1000), seed)
        tried = None if task.data is None else trial(task.file, task.data)
        order = Order(
            engine="litert",
            model=task.content,
            inputs=inputs,
            warmup=options.integer("warmup", 20, least=0, most=100_000),
            iterations=options.integer("iterations", 1000, least=1, most=100_000),
            seconds=options.number("seconds", 20.0, least=0.01, most=3600.0),
            settings={"kernels": kernels, "threads": threads},
        )
        started, around = datetime.now(UTC), environment()
        ran = run_child(order, task.workplace, watch, share=(0.0, 1.0 if tried is None else 0.5))
        return BenchmarkResult(
            runner=self.name,
            tools=(Tool(name="ai-edge-litert", version=ran.version),),
            figures=(*latency_figures(ran.times_ns), *_memory(ran), *accuracy_of(tried, order, task, watch)),
            started=started,
            ended=datetime.now(UTC),
            runtime=f"LiteRT {ran.version}, {KERNELS[kernels]}, {_threads(threads)}",
            where=host_words(),
            on_device=here,
            stack=f"litert-{kernels}",
            dataset=None if tried is None else tried.dataset,
            output_sha256=ran.sha256[0],
            environment={
                **around,
                "threads": str(threads),
                "kernels": kernels,
                "inputs": f"{len(inputs)}, seed {seed}, sha256 {digest_of(inputs)}",
                "warm-up": str(order.warmup),
                "repeatable": "yes" if len(set(ran.sha256)) == 1 else "no",
            },
            notes=tuple(_notes(task, ran, here=here)),
        )


def _memory(ran: Ran) -> tuple[Figure, ...]:
    """The resident set of the process that ran the model."""
    if ran.resident_bytes is None:
        return ()
    return (Figure(metric="ram-used", value=float(ran.resident_bytes), unit="BYTE"),)


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _notes(task: Task, ran: Ran, *, here: bool) -> list[str]:
    notes = ["RAM is the resident set of a Python process with NumPy, the model and its tensors in it."]
    if task.device is not None and here:
        notes.append(f"This host is taken for {task.device.name}.")
    elif task.device is not None:
        notes.append(
            f"This host is not known to be {task.device.name}, and the times are not taken for that board's: "
            f"where it is that board, say so with --option here=yes."
        )
    if len(set(ran.sha256)) > 1:
        notes.append(
            "A second interpreter gave other outputs for the same inputs: the model is not repeatable."
        )
    return notes


RUNNER: Final = LitertHost()
