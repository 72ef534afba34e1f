"""`tinykg inspect`: what a file says, with the keys that programs rely on."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinykg.files import data_folder

if TYPE_CHECKING:
    from command_line import Tinykg

DIGITS = str(data_folder() / "models" / "files" / "digits_cnn_int8.tflite")
KEYS = {"sha256", "file_bytes", "macs", "parameters", "operators", "inputs", "outputs", "footprints"}
FIGURES = {"arena_used_bytes", "arena_bytes", "ram_bytes", "flash_bytes"}


def test_text(tinykg: Tinykg) -> None:
    done = tinykg("inspect", DIGITS)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("file         digits_cnn_int8.tflite, ")
    assert any(line.startswith("operators    CONV_2D v") for line in lines)
    assert any(line.startswith("input        ") and "int8 1x8x8x1" in line for line in lines)
    at = next(i for i, line in enumerate(lines) if line.startswith("footprint by runtime"))
    [ours] = [line.split() for line in lines[at:] if line.startswith("tflm-ref-arm32 ")]
    assert ours == ["tflm-ref-arm32", "1988", "2048", "2576", "38004"]


def test_json_keys(tinykg: Tinykg) -> None:
    value = tinykg("inspect", DIGITS, "--json").json
    assert set(value) >= KEYS
    assert len(value["sha256"]) == 64
    assert all(isinstance(value[key], int) for key in ("file_bytes", "macs", "parameters"))
    names = [footprint["runtime"] for footprint in value["footprints"]]
    assert sorted(names) == [runtime["name"] for runtime in tinykg("list", "runtimes", "--json").json]
    for footprint in value["footprints"]:
        assert {"runtime", "evidence"} <= set(footprint)
        assert ("refused" in footprint) != (set(footprint) >= FIGURES)


def test_json_of_operators_and_tensors(tinykg: Tinykg) -> None:
    value = tinykg("inspect", DIGITS, "--json").json
    assert value["operators"][0]["operator"] == "CONV_2D"
    assert {"operator", "version", "count"} == set(value["operators"][0])
    [tensor] = value["inputs"]
    assert (tensor["element_type"], tensor["shape"], tensor["bytes"]) == ("int8", [1, 8, 8, 1], 64)
    assert len(tensor["quantization"]["scales"]) == 1


def test_full_adds_layers_and_tensors(tinykg: Tinykg) -> None:
    plain = tinykg("inspect", DIGITS, "--json").json
    full = tinykg("inspect", DIGITS, "--json", "--full").json
    assert set(full) - set(plain) == {"subgraphs"}
    [graph] = full["subgraphs"]
    assert sum(layer["macs"] for layer in graph["layers"]) == full["macs"]
    assert sum(layer["parameters"] for layer in graph["layers"]) == full["parameters"]
    assert {layer["operator"] for layer in graph["layers"]} == {use["operator"] for use in full["operators"]}
    text = tinykg("inspect", DIGITS, "--full").out
    assert "\nsubgraph 0" in text
    assert "\nlayer  operator" in text


def test_a_refusal_has_its_reason_in_place_of_figures(tinykg: Tinykg, test_data: Path) -> None:
    file = str(next((test_data / "models" / "ren").glob("Person_Detection*.tflite")))
    value = tinykg("inspect", file, "--json").json
    [refused] = [f for f in value["footprints"] if f["runtime"] == "tflm-ref-arm32"]
    assert "CONV_2D" in refused["refused"]
    assert "uint8" in refused["refused"]
    assert not FIGURES & set(refused)
    assert refused["refusals"][0]["element_types"]
    text = tinykg("inspect", file).out
    assert "tflm-ref-arm32" in text[text.index("refused by ") :].splitlines()[0]


def test_figures_are_those_of_the_measured_table(tinykg: Tinykg, test_data: Path) -> None:
    """Arena used and the least to reserve, for every model that the reference kernels ran."""
    with (test_data / "tflm_arena_arm32.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kernels"] == "ref" and row["arena_used_bytes"]]
    truth = {row["sha256"]: row for row in rows}
    checked = 0
    for path in sorted((test_data / "models").rglob("*.tflite")):
        value = tinykg("inspect", str(path), "--json").json
        row = truth.get(value["sha256"])
        if row is not None:
            [ours] = [f for f in value["footprints"] if f["runtime"] == "tflm-ref-arm32"]
            measured = (int(row["arena_used_bytes"]), int(row["min_arena_bytes_allocate_ok"]))
            assert (ours["arena_used_bytes"], ours["arena_bytes"]) == measured, path.name
            checked += 1
    assert checked >= 40


def test_a_c_array_is_read_like_the_file(tinykg: Tinykg, tmp_path: Path) -> None:
    content = Path(DIGITS).read_bytes()
    source = tmp_path / "model.cc"
    source.write_text("alignas(16) const unsigned char g_model[] = {" + ",".join(map(hex, content)) + "};\n")
    assert tinykg("inspect", str(source), "--json").json == tinykg("inspect", DIGITS, "--json").json


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 8 + b"TF", b"\x1c\x00\x00\x00TFL3" + b"\xff" * 40],
    ids=["empty", "cut", "wild-offsets"],
)
def test_a_broken_file_is_answered_with_the_place(tinykg: Tinykg, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.tflite"
    file.write_bytes(content)
    done = tinykg("inspect", str(file))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"tinykg: {file}: ")
    assert " - at " in done.err


def test_a_file_of_another_format_lists_what_is_read(tinykg: Tinykg, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("hello")
    done = tinykg("inspect", str(file))
    assert (done.code, done.out) == (2, "")
    assert "not a format TinyKG reads. It reads: " in done.err


def test_inspecting_registers_nothing(tinykg: Tinykg) -> None:
    before = tinykg("list", "models").out
    tinykg("inspect", DIGITS)
    assert tinykg("list", "models").out == before
