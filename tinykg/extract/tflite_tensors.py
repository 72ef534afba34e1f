"""Buffers and tensors of a TFLite file, and what the file must state about them to be run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.extract import flatbuffer as fb
from tinykg.extract import tflite_schema as schema
from tinykg.extract.flatbuffer import within
from tinykg.records.model_file import ELEMENT_BITS, Quantization, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.extract.flatbuffer import Table

MAX_TENSOR_BYTES: Final = 2**63 - 1
"""A tensor whose declared size is beyond this overflows every runtime's arithmetic."""

MAX_RANK: Final = 64
"""Dimensions of a shape. Runtimes stop at 5 to 8; the bound keeps every product of dimensions cheap."""

_UNSIZED: Final = frozenset({"string", "resource", "variant"})
"""Element types whose constant data has a length of its own."""


def read_buffers(model: Table) -> list[tuple[int, int]]:
    """First byte and length of each buffer's data; (0, 0) where a buffer has none.

    Data lies in the FlatBuffer or, in large files, behind it at a stated offset
    (schema version 3c).
    """
    spans = []
    for index, buffer in enumerate(model.tables(schema.MODEL_BUFFERS, schema.BUFFER)):
        try:
            spans.append(_buffer_span(buffer))
        except ExtractError as fault:
            raise within(fault, f"buffers[{index}]") from None
    return spans


def _buffer_span(buffer: Table) -> tuple[int, int]:
    span = buffer.span(schema.BUFFER_DATA, 1)
    if span is not None and span[1]:
        return span
    if not buffer.has(schema.BUFFER_OFFSET):
        return (0, 0)
    return outside_span(buffer, schema.BUFFER_OFFSET, schema.BUFFER_SIZE)


def outside_span(table: Table, offset_slot: int, size_slot: int) -> tuple[int, int]:
    """First byte and length of data behind the FlatBuffer; an offset of 0 or 1 means none."""
    start = table.integer(offset_slot, fb.UINT64)
    length = table.integer(size_slot, fb.UINT64)
    if start <= 1:
        return (0, 0)
    if start + length > table.file.size:
        found = f"{length} bytes of data from byte {start}"
        raise table.fault(offset_slot, found, f"data inside the file ({table.file.size} bytes)")
    return (start, length)


def read_tensors(subgraph: Table, buffers: Sequence[tuple[int, int]]) -> tuple[Tensor, ...]:
    """The tensors of a subgraph."""
    tensors = []
    for index, table in enumerate(subgraph.tables(schema.SUBGRAPH_TENSORS, schema.TENSOR)):
        try:
            tensors.append(_read_tensor(index, table, buffers))
        except ExtractError as fault:
            raise within(fault, f"tensors[{index}]") from None
    return tuple(tensors)


def _read_tensor(index: int, table: Table, buffers: Sequence[tuple[int, int]]) -> Tensor:
    number = table.integer(schema.TENSOR_TYPE, fb.INT8)
    element_type = schema.ELEMENT_TYPES.get(number)
    if element_type is None:
        raise table.fault(schema.TENSOR_TYPE, f"element type {number}", f"0 to {max(schema.ELEMENT_TYPES)}")
    buffer = table.integer(schema.TENSOR_BUFFER, fb.UINT32)
    if buffer >= len(buffers) and buffer:
        raise table.fault(schema.TENSOR_BUFFER, f"buffer {buffer}", f"one of the {len(buffers)} buffers")
    if table.integer(schema.TENSOR_EXTERNAL_BUFFER, fb.UINT32):
        found = "constant data in another file"
        raise table.fault(schema.TENSOR_EXTERNAL_BUFFER, found, "a file that holds its constants itself")
    shape = _read_shape(table, schema.TENSOR_SHAPE)
    is_sparse = table.has(schema.TENSOR_SPARSITY)
    data_bytes = buffers[buffer][1] if buffers else 0
    _check_size(table, element_type, shape or (), None if is_sparse else data_bytes)
    return Tensor(
        index=index,
        name=table.text(schema.TENSOR_NAME) or "",
        element_type=element_type,
        shape=shape,
        shape_signature=_read_shape(table, schema.TENSOR_SHAPE_SIGNATURE),
        has_rank=table.flag(schema.TENSOR_HAS_RANK),
        buffer=buffer,
        data_bytes=data_bytes,
        is_variable=table.flag(schema.TENSOR_IS_VARIABLE),
        is_sparse=is_sparse,
        quantization=_read_quantization(table),
    )


def _read_shape(table: Table, slot: int) -> tuple[int, ...] | None:
    """A shape, None where the file gives none; -1 is a dimension that is not known."""
    shape = table.numbers(slot, "i", 4)
    if shape and len(shape) > MAX_RANK:
        raise table.fault(slot, f"{len(shape)} dimensions", f"at most {MAX_RANK}")
    if shape and min(shape) < -1:
        raise table.fault(slot, f"a dimension of {min(shape)}", "0 or more, or -1 where it is not known")
    return shape


def _check_size(table: Table, element_type: str, shape: tuple[int, ...], data_bytes: int | None) -> None:
    """Raise where a tensor is too large for any machine, or constant data does not fill its shape.

    `data_bytes` is None where the data has a length of its own (sparse tensors).
    """
    bits = ELEMENT_BITS[element_type]
    if 0 not in shape:
        for dimension in shape:
            bits *= abs(dimension)
            if bits > 8 * MAX_TENSOR_BYTES:
                raise table.fault(
                    schema.TENSOR_SHAPE, "a tensor beyond 2^63 bytes", "one that fits a machine"
                )
    if not data_bytes or element_type in _UNSIZED or -1 in shape:
        return
    needed = 0 if 0 in shape else (bits + 7) // 8
    if needed != data_bytes:
        found = f"{data_bytes} bytes of data for {element_type} {list(shape)}"
        raise table.fault(schema.TENSOR_BUFFER, found, f"{needed} bytes")


def _read_quantization(tensor: Table) -> Quantization | None:
    """The quantization of a tensor, None where the file gives no parameter of it."""
    table = tensor.table(schema.TENSOR_QUANTIZATION, schema.QUANTIZATION_PARAMETERS)
    if table is None:
        return None
    try:
        return _quantization(table)
    except ExtractError as fault:
        raise within(fault, "quantization") from None


def _quantization(table: Table) -> Quantization | None:
    scales = table.floats(schema.QUANTIZATION_PARAMETERS_SCALE)
    zero_points = table.numbers(schema.QUANTIZATION_PARAMETERS_ZERO_POINT, "q", 8) or ()
    minimums = table.floats(schema.QUANTIZATION_PARAMETERS_MIN)
    maximums = table.floats(schema.QUANTIZATION_PARAMETERS_MAX)
    dimension = table.integer(schema.QUANTIZATION_PARAMETERS_QUANTIZED_DIMENSION, fb.INT32)
    if not all(map(math.isfinite, scales)):
        raise table.fault(schema.QUANTIZATION_PARAMETERS_SCALE, "a scale that is no finite number")
    if scales and zero_points and len(scales) != len(zero_points):
        found = f"{len(zero_points)} zero points for {len(scales)} scales"
        raise table.fault(schema.QUANTIZATION_PARAMETERS_ZERO_POINT, found, "one for each scale")
    if not (scales or zero_points or minimums or maximums):
        return None
    return Quantization(
        scales=scales,
        zero_points=zero_points,
        quantized_dimension=dimension,
        minimums=minimums,
        maximums=maximums,
    )
