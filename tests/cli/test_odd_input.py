"""What strangers type by mistake: odd files, odd names, odd numbers, an odd surrounding."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tinykg.cli.main import group
from tinykg.files import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from command_line import Tinykg

DIGITS = data_folder() / "models" / "files" / "digits_mlp_int8.tflite"
NO_TEXT = os.fsdecode(b"\xff")
"""What a byte that is no UTF-8 becomes in an argument."""

SHEET = """name = "{name}"\naliases = ["{alias}"]\nsensors = []\nsource = "our own board"
[[memory]]\nkind = "{kind}"\ntotal_bytes = 65_536\n"""


def board(folder: Path, slug: str, *, name: str = "Own Board", alias: str = "own", kind: str = "sram") -> str:
    path = folder / f"{slug}.toml"
    path.write_text(SHEET.format(name=name, alias=alias, kind=kind), encoding="utf-8")
    return str(path)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Path.mkdir, "is a folder; name a file"),
        (os.mkfifo, "is a pipe or a device; write what it gives into a file first"),
        (loop, "Too many levels of symbolic links"),
        (lambda path: path.symlink_to("nowhere"), "no such file"),
        (lambda _: None, "no such file"),
    ],
    ids=["folder", "pipe", "loop", "dangling", "nothing"],
)
@pytest.mark.parametrize("words", ["inspect", "match --model", "explain"])
def test_what_is_no_file_is_named_for_what_it_is(
    tinykg: Tinykg, tmp_path: Path, words: str, make: Callable[[Path], None], said: str
) -> None:
    path = tmp_path / "model.tflite"
    make(path)
    done = tinykg(*words.split(), str(path), *(["nano33"] if words == "explain" else []))
    assert (done.code, done.out, done.err) == (2, "", f"tinykg: {path}: {said}\n")


def test_a_folder_with_a_name_that_is_no_text_is_added_but_for_it(own_tinykg: Tinykg, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("good.tflite", f"{NO_TEXT}.tflite"):
        shutil.copy(DIGITS, folder / name)
    done = own_tinykg("add", str(folder))
    assert done.code == 2
    assert done.out.splitlines() == [
        f"{folder}/\\udcff.tflite: its name is not UTF-8; rename it",
        "unchanged: model digits_mlp_int8",
    ]
    refused = own_tinykg("add", str(folder / f"{NO_TEXT}.tflite"), "--json")
    assert [(item["status"], item["path"]) for item in refused.json] == [("refused", f"{folder}/?.tflite")]


@pytest.mark.parametrize(
    "words", ["show", "remove", "match --device", "match --model", "export", "build --on nano33"]
)
def test_a_name_that_is_no_text_is_an_unknown_one(tinykg: Tinykg, words: str) -> None:
    done = tinykg(*words.split(), NO_TEXT)
    assert (done.code, done.out) == (2, "")
    assert "'\\udcff'" in done.err


@pytest.mark.parametrize("name", ["./model", "model.bin", "sub/model"])
def test_a_model_is_a_file_where_it_looks_like_one(
    tinykg: Tinykg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    shutil.copy(DIGITS, name)
    done = tinykg("match", "--model", name, "--device", "nano33", "--json")
    assert [(m["model"], m["verdict"]) for m in done.json] == [(Path(name).name, "fits")]


def test_a_file_does_not_hide_the_model_of_its_name(
    tinykg: Tinykg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Hello_World").write_bytes(b"")
    assert tinykg("match", "--model", "Hello_World", "--device", "nano33").code == 0


def test_all_names_are_removed_or_none(own_tinykg: Tinykg, tmp_path: Path) -> None:
    assert own_tinykg("add", board(tmp_path, "one", alias="a"), board(tmp_path, "two", alias="b")).code == 0
    failed = own_tinykg("remove", "one", "nosuch", "two")
    assert (failed.code, failed.out) == (2, "")
    assert own_tinykg("show", "one").code == 0
    done = own_tinykg("remove", "one", "two", "one")
    assert (done.code, done.out) == (0, "removed: device one\nremoved: device two\n")


def test_a_name_of_several_boards_is_called_so(own_tinykg: Tinykg, tmp_path: Path) -> None:
    own_tinykg("add", board(tmp_path, "one"), board(tmp_path, "two"))
    said = "'own' is what more than one device is called: one, two. Name one of them."
    for words in (
        ["show", "own"],
        ["show", "own", "--sources"],
        ["remove", "own"],
        ["explain", "person_detect", "own"],
    ):
        done = own_tinykg(*words)
        assert (done.code, done.out, done.err) == (2, "", f"tinykg: {said}\n")
    assert own_tinykg("match", "--device", "one", "--limit", "1").out.startswith("Own Board, models: ")


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ({"slug": "my_board"}, "A sheet's slug is its file's name: rename the file. (found my_board)"),
        ({"slug": "my-board", "kind": "ram"}, "with sram, dram, psram, flash"),
        ({"slug": "my-board", "name": "  "}, "A device type has one name"),
    ],
    ids=["slug", "kind", "blank"],
)
def test_a_board_with_a_mistake_is_refused_with_what_to_do(
    own_tinykg: Tinykg, tmp_path: Path, sheet: dict[str, str], said: str
) -> None:
    done = own_tinykg("add", board(tmp_path, **sheet))
    assert done.code == 2
    assert said in done.out
    assert own_tinykg("show", sheet["slug"]).code == 2


@pytest.mark.parametrize("number", ["nan", "inf", "-1"])
@pytest.mark.parametrize(
    "option", ["match --device nano33 --max-latency", "match --device nano33 --min-accuracy"]
)
def test_a_number_that_bounds_nothing_is_wrong_use(tinykg: Tinykg, option: str, number: str) -> None:
    done = tinykg(*option.split(), number)
    assert (done.code, done.out) == (2, "")
    assert "Invalid value for" in done.err


def test_only_of_a_file_it_is_said_what_it_senses(tinykg: Tinykg) -> None:
    for words in (["--device", "nano33"], ["--model", "Hello_World"]):
        done = tinykg("match", *words, "--senses", "sound")
        assert (done.code, done.out) == (2, "")
        assert "of a model's file only" in done.err


def test_an_address_is_no_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tinykg: Tinykg) -> None:
    monkeypatch.chdir(tmp_path)
    done = tinykg("--registry", "https://example.org/sparql", "list", "models")
    assert (done.code, done.out) == (2, "")
    assert "'https://example.org/sparql' is an address" in done.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "value", "colours"),
    [("NO_COLOR", "1", False), ("NO_COLOR", "", True), ("TERM", "dumb", False), ("TERM", "xterm", True)],
)
def test_who_wants_no_colours_gets_none(
    tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch, name: str, value: str, *, colours: bool
) -> None:
    del tinykg
    monkeypatch.setenv(name, value)
    done = CliRunner().invoke(group, ["doctor"], color=True)
    assert ("\x1b[" in done.output) is colours


def test_a_query_comes_from_a_pipe_too(tinykg: Tinykg) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"ASK {}")
    os.close(writing)
    done = tinykg("query", f"/dev/fd/{reading}")
    os.close(reading)
    assert (done.code, done.out) == (0, "true\n")


def in_shell(command: str, registry: Path, *, most_bytes: int | None = None) -> tuple[int, str, str]:
    """What a shell's command line gave; files that it writes may be limited in size."""

    def limit() -> None:
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    done = subprocess.run(
        ["sh", "-c", f'tinykg() {{ "{sys.executable}" -m tinykg "$@"; }}; {command}'],
        env={**os.environ, "TINYKG_REGISTRY": str(registry)},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("words", ["list devices", "match --device nano33 --json", "export nano33", "doctor"])
def test_output_that_cannot_be_written_is_said(shelf: Path, words: str) -> None:
    code, _, err = in_shell(f"tinykg {words} >/dev/full", shelf)
    assert (code, err) == (3, "tinykg: The output cannot be written: No space left on device\n")


@pytest.mark.parametrize(
    ("command", "code", "err"),
    [
        ("tinykg list tasks >&-", 0, ""),
        ("tinykg show nosuch 2>&-", 2, ""),
        ("tinykg query - <&- 2>&-", 2, ""),
    ],
    ids=["output", "errors", "input"],
)
def test_a_closed_stream_is_an_empty_one(shelf: Path, command: str, code: int, err: str) -> None:
    assert in_shell(command, shelf) == (code, "", err)


def test_a_disk_that_is_full_at_first_use_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    code, out, err = in_shell("tinykg list models", folder, most_bytes=300_000)
    assert (code, out) == (3, "")
    assert err.startswith(f"tinykg: The registry {folder} cannot be filled: ")
    assert "None" not in err
    assert err.count("\n") == 1
    assert [path.name for path in folder.iterdir()] == ["lock"]
