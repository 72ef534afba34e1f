"""The runner `qemu-cortex-m`: a model as C, linked and run on an emulated Cortex-M."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from statistics import median_low
from typing import TYPE_CHECKING, Final

from tinykg.bench.bakenn_flatbuffer import written
from tinykg.bench.bakenn_import import part_for_bakenn
from tinykg.bench.bakenn_source import require_bakenn, source_of
from tinykg.bench.options import Options
from tinykg.bench.qemu_board import BOARDS, core_of, why_not
from tinykg.bench.qemu_image import COMPILER, PACKAGE, Build, image_of
from tinykg.bench.qemu_inputs import SEED, xorshift_inputs
from tinykg.bench.qemu_machine import COUNTING, EMULATOR, emulator_version, session
from tinykg.bench.qemu_process import program
from tinykg.bench.qemu_reference import Reference, compared, reference_outputs
from tinykg.errors import BenchmarkError, InputError
from tinykg.records.benchmark import BenchmarkResult, Figure, Tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.bench.bakenn_import import Part
    from tinykg.bench.bakenn_source import Source
    from tinykg.bench.protocol import Task, Watch
    from tinykg.bench.qemu_image import Image
    from tinykg.bench.qemu_machine import Session
    from tinykg.records.device import DeviceType

DEFAULT_CORE: Final = "cortex-m4"
LEVELS: Final = ("-O2", "-O3", "-Os")
INPUTS: Final = 5
MAX_INPUTS: Final = 64
MAX_DIFFERENCE: Final = 16
"""Of 255 steps of an int8 output; beyond it the image does not compute the model. Rounding in another order
than the reference's makes differences of 1 or 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that one run yielded."""

    part: Part
    source: Source
    build: Build
    image: Image
    session: Session
    inputs: tuple[bytes, ...]
    reference: Reference | str
    emulator: str


class QemuCortexM:
    """Counts the instructions of an inference, and the bytes of a linked image."""

    name: Final = "qemu-cortex-m"
    measures: Final = (
        "the instructions that a Cortex-M core executes for one inference, flash and RAM of the linked image "
        "with its stack, and outputs byte for byte"
    )
    leaves_out: Final = (
        "time and energy: QEMU models neither pipeline nor caches nor flash wait states, so that "
        "instructions are no cycles; and what another runtime than bakenn's C would need"
    )
    options: Final[Mapping[str, str]] = {
        "core": f"{', '.join(BOARDS)}; default: the device's, else {DEFAULT_CORE}",
        "kernels": "cmsis (CMSIS-NN where it has the operator) or portable (plain C); default cmsis where "
        "the core has the DSP extension",
        "opt": f"GCC's level of optimization: {', '.join(LEVELS)}; default {LEVELS[0]}",
        "float": "hard (GCC may use floating-point registers, where the core has them) or soft; default hard",
        "inputs": f"how many pseudo-random inputs, 1 to {MAX_INPUTS}; default {INPUTS}",
        "seed": f"where the pseudo-random inputs begin, 1 to 4294967295; default {SEED}",
    }

    def suits(self, device: DeviceType | None) -> str | None:
        """None where QEMU has a machine with the device's core; else why not."""
        return None if device is None or core_of(device) is not None else why_not(device)

    def run(self, task: Task, watch: Watch) -> BenchmarkResult:
        """Build, run twice, compare. Raises BenchmarkError, MissingExtra, InputError."""
        started = datetime.now(UTC)
        build, kernels = self._asked(task)
        require_bakenn()
        program(COMPILER, PACKAGE)
        watch.progress(0.0, "preparing the model")
        part = part_for_bakenn(task.file)
        content = written(part, task.file, task.content)
        source = source_of(content, kernels, task.workplace, watch)
        image = image_of(source, build, task.workplace, watch)
        emulator = emulator_version(task.workplace, watch)
        first = session(image, build.board, task.workplace, watch, 0.5)
        if first != session(image, build.board, task.workplace, watch, 0.7):
            raise BenchmarkError("Two runs of the same image differ; what it does is not repeatable")
        inputs = xorshift_inputs(build.seed, build.inputs, source.input_bytes)
        reference = reference_outputs(task.file, task.content, part, inputs, task.workplace, watch)
        evidence = Evidence(
            part=part, source=source, build=build, image=image, session=first, inputs=tuple(inputs),
            reference=reference, emulator=emulator,
        )  # fmt: skip
        return result_of(evidence, started)

    def _asked(self, task: Task) -> tuple[Build, str]:
        options = Options(self.name, task.options, self.options)
        core = options.choice("core", core_of(task.device) or DEFAULT_CORE, tuple(BOARDS))
        build = Build(
            board=BOARDS[core],
            optimization=options.choice("opt", LEVELS[0], LEVELS),
            hard_float=options.choice("float", "hard", ("hard", "soft")) == "hard",
            inputs=options.integer("inputs", INPUTS, least=1, most=MAX_INPUTS),
            seed=options.integer("seed", SEED, least=1, most=(1 << 32) - 1),
        )
        tuned = build.board.dsp
        kernels = options.choice("kernels", "cmsis" if tuned else "portable", ("cmsis", "portable"))
        if kernels == "cmsis" and not tuned:
            raise InputError(
                f"Option kernels=cmsis of the runner {self.name}: a {core} has no DSP extension, which the "
                "kernels that bakenn selects with CMSIS-NN need; expected portable."
            )
        return build, kernels


