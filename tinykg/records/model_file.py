"""What a neural-network file says about itself, without its weights.

The words are those of the TFLite schema (https://github.com/tensorflow/tensorflow,
`tensorflow/compiler/mlir/lite/schema/schema.fbs`): subgraphs, tensors, operators,
buffers, signatures, metadata. Element types are lower case (`int8`, `float32`),
operators upper case (`CONV_2D`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

OptionValue: TypeAlias = (
    "bool | int | float | str | tuple[OptionValue, ...] | Mapping[str, OptionValue] | None"
)

ELEMENT_BITS: Mapping[str, int] = {
    "float32": 32, "float16": 16, "int32": 32, "uint8": 8, "int64": 64, "string": 0, "bool": 8,
    "int16": 16, "complex64": 64, "int8": 8, "float64": 64, "complex128": 128, "uint64": 64,
    "resource": 32, "variant": 0, "uint32": 32, "uint16": 16, "int4": 4, "bfloat16": 16, "int2": 2,
    "uint4": 4, "float8_e4m3fn": 8, "float8_e5m2": 8,
}  # fmt: skip
"""Bits of one element, by element type; 0 where the size is not fixed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantization:
    """Affine quantization: real = scale * (q - zero_point), per tensor or per channel.

    Per channel, `scales` has one entry for each index of `quantized_dimension`.
    """

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    quantized_dimension: int = 0
    minimums: tuple[float, ...] = ()
    maximums: tuple[float, ...] = ()

    @property
    def per_channel(self) -> bool:
        """Whether there is more than one scale."""
        return len(self.scales) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """One tensor of a subgraph.

    `shape` is None where the file gives none (a scalar to TensorFlow Lite Micro);
    `shape_signature` keeps -1 for dimensions unknown at conversion time.
    `data_bytes` counts the bytes of the tensor's constant data in the file, 0 for
    activations and variables.
    """

    index: int
    name: str
    element_type: str
    shape: tuple[int, ...] | None = None
    shape_signature: tuple[int, ...] | None = None
    has_rank: bool = False
    buffer: int = 0
    data_bytes: int = 0
    is_variable: bool = False
    is_sparse: bool = False
    quantization: Quantization | None = None

    @property
    def elements(self) -> int:
        """The number of elements; a missing shape is a scalar; a -1 makes it negative."""
        count = 1
        for dimension in self.shape or ():
            count *= dimension
        return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One operator in execution order.

    `inputs` and `outputs` are tensor indices of the same subgraph; -1 is an
    optional input that is absent. `macs` counts multiply-accumulate operations of
    one inference, in class `mac_class` (`conv_1x1`, `conv_kxk`, `depthwise_conv`,
    `fully_connected`, ..., None where the operator has none). `parameters` counts
    the elements of constant inputs first used by this layer.
    """

    index: int
    operator: str
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    intermediates: tuple[int, ...] = ()
    custom_name: str | None = None
    options_type: str | None = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    custom_options: Mapping[str, OptionValue] | None = None
    custom_options_bytes: int = 0
    macs: int = 0
    mac_class: str | None = None
    parameters: int = 0

    @property
    def name(self) -> str:
        """`CONV_2D`, or the name of a custom operator."""
        return self.custom_name if self.custom_name is not None else self.operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgraph:
    """Tensors and the operators over them, in execution order."""

    index: int
    name: str
    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A named entry point: argument name -> tensor index, in file order."""

    key: str
    subgraph: int
    inputs: tuple[tuple[str, int], ...]
    outputs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """A named metadata buffer; `text` where its bytes are printable UTF-8 text."""

    name: str
    buffer: int
    data_bytes: int
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """Everything one model file says about itself; sizes in bytes."""

    sha256: str
    file_bytes: int
    format: str
    schema_version: int
    description: str | None = None
    subgraphs: tuple[Subgraph, ...]
    signatures: tuple[Signature, ...] = ()
    metadata: tuple[Metadata, ...] = ()
    buffer_count: int = 0
    buffer_bytes: int = 0
    offline_plan: tuple[int, ...] | None = None

    @property
    def main(self) -> Subgraph:
        """The first subgraph, which inference starts with."""
        return self.subgraphs[0]

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations of one inference, over all subgraphs."""
        return sum(layer.macs for graph in self.subgraphs for layer in graph.layers)

    @property
    def parameters(self) -> int:
        """Elements of constant tensors, each counted once."""
        return sum(layer.parameters for graph in self.subgraphs for layer in graph.layers)
