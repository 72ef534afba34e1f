"""The allocation of a model, step by step as TensorFlow Lite Micro does it.

Order and sizes follow `MicroInterpreter::AllocateTensors` and `MicroAllocator`
(tensorflow/lite/micro/micro_interpreter.cc, micro_allocator.cc) for an interpreter
with the greedy planner and one arena.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from tinykg.footprint.arena import Arena, round_up
from tinykg.footprint.layer_view import LayerView, TensorView
from tinykg.footprint.lifetimes import NEVER, Lifetimes
from tinykg.footprint.memory_plan import Buffer, extent, place
from tinykg.footprint.preparation import Demands, Preparation, Unpredictable
from tinykg.records.footprint import PlannedBuffer, Share

if TYPE_CHECKING:
    from tinykg.footprint.kernel_sets import KernelSet
    from tinykg.records.build import Build
    from tinykg.records.model_file import ModelFile

PLAN_HEADER: Final = 3
"""int32 values before the offsets of a build-time plan: version, subgraph, number of tensors."""

Tensors: TypeAlias = Sequence[Sequence[TensorView]]
_Candidate: TypeAlias = tuple[PlannedBuffer, Buffer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Sizes after allocation, and the parts they are made of."""

    head_bytes: int
    tail_bytes: int
    arena_bytes: int
    peak: tuple[Share, ...]
    peak_moment: str
    shares: tuple[Share, ...]
    plan: tuple[PlannedBuffer, ...]


def allocate(model: ModelFile, tensors: Tensors, build: Build, kernel_set: KernelSet) -> Allocation:
    """What allocating the model's tensors takes of the arena.

    `tensors` are in the shapes that stand after preparation. All layers must have
    been found supported.
    """
    demands = Demands(arena=Arena(), abi=build.abi)
    _persist_interpreter(model, demands)
    views = [LayerView(g.index, layer, tensors[g.index]) for g in model.subgraphs for layer in g.layers]
    _prepare_layers(views, demands, build, kernel_set)
    return _plan(model, tensors, demands)


def variable_count(model: ModelFile) -> int:
    """The number of resource variables an application has to provide for: distinct names of handles."""
    names = {
        layer.options.get("shared_name")
        for graph in model.subgraphs
        for layer in graph.layers
        if layer.operator == "VAR_HANDLE"
    }
    return len(names)


def _persist_interpreter(model: ModelFile, demands: Demands) -> None:
    """Everything up to the list of layers."""
    for name in ("buffer_allocator", "memory_planner", "micro_allocator"):
        demands.persist_struct("interpreter", name)
    count = variable_count(model)
    if count:
        demands.persist_struct("resource variables", "resource_variables")
        demands.persist_struct("resource variables", "resource_variable", count)
    demands.persist_struct("interpreter", "builtin_data_allocator")
    _reserve_requests(demands)
    demands.persist_struct("interpreter", "subgraph_allocations", len(model.subgraphs))
    for graph in model.subgraphs:
        demands.persist_struct(f"tensors of subgraph {graph.index}", "eval_tensor", len(graph.tensors))
    for graph in model.subgraphs:
        demands.persist_struct(
            f"layers of subgraph {graph.index}", "node_and_registration", len(graph.layers)
        )


def _reserve_requests(demands: Demands) -> None:
    """The table of scratch requests at the start of the arena, with room for one more layer."""
    entries = len(demands.scratch) + demands.abi.scratch_requests_per_layer
    demands.arena.reserve(demands.struct_bytes("scratch_buffer_request") * entries)


def _prepare_layers(
    views: Sequence[LayerView], demands: Demands, build: Build, kernel_set: KernelSet
) -> None:
    """Options, then set-up, then preparation of all layers; the table of scratch buffers."""
    layers = [(Preparation(view, demands), build.kernels[view.operator]) for view in views]
    for layer, kernel in layers:
        options = build.abi.options.get(kernel.operator)
        if options is not None:
            demands.arena.persist(f"{layer.place}: options", options.size_bytes, options.align_bytes)
    for layer, kernel in layers:
        kernel_set.start(layer, kernel)
    for layer, kernel in layers:
        demands.arena.moment = f"preparing {layer.place}"
        kernel_set.prepare_layer(layer, kernel)
        _reserve_requests(demands)
    if demands.scratch:
        demands.persist_struct("scratch buffers", "scratch_buffer_handle", len(demands.scratch))


