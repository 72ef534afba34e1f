"""The footprint of generated code that calls the kernels directly, without an interpreter.

An estimate, for generators of the kind of tflite_micro_compiler: memory is planned while
the code is generated, and the file becomes constant arrays. What remains in RAM are the
planned tensors, what kernels keep, a description of each tensor and layer, and a fixed
part; in flash the kernels, less the interpreter's own code, and the constant arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint.code_size import code_bytes
from tinykg.footprint.interpreter import kernel_refusals, planned, resolvers
from tinykg.footprint.kernel_sets import KERNEL_SETS
from tinykg.footprint.outcome import refused, unknown
from tinykg.footprint.shapes import resolve
from tinykg.records.footprint import Footprint, Refusal, Share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.footprint.allocation import Allocation
    from tinykg.footprint.outcome import Job
    from tinykg.records.model_file import ModelFile

NODE_BYTES: Final = 28
"""A TfLiteNode of 32-bit Arm, which stays in RAM for each layer."""

SCALE_AND_ZERO_POINT_BYTES: Final = 8
"""A float scale and an int32 zero point, constant."""


def as_static_code(job: Job) -> Footprint:
    """RAM and flash of the generated program."""
    kernel_set = KERNEL_SETS.get(job.runtime.kernel_set)
    if kernel_set is None or job.build.code is None:
        return unknown(job, f"the kernels of {job.runtime.title}")
    tensors = resolve(job.model)
    found = kernel_refusals(job, tensors, kernel_set)
    if found:
        return refused(job, found)
    allocation = planned(job, tensors, kernel_set)
    if isinstance(allocation, Footprint):
        return allocation
    scratch = _scratch_refusals(job.model, allocation)
    return refused(job, scratch) if scratch else _estimated(job, allocation)


def _scratch_refusals(model: ModelFile, allocation: Allocation) -> Sequence[Refusal]:
    """Layers whose kernels ask for scratch buffers, which the generator does not place."""
    steps = {buffer.first - 1: buffer.name for buffer in allocation.plan if buffer.tensor is None}
    return [
        Refusal(
            subgraph=0,
            layer=index,
            operator=model.main.layers[index].name,
            element_types=(),
            reason=f"{name}: the generator places no scratch buffers",
        )
        for index, name in sorted(steps.items())
    ]


def _estimated(job: Job, allocation: Allocation) -> Footprint:
    figures, model = job.build.figures, job.model
    kept = [share for share in allocation.shares if _stays(share)]
    rest = sum(share.size_bytes for share in kept)
    tables = len(model.main.tensors) * job.build.abi.structs["eval_tensor"].size_bytes
    tables += len(model.main.layers) * NODE_BYTES
    fixed, spread = figures["fixed_ram_bytes"], figures["ram_factor"]
    arena = allocation.head_bytes + rest
    ram = arena + tables + round(fixed.value)
    least = allocation.head_bytes + round(fixed.low)
    described = round(figures["tensor_constant_bytes"].value * len(model.main.tensors))
    constants = constant_bytes(model) + described
    code, freed = _code_bytes(job), figures["interpreter_code_bytes"]
    flash, factor = code - round(freed.value) + constants, figures["flash_factor"]
    return Footprint(
        runtime=job.runtime.name,
        evidence=job.runtime.evidence,
        arena_used_bytes=arena,
        arena_bytes=arena,
        head_bytes=allocation.head_bytes,
        tail_bytes=rest,
        static_ram_bytes=ram - arena,
        ram_bytes=ram,
        ram_bytes_low=min(least, round(ram * spread.low)),
        ram_bytes_high=round(ram * spread.high),
        model_bytes=constants,
        code_bytes=flash - constants,
        flash_bytes=flash,
        flash_bytes_low=round(flash * factor.low),
        flash_bytes_high=round(flash * factor.high),
        tail=tuple(kept),
        plan=allocation.plan,
    )


def _stays(share: Share) -> bool:
    """Whether a part of the interpreter's tail is the kernels' own, or state."""
    own = share.name.startswith(("layer ", "variable ")) and not share.name.endswith(": options")
    return own and "layers of subgraph" not in share.name


def constant_bytes(model: ModelFile) -> int:
    """Bytes of the constant arrays: the data of tensors, each buffer once, and their quantization."""
    buffers = {tensor.buffer: tensor.data_bytes for graph in model.subgraphs for tensor in graph.tensors}
    quantized = (t.quantization for graph in model.subgraphs for t in graph.tensors if t.quantization)
    return sum(buffers.values()) + SCALE_AND_ZERO_POINT_BYTES * sum(len(q.scales) for q in quantized)


def _code_bytes(job: Job) -> int:
    code = job.build.code
    return code_bytes(code, resolvers(job)) if code else 0
