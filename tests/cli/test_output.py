"""Printing: what goes where, and what never reaches a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tinykg.cli.output import note, print_json, print_pairs, print_paragraph, print_table, say, terminal_width

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from command_line import Tinykg


def test_json_keeps_letters_and_order(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"b": "naïve", "a": [1, None]})
    assert capsys.readouterr().out == '{\n  "b": "naïve",\n  "a": [\n    1,\n    null\n  ]\n}\n'


def test_json_escapes_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_json("\x1b[2J")
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert json.loads(out) == "\x1b[2J"


def test_notes_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    note("3 rows")
    assert capsys.readouterr() == ("", "3 rows\n")


def test_lines_stay_lines_and_control_characters_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    say("one\n  two \x1b[31mred\x1b[0m\a")
    assert capsys.readouterr().out == "one\n  two \\x1b[31mred\\x1b[0m\\x07\n"


def test_pairs_are_aligned_and_nothing_is_said_of_none(capsys: pytest.CaptureFixture[str]) -> None:
    print_pairs([("name", "nano33"), ("aliases", None), ("a longer name", "x")])
    assert capsys.readouterr().out == "name           nano33\na longer name  x\n"


def test_no_pairs_are_no_lines(capsys: pytest.CaptureFixture[str]) -> None:
    print_pairs([("name", None)])
    assert capsys.readouterr().out == ""


def test_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "n"), [("x", "10"), ("y", "9")], right=("n",))
    assert capsys.readouterr().out == "name   n\n----  --\nx     10\ny      9\n"


def test_width_matters_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert terminal_width() is None
    print_paragraph("word " * 20)
    assert len(capsys.readouterr().out.splitlines()) == 1
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert terminal_width() == 30
    print_paragraph("word " * 20, first="- ", hanging="  ")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 30


def test_a_name_in_a_strangers_file_cannot_command_the_terminal(
    tinykg: Tinykg, test_data: Path, tmp_path: Path
) -> None:
    """A custom operator is called what its file calls it, in every answer that names it."""
    known = next((test_data / "models").rglob("person_detect_vela.tflite")).read_bytes()
    hostile = tmp_path / "hostile.tflite"
    hostile.write_bytes(known.replace(b"ethos-u", b"\x1b[31mZZ"))
    for words in (["inspect"], ["inspect", "--full"], ["match", "--device", "nano33", "--all", "--model"]):
        out = tinykg(*words, str(hostile)).out
        assert "\\x1b[31mZZ" in out
        assert "\x1b" not in out
