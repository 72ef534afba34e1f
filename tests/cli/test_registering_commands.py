"""`tinykg add` and `tinykg remove`: what became of each file, exit codes, nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinykg.files import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Tinykg

SHEET = """
name = "Shelf Board"
aliases = ["shelf"]
system = "bare-metal"
sensors = []
source = "our own board"

[[processor]]
core = "cortex-m4f"

[[memory]]
kind = "sram"
total_bytes = 65_536

[[memory]]
kind = "flash"
total_bytes = 524_288
"""


@pytest.fixture
def board(tmp_path: Path) -> Path:
    path = tmp_path / "shelf-board.toml"
    path.write_text(SHEET)
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model that the catalogue does not have: one of its own with bytes to spare at the end."""
    path = tmp_path / "My_Digits.tflite"
    known = data_folder() / "models" / "files" / "digits_mlp_int8.tflite"
    path.write_bytes(known.read_bytes() + bytes(16))
    return path


def test_a_board_is_added_matched_and_removed(own_tinykg: Tinykg, board: Path) -> None:
    added = own_tinykg("add", str(board))
    assert (added.code, added.out, added.err) == (0, "added: device shelf-board\n", "1 added\n")
    assert own_tinykg("match", "--device", "shelf", "--model", "Hello_World").code == 0
    removed = own_tinykg("remove", "shelf")
    assert (removed.code, removed.out) == (0, "removed: device shelf\n")
    assert own_tinykg("show", "shelf").code == 2


def test_a_model_is_added_with_its_footprints(own_tinykg: Tinykg, model: Path) -> None:
    done = own_tinykg("add", str(model))
    assert (done.code, done.out) == (0, "added: model My_Digits\n")
    match = own_tinykg("match", "--model", "My_Digits", "--device", "nano33", "--json").json
    assert match[0]["verdict"] == "fits"


def test_adding_again_changes_nothing_and_says_so(own_tinykg: Tinykg, board: Path) -> None:
    own_tinykg("add", str(board))
    before = own_tinykg("export", "--format", "nquads").out
    again = own_tinykg("add", str(board))
    assert (again.code, again.err) == (0, "1 unchanged\n")
    assert own_tinykg("export", "--format", "nquads").out == before


def test_a_dry_run_writes_nothing(own_tinykg: Tinykg, board: Path) -> None:
    done = own_tinykg("add", "--dry-run", str(board))
    assert done.code == 0
    assert done.err == "1 added (dry run: nothing was written)\n"
    assert own_tinykg("show", "shelf").code == 2


def test_one_bad_file_is_refused_and_named_and_the_rest_goes_in(own_tinykg: Tinykg, board: Path) -> None:
    bad = board.with_name("bad.toml")
    bad.write_text(SHEET.replace("Shelf Board", "Bad Board").replace("65_536", '"much"'))
    done = own_tinykg("add", str(bad), str(board))
    assert done.code == 2
    assert "added: device shelf-board\n" in done.out
    assert "bad.toml: " in done.out
    assert "`$.memory[0].total_bytes`" in done.out
    assert own_tinykg("show", "shelf").code == 0


def test_a_record_that_breaks_a_rule_is_refused(own_tinykg: Tinykg, board: Path) -> None:
    board.write_text(SHEET.replace("cortex-m4f", "cortex-m99"))
    done = own_tinykg("add", str(board))
    assert done.code == 2
    assert "core" in done.out
    assert own_tinykg("show", "shelf").code == 2


def test_json(own_tinykg: Tinykg, board: Path) -> None:
    done = own_tinykg("add", "--json", str(board))
    assert (done.code, done.err) == (0, "")
    [intake] = done.json
    assert (intake["status"], intake["kind"], intake["name"]) == ("added", "device", "shelf-board")
    assert intake["path"] == str(board)


def test_a_folder_with_nothing_to_read_says_so(own_tinykg: Tinykg, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    done = own_tinykg("add", str(folder))
    assert (done.code, done.out, done.err) == (0, "", "no file that TinyKG reads\n")


def test_a_path_that_is_not_there_is_an_error(own_tinykg: Tinykg, tmp_path: Path) -> None:
    done = own_tinykg("add", str(tmp_path / "nosuch"))
    assert done.code == 2
    assert "nosuch" in done.out + done.err


def test_several_names_are_removed(own_tinykg: Tinykg, board: Path, model: Path) -> None:
    own_tinykg("add", str(board), str(model))
    done = own_tinykg("remove", "shelf-board", "My_Digits")
    assert (done.code, done.out.splitlines()) == (
        0,
        ["removed: device shelf-board", "removed: model My_Digits"],
    )


def test_an_unknown_name_is_not_removed(own_tinykg: Tinykg) -> None:
    done = own_tinykg("remove", "Magic_Wand")
    assert (done.code, done.out) == (2, "")
    assert "Magic_Wand_1" in done.err


def test_progress_is_for_terminals_and_long_work_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tinykg.cli.add import _progress

    _progress(3, 9, "file.tflite")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    _progress(1, 4, "file.tflite")
    assert capsys.readouterr().err == ""
    _progress(3, 9, "file.tflite")
    assert capsys.readouterr().err.startswith("\r[##########....................] 3/9 file.tflite")
    _progress(9, 9, "file.tflite")
    assert capsys.readouterr().err.endswith("\r" + " " * 90 + "\r")
