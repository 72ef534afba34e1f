"""`footprint(model, runtime)`: RAM and flash of a model file on a runtime, or why it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.footprint.allocation import PLAN_HEADER, Allocation, Tensors, allocate
from tinykg.footprint.code_size import code_bytes, static_ram_bytes
from tinykg.footprint.kernel_sets import KERNEL_SETS, KernelSet
from tinykg.footprint.layer_view import UNSIZED
from tinykg.footprint.lifetimes import WalkTooLong
from tinykg.footprint.memory_plan import PlanTooLarge
from tinykg.footprint.preparation import Unpredictable
from tinykg.footprint.shapes import resolve
from tinykg.footprint.support import SupportCheck
from tinykg.records.footprint import Footprint, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.build import Build
    from tinykg.records.model_file import ModelFile, Subgraph
    from tinykg.records.runtime import Runtime


def footprint(model: ModelFile, runtime: Runtime) -> Footprint:
    """What the file needs on the runtime, in bytes, with the parts it is made of.

    Refused layers give `refusals` and no figures; a fact that is missing gives
    `unknowns` and no figures that depend on it. Nothing is read or written.
    """
    build, kernel_set = runtime.build, KERNEL_SETS.get(runtime.kernel_set)
    if build is None or kernel_set is None:
        return _unknown(runtime, f"how {runtime.title} allocates memory")
    tensors = resolve(model)
    check = SupportCheck(
        model=model, tensors=tensors, runtime=runtime, kernels=build.kernels, conditions=kernel_set.conditions
    )
    refused = (*check.refusals(), *_file_refusals(model, runtime))
    if refused:
        return Footprint(runtime=runtime.name, evidence=runtime.evidence, refusals=refused)
    return _supported(model, tensors, runtime, build, kernel_set)


def _supported(
    model: ModelFile, tensors: Tensors, runtime: Runtime, build: Build, kernel_set: KernelSet
) -> Footprint:
    try:
        allocation = allocate(model, tensors, build, kernel_set)
    except (Unpredictable, WalkTooLong) as reason:
        return _unknown(runtime, str(reason))
    except PlanTooLarge:
        return _unknown(runtime, "a memory plan of this many tensors alive at once")
    return _sized(model, allocation, runtime, build)


def _sized(model: ModelFile, allocation: Allocation, runtime: Runtime, build: Build) -> Footprint:
    used = {layer.name for graph in model.subgraphs for layer in graph.layers}
    resolvers = [runtime.operators[name].resolver for name in used]
    code = code_bytes(build.code, resolvers) if build.code else None
    static = static_ram_bytes(build.abi, build.code, resolvers) if build.code else None
    return Footprint(
        runtime=runtime.name,
        evidence=runtime.evidence,
        arena_used_bytes=allocation.head_bytes + allocation.tail_bytes,
        arena_bytes=allocation.arena_bytes,
        head_bytes=allocation.head_bytes,
        tail_bytes=allocation.tail_bytes,
        static_ram_bytes=static,
        ram_bytes=None if static is None else allocation.arena_bytes + static,
        model_bytes=model.file_bytes,
        code_bytes=code,
        flash_bytes=None if code is None else model.file_bytes + code,
        tail=allocation.shares,
        plan=allocation.plan,
        unknowns=() if build.code else (f"code size of {runtime.title}",),
    )


def _unknown(runtime: Runtime, fact: str) -> Footprint:
    return Footprint(runtime=runtime.name, evidence=runtime.evidence, unknowns=(fact,))


def _file_refusals(model: ModelFile, runtime: Runtime) -> Sequence[Refusal]:
    """What no layer is to blame for: tensors without a size that no layer uses, a plan of another model."""
    found = []
    for graph in model.subgraphs:
        used = {index for layer in graph.layers for index in (*layer.inputs, *layer.outputs)}
        for tensor in graph.tensors:
            if tensor.element_type in UNSIZED and tensor.index not in used:
                kind = tensor.element_type
                reason = f"{runtime.title} does not know the size of {kind}, the type of '{tensor.name}'"
                found.append(_whole_file(graph, (kind,), reason))
    fault = _plan_fault(model)
    return [*found, _whole_file(model.main, (), fault)] if fault else found


def _whole_file(graph: Subgraph, element_types: tuple[str, ...], reason: str) -> Refusal:
    """A refusal that is no layer's fault, told at the subgraph's first layer."""
    operator = graph.layers[0].name if graph.layers else "no operator"
    return Refusal(
        subgraph=graph.index, layer=0, operator=operator, element_types=element_types, reason=reason
    )


def _plan_fault(model: ModelFile) -> str | None:
    """Why the memory plan that a file brings is refused, None where it is not or there is none."""
    plan = model.offline_plan
    if plan is None:
        return None
    count = sum(len(graph.tensors) for graph in model.subgraphs)
    if len(plan) < PLAN_HEADER or plan[2] != count or len(plan) < PLAN_HEADER + count:
        stated = plan[2] if len(plan) >= PLAN_HEADER else 0
        return f"the file's memory plan places {stated} tensors; the file has {count}"
    if any(offset < -1 for offset in plan[PLAN_HEADER : PLAN_HEADER + count]):
        return "the file's memory plan has a negative offset"
    return None
