"""A model's bytes as C: what is read back is the file, to the byte."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from compilers import compiled, printed
from hypothesis import given
from hypothesis import strategies as st

from tinykg.extract.c_array import EXTRACTOR, read_source
from tinykg.files import data_folder
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Model
from tinykg.report.build_c_array import array_name, c_array, c_name, declarations

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = sorted((data_folder() / "models" / "files").glob("*.tflite"))
STATED = Evidence(kind=EvidenceKind.DECLARED, source="a test")


def model(
    name: str = "net", content: bytes = b"", title: str | None = None, licence: str | None = None
) -> Model:
    sha256 = hashlib.sha256(content).hexdigest()
    return Model(name=name, evidence=STATED, file_sha256=sha256, title=title, licence=licence)


@given(head=st.binary(min_size=4, max_size=4), rest=st.binary(max_size=100))
def test_every_byte_comes_back(head: bytes, rest: bytes) -> None:
    content = head + b"TFL3" + rest
    [array] = read_source(c_array(model(content=content), content), "net.c")
    assert (array.name, array.data) == ("net_tflite", content)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_model_of_ours_is_read_back_by_the_extractor(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    source = tmp_path / "model.c"
    source.write_text(c_array(model(path.stem, content), content), encoding="ascii")
    assert EXTRACTOR.accepts(source)
    [file] = EXTRACTOR.extract(source)
    assert (file.sha256, file.file_bytes) == (hashlib.sha256(content).hexdigest(), len(content))


def test_there_are_models_of_ours() -> None:
    assert len(SHIPPED) == 5


@pytest.mark.parametrize("standard", ["c99", "c11", "c++11", "c++17"])
def test_the_linked_array_is_the_file_and_lies_at_a_multiple_of_16(standard: str, tmp_path: Path) -> None:
    content = SHIPPED[-1].read_bytes()
    source = tmp_path / "model.c"
    source.write_text(c_array(model("waves", content), content), encoding="ascii")
    head = "#include <stdint.h>\n" + "\n".join(declarations(model("waves")))
    body = (
        '  unsigned i;\n  printf("%d\\n", (int)((uintptr_t)waves_tflite % 16));\n'
        '  for (i = 0; i < waves_tflite_bytes; i++) printf("%02x", waves_tflite[i]);\n  puts("");'
    )
    remainder, shown = printed(tmp_path, standard, body, compiled(source, standard), head=head)
    assert remainder == "0"
    assert bytes.fromhex(shown) == content


@pytest.mark.parametrize("standard", ["c99", "c++11"])
def test_an_array_of_c_links_with_a_program_of_either_language(standard: str, tmp_path: Path) -> None:
    content = b"1234TFL3"
    source = tmp_path / "model.c"
    source.write_text(c_array(model(content=content), content), encoding="ascii")
    found = printed(
        tmp_path,
        standard,
        '  printf("%u\\n", net_tflite_bytes);',
        compiled(source, "c99"),
        head="\n".join(declarations(model())),
    )
    assert found == ["8"]


@pytest.mark.parametrize("standard", ["c99", "c++11"])
def test_a_hostile_description_stays_a_comment(standard: str, tmp_path: Path) -> None:
    wild = model("int; */ char evil; /*\n??/", b"x", title="*/ #error evil /* \\", licence="*/\n#error evil")
    source = tmp_path / "model.c"
    source.write_text(c_array(wild, b"12345678"), encoding="ascii")
    compiled(source, standard)


def test_the_array_is_called_after_the_model() -> None:
    assert array_name(model("KWS ref-model")) == "kws_ref_model_tflite"
    assert array_name(model("int")) == "int_tflite"


@pytest.mark.parametrize("name", ["person.tflite", "Person.TFLITE", "person.cc", "person.h"])
def test_the_ending_of_a_file_is_no_part_of_the_name(name: str) -> None:
    assert c_name(model(name)) == "person"


def test_an_unknown_licence_is_not_written() -> None:
    assert "Licence" not in c_array(model(), b"")
    assert "Licence: MIT." in c_array(model(licence="MIT"), b"")