def result_of(evidence: Evidence, started: datetime) -> BenchmarkResult:
    """The evidence as figures, tools, environment, notes. Raises BenchmarkError where outputs are wrong."""
    source, board = evidence.source, evidence.build.board
    sentence, differences = _judged(evidence)
    outputs = [one.output for one in evidence.session.inferences]
    cmsis = f" with CMSIS-NN {source.cmsis_nn}" if source.cmsis_nn else ""
    gcc = f"GCC {evidence.image.compiler} {evidence.build.optimization}"
    return BenchmarkResult(
        runner=QemuCortexM.name,
        tools=_tools(evidence),
        figures=_figures(evidence),
        started=started,
        ended=datetime.now(UTC),
        runtime=f"C by bakenn {source.bakenn}{cmsis}, {gcc}",
        emulator=f"QEMU {evidence.emulator}, {board.machine}",
        stack="bakenn-portable"
        if {name for name, _ in source.kernels} <= {"portable"}
        else "bakenn-cmsis-nn",
        output_sha256=sha256(b"".join(outputs)).hexdigest(),
        environment={**_environment(evidence), **differences},
        notes=(*evidence.part.notes, sentence),
    )


def _tools(evidence: Evidence) -> tuple[Tool, ...]:
    tools = [
        Tool(name=EMULATOR, version=evidence.emulator),
        Tool(name=COMPILER, version=evidence.image.compiler),
        Tool(name="bakenn", version=evidence.source.bakenn),
    ]
    if evidence.source.cmsis_nn:
        tools.append(Tool(name="CMSIS-NN", version=evidence.source.cmsis_nn))
    if isinstance(evidence.reference, Reference):
        tools.append(Tool(name=evidence.reference.engine, version=evidence.reference.version))
    return tuple(tools)


def _figures(evidence: Evidence) -> tuple[Figure, ...]:
    image, inferences = evidence.image, evidence.session.inferences
    counts = [one.instructions for one in inferences]
    stack = max(one.stack_bytes for one in inferences)
    return (
        Figure(
            metric="instructions",
            value=float(median_low(counts)),
            unit="NUM",
            statistic="median",
            count=len(counts),
        ),
        Figure(metric="flash-used", value=image.text + image.data, unit="BYTE"),
        Figure(metric="ram-used", value=image.data + image.bss + stack, unit="BYTE"),
        Figure(metric="arena-used", value=evidence.source.arena_bytes, unit="BYTE"),
    )


def _environment(evidence: Evidence) -> dict[str, str]:
    image, build, inferences = evidence.image, evidence.build, evidence.session.inferences
    counts = [one.instructions for one in inferences]
    digest = sha256(b"".join(evidence.inputs)).hexdigest()
    return {
        "core": build.board.core,
        "compiler flags": " ".join(build.flags),
        "counting": f"-icount {COUNTING}; {evidence.session.ticks_per_instruction} timer ticks each",
        "steps by kernel library": ", ".join(f"{name} {count}" for name, count in evidence.source.kernels),
        "inputs": f"{build.inputs} by xorshift32 from {build.seed}, sha256 {digest}",
        "fewest instructions": str(min(counts)),
        "most instructions": str(max(counts)),
        "image": f"text {image.text} B, data {image.data} B, bss {image.bss} B",
        "harness in the image": f"text {image.harness} B",
        "stack of an inference": f"{max(one.stack_bytes for one in inferences)} B",
    }


def _judged(evidence: Evidence) -> tuple[str, dict[str, str]]:
    """How the outputs compare, as a note and for the environment."""
    reference = evidence.reference
    if isinstance(reference, str):
        return reference, {}
    found = compared([one.output for one in evidence.session.inferences], reference.outputs)
    who = f"{reference.engine} {reference.version}"
    if found.largest > MAX_DIFFERENCE:
        raise BenchmarkError(
            f"The image does not compute the model: {found.differing} of {found.compared} output values "
            f"differ from {who}, by up to {found.largest} of 255"
        )
    counted = f"{found.differing} of {found.compared}"
    differences = {
        "reference": who,
        "output values that differ": counted,
        "largest difference": str(found.largest),
    }
    if not found.differing:
        return f"All {found.compared} output values are those of {who}.", differences
    return f"{counted} output values differ from {who}, by up to {found.largest} of 255.", differences


RUNNER: Final = QemuCortexM()
