"""Whatever a name holds, what is written of it in C is what it says, and no more."""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING

import pytest
from compilers import compiled, printed
from hypothesis import given
from hypothesis import strategies as st

from tinykg.report.c_source import (
    comment,
    float_literal,
    identifier,
    initializer,
    integer,
    number,
    remark,
    string,
)

if TYPE_CHECKING:
    from pathlib import Path

NASTY = [
    "plain",
    "",
    "*/ int x = 1; /*",
    "/*/ */*",
    "a\nb\r\nc\vd\x00e",
    "#define EVIL 1\n#include </etc/passwd>",
    'quote " and back\\slash',
    "trailing \\",
    "??/ ??/\n??' ??! ??= ????/",
    "\\u0041 \\x41 \\101",
    "%s %n",
    "Ünïcödé 模型 🧠",
    "\u202e right to left \u2066",
    "\udc80 alone",
    "1\x7f2\x1b[31m",
    "// one line \\",
    "'",
    "7" * 50,
]
ANY_TEXT = st.text(st.characters(exclude_categories=()))
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kws_ref_model", "kws_ref_model"),
        ("Hello_World", "hello_world"),
        ("Magic Wand, 2!", "magic_wand_2"),
        ("__a__b__", "a_b"),
        ("3d-net", "model_3d_net"),
        ("int", "int"),
    ],
)
def test_identifiers_are_near_the_name(name: str, expected: str) -> None:
    assert identifier(name) == expected


@pytest.mark.parametrize(
    ("name", "begins"), [("Käse", "kase_"), ("模型", "model_"), ("a" * 50, "a" * 40 + "_")]
)
def test_where_characters_are_lost_a_digest_follows(name: str, begins: str) -> None:
    assert re.fullmatch(f"{begins}[0-9a-f]{{8}}", identifier(name))


@given(ANY_TEXT)
def test_an_identifier_is_one_in_c(name: str) -> None:
    """Of no reserved form (C99 7.1.3), and short enough that all of it counts with a suffix."""
    found = identifier(name)
    assert re.fullmatch(r"[a-z](_?[a-z0-9]+)*", found)
    assert len(found) <= 49
    assert identifier(name) == found


@given(ANY_TEXT, ANY_TEXT)
def test_names_in_other_scripts_are_kept_apart(one: str, other: str) -> None:
    if any(not c.isascii() and c.isalnum() for c in one) and one != other:
        assert identifier(one) != identifier(other)


def test_long_names_are_kept_apart() -> None:
    assert identifier("a" * 100) != identifier("a" * 101)


@given(ANY_TEXT)
def test_a_comment_ends_where_it_should(text: str) -> None:
    for lines in (comment([text, text]), [remark(text)]):
        whole = "\n".join(lines)
        assert whole.isascii()
        assert whole.startswith("/*")
        assert whole.endswith("*/")
        assert "*/" not in whole[2:-2]
        assert "/*" not in whole[2:-2]
        assert "??" not in whole
        assert all(line == "" or line.isprintable() for line in lines)


@given(ANY_TEXT)
def test_a_string_literal_is_one_literal(text: str) -> None:
    found = string(text)
    if found is None:
        assert len(text.encode("utf-8", "surrogatepass")) > 1000
        return
    assert re.fullmatch(r'"([ !#->@-\[\]-~]|\\["\\?]|\\[0-3][0-7][0-7])*"', found)


@pytest.mark.parametrize("standard", ["c99", "c++11"])
def test_the_compiler_reads_what_was_meant(tmp_path: Path, standard: str) -> None:
    """Trigraphs count in both: `-std` turns them on."""
    literals = [string(text) for text in NASTY]
    body = "\n".join(
        f"  {{ {remark(text)}\n    static const char t[] = {literal}; unsigned i;\n"
        f'    for (i = 0; i + 1 < sizeof t; i++) printf("%02x", (unsigned char)t[i]);\n    puts(""); }}'
        for text, literal in zip(NASTY, literals, strict=True)
    )
    found = printed(tmp_path, standard, body, head="\n".join(comment(NASTY)))
    assert found == [text.encode("utf-8", "surrogatepass").hex() for text in NASTY]


def test_a_string_that_is_too_long_for_a_literal_is_left_out() -> None:
    assert string("ä" * 500) is not None
    assert string("ä" * 501) is None


@given(FLOATS)
def test_a_float_literal_is_the_same_float(value: float) -> None:
    found = float_literal(value)
    assert found is not None
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?f", found)
    assert "." in found or "e" in found, "1f is no literal"
    assert struct.pack("<f", float(found[:-1])) == struct.pack("<f", value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e39, 1e-50])
def test_what_no_float_holds_is_left_out(value: float) -> None:
    assert float_literal(value) is None


def test_numbers_are_written_as_what_they_are() -> None:
    assert [number(v) for v in (16000.0, 62.5, -4, 0.1, 1e300)] == ["16000", "62.5", "-4", "0.1", "1e+300"]
    assert number(math.nan) is None
    assert number(math.inf) is None
    assert initializer(["1", "2"]) == "{1, 2}"


@pytest.mark.parametrize("standard", ["c99", "c++11"])
def test_the_compiler_reads_the_same_numbers(tmp_path: Path, standard: str) -> None:
    integers = [0, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, -(2**63)]
    floats = [0.5847029089927673, 1.0, 3.4028234663852886e38, 1e-45, -0.0, 16777216.0, 1.1754943508222875e-38]
    body = "\n".join(f'  printf("%lld\\n", (long long)({integer(value)}));' for value in integers)
    body += "\n".join(f'\n  printf("%.9g\\n", {float_literal(value)});' for value in floats)
    found = printed(tmp_path, standard, body)
    assert [int(line) for line in found[: len(integers)]] == integers
    rounded = [struct.unpack("<f", struct.pack("<f", value))[0] for value in floats]
    assert [float(line) for line in found[len(integers) :]] == pytest.approx(rounded, rel=1e-8)


def test_a_wrong_source_fails(tmp_path: Path) -> None:
    """The compilers' strictness is on: otherwise nothing here would prove anything."""
    path = tmp_path / "wrong.c"
    path.write_text("/* a /* b */ int x;\n")
    with pytest.raises(AssertionError, match="comment"):
        compiled(path, "c99")
