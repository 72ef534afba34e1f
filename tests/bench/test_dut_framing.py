"""Bytes and lines: any way to cut the stream gives the same lines."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.dut_lines import MAX_COMMAND_CHARS, LineSplitter, command_bytes

NOISE = st.sampled_from([b"\r\n", b"\n", b"\0", b"m-ready", b"e-[", b"\xff\x80", b"%", b" "])
STREAM = st.lists(st.one_of(st.binary(max_size=20), NOISE), max_size=30).map(b"".join)


def lines_of(splitter: LineSplitter) -> list[str]:
    lines = []
    while (line := splitter.next_line()) is not None:
        lines.append(line)
    return lines


def by_the_rule(stream: bytes) -> list[str]:
    """What the protocol's own host does, a byte at a time: drop, skip, or end a line."""
    lines, part = [], ""
    for byte in stream:
        try:
            char = bytes([byte]).decode()
        except UnicodeDecodeError:
            continue
        if char == "\n":
            lines.append(part)
            part = ""
        elif char not in "\r\0":
            part += char
    return lines


@given(STREAM)
def test_lines_are_those_of_the_protocols_own_host(stream: bytes) -> None:
    splitter = LineSplitter()
    splitter.feed(stream)
    assert lines_of(splitter) == by_the_rule(stream)
    assert splitter.skipped_bytes == sum(byte >= 0x80 for byte in stream)


@given(STREAM, st.lists(st.integers(0, 200), max_size=20))
def test_any_way_to_cut_the_stream_gives_the_same_lines(stream: bytes, cuts: list[int]) -> None:
    whole, pieces = LineSplitter(max_line_chars=50), LineSplitter(max_line_chars=50)
    whole.feed(stream)
    places = [0, *sorted(cut for cut in cuts if cut <= len(stream)), len(stream)]
    for start, end in pairwise(places):
        pieces.feed(stream[start:end])
    assert lines_of(pieces) == lines_of(whole)
    assert (pieces.half_line, pieces.skipped_bytes, pieces.too_long) == (
        whole.half_line,
        whole.skipped_bytes,
        whole.too_long,
    )


def test_a_line_without_an_end_is_told_and_takes_no_more_room() -> None:
    splitter = LineSplitter(max_line_chars=10)
    splitter.feed(b"0123456789")
    assert not splitter.too_long
    for _ in range(1000):
        splitter.feed(b"x" * 1000)
    assert splitter.too_long
    assert splitter.half_line == "0123456789"


def test_half_a_line_can_be_forgotten() -> None:
    splitter = LineSplitter()
    splitter.feed(b"m-re")
    assert splitter.half_line == "m-re"
    splitter.forget_half_line()
    splitter.feed(b"m-ready\r\n")
    assert lines_of(splitter) == ["m-ready"]


@given(st.lists(st.from_regex(r"[a-z0-9\-]{1,10}", fullmatch=True), min_size=1, max_size=8))
def test_a_command_is_its_words_and_one_percent_sign(words: list[str]) -> None:
    text = " ".join(words)
    if len(text) < MAX_COMMAND_CHARS:
        assert command_bytes(text) == text.encode() + b"%"
    else:
        with pytest.raises(ValueError, match="at most 79"):
            command_bytes(text)


def test_the_longest_command_has_80_characters() -> None:
    assert len(command_bytes("x" * 79)) == 80
    with pytest.raises(ValueError, match="at most 79 characters, this one 80"):
        command_bytes("x" * 80)


@pytest.mark.parametrize("text", ["", " name", "name ", "infer  1", "na%me", "näme", "name\n", "infer\t1"])
def test_what_no_device_can_take_is_no_command(text: str) -> None:
    with pytest.raises(ValueError, match="no command"):
        command_bytes(text)
