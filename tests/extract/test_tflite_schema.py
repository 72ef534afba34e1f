"""The generated schema module is what its generator makes, and holds what the reader relies on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tinykg.extract import tflite_schema as schema
from tinykg.extract.flatbuffer import MAX_SLOTS
from tinykg.extract.tflite_options import field_names
from tinykg.records.model_file import ELEMENT_BITS

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "tools" / "generate_tflite_schema.py"


def test_the_module_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(GENERATOR), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_module_that_differs_is_refused_with_the_command_that_repairs_it(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tinykg" / "extract").mkdir(parents=True)
    copy = tmp_path / "tools" / GENERATOR.name
    copy.write_bytes(GENERATOR.read_bytes())
    target = tmp_path / "tinykg" / "extract" / "tflite_schema.py"
    target.write_text("")
    done = subprocess.run([sys.executable, str(copy), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run: python tools/generate_tflite_schema.py" in done.stderr
    subprocess.run([sys.executable, str(copy)], check=True)
    assert target.read_bytes() == (ROOT / "tinykg" / "extract" / "tflite_schema.py").read_bytes()


def test_element_types_are_those_of_the_records() -> None:
    assert set(schema.ELEMENT_TYPES.values()) == set(ELEMENT_BITS)
    assert schema.ELEMENT_TYPES[9] == "int8"
    assert schema.ENUMS["TensorType"] == schema.ELEMENT_TYPES


def test_every_options_table_of_the_unions_is_described() -> None:
    unions = {*schema.BUILTIN_OPTIONS.values(), *schema.BUILTIN_OPTIONS_2.values()}
    assert unions == set(schema.OPTIONS)
    assert len(schema.BUILTIN_OPTIONS) == 126
    assert field_names("SoftmaxOptions") == ("beta",)


def test_no_table_has_more_fields_than_the_reader_looks_at() -> None:
    widest = max(len(field_names(name)) for name in schema.OPTIONS)
    assert max(widest, len(schema.TENSOR), len(schema.OPERATOR)) <= MAX_SLOTS


def test_numbers_that_the_schema_fixes() -> None:
    assert schema.BUILTIN_OPERATORS[3] == "CONV_2D"
    assert schema.BUILTIN_OPERATORS[209] == "STABLEHLO_CASE"
    assert schema.ENUMS["Padding"] == {0: "SAME", 1: "VALID"}
    assert schema.TENSOR[schema.TENSOR_SHAPE_SIGNATURE] == "shape_signature"
