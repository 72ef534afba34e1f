"""What Vela estimates for an Ethos-U: a stand-in takes the compiler's place where it must misbehave."""

from __future__ import annotations

import csv
import time
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import pytest

from tinykg.bench import vela_compiler
from tinykg.bench.protocol import Runner, Task, Unwatched
from tinykg.bench.vela_compiler import compile_model
from tinykg.bench.vela_runner import ACCELERATORS, RUNNER, accelerator_of, figures
from tinykg.errors import BenchmarkCancelled, BenchmarkError, ExtractError, InputError, MissingExtra
from tinykg.extract.tflite import read_model
from tinykg.records.device import DeviceType
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkResult
    from tinykg.registry import Registry

TABLE_VERSION = "5.2.0"
DECLARED = Evidence(kind=EvidenceKind.DECLARED, source="a test")
needs_vela = pytest.mark.skipif(
    not vela_compiler.is_installed(), reason="the package ethos-u-vela is not installed (extra bench)"
)

STAND_IN = """
import pathlib, sys, time
source, flag, accelerator, output, folder, *more = sys.argv[1:]
assert (flag, output) == ("--accelerator-config", "--output-dir")
data, folder = pathlib.Path(source).read_bytes(), pathlib.Path(folder)
if data == b"bad":
    sys.exit("RuntimeError: no network")
if data == b"slow":
    time.sleep(60)
if data == b"hungry":
    bytearray(64 << 30)
if data != b"silent":
    (folder / "model_vela.tflite").write_bytes(b"compiled " + data)
    (folder / "model_summary_default.csv").write_text("network,cycles_npu\\nmodel,7\\n")
    print("CPU operators = 3 (100.0%)", " ".join(more))
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vela_stand_in.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(vela_compiler, "MODULE", "vela_stand_in")
    monkeypatch.setattr(vela_compiler, "is_installed", lambda: True)


class Impatient:
    """A watch that ends the run at its first word."""

    def progress(self, done: float, doing: str) -> None:
        raise BenchmarkCancelled(f"ended at {done}, {doing}")


def board(*accelerators: str, known: bool = True) -> DeviceType:
    named = accelerators if known else None
    return DeviceType(slug="board", name="A Board", vendor=None, evidence=DECLARED, accelerators=named)


def task(path: Path, place: Path, device: DeviceType | None, **options: str) -> Task:
    content = path.read_bytes()
    file = read_model(content, path.name)
    model = Model(name=path.stem, evidence=DECLARED, file_sha256=file.sha256)
    return Task(model=model, file=file, content=content, workplace=place, device=device, options=options)


@pytest.mark.usefixtures("stand_in")
def test_the_compiled_file_is_what_the_compiler_wrote() -> None:
    made = compile_model(b"model", "a.tflite", settings={"memory-mode": "Sram_Only"})
    assert made.content == b"compiled model"
    assert made.summary == {"network": "model", "cycles_npu": "7"}
    assert made.said == "CPU operators = 3 (100.0%) --memory-mode=Sram_Only\n"


@pytest.mark.usefixtures("stand_in")
def test_a_failure_gives_the_compiler_s_last_words() -> None:
    with pytest.raises(ExtractError, match="RuntimeError: no network"):
        compile_model(b"bad", "a.tflite")
    with pytest.raises(ExtractError, match="it said nothing"):
        compile_model(b"silent", "a.tflite")


@pytest.mark.usefixtures("stand_in")
def test_a_compiler_that_wants_all_memory_is_refused_it() -> None:
    with pytest.raises(ExtractError, match="MemoryError"):
        compile_model(b"hungry", "a.tflite")


@pytest.mark.usefixtures("stand_in")
def test_a_compiler_that_does_not_answer_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vela_compiler, "TIME_LIMIT_S", 0.0)
    with pytest.raises(ExtractError, match=r"no answer; expected an answer within 0 s"):
        compile_model(b"slow", "a.tflite")


@pytest.mark.usefixtures("stand_in")
def test_a_compilation_that_is_cancelled_ends_at_once() -> None:
    begun = time.monotonic()
    with pytest.raises(BenchmarkCancelled, match="compiling"):
        compile_model(b"slow", "a.tflite", watch=Impatient())
    assert time.monotonic() - begun < 5


@pytest.mark.usefixtures("stand_in")
def test_a_model_that_stays_on_the_cpu_has_no_figures(test_data: Path, tmp_path: Path) -> None:
    given = task(test_data / "models/mlperf_tiny/ad01_int8.tflite", tmp_path, board("Ethos-U55-64"))
    with pytest.raises(BenchmarkError, match="places nothing of the model on ethos-u55-64"):
        RUNNER.run(given, Unwatched())


def test_the_package_is_looked_for_without_loading_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("importlib.util.find_spec", asked.append)
    assert not vela_compiler.is_installed()
    assert asked == ["ethosu"]


def test_without_the_package_the_extra_is_named(
    test_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vela_compiler, "is_installed", lambda: False)
    given = task(test_data / "models/mlperf_tiny/ad01_int8.tflite", tmp_path, board("Ethos-U55-64"))
    with pytest.raises(MissingExtra, match=r"tinykg\[bench\]"):
        RUNNER.run(given, Unwatched())


def test_only_devices_with_an_ethos_u_suit() -> None:
    assert isinstance(RUNNER, Runner)
    assert RUNNER.suits(board("Neural-ART", "Ethos-U55-64")) is None
    assert RUNNER.suits(board("ethos-u65")) is None
    assert "has no Ethos-U" in (RUNNER.suits(board("Edge TPU", "XEthos-U55")) or "")
    assert "not known" in (RUNNER.suits(board(known=False)) or "")
    assert "none is named" in (RUNNER.suits(None) or "")


@needs_vela
@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"accelerator": "ethos-u99-1"}, "expected ethos-u55-32 or"),
        ({"memory_mode": "--help"}, "memory_mode: expected a name"),
        ({"clock": "1"}, "has no option 'clock'. It has: accelerator, memory_mode, system_config"),
    ],
)
def test_options_are_read_strictly(
    options: dict[str, str], fault: str, test_data: Path, tmp_path: Path
) -> None:
    path = test_data / "models/mlperf_tiny/ad01_int8.tflite"
    with pytest.raises(InputError, match=fault):
        RUNNER.run(task(path, tmp_path, board("Ethos-U55-64"), **options), Unwatched())


@needs_vela
def test_an_accelerator_of_unknown_size_must_be_named(test_data: Path, tmp_path: Path) -> None:
    path = test_data / "models/mlperf_tiny/ad01_int8.tflite"
    with pytest.raises(
        InputError, match="The size of the Ethos-U65 is not known: give --option accelerator="
    ):
        RUNNER.run(task(path, tmp_path, board("Ethos-U65")), Unwatched())
    named = RUNNER.run(task(path, tmp_path, board("Ethos-U65"), accelerator="ethos-u65-256"), Unwatched())
    assert named.environment["accelerator"] == "Ethos_U65_256"


@needs_vela
def test_a_file_that_is_none_is_a_benchmark_error(test_data: Path, tmp_path: Path) -> None:
    good = task(test_data / "models/mlperf_tiny/ad01_int8.tflite", tmp_path, board("Ethos-U55-64"))
    bad = Task(model=good.model, file=good.file, content=b"no model", workplace=tmp_path, device=good.device)
    with pytest.raises(BenchmarkError, match="Vela compiles the model for ethos-u55-64 with no result"):
        RUNNER.run(bad, Unwatched())


def test_the_registry_s_boards_with_an_ethos_u_name_their_accelerator(
    registry: Registry, test_data: Path, tmp_path: Path
) -> None:
    """The Alif board has two, of which the larger is taken."""
    path = test_data / "models/mlperf_tiny/kws_ref_model.tflite"
    for name, expected in (("alif-devkit-e7", "ethos-u55-256"), ("seeed-grove-vision-ai-v2", "ethos-u55-64")):
        given = task(path, tmp_path, registry.device(name))
        assert RUNNER.suits(given.device) is None
        assert accelerator_of(given) == expected


def estimates(path: Path, place: Path, accelerator: str, **options: str) -> BenchmarkResult:
    return RUNNER.run(task(path, place, board(), accelerator=accelerator, **options), Unwatched())


@needs_vela
def test_a_slower_system_takes_longer_and_says_so(test_data: Path, tmp_path: Path) -> None:
    path = test_data / "models/mlperf_tiny/kws_ref_model.tflite"
    quick = estimates(path, tmp_path, "ethos-u55-128")
    slow = estimates(
        path, tmp_path, "ethos-u55-128", system_config="Ethos_U55_Deep_Embedded", memory_mode="Shared_Sram"
    )
    assert (quick.clock_hz, slow.clock_hz) == (500_000_000, 200_000_000)
    assert slow.environment["system configuration"] == "Ethos_U55_Deep_Embedded"
    assert slow.figures[0].value > quick.figures[0].value
    assert "For an NPU at 200 MHz" in slow.notes[1]


@needs_vela
@pytest.mark.parametrize(
    ("accelerator", "stems", "count"),
    [("ethos-u55-128", "", 5), ("ethos-u55-32", "kws", 1), ("ethos-u65-512", "ad01", 1)],
)
def test_estimates_are_those_of_the_published_table(
    accelerator: str, stems: str, count: int, test_data: Path, tmp_path: Path
) -> None:
    """The table holds what Vela 5.2.0 wrote for the reference models; other versions estimate differently."""
    try:
        if version("ethos-u-vela") != TABLE_VERSION:
            pytest.skip(f"the table was made by Vela {TABLE_VERSION}")
    except PackageNotFoundError:
        pytest.skip("ethos-u-vela is not installed as a package")
    with (test_data / "vela.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["accelerator_config_arg"] == accelerator]
    rows = [row for row in rows if row["model_file"].startswith(stems)]
    assert len(rows) == count
    for row in rows:
        result = estimates(test_data / "models/mlperf_tiny" / row["model_file"], tmp_path, accelerator)
        found = {figure.metric: figure.value for figure in result.figures}
        assert found["throughput"] == pytest.approx(float(row["inferences_per_second"]), rel=1e-9)
        assert found["latency"] == pytest.approx(1000 * float(row["inference_time"]), rel=1e-9)
        assert found["cycles-npu"] == float(row["cycles_npu"])
        assert found["ram-used"] == 1024 * (float(row["sram_memory_used"]) + float(row["dram_memory_used"]))
        kept = float(row["on_chip_flash_memory_used"]) + float(row["off_chip_flash_memory_used"])
        assert found["flash-used"] == 1024 * kept
        assert {figure.evidence for figure in result.figures} == {"estimated"}
        assert result.environment["system configuration"] == row["system_config"]
        assert result.environment["memory mode"] == row["memory_mode"]
        assert result.environment["operators on the CPU"] == row["cpu_ops"]
        assert result.where is None
        assert not result.on_device


def test_a_summary_without_numbers_is_an_error() -> None:
    with pytest.raises(BenchmarkError, match="no number in its column on_chip_flash_memory_used"):
        figures({"network": "model"})
    with pytest.raises(BenchmarkError, match="no number"):
        figures(dict.fromkeys(("on_chip_flash_memory_used", "off_chip_flash_memory_used"), "inf"))


@needs_vela
def test_every_accelerator_is_one_that_vela_takes() -> None:
    known = import_module("ethosu.vela.architecture_features").Accelerator.member_list()
    assert set(ACCELERATORS) == set(known)
