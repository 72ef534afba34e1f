"""Writes a part of a model as a TFLite file of its own (schema version 3)."""

from __future__ import annotations

from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from tinykg.errors import BenchmarkError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.bench.bakenn_import import Part
    from tinykg.records.model_file import Layer, ModelFile, OptionValue, Quantization, Tensor

SCHEMA_VERSION: Final = 3

ENUMS: Final[Mapping[str, str]] = {
    "padding": "Padding",
    "fused_activation_function": "ActivationFunctionType",
    "weights_format": "FullyConnectedOptionsWeightsFormat",
}
"""Options that the schema numbers, with the name of its enumeration."""

LEFT_OUT: Final = frozenset({"quantized_bias_type", "pot_scale_int16"})
"""Options that say nothing for int8: the bias tensor has its type, the other is for int16."""

TABLES: Final[Mapping[str, str]] = {
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "ADD": "AddOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "RESHAPE": "ReshapeOptions",
    "PAD": "PadOptions",
    "PADV2": "PadV2Options",
}


def require_writer() -> None:
    """Raises MissingExtra where the packages that read and write the schema are not installed."""
    if find_spec("flatbuffers") is None or find_spec("tflite") is None:
        raise MissingExtra("Rewriting a model for bakenn", "bench")


def written(part: Part, file: ModelFile, content: bytes) -> bytes:
    """The part as a TFLite file, with constants out of `content`, which must be the file of the record.

    Raises BenchmarkError where it is another file, MissingExtra.
    """
    require_writer()
    if sha256(content).hexdigest() != file.sha256:
        raise BenchmarkError(f"The model's bytes are not those of its record (sha256 {file.sha256})")
    return _Writer(content).model(part)


class _Writer:
    """Writes tables of the schema with its generated builders."""

    def __init__(self, content: bytes) -> None:
        self.builder: Any = import_module("flatbuffers").Builder(len(content) + 4096)
        self.source = import_module("tflite").Model.GetRootAs(content, 0)
        self.buffers: list[int] = []
        self.numbers: dict[int, int] = {}

    def model(self, part: Part) -> bytes:
        """The whole file."""
        codes = sorted({(layer.operator, layer.version) for layer in part.layers})
        self.buffers.append(self.table("Buffer", {}))
        tensors = [self.tensor(tensor, number) for number, tensor in enumerate(part.tensors)]
        operators = [self.layer(one, codes.index((one.operator, one.version))) for one in part.layers]
        graph = self.table(
            "SubGraph",
            {
                "Tensors": self.offsets(tensors),
                "Inputs": self.ints([part.sources.index(part.entry)]),
                "Outputs": self.ints([part.sources.index(part.exit)]),
                "Operators": self.offsets(operators),
                "Name": self.builder.CreateString("main"),
            },
        )
        root = self.table(
            "Model",
            {
                "Version": SCHEMA_VERSION,
                "OperatorCodes": self.offsets([self.code(*code) for code in codes]),
                "Subgraphs": self.offsets([graph]),
                "Buffers": self.offsets(self.buffers),
            },
        )
        self.builder.Finish(root, b"TFL3")
        return bytes(self.builder.Output())

    def table(self, name: str, fields: Mapping[str, Any]) -> int:
        """A table; fields by the names of the generated adders, None left out."""
        module = import_module(f"tflite.{name}")
        module.Start(self.builder)
        for key, value in fields.items():
            if value is not None:
                getattr(module, f"Add{key}")(self.builder, value)
        return int(module.End(self.builder))

    def vector(self, values: Sequence[Any], prepend: str, width: int) -> int:
        self.builder.StartVector(width, len(values), width)
        for value in reversed(values):
            getattr(self.builder, prepend)(value)
        return int(self.builder.EndVector())

    def offsets(self, values: Sequence[int]) -> int:
        return self.vector(values, "PrependUOffsetTRelative", 4)

    def ints(self, values: Sequence[Any]) -> int:
        return self.vector(values, "PrependInt32", 4)

    def code(self, operator: str, version: int) -> int:
        number = self.number("BuiltinOperator", operator)
        fields = {"DeprecatedBuiltinCode": min(number, 127), "BuiltinCode": number, "Version": version}
        return self.table("OperatorCode", fields)

    def number(self, enum: str, name: str) -> int:
        """What the schema numbers a name with."""
        value = getattr(getattr(import_module(f"tflite.{enum}"), enum), name, None)
        if value is None:
            raise BenchmarkError(f"bakenn cannot import this model: {enum} {name[:40]} is not in its schema")
        return int(value)

    def tensor(self, tensor: Tensor, number: int) -> int:
        """A tensor by a name of ours; its constant, if it has one, copied."""
        return self.table(
            "Tensor",
            {
                "Shape": self.ints(tensor.shape or ()),
                "Type": self.number("TensorType", tensor.element_type.upper()),
                "Buffer": self.constant(tensor),
                "Name": self.builder.CreateString(f"t{number}"),
                "Quantization": self.quantization(tensor.quantization, len(tensor.shape or ())),
            },
        )

    def constant(self, tensor: Tensor) -> int:
        """The number of the buffer with a tensor's constant; 0 for none."""
        if not tensor.data_bytes:
            return 0
        if tensor.buffer not in self.numbers:
            source = self.source.Buffers(tensor.buffer)
            if source.DataLength() != tensor.data_bytes:
                raise BenchmarkError(f"bakenn cannot import this model: tensor {tensor.index} has its data "
                                     "outside the FlatBuffer")  # fmt: skip
            data = self.builder.CreateByteVector(source.DataAsNumpy().tobytes())
            self.numbers[tensor.buffer] = len(self.buffers)
            self.buffers.append(self.table("Buffer", {"Data": data}))
        return self.numbers[tensor.buffer]

    def quantization(self, quantization: Quantization | None, rank: int) -> int | None:
        """Scales and zero points; a vector has one dimension to be quantized along."""
        if quantization is None:
            return None
        return self.table(
            "QuantizationParameters",
            {
                "Scale": self.vector(quantization.scales, "PrependFloat32", 4),
                "ZeroPoint": self.vector(quantization.zero_points, "PrependInt64", 8),
                "QuantizedDimension": quantization.quantized_dimension if rank > 1 else 0,
            },
        )

    def layer(self, layer: Layer, code: int) -> int:
        name = TABLES[layer.operator]
        fields = {
            "".join(word.title() for word in key.split("_")): self.option(key, value)
            for key, value in layer.options.items()
            if key not in LEFT_OUT
        }
        return self.table(
            "Operator",
            {
                "BuiltinOptions": self.table(name, fields),
                "BuiltinOptionsType": self.number("BuiltinOptions", name),
                "OpcodeIndex": code,
                "Inputs": self.ints(layer.inputs),
                "Outputs": self.ints(layer.outputs),
            },
        )

    def option(self, key: str, value: OptionValue) -> Any:
        """A value of an options table: a number, or where it is a list, that list as a vector."""
        if isinstance(value, tuple):
            return self.ints(value)
        return self.number(ENUMS[key], value) if isinstance(value, str) else value
