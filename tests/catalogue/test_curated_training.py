"""The models this project trained: files, measurements, sheets and README say the same."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from tinykg.extract.curated_model import read_model_sheet

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "data" / "models" / "files"
REPORT = json.loads((FILES / "accuracy.json").read_text("utf-8"))
NAMES = sorted(REPORT["models"])


def test_each_file_is_measured() -> None:
    assert sorted(path.stem for path in FILES.glob("*.tflite")) == NAMES
    assert len(NAMES) == 5
    assert (ROOT / REPORT["made_by"]).is_file()


@pytest.mark.parametrize("name", NAMES)
def test_the_measured_file_is_the_one_that_is_here(name: str) -> None:
    content = (FILES / f"{name}.tflite").read_bytes()
    measured = REPORT["models"][name]
    assert measured["sha256"] == hashlib.sha256(content).hexdigest()
    assert measured["file_bytes"] == len(content) < 40_000
    assert content[4:8] == b"TFL3"


@pytest.mark.parametrize("name", NAMES)
def test_the_figure_is_a_count_of_held_out_samples(name: str) -> None:
    measured = REPORT["models"][name]
    share = measured["correct"] / measured["held_out_samples"]
    assert measured["top_1_accuracy"] == round(share, 4)
    assert share > 0.9
    assert measured["held_out_samples"] >= 450


@pytest.mark.parametrize("name", NAMES)
def test_the_sheet_quotes_the_measurement(name: str) -> None:
    sheet = read_model_sheet(ROOT / "data" / "models" / f"{name.replace('_', '-')}.toml")
    measured = REPORT["models"][name]
    assert sheet.file_sha256 == measured["sha256"]
    [evaluation] = sheet.evaluations
    assert (evaluation.metric, evaluation.value) == ("top-1-accuracy", measured["top_1_accuracy"])
    assert evaluation.dataset == measured["dataset"]
    assert evaluation.evidence.source == REPORT["made_by"]


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_quotes_the_measurement(name: str) -> None:
    readme = (ROOT / "training" / "README.md").read_text("utf-8")
    measured = REPORT["models"][name]
    [row] = re.findall(rf"^\| {name} \|.*$", readme, re.MULTILINE)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[3:] == [
        f"{measured['held_out_samples']:,}",
        f"{measured['top_1_accuracy']:.4f}",
        f"{measured['file_bytes']:,}",
    ]


def test_the_readme_names_the_versions() -> None:
    readme = (ROOT / "training" / "README.md").read_text("utf-8")
    for package, version in REPORT["packages"].items():
        assert f"{package}=={version}" in readme
