"""A writer of small TFLite files, on top of the schema's generated builders."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import flatbuffers
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(kw_only=True)
class TensorSketch:
    """A tensor as a test states it; element type and buffer by number."""

    shape: Sequence[int] | None = (1, 4)
    type: int = 0
    buffer: int = 0
    name: str = "t"
    scales: Sequence[float] = ()
    zero_points: Sequence[int] = ()
    signature: Sequence[int] | None = None
    is_variable: bool = False
    sparse: bool = False


@dataclass(kw_only=True)
class OperatorSketch:
    """An operator as a test states it; `options` are (table, {accessor: value})."""

    code: int = 0
    inputs: Sequence[int] = ()
    outputs: Sequence[int] = ()
    options: tuple[str, Mapping[str, Any]] | None = None
    custom_options: bytes = b""
    large_custom_options: tuple[int, int] | None = None


@dataclass(kw_only=True)
class SubgraphSketch:
    """A subgraph as a test states it."""

    tensors: Sequence[TensorSketch] = field(default_factory=lambda: [TensorSketch()])
    inputs: Sequence[int] = ()
    outputs: Sequence[int] = ()
    operators: Sequence[OperatorSketch] = ()
    name: str = "main"


@dataclass(kw_only=True)
class ModelSketch:
    """A model as a test states it.

    Codes are (old number, new number, custom name, version), buffers are bytes or
    the (offset, size) of data outside the FlatBuffer, metadata (name, buffer),
    signatures (key, subgraph, inputs, outputs).
    """

    subgraphs: Sequence[SubgraphSketch] = field(default_factory=lambda: [SubgraphSketch()])
    codes: Sequence[tuple[int, int, str | None, int]] = ()
    buffers: Sequence[bytes | tuple[int, int]] = (b"",)
    metadata: Sequence[tuple[str, int]] = ()
    signatures: Sequence[tuple[str, int, Mapping[str, int], Mapping[str, int]]] = ()
    version: int = 3
    description: str | None = None


class ModelWriter:
    """Writes a sketch as a TFLite file."""

    def __init__(self) -> None:
        self.builder: Any = flatbuffers.Builder(1024)

    def vector(self, values: Sequence[Any], prepend: str, width: int = 4) -> int:
        """A vector of numbers or of offsets."""
        self.builder.StartVector(width, len(values), width)
        for value in reversed(values):
            getattr(self.builder, prepend)(value)
        return int(self.builder.EndVector())

    def offsets(self, values: Sequence[int]) -> int:
        """A vector of tables."""
        return self.vector(values, "PrependUOffsetTRelative")

    def ints(self, values: Sequence[int]) -> int:
        """A vector of int32."""
        return self.vector(values, "PrependInt32")

    def table(self, name: str, fields: Mapping[str, Any]) -> int:
        """A table of the schema; fields by the names of the generated adders, None left out."""
        module = import_module(f"tflite.{name}")
        module.Start(self.builder)
        for key, value in fields.items():
            if value is not None:
                getattr(module, f"Add{key}")(self.builder, value)
        return int(module.End(self.builder))

    def text(self, value: str | None) -> int | None:
        """A string."""
        return None if value is None else int(self.builder.CreateString(value))

    def tensor(self, sketch: TensorSketch) -> int:
        quantization = None
        if sketch.scales or sketch.zero_points:
            parts = {
                "Scale": self.vector(sketch.scales, "PrependFloat32"),
                "ZeroPoint": self.vector(sketch.zero_points, "PrependInt64", 8),
            }
            quantization = self.table("QuantizationParameters", parts)
        return self.table(
            "Tensor",
            {
                "Shape": None if sketch.shape is None else self.ints(sketch.shape),
                "Name": self.text(sketch.name),
                "ShapeSignature": None if sketch.signature is None else self.ints(sketch.signature),
                "Sparsity": self.table("SparsityParameters", {}) if sketch.sparse else None,
                "Type": sketch.type,
                "Buffer": sketch.buffer,
                "Quantization": quantization,
                "IsVariable": sketch.is_variable,
            },
        )

    def operator(self, sketch: OperatorSketch) -> int:
        options, number, number2 = None, None, None
        if sketch.options is not None:
            name, values = sketch.options
            fields = {k: self.ints(v) if isinstance(v, list) else v for k, v in values.items()}
            options = self.table(name, fields)
            union = import_module("tflite.BuiltinOptions").BuiltinOptions
            number = getattr(union, name, None)
            number2 = getattr(import_module("tflite.BuiltinOptions2").BuiltinOptions2, name, None)
        large = sketch.large_custom_options or (None, None)
        custom = self.builder.CreateByteVector(sketch.custom_options) if sketch.custom_options else None
        return self.table(
            "Operator",
            {
                "OpcodeIndex": sketch.code,
                "Inputs": self.ints(sketch.inputs),
                "Outputs": self.ints(sketch.outputs),
                "BuiltinOptionsType": number,
                "BuiltinOptions": options if number else None,
                "BuiltinOptions2Type": number2,
                "BuiltinOptions2": options if number2 else None,
                "CustomOptions": custom,
                "LargeCustomOptionsOffset": large[0],
                "LargeCustomOptionsSize": large[1],
            },
        )

    def subgraph(self, sketch: SubgraphSketch) -> int:
        tensors = self.offsets([self.tensor(tensor) for tensor in sketch.tensors])
        operators = self.offsets([self.operator(operator) for operator in sketch.operators])
        fields = {"Tensors": tensors, "Operators": operators, "Name": self.text(sketch.name)}
        fields |= {"Inputs": self.ints(sketch.inputs), "Outputs": self.ints(sketch.outputs)}
        return self.table("SubGraph", fields)

    def buffer(self, content: bytes | tuple[int, int]) -> int:
        if isinstance(content, tuple):
            return self.table("Buffer", {"Offset": content[0], "Size": content[1]})
        return self.table("Buffer", {"Data": self.builder.CreateByteVector(content) if content else None})

    def arguments(self, tensors: Mapping[str, int]) -> int:
        maps = [
            self.table("TensorMap", {"Name": self.text(name), "TensorIndex": tensor})
            for name, tensor in tensors.items()
        ]
        return self.offsets(maps)

    def signature(
        self, key: str, subgraph: int, inputs: Mapping[str, int], outputs: Mapping[str, int]
    ) -> int:
        fields = {"Inputs": self.arguments(inputs), "Outputs": self.arguments(outputs)}
        return self.table(
            "SignatureDef", {**fields, "SignatureKey": self.text(key), "SubgraphIndex": subgraph}
        )

    def code(self, old: int, new: int, custom_name: str | None, version: int) -> int:
        fields = {"DeprecatedBuiltinCode": old, "BuiltinCode": new, "Version": version}
        return self.table("OperatorCode", {"CustomCode": self.text(custom_name), **fields})

    def model(self, sketch: ModelSketch) -> bytes:
        """The file."""
        metadata = [
            self.table("Metadata", {"Name": self.text(name), "Buffer": buffer})
            for name, buffer in sketch.metadata
        ]
        root = self.table(
            "Model",
            {
                "Subgraphs": self.offsets([self.subgraph(subgraph) for subgraph in sketch.subgraphs]),
                "OperatorCodes": self.offsets([self.code(*code) for code in sketch.codes]),
                "Buffers": self.offsets([self.buffer(buffer) for buffer in sketch.buffers]),
                "Metadata": self.offsets(metadata),
                "SignatureDefs": self.offsets(
                    [self.signature(*signature) for signature in sketch.signatures]
                ),
                "Description": self.text(sketch.description),
                "Version": sketch.version,
            },
        )
        self.builder.Finish(root, b"TFL3")
        return bytes(self.builder.Output())


class Sketches:
    """The sketch classes and the writer, for tests that build their own files."""

    Tensor = TensorSketch
    Operator = OperatorSketch
    Subgraph = SubgraphSketch
    Model = ModelSketch

    def write(self, sketch: ModelSketch) -> bytes:
        """The TFLite file of a sketch."""
        return ModelWriter().model(sketch)


@pytest.fixture(scope="session")
def sketches() -> Sketches:
    """Small TFLite files by description."""
    return Sketches()
