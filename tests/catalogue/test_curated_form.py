"""The sheets are in canonical form, and the tool that says so works."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "data").glob("*/*.toml"))
LINTED = [path for path in SHEETS if path.parent.name in {"devices", "models"}]


@pytest.fixture(scope="module")
def lint() -> ModuleType:
    """tools/lint_catalogue.py, which is a script and not part of the package."""
    spec = importlib.util.spec_from_file_location("lint_catalogue", ROOT / "tools" / "lint_catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_every_sheet_is_looked_at(lint: ModuleType) -> None:
    assert lint.sheets(ROOT / "data") == LINTED
    assert len(LINTED) == 106 + 54


@pytest.mark.parametrize("path", LINTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sheet_is_in_canonical_form(lint: ModuleType, path: Path) -> None:
    assert lint.fault(path, fix=False) is None


@pytest.mark.parametrize("path", LINTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_order_of_keys_does_not_matter(lint: ModuleType, path: Path) -> None:
    text = path.read_text("utf-8")
    head, separator, tables = text.rstrip("\n").partition("\n\n")
    disordered = "\n".join(reversed(head.split("\n"))) + separator + tables
    assert disordered != text
    assert lint.canonical(disordered, lint.FORMS[path.parent.name]) == text


DISORDERED = """\
note = "a \\"quoted\\" word"
name = 'Board'
aliases = ["b", "a"]
source = "s"

[[sensor]]
kind = "microphone"

[[sensor]]
part = "X1"
kind = "accelerometer"

[[memory]]
total_bytes = 262144
kind = "sram"
"""

ORDERED = """\
name = "Board"
aliases = ["a", "b"]
source = "s"
note = "a \\"quoted\\" word"

[[memory]]
kind = "sram"
total_bytes = 262_144

[[sensor]]
kind = "accelerometer"
part = "X1"

[[sensor]]
kind = "microphone"
"""


def test_disorder_is_named_and_repaired(
    lint: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "devices" / "board.toml"
    sheet.parent.mkdir()
    sheet.write_text(DISORDERED, "utf-8")
    assert lint.main([str(tmp_path)]) == 1
    assert "board.toml: not in canonical form" in capsys.readouterr().err
    assert lint.main([str(tmp_path), "--fix"]) == 0
    assert sheet.read_text("utf-8") == ORDERED
    assert lint.main([str(tmp_path)]) == 0


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('colour = "red"', "$: no key colour"),
        ('[[memory]]\nbytes = 5\nkind = "sram"', "$.memory: no key bytes"),
        ("name = 2026-01-01", "$.name: a date"),
        ('memory = ["sram"]', "$.memory: a list"),
        ("name = ", "Invalid value"),
    ],
)
def test_what_has_no_canonical_form_is_left_alone(
    lint: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, fault: str
) -> None:
    sheet = tmp_path / "devices" / "board.toml"
    sheet.parent.mkdir()
    sheet.write_text(line + "\n", "utf-8")
    assert lint.main([str(tmp_path), "--fix"]) == 1
    assert fault in capsys.readouterr().err
    assert sheet.read_text("utf-8") == line + "\n"


def test_a_whole_folder_can_be_linted_elsewhere(lint: ModuleType, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "models", tmp_path / "models")
    assert lint.main([str(tmp_path)]) == 0


def test_every_upstream_source_is_described() -> None:
    manifest = tomllib.loads((ROOT / "data" / "sources" / "manifest.toml").read_text("utf-8"))
    assert len(manifest["source"]) >= 20
    for source in manifest["source"]:
        assert set(source) == {"name", "address", "licence", "version", "taken"}, source.get("name")
        assert all(source.values()), source["name"]
