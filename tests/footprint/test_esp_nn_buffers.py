"""Scratch sizes against ESP-NN's own functions, compiled and called with drawn sizes."""

from __future__ import annotations

import csv
from pathlib import Path

from tinykg.footprint.cmsis_nn_buffers import Window
from tinykg.footprint.esp_nn_buffers import s3_convolution, s3_depthwise

TABLE = Path(__file__).with_name("esp_nn_scratch.csv")


def test_scratch_equals_what_the_library_answered() -> None:
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [sum(row["kind"] == kind for row in rows) for kind in "cd"] == [30, 30]
    for row in rows:
        kind = row.pop("kind")
        n = {name: int(value) for name, value in row.items()}
        window = Window(
            batch=1,
            source=(n["height"], n["width"]),
            source_channels=n["channels"],
            kernel=(n["kernel_height"], n["kernel_width"]),
            kernel_channels=n["channels"],
            output_height=n["output_height"],
            output_width=n["output_width"],
            output_channels=n["output_channels"],
            stride=(n["stride_height"], n["stride_width"]),
            padding=(n["pad_height"], n["pad_width"]),
        )
        found = s3_convolution(window) if kind == "c" else s3_depthwise(window, n["multiplier"])
        assert found == n["bytes"], row
