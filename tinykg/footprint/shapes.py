"""Output shapes that kernels compute while they prepare, instead of taking the file's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeAlias

from tinykg.footprint.layer_view import LayerView, TensorView, views

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tinykg.records.model_file import ModelFile

Shape: TypeAlias = tuple[int, ...]


def resolve(model: ModelFile) -> tuple[tuple[TensorView, ...], ...]:
    """Views of all tensors in the shapes that stand after every layer has been prepared."""
    tensors = views(model)
    for graph, row in zip(model.subgraphs, tensors, strict=True):
        for layer in graph.layers:
            rule = COMPUTED_SHAPES.get(layer.operator)
            if rule is None or not layer.inputs or not layer.outputs:
                continue
            view = LayerView(graph.index, layer, row)
            source, target = view.inputs[0], view.outputs[0]
            shape = rule(view, source, target) if source is not None else None
            if shape is not None:
                target.shape = shape
    return tensors


def padded_extent(size: int, window: int, stride: int, padding: str, dilation: int = 1) -> int:
    """Output length of a sliding window along one dimension (`ComputeOutSize`)."""
    if stride <= 0:
        return 0
    if padding == "SAME":
        return (size + stride - 1) // stride
    return (size - ((window - 1) * dilation + 1) + stride) // stride


def _reshape(view: LayerView, source: TensorView, target: TensorView) -> Shape | None:
    """The one dimension of -1 takes what the others leave; [0] of a lone input is a scalar."""
    if len(view.inputs) == 1 and target.shape == (0,):
        return ()
    if target.shape.count(-1) != 1:
        return None
    rest = math.prod(size for size in target.shape if size != -1)
    stretch = source.elements // rest if rest > 0 else 0
    return tuple(stretch if size == -1 else size for size in target.shape)


def _depth_to_space(view: LayerView, source: TensorView, target: TensorView) -> Shape | None:
    block = view.number("block_size")
    if source.rank != 4 or target.rank != 4 or block <= 0:
        return None
    batch, height, width, depth = source.shape
    return batch, height * block, width * block, depth // block // block


def _space_to_depth(view: LayerView, source: TensorView, target: TensorView) -> Shape | None:
    block = view.number("block_size")
    if source.rank != 4 or target.rank != 4 or block <= 0:
        return None
    batch, height, width, depth = source.shape
    return batch, height // block, width // block, depth * block * block


def _gather(view: LayerView, source: TensorView, _: TensorView) -> Shape | None:
    positions = view.input(1)
    if positions is None:
        return None
    axis, batch = view.number("axis"), view.number("batch_dims")
    axis += source.rank if axis < 0 else 0
    batch += positions.rank if batch < 0 else 0
    if not 0 <= batch <= axis < source.rank:
        return None
    return source.shape[:axis] + positions.shape[batch:] + source.shape[axis + 1 :]


def _gather_nd(view: LayerView, source: TensorView, _: TensorView) -> Shape | None:
    indices = view.input(1)
    if indices is None or not indices.shape or indices.shape[-1] > source.rank:
        return None
    return indices.shape[:-1] + source.shape[max(indices.shape[-1], 0) :]


def _l2_pool(view: LayerView, source: TensorView, target: TensorView) -> Shape | None:
    if source.rank != 4 or target.rank != 4:
        return None
    batch, height, width, depth = source.shape
    padding = str(view.layer.options.get("padding", "SAME"))
    tall = padded_extent(height, view.number("filter_height"), view.number("stride_h"), padding)
    wide = padded_extent(width, view.number("filter_width"), view.number("stride_w"), padding)
    return batch, tall, wide, depth


def _embedding_lookup(view: LayerView, source: TensorView, target: TensorView) -> Shape | None:
    value = view.input(1)
    if value is None or source.rank != 1 or not 2 <= value.rank <= target.rank:
        return None
    return source.shape + value.shape[1:] + target.shape[value.rank :]


def _batch_matmul(view: LayerView, source: TensorView, target: TensorView) -> Shape | None:
    right = view.input(1)
    if right is None or min(source.rank, right.rank) < 2 or target.rank < max(source.rank, right.rank):
        return None
    rank = max(source.rank, right.rank)
    a, b = _extended(source.shape, rank), _extended(right.shape, rank)
    batches = tuple(y if x == 1 else x for x, y in zip(a[:-2], b[:-2], strict=True))
    rows = a[-1] if view.flag("adj_x") else a[-2]
    columns = b[-2] if view.flag("adj_y") else b[-1]
    return (*batches, rows, columns)


def _extended(shape: Sequence[int], rank: int) -> Shape:
    return (1,) * (rank - len(shape)) + tuple(shape)


COMPUTED_SHAPES: Final[Mapping[str, Callable[[LayerView, TensorView, TensorView], Shape | None]]] = {
    "BATCH_MATMUL": _batch_matmul,
    "DEPTH_TO_SPACE": _depth_to_space,
    "EMBEDDING_LOOKUP": _embedding_lookup,
    "GATHER": _gather,
    "GATHER_ND": _gather_nd,
    "L2_POOL_2D": _l2_pool,
    "RESHAPE": _reshape,
    "SPACE_TO_DEPTH": _space_to_depth,
}
"""By operator: (layer, first input, first output) -> the output's shape, None to keep the file's."""
