"""Code and static RAM against images that were linked, and estimates of code against published ones."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.extract.tflite import read_model
from tinykg.footprint import footprint
from tinykg.footprint.code_size import CODE_FACTOR, code_bytes, static_ram_bytes, with_estimated_code
from tinykg.records.build import Figure
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.footprint import Footprint

if TYPE_CHECKING:
    from tinykg.records.build import Build, CodeSections
    from tinykg.records.runtime import Runtime

HELIUM = "tflm-cmsis-nn-arm32-mve"
RISC_V, XTENSA = "tflm-ref-int-enum32", "tflm-ref-xtensa"
ESP32, ESP32_S3 = "tflm-esp-nn", "tflm-esp-nn-esp32s3"


def parts(runtime: Runtime) -> tuple[Build, CodeSections]:
    assert runtime.build is not None
    assert runtime.build.code is not None
    return runtime.build, runtime.build.code


def rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def images(runtime: str) -> list[tuple[list[str], int, int]]:
    """Operators, code in flash and static RAM of the images linked for a runtime."""
    return [
        (row["resolvers"].split(), int(row["code_flash_bytes"]), int(row["static_ram_bytes"]))
        for row in rows("code_images.csv")
        if row["runtime"] == runtime
    ]


@pytest.mark.parametrize(("name", "error"), [(RISC_V, 0.007), (HELIUM, 0.002), (XTENSA, 0.02)])
def test_code_is_near_every_linked_image(runtimes: dict[str, Runtime], name: str, error: float) -> None:
    """The table of Xtensa and its images are those of the LX106."""
    _, code = parts(runtimes[name])
    linked = images(name)
    assert len(linked) == 28
    for names, flash, _ in linked:
        assert code_bytes(code, names) == pytest.approx(flash, rel=error), names


@pytest.mark.parametrize(("name", "most"), [(RISC_V, 20), (XTENSA, 20), (HELIUM, 4)])
def test_static_ram_is_that_of_every_linked_image(runtimes: dict[str, Runtime], name: str, most: int) -> None:
    """picolibc's initialised data differ by function; the table has the most that one kernel brings."""
    build, code = parts(runtimes[name])
    for names, _, static in images(name):
        found = static_ram_bytes(build.abi, code, names)
        assert 0 <= found - static <= most, names


def test_published_programs_lie_in_the_interval(runtimes: dict[str, Runtime]) -> None:
    """Sections of esp-tflite-micro, esp-nn and libm in the link maps of 7 programs that others published.

    `component` is their version of esp-tflite-micro; the tables were measured on none of them.
    """
    programs = rows("published_code.csv")
    assert len(programs) == 7
    for row in programs:
        build, code = parts(runtimes[row["runtime"]])
        linked = sum(int(row[name]) for name in ("tflite_micro_bytes", "esp_nn_bytes", "libm_bytes"))
        factor, sections = build.figures[CODE_FACTOR], code_bytes(code, row["resolvers"].split())
        assert sections * factor.value == pytest.approx(linked, rel=0.16), row["project"]
        assert sections * factor.low <= linked <= sections * factor.high, row["project"]


def test_static_data_of_published_programs_are_found(runtimes: dict[str, Runtime]) -> None:
    """Zero-initialised bytes of both libraries in the link map of the first program: 40 and 4."""
    build, code = parts(runtimes[ESP32])
    names = ["AveragePool2D", "Conv2D", "DepthwiseConv2D", "Reshape", "Softmax"]
    structs = build.abi.structs
    interpreter, resolver = structs["interpreter"].size_bytes, structs["resolver"].size_bytes
    own = interpreter + resolver + 5 * structs["resolver_entry"].size_bytes
    assert static_ram_bytes(build.abi, code, names) - own == 44


def test_an_estimate_of_code_leaves_ram_computed(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    """RISC-V and Xtensa have the same struct sizes, so the same RAM; only flash is estimated on Xtensa."""
    path = test_data / "models" / "tflm" / "person_detect.tflite"
    file = read_model(path.read_bytes(), str(path))
    exact, about = (footprint(file, runtimes[name]) for name in (RISC_V, XTENSA))
    assert (exact.ram_bytes, exact.arena_bytes) == (about.ram_bytes, about.arena_bytes)
    assert (exact.evidence.kind, about.evidence.kind) == (EvidenceKind.COMPUTED, EvidenceKind.ESTIMATED)
    assert (about.ram_bytes_low, about.ram_bytes_high) == (None, None)
    assert about.unknowns == exact.unknowns == ()
    assert about.flash_bytes == file.file_bytes + (about.code_bytes or 0)
    assert about.evidence.source.startswith(runtimes[XTENSA].evidence.source)
    assert "1011 functions" in about.evidence.source


def test_the_runtime_itself_and_its_refusals_stay_computed(runtimes: dict[str, Runtime]) -> None:
    for name in (XTENSA, ESP32, ESP32_S3):
        assert runtimes[name].evidence.kind is EvidenceKind.COMPUTED
        assert runtimes[name].core_code_bytes > 10_000


def test_kernels_of_esp_nn_take_more_than_reference_kernels(runtimes: dict[str, Runtime]) -> None:
    """They are built for speed and hold code for each way of convolving; the ESP32-S3 has its own besides."""
    reference, plain, vector = (parts(runtimes[name])[1] for name in (XTENSA, ESP32, ESP32_S3))
    for names in (["Conv2D"], ["DepthwiseConv2D"], ["Conv2D", "DepthwiseConv2D", "Softmax"]):
        assert code_bytes(reference, names) < code_bytes(plain, names) < code_bytes(vector, names)


@given(
    model=st.integers(1, 10**7),
    code=st.integers(0, 10**6),
    ends=st.tuples(*[st.floats(0.1, 3, allow_nan=False)] * 3).map(sorted),
)
def test_flash_lies_in_its_interval_and_adds_up(model: int, code: int, ends: list[float]) -> None:
    known = Footprint(
        runtime="x",
        evidence=Evidence(kind=EvidenceKind.COMPUTED, source="recipe"),
        ram_bytes=1000,
        model_bytes=model,
        code_bytes=code,
        flash_bytes=model + code,
    )
    factor = Figure(value=ends[1], low=ends[0], high=ends[2], source="measured elsewhere")
    found = with_estimated_code(known, factor)
    assert found.evidence == Evidence(kind=EvidenceKind.ESTIMATED, source="recipe; flash: measured elsewhere")
    assert model <= (found.flash_bytes_low or 0) <= (found.flash_bytes or 0) <= (found.flash_bytes_high or 0)
    assert (found.flash_bytes or 0) == model + (found.code_bytes or 0)
    assert found.ram_bytes == 1000


def test_nothing_is_scaled_where_there_is_no_code() -> None:
    evidence = Evidence(kind=EvidenceKind.COMPUTED, source="recipe")
    known = Footprint(runtime="x", evidence=evidence, model_bytes=10, unknowns=("code size",))
    factor = Figure(value=1, low=1, high=1, source="s")
    assert with_estimated_code(known, factor) == known
