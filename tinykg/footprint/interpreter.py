"""The footprint on TensorFlow Lite Micro: its allocation followed step by step, linked sections added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.footprint.allocation import Allocation, Tensors, allocate
from tinykg.footprint.code_size import CODE_FACTOR, code_bytes, static_ram_bytes, with_estimated_code
from tinykg.footprint.file_refusals import file_refusals
from tinykg.footprint.kernel_sets import KERNEL_SETS, KernelSet
from tinykg.footprint.lifetimes import WalkTooLong
from tinykg.footprint.memory_plan import PlanTooLarge
from tinykg.footprint.outcome import refused, unknown
from tinykg.footprint.preparation import Unpredictable
from tinykg.footprint.shapes import resolve
from tinykg.footprint.support import SupportCheck
from tinykg.records.footprint import Footprint

if TYPE_CHECKING:
    from tinykg.footprint.outcome import Job
    from tinykg.records.footprint import Refusal


def on_interpreter(job: Job) -> Footprint:
    """RAM and flash of the file, in bytes, with the parts they are made of."""
    kernel_set = KERNEL_SETS.get(job.runtime.kernel_set)
    if kernel_set is None:
        return unknown(job, f"how {job.runtime.title} allocates memory")
    tensors = resolve(job.model)
    found = kernel_refusals(job, tensors, kernel_set)
    if found:
        return refused(job, found)
    allocation = planned(job, tensors, kernel_set)
    return allocation if isinstance(allocation, Footprint) else _sized(job, allocation)


def kernel_refusals(job: Job, tensors: Tensors, kernel_set: KernelSet) -> tuple[Refusal, ...]:
    """Layers that no kernel runs, and what the interpreter refuses of the whole file."""
    check = SupportCheck(
        model=job.model,
        tensors=tensors,
        runtime=job.runtime,
        kernels=job.build.kernels,
        conditions=kernel_set.conditions,
    )
    return (*check.refusals(), *file_refusals(job))


def planned(job: Job, tensors: Tensors, kernel_set: KernelSet) -> Allocation | Footprint:
    """The allocation of a file that is not refused, or a footprint that says what is unknown."""
    try:
        return allocate(job.model, tensors, job.build, kernel_set)
    except (Unpredictable, WalkTooLong) as reason:
        return unknown(job, str(reason))
    except PlanTooLarge:
        return unknown(job, "a memory plan of this many tensors alive at once")


def resolvers(job: Job) -> list[str]:
    """The runtime's names of the kernels that the file uses."""
    used = {layer.name for graph in job.model.subgraphs for layer in graph.layers}
    return [job.runtime.operators[name].resolver for name in used]


def _sized(job: Job, allocation: Allocation) -> Footprint:
    build, names = job.build, resolvers(job)
    code = code_bytes(build.code, names) if build.code else None
    static = static_ram_bytes(build.abi, build.code, names) if build.code else None
    footprint = Footprint(
        runtime=job.runtime.name,
        evidence=job.runtime.evidence,
        arena_used_bytes=allocation.head_bytes + allocation.tail_bytes,
        arena_bytes=allocation.arena_bytes,
        head_bytes=allocation.head_bytes,
        tail_bytes=allocation.tail_bytes,
        static_ram_bytes=static,
        ram_bytes=None if static is None else allocation.arena_bytes + static,
        model_bytes=job.model.file_bytes,
        code_bytes=code,
        flash_bytes=None if code is None else job.model.file_bytes + code,
        tail=allocation.shares,
        peak=allocation.peak,
        peak_moment=allocation.peak_moment,
        plan=allocation.plan,
        unknowns=() if build.code else (f"code size of {job.runtime.title}",),
    )
    factor = build.figures.get(CODE_FACTOR)
    return footprint if factor is None else with_estimated_code(footprint, factor)
