"""Models on emulated boards: counts that are exact and repeat, images that fit, outputs that agree."""

from __future__ import annotations

import csv
import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tinykg.bench import qemu_machine, qemu_runner
from tinykg.bench.bakenn_import import part_for_bakenn
from tinykg.bench.bakenn_source import Source, source_of
from tinykg.bench.protocol import Runner, Task, Unwatched
from tinykg.bench.qemu_board import BOARDS
from tinykg.bench.qemu_image import Build, Image, image_of
from tinykg.bench.qemu_inputs import xorshift_inputs
from tinykg.bench.qemu_machine import session
from tinykg.bench.qemu_reference import ENGINES, Reference, reference_outputs
from tinykg.bench.qemu_runner import LEVELS, RUNNER
from tinykg.errors import BenchmarkCancelled, BenchmarkError, InputError, MissingExtra
from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkResult

PROGRAMS = ("qemu-system-arm", "arm-none-eabi-gcc", "arm-none-eabi-size")
MISSING = [name for name in PROGRAMS if shutil.which(name) is None]
OURS = data_folder() / "models" / "files"

needs_board = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
needs_bakenn = pytest.mark.skipif(
    bool(MISSING) or find_spec("bakenn") is None or find_spec("tflite") is None,
    reason=f"not installed: {', '.join([*MISSING, 'bakenn[tflite]'])} (extra bench)",
)


def bench(path: Path, folder: Path, **options: str) -> BenchmarkResult:
    return RUNNER.run(task(path, folder, **options), Unwatched())


def task(path: Path, folder: Path, **options: str) -> Task:
    content = path.read_bytes()
    file = read_model(content, path.name)
    evidence = Evidence(kind=EvidenceKind.DECLARED, source="a test")
    model = Model(name=path.stem, evidence=evidence, file_sha256=file.sha256)
    folder.mkdir(exist_ok=True)
    return Task(model=model, file=file, content=content, workplace=folder, options=options)


def figures(result: BenchmarkResult) -> dict[str, float]:
    return {figure.metric: figure.value for figure in result.figures}


HEADER = """
#include <stdint.h>
#define BKNN_MODEL_INPUT_BYTES 4u
#define BKNN_MODEL_OUTPUT_BYTES 4u
#define BKNN_MODEL_ARENA_SIZE {arena}
#define BKNN_MODEL_ARENA_ALIGNMENT 16u
void bknn_model_infer(uint8_t *arena, const int8_t *input, int8_t *output);
"""

COUNTED = """
#include "bknn_model.h"
__asm(".syntax unified\\n.thumb\\n.global bknn_model_infer\\n.thumb_func\\nbknn_model_infer:\\n"
      "push {{r4, lr}}\\nldr r3, [r1]\\nstr r3, [r2]\\n"
      "movw r3, #{low}\\nmovt r3, #{high}\\n1: subs r3, r3, #1\\nbne 1b\\npop {{r4, pc}}\\n");
"""
"""Six instructions and twice the loop's count; eight bytes of stack. The output is the input."""


def counted(loops: int) -> str:
    return COUNTED.format(low=loops & 0xFFFF, high=loops >> 16)


def built(
    folder: Path, code: str, core: str = "cortex-m4", *, arena: str = "0u", seed: int = 2026
) -> tuple[Build, Image]:
    """An image around C of ours in place of a model's."""
    place = folder / "model"
    place.mkdir(parents=True)
    (place / "bknn_model.h").write_text(HEADER.format(arena=arena), encoding="ascii")
    (place / "bknn_model.c").write_text(code, encoding="ascii")
    source = Source(
        bakenn="0", cmsis_nn=None, files=(place / "bknn_model.c",), folders=(place,), arena_bytes=0,
        input_bytes=4, output_bytes=4, kernels=(),
    )  # fmt: skip
    build = Build(board=BOARDS[core], optimization="-O2", hard_float=True, inputs=3, seed=seed)
    return build, image_of(source, build, folder, Unwatched())


def test_it_is_a_runner() -> None:
    assert isinstance(RUNNER, Runner)
    assert RUNNER.name == "qemu-cortex-m"
    assert RUNNER.suits(None) is None
    assert "instructions are no cycles" in RUNNER.leaves_out.replace("\n", " ")


