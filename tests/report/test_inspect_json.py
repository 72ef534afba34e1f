"""What `inspect` says of a file and its footprints, as JSON values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.footprint import Footprint, Refusal
from tinykg.report.inspect_json import footprint_value, inspect_value, macs_by_class, operators, tensor_value

if TYPE_CHECKING:
    from tinykg.records.model_file import ModelFile

STATED = Evidence(kind=EvidenceKind.COMPUTED, source="a computation")


@pytest.fixture(scope="module")
def file() -> ModelFile:
    path = data_folder() / "models" / "files" / "digits_cnn_int8.tflite"
    return read_model(path.read_bytes(), str(path))


def test_the_keys_that_programs_rely_on(file: ModelFile) -> None:
    value = inspect_value(file, [], full=False)
    assert {
        "sha256",
        "file_bytes",
        "macs",
        "parameters",
        "operators",
        "inputs",
        "outputs",
        "footprints",
    } <= set(value)
    assert json.loads(json.dumps(value)) == value


def test_macs_by_class_add_up_the_largest_first(file: ModelFile) -> None:
    found = macs_by_class(file)
    assert sum(found.values()) == file.macs
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_operators_are_counted_by_version_in_order_of_first_use(file: ModelFile) -> None:
    found = operators(file)
    assert [use["operator"] for use in found] == [
        "CONV_2D",
        "MAX_POOL_2D",
        "RESHAPE",
        "FULLY_CONNECTED",
        "SOFTMAX",
    ]
    assert sum(int(str(use["count"])) for use in found) == len(file.main.layers)


def test_a_tensor_has_its_bytes_and_quantization(file: ModelFile) -> None:
    value = tensor_value(file.main.tensors[file.main.inputs[0]])
    assert (value["element_type"], value["shape"], value["bytes"]) == ("int8", [1, 8, 8, 1], 64)
    quantization = value["quantization"]
    assert isinstance(quantization, dict)
    assert quantization["zero_points"] == [-128]


def test_full_has_every_layer_and_tensor(file: ModelFile) -> None:
    value = inspect_value(file, [], full=True)
    [graph] = cast("list[dict[str, Any]]", value["subgraphs"])
    assert len(graph["layers"]) == len(file.main.layers)
    assert len(graph["tensors"]) == len(file.main.tensors)
    assert json.loads(json.dumps(value)) == value


def test_a_footprint_with_figures() -> None:
    value = footprint_value(
        Footprint(
            runtime="r", evidence=STATED, arena_used_bytes=90, arena_bytes=96, ram_bytes=100, flash_bytes=7
        )
    )
    assert (value["arena_used_bytes"], value["arena_bytes"]) == (90, 96)
    assert (value["ram_bytes"], value["flash_bytes"], value["evidence"]) == (100, 7, "computed")
    assert "refused" not in value
    assert "unknown" not in value


def test_a_refusal_stands_in_place_of_figures() -> None:
    refusal = Refusal(subgraph=0, layer=3, operator="PAD", element_types=("int4",), reason="PAD takes int8")
    value = footprint_value(Footprint(runtime="r", evidence=STATED, refusals=(refusal,)))
    assert value["refused"] == "PAD takes int8"
    assert value["refusals"] == [
        {"subgraph": 0, "layer": 3, "operator": "PAD", "element_types": ["int4"], "reason": "PAD takes int8"}
    ]
    assert "ram_bytes" not in value


def test_what_is_not_known_is_named() -> None:
    value = footprint_value(Footprint(runtime="r", evidence=STATED, unknowns=("code size",)))
    assert value["unknown"] == ["code size"]
    assert value["ram_bytes"] is None
