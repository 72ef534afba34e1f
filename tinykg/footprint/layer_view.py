"""A layer with its tensors at hand, in the shapes the runtime gives them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tinykg.records.model_file import ELEMENT_BITS, Layer, ModelFile, OptionValue, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNSIZED: Final = frozenset({"string", "variant", "int2", "uint4", "float8_e4m3fn", "float8_e5m2"})
"""Element types whose size TensorFlow Lite Micro does not know (`TfLiteTypeSizeOf`)."""


def element_bytes(element_type: str) -> int:
    """Bytes of one element in memory; int4 elements take a byte each, unknown sizes give 0."""
    if element_type in UNSIZED:
        return 0
    return max(1, ELEMENT_BITS[element_type] // 8)


class TensorView:
    """A tensor and the shape in force, which some kernels compute while they prepare."""

    __slots__ = ("shape", "tensor")

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self.shape = tensor.shape or ()

    @property
    def element_type(self) -> str:
        """The element type."""
        return self.tensor.element_type

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def elements(self) -> int:
        """The number of elements; 1 for a scalar."""
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Bytes of the tensor in memory."""
        return self.elements * element_bytes(self.tensor.element_type)

    @property
    def is_constant(self) -> bool:
        """Whether the file holds the tensor's data."""
        return self.tensor.data_bytes > 0

    @property
    def is_quantized(self) -> bool:
        """Whether the runtime sees affine quantization: at least one scale and one zero point."""
        return bool(self.scales and self.zero_points)

    @property
    def scales(self) -> Sequence[float]:
        """Scales as the file states them."""
        quantization = self.tensor.quantization
        return quantization.scales if quantization else ()

    @property
    def zero_points(self) -> Sequence[int]:
        """Zero points as the file states them."""
        quantization = self.tensor.quantization
        return quantization.zero_points if quantization else ()

    @property
    def scale(self) -> float:
        """The first scale, 0 where the runtime sees none."""
        return self.scales[0] if self.is_quantized else 0.0

    @property
    def zero_point(self) -> int:
        """The first zero point, 0 where the runtime sees none."""
        return self.zero_points[0] if self.is_quantized else 0

    @property
    def quantized_dimension(self) -> int:
        """The dimension that the scales belong to."""
        quantization = self.tensor.quantization
        return quantization.quantized_dimension if quantization else 0

    def dimension(self, index: int) -> int:
        """One dimension; 1 beyond the rank."""
        return self.shape[index] if -self.rank <= index < self.rank else 1


class LayerView:
    """A layer, the subgraph it is in, and its tensors by slot."""

    __slots__ = ("inputs", "intermediates", "layer", "outputs", "subgraph")

    def __init__(self, subgraph: int, layer: Layer, tensors: Sequence[TensorView]) -> None:
        self.subgraph = subgraph
        self.layer = layer
        self.inputs = tuple(tensors[i] if i >= 0 else None for i in layer.inputs)
        self.outputs = tuple(tensors[i] for i in layer.outputs)
        self.intermediates = tuple(tensors[i] for i in layer.intermediates if i >= 0)

    @property
    def operator(self) -> str:
        """The operator, or the name of a custom one."""
        return self.layer.name

    def input(self, index: int) -> TensorView | None:
        """An input, None where it is absent."""
        return self.inputs[index] if index < len(self.inputs) else None

    def output(self, index: int) -> TensorView | None:
        """An output, None where it is absent."""
        return self.outputs[index] if index < len(self.outputs) else None

    def at(self, slot: str) -> tuple[TensorView | None, ...]:
        """The tensors of a slot: `in0`, `out1`, `in*`."""
        side, place = (self.inputs, slot[2:]) if slot.startswith("in") else (self.outputs, slot[3:])
        if place == "*":
            return side
        index = int(place)
        return (side[index],) if index < len(side) else (None,)

    def number(self, name: str, default: int = 0) -> int:
        """An option that is a number, the schema's default where the options are absent."""
        value = self.layer.options.get(name, default)
        return value if isinstance(value, int) else default

    def decimal(self, name: str, default: float = 0.0) -> float:
        """An option that is a decimal number."""
        value = self.layer.options.get(name, default)
        return float(value) if isinstance(value, int | float) else default

    def flag(self, name: str) -> bool:
        """An option that is a truth value."""
        return self.layer.options.get(name) is True

    def custom(self) -> Mapping[str, OptionValue]:
        """The decoded options of a custom operator."""
        return self.layer.custom_options or {}

    def custom_number(self, name: str, default: int = 0) -> int:
        """An option of a custom operator that is a whole number."""
        value = self.custom().get(name, default)
        return int(value) if isinstance(value, int | float) else default

    def custom_at(self, index: int) -> int:
        """The option that custom kernels read by position: keys in the order of their bytes.

        `FlexbufferWrapper::ElementAsInt32` reads the map's values so.
        """
        options = self.custom()
        keys = sorted(options, key=str.encode)
        value = options[keys[index]] if index < len(keys) else 0
        return int(value) if isinstance(value, int | float) else 0


def views(model: ModelFile) -> tuple[tuple[TensorView, ...], ...]:
    """A view of every tensor, by subgraph and index, in the file's shapes."""
    return tuple(tuple(map(TensorView, graph.tensors)) for graph in model.subgraphs)
