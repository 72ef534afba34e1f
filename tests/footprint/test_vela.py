"""Footprints of files that Vela has compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.extract.tflite import read_model
from tinykg.footprint import footprint, vela
from tinykg.records.evidence import EvidenceKind

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.runtime import Runtime


def test_a_compiled_file_s_figures_are_an_estimate_for_its_source(
    test_data: Path, runtimes: dict[str, Runtime]
) -> None:
    path = test_data / "models" / "tflm" / "person_detect_vela.tflite"
    compiled = read_model(path.read_bytes(), str(path))
    exact = footprint(compiled, runtimes["ethos-u55"])
    found = vela.estimated(compiled, exact, "ethos-u55-128")
    assert found.evidence.kind is EvidenceKind.ESTIMATED
    assert found.evidence.source.startswith("the file as Vela compiles it for ethos-u55-128; ")
    assert (found.arena_bytes, found.model_bytes) == (exact.arena_bytes, exact.model_bytes)


def test_a_file_left_to_the_cpu_says_so(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    path = test_data / "models" / "mlperf_tiny" / "ad01_fp32.tflite"
    file = read_model(path.read_bytes(), str(path))
    found = vela.estimated(file, footprint(file, runtimes["tflm-ref-arm32"]), "ethos-u55-128")
    assert "nothing runs on the NPU" in found.evidence.source
