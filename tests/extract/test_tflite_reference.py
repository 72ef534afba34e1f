"""The reader against the schema's generated reader (packages `tflite` and `flatbuffers`), field by field."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.extract import tflite_schema as schema
from tinykg.extract.tflite import read_model

if TYPE_CHECKING:
    from tinykg.records.model_file import Layer, ModelFile, Quantization, Tensor

MODELS = 172

ENUM_NAMES = {
    "fused_activation_function": "ActivationFunctionType",
    "padding": "Padding",
    "weights_format": "FullyConnectedOptionsWeightsFormat",
    "quantized_bias_type": "TensorType",
}
"""Enumerations among the options of the models at hand, by field."""


@cache
def names_of(enum: str) -> dict[int, str]:
    members = vars(getattr(import_module(f"tflite.{enum}"), enum))
    lower = enum == "TensorType"
    return {v: k.lower() if lower else k for k, v in members.items() if isinstance(v, int)}


def numbers(table: Any, field: str) -> list[Any]:
    """A vector field of a generated class."""
    return [getattr(table, field)(i) for i in range(getattr(table, f"{field}Length")())]


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def check_tensor(ours: Tensor, theirs: Any, model: Any) -> None:
    assert ours.name == (theirs.Name() or b"").decode()
    assert ours.element_type == names_of("TensorType")[theirs.Type()]
    assert list(ours.shape or ()) == numbers(theirs, "Shape")
    assert (ours.shape is None) == theirs.ShapeIsNone()
    assert list(ours.shape_signature or ()) == numbers(theirs, "ShapeSignature")
    assert (ours.shape_signature is None) == theirs.ShapeSignatureIsNone()
    assert ours.has_rank == theirs.HasRank()
    assert ours.buffer == theirs.Buffer()
    assert ours.data_bytes == model.Buffers(theirs.Buffer()).DataLength()
    assert ours.is_variable == theirs.IsVariable()
    assert ours.is_sparse == (theirs.Sparsity() is not None)
    check_quantization(ours.quantization, theirs.Quantization())


def check_quantization(ours: Quantization | None, theirs: Any) -> None:
    fields = ("Scale", "ZeroPoint", "Min", "Max")
    stated = [] if theirs is None else [numbers(theirs, field) for field in fields]
    if ours is None:
        assert not any(stated)
        return
    assert [list(ours.scales), list(ours.zero_points), list(ours.minimums), list(ours.maximums)] == stated
    assert ours.quantized_dimension == theirs.QuantizedDimension()


def check_layer(ours: Layer, theirs: Any, model: Any) -> None:
    code = model.OperatorCodes(theirs.OpcodeIndex())
    assert ours.operator == names_of("BuiltinOperator")[code.BuiltinCode()]
    assert ours.version == code.Version()
    assert ours.custom_name == (code.CustomCode().decode() if ours.operator == "CUSTOM" else None)
    assert list(ours.inputs) == numbers(theirs, "Inputs")
    assert list(ours.outputs) == numbers(theirs, "Outputs")
    assert list(ours.intermediates) == numbers(theirs, "Intermediates")
    assert ours.custom_options_bytes == theirs.CustomOptionsLength()
    number = theirs.BuiltinOptionsType()
    if not number:
        assert (ours.options_type, ours.options) == (None, {})
        return
    name = names_of("BuiltinOptions")[number]
    assert ours.options_type == name
    table = theirs.BuiltinOptions()
    options = getattr(import_module(f"tflite.{name}"), name)()
    options.Init(table.Bytes, table.Pos)
    assert ours.options == reference_options(options)


def reference_options(table: Any) -> dict[str, Any]:
    """The fields of a generated options class under the schema's names."""
    found: dict[str, Any] = {}
    methods = [name for name in vars(type(table)) if name[0].isupper() and not name.startswith("GetRootAs")]
    for name in methods:
        if re.search(r"(AsNumpy|Length|IsNone|BufferHasIdentifier)$", name) or name == "Init":
            continue
        if f"{name}Length" in methods:
            found[snake(name)] = tuple(numbers(table, name))
            continue
        value = getattr(table, name)()
        field = snake(name)
        value = names_of(ENUM_NAMES[field])[value] if field in ENUM_NAMES else value
        found[field] = value.decode() if isinstance(value, bytes) else value
    return found


