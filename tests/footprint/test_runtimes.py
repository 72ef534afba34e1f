"""Each runtime against what was measured on it, and the refusals it is known for."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from footprint_sketch import graph, model, tensor

from tinykg.extract.tflite import read_model
from tinykg.footprint import footprint
from tinykg.footprint.code_size import code_bytes, static_ram_bytes
from tinykg.footprint.compute import METHODS
from tinykg.records.evidence import EvidenceKind

if TYPE_CHECKING:
    from tinykg.records.footprint import Footprint
    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import Runtime

HERE = Path(__file__).parent
ESTIMATES = {"edgetpu", "litert-linux", "static-codegen-arm32"}
ESTIMATED_CODE = {"tflm-esp-nn", "tflm-esp-nn-esp32s3", "tflm-ref-xtensa"}
"""Runtimes whose arena is computed while their code was measured on another build."""


def read(test_data: Path, name: str) -> ModelFile:
    path = test_data / "models" / f"{name}.tflite"
    return read_model(path.read_bytes(), str(path))


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def lies_in(figure: int, interval: tuple[int | None, int | None]) -> bool:
    """Whether the figure has an interval, which then must hold it."""
    low, high = interval
    assert (low is None) == (high is None)
    assert low is None or high is None or low <= figure <= high
    return low is not None


def reason(found: Footprint) -> str:
    assert found.refusals
    assert found.ram_bytes is None
    return found.refusals[0].reason


def test_the_runtimes_and_how_their_figures_come_about(runtimes: dict[str, Runtime]) -> None:
    estimated = {n for n, r in runtimes.items() if r.evidence.kind is EvidenceKind.ESTIMATED}
    assert estimated == ESTIMATES
    assert len(runtimes) == 12
    assert {r.build.method for r in runtimes.values() if r.build} == set(METHODS)


def test_only_estimates_have_intervals_and_lie_in_them(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    files = sorted((test_data / "models").rglob("*.tflite"))
    counts = dict.fromkeys(runtimes, 0)
    for path in files:
        file = read_model(path.read_bytes(), str(path))
        for name, runtime in runtimes.items():
            found = footprint(file, runtime)
            assert bool(found.refusals) + (found.arena_bytes is not None) + bool(found.unknowns) >= 1
            if found.ram_bytes is None or found.flash_bytes is None:
                continue
            counts[name] += 1
            ram, flash = (
                (found.ram_bytes_low, found.ram_bytes_high),
                (found.flash_bytes_low, found.flash_bytes_high),
            )
            estimated = name in ESTIMATES | ESTIMATED_CODE
            assert (found.evidence.kind is EvidenceKind.ESTIMATED) == estimated, name
            assert lies_in(found.ram_bytes, ram) == (name in ESTIMATES), name
            assert lies_in(found.flash_bytes, flash) == estimated, name
    assert {name: n for name, n in counts.items() if n} == {
        "edgetpu": 35,
        "litert-linux": 167,
        "static-codegen-arm32": 156,
        "tflm-2020-ref-arm32": 37,
        "tflm-cmsis-nn-arm32": 169,
        "tflm-cmsis-nn-arm32-mve": 169,
        "tflm-esp-nn": 169,
        "tflm-esp-nn-esp32s3": 169,
        "tflm-ref-arm32": 169,
        "tflm-ref-int-enum32": 169,
        "tflm-ref-xtensa": 169,
    }


def test_tflm_of_2020_equals_every_model_allocated_and_run(
    test_data: Path, runtimes: dict[str, Runtime]
) -> None:
    """Models without figures in the table failed to allocate or to run, and are refused."""
    table, runtime = rows("tflm_2020_arm32.csv"), runtimes["tflm-2020-ref-arm32"]
    assert (len(table), sum(bool(row["arena_used_bytes"]) for row in table)) == (172, 37)
    for row in table:
        found = footprint(read(test_data, row["model"].removesuffix(".tflite")), runtime)
        if row["arena_used_bytes"]:
            measured = int(row["arena_used_bytes"]), int(row["min_arena_bytes"])
            assert (found.arena_used_bytes, found.arena_bytes) == measured, row["model"]
        else:
            assert found.refusals, row["model"]


def test_tflm_of_2020_flash_is_within_a_percent_of_every_linked_image(runtimes: dict[str, Runtime]) -> None:
    build = runtimes["tflm-2020-ref-arm32"].build
    assert build is not None
    assert build.code is not None
    images = rows("tflm_2020_images.csv")
    assert len(images) == 20
    for row in images:
        names = row["resolvers"].split()
        assert code_bytes(build.code, names) == pytest.approx(int(row["code_flash_bytes"]), rel=0.01)
        assert static_ram_bytes(build.abi, build.code, names) == pytest.approx(
            int(row["static_ram_bytes"]), abs=4
        )


def test_person_detection_has_figures_where_uint8_runs(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    file = read(test_data, "ren/Person_Detection")
    found = footprint(file, runtimes["tflm-2020-ref-arm32"])
    assert (found.arena_bytes, found.ram_bytes, found.flash_bytes) == (81_808, 82_116, 256_132)
    assert found.evidence.kind is EvidenceKind.COMPUTED
    assert footprint(file, runtimes["litert-linux"]).ram_bytes is not None
    assert "uint8" in reason(footprint(file, runtimes["static-codegen-arm32"]))


def test_only_runtimes_of_one_subgraph_refuse_several(runtimes: dict[str, Runtime]) -> None:
    parts = [graph([tensor("float32", 4, data=16)], []) for _ in range(2)]
    refused = {
        name: reason(found)
        for name, runtime in runtimes.items()
        if (found := footprint(model(*parts), runtime)).refusals
    }
    assert set(refused) == {"static-codegen-arm32", "tflm-2020-ref-arm32"}
    assert refused["tflm-2020-ref-arm32"].endswith("takes files of 1 subgraph; this one has 2")


def test_static_code_is_near_both_generated_programs(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    """RAM 7056 and 81496 bytes; flash 37772 and 293304, of them 1042 and 1052 start-up code."""
    runtime = runtimes["static-codegen-arm32"]
    for name, ram, constant_ram, flash in (
        ("tflm/micro_speech_quantized", 7_056, 6_512, 37_772 - 1_042),
        ("tflm/person_detect", 81_496, 55_840, 293_304 - 1_052),
    ):
        found = footprint(read(test_data, name), runtime)
        assert found.ram_bytes == pytest.approx(ram, rel=0.02)
        assert found.flash_bytes == pytest.approx(flash, rel=0.01)
        assert (found.ram_bytes_low or 0) <= constant_ram <= (found.ram_bytes_high or 0)


def test_static_code_needs_less_than_the_interpreter(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    file = read(test_data, "mlperf_tiny/pretrainedResnet_quant")
    code, interpreter = (footprint(file, runtimes[n]) for n in ("static-codegen-arm32", "tflm-ref-arm32"))
    assert (code.ram_bytes or 0) < (interpreter.ram_bytes or 0)
    assert (code.flash_bytes or 0) < (interpreter.flash_bytes or 0)
    assert code.head_bytes == interpreter.head_bytes


def test_static_code_places_no_scratch_buffers(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    found = footprint(read(test_data, "ren/Magic_Wand_2"), runtimes["static-codegen-arm32"])
    assert found.refusals[0].operator == "MEAN"
    assert reason(found).endswith("the generator places no scratch buffers")


RESIDENT = {
    "ren/Hello_World": 42_246_144,
    "ren/Person_Detection": 43_261_952,
    "mlperf_tiny/vww_96_int8": 43_606_016,
    "mlperf_tiny/ad01_fp32": 44_457_984,
    "mlperf_tiny/kws_ref_model_float32": 42_774_528,
    "ren/ARM_MicroNet_VWW_3": 44_396_544,
}
"""Resident bytes of a process after the first inference: ai-edge-litert 2.3.0, CPython 3.11, x86-64."""


def test_litert_is_near_measured_processes(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    for name, measured in RESIDENT.items():
        found = footprint(read(test_data, name), runtimes["litert-linux"])
        assert found.ram_bytes == pytest.approx(measured, rel=0.03), name
        assert (found.ram_bytes_low or 0) <= measured <= (found.ram_bytes_high or 0), name


def test_litert_refuses_what_it_was_seen_to_refuse(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    runtime = runtimes["litert-linux"]
    refusals = {
        "tflm/audio_preprocessor_int8": "SignalWindow is not registered in LiteRT",
        "tflm/person_detect_vela": "ethos-u is not registered in LiteRT",
        "tflm/person_detect": "is quantized along dimension 3; it has 1",
        "tflm/keyword_scrambled_8bit": "SVDF has int8 time weights and state",
    }
    for name, words in refusals.items():
        assert words in reason(footprint(read(test_data, name), runtime)), name


def test_litert_checks_versions_of_operators(runtimes: dict[str, Runtime]) -> None:
    operators = runtimes["litert-linux"].operators
    assert (operators["CONV_2D"].versions, operators["BROADCAST_TO"].versions) == ((1, 8), (2, 3))
    assert all(support.versions or support.custom for support in operators.values())


def test_edge_tpu_takes_only_what_is_quantized(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    runtime = runtimes["edgetpu"]
    assert runtime.accelerator == "Edge TPU"
    assert footprint(read(test_data, "mlperf_tiny/vww_96_int8"), runtime).ram_bytes is not None
    found = footprint(read(test_data, "mlperf_tiny/vww_96_float"), runtime)
    assert reason(found).startswith("CONV_2D takes int8 or uint8")
    found = footprint(read(test_data, "tflm/keyword_scrambled_8bit"), runtime)
    assert "has no kernel for the operator SVDF" in reason(found)


def test_ethos_u_runs_a_compiled_file(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    """Head: Vela's scratch tensor of 74464 bytes, addresses and sizes of 6 tensors. Only this one runs it."""
    runtime = runtimes["ethos-u55"]
    file = read(test_data, "tflm/person_detect_vela")
    found = footprint(file, runtime)
    assert found.head_bytes == 74_464 + 48 + 32
    assert found.arena_used_bytes == 74_932
    assert found.unknowns == (f"code size of {runtime.title}",)
    takers = {name for name, other in runtimes.items() if not footprint(file, other).refusals}
    assert takers == {"ethos-u55"}


