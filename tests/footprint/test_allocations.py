"""Footprints of small models of every operator against allocations.jsonl, without files or tables.

The file holds what TensorFlow Lite Micro did with each model on an emulated
Cortex-M4F: arena used, smallest arena that allocates, planned bytes; or that it refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from footprint_sketch import from_sketch

from tinykg.footprint import footprint

if TYPE_CHECKING:
    from tinykg.records.runtime import Runtime

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("allocations.jsonl").read_text(encoding="utf-8").splitlines()
]

UNPREDICTED = {"TFLM_DECODE"}
"""Operators whose memory depends on data of tensors, which the record of a file does not hold."""

MISREAD = {
    "c_DEPTHWISE_CONV_2D_i16_i8_i64_i8",
    "c_DEPTHWISE_CONV_2D_i8_i8_i32_i16",
    "c_LSTM_f32_f32_f32_f32_i16_f32",
    "c_LSTM_f32_i8_f32_f32_f32_f32",
    "s_TRANSPOSE_5d_i8",
}
"""Models that the runtime runs on memory of another type, or without computing: refused here."""


def test_every_operator_is_among_the_models(reference: Runtime) -> None:
    names = {entry[0] for row in ROWS for graph in row["model"]["graphs"] for entry in graph["layers"]}
    assert set(reference.operators) - names == UNPREDICTED


@pytest.mark.parametrize("name", ["tflm-ref-arm32", "tflm-ref-int-enum32", "tflm-cmsis-nn-arm32"])
def test_footprint_is_what_the_runtime_did(runtimes: dict[str, Runtime], name: str) -> None:
    wrong: dict[str, Any] = {}
    rows = [row for row in ROWS if name in row["sizes"]]
    assert len(rows) > 250
    for row in rows:
        found = footprint(from_sketch(row["model"]), runtimes[name])
        sizes = [found.arena_used_bytes, found.arena_bytes, found.head_bytes]
        expected = "refused" if found.refusals and row["name"] in MISREAD else row["sizes"][name]
        if expected != ("refused" if found.refusals else sizes):
            wrong[row["name"]] = (row["sizes"][name], sizes, [r.reason for r in found.refusals])
    assert wrong == {}
