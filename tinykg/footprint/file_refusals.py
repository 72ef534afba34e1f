"""What TensorFlow Lite Micro refuses of a whole file, when no layer is to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.footprint.allocation import PLAN_HEADER
from tinykg.footprint.layer_view import UNSIZED
from tinykg.records.footprint import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.footprint.outcome import Job
    from tinykg.records.model_file import ModelFile, Subgraph


def file_refusals(job: Job) -> Sequence[Refusal]:
    """What no layer is to blame for: tensors without a size that no layer uses, a plan of another model."""
    model, runtime, found = job.model, job.runtime, []
    for graph in model.subgraphs:
        used = {index for layer in graph.layers for index in (*layer.inputs, *layer.outputs)}
        for tensor in graph.tensors:
            if tensor.element_type in UNSIZED and tensor.index not in used:
                kind = tensor.element_type
                reason = f"{runtime.title} does not know the size of {kind}, the type of '{tensor.name}'"
                found.append(whole_file(graph, (kind,), reason))
    limit = job.build.max_subgraphs
    if limit is not None and len(model.subgraphs) > limit:
        reason = f"{runtime.title} takes files of {limit} subgraph; this one has {len(model.subgraphs)}"
        found.append(whole_file(model.main, (), reason))
    fault = _plan_fault(model)
    return [*found, whole_file(model.main, (), fault)] if fault else found


def whole_file(graph: Subgraph, element_types: tuple[str, ...], reason: str) -> Refusal:
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
