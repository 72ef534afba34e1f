"""Models in C and C++ sources, in the forms that firmware repositories hold them."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.errors import ExtractError, UnknownFormat
from tinykg.extract.c_array import EXTRACTOR, MAX_SOURCE_BYTES, SUFFIXES, read_source
from tinykg.extract.installed import extractor_for, model_bytes
from tinykg.extract.tflite import read_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def model(sketches: Any) -> bytes:
    return bytes(
        sketches.write(sketches.Model(description="'{' \"}\" /* // */", buffers=[b"", bytes(range(256))]))
    )


def listed(data: bytes, form: str = "0x{:02x}", width: int = 12, comma: str = ",") -> str:
    """The elements of an array, `width` a line."""
    elements = [form.format(byte) for byte in data]
    lines = [", ".join(elements[i : i + width]) for i in range(0, len(elements), width)]
    return ",\n  ".join(lines) + comma


FORMS: dict[str, Callable[[bytes], str]] = {
    "xxd -i": lambda d: (
        f"unsigned char model_tflite[] = {{\n  {listed(d, comma='')}\n}};\n"
        f"unsigned int model_tflite_len = {len(d)};\n"
    ),
    "const and alignas": lambda d: f"alignas(16) const unsigned char g_model[] = {{\n{listed(d)}\n}};",
    "uint8_t and a length": lambda d: f"static const uint8_t g_model[{len(d)}] = {{{listed(d)}}};",
    "attributes": lambda d: (
        f'const uint8_t m[] __attribute__((section(".rodata"), aligned(4))) = {{{listed(d)}}};'
    ),
    "C++11 without =": lambda d: f"constexpr uint8_t m[]{{{listed(d)}}};",
    "std::array": lambda d: f"const std::array<uint8_t, {len(d)}> m = {{{{{listed(d)}}}}};",
    "decimals": lambda d: f"const unsigned char m[] = {{{listed(d, '{}')}}};",
    "octal": lambda d: f"const unsigned char m[] = {{{listed(d, '0{:o}')}}};",
    "capitals and suffixes": lambda d: f"const unsigned char m[] = {{{listed(d, '0X{:02X}u')}}};",
    "one line": lambda d: f"const unsigned char m[]={{{','.join(map(str, d))}}};",
    "CRLF": lambda d: f"const unsigned char m[] = {{\n{listed(d)}\n}};\n".replace("\n", "\r\n"),
    "a comment on each line": lambda d: (
        "const unsigned char m[] = {\n"
        + "".join(f"  {byte}, // 0x{byte:02x} {{ }} \" '\n" for byte in d)
        + "};"
    ),
    "block comments between elements": lambda d: (
        "const unsigned char m[] = {" + ", /* 1, 2, } */ ".join(map(str, d)) + "};"
    ),
    "preprocessor lines": lambda d: (
        '#include "model.h"\n#ifdef __has_attribute\n'
        "#define ALIGN \\\n  __attribute__((aligned(8)))\n#endif\n"
        f"const unsigned char m[] ALIGN = {{\n#pragma pack\n{listed(d)}\n}};\n#define N {{ 1, 2"
    ),
    "texts with braces": lambda d: (
        f'const char *s = "{{ \\" 0x20";\nchar c = \'{{\';\nconst unsigned char m[] = {{{listed(d)}}};'
    ),
    "other arrays": lambda d: (
        "const int a[] = {-1, 2};\nfloat f[2] = {1.5f, 2};\nchar s[] = {'a', 0};\nint e[] = {};\n"
        f"const unsigned char m[] = {{{listed(d)}}};\nint z[] = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_in_which_models_travel(form: str, model: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model_data.cc"
    path.write_text(FORMS[form](model), newline="")
    assert EXTRACTOR.accepts(path)
    (record,) = extractor_for(path).extract(path)
    assert record == read_model(model, "model")
    assert record.sha256 == hashlib.sha256(model).hexdigest()
    assert model_bytes(path) == model


def test_published_models_survive_the_way_through_a_source(test_data: Path, tmp_path: Path) -> None:
    for name in ("ren/Hello_World.tflite", "mlperf_tiny/kws_ref_model.tflite"):
        data = (test_data / "models" / name).read_bytes()
        (tmp_path / "m.h").write_text(FORMS["xxd -i"](data))
        assert EXTRACTOR.extract(tmp_path / "m.h") == (read_model(data, name),)


def test_the_array_is_found_with_its_name_and_line(model: bytes) -> None:
    text = f"// a model\n\nconst unsigned char g_model[] = {{{listed(model)}}};"
    (array,) = read_source(text, "x.c")
    assert (array.name, array.line, array.data) == ("g_model", 3, model)
    (nameless,) = read_source(f"{{{listed(model)}}}", "x.c")
    assert nameless.name == "a nameless array"


def test_the_same_model_twice_is_one_and_two_models_are_named(
    model: bytes, tmp_path: Path, sketches: Any
) -> None:
    path = tmp_path / "m.c"
    first = f"unsigned char a[] = {{{listed(model)}}};\n"
    path.write_text(f"#if X\n{first}#else\n{first}#endif\n")
    assert EXTRACTOR.extract(path)[0].file_bytes == len(model)
    other = bytes(sketches.write(sketches.Model(description="other")))
    path.write_text(first + f"unsigned char b[] = {{{listed(other)}}};\n")
    line = first.count("\n") + 1
    with pytest.raises(ExtractError) as caught:
        EXTRACTOR.extract(path)
    assert caught.value.found == f"2 arrays with models: a (line 1), b (line {line})"


@pytest.mark.parametrize(
    ("element", "found"),
    [
        ("-1", "element '-1'"),
        ("256", "element '256'"),
        ("0x100", "element '0x100'"),
        ("08", "element '08'"),
        ("1.5", "element '1.5'"),
        ("'a'", "an empty element"),
        ("kZero", "element 'kZero'"),
        ("", "an empty element"),
        ("1 2", "element '1 2'"),
        ("1_0", "element '1_0'"),
        ("0o7", "element '0o7'"),
        ("9" * 5000, f"element '{'9' * 40}'"),
        ("0x" + "f" * 100_000, f"element '0x{'f' * 38}'"),
        ("ff" * 40_000, f"element '{'ff' * 20}'"),
        ("\u0661", "element '\u0661'"),
    ],
)
def test_a_wrong_element_is_named_with_line_and_column(element: str, found: str, model: bytes) -> None:
    elements = [str(byte) for byte in model]
    elements[100] = f"\n  {element}"
    with pytest.raises(ExtractError) as caught:
        read_source("unsigned char m[] = {\n" + ", ".join(elements) + "};", "x.c")
    if len(element) < 1 << 16:
        assert caught.value.found == found
        assert caught.value.place.startswith("line 3, column ")
    assert caught.value.expected is not None


def test_an_array_without_an_end_is_named(model: bytes) -> None:
    with pytest.raises(
        ExtractError, match=r"x\.c: m, an array without its closing brace - at line 2, column 21"
    ):
        read_source("\nunsigned char m[] = {" + listed(model), "x.c")


def test_a_model_that_is_cut_short_is_an_error_of_the_model(model: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.c"
    path.write_text(f"unsigned char m[] = {{{listed(model[:100])}}};")
    with pytest.raises(ExtractError, match=r"m\.c: m \(line 1\): "):
        EXTRACTOR.extract(path)


def test_sources_without_a_model_are_no_model_files(tmp_path: Path, model: bytes) -> None:
    assert read_source("int main() { return 0; }", "x.c") == []
    for name, text in (
        ("main.c", "int main() { return 0; }"),
        ("image.h", "unsigned char x[] = {0x89, 0x50, 0x4e, 0x47, 1, 2, 3, 4, 5};"),
        ("model.py", FORMS["xxd -i"](model)),
    ):
        (tmp_path / name).write_text(text)
        assert not EXTRACTOR.accepts(tmp_path / name)
        with pytest.raises(UnknownFormat):
            extractor_for(tmp_path / name)
    (tmp_path / "letters.c").write_text("unsigned char x[] = {0x54, 0x46, 0x4c, 0x33, 1, 2, 3, 4, 5};")
    with pytest.raises(ExtractError, match="no array with a TFLite model"):
        EXTRACTOR.extract(tmp_path / "letters.c")
    assert not EXTRACTOR.accepts(tmp_path / "missing.c")


def test_sources_beyond_the_limit_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "m.c"
    with path.open("wb") as file:
        file.truncate(MAX_SOURCE_BYTES + 1)
    assert ".c" in SUFFIXES
    assert not EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError, match="134217729 bytes; expected at most 134217728"):
        EXTRACTOR.extract(path)


@pytest.mark.parametrize(
    "text",
    [
        '"' + '\\"' * 500_000,
        "{" * 1_000_000,
        "/*" * 500_000,
        "'" * 1_000_000,
        "{" + " " * 1_000_000,
        "{ 1" + " " * 1_000_000 + "2",
        "x[" * 500_000 + "{ 8, 0, 0, 0, 84, 70, 76, 51, 0 }",
        "#" + "\\\n" * 500_000,
        "\n" * 1_000_000 + "{8,0,0,0,84,70,76,51," + "1 " * 400_000 + "}",
        "{8,0,0,0,84,70,76,51," + "," * 1_000_000 + "}",
        "84 " * 400_000 + "84" + " " * 100_000,
        "84, /* " * 200_000,
        "{8,0,0,0,84,70,76,51,0},{8,0,0,0,84,70,76,51,1}," * 10_000,
        ("a" * 500 + "{8,0,0,0,84,70,76,51,0}" + "a" * 500 + "{8,0,0,0,84,70,76,51,1}") * 500,
    ],
    ids=range(14),
)
def test_hostile_sources_are_done_with_in_linear_time(text: str, tmp_path: Path) -> None:
    path = tmp_path / "m.c"
    path.write_text(text)
    start = time.process_time()
    EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError):
        EXTRACTOR.extract(path)
    assert time.process_time() - start < 2


def test_a_long_array_is_read_in_parts() -> None:
    content = b"\x08\0\0\0TFL3" + bytes(i * 7 % 256 for i in range(300_000))
    (array,) = read_source(f"unsigned char m[] = {{{listed(content, '{}')}}};", "x.c")
    assert array.data == content
