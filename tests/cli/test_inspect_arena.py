"""`tinykg inspect` with --explain-arena, --svg and --verify, as it is called."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from tinykg.cli.main import group
from tinykg.errors import InputError, MissingExtra, UnknownName
from tinykg.files import data_folder

if TYPE_CHECKING:
    from pathlib import Path

MODELS = data_folder() / "models" / "files"
DIGITS = str(MODELS / "digits_cnn_int8.tflite")

needs_wheel = pytest.mark.skipif(
    find_spec("tflite_micro") is None, reason="the tflite-micro wheel is not installed (extra bench)"
)


def run(*words: str) -> Result:
    return CliRunner().invoke(group, ["--registry", "memory:", "inspect", *words])


def test_explain_arena_shows_plan_tail_and_sums() -> None:
    done = run(DIGITS, "--explain-arena")
    assert done.exit_code == 0
    assert done.stdout.startswith("arena on tflm-ref-arm32\n")
    for part in ("head: 640 B, 8 buffers", "tail: 1348 B", "arena used: 1988 B", "least arena: 2048 B"):
        assert part in done.stdout
    assert "\x1b" not in done.stdout


def test_another_runtime_is_explained_by_name() -> None:
    done = run(DIGITS, "--explain-arena", "--runtime", "tflm-cmsis-nn-arm32")
    assert done.stdout.startswith("arena on tflm-cmsis-nn-arm32\n")


def test_an_unknown_runtime_names_near_ones() -> None:
    done = run(DIGITS, "--runtime", "tflm-ref-arm3")
    assert isinstance(done.exception, UnknownName)
    assert "tflm-ref-arm32" in str(done.exception)


def test_the_terminals_width_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = run(DIGITS, "--explain-arena").stdout.splitlines()
    assert max(map(len, lines)) <= 60


def test_json_adds_the_parts_and_keeps_the_keys() -> None:
    plain = json.loads(run(DIGITS, "--json").stdout)["footprints"]
    parts = json.loads(run(DIGITS, "--json", "--explain-arena").stdout)["footprints"]
    assert len(plain) == len(parts) > 3
    for before, after in zip(plain, parts, strict=True):
        assert before.items() <= after.items()
        if "refused" in after:
            continue
        assert set(after) - set(before) == {"tail", "plan", "peak", "peak_moment"}
        if not after["peak"]:  # no interpreter allocates: an arena made by a compiler or a process
            continue
        assert sum(share["bytes"] for share in after["tail"]) == after["tail_bytes"]
        assert sum(share["bytes"] for share in after["peak"]) == after["arena_bytes"]
        assert max(b["offset_bytes"] + b["size_bytes"] for b in after["plan"]) == after["head_bytes"]


def test_svg_is_written(tmp_path: Path) -> None:
    target = tmp_path / "plan.svg"
    done = run(DIGITS, "--explain-arena", "--svg", str(target))
    assert done.exit_code == 0
    assert done.stderr == f"wrote {target}\n"
    root = ET.parse(target).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_svg_into_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    done = run(DIGITS, "--svg", str(tmp_path / "no" / "plan.svg"))
    assert isinstance(done.exception, InputError)
    assert "No such file or directory" in str(done.exception)


def test_a_refused_file_has_reasons_and_no_picture(test_data: Path, tmp_path: Path) -> None:
    vela = str(test_data / "models" / "tflm" / "person_detect_vela.tflite")
    done = run(vela, "--explain-arena", "--runtime", "tflm-ref-arm32")
    assert "has no kernel for the custom operator ethos-u" in done.stdout
    done = run(vela, "--runtime", "tflm-ref-arm32", "--svg", str(tmp_path / "plan.svg"))
    assert isinstance(done.exception, InputError)
    assert not (tmp_path / "plan.svg").exists()


def test_verify_without_the_wheel_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykg.bench.tflite_micro_wheel.find_spec", lambda _: None)
    done = run(DIGITS, "--verify")
    assert isinstance(done.exception, MissingExtra)
    assert "pip install 'tinykg[bench]'" in str(done.exception)


@needs_wheel
def test_verify_prints_both_totals() -> None:
    done = run(DIGITS, "--verify")
    assert done.exit_code == 0, done.stdout
    assert done.stdout.startswith("verified: equal to tflite_micro ")
    used = [word for word in done.stdout.splitlines()[1].split() if word.isdigit()]
    assert len(used) == 2
    assert used[0] == used[1]


@needs_wheel
def test_a_difference_shows_both_breakdowns_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykg.cli.inspect_verify.WHEEL_BUILD", "tflm-ref-arm32.toml")
    done = run(DIGITS, "--verify")
    assert done.exit_code == 1
    assert "not verified: tail differs from what" in done.stdout
    assert "computed B   reported B" in done.stdout
    assert "differs by -" in done.stdout
    done = run(DIGITS, "--verify", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["verification"]["agrees"] is False


@needs_wheel
def test_a_c_array_source_is_verified_by_the_model_in_it(tmp_path: Path) -> None:
    data = (MODELS / "digits_mlp_int8.tflite").read_bytes()
    source = tmp_path / "model.cc"
    source.write_text(f"const unsigned char model[] = {{{', '.join(map(str, data))}}};\n", encoding="utf-8")
    assert run(str(source), "--verify").exit_code == 0