def check_model(ours: ModelFile, data: bytes) -> None:
    theirs: Any = import_module("tflite.Model").Model.GetRootAs(data, 0)
    assert (ours.sha256, ours.file_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (ours.schema_version, ours.format) == (theirs.Version(), "tflite")
    assert ours.description == (theirs.Description() and theirs.Description().decode())
    lengths = [theirs.Buffers(i).DataLength() for i in range(theirs.BuffersLength())]
    assert (ours.buffer_count, ours.buffer_bytes) == (len(lengths), sum(lengths))
    check_metadata(ours, theirs)
    check_signatures(ours, theirs)
    assert len(ours.subgraphs) == theirs.SubgraphsLength()
    for subgraph in ours.subgraphs:
        reference = theirs.Subgraphs(subgraph.index)
        assert subgraph.name == (reference.Name() or b"").decode()
        assert list(subgraph.inputs) == numbers(reference, "Inputs")
        assert list(subgraph.outputs) == numbers(reference, "Outputs")
        assert len(subgraph.tensors) == reference.TensorsLength()
        for tensor in subgraph.tensors:
            check_tensor(tensor, reference.Tensors(tensor.index), theirs)
        assert len(subgraph.layers) == reference.OperatorsLength()
        for layer in subgraph.layers:
            check_layer(layer, reference.Operators(layer.index), theirs)


def check_metadata(ours: ModelFile, theirs: Any) -> None:
    assert len(ours.metadata) == theirs.MetadataLength()
    for i, entry in enumerate(ours.metadata):
        reference = theirs.Metadata(i)
        content = bytes(numbers(theirs.Buffers(reference.Buffer()), "Data"))
        assert (entry.name, entry.buffer) == (reference.Name().decode(), reference.Buffer())
        assert entry.data_bytes == len(content)
        if entry.text is not None:
            assert content.rstrip(b"\0") == entry.text.encode()


def check_signatures(ours: ModelFile, theirs: Any) -> None:
    assert len(ours.signatures) == theirs.SignatureDefsLength()
    for i, signature in enumerate(ours.signatures):
        reference = theirs.SignatureDefs(i)
        assert signature.key == reference.SignatureKey().decode()
        assert signature.subgraph == reference.SubgraphIndex()
        for arguments, field in ((signature.inputs, "Inputs"), (signature.outputs, "Outputs")):
            stated = [(entry.Name().decode(), entry.TensorIndex()) for entry in numbers(reference, field)]
            assert list(arguments) == stated


@pytest.mark.parametrize("folder", ["mlperf_tiny", "ren", "seanet_ops", "tflm"])
def test_every_field_of_published_models_is_read_as_the_generated_reader_does(
    folder: str, test_data: Path
) -> None:
    paths = sorted((test_data / "models" / folder).glob("*.tflite"))
    for path in paths:
        data = path.read_bytes()
        check_model(read_model(data, path.name), data)
    assert len(paths) == {"mlperf_tiny": 9, "ren": 23, "seanet_ops": 127, "tflm": 13}[folder]


def test_the_published_models_are_all_there(test_data: Path) -> None:
    assert len(list((test_data / "models").rglob("*.tflite"))) == MODELS


def test_own_models_are_read_as_the_generated_reader_does() -> None:
    paths = sorted((Path(__file__).parents[2] / "data" / "models" / "files").glob("*.tflite"))
    for path in paths:
        data = path.read_bytes()
        check_model(read_model(data, path.name), data)
    assert len(paths) >= 3


def test_streaming_models_with_resource_variables_are_read_as_the_generated_reader_does() -> None:
    package = find_spec("pymicro_wakeword")
    if package is None or package.origin is None:
        pytest.skip("pymicro-wakeword, with its models, is not installed")
    paths = sorted((Path(package.origin).parent / "models").glob("*.tflite"))
    for path in paths:
        data = path.read_bytes()
        model = read_model(data, path.name)
        check_model(model, data)
        assert len(model.subgraphs) == 2
        assert "resource" in {tensor.element_type for tensor in model.main.tensors}
    assert len(paths) == 4


def test_each_enumeration_in_the_generated_schema_is_that_of_the_package() -> None:
    for enum, names in schema.ENUMS.items():
        assert names_of(enum).items() <= names.items()
    assert names_of("BuiltinOperator").items() <= schema.BUILTIN_OPERATORS.items()