def _plan(model: ModelFile, tensors: Tensors, demands: Demands) -> Allocation:
    """Variables, the plan, and the descriptions of the graph's inputs and outputs."""
    arena, size = demands.arena, demands.struct_bytes
    arena.moment, arena.borrowed_name = "planning the head", "lifetimes of tensors and scratch buffers"
    arena.borrow(size("subgraph_offset") * len(model.subgraphs))
    tensor_count = sum(len(row) for row in tensors)
    arena.borrow(size("allocation_info") * (tensor_count + len(demands.scratch)))
    _persist_variables(model, tensors, arena)
    candidates = _candidates(model, tensors, demands)
    buffers = [buffer for _, buffer in candidates]
    if buffers:
        arena.demand_table("planner's buffers", size("planner_buffer") * len(buffers))
    offsets = place(buffers)
    head = extent(buffers, offsets)
    arena.moment, arena.reserved_name = "running", "head"
    arena.reserve(head)
    main = model.main
    for share, indices in (("graph inputs", main.inputs), ("graph outputs", main.outputs)):
        _persist_descriptions(share, [tensors[0][i] for i in indices], demands)
    plan = [_placed(candidate, offset) for (candidate, _), offset in zip(candidates, offsets, strict=True)]
    return Allocation(
        head_bytes=head,
        tail_bytes=arena.tail_bytes,
        arena_bytes=round_up(arena.peak_bytes),
        peak=arena.peak(),
        peak_moment=arena.peak_moment,
        shares=tuple(arena.shares),
        plan=tuple(plan),
    )


def _placed(candidate: PlannedBuffer, offset_bytes: int) -> PlannedBuffer:
    return PlannedBuffer(
        name=candidate.name,
        subgraph=candidate.subgraph,
        tensor=candidate.tensor,
        first=candidate.first,
        last=candidate.last,
        offset_bytes=offset_bytes,
        size_bytes=candidate.size_bytes,
    )


def planned_offset(model: ModelFile, position: int) -> int | None:
    """The offset that the file's own plan gives a tensor, None where it leaves it to the runtime.

    `position` counts tensors over all subgraphs.
    """
    if model.offline_plan is None:
        return None
    offset = model.offline_plan[PLAN_HEADER + position]
    return None if offset == -1 else offset


def _persist_variables(model: ModelFile, tensors: Tensors, arena: Arena) -> None:
    """State that lives between inferences.

    The runtime looks up a variable's own offset by its index in its subgraph, not by
    its position over all subgraphs (`MicroAllocator::AllocateVariables`).
    """
    for row in tensors:
        for index, view in enumerate(row):
            if view.tensor.is_variable and planned_offset(model, index) is None:
                arena.persist(f"variable {view.tensor.name}", view.size_bytes)


def _candidates(model: ModelFile, tensors: Tensors, demands: Demands) -> list[_Candidate]:
    """All buffers to be placed, in the runtime's order: tensors, then scratch requests."""
    lives = Lifetimes(model)
    candidates: list[_Candidate] = []
    position = -1
    for graph, row in enumerate(tensors):
        for index, view in enumerate(row):
            position += 1
            offset = planned_offset(model, position)
            if not _is_planned(view, offset) or (graph, index) in demands.resources.handles:
                continue
            name, span = view.tensor.name or f"tensor {index}", lives.tensors[graph][index]
            candidates.append(_candidate(name, graph, index, span, view.size_bytes, offset))
    for request in demands.scratch:
        span = lives.layers[request.subgraph][request.layer]
        if span[0] == NEVER:
            raise Unpredictable(
                f"{request.name}: nothing calls subgraph {request.subgraph}, so it is never sized"
            )
        candidates.append(_candidate(request.name, request.subgraph, None, span, request.size_bytes))
    return candidates


def _is_planned(view: TensorView, offset: int | None) -> bool:
    if view.tensor.is_variable:
        return offset is not None
    return not view.is_constant and view.size_bytes != 0


def _candidate(
    name: str,
    subgraph: int,
    tensor: int | None,
    span: Sequence[int],
    size_bytes: int,
    offset: int | None = None,
) -> _Candidate:
    first, last = span
    size = round_up(size_bytes)
    buffer = Buffer(size_bytes=size, first=first, last=last, offset_bytes=offset)
    planned = PlannedBuffer(
        name=name, subgraph=subgraph, tensor=tensor, first=first, last=last, offset_bytes=0, size_bytes=size
    )
    return planned, buffer


def _persist_descriptions(share: str, views: Sequence[TensorView], demands: Demands) -> None:
    """Pointers and full descriptions of the graph's inputs or outputs, which applications read."""
    pointer = demands.struct_bytes("pointer")
    if pointer:
        demands.arena.persist(share, pointer * len(views))
    for view in views:
        demands.persist_struct(share, "tensor")
        if view.is_quantized:
            demands.persist_struct(share, "affine_quantization")
            size = demands.int_array_bytes(len(view.scales))
            demands.arena.persist(share, size, demands.abi.structs["int_array"].align_bytes)
