"""A firmware build as JSON: what is known, under names with units; what is not known is not there."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any, cast

import pytest
from build_case import BUILD, INPUT, MATCH, RAM_SHORT

from tinykg.records.firmware import Port, ResolverEntry, SensedProperty
from tinykg.records.match import Verdict
from tinykg.records.model import SensorRequirement
from tinykg.records.model_file import Quantization
from tinykg.report.build_json import build_value


def value(**changes: Any) -> dict[str, Any]:
    found = build_value(replace(BUILD, **changes))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return cast("dict[str, Any]", found)


def nones(found: object) -> list[object]:
    if isinstance(found, dict):
        return [item for inner in found.values() for item in nones(inner)]
    if isinstance(found, list):
        return [item for inner in found for item in nones(inner)]
    return [found] if found is None else []


def test_what_a_build_needs_is_there() -> None:
    found = value()
    assert (found["verdict"], found["device"]) == ("fits", {"slug": "board", "name": "A Board"})
    assert found["arena"] == {
        "arena_bytes": 4000,
        "alignment_bytes": 16,
        "evidence": "computed",
        "evidence_source": "a computation",
    }
    assert found["file"]["sha256"] == BUILD.file.sha256
    assert (found["file"]["file_bytes"], found["file"]["schema_version"]) == (2000, 3)
    assert found["resolver"]["operator_count"] == 2
    assert found["resolver"]["operators"][0] == {
        "operator": "CONV_2D",
        "versions": [1, 3],
        "custom": False,
        "add_method": "AddConv2D",
    }
    assert found["runtime"]["version"] == "1 (2026-08-20)"
    assert found["c_array"] == {"name": "small_net_tflite", "alignment_bytes": 16}
    assert "reasons" not in found


def test_tensors_have_their_place_and_their_quantization() -> None:
    found = value()
    [given] = found["inputs"]
    assert (given["index"], given["name"], given["argument"]) == (3, "serving_default_x:0", "x")
    assert (given["element_type"], given["shape"], given["bytes"]) == ("int8", [1, 49, 10], 490)
    assert given["quantization"] == {
        "scales": [0.5847029089927673],
        "zero_points": [83],
        "quantized_dimension": 0,
    }
    [result] = found["outputs"]
    assert result["bytes"] == 48
    assert "quantization" not in result
    assert "argument" not in result


def test_what_it_senses() -> None:
    [found] = value()["senses"]
    assert found == {
        "observes": "sound",
        "rate_hz": 16000.0,
        "window_s": 1.0,
        "window_samples": 16000,
        "source": "a paper",
        "observed_by": [{"kind": "microphone", "part": "MP34DT05"}],
    }


@pytest.mark.parametrize(
    ("rate_hz", "window_s", "samples"),
    [
        (16000, 1.0, 16000),
        (119, 1.0, 119),
        (119, 0.5, None),
        (16000, 0.03, 480),
        (None, 1, None),
        (10, None, None),
    ],
)
def test_samples_of_a_window_are_whole_or_not_said(
    rate_hz: float | None, window_s: float | None, samples: int | None
) -> None:
    need = SensorRequirement(observes="sound", rate_hz=rate_hz, window_s=window_s)
    assert SensedProperty(need=need, observed_by=()).window_samples == samples


def test_known_to_need_none_and_not_known_differ() -> None:
    assert value(senses=())["senses"] == []
    assert "senses" not in value(senses=None)


def test_no_sensor_and_unknown_sensors_differ() -> None:
    need = SensorRequirement(observes="sound")
    [none, unknown] = value(
        senses=(SensedProperty(need=need, observed_by=()), SensedProperty(need=need, observed_by=None))
    )["senses"]
    assert none == {"observes": "sound", "observed_by": []}
    assert unknown == {"observes": "sound"}


def test_a_misfit_says_why() -> None:
    match = replace(MATCH, verdict=Verdict.DOES_NOT_FIT, constraints=(RAM_SHORT,))
    found = value(match=match)
    assert found["verdict"] == "does not fit"
    assert [(r["constraint"], r["margin"]) for r in found["reasons"]] == [("ram", -6952)]


def test_what_is_not_known_is_not_there() -> None:
    match = replace(MATCH, ram_required_bytes=None, flash_available_bytes=None, stack_reserve_bytes=None)
    model = replace(BUILD.model, title=None, task=None, licence=None, source_address=None)
    found = value(match=match, model=model, arena_bytes=None, resolver=None, resource_variables=None)
    assert nones(found) == []
    assert set(found["model"]) == {"name"}
    assert not {"arena", "resolver", "ram_required_bytes", "stack_reserve_bytes"} & set(found)


def test_an_operator_without_a_method_is_named() -> None:
    entry = ResolverEntry(operator="my op", versions=(1,), custom=True, add_method=None)
    [found] = value(resolver=(entry,))["resolver"]["operators"]
    assert found == {"operator": "my op", "versions": [1], "custom": True}


@pytest.mark.parametrize("scales", [(), (math.nan,), (0.5, math.inf)])
def test_a_quantization_without_numbers_is_none(scales: tuple[float, ...]) -> None:
    tensor = replace(INPUT, quantization=Quantization(scales=scales, zero_points=(0,) * len(scales)))
    [found] = value(inputs=(Port(tensor=tensor),))["inputs"]
    assert "quantization" not in found


@pytest.mark.parametrize(
    ("element_type", "shape", "size_bytes"),
    [
        ("int8", None, 1),
        ("float32", (), 4),
        ("int4", (3,), 2),
        ("int16", (0, 5), 0),
        ("string", (2,), None),
        ("int8", (-1, 5), None),
        ("int8", (-1, -5), None),
    ],
)
def test_bytes_of_a_tensor(element_type: str, shape: tuple[int, ...] | None, size_bytes: int | None) -> None:
    tensor = replace(INPUT, element_type=element_type, shape=shape, quantization=None)
    assert Port(tensor=tensor).size_bytes == size_bytes
