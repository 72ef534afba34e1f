"""The explanation in the terminal: every number in it adds up, no line is too wide."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from arena_case import Case, buffer, chain

from tinykg.files import share
from tinykg.records.footprint import Refusal
from tinykg.report.arena_layout import layout
from tinykg.report.arena_picture import SHADES, picture
from tinykg.report.arena_text import arena_lines

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def lines(case: Case, **options: object) -> list[str]:
    return arena_lines(case.file, case.footprint, case.steps, **options)  # type: ignore[arg-type]


def pictured(case: Case, width: int = 80) -> list[str]:
    return list(picture(layout(case.file, case.footprint, case.steps), width))


def test_every_sum_that_is_shown_is_right(digits: Case) -> None:
    total, sums = 0, 0
    for line in lines(digits):
        if found := re.match(r"  ([ +=]) +(\d+)(?:  |$)", line):
            sign, number = found[1], int(found[2])
            if sign == "=":
                assert number == total
                sums += 1
            total = number if sign == " " else total + number
    assert sums == 3
    text = "\n".join(lines(digits))
    assert "arena used: 1988 B" in text
    assert "least arena: 2048 B" in text
    assert "largest while planning the head" in text


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("layers", [1, 10, 60, 300])
def test_no_line_of_the_plan_is_wider_than_the_terminal(layers: int, width: int) -> None:
    long = "block/" * 60
    plan = [buffer(i, min(i + 1, layers), 64 * (i % 2), 64, name=f"{long}{i}") for i in range(layers + 1)]
    case = chain(layers, *plan)
    for line in pictured(case, width):
        assert len(line) <= width
    wide = [line for line in lines(case, width=80) if len(line) > 80]
    assert wide == []


def test_the_picture_uses_at_least_half_of_the_width_whatever_the_steps() -> None:
    for layers in (60, 72, 100, 150, 299):
        case = chain(layers, buffer(0, layers, 0, 16))
        assert len(pictured(case, 80)[0]) > 45


def test_boxes_lie_where_the_plan_says() -> None:
    case = chain(3, buffer(0, 1, 0, 16), buffer(2, 3, 16, 16))
    upper, lower, *_ = pictured(case, 60)
    assert upper[11:].rstrip() == " " * 24 + upper[11:].strip()
    assert set(lower[11:].rstrip()) <= set(SHADES) | {"A", "B"}
    assert len(lower[11:].rstrip()) == 24


def test_boxes_that_touch_differ() -> None:
    case = chain(4, *(buffer(i, i, 0, 32) for i in range(5)))
    row = pictured(case, 60)[0]
    fills = [row[11 + 9 * i] for i in range(5)]
    assert all(a != b for a, b in pairwise(fills))


def test_colours_change_nothing_but_escape_sequences(digits: Case) -> None:
    coloured = lines(digits, colours=True)
    assert any(ESCAPE.search(line) for line in coloured)
    plain = [re.sub(f"[{SHADES}]", " ", line).rstrip() for line in lines(digits)]
    assert [ESCAPE.sub("", line).rstrip() for line in coloured] == plain
    assert not any(ESCAPE.search(line) for line in lines(digits))


def test_the_example_in_the_docs_is_what_is_printed(digits: Case) -> None:
    page = (share() / "docs" / "footprint.md").read_text(encoding="utf-8")
    assert "\n".join(lines(digits, width=80)) in page


def test_an_arena_without_an_allocator_is_one_sum(digits: Case) -> None:
    compiled = replace(
        digits.footprint, arena_used_bytes=640, arena_bytes=640, tail_bytes=0, tail=(), peak=(),
        peak_moment=None, ram_bytes=None,
    )  # fmt: skip
    text = arena_lines(digits.file, compiled, digits.steps)
    assert text[-4:] == ["arena: 640 B", "          640  head", "  +         0  tail", "  =       640"]
    assert "tail: 0 B, kept as long as the model" in text


def test_full_lists_every_buffer_and_share() -> None:
    case = chain(40, *(buffer(i, i + 1, 0, 16, name=f"tensor-{i:02}") for i in range(40)))
    short, full = "\n".join(lines(case)), "\n".join(lines(case, full=True))
    assert "in 24 smaller buffers" in short
    assert all(f"tensor-{i:02}" in full for i in range(40))


def test_a_refusal_and_an_empty_plan_are_said(digits: Case) -> None:
    refusal = Refusal(subgraph=0, layer=0, operator="ADD", element_types=(), reason="ADD takes no uint8")
    refused = replace(digits.footprint, arena_bytes=None, plan=(), refusals=(refusal,))
    assert arena_lines(digits.file, refused, ()) == ["arena on tflm-ref-arm32", "  ADD takes no uint8"]
    unknown = replace(digits.footprint, arena_bytes=None, plan=(), unknowns=("the moon",))
    assert arena_lines(digits.file, unknown, ())[1:] == ["  not known: the moon"]
    assert any("no plan: no tensor needs" in line for line in lines(chain(1)))
