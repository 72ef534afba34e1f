"""Footprints against what TensorFlow Lite Micro really allocated and what was really linked."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from tinykg.extract.tflite import read_model
from tinykg.footprint import footprint
from tinykg.footprint.code_size import code_bytes, static_ram_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.build import Build, CodeSections
    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import Runtime

COLUMNS = ("arena_used_bytes", "min_arena_bytes_allocate_ok", "head_bytes", "tail_bytes")


def table(path: Path, **wanted: str) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if all(row[k] == v for k, v in wanted.items())]


def read(test_data: Path, name: str) -> ModelFile:
    path = test_data / "models" / name.replace("seanet/", "seanet_ops/")
    return read_model(path.read_bytes(), str(path))


@pytest.mark.parametrize(
    ("kernels", "name", "count"),
    [
        ("ref", "tflm-ref-arm32", 86),
        ("ref_intenum", "tflm-ref-int-enum32", 21),
        ("ref_intenum", "tflm-ref-xtensa", 21),
        ("cmsis", "tflm-cmsis-nn-arm32", 86),
        ("cmsis_m55", "tflm-cmsis-nn-arm32-mve", 86),
    ],
)
def test_arena_equals_every_allocated_model(
    test_data: Path, runtimes: dict[str, Runtime], kernels: str, name: str, count: int
) -> None:
    rows = table(test_data / "tflm_arena_arm32.csv", kernels=kernels)
    assert len(rows) == count
    wrong: dict[str, tuple[int | None, ...]] = {}
    for row in rows:
        found = footprint(read(test_data, row["model"]), runtimes[name])
        if row["status"] == "ok":
            sizes = (found.arena_used_bytes, found.arena_bytes, found.head_bytes, found.tail_bytes)
            if sizes != tuple(int(row[column]) for column in COLUMNS):
                wrong[row["model"]] = sizes
        elif not found.refusals:
            wrong[row["model"]] = ()
    assert wrong == {}


def test_the_breakdown_of_each_model_adds_up(test_data: Path, reference: Runtime) -> None:
    rows = table(test_data / "tflm_arena_arm32.csv", kernels="ref", status="ok")
    assert len(rows) == 85
    for row in rows:
        found = footprint(read(test_data, row["model"]), reference)
        assert sum(share.size_bytes for share in found.tail) == found.tail_bytes, row["model"]
        assert max((b.offset_bytes + b.size_bytes for b in found.plan), default=0) == found.head_bytes
        assert found.ram_bytes == (found.arena_bytes or 0) + (found.static_ram_bytes or 0)
        assert found.flash_bytes == (found.model_bytes or 0) + (found.code_bytes or 0)
        evals = sum(share.size_bytes for share in found.tail if share.name.startswith("tensors of subgraph"))
        assert evals == int(row["eval_tensor_bytes"]), row["model"]


IMAGES = pytest.mark.parametrize(
    ("kernels", "name"), [("ref", "tflm-ref-arm32"), ("cmsis", "tflm-cmsis-nn-arm32")]
)


def images(test_data: Path, kernels: str) -> list[dict[str, str]]:
    """Linked images at -Os without logging."""
    rows = table(test_data / "tflm_image_arm32.csv", kernels=kernels, opt_flag="rel_Os")
    assert len(rows) == 40
    return rows


def linked(runtime: Runtime, row: dict[str, str]) -> tuple[Build, CodeSections, list[str]]:
    """What an image was linked of: the build, its code, the operators by what registers them."""
    assert runtime.build is not None
    assert runtime.build.code is not None
    names = [name.removeprefix("CUSTOM:") for name in row["ops"].split()]
    return runtime.build, runtime.build.code, [runtime.operators[name].resolver for name in names]


@IMAGES
def test_flash_is_within_a_percent_of_every_linked_image(
    test_data: Path, runtimes: dict[str, Runtime], kernels: str, name: str
) -> None:
    for row in images(test_data, kernels):
        _, sections, resolvers = linked(runtimes[name], row)
        code = code_bytes(sections, resolvers)
        flash = int(row["model_bytes"]) + code
        assert code == pytest.approx(int(row["code_flash_bytes"]), rel=0.01), row["model"]
        assert flash == pytest.approx(int(row["flash_total_bytes"]), rel=0.01), row["model"]


@IMAGES
def test_static_ram_equals_every_linked_image(
    test_data: Path, runtimes: dict[str, Runtime], kernels: str, name: str
) -> None:
    for row in images(test_data, kernels):
        build, sections, resolvers = linked(runtimes[name], row)
        static = static_ram_bytes(build.abi, sections, resolvers)
        assert static == int(row["data"]) + int(row["bss_without_arena"]), row["model"]


def test_only_the_files_that_the_runtime_refuses_are_refused(test_data: Path, reference: Runtime) -> None:
    files = sorted((test_data / "models").rglob("*.tflite"))
    assert len(files) == 172
    refused = {}
    for path in files:
        found = footprint(read_model(path.read_bytes(), str(path)), reference)
        assert found.unknowns == ()
        if found.refusals:
            refused[path.stem] = (len(found.refusals), found.refusals[0])
    assert set(refused) == {"Person_Detection", "kws_ref_model_float32", "person_detect_vela"}
    assert refused["Person_Detection"][0] == 29
    assert refused["Person_Detection"][1].reason == (
        "DEPTHWISE_CONV_2D takes int8, int16 or float32 activations with matching weights; "
        "this layer has uint8 input, uint8 weights, int32 bias and uint8 output"
    )
    assert refused["kws_ref_model_float32"][1].operator == "CONV_2D"
    assert refused["kws_ref_model_float32"][1].element_types == ("float32", "int8")
    assert refused["person_detect_vela"][1].reason == (
        "TensorFlow Lite Micro, reference kernels, 32-bit Arm has no kernel for the custom operator ethos-u"
    )
