"""Choose models that TensorFlow Lite Micro allocated and write them, with the sizes, to allocations.jsonl.

Usage: record_allocations.py FOLDER, which holds ref.csv, cmsis.csv, ref_intenum.csv and models/?_*.tflite:
one row for each model, as an emulated Cortex-M4F allocated and ran it.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

from footprint_sketch import to_sketch

from tinykg.errors import ExtractError
from tinykg.extract.tflite import read_model

RUNTIMES: Final = {
    "ref": "tflm-ref-arm32",
    "cmsis": "tflm-cmsis-nn-arm32",
    "ref_intenum": "tflm-ref-int-enum32",
}
COLUMNS: Final = ("arena_used", "min_arena", "head")

ALLOCATED: Final = 3
"""Models kept for each set of operators, of different sizes."""

REFUSED: Final = 2
"""Refused models kept for each set of operators."""

LARGEST: Final = 3000
"""Characters of a model worth keeping."""


def outcome(row: dict[str, str]) -> list[int] | str:
    """Sizes of a model that ran, or that it was refused."""
    if row["status"] == "ok" and row["invoke_status"] == "ok":
        return [int(row[column]) for column in COLUMNS]
    return "refused" if row["status"] == "failed" else "unclear"


def outcomes(folder: Path) -> dict[str, dict[str, list[int] | str]]:
    """By file, then by runtime."""
    found: dict[str, dict[str, list[int] | str]] = {}
    for column, runtime in RUNTIMES.items():
        with (folder / f"{column}.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["file"], {})[runtime] = outcome(row)
    return {name: sizes for name, sizes in found.items() if "unclear" not in sizes.values()}


def choose(folder: Path) -> list[dict[str, Any]]:
    """Few models for each set of operators, with sizes that the ones before did not have."""
    chosen: list[dict[str, Any]] = []
    counts: Counter[tuple[str, ...]] = Counter()
    seen: set[str] = set()
    for name, sizes in outcomes(folder).items():
        path = folder / name
        if path.stem[1:2] != "_" or not path.exists():
            continue
        try:
            model = read_model(path.read_bytes(), name)
        except ExtractError:
            continue
        operators = sorted({entry.name for graph in model.subgraphs for entry in graph.layers})
        is_refused = "refused" in sizes.values()
        key = (*operators, "refused" if is_refused else "allocated")
        fingerprint = json.dumps([operators, list(sizes.values())])
        sketch = to_sketch(model)
        if counts[key] >= (REFUSED if is_refused else ALLOCATED) or fingerprint in seen:
            continue
        if len(json.dumps(sketch)) > LARGEST:
            continue
        counts[key] += 1
        seen.add(fingerprint)
        chosen.append({"name": path.stem, "sizes": sizes, "model": sketch})
    return chosen


if __name__ == "__main__":
    rows = choose(Path(sys.argv[1]))
    target = Path(__file__).with_name("allocations.jsonl")
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    target.write_text(text, encoding="utf-8")
