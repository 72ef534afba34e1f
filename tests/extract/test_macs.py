"""MACs and parameters against published tables and by hand."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tinykg.extract.macs import Constants, count_macs
from tinykg.extract.tflite import read_model
from tinykg.records.model_file import ModelFile, Tensor

if TYPE_CHECKING:
    from pathlib import Path

MLPERF_FILES = {
    "ad01": "ad01_int8.tflite",
    "kws01": "kws_ref_model.tflite",
    "ic01": "pretrainedResnet_quant.tflite",
    "ic02": "pretrainedResnet_large_int8.tflite",
    "vww01": "vww_96_int8.tflite",
    "sww01": "str_ww_ref_model.tflite",
}


def read(path: Path) -> ModelFile:
    return read_model(path.read_bytes(), path.name)


def macs_by_class(model: ModelFile) -> Counter[str]:
    found: Counter[str] = Counter()
    for subgraph in model.subgraphs:
        for layer in subgraph.layers:
            if layer.mac_class is not None:
                found[layer.mac_class] += layer.macs
    return found


def test_mlperf_tiny_models_have_the_published_macs_by_class(test_data: Path) -> None:
    with (test_data / "model_macs.csv").open(newline="") as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    assert rows.keys() == MLPERF_FILES.keys()
    for name, row in rows.items():
        model = read(test_data / "models" / "mlperf_tiny" / MLPERF_FILES[name])
        assert model.file_bytes == int(row["bytes"])
        assert model.macs == int(row["macs_total"])
        assert macs_by_class(model) == Counter(
            conv_kxk=int(row["macs_conv_kxk"]),
            conv_1x1=int(row["macs_conv_1x1"]),
            depthwise_conv=int(row["macs_dwconv"]),
            fully_connected=int(row["macs_fc"]),
        )
        operators = Counter(layer.operator for layer in model.main.layers)
        assert operators == {op: int(n) for op, n in re.findall(r"(\w+?)x(\d+)(?:;|$)", row["ops"])}


def test_the_23_models_of_2022_have_the_macs_their_authors_state(test_data: Path) -> None:
    text = (test_data / "ren2022" / "tflite_models.ttl").read_text(encoding="utf-8")
    stated = {}
    for block in text.split("a nnet:NeuralNetwork ;")[1:]:
        name = re.search(r'schema:name "([^"]+)"', block)
        macs = re.search(r"nnet:hasMultiplyAccumulateOps (\S+) ;", block)
        assert name is not None
        assert macs is not None
        stated[name[1]] = float(macs[1])
    paths = {path.stem: path for path in (test_data / "models" / "ren").glob("*.tflite")}
    assert stated.keys() == paths.keys()
    assert len(stated) == 23
    assert {name: float(f"{read(path).macs:.6e}") for name, path in paths.items()} == stated


def test_wake_word_and_speech_models_of_other_packages_have_the_published_macs(test_data: Path) -> None:
    """A table of models in package registries; those of its files that are at hand have equal MACs."""
    with (test_data / "shipped_models.csv").open(newline="") as file:
        rows = {row["sha256"]: row for row in csv.DictReader(file) if row["macs"]}
    models = [read(path) for path in (test_data / "models").rglob("*.tflite")]
    at_hand = {model.sha256: model.macs for model in models if model.sha256 in rows}
    assert len(at_hand) == 2
    assert at_hand == {sha256: int(rows[sha256]["macs"]) for sha256 in at_hand}


def tensor(*shape: int, index: int = 0, data_bytes: int = 0, buffer: int = 0) -> Tensor:
    return Tensor(
        index=index, name="t", element_type="int8", shape=shape, data_bytes=data_bytes, buffer=buffer
    )


@pytest.mark.parametrize(
    ("operator", "options", "inputs", "output", "expected"),
    [
        # 2 images of 5x6 from 3 channels by 7 filters of 3x2
        ("CONV_2D", {}, [(2, 9, 9, 3), (7, 3, 2, 3)], (2, 5, 6, 7), ("conv_kxk", 2 * 5 * 6 * 7 * 3 * 2 * 3)),
        ("CONV_2D", {}, [(1, 4, 4, 8), (5, 1, 1, 8)], (1, 4, 4, 5), ("conv_1x1", 16 * 5 * 8)),
        # two groups: each filter sees half of the 8 channels
        ("CONV_2D", {}, [(1, 4, 4, 8), (6, 3, 3, 4)], (1, 2, 2, 6), ("conv_kxk", 4 * 6 * 9 * 4)),
        ("DEPTHWISE_CONV_2D", {}, [(1, 4, 4, 8), (1, 3, 3, 16)], (1, 4, 4, 16), ("depthwise_conv", 256 * 9)),
        ("CONV_3D", {}, [(1, 8, 8, 8, 2), (3, 3, 3, 2, 4)], (1, 6, 6, 6, 4), ("conv_3d", 216 * 4 * 27 * 2)),
        ("TRANSPOSE_CONV", {}, [(4,), (6, 3, 2, 5), (1, 4, 4, 5)], (1, 8, 8, 6), ("transpose_conv", 80 * 36)),
        ("FULLY_CONNECTED", {}, [(3, 10), (4, 10)], (3, 4), ("fully_connected", 3 * 4 * 10)),
        ("FULLY_CONNECTED", {}, [(1, 7, 10), (4, 10)], (1, 7, 4), ("fully_connected", 7 * 4 * 10)),
        ("BATCH_MATMUL", {}, [(2, 3, 5), (2, 5, 4)], (2, 3, 4), ("batch_matmul", 2 * 3 * 4 * 5)),
        ("BATCH_MATMUL", {"adj_x": True}, [(2, 5, 3), (2, 5, 4)], (2, 3, 4), ("batch_matmul", 120)),
        # rank 1, 8 filters, 10 inputs, memory of 6 steps
        ("SVDF", {}, [(2, 10), (8, 10), (8, 6)], (2, 8), ("svdf", 2 * (80 + 48))),
        ("RNN", {}, [(2, 3), (4, 3), (4, 4)], (2, 4), ("rnn", 2 * (12 + 16))),
        ("UNIDIRECTIONAL_SEQUENCE_RNN", {}, [(5, 2, 3), (4, 3), (4, 4)], (5, 2, 4), ("rnn", 10 * 28)),
        # basic LSTM: 3 inputs, 4 cells; one matrix [4 * 4, 3 + 4]
        ("LSTM", {"kernel_type": "BASIC"}, [(2, 3), (2, 4), (16, 7)], (2, 4), ("lstm", 2 * 16 * 7)),
        # unknown dimensions count as 1; a shape that fits no formula has no MACs
        ("FULLY_CONNECTED", {}, [(-1, 10), (4, 10)], (-1, 4), ("fully_connected", 40)),
        ("CONV_2D", {}, [(1, 4, 4, 8), (5, 8)], (1, 4, 4, 5), (None, 0)),
        ("DEPTHWISE_CONV_2D", {}, [(1, 4, 4, 8)], (1, 4, 4, 5), (None, 0)),
        ("CONV_3D", {}, [(1, 4, 4, 8), (5, 8)], (1, 4, 4, 5), (None, 0)),
        ("TRANSPOSE_CONV", {}, [(4,), (6,)], (1, 4), (None, 0)),
        ("FULLY_CONNECTED", {}, [(3, 10)], (3, 4), (None, 0)),
        ("BATCH_MATMUL", {}, [(3,), (3,)], (1,), (None, 0)),
        ("ADD", {}, [(3, 10), (3, 10)], (3, 10), (None, 0)),
    ],
)
def test_the_formula_of_each_operator(
    operator: str,
    options: dict[str, bool | str],
    inputs: list[tuple[int, ...]],
    output: tuple[int, ...],
    expected: tuple[str | None, int],
) -> None:
    assert count_macs(operator, options, [tensor(*shape) for shape in inputs], [tensor(*output)]) == expected


def test_an_lstm_counts_input_recurrent_peephole_and_projection_weights_for_each_step() -> None:
    """5 time steps, batch 2, 3 inputs, 8 cells, projected to 4 outputs; input gate, peepholes present."""
    gates = [tensor(8, 3)] * 4 + [tensor(8, 4)] * 4 + [tensor(8)] * 3
    inputs = [tensor(5, 2, 3), *gates, *[tensor(8)] * 4, tensor(4, 8), tensor(4), tensor(2, 4), tensor(2, 8)]
    per_step = 4 * 8 * 3 + 4 * 8 * 4 + 3 * 8 + 4 * 8
    assert count_macs("UNIDIRECTIONAL_SEQUENCE_LSTM", {}, inputs, [tensor(5, 2, 4)]) == (
        "lstm",
        10 * per_step,
    )
    assert count_macs("LSTM", {}, [tensor(2, 3), *inputs[1:]], [tensor(2, 4)]) == ("lstm", 2 * per_step)


def test_an_lstm_without_input_gate_and_peepholes_counts_three_gates() -> None:
    inputs = [tensor(5, 1, 3), None, *[tensor(8, 3)] * 3, None, *[tensor(8, 8)] * 3, None, None, None]
    found = count_macs("UNIDIRECTIONAL_SEQUENCE_LSTM", {}, inputs, [tensor(5, 1, 8)])
    assert found == ("lstm", 5 * 3 * (24 + 64))


def test_a_bidirectional_lstm_counts_both_directions() -> None:
    forward = [*[tensor(8, 3)] * 4, *[tensor(8, 8)] * 4, None, None, None, *[tensor(8)] * 4, None, None]
    inputs = [tensor(5, 1, 3), *forward, *forward]
    found = count_macs("BIDIRECTIONAL_SEQUENCE_LSTM", {}, inputs, [tensor(5, 1, 8)])
    assert found == ("lstm", 5 * 2 * 4 * (24 + 64))


def test_a_bidirectional_rnn_counts_both_directions() -> None:
    half = [tensor(4, 3), tensor(4, 4), tensor(4), tensor(1, 4)]
    found = count_macs("BIDIRECTIONAL_SEQUENCE_RNN", {}, [tensor(5, 1, 3), *half, *half], [tensor(5, 1, 4)])
    assert found == ("rnn", 5 * 2 * (12 + 16))


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("mlperf_tiny/ad01_int8.tflite", 265864),  # 640-128-128-128-128-8 and back, dense, with biases
        ("mlperf_tiny/kws_ref_model.tflite", 22604),
        ("tflm/hello_world_int8.tflite", 321),  # 1-16-16-1: 16 + 16 + 256 + 16 + 16 + 1
        (
            "tflm/trained_lstm.tflite",
            9530,
        ),  # LSTM 20 of 28 inputs: 4 * 20 * (28 + 20 + 1); dense 560 * 10 + 10
        ("tflm/person_detect_vela.tflite", 0),  # one compiled custom operator
    ],
)
def test_parameters_of_known_architectures(path: str, parameters: int, test_data: Path) -> None:
    assert read(test_data / "models" / path).parameters == parameters


def test_a_constant_counts_where_it_is_used_first() -> None:
    constants = Constants()
    weights = tensor(4, 10, index=1, data_bytes=40, buffer=1)
    bias = tensor(4, index=2, data_bytes=16, buffer=2)
    data = tensor(1, 10)
    assert constants.count("FULLY_CONNECTED", 0, [data, weights, bias]) == 44
    assert constants.count("FULLY_CONNECTED", 0, [data, weights, None]) == 0


def test_equal_biases_that_a_converter_merged_are_two_parameters_and_a_shared_constant_is_one() -> None:
    constants = Constants()
    first = tensor(4, index=2, data_bytes=16, buffer=2)
    merged = tensor(4, index=7, data_bytes=16, buffer=2)
    assert constants.count("CONV_2D", 0, [None, None, first]) == 4
    assert constants.count("CONV_2D", 0, [None, None, merged]) == 4
    assert constants.count("CONV_2D", 1, [None, None, first]) == 0


def test_shapes_axes_and_data_are_no_parameters() -> None:
    constants = Constants()
    axes = tensor(2, index=1, data_bytes=8, buffer=1)
    assert constants.count("MEAN", 0, [tensor(1, 4, 4, 8), axes]) == 0
    assert constants.count("ADD", 0, [tensor(1, 4), tensor(1, 4)]) == 0
    assert constants.count("CUSTOM", 0, [axes]) == 0
