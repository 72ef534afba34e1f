"""Tables and paragraphs: aligned, within a width, safe for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.report.table import cell_width, fold, paragraph, printable, table

COLUMNS = ("model", "task", "RAM")
ROWS = [("tiny", "regression", "5.3"), ("a_rather_long_name_of_a_model", "keyword-spotting", "1204.8")]


def test_text_is_left_and_numbers_are_right() -> None:
    assert table(COLUMNS, ROWS, right=("RAM",)) == [
        "model                          task                 RAM",
        "-----------------------------  ----------------  ------",
        "tiny                           regression           5.3",
        "a_rather_long_name_of_a_model  keyword-spotting  1204.8",
    ]


def test_the_widest_text_folds_after_a_mark_where_the_table_is_too_wide() -> None:
    assert table(COLUMNS, ROWS, right=("RAM",), width=40) == [
        "model            task                RAM",
        "---------------  ---------------  ------",
        "tiny             regression          5.3",
        "a_rather_long_   keyword-         1204.8",
        "name_of_a_model  spotting",
    ]


def test_numbers_never_fold() -> None:
    lines = table(("a", "b"), [("x" * 30, "123456789.0")], right=("b",), width=15)
    assert lines[2].endswith("123456789.0")


def test_no_rows_are_head_and_rule() -> None:
    assert table(("one", "two"), []) == ["one  two", "---  ---"]


def test_a_row_of_one_cell_goes_across() -> None:
    assert table(("a", "b"), [("a long heading",), ("  x", "y")]) == [
        "a    b",
        "---  -",
        "a long heading",
        "  x  y",
    ]


def test_what_is_folded_keeps_its_indent() -> None:
    assert fold("  one_two_three", 10) == ["  one_two_", "  three"]


def test_a_piece_that_is_too_long_is_cut() -> None:
    assert fold("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_an_indent_wider_than_the_column_is_cut_too() -> None:
    assert "".join(line.strip() for line in fold(" " * 20 + "word", 8)) == "word"


def test_a_paragraph_hangs_below_its_first_line_and_keeps_names_whole() -> None:
    text = "boards: adafruit-feather-nrf52840-sense, arduino-nicla-vision"
    assert paragraph(text, first="  - ", hanging="    ", width=42) == [
        "  - boards:",
        "    adafruit-feather-nrf52840-sense,",
        "    arduino-nicla-vision",
    ]


def test_without_a_width_a_paragraph_is_one_line() -> None:
    assert paragraph("word " * 50, first="- ") == ["- " + "word " * 50]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("naïve 日本語 ±½", "naïve 日本語 ±½"),
        ("\x1b[2J", "\\x1b[2J"),
        ("two\nlines\ttabbed\r", "two\\nlines\\ttabbed\\r"),
        ("\u202eright to left", "\\u202eright to left"),
        ("\x9b31m", "\\x9b31m"),
    ],
)
def test_control_characters_are_shown_not_sent(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert paragraph(text) == [shown]
    assert table(("a",), [(text,)])[2] == shown


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("", 0)])
def test_width_on_the_terminal(text: str, columns: int) -> None:
    assert cell_width(text) == columns


def test_wide_characters_keep_columns_straight() -> None:
    lines = table(("name", "n"), [("日本語", "1"), ("abc", "2")])
    assert [cell_width(line) for line in lines] == [9, 9, 9, 9]


@given(st.text(), st.integers(1, 60), st.booleans())
def test_folding_loses_nothing_but_blanks(text: str, width: int, names: bool) -> None:
    shown = printable(text)
    assert "".join("".join(fold(shown, width, names=names)).split()) == "".join(shown.split())


cells = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.lists(st.tuples(cells, cells), max_size=5), st.integers(30, 90))
def test_every_line_of_a_table_is_within_the_width(rows: list[tuple[str, str]], width: int) -> None:
    for line in table(("first", "second"), rows, width=width):
        assert cell_width(line) <= width + 2  # a wide character may reach over the edge of its column
        assert line == line.rstrip()
