"""Runtime files: strict decoding, and tables that agree with each other."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tinykg.errors import ExtractError
from tinykg.files import data_folder
from tinykg.footprint import load_runtime
from tinykg.footprint.kernel_sets import KERNEL_SETS
from tinykg.footprint.layer_view import element_bytes
from tinykg.records.evidence import EvidenceKind
from tinykg.records.model_file import ELEMENT_BITS

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.build import Build
    from tinykg.records.runtime import Runtime

OPERATORS = {
    "edgetpu": 42,
    "ethos-u55": 118,
    "litert-linux": 172,
    "static-codegen-arm32": 117,
    "tflm-2020-ref-arm32": 56,
    "tflm-cmsis-nn-arm32": 117,
    "tflm-cmsis-nn-arm32-mve": 117,
    "tflm-esp-nn": 117,
    "tflm-esp-nn-esp32s3": 117,
    "tflm-ref-arm32": 117,
    "tflm-ref-int-enum32": 117,
    "tflm-ref-xtensa": 117,
}
"""Operators that a runtime registers; TensorFlow Lite Micro registers Ethos-U's only where there is one."""

ALLOCATED = {"interpreter", "ethos-u", "static-code"}
"""Methods that follow an allocation, and so need a kernel set."""


def build_of(runtime: Runtime) -> Build:
    assert runtime.build is not None
    return runtime.build


def test_the_first_runtime(reference: Runtime) -> None:
    assert reference.family == "tflite-micro"
    assert reference.cores[:5] == ("cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m4f")
    assert reference.systems == ("bare-metal",)
    assert reference.stack_reserve_bytes == 4096
    assert reference.core_code_bytes == 11_390
    assert reference.evidence.kind is EvidenceKind.COMPUTED
    assert "90b983c2" in reference.evidence.source


def test_every_runtime_has_kernels_for_all_operators(runtimes: dict[str, Runtime]) -> None:
    assert {name: len(runtime.operators) for name, runtime in runtimes.items()} == OPERATORS
    for runtime in runtimes.values():
        assert set(build_of(runtime).kernels) == set(runtime.operators)
        assert build_of(runtime).abi.name.startswith(runtime.abi)
        assert (runtime.kernel_set in KERNEL_SETS) == (build_of(runtime).method in ALLOCATED)


def test_operators_are_sorted_and_know_their_code(runtimes: dict[str, Runtime]) -> None:
    for runtime in runtimes.values():
        assert list(runtime.operators) == sorted(runtime.operators)
        code = build_of(runtime).code
        if code is not None:
            missing = {o.resolver for o in runtime.operators.values()} - set(code.kernels)
            assert missing == set(), runtime.name
            assert max(map(max, code.kernels.values())) < len(code.section_bytes)
            assert code.with_data <= set(code.kernels)
            assert set(code.static_bytes) <= set(code.kernels)


def test_structs_that_kernels_keep_are_in_the_abi(runtimes: dict[str, Runtime]) -> None:
    for runtime in runtimes.values():
        build = build_of(runtime)
        kept = {kernel.data for kernel in build.kernels.values() if kernel.data}
        assert kept <= set(build.abi.kernels), runtime.name
        assert set(build.abi.options) <= set(runtime.operators)


def test_functions_of_a_kernel_set_are_for_operators_that_exist(runtimes: dict[str, Runtime]) -> None:
    for runtime in runtimes.values():
        if runtime.kernel_set not in KERNEL_SETS:
            continue
        kernel_set = KERNEL_SETS[runtime.kernel_set]
        for table in (kernel_set.init, kernel_set.prepare, kernel_set.conditions):
            assert set(table) <= set(runtime.operators), runtime.name


def test_signatures_name_known_types_at_known_tensors(runtimes: dict[str, Runtime]) -> None:
    for runtime in runtimes.values():
        for name, support in runtime.operators.items():
            kernel = build_of(runtime).kernels[name]
            assert len(kernel.slots) == len(support.positions), name
            assert kernel.unchecked <= set(kernel.slots), name
            for signature in support.types:
                assert len(signature) == len(kernel.slots), name
                assert set(signature) <= {*ELEMENT_BITS, "*", "none"}, name


def test_an_element_of_int4_takes_a_byte() -> None:
    assert [element_bytes(t) for t in ("int4", "bool", "resource", "complex128", "string")] == [
        1,
        1,
        4,
        16,
        0,
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the runtimes to be spoilt."""
    return shutil.copytree(data_folder() / "runtimes", tmp_path / "runtimes")


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


FAULTS = {
    "stray field": (
        "tflm-ref-arm32.toml",
        "stack_reserve_bytes",
        "colour = 1\nstack_reserve_bytes",
        "$",
        "unknown field `colour`",
    ),
    "mistyped field": (
        "tflm-ref-arm32.toml",
        "4096 ",
        '"4096" ',
        "$.stack_reserve_bytes",
        "Expected `int`, got `str`",
    ),
    "other name": (
        "tflm-ref-arm32.toml",
        '"tflm-ref-arm32"',
        '"tflm"',
        "$.name",
        "expected the file's own name",
    ),
    "missing ABI": ("tflm-ref-arm32.toml", '"arm32-eabi"', '"none"', "the file itself", "No such file"),
    "no TOML": ("tflm-ref-arm32.toml", "systems = [", "systems = [[", "$", "array"),
    "short row": (
        "tflm/operators.toml",
        '"float32 float32 * float32"',
        '"float32 float32"',
        "CONV_2D.types",
        "2 types in 'float32 float32'; expected 4",
    ),
    "three bounds": (
        "tflm/operators.toml",
        "inputs = [2, 3]",
        "inputs = [2, 3, 4]",
        "CONV_2D.inputs",
        "3 numbers",
    ),
    "value outside its interval": (
        "static-codegen-arm32.toml",
        "value = 500",
        "value = 800",
        "$.figures.fixed_ram_bytes",
        "800 outside 300 to 700; expected low <= value <= high",
    ),
    "size of one number": ("abi/arm32-eabi.toml", "[36, 4]", "[36]", "$.structs[...]", "length 2"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_its_file_and_place(folder: Path, fault: str) -> None:
    name, old, new, place, words = FAULTS[fault]
    spoil(folder / name, old, new)
    with pytest.raises(ExtractError) as caught:
        load_runtime(folder / (name if "/" not in name else "tflm-ref-arm32.toml"))
    assert caught.value.place == place
    assert words.lower() in str(caught.value).lower()
