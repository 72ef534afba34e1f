"""Write data/runtimes/tflm/code-*.json from measured link maps.

Usage: python tools/generate_runtime_code.py FOLDER, with the tables
`tflm_opsections_arm32.csv` (sections that the core and each operator pull in) and
`tflm_opsize_arm32.csv` (initialised and zero-initialised RAM of each operator).
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

OUTPUT = Path(__file__).resolve().parent.parent / "data" / "runtimes" / "tflm"
SOURCE = (
    "input sections of images of TensorFlow Lite Micro 90b983c2 (2026-08-20) with {kernels} kernels, "
    "one image an operator, for Cortex-M4F: arm-none-eabi-gcc 12.2.1 -Os -DNDEBUG "
    "-DTF_LITE_STRIP_ERROR_STRINGS, newlib-nano, --gc-sections; unions predict 40 linked images within 0.8 %"
)
CORE = "(core)"
CORE_STATIC_BYTES = 24
"""Zero-initialised RAM of every image besides interpreter, resolver and arena."""
DATA_BYTES = 104
"""Initialised RAM that newlib's mathematics bring once (`_impure_data`, by errno)."""


def rows(path: Path, kernels: str) -> list[dict[str, str]]:
    """The table's rows of one kernel set at -Os."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            row for row in csv.DictReader(file) if (row["kernels"], row["opt_flag"]) == (kernels, "rel_Os")
        ]


def summarise(folder: Path, kernels: str, title: str) -> dict[str, object]:
    """Section sizes and owners of one kernel set; sections are numbered anew, without gaps.

    One section, of strings that the linker merges, differs between images; the smallest counts.
    """
    size: dict[int, int] = {}
    owned: dict[str, set[int]] = defaultdict(set)
    for row in rows(folder / "tflm_opsections_arm32.csv", kernels):
        section = int(row["section"])
        size[section] = min(size.get(section, int(row["bytes"])), int(row["bytes"]))
        owned[row["owner"]].add(section)
    number = {section: i for i, section in enumerate(sorted(size))}
    sizes = {row["op"]: row for row in rows(folder / "tflm_opsize_arm32.csv", kernels)}
    operators = sorted(set(owned) - {CORE})
    return {
        "source": SOURCE.format(kernels=title),
        "section_bytes": [size[section] for section in sorted(size)],
        "core": sorted(number[section] for section in owned[CORE]),
        "core_static_bytes": CORE_STATIC_BYTES,
        "data_bytes": DATA_BYTES,
        "with_data": [name for name in operators if int(sizes[name]["incr_data"])],
        "static_bytes": {
            name: int(sizes[name]["incr_bss"]) for name in operators if int(sizes[name]["incr_bss"])
        },
        "kernels": {name: sorted(number[section] for section in owned[name]) for name in operators},
    }


def text(facts: dict[str, object]) -> str:
    """JSON with one line a key, and one line a kernel."""
    lines = []
    for key, value in facts.items():
        if key == "kernels" and isinstance(value, dict):
            entries = [
                f"    {json.dumps(name)}: {json.dumps(ids, separators=(',', ':'))}"
                for name, ids in value.items()
            ]
            lines.append('  "kernels": {\n' + ",\n".join(entries) + "\n  }")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(folder: Path) -> None:
    """Write one file for each kernel set."""
    for kernels, name, title in (("ref", "reference", "reference"), ("cmsis", "cmsis-nn", "CMSIS-NN")):
        path = OUTPUT / f"code-{name}-cortex-m4f.json"
        path.write_text(text(summarise(folder, kernels, title)), encoding="utf-8")
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
