"""`tinykg build`: what a firmware's build needs, in three forms; the exit code is the verdict."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinykg.extract.c_array import read_source

if TYPE_CHECKING:
    from command_line import Tinykg

DIGITS = Path(__file__).resolve().parents[2] / "data" / "models" / "files" / "digits_cnn_int8.tflite"


@pytest.mark.parametrize("options", [(), ("--json",), ("--format", "json")])
def test_json_is_the_default(tinykg: Tinykg, options: tuple[str, ...]) -> None:
    done = tinykg("build", "kws", "--on", "nano33", *options)
    assert (done.code, done.err) == (0, "")
    assert (done.json["verdict"], done.json["model"]["name"]) == ("fits", "kws_ref_model")
    assert done.json["arena"]["arena_bytes"] == 22832
    assert done.json["senses"][0]["observed_by"] == [{"kind": "microphone", "part": "MP34DT05"}]


def test_the_header_has_the_same_figures(tinykg: Tinykg) -> None:
    done = tinykg("build", "kws", "--on", "nano33", "--format", "header")
    assert done.code == 0
    assert done.out.startswith("/*\n * kws_ref_model on Arduino Nano 33 BLE Sense")
    assert "#define TINYKG_KWS_REF_MODEL_ARENA_BYTES 22832\n" in done.out
    assert done.out.endswith("#endif /* TINYKG_KWS_REF_MODEL_BUILD_H */\n")


def test_a_runtime_that_is_named_is_taken(tinykg: Tinykg) -> None:
    done = tinykg("build", "kws", "--on", "nano33", "--runtime", "tflm-ref-arm32")
    assert done.json["runtime"]["name"] == "tflm-ref-arm32"
    assert done.json["runtime"]["kernel_set"] == "reference"


def test_a_misfit_is_exit_code_1_and_says_why(tinykg: Tinykg) -> None:
    done = tinykg("build", "kws", "--on", "uno")
    assert done.code == 1
    assert done.json["verdict"] == "does not fit"
    assert "does not fit: needs " in done.err


def test_the_c_array_is_the_file(tinykg: Tinykg) -> None:
    done = tinykg("build", "digits-cnn", "--on", "nano33", "--format", "c-array")
    [array] = read_source(done.out, "digits.c")
    assert (done.code, array.data) == (0, DIGITS.read_bytes())


def test_a_file_is_written_whole(tinykg: Tinykg, tmp_path: Path) -> None:
    target = tmp_path / "model.h"
    done = tinykg("build", "kws", "--on", "nano33", "--format", "header", "--output", str(target))
    assert (done.code, done.out) == (0, "")
    assert target.read_text() == tinykg("build", "kws", "--on", "nano33", "--format", "header").out


def test_without_the_bytes_there_is_no_array_and_no_file(tinykg: Tinykg, tmp_path: Path) -> None:
    target = tmp_path / "model.c"
    done = tinykg("build", "kws", "--on", "nano33", "--format", "c-array", "-o", str(target))
    assert (done.code, done.out) == (2, "")
    assert "The registry has no bytes of 'kws_ref_model'" in done.err
    assert "https://" in done.err
    assert not target.exists()


def test_a_file_that_nobody_registered(tinykg: Tinykg, tmp_path: Path) -> None:
    path = Path(shutil.copy(DIGITS, tmp_path / "My Model.tflite"))
    done = tinykg("build", str(path), "--on", "nano33", "--format", "c-array")
    [array] = read_source(done.out, "model.c")
    assert array.name == "my_model_tflite"
    assert hashlib.sha256(array.data).digest() == hashlib.sha256(path.read_bytes()).digest()


@pytest.mark.parametrize(
    "words",
    [
        ("build",),
        ("build", "kws"),
        ("build", "no-such-model", "--on", "nano33"),
        ("build", "kws", "--on", "no-such-board"),
        ("build", "kws", "--on", "nano33", "--format", "rust"),
    ],
)
def test_wrong_use_is_exit_code_2(tinykg: Tinykg, words: tuple[str, ...]) -> None:
    done = tinykg(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err
