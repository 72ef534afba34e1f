"""Which extractor reads a file, and what becomes of faulty plug-ins."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tinykg.errors import UnknownFormat
from tinykg.extract import c_array, tflite
from tinykg.extract.installed import (
    BUILT_IN,
    GROUP,
    Extractors,
    extractor_for,
    extractors,
    load,
    model_bytes,
)
from tinykg.extract.protocol import Extractor
from tinykg.records.device import DeviceType
from tinykg.records.evidence import Evidence, EvidenceKind


class Everything:
    """A plug-in that accepts all files."""

    name = "everything"

    def accepts(self, path: Path) -> bool:
        return path.name != ""

    def extract(self, path: Path) -> DeviceType:
        evidence = Evidence(kind=EvidenceKind.DECLARED, source="a test")
        return DeviceType(slug=path.stem, name=path.stem, vendor=None, evidence=evidence)


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("plugin_of_this_test")
    module.__dict__.update(EXTRACTOR=Everything(), NOT_ONE=object())
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_the_built_in_extractors_work() -> None:
    found = extractors()
    assert found.broken == {}
    assert {point.name for point in BUILT_IN} <= set(found.working)
    assert all(isinstance(extractor, Extractor) for extractor in found.working.values())
    assert all(extractor.name == name for name, extractor in found.working.items())


def test_the_built_in_extractors_are_those_that_the_package_announces() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    section = text.split(f'[project.entry-points."{GROUP}"]\n')[1].split("\n\n")[0]
    announced = {tuple(line.replace('"', "").split(" = ")) for line in section.splitlines()}
    assert announced == {(point.name, point.value) for point in BUILT_IN}


def test_a_file_goes_to_the_extractor_that_accepts_it(tmp_path: Path, sketches: Any) -> None:
    data = sketches.write(sketches.Model())
    (tmp_path / "model.tflite").write_bytes(data)
    (tmp_path / "model.cc").write_text(f"unsigned char m[] = {{{','.join(map(str, data))}}};")
    assert extractor_for(tmp_path / "model.tflite") is tflite.EXTRACTOR
    assert extractor_for(tmp_path / "model.cc") is c_array.EXTRACTOR
    assert model_bytes(tmp_path / "model.tflite") == model_bytes(tmp_path / "model.cc") == data


def test_a_file_that_no_extractor_accepts(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no model")
    with pytest.raises(
        UnknownFormat, match=r"note\.txt: not a format TinyKG reads.*c-array.*tflite"
    ) as caught:
        extractor_for(tmp_path / "note.txt")
    assert set(caught.value.accepted) == set(extractors().working)


@pytest.mark.usefixtures("plugin")
def test_a_file_that_two_extractors_accept_is_read_by_neither(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(b"")
    both = load([*BUILT_IN, point("everything", "plugin_of_this_test:EXTRACTOR")])
    assert both.accepting(tmp_path / "model.tflite") == ("everything", "tflite")
    with pytest.raises(UnknownFormat, match=r"2 extractors accept it \(everything, tflite\)"):
        both.choose(tmp_path / "model.tflite")


@pytest.mark.usefixtures("plugin")
def test_a_plugin_reads_what_only_it_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "board.xyz").write_bytes(b"bytes")
    found = load([*BUILT_IN, point("everything", "plugin_of_this_test:EXTRACTOR")])
    record = found.choose(tmp_path / "board.xyz").extract(tmp_path / "board.xyz")
    assert isinstance(record, DeviceType)
    monkeypatch.setattr("tinykg.extract.installed.extractors", lambda: found)
    assert model_bytes(tmp_path / "board.xyz") == b"bytes"


def test_a_faulty_plugin_is_named_and_stops_no_other(
    plugin: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raises_at_import.py").write_text("class Odd(Exception): ...\nraise Odd('on purpose')")
    monkeypatch.syspath_prepend(tmp_path)
    found = load(
        [
            point("absent", "no_such_module_here:X"),
            point("attribute", f"{plugin.__name__}:MISSING"),
            point("import", "raises_at_import:X"),
            point("object", f"{plugin.__name__}:NOT_ONE"),
            point("tflite", "tinykg.extract.tflite:EXTRACTOR"),
            point("tflite", "zzz:EXTRACTOR"),
        ]
    )
    assert isinstance(found, Extractors)
    assert list(found.working) == ["tflite"]
    assert found.broken["absent"].startswith("no_such_module_here:X: ModuleNotFoundError")
    assert found.broken["attribute"].startswith("plugin_of_this_test:MISSING: AttributeError")
    assert found.broken["import"] == "raises_at_import:X: Odd: on purpose"
    assert found.broken["object"].startswith("plugin_of_this_test:NOT_ONE: no Extractor")
    assert found.broken["tflite (zzz:EXTRACTOR)"] == "another extractor is called tflite"
