"""Shell completion: the scripts, and what they ask TinyKG for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from tinykg.files import query_names

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Tinykg


class Offer(Protocol):
    """`offered(...)` are the words that a shell offers after these."""

    def __call__(self, *words: str) -> list[str]: ...


@pytest.fixture
def offered(shelf: Path) -> Offer:
    """What bash gets, from a process of its own as in a shell: type and word."""

    def ask(*words: str) -> list[str]:
        environment = {
            **os.environ,
            "TINYKG_REGISTRY": str(shelf),
            "_TINYKG_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(("tinykg", *words)),
            "COMP_CWORD": str(len(words)),
        }
        done = subprocess.run(
            [sys.executable, "-m", "tinykg"], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return done.stdout.split()

    return ask


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell(tinykg: Tinykg, shell: str) -> None:
    done = tinykg("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert f"_TINYKG_COMPLETE={shell}_complete" in done.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_its_shell_takes(tinykg: Tinykg, shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(tinykg("completion", shell).out)
    subprocess.run([program, "-n", str(script)], check=True)


def test_bash_completes_a_board(tinykg: Tinykg, shelf: Path, tmp_path: Path) -> None:
    """The script, the program and the registry together, as at a prompt."""
    script = tmp_path / "script"
    script.write_text(tinykg("completion", "bash").out)
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "tinykg").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tinykg "$@"\n')
    (folder / "tinykg").chmod(0o755)
    typed = (
        f"source {script}; COMP_WORDS=(tinykg match --device arduino-nicla-v); COMP_CWORD=3; "
        "_tinykg_completion tinykg arduino-nicla-v --device; echo ${COMPREPLY[@]}"
    )
    environment = {**os.environ, "TINYKG_REGISTRY": str(shelf), "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", typed], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["arduino-nicla-vision", "arduino-nicla-voice"]


def test_boards_by_slug(offered: Offer) -> None:
    assert offered("match", "--device", "arduino-nano-33-ble-sense") == [
        "plain,arduino-nano-33-ble-sense",
        "plain,arduino-nano-33-ble-sense-rev2",
    ]


def test_boards_by_alias_where_no_slug_begins_so(offered: Offer) -> None:
    found = offered("explain", "Hello_World", "nano33b")
    assert "plain,nano33blesense" in found
    assert all(word.startswith("plain,nano33b") for word in found)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["match", "--model", "Magic_W"], ["plain,Magic_Wand_1", "plain,Magic_Wand_2"]),
        (["match", "--model", "magic_w"], ["plain,Magic_Wand_1", "plain,Magic_Wand_2"]),
        (["match", "--model", "./my"], ["file,./my"]),
        (["match", "--task", "keyword"], ["plain,keyword-spotting"]),
        (["match", "--runtime", "tflm-ref-a"], ["plain,tflm-ref-arm32"]),
        (["show", "raspberry-pi-z"], ["plain,raspberry-pi-zero-2-w"]),
        (["remove", "person_detect_"], ["plain,person_detect_vela"]),
        (["export", "tflm-ref-i"], ["plain,tflm-ref-int-enum32"]),
        (["query", "missing_"], ["plain,missing_facts", "plain,missing_sensors"]),
        (["query", "./q"], ["file,./q"]),
        (["list", "ru"], ["plain,runtimes"]),
        (["ma"], ["plain,match"]),
        (["show", "zzz"], []),
    ],
    ids=" ".join,
)
def test_what_is_offered(offered: Offer, words: list[str], found: list[str]) -> None:
    assert offered(*words) == found


def test_every_query_is_offered(offered: Offer) -> None:
    assert offered("query", "") == [f"plain,{name}" for name in query_names()]


def test_a_registry_that_cannot_be_read_is_silent(offered: Offer, tmp_path: Path) -> None:
    place = tmp_path / "a-file"
    place.write_text("not a folder")
    assert offered("--registry", str(place), "match", "--device", "ard") == []