def test_ethos_u_names_the_compiler_for_other_files(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    runtime = runtimes["ethos-u55"]
    found = footprint(read(test_data, "ren/Person_Detection"), runtime)
    assert found.refusals == ()
    assert "pip install 'tinykg[bench]'" in found.unknowns[0]
    found = footprint(read(test_data, "mlperf_tiny/kws_ref_model_float32"), runtime)
    assert found.refusals[0].operator == "CONV_2D"


def test_esp_nn_differs_from_the_reference_by_its_scratch(
    test_data: Path, runtimes: dict[str, Runtime]
) -> None:
    """Without vector instructions only SOFTMAX asks for scratch; on the ESP32-S3 convolutions do."""
    file = read(test_data, "mlperf_tiny/vww_96_int8")
    reference, plain, vector = (
        footprint(file, runtimes[n]) for n in ("tflm-ref-int-enum32", "tflm-esp-nn", "tflm-esp-nn-esp32s3")
    )
    assert reference.head_bytes == plain.head_bytes
    assert (vector.head_bytes or 0) > (plain.head_bytes or 0)
    scratch = [buffer.name for buffer in plain.plan if buffer.tensor is None]
    assert [name.split()[2] for name in scratch] == ["SOFTMAX:"]
    assert sum(buffer.tensor is None for buffer in vector.plan) == 28
