"""Devicetree sources: includes, macros, what is passed on to the parser, and hostile ones."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.devicetree_macros import MacroError, Macros, evaluated, tokens
from tinykg.extract.devicetree_source import preprocessed
from tinykg.extract.zephyr_devicetree import (
    Devicetree,
    cells,
    is_stand_in,
    is_working,
    read_devicetree,
    texts,
)

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, text: str, **others: str) -> Devicetree:
    """The tree of a board.dts with other files beside it, `a__dtsi` for a.dtsi."""
    for name, content in others.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    path = folder / "board.dts"
    path.write_text(text, encoding="utf-8")
    return read_devicetree(path, folder, [folder])


def source(folder: Path, text: str, **others: str) -> str:
    for name, content in others.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    path = folder / "board.dts"
    path.write_text(text, encoding="utf-8")
    return preprocessed(path, folder, [folder]).text


@pytest.mark.parametrize(
    ("definitions", "text", "expanded"),
    [
        (["A 1"], "x = <A>;", "x = <1>;"),
        (["A"], "x A y", "x  y"),
        (["F(x) ((x) * 2)"], "<F(3)>", "<((3) * 2)>"),
        (["F(x, y) x + y"], "F( 1 , G(2, 3) )", "1 + G(2, 3)"),
        (["F(x) x", "A 1"], "F(A)", "1"),
        (["J(a, b) a##b", "X c0"], "J(0x, 1f)", "0x1f"),
        (["J(a, b) a ## b", "K(a) J(0x, a)", "X c0"], "K(X)", "0xc0"),
        (["A B", "B A"], "A", "A"),
        (["F(x) x"], "F", "F"),
        (["F(x) x"], "F(1, 2)", "F(1, 2)"),
        (["F() 7"], "F()", "7"),
        (["F(a, ...) a: __VA_ARGS__"], "F(1, 2, 3)", "1: 2,3"),
        (["a 1"], '"a" lsm6a@6a a', '"a" lsm6a@6a 1'),
    ],
)
def test_macros_expand_as_in_c(definitions: list[str], text: str, expanded: str) -> None:
    macros = Macros()
    for definition in definitions:
        macros.define(definition)
    assert macros.expand(text) == expanded


def test_an_expansion_keeps_its_number_of_lines() -> None:
    macros = Macros()
    macros.define("F(x, y) x y")
    assert macros.expand("F(1,\n  2)\nend").count("\n") == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("1 << 4 | 1", 17),
        ("10 - 4 - 3", 3),
        ("!0 && 2 > 1", 1),
        ("0x10UL / 3", 5),
        ("010", 8),
        ("7 % 4 == 3", 1),
        ("~0 & 0xff", 255),
        ("-1", -1),
        ("0 - 7 / 2", -3),
        ("(0 - 7) / 2", -3),
        ("(0 - 7) % 2", -1),
        ("0xffffffffffffffff", -1),
        ("8 << -2", 2),
        ("-8 >> 1", -4),
        ("1 << 99999999999", 0),
    ],
)
def test_expressions_have_the_value_of_c(text: str, value: int) -> None:
    assert evaluated([word for word in tokens(text) if not word.isspace()]) == value


@pytest.mark.parametrize("text", ["", "1 +", "(1", "1 / 0", "1 2", "08", '"a"', "(" * 100 + "1"])
def test_faulty_expressions_say_so(text: str) -> None:
    with pytest.raises(MacroError):
        evaluated([word for word in tokens(text) if not word.isspace()])


def test_a_name_is_zero_in_a_condition_and_unknown_in_a_value() -> None:
    assert evaluated(["UNKNOWN"]) == 0
    with pytest.raises(MacroError, match="UNKNOWN"):
        evaluated(["UNKNOWN"], names_are_zero=False)


@given(st.text(alphabet="abAB01 ()<>,#+-*/%&|!~\"'\\\n.", max_size=60))
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("#ifdef A\nx\n#else\ny\n#endif\n", "y"),
        ("#define A\n#ifdef A\nx\n#else\ny\n#endif\n", "x"),
        ("#ifndef A\nx\n#endif\n", "x"),
        ("#define A\n#undef A\n#ifdef A\nx\n#endif\n", ""),
        ("#if 0\nx\n#elif 1\ny\n#elif 1\nz\n#else\nw\n#endif\n", "y"),
        ("#if 0\n#if 1\nx\n#endif\n#else\ny\n#endif\n", "y"),
        ("#if defined(A) || !defined B\nx\n#endif\n", "x"),
        ("#define A 3\n#if A > 2\nx\n#endif\n", "x"),
        ("/* #if 1 */ x // y\n", "x"),
        ('s = "a /* b */ // c";\n', 's = "a /* b */ // c";'),
        ("#define A 1 + \\\n  2\nA\n", "1 + 2"),
        ("#address-cells = <1>;\n#include-me;\n", "#address-cells = <1>; #include-me;"),
    ],
)
def test_conditions_and_comments(tmp_path: Path, text: str, left: str) -> None:
    assert " ".join(source(tmp_path, text).split()) == left


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("\n#endif\n", "line 2", "#endif without its #if"),
        ("x;\n#if 1\n", "line 2", "without its #endif"),
        ("#error no such board\n", "line 1", "no such board"),
        ("#include\n", "line 1", ""),
        ("#define 1\n", "line 1", "no name"),
        ("#ifdef\n#endif\n", "line 1", "without a name"),
        ("#if (\n#endif\n", "line 1", ""),
    ],
)
def test_faulty_directives_name_their_line(tmp_path: Path, text: str, place: str, found: str) -> None:
    with pytest.raises(ExtractError, match=r"board\.dts") as caught:
        source(tmp_path, text)
    assert caught.value.place == place
    assert found in caught.value.found


def test_sizes_and_addresses_need_no_header(tmp_path: Path) -> None:
    text = "#include <mem.h>\n#define AT c0000000\n/ { m { reg = <DT_ADDR(AT) DT_SIZE_K(64)>; }; };"
    tree = read(tmp_path, text)
    assert tree.missing == ("mem.h",)
    assert cells(tree.tree.get_node("/m"), "reg") == (0xC0000000, 65536)


def test_a_value_with_an_unknown_macro_is_unknown_and_not_the_older_one(tmp_path: Path) -> None:
    text = "#include <gone.h>\n/ { a: m { reg = <1 2>; }; };\n&a { reg = <BASE 2>; };"
    assert cells(read(tmp_path, text).tree.get_node("/m"), "reg") is None


def test_nodes_of_missing_files_have_stand_ins(tmp_path: Path) -> None:
    text = '#include <soc.dtsi>\n&i2c1 { status = "okay"; a@1 { compatible = "st,hts221"; }; };'
    tree = read(tmp_path, text)
    node = tree.labelled("i2c1")
    assert node is not None
    assert is_stand_in(node)
    assert texts(node.nodes["a@1"], "compatible") == ("st,hts221",)


def test_overrides_by_label_and_by_path_and_deletions(tmp_path: Path) -> None:
    tree = read(
        tmp_path,
        '#include "soc.dtsi"\n&b1 { one { status = "disabled"; }; };\n&{/soc/bus} { /delete-node/ two; };\n'
        "/delete-node/ &three;\n&four { /delete-property/ status; };",
        soc__dtsi="/ { soc { b1: bus { one { }; two { }; three: x { }; "
        'four: y { status = "disabled"; }; }; }; };',
    )
    bus = tree.tree.get_node("/soc/bus")
    assert list(bus.nodes) == ["one", "y"]
    assert not is_working(bus.nodes["one"])
    assert is_working(bus.nodes["y"])


def test_chosen_nodes_are_found_by_reference_and_by_path(tmp_path: Path) -> None:
    tree = read(
        tmp_path,
        '/ { chosen { a = &m; b = "/m"; c = <1>; d = &gone; e = "/gone"; }; m: m { }; };',
    )
    assert tree.chosen("a") is tree.chosen("b") is tree.labelled("m")
    assert [tree.chosen(name) for name in ("c", "d", "e", "f")] == [None] * 4


def test_a_fault_of_an_included_file_is_placed_there(tmp_path: Path) -> None:
    with pytest.raises(ExtractError) as caught:
        read(tmp_path, '#include "a.dtsi"\n', a__dtsi="/ {\n\n  a = = <1>;\n  b { };\n  c { d { } }; };\n")
    assert caught.value.path.endswith("a.dtsi")
    assert caught.value.place == "line 5"


def test_statements_of_unknown_macros_are_left_out(tmp_path: Path) -> None:
    tree = read(tmp_path, "/ { a { }; PINS(1, 2, x-y); b { }; };")
    assert list(tree.tree.root.nodes)[-2:] == ["a", "b"]


REFERENCES = "".join(f"a{i} = &b{i}; " for i in range(5000))
BOMB = "".join(f"#define A{i + 1} " + f"A{i} " * 10 + "\n" for i in range(12))


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"board__dts": '#include "a.dtsi"\n', "a__dtsi": '#include "board.dts"\n'}, "includes itself"),
        ({"board__dts": '#include "board.dts"\n'}, "includes itself"),
        ({"board__dts": '#include "../../outside.dtsi"\n'}, "leads out of"),
        ({"board__dts": '#include "link.dtsi"\n'}, "leads out of"),
        ({"board__dts": '/include/ "x"\n/ { };'}, "an /include/"),
        ({"board__dts": "/ { " + "a { " * 2000}, "levels"),
        ({"board__dts": "/ { " + "a { }; " * 20_000 + "};"}, "nodes"),
        ({"board__dts": f"/ {{ chosen {{ {REFERENCES} }}; }};"}, "references"),
        ({"board__dts": '#include "gone"\n' * 5000}, "more than 4096"),
        ({"board__dts": " " * (5 << 20)}, "5242880 bytes"),
        ({"board__dts": "/ { \x01 };"}, "control character"),
        ({"board__dts": "/ { };\n\n" + '"' * 100_001}, "a statement"),
        ({"board__dts": "#define F(x) x\n/ { y = <" + "F(" * 100_000 + ">; };"}, "unfold"),
        ({"board__dts": "#if " + "(" * 100_000 + "\n#endif\n"}, "nested deeper"),
        ({"board__dts": f"{BOMB}A12"}, "unfold"),
        ({"board__dts": "".join(f"#define A{i + 1} A{i}\n" for i in range(5000)) + "A5000"}, "nested deeper"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_sources_are_refused_soon(tmp_path: Path, files: dict[str, str], found: str) -> None:
    inside = tmp_path / "tree" / "board"
    inside.mkdir(parents=True)
    (tmp_path / "outside.dtsi").write_text("/ { secret { }; };")
    (inside / "link.dtsi").symlink_to(tmp_path / "outside.dtsi")
    for name, text in files.items():
        (inside / name.replace("__", ".")).write_text(text)
    start = time.monotonic()
    with pytest.raises(ExtractError, match=found):
        read_devicetree(inside / "board.dts", inside, [inside])
    assert time.monotonic() - start < 20


def test_includes_that_double_are_bounded(tmp_path: Path) -> None:
    files = {f"a{i}__dtsi": f'#include "a{i + 1}.dtsi"\n' * 2 for i in range(31)}
    with pytest.raises(ExtractError, match="more than 512 files"):
        read(tmp_path, '#include "a0.dtsi"\n' * 2, **files)


def test_no_file_is_taken_in_as_bytes(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    tree = read(tmp_path, '/ { model = /incbin/("secret"); compatible = /incbin/("secret"); };')
    assert "secret" not in str(tree.tree)


def test_huge_shifts_and_values_count_as_unknown(tmp_path: Path) -> None:
    tree = read(tmp_path, "/ { m { reg = <(1 << 99999999999 << 3) " + "1 " * 20_000 + ">; }; };")
    assert cells(tree.tree.get_node("/m"), "reg") is None


WORDS = """/ {|};|{|}|;|a: b@1 |&a |&{/b@1} |reg = <1 (2 + X)>;|<|>|"|/*|*/|//|#include|A(|)|B|#if |[1]
/delete-node/ |/dts-v1/;|/memreserve/ 1 2;|compatible = "a", "b";|/bits/ 8 |'a'|&|,|=|/omit-if-no-ref/
chosen {|x = &a;|(1 << 70)|\x02|\ufeff|é"""
LINES = ["\n", "#define A(x) x\n", "#define B A\n", "#endif\n", "\n#else\n", "\\\n"]
PIECES = st.sampled_from([*WORDS.replace("\n", "|").split("|"), *LINES])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_any_pieces_give_a_tree_or_one_clear_error(tmp_path: Path, pieces: list[str]) -> None:
    try:
        tree = read(tmp_path, "".join(pieces))
    except ExtractError as error:
        fault: ExtractError | None = error
        tree = None
    else:
        fault = None
    assert (tree is not None and tree.tree.root.name == "/") or str(tmp_path) in str(fault)
