"""The compiler in a child process: a stand-in takes its place where the package is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinykg.errors import ExtractError
from tinykg.extract.tflite import read_model
from tinykg.footprint import footprint, vela
from tinykg.records.evidence import EvidenceKind

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.runtime import Runtime

STAND_IN = """
import pathlib, sys
source, flag, accelerator, output, folder = sys.argv[1:]
assert (flag, accelerator, output) == ("--accelerator-config", "ethos-u55-128", "--output-dir")
data = pathlib.Path(source).read_bytes()
if data == b"bad":
    sys.exit("RuntimeError: no network")
if data != b"silent":
    (pathlib.Path(folder) / "model_vela.tflite").write_bytes(b"compiled " + data)
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vela_stand_in.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(vela, "MODULE", "vela_stand_in")


@pytest.mark.usefixtures("stand_in")
def test_the_compiled_file_is_what_the_compiler_wrote() -> None:
    assert vela.compiled(b"model", "a.tflite") == b"compiled model"


@pytest.mark.usefixtures("stand_in")
def test_a_failure_gives_the_compiler_s_last_words() -> None:
    with pytest.raises(ExtractError, match="RuntimeError: no network"):
        vela.compiled(b"bad", "a.tflite")
    with pytest.raises(ExtractError, match="it said nothing"):
        vela.compiled(b"silent", "a.tflite")


@pytest.mark.usefixtures("stand_in")
def test_a_compiler_that_does_not_answer_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vela, "TIME_LIMIT_SECONDS", 0.0)
    with pytest.raises(ExtractError, match=r"no answer; expected an answer within 0\.0 s"):
        vela.compiled(b"model", "a.tflite")


def test_a_compiled_file_s_figures_are_an_estimate_for_its_source(
    test_data: Path, runtimes: dict[str, Runtime]
) -> None:
    path = test_data / "models" / "tflm" / "person_detect_vela.tflite"
    compiled = read_model(path.read_bytes(), str(path))
    exact = footprint(compiled, runtimes["ethos-u55"])
    found = vela.estimated(compiled, exact)
    assert found.evidence.kind is EvidenceKind.ESTIMATED
    assert found.evidence.source.startswith("the file as Vela compiles it for ethos-u55-128; ")
    assert (found.arena_bytes, found.model_bytes) == (exact.arena_bytes, exact.model_bytes)


def test_a_file_left_to_the_cpu_says_so(test_data: Path, runtimes: dict[str, Runtime]) -> None:
    path = test_data / "models" / "mlperf_tiny" / "ad01_fp32.tflite"
    file = read_model(path.read_bytes(), str(path))
    found = vela.estimated(file, footprint(file, runtimes["tflm-ref-arm32"]))
    assert "nothing runs on the NPU" in found.evidence.source


def test_the_package_is_looked_for_without_loading_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("importlib.util.find_spec", asked.append)
    assert not vela.is_installed()
    assert asked == ["ethosu"]
