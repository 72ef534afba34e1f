"""A file that is refused says why, stops no other, and leaves no trace."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from intake_files import (
    BOARD,
    digest,
    model_bytes,
    write_board,
    write_model,
    write_model_sheet,
)
from registry_content import kept, size

from tinykg.errors import InputError, UnknownName

if TYPE_CHECKING:
    from tinykg.registry import Registry


def test_a_refused_file_stops_no_other(small_registry: Registry, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(model_bytes()[:100])
    text = tmp_path / "notes.txt"
    text.write_text("no model")
    typo = write_board(tmp_path / "typo.toml", BOARD.replace("sensors = []", "senors = []"))
    good = write_model(tmp_path / "good.tflite")
    found = {Path(intake.path).name: intake for intake in small_registry.add(broken, text, typo, good)}
    assert {name: intake.status for name, intake in found.items()} == {
        "broken.tflite": "refused",
        "notes.txt": "refused",
        "typo.toml": "refused",
        "good.tflite": "added",
    }
    assert "senors" in (found["typo.toml"].problem or "")
    assert "not a format TinyKG reads" in (found["notes.txt"].problem or "")
    for name in ("broken.tflite", "notes.txt", "typo.toml"):
        assert (found[name].problem or "").startswith(str(tmp_path / name))
    assert kept(small_registry) == [digest(model_bytes())]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ('task = "keyword-spoting"', "Expected a task of the vocabulary"),
        ('source_address = "not an address"', "Expected the http(s) address of the page"),
        ('source_address = ""', "Expected the http(s) address of the page"),
        ('file_address = "ftp//x y"', "Expected the http(s) address of the file"),
        ('licence = "GPL/3"', "Expected one licence"),
        ('created = "last year"', "Expected one date"),
        ('description = ""', "at most one description"),
        ('[dataset]\nname = "d"\naddress = "see the paper"', "Expected the http(s) address of the data set"),
        (
            '[[evaluation]]\nmetric = "top-1-accuracy"\nvalue = 93.2\nsource = "x"',
            "Divide a percentage by 100",
        ),
        ('[[evaluation]]\nmetric = "acuracy"\nvalue = 0.9\nsource = "x"', "metric of the vocabulary"),
        (
            '[[evaluation]]\nmetric = "top-1-accuracy"\nvalue = nan\nsource = "x"',
            "tk:value: An evaluation has one value, an xsd:double. (found NaN)",
        ),
        ('[[sensor]]\nobserves = "sounds"', "property/sounds"),
        ('[[sensor]]\nobserves = "sound"\nrate_hz = -1', "rateHz"),
    ],
    ids=lambda text: text.split("\n")[-1][:24],
)
def test_a_sheet_that_breaks_a_shape_is_refused_with_its_sentence(
    small_memory: Registry, tmp_path: Path, more: str, complaint: str
) -> None:
    before = size(small_memory)
    file = write_model(tmp_path / "waves.tflite")
    sheet = write_model_sheet(tmp_path / "sheet.toml", digest(model_bytes()), more=more)
    (refused,) = small_memory.add(file, sheet)
    assert refused.status == "refused"
    assert (refused.kind, refused.name) == (None, None)
    assert re.search(r"sheet\.toml: breaks [12] rule\(s\); nothing was written\.", refused.problem or "")
    assert complaint in (refused.problem or "")
    assert size(small_memory) == before


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('core = "cortex-m4f"', 'core = "cortex-m4g"', "core/cortex-m4g"),
        ('kind = "sram"', 'kind = "srm"', "memory-kind/srm"),
        ('system = "bare-metal"', 'system = "freertos"', "system/freertos"),
        ("total_bytes = 262_144", "total_bytes = -1", "totalBytes"),
        ("total_bytes = 262_144", "total_bytes = 262_144\nfree_bytes = 999_999", "freeBytes"),
        ('aliases = ["mb"]', "active_power_mw = nan", "activePowerMilliwatt"),
        ('name = "My board"', 'name = ""', "name"),
    ],
)
def test_a_board_that_breaks_a_shape_is_refused_with_its_sentence(
    small_memory: Registry, tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    before = size(small_memory)
    (refused,) = small_memory.add(write_board(tmp_path / "my-board.toml", BOARD.replace(old, new)))
    assert refused.status == "refused"
    assert "my-board.toml: breaks" in (refused.problem or "")
    assert complaint in (refused.problem or "")
    assert size(small_memory) == before


@pytest.mark.parametrize("stem", ["My-Board", "my board", "my_board", "böard", "-board"])
def test_a_board_whose_stem_is_no_slug_is_refused_and_says_so(
    small_memory: Registry, tmp_path: Path, stem: str
) -> None:
    (refused,) = small_memory.add(write_board(tmp_path / f"{stem}.toml"))
    assert "A device type has one slug: lower-case letters and digits" in (refused.problem or "")


@pytest.mark.parametrize("name", ["has blank", "a/b", ""])
def test_a_model_name_that_a_shell_cannot_use_is_refused(
    small_memory: Registry, tmp_path: Path, name: str
) -> None:
    file = write_model(tmp_path / "waves.tflite")
    sheet = write_model_sheet(tmp_path / "sheet.toml", digest(model_bytes()), name=name)
    (refused,) = small_memory.add(file, sheet)
    assert "A model has one name without blanks or slashes" in (refused.problem or "")


def test_a_file_whose_stem_is_no_name_is_refused_and_says_so(small_memory: Registry, tmp_path: Path) -> None:
    (refused,) = small_memory.add(write_model(tmp_path / "my model.tflite"))
    assert "A model has one name without blanks or slashes" in (refused.problem or "")


@pytest.mark.parametrize("sha256", ["0" * 64, "", "../../etc/passwd", "a b"])
def test_a_sheet_without_its_file_is_refused(small_memory: Registry, tmp_path: Path, sha256: str) -> None:
    (refused,) = small_memory.add(write_model_sheet(tmp_path / "sheet.toml", sha256))
    assert refused.status == "refused"
    assert "add it together with its model file" in (refused.problem or "")


def test_a_path_that_is_not_there_is_an_error_before_anything_is_done(
    small_registry: Registry, tmp_path: Path
) -> None:
    good = write_model(tmp_path / "good.tflite")
    with pytest.raises(InputError, match="no such file or folder"):
        small_registry.add(good, tmp_path / "absent.tflite")
    with pytest.raises(UnknownName):
        small_registry.model("good")
