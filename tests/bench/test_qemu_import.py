"""A model in the form that bakenn takes: the same computation, or a refusal that says all."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.bakenn_flatbuffer import TABLES, written
from tinykg.bench.bakenn_import import ENTRY, EXIT, MAX_ELEMENTS, Part, part_for_bakenn
from tinykg.bench.bakenn_layers import VERSIONS, bias_scales
from tinykg.errors import BenchmarkError
from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.records.model_file import Layer, ModelFile, Quantization, Subgraph, Tensor

if TYPE_CHECKING:
    from pathlib import Path

OURS = data_folder() / "models" / "files"

needs_schema = pytest.mark.skipif(
    find_spec("tflite") is None or find_spec("flatbuffers") is None,
    reason="the packages tflite and flatbuffers are not installed (extra bench)",
)


def model(name: str) -> tuple[ModelFile, bytes]:
    content = (OURS / f"{name}.tflite").read_bytes()
    return read_model(content, name), content


def constants(file: ModelFile, content: bytes) -> dict[tuple[int, ...], list[bytes]]:
    """The bytes of all constants that layers use, by shape."""
    raw = import_module("tflite").Model.GetRootAs(content, 0)
    found: dict[tuple[int, ...], list[bytes]] = {}
    used = {i for layer in file.main.layers for i in layer.inputs if i >= 0}
    for tensor in (file.main.tensors[i] for i in sorted(used)):
        if tensor.data_bytes:
            data = raw.Buffers(tensor.buffer).DataAsNumpy().tobytes()
            found.setdefault(tensor.shape or (), []).append(data)
    return found


def changed(file: ModelFile, **graph: object) -> ModelFile:
    return replace(file, subgraphs=(replace(file.main, **graph),))  # type: ignore[arg-type]


def altered(file: ModelFile, number: int, **fields: object) -> ModelFile:
    """The file with one tensor changed."""
    tensors = list(file.main.tensors)
    tensors[number] = replace(tensors[number], **fields)  # type: ignore[arg-type]
    return changed(file, tensors=tuple(tensors))


def refusal(file: ModelFile) -> str:
    with pytest.raises(BenchmarkError) as caught:
        part_for_bakenn(file)
    return str(caught.value)


class TestWhatRuns:
    def test_a_softmax_at_the_end_is_left_out_and_said(self) -> None:
        file, _ = model("digits_cnn_int8")
        part = part_for_bakenn(file)
        assert "SOFTMAX at the end is not run: 0 MACs, 10 elements" in part.notes
        assert part.exit == file.main.layers[-1].inputs[0]
        assert part.entry == file.main.inputs[0]
        assert [layer.name for layer in part.layers] == [layer.name for layer in file.main.layers[:-1]]

    def test_macs_are_those_of_the_whole_model(self) -> None:
        for name in ("digits_cnn_int8", "digits_dscnn_int8", "digits_mlp_int8"):
            file, _ = model(name)
            assert sum(layer.macs for layer in part_for_bakenn(file).layers) == file.macs > 0

    def test_a_fully_connected_layer_over_a_map_gets_its_reshape(self) -> None:
        file, _ = model("digits_dscnn_int8")
        part = part_for_bakenn(file)
        flattening = next(layer for layer in part.layers if layer.name == "RESHAPE")
        after = next(layer for layer in part.layers if layer.name == "FULLY_CONNECTED")
        assert after.inputs[0] == flattening.outputs[0]
        shape = part.tensors[after.inputs[0]].shape
        assert shape == (1, part.tensors[after.inputs[1]].shape[-1])  # type: ignore[index]
        assert flattening.options == {"new_shape": shape}
        assert any("flattened by a RESHAPE" in note for note in part.notes)

    def test_quantize_before_and_dequantize_behind_are_left_out(self, test_data: Path) -> None:
        content = (test_data / "models/ren/Move.tflite").read_bytes()
        file = read_model(content, "Move")
        part = part_for_bakenn(file)
        assert [layer.name for layer in part.layers] == ["FULLY_CONNECTED"] * 3
        assert part.input.element_type == part.output.element_type == "int8"
        assert [note.partition(" ")[0] for note in part.notes] == ["QUANTIZE", "DEQUANTIZE", "SOFTMAX"]

    def test_an_input_that_others_read_too_is_not_left_out(self, test_data: Path) -> None:
        content = (test_data / "models/ren/Move.tflite").read_bytes()
        file = read_model(content, "Move")
        layers = list(file.main.layers)
        layers[-1] = replace(layers[-1], inputs=(*layers[-1].inputs, file.main.inputs[0]))
        assert "QUANTIZE (layer 0)" in refusal(changed(file, layers=tuple(layers)))

    def test_a_version_is_given_as_the_one_that_bakenn_names(self) -> None:
        file, _ = model("digits_cnn_int8")
        layers = tuple(replace(layer, version=7) for layer in file.main.layers)
        part = part_for_bakenn(changed(file, layers=layers))
        assert all(layer.version == VERSIONS[layer.name] for layer in part.layers)
        assert "CONV_2D of version 7 is given as 3 (layers 0, 2)" in part.notes

    def test_a_missing_bias_asks_for_another_version(self) -> None:
        file, _ = model("digits_mlp_int8")
        layers = [
            replace(one, inputs=one.inputs[:2]) if one.name == "FULLY_CONNECTED" else one
            for one in file.main.layers
        ]
        part = part_for_bakenn(changed(file, layers=tuple(layers)))
        assert {one.version for one in part.layers if one.name == "FULLY_CONNECTED"} == {6}


class TestBiases:
    def test_scales_are_products_rounded_to_float32(self) -> None:
        def scale(*values: float) -> Quantization:
            return Quantization(scales=values, zero_points=(0,) * len(values))

        assert bias_scales(scale(0.5), scale(0.25, 2.0)) == (0.125, 1.0)
        assert bias_scales(scale(0.1), scale(0.1)) == pytest.approx((0.01,), rel=1e-7)
        assert bias_scales(scale(0.1), scale(0.1)) != (0.1 * 0.1,)
        assert bias_scales(scale(0.5, 0.5), scale(0.25)) == ()
        assert bias_scales(scale(1e38), scale(1e38)) == ()
        assert bias_scales(scale(1e-38), scale(1e-38)) == ()
        assert bias_scales(None, scale(1.0)) == ()

    def with_bias_scales(self, factor: float) -> tuple[Part, Tensor]:
        """The MLP with the scale of its first bias off by a factor."""
        file, _ = model("digits_mlp_int8")
        first = next(layer for layer in file.main.layers if layer.name == "FULLY_CONNECTED")
        bias = file.main.tensors[first.inputs[2]]
        assert bias.quantization is not None
        scales = tuple(factor * scale for scale in bias.quantization.scales)
        part = part_for_bakenn(
            altered(file, first.inputs[2], quantization=replace(bias.quantization, scales=scales))
        )
        layer = next(layer for layer in part.layers if layer.name == "FULLY_CONNECTED")
        return part, part.tensors[layer.inputs[2]]

    def test_exact_scales_need_no_remark(self) -> None:
        part, _ = self.with_bias_scales(1.0)
        assert not [note for note in part.notes if "bias" in note]

    def test_scales_that_are_off_become_the_product(self) -> None:
        _, exact = self.with_bias_scales(1.0)
        part, bias = self.with_bias_scales(1.001)
        assert bias.quantization is not None
        assert exact.quantization is not None
        assert bias.quantization.scales == pytest.approx(exact.quantization.scales, rel=1e-6)
        assert [note for note in part.notes if "its bias" in note or "the bias" in note]


class TestRefusals:
    def test_all_faults_are_told_at_once(self, test_data: Path) -> None:
        file = read_model((test_data / "models/tflm/trained_lstm.tflite").read_bytes(), "lstm")
        said = refusal(file)
        assert "it has no UNIDIRECTIONAL_SEQUENCE_LSTM (layer 0)" in said
        assert "is a variable" in said
        assert "its activations are float32, not int8 throughout" in said

    def test_float_models(self) -> None:
        assert "float32, not int8" in refusal(model("digits_cnn_float32")[0])

    def test_an_operator_that_bakenn_has_not(self) -> None:
        assert "it has no MEAN (layer 4)" in refusal(model("waves_cnn1d_int8")[0])

    def test_two_inputs(self) -> None:
        file, _ = model("digits_mlp_int8")
        assert "2 inputs and 1 outputs" in refusal(changed(file, inputs=(0, 1)))

    def test_two_subgraphs(self) -> None:
        file, _ = model("digits_mlp_int8")
        assert "2 subgraphs" in refusal(replace(file, subgraphs=file.subgraphs * 2))

    def test_no_layers(self) -> None:
        assert "no layers" in refusal(changed(model("digits_mlp_int8")[0], layers=()))

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"is_sparse": True}, "is sparse"),
            ({"is_variable": True}, "is a variable"),
            ({"shape": (1, -1)}, "has the shape [1, -1]"),
            ({"shape": (1, 0, 8)}, "has the shape [1, 0, 8]"),
            ({"shape": (1, MAX_ELEMENTS + 1)}, "elements; at most"),
            ({"element_type": "int16"}, "int16 and int8"),
        ],
    )
    def test_what_an_activation_must_be(self, fields: dict[str, object], said: str) -> None:
        file, _ = model("digits_mlp_int8")
        assert said in refusal(altered(file, file.main.inputs[0], **fields))

    @pytest.mark.parametrize("inputs", [(), (-1,), (0,), (0, -1), (0, 999)])
    def test_layers_that_lack_a_tensor(self, inputs: tuple[int, ...]) -> None:
        file, _ = model("digits_mlp_int8")
        layers = list(file.main.layers)
        layers[1] = replace(layers[1], inputs=inputs)
        assert "layer 1 (FULLY_CONNECTED) lacks an input" in refusal(changed(file, layers=tuple(layers)))

    def test_layers_without_output(self) -> None:
        file, _ = model("digits_mlp_int8")
        layers = tuple(replace(layer, outputs=()) for layer in file.main.layers)
        assert "lacks an input or an output" in refusal(changed(file, layers=layers))

    @given(st.data())
    def test_any_record_is_taken_or_refused(self, data: st.DataObject) -> None:
        """Whatever layers a record has, nothing but BenchmarkError is raised."""
        numbers = st.integers(-2, 4)
        names = st.sampled_from([*VERSIONS, *ENTRY, *EXIT, "MEAN"])
        shapes = st.one_of(st.none(), st.lists(st.integers(-1, 4), max_size=4).map(tuple))
        scales = st.one_of(
            st.none(),
            st.builds(
                Quantization,
                scales=st.lists(st.floats(), max_size=3).map(tuple),
                zero_points=st.just((0,)),
            ),
        )
        tensors = data.draw(
            st.lists(
                st.builds(
                    Tensor,
                    index=st.just(0),
                    name=st.just("t"),
                    element_type=st.sampled_from(["int8", "int32", "float32"]),
                    shape=shapes,
                    quantization=scales,
                ),
                max_size=5,
            )
        )
        layers = data.draw(
            st.lists(
                st.builds(
                    Layer,
                    index=st.just(0),
                    operator=names,
                    version=st.integers(1, 5),
                    inputs=st.lists(numbers, max_size=3).map(tuple),
                    outputs=st.lists(numbers, max_size=2).map(tuple),
                ),
                max_size=4,
            )
        )
        ends = st.lists(numbers, min_size=1, max_size=1).map(tuple)
        graph = Subgraph(
            index=0, name="g", tensors=tuple(tensors), inputs=data.draw(ends), outputs=data.draw(ends),
            layers=tuple(layers),
        )  # fmt: skip
        file = ModelFile(sha256="", file_bytes=0, format="tflite", schema_version=3, subgraphs=(graph,))
        try:
            part = part_for_bakenn(file)
        except BenchmarkError:
            return
        used = {i for layer in part.layers for i in (*layer.inputs, *layer.outputs)}
        assert used <= set(range(len(part.tensors))) | {-1}
        assert {layer.name for layer in part.layers} <= set(VERSIONS)


def test_published_files_are_taken_or_refused(test_data: Path) -> None:
    """How many of the published files have operators that bakenn imports."""
    paths = sorted((test_data / "models").glob("[!s]*/*.tflite"))
    taken, refused = [], []
    for path in paths:
        try:
            part_for_bakenn(read_model(path.read_bytes(), path.name))
        except BenchmarkError as problem:
            refused.append(str(problem))
        else:
            taken.append(path.stem)
    assert all(said.startswith("bakenn cannot import this model: ") for said in refused)
    assert len(paths) == 45
    assert len(taken) == 26


@needs_schema
class TestWrittenFile:
    @pytest.mark.parametrize("name", ["digits_cnn_int8", "digits_dscnn_int8", "digits_mlp_int8"])
    def test_it_is_the_part_again(self, name: str) -> None:
        file, content = model(name)
        part = part_for_bakenn(file)
        made = written(part, file, content)
        again = read_model(made, "written").main
        assert [(one.name, one.version, one.inputs, one.outputs) for one in again.layers] == [
            (one.name, one.version, one.inputs, one.outputs) for one in part.layers
        ]
        assert [(one.shape, one.element_type, one.data_bytes) for one in again.tensors] == [
            (one.shape, one.element_type, one.data_bytes) for one in part.tensors
        ]
        for one, other in zip(again.tensors, part.tensors, strict=True):
            ours, theirs = one.quantization, other.quantization
            assert (ours and ours.scales, ours and ours.zero_points) == (
                theirs and theirs.scales,
                theirs and theirs.zero_points,
            )
        assert again.inputs == (part.sources.index(part.entry),)
        assert again.outputs == (part.sources.index(part.exit),)

    def test_options_survive(self) -> None:
        file, content = model("digits_cnn_int8")
        again = read_model(written(part_for_bakenn(file), file, content), "written")
        for ours, theirs in zip(again.main.layers, file.main.layers, strict=False):
            if ours.name != "RESHAPE":
                assert ours.options == theirs.options
                assert ours.macs == theirs.macs

    def test_constants_are_those_of_the_file(self) -> None:
        file, content = model("digits_cnn_int8")
        made = written(part_for_bakenn(file), file, content)
        ours, theirs = constants(read_model(made, "written"), made), constants(file, content)
        assert len(ours) >= 4
        for shape, data in ours.items():
            assert sorted(data) == sorted(theirs[shape])

    def test_names_of_the_file_are_not_in_it(self) -> None:
        """bakenn writes names into C; those of a file from anywhere have no way there."""
        file, content = model("digits_cnn_int8")
        name = "*/ int evil(void) { return 1; } /*"
        tensors = tuple(replace(tensor, name=name) for tensor in file.main.tensors)
        hostile = replace(changed(file, tensors=tensors, name=name), description=name)
        made = written(part_for_bakenn(hostile), hostile, content)
        assert b"evil" not in made
        assert made == written(part_for_bakenn(file), file, content)

    def test_a_dynamic_batch_leaves_no_trace(self) -> None:
        file, content = model("digits_mlp_int8")
        number = file.main.inputs[0]
        open_batch = (-1, *(file.main.tensors[number].shape or ())[1:])
        dynamic = altered(file, number, shape_signature=open_batch)
        made = read_model(written(part_for_bakenn(dynamic), dynamic, content), "written")
        assert all(-1 not in (tensor.shape_signature or ()) for tensor in made.main.tensors)

    def test_other_bytes_than_the_records_are_refused(self) -> None:
        file, content = model("digits_cnn_int8")
        with pytest.raises(BenchmarkError, match="not those of its record"):
            written(part_for_bakenn(file), file, content + b"\0")

    def test_an_enumeration_that_the_schema_lacks(self) -> None:
        file, content = model("digits_cnn_int8")
        layers = list(file.main.layers)
        layers[0] = replace(layers[0], options={**layers[0].options, "padding": "ODD"})
        strange = changed(file, layers=tuple(layers))
        with pytest.raises(BenchmarkError, match="Padding ODD is not in its schema"):
            written(part_for_bakenn(strange), strange, content)

    def test_there_is_an_options_table_for_each_operator(self) -> None:
        assert set(TABLES) == set(VERSIONS)