@needs_board
class TestTheBoardItself:
    @pytest.mark.parametrize("core", list(BOARDS))
    @pytest.mark.parametrize("loops", [1, 1000, 12_345_678])
    def test_code_of_known_length_is_counted_to_one_instruction(
        self, core: str, loops: int, tmp_path: Path
    ) -> None:
        build, image = built(tmp_path, counted(loops), core)
        found = session(image, build.board, tmp_path, Unwatched(), 0.5)
        for one in found.inferences:
            assert abs(one.instructions - (2 * loops + 6)) <= 1
            assert one.stack_bytes == 8
        assert [one.output for one in found.inferences] == xorshift_inputs(build.seed, 3, 4)

    def test_two_runs_are_equal(self, tmp_path: Path) -> None:
        build, image = built(tmp_path, counted(54_321))
        one, other = (session(image, build.board, tmp_path, Unwatched(), 0.5) for _ in range(2))
        assert one == other

    def test_variables_are_counted(self, tmp_path: Path) -> None:
        code = (
            '#include "bknn_model.h"\nint8_t kept[1024] = {1, 2, 3};\nint8_t empty[4096];\n'
            "void bknn_model_infer(uint8_t *a, const int8_t *b, int8_t *c) "
            "{ for (int i = 0; i < 4; i++) { empty[(uint8_t)b[i]]++; c[i] = kept[i & 3]; kept[9]++; } }"
        )
        build, image = built(tmp_path, code, arena="2048u")
        assert image.data == 1024
        assert 4096 + 2048 + 8 <= image.bss <= 4096 + 2048 + 8 + 64
        found = session(image, build.board, tmp_path, Unwatched(), 0.5)
        assert {one.output for one in found.inferences} == {bytes([1, 2, 3, 0])}

    @pytest.mark.parametrize("core", list(BOARDS))
    def test_a_fault_is_told(self, core: str, tmp_path: Path) -> None:
        code = '#include "bknn_model.h"\nvoid bknn_model_infer(uint8_t *a, const int8_t *b, int8_t *c)'
        build, image = built(tmp_path, code + ' { __asm volatile("udf #0"); }', core)
        with pytest.raises(BenchmarkError, match="faulted"):
            session(image, build.board, tmp_path, Unwatched(), 0.5)

    def test_code_that_never_returns_is_ended(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(qemu_machine, "TIME_LIMIT_S", 1.0)
        code = '#include "bknn_model.h"\nvoid bknn_model_infer(uint8_t *a, const int8_t *b, int8_t *c)'
        build, image = built(tmp_path, code + ' { for (;;) { __asm volatile(""); } }')
        with pytest.raises(BenchmarkError, match="no end within 1 s"):
            session(image, build.board, tmp_path, Unwatched(), 0.5)

    def test_a_stack_that_runs_over_is_told(self, tmp_path: Path) -> None:
        code = (
            '#include "bknn_model.h"\nvoid bknn_model_infer(uint8_t *a, const int8_t *b, int8_t *c)'
            "{ volatile int8_t deep[65000]; "
            "for (int i = 0; i < 65000; i++) { deep[i] = b[0]; } c[0] = deep[5]; }"
        )
        build, image = built(tmp_path, code)
        deep = session(image, build.board, tmp_path, Unwatched(), 0.5).inferences[0].stack_bytes
        assert 65000 <= deep <= 65100
        deeper, image = built(tmp_path / "more", code.replace("65000", "66000"))
        with pytest.raises(BenchmarkError, match=r"more than 65536 B of stack|faulted"):
            session(image, deeper.board, tmp_path, Unwatched(), 0.5)

    def test_what_does_not_fit_is_not_linked(self, tmp_path: Path) -> None:
        with pytest.raises(BenchmarkError, match=r"cannot be built: .*(overflowed|will not fit|no room)"):
            built(tmp_path, counted(1), arena="5000000u")

    def test_what_does_not_compile_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(BenchmarkError, match=r"cannot be built: model/bknn_model\.c:1:\d+: error: "):
            built(tmp_path, "this is no C;")

    def test_a_board_reaches_no_file_of_the_host(self, tmp_path: Path) -> None:
        """Semihosting is off: its breakpoint is a fault like any other."""
        code = (
            '#include "bknn_model.h"\nvoid bknn_model_infer(uint8_t *a, const int8_t *b, int8_t *c)'
            '{ __asm volatile("movs r0, #1\\nbkpt 0xab" ::: "r0"); }'
        )
        build, image = built(tmp_path, code)
        with pytest.raises(BenchmarkError):
            session(image, build.board, tmp_path, Unwatched(), 0.5)


@needs_bakenn
class TestModels:
    @pytest.mark.parametrize("name", ["digits_cnn_int8", "digits_dscnn_int8", "digits_mlp_int8"])
    def test_outputs_are_those_of_the_interpreter(self, name: str, tmp_path: Path) -> None:
        result = bench(OURS / f"{name}.tflite", tmp_path, inputs="20")
        assert result.environment["output values that differ"] == "0 of 200"
        assert result.notes[-1].startswith("All 200 output values are those of ")
        assert "SOFTMAX at the end is not run: 0 MACs, 10 elements" in result.notes

    def test_what_a_result_says(self, tmp_path: Path) -> None:
        path = OURS / "digits_cnn_int8.tflite"
        result = bench(path, tmp_path)
        found = {figure.metric: figure for figure in result.figures}
        assert set(found) == {"instructions", "flash-used", "ram-used", "arena-used"}
        assert {figure.unit for figure in result.figures} == {"NUM", "BYTE"}
        assert {figure.evidence for figure in result.figures} == {"measured"}
        counted_ = found["instructions"]
        assert (counted_.statistic, counted_.count) == ("median", 5)
        low, high = (int(result.environment[f"{end} instructions"]) for end in ("fewest", "most"))
        assert low <= counted_.value <= high
        assert found["arena-used"].value < found["ram-used"].value
        assert result.emulator is not None
        assert result.emulator.startswith("QEMU ")
        assert result.emulator.endswith(", mps2-an386")
        assert (result.where, result.clock_hz, result.on_device) == (None, None, False)
        assert result.stack == "bakenn-cmsis-nn"
        assert {tool.name for tool in result.tools} >= {
            "bakenn",
            "CMSIS-NN",
            "arm-none-eabi-gcc",
            "qemu-system-arm",
        }
        assert all(tool.version[0].isdigit() for tool in result.tools)
        assert "-mcpu=cortex-m4" in result.environment["compiler flags"]

    def test_runs_at_other_times_give_the_same(self, tmp_path: Path) -> None:
        path = OURS / "digits_mlp_int8.tflite"
        one, other = (bench(path, tmp_path / word) for word in ("one", "other"))
        assert one.figures == other.figures
        assert one.output_sha256 == other.output_sha256
        assert one.environment == other.environment

    @pytest.mark.parametrize("core", list(BOARDS))
    @pytest.mark.parametrize("name", ["digits_cnn_int8", "digits_mlp_int8"])
    def test_every_core_computes_the_same(self, core: str, name: str, tmp_path: Path) -> None:
        result = bench(OURS / f"{name}.tflite", tmp_path, core=core)
        assert result.environment["largest difference"] == "0"
        assert f"-mcpu={core} " in result.environment["compiler flags"]
        assert result.emulator is not None
        assert result.emulator.endswith(BOARDS[core].machine)

    def test_plain_c_takes_more_instructions(self, tmp_path: Path) -> None:
        path = OURS / "digits_cnn_int8.tflite"
        tuned = bench(path, tmp_path / "a", kernels="cmsis")
        plain = bench(path, tmp_path / "b", kernels="portable")
        assert plain.stack == "bakenn-portable"
        assert plain.output_sha256 == tuned.output_sha256
        assert "cmsis_nn" in tuned.environment["steps by kernel library"]
        assert figures(plain)["instructions"] > 2 * figures(tuned)["instructions"]
        assert "CMSIS-NN" not in {tool.name for tool in plain.tools}

    def test_levels_and_float_registers_change_the_code_not_the_outputs(self, tmp_path: Path) -> None:
        path = OURS / "digits_dscnn_int8.tflite"
        runs = [bench(path, tmp_path / level, opt=level) for level in LEVELS]
        runs.append(bench(path, tmp_path / "soft", float="soft"))
        assert len({run.output_sha256 for run in runs}) == 1
        assert len({run.environment["compiler flags"] for run in runs}) == 4
        assert len({figures(run)["instructions"] for run in runs}) == 4

    def test_another_seed_gives_other_outputs(self, tmp_path: Path) -> None:
        path = OURS / "digits_mlp_int8.tflite"
        one, other = (bench(path, tmp_path / seed, seed=seed, inputs="2") for seed in ("1", "2"))
        assert one.output_sha256 != other.output_sha256
        assert one.environment["inputs"] != other.environment["inputs"]

    def test_outputs_of_another_model_are_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As they would be if the image did not compute the model."""
        inverted = Reference(engine="other", version="1", outputs=(bytes(10),) * 5)
        monkeypatch.setattr(qemu_runner, "reference_outputs", lambda *_: inverted)
        with pytest.raises(
            BenchmarkError, match=r"does not compute the model: \d+ of 50 .* up to \d+ of 255"
        ):
            bench(OURS / "digits_mlp_int8.tflite", tmp_path)

    def test_interpreters_agree(self, tmp_path: Path) -> None:
        """Where both are installed; the preferred one is not the only one that serves."""
        path = OURS / "digits_cnn_int8.tflite"
        content = path.read_bytes()
        file = read_model(content, path.name)
        part, inputs = part_for_bakenn(file), xorshift_inputs(5, 4, 64)
        found = []
        for engine, package in ENGINES.items():
            if find_spec(package) is not None:
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr("tinykg.bench.qemu_reference.ENGINES", {engine: package})
                    given = reference_outputs(file, content, part, inputs, tmp_path, Unwatched())
                assert isinstance(given, Reference), given
                assert given.engine == engine
                found.append(given.outputs)
        if not found:
            pytest.skip("neither tflite-micro nor ai-edge-litert is installed (extra bench)")
        assert len(set(found)) == 1

    def test_without_an_interpreter_nothing_is_claimed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tinykg.bench.qemu_reference.ENGINES", {"none-such": "none_such"})
        result = bench(OURS / "digits_mlp_int8.tflite", tmp_path)
        assert result.notes[-1] == "The outputs are not compared: none-such is not installed"
        assert "reference" not in result.environment

    def test_a_watch_sees_progress_and_may_end_it(self, tmp_path: Path) -> None:
        class Watch:
            def __init__(self, most: float) -> None:
                self.most = most
                self.seen: list[float] = []

            def progress(self, done: float, doing: str) -> None:
                assert doing
                self.seen.append(done)
                if done > self.most:
                    raise BenchmarkCancelled("enough")

        path, patient = OURS / "digits_mlp_int8.tflite", Watch(1.0)
        RUNNER.run(task(path, tmp_path / "a"), patient)
        assert patient.seen == sorted(patient.seen)
        assert len(set(patient.seen)) >= 5
        for most in (0.0, 0.1, 0.4, 0.6):
            with pytest.raises(BenchmarkCancelled):
                RUNNER.run(task(path, tmp_path / str(most)), Watch(most))

    def test_bakenns_own_refusal_is_repeated(self, tmp_path: Path) -> None:
        with pytest.raises(BenchmarkError, match="does not compile this model: input is not a TFLite"):
            source_of(b"no model at all", "cmsis", tmp_path, Unwatched())


class TestOptions:
    @pytest.mark.parametrize(
        "options",
        [
            {"core": "cortex-m0"}, {"opt": "-O0"}, {"kernels": "fast"}, {"float": "yes"}, {"inputs": "0"},
            {"inputs": "65"}, {"seed": "0"}, {"seed": "4294967296"}, {"speed": "1"},
        ],
    )  # fmt: skip
    def test_only_what_is_offered(self, options: dict[str, str], tmp_path: Path) -> None:
        with pytest.raises(InputError, match="qemu-cortex-m"):
            bench(OURS / "digits_mlp_int8.tflite", tmp_path, **options)

    def test_kernels_for_the_dsp_extension_need_it(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="a cortex-m3 has no DSP extension"):
            bench(OURS / "digits_mlp_int8.tflite", tmp_path, core="cortex-m3", kernels="cmsis")

    def test_each_is_described(self) -> None:
        assert set(RUNNER.options) == {"core", "kernels", "opt", "float", "inputs", "seed"}

    @pytest.mark.skipif(find_spec("bakenn") is None, reason="bakenn is not installed (extra bench)")
    def test_a_missing_compiler_names_its_package(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(BenchmarkError, match="apt install gcc-arm-none-eabi"):
            bench(OURS / "digits_mlp_int8.tflite", tmp_path)

    def test_a_missing_package_names_its_extra(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tinykg.bench.bakenn_source.find_spec", lambda _: None)
        with pytest.raises(MissingExtra, match=r"tinykg\[bench\]"):
            bench(OURS / "digits_mlp_int8.tflite", tmp_path)


MLPERF = {
    "ad01": "ad01_int8",
    "kws01": "kws_ref_model",
    "ic01": "pretrainedResnet_quant",
    "vww01": "vww_96_int8",
    "sww01": "str_ww_ref_model",
}


@needs_bakenn
@pytest.mark.parametrize("name", list(MLPERF))
def test_mlperf_tiny_agrees_with_the_published_table(name: str, test_data: Path, tmp_path: Path) -> None:
    """Another's count of the same code on the same core, with other inputs: equal to 0.02 %."""
    with (test_data / "qemu_m4_instructions.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["model"] == name]
    [row] = [row for row in rows if (row["kernels"], row["opt"]) == ("cmsis", "-O2")]
    result = bench(test_data / f"models/mlperf_tiny/{MLPERF[name]}.tflite", tmp_path, inputs="2")
    found = figures(result)
    assert found["instructions"] == pytest.approx(int(row["instructions"]), rel=0.0002)
    assert found["arena-used"] == int(row["bakenn_arena_bytes"])
    assert f"bss {row['bss_bytes']} B" in result.environment["image"]
    # What differs is the harness: start-up code and what it prints.
    assert 0 <= found["flash-used"] - int(row["text_bytes"]) < 500
    assert result.environment["largest difference"] == "0"
