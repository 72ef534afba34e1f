"""The footprint of LiteRT in a Linux process: the process, the mapped file, the planned tensors.

An estimate. What the process takes besides file and tensors is a measured figure of the
runtime's file, with the interval it was seen in. The plan of tensors follows LiteRT's
`ArenaPlanner` in its order by size and its alignment; its greedy rule is that of
TensorFlow Lite Micro.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint.arena import round_up
from tinykg.footprint.conditions import no_activation
from tinykg.footprint.layer_view import LayerView
from tinykg.footprint.lifetimes import Lifetimes, WalkTooLong
from tinykg.footprint.memory_plan import Buffer, PlanTooLarge, extent, place
from tinykg.footprint.outcome import refused, unknown
from tinykg.footprint.shapes import resolve
from tinykg.footprint.support import SupportCheck, fits
from tinykg.records.footprint import Footprint, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tinykg.footprint.conditions import Condition
    from tinykg.footprint.layer_view import TensorView
    from tinykg.footprint.outcome import Job
    from tinykg.records.model_file import Layer, ModelFile

TENSOR_ALIGNMENT: Final = 64
"""Bytes (`kDefaultTensorAlignment`)."""

EDGE_TPU_CONDITIONS: Final[Mapping[str, Sequence[Condition]]] = {
    "AVERAGE_POOL_2D": (no_activation,),
    "CONCATENATION": (no_activation,),
    "MAX_POOL_2D": (no_activation,),
}
"""Limits that the Edge TPU documentation states, as far as a layer alone shows them."""


def in_linux_process(job: Job) -> Footprint:
    """RAM of the process and storage of library and model."""
    found = [*_unregistered(job, resolve(job.model)), *_misquantized(job.model)]
    return refused(job, found) if found else _estimated(job)


def on_edge_tpu(job: Job) -> Footprint:
    """The host's share, for files that the Edge TPU's compiler maps as a whole or has compiled."""
    check = SupportCheck(
        model=job.model,
        tensors=resolve(job.model),
        runtime=job.runtime,
        kernels=job.build.kernels,
        conditions=EDGE_TPU_CONDITIONS,
    )
    found = check.refusals()
    return refused(job, found) if found else _estimated(job)


def _unregistered(job: Job, tensors: Sequence[Sequence[TensorView]]) -> Iterator[Refusal]:
    """Layers whose operator, or whose version of it, the resolver does not have."""
    for graph, views in zip(job.model.subgraphs, tensors, strict=True):
        for layer in graph.layers:
            reason = _unregistered_reason(job, layer) or _type_reason(
                job, LayerView(graph.index, layer, views)
            )
            if reason:
                kinds = (graph.tensors[i].element_type for i in (*layer.inputs, *layer.outputs) if i >= 0)
                yield Refusal(
                    subgraph=graph.index,
                    layer=layer.index,
                    operator=layer.name,
                    element_types=tuple(dict.fromkeys(kinds)),
                    reason=f"{layer.name} {reason}",
                )


def _unregistered_reason(job: Job, layer: Layer) -> str | None:
    support = job.runtime.operators.get(layer.name)
    if support is None or support.custom != (layer.operator == "CUSTOM"):
        return f"is not registered in {job.runtime.title}"
    if support.versions is None or support.versions[0] <= layer.version <= support.versions[1]:
        return None
    low, high = support.versions
    return f"is of version {layer.version}; {job.runtime.title} runs versions {low} to {high}"


def _type_reason(job: Job, view: LayerView) -> str | None:
    """Element types, where the table states them."""
    support, kernel = job.runtime.operators[view.operator], job.build.kernels[view.operator]
    columns = [view.at(slot) for slot in kernel.slots]
    if not support.types or any(fits(columns, row, [False] * len(columns)) for row in support.types):
        return None
    kinds = {t.element_type for column in columns for t in column if t is not None}
    found = f"{' and '.join(sorted(kinds))} {' and '.join(support.positions)}"
    return f"has {found}, which {job.runtime.title} does not run"


def _misquantized(model: ModelFile) -> Iterator[Refusal]:
    """Quantized dimensions beyond a tensor's rank, which LiteRT's reader refuses."""
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            quantization, rank = tensor.quantization, len(tensor.shape or ())
            if quantization is None or not quantization.scales:
                continue
            axis = quantization.quantized_dimension
            if rank and not 0 <= axis < rank:
                yield Refusal(
                    subgraph=graph.index,
                    layer=0,
                    operator=graph.layers[0].name if graph.layers else "no operator",
                    element_types=(tensor.element_type,),
                    reason=f"tensor '{tensor.name}' is quantized along dimension {axis}; it has {rank}",
                )


def _estimated(job: Job) -> Footprint:
    try:
        arena = tensor_bytes(job.model, resolve(job.model))
    except (WalkTooLong, PlanTooLarge) as reason:
        return unknown(job, str(reason) or "a memory plan of this many tensors alive at once")
    process, program = job.build.figures["process_bytes"], job.build.figures["program_bytes"]
    size = job.model.file_bytes
    needs = size + arena
    return Footprint(
        runtime=job.runtime.name,
        evidence=job.runtime.evidence,
        arena_used_bytes=arena,
        arena_bytes=arena,
        head_bytes=arena,
        tail_bytes=0,
        static_ram_bytes=round(process.value) + size,
        ram_bytes=round(process.value) + needs,
        ram_bytes_low=round(process.low) + needs,
        ram_bytes_high=round(process.high) + needs,
        model_bytes=size,
        code_bytes=round(program.value),
        flash_bytes=round(program.value) + size,
        flash_bytes_low=round(program.low) + size,
        flash_bytes_high=round(program.high) + size,
    )


def tensor_bytes(model: ModelFile, tensors: Sequence[Sequence[TensorView]]) -> int:
    """Bytes of the planned tensors: all that the file holds no data of, variables included."""
    lives, buffers = Lifetimes(model), []
    for graph, row in enumerate(tensors):
        for index, view in enumerate(row):
            if view.is_constant or view.size_bytes <= 0:
                continue
            first, last = lives.tensors[graph][index]
            buffers.append(
                Buffer(size_bytes=round_up(view.size_bytes, TENSOR_ALIGNMENT), first=first, last=last)
            )
    return extent(buffers, place(buffers))
