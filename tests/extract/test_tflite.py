"""What the TFLite reader makes of a file, and how it refuses what no runtime could use."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from flatbuffers import flexbuffers

from tinykg.errors import ExtractError
from tinykg.extract.tflite import EXTRACTOR, read_bytes, read_model
from tinykg.extract.tflite_options import NEEDED, options_type_of
from tinykg.records.model_file import Metadata, Signature

CONV, DEPTHWISE, FULLY_CONNECTED, CALL_ONCE, CUSTOM, PAD = 3, 4, 9, 129, 32, 34
INT8, INT32, STRING, INT4, RESOURCE = 9, 2, 5, 17, 13


def convolution(sketches: Any, **options: int) -> Any:
    """A model of one convolution, 1x4x4x2 -> 1x4x4x3, with options as given."""
    stated = {"StrideW": 1, "StrideH": 1} | options
    tensors = [
        sketches.Tensor(shape=(1, 4, 4, 2), type=INT8, name="data"),
        sketches.Tensor(shape=(3, 1, 1, 2), type=INT8, name="filter", buffer=1),
        sketches.Tensor(shape=(1, 4, 4, 3), type=INT8, name="result"),
    ]
    operator = sketches.Operator(inputs=(0, 1, -1), outputs=(2,), options=("Conv2DOptions", stated))
    subgraph = sketches.Subgraph(tensors=tensors, inputs=(0,), outputs=(2,), operators=[operator])
    return sketches.Model(subgraphs=[subgraph], codes=[(CONV, CONV, None, 3)], buffers=[b"", b"123456"])


def refused(sketches: Any, sketch: Any) -> ExtractError:
    with pytest.raises(ExtractError) as caught:
        read_model(sketches.write(sketch), "model.tflite")
    return caught.value


def test_a_layer_has_its_options_under_the_schema_names(sketches: Any) -> None:
    model = read_model(sketches.write(convolution(sketches, Padding=1, FusedActivationFunction=3)), "m")
    layer = model.main.layers[0]
    assert (layer.operator, layer.version, layer.options_type) == ("CONV_2D", 3, "Conv2DOptions")
    assert layer.options == {
        "padding": "VALID",
        "stride_w": 1,
        "stride_h": 1,
        "fused_activation_function": "RELU6",
        "dilation_w_factor": 1,
        "dilation_h_factor": 1,
        "quantized_bias_type": "float32",
    }
    assert (layer.inputs, layer.outputs) == ((0, 1, -1), (2,))
    assert (layer.mac_class, layer.macs, layer.parameters) == ("conv_1x1", 16 * 3 * 2, 6)


def test_floats_texts_vectors_and_bytes_among_options(sketches: Any) -> None:
    operators = [
        sketches.Operator(code=0, options=("SoftmaxOptions", {"Beta": 0.5})),
        sketches.Operator(code=1, options=("ReshapeOptions", {"NewShape": [1, -1]})),
        sketches.Operator(code=2, options=("StablehloCustomCallOptions", {"ApiVersion": 2})),
        sketches.Operator(code=3, options=("BidirectionalSequenceLSTMOptions", {})),
        sketches.Operator(code=1),
    ]
    subgraph = sketches.Subgraph(operators=operators)
    codes = [(25, 25, None, 1), (22, 22, None, 1), (127, 173, None, 1), (52, 52, None, 1)]
    layers = read_model(sketches.write(sketches.Model(subgraphs=[subgraph], codes=codes)), "m").main.layers
    assert layers[0].options == {"beta": 0.5}
    assert layers[1].options == {"new_shape": (1, -1)}
    assert layers[2].operator == "STABLEHLO_CUSTOM_CALL"
    assert layers[2].options == {
        "call_target_name": None,
        "has_side_effect": False,
        "backend_config": None,
        "api_version": 2,
        "called_computations": (),
        "custom_attributes": "",
    }
    assert layers[3].options["time_major"] is True
    assert (layers[4].options_type, layers[4].options) == (None, {})


@pytest.mark.parametrize(
    ("old", "new", "operator"),
    [(3, 3, "CONV_2D"), (3, 0, "CONV_2D"), (0, 3, "CONV_2D"), (127, 129, "CALL_ONCE"), (0, 0, "ADD")],
)
def test_the_operator_is_the_larger_of_the_old_and_the_new_number(
    old: int, new: int, operator: str, sketches: Any
) -> None:
    options = {
        "CONV_2D": ("Conv2DOptions", {"StrideW": 1, "StrideH": 1}),
        "CALL_ONCE": ("CallOnceOptions", {}),
        "ADD": None,
    }[operator]
    subgraph = sketches.Subgraph(operators=[sketches.Operator(options=options)])
    sketch = sketches.Model(subgraphs=[subgraph], codes=[(old, new, None, 1)])
    assert read_model(sketches.write(sketch), "m").main.layers[0].operator == operator


def test_custom_operators_have_their_name_and_decoded_options(sketches: Any) -> None:
    content = flexbuffers.Dumps({"shift": 12, "kind": "log"})
    operators = [
        sketches.Operator(code=0, custom_options=bytes(content)),
        sketches.Operator(code=0, custom_options=b"\x01\x04\x01"),
        sketches.Operator(code=0),
    ]
    sketch = sketches.Model(
        subgraphs=[sketches.Subgraph(operators=operators)], codes=[(CUSTOM, CUSTOM, "SignalFft", 1)]
    )
    layers = read_model(sketches.write(sketch), "m").main.layers
    assert [layer.name for layer in layers] == ["SignalFft"] * 3
    assert [layer.custom_options for layer in layers] == [{"shift": 12, "kind": "log"}, None, None]
    assert [layer.custom_options_bytes for layer in layers] == [len(content), 3, 0]


def test_a_compiled_program_as_custom_options_is_counted_and_not_decoded(sketches: Any) -> None:
    """Compilers for accelerators put megabytes there: nearly the whole file."""
    operator = sketches.Operator(custom_options=bytes(3_000_000))
    codes = [(CUSTOM, CUSTOM, "edgetpu-custom-op", 1)]
    sketch = sketches.Model(subgraphs=[sketches.Subgraph(operators=[operator])], codes=codes)
    layer = read_model(sketches.write(sketch), "m").main.layers[0]
    assert (layer.custom_options, layer.custom_options_bytes) == (None, 3_000_000)


def test_custom_options_behind_the_flatbuffer_are_read_there(sketches: Any) -> None:
    content = bytes(flexbuffers.Dumps({"a": 1}))
    codes = [(CUSTOM, CUSTOM, "X", 1)]

    def written(start: int) -> bytes:
        operator = sketches.Operator(large_custom_options=(start, len(content)))
        subgraph = sketches.Subgraph(operators=[operator])
        return bytes(sketches.write(sketches.Model(subgraphs=[subgraph], codes=codes)))

    size = len(written(1 << 20))
    layer = read_model(written(size) + content, "m").main.layers[0]
    assert (layer.custom_options, layer.custom_options_bytes) == ({"a": 1}, len(content))
    with pytest.raises(ExtractError, match=r"large_custom_options_offset"):
        read_model(written(size + 1) + content, "m")


def test_buffers_behind_the_flatbuffer_are_read_there(sketches: Any) -> None:
    def written(start: int, size: int) -> bytes:
        subgraph = sketches.Subgraph(tensors=[sketches.Tensor(shape=(2, 3), type=INT8, buffer=1)])
        return bytes(sketches.write(sketches.Model(subgraphs=[subgraph], buffers=[b"", (start, size)])))

    end = len(written(1 << 20, 6))
    model = read_model(written(end, 6) + b"123456", "m")
    assert model.main.tensors[0].data_bytes == 6
    assert model.buffer_bytes == 6
    assert read_model(written(1, 6), "m").buffer_bytes == 0, "offsets of 0 and 1 mean none"
    with pytest.raises(ExtractError) as caught:
        read_model(written(end + 1, 6) + b"123456", "m")
    assert caught.value.place.startswith("buffers[1].offset (byte ")
    with pytest.raises(ExtractError):
        read_model(written(end, 2**64 - 1) + b"123456", "m")


def test_two_subgraphs_that_share_resource_variables(sketches: Any) -> None:
    handles = [sketches.Tensor(shape=(), type=RESOURCE, name="state")]
    main = sketches.Subgraph(
        tensors=handles,
        operators=[
            sketches.Operator(code=0, options=("CallOnceOptions", {"InitSubgraphIndex": 1})),
            sketches.Operator(code=1, outputs=(0,), options=("VarHandleOptions", {})),
        ],
    )
    sketch = sketches.Model(
        subgraphs=[main, sketches.Subgraph(tensors=handles, name="init")],
        codes=[(127, CALL_ONCE, None, 1), (127, 142, None, 1)],
    )
    model = read_model(sketches.write(sketch), "m")
    assert [(graph.index, graph.name) for graph in model.subgraphs] == [(0, "main"), (1, "init")]
    assert model.main.layers[0].options == {"init_subgraph_index": 1}
    assert model.main.layers[1].options == {"container": None, "shared_name": None}
    main.operators[0].options = ("CallOnceOptions", {"InitSubgraphIndex": 2})
    error = refused(sketches, sketch)
    assert error.place.startswith("subgraphs[0].operators[0].builtin_options.init_subgraph_index (byte")
    assert (error.found, error.expected) == ("subgraph 2", "0 to 1")


def test_metadata_signatures_and_the_offline_plan(sketches: Any) -> None:
    plan = struct.pack("<7i", 1, 0, 3, 0, -1, 16, 32)
    sketch = sketches.Model(
        buffers=[b"", b"1.5.0\0\0\0", b"\xff\xfe", plan, b"a\x01b", b"two\nlines"],
        metadata=[
            ("min_runtime_version", 1),
            ("bytes", 2),
            ("OfflineMemoryAllocation", 3),
            ("c", 4),
            ("d", 5),
        ],
        signatures=[("serving_default", 0, {"x": 0}, {"y": 0})],
        description="made by hand",
    )
    model = read_model(sketches.write(sketch), "m")
    assert model.description == "made by hand"
    assert model.metadata[0] == Metadata(name="min_runtime_version", buffer=1, data_bytes=8, text="1.5.0")
    assert [entry.text for entry in model.metadata[1:]] == [None, None, None, "two\nlines"]
    assert model.offline_plan == (1, 0, 3, 0, -1, 16, 32)
    assert model.signatures == (
        Signature(key="serving_default", subgraph=0, inputs=(("x", 0),), outputs=(("y", 0),)),
    )


def test_a_file_without_optional_parts(sketches: Any) -> None:
    model = read_model(sketches.write(sketches.Model()), "m")
    assert (model.metadata, model.signatures, model.offline_plan, model.description) == ((), (), None, None)
    assert (model.macs, model.parameters, model.buffer_count, model.buffer_bytes) == (0, 0, 1, 0)


def test_a_name_that_is_no_utf8_is_escaped(sketches: Any) -> None:
    data = sketches.write(sketches.Model(subgraphs=[sketches.Subgraph(name="QQQQ")]))
    assert read_model(data.replace(b"QQQQ", b"Q\xff\xfeQ"), "m").main.name == "Q\\xff\\xfeQ"


@pytest.mark.parametrize(
    ("shape", "element_type", "sparse", "data"),
    [
        ((2, 3), INT8, False, b"123456"),
        ((), INT32, False, b"1234"),
        (None, INT32, False, b"1234"),
        ((3,), INT4, False, b"12"),  # two elements a byte, the last byte half used
        ((2,), STRING, False, b"any length"),
        ((100, 100), INT8, True, b"few values"),
        ((-1, 3), INT8, False, b"123456"),
    ],
)
def test_constants_whose_data_fill_their_shape(
    shape: tuple[int, ...] | None, element_type: int, sparse: bool, data: bytes, sketches: Any
) -> None:
    stated = sketches.Tensor(shape=shape, type=element_type, buffer=1, sparse=sparse)
    sketch = sketches.Model(subgraphs=[sketches.Subgraph(tensors=[stated])], buffers=[b"", data])
    tensor = read_model(sketches.write(sketch), "m").main.tensors[0]
    assert (tensor.data_bytes, tensor.is_sparse, tensor.shape) == (len(data), sparse, shape)


@pytest.mark.parametrize(
    ("tensor", "place", "found"),
    [
        ({"shape": (2, 3), "type": INT8, "buffer": 1}, "buffer", "4 bytes of data for int8 [2, 3]"),
        ({"shape": (3,), "type": INT8, "buffer": 1}, "buffer", "4 bytes of data for int8 [3]"),
        ({"shape": (0, 3), "type": INT8, "buffer": 1}, "buffer", "4 bytes of data for int8 [0, 3]"),
        ({"shape": (3,), "type": INT4, "buffer": 1}, "buffer", "4 bytes of data for int4 [3]"),
        ({"buffer": 2}, "buffer", "buffer 2"),
        ({"buffer": 2**32 - 1}, "buffer", "buffer 4294967295"),
        ({"type": 23}, "type", "element type 23"),
        ({"type": -1}, "type", "element type -1"),
        ({"shape": (1, -2)}, "shape", "a dimension of -2"),
        ({"signature": (1, -3)}, "shape_signature", "a dimension of -3"),
        ({"shape": (2**31 - 1,) * 3}, "shape", "a tensor beyond 2^63 bytes"),
        ({"shape": (1,) * 65}, "shape", "65 dimensions"),
        (
            {"scales": (0.5, float("nan")), "zero_points": (0, 0)},
            "quantization.scale",
            "a scale that is no finite",
        ),
        ({"scales": (0.5,), "zero_points": (0, 0)}, "quantization.zero_point", "2 zero points for 1 scales"),
    ],
)
def test_tensors_that_contradict_themselves(
    tensor: dict[str, Any], place: str, found: str, sketches: Any
) -> None:
    subgraph = sketches.Subgraph(tensors=[sketches.Tensor(), sketches.Tensor(**tensor)])
    error = refused(sketches, sketches.Model(subgraphs=[subgraph], buffers=[b"", b"1234"]))
    assert error.place.startswith(f"subgraphs[0].tensors[1].{place} (byte ")
    assert error.found.startswith(found)
    assert str(error).startswith("model.tflite: ")


@pytest.mark.parametrize(
    ("change", "place", "found"),
    [
        ({"inputs": (0, 3)}, "inputs", "element 1 is tensor 3"),
        ({"inputs": (0, -2)}, "inputs", "element 1 is tensor -2"),
        ({"outputs": (-1,)}, "outputs", "element 0 is tensor -1"),
        ({"code": 1}, "opcode_index", "operator code 1"),
        ({"options": None}, "builtin_options", "CONV_2D without options"),
        ({"options": ("Pool2DOptions", {})}, "builtin_options", "Pool2DOptions for CONV_2D"),
    ],
)
def test_operators_that_refer_to_nothing(
    change: dict[str, Any], place: str, found: str, sketches: Any
) -> None:
    sketch = convolution(sketches)
    for name, value in change.items():
        setattr(sketch.subgraphs[0].operators[0], name, value)
    error = refused(sketches, sketch)
    assert error.place.startswith(f"subgraphs[0].operators[0].{place} (byte ")
    assert error.found == found


@pytest.mark.parametrize(
    ("option", "value", "field"),
    [
        ("Padding", 2, "padding"),
        ("FusedActivationFunction", 6, "fused_activation_function"),
        ("StrideW", 0, "stride_w"),
        ("StrideH", -1, "stride_h"),
        ("DilationWFactor", 0, "dilation_w_factor"),
    ],
)
def test_options_that_no_convolution_can_have(option: str, value: int, field: str, sketches: Any) -> None:
    error = refused(sketches, convolution(sketches, **{option: value}))
    assert error.place.startswith(f"subgraphs[0].operators[0].builtin_options.{field} (byte ")


def test_other_references_to_nothing(sketches: Any) -> None:
    def place(**fields: Any) -> str:
        return refused(sketches, sketches.Model(**fields)).place.split(" (")[0]

    assert place(subgraphs=[sketches.Subgraph(inputs=(1,))]) == "subgraphs[0].inputs"
    assert place(subgraphs=[sketches.Subgraph(outputs=(-1,))]) == "subgraphs[0].outputs"
    assert place(codes=[(0, 210, None, 1)]) == "operator_codes[0].builtin_code"
    assert place(codes=[(-3, -1, None, 1)]) == "operator_codes[0].builtin_code"
    assert place(codes=[(CUSTOM, CUSTOM, None, 1)]) == "operator_codes[0].custom_code"
    assert place(metadata=[("a", 0), ("b", 1)]) == "metadata[1].buffer"
    assert place(metadata=[("OfflineMemoryAllocation", 1)], buffers=[b"", b"12345"]) == "metadata[0].buffer"
    assert place(signatures=[("s", 1, {}, {})]) == "signature_defs[0].subgraph_index"
    assert place(signatures=[("s", 0, {"x": 0, "y": 1}, {})]) == "signature_defs[0].inputs[1].tensor_index"
    assert place(signatures=[("s", 0, {}, {"z": 9})]) == "signature_defs[0].outputs[0].tensor_index"
    assert place(subgraphs=[]) == "subgraphs"
    assert place(version=2) == "version"


def test_shapes_of_more_work_than_64_bits_can_count(sketches: Any) -> None:
    sketch = convolution(sketches)
    sketch.subgraphs[0].tensors[1] = sketches.Tensor(shape=(3, 2**20, 2**20, 2), type=INT8)
    sketch.subgraphs[0].tensors[2] = sketches.Tensor(shape=(1, 2**20, 2**20, 3), type=INT8)
    assert refused(sketches, sketch).found == "2^63 or more MACs or parameters"


def test_operators_that_need_options_have_a_table_for_them() -> None:
    assert all(options_type_of(operator) is not None for operator in NEEDED)
    assert options_type_of("RELU") is None
    assert options_type_of("REDUCE_MAX") == "ReducerOptions"


def test_the_extractor_accepts_by_content_or_by_suffix(tmp_path: Path, sketches: Any) -> None:
    data = sketches.write(sketches.Model())
    for name, content, accepted in (
        ("model.bin", data, True),
        ("model.tflite", b"broken", True),
        ("MODEL.TFLITE", b"", True),
        ("note.c", b"/** TFL3, a model */ int x;", False),
        ("other.bin", b"\x08\0\0\0GGUF" + bytes(40), False),
        ("short.bin", b"TFL3", False),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        assert EXTRACTOR.accepts(path) is accepted, name
    assert not EXTRACTOR.accepts(tmp_path)
    assert not EXTRACTOR.accepts(tmp_path / "missing.bin")


def test_the_extractor_names_the_file(tmp_path: Path, sketches: Any) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(sketches.write(sketches.Model()))
    assert EXTRACTOR.extract(path)[0].file_bytes == path.stat().st_size
    assert EXTRACTOR.model_bytes(path) == path.read_bytes()
    path.write_bytes(b"")
    with pytest.raises(ExtractError, match=r"model\.tflite: a file of 0 bytes; expected a FlatBuffer"):
        EXTRACTOR.extract(path)


def test_what_is_no_regular_file_or_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="no such file"):
        read_bytes(tmp_path / "missing")
    with pytest.raises(ExtractError, match="no regular file"):
        read_bytes(tmp_path)
    with pytest.raises(ExtractError, match="no regular file"):
        read_bytes(Path("/dev/zero"))
    (tmp_path / "large").write_bytes(bytes(11))
    with pytest.raises(ExtractError, match="11 bytes; expected at most 10"):
        read_bytes(tmp_path / "large", 10)
