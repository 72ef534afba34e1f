"""What the emulated board says, read: exact counts, and an error for each way to say something else."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.qemu_board import BOARDS, WITHOUT, core_of, why_not
from tinykg.bench.qemu_inputs import xorshift_inputs
from tinykg.bench.qemu_machine import LOOP, read_session
from tinykg.bench.qemu_reference import compared
from tinykg.errors import BenchmarkError
from tinykg.records.device import DeviceType, Processor
from tinykg.records.evidence import Evidence, EvidenceKind

AROUND = 2
"""Instructions between two readings of the timer besides the called function's, in what follows."""


def span(start: int, instructions: int, rate: Fraction) -> int:
    """Ticks between two readings of a counter, the first after `start` instructions."""
    return int((start + instructions) * rate) - int(start * rate)


def said(*rows: tuple[int, int, int, int, int, str], stack: int = 0x10000, end: str = "done\n") -> str:
    text = [f"stack {stack:08x}"]
    for loop, empty, ticks, depth, wrapped, output in rows:
        text += [f"loop {loop:08x}", f"empty {empty:08x}", f"ticks {ticks:08x}"]
        text += [f"depth {depth:08x}", f"wrapped {wrapped:08x}", f"output {output}"]
    return "\n".join(text) + "\n" + end


GOOD = (0x4E208, 5, 0x2157FD2, 0x22C, 0, "b9befc00")
"""As a board with a 25 MHz timer says it."""


def test_a_session_as_recorded() -> None:
    found = read_session(said(GOOD, (0x4E208, 4, 0x2157FD2, 0x22C, 0, "00ff7f80")))
    assert found.ticks_per_instruction == Fraction(8, 5)
    first, second = found.inferences
    assert first.instructions == second.instructions == round(0x2157FD2 / 1.6) - AROUND
    assert first.stack_bytes == 556
    assert first.output == bytes([0xB9, 0xBE, 0xFC, 0])


def test_the_rate_is_found_for_another_clock() -> None:
    found = read_session(said((0x3E806, 4, 0x1AFA2F9, 0x22C, 0, "00"), (0x3E807, 4, 0x1AFA40E, 8, 0, "00")))
    assert found.ticks_per_instruction == Fraction(32, 25)


@given(
    count=st.integers(1, 1 << 30),
    starts=st.tuples(*[st.integers(0, 1 << 20)] * 3),
    rate=st.sampled_from([Fraction(8, 5), Fraction(32, 25)]),
)
def test_a_count_is_right_to_one_instruction(
    count: int, starts: tuple[int, int, int], rate: Fraction
) -> None:
    row = (
        span(starts[0], LOOP + 1 + AROUND, rate),
        span(starts[1], 1 + AROUND, rate),
        span(starts[2], count + AROUND, rate),
        0,
        0,
        "",
    )
    found = read_session(said(row))
    assert found.ticks_per_instruction == rate
    assert abs(found.inferences[0].instructions - count) <= 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "fell silent"),
        ("stack 00010000\n", "fell silent"),
        ("stack 00010000\ndone\n", "something else"),
        (said(GOOD, end=""), "fell silent"),
        (said(GOOD)[:-30] + "\ndone\n", "something else"),
        (said(GOOD).replace("output b9", "output b"), "something else"),
        (said(GOOD).replace("loop", "pool"), "not agreed"),
        (said(GOOD).replace("empty", "ticks"), "something else"),
        (said(GOOD).replace("0004e208", "4e208"), "not agreed"),
        (said(GOOD, end="fault\n"), "faulted"),
        (said((0x4E208, 5, 1, 0, 1, "")), "2.7 thousand million instructions"),
        (said((0x4E208, 5, 1, 0x10000, 0, "")), "more than 65536 B of stack"),
        (said(GOOD, (0x5E208, 5, 1, 0, 0, "")), "evenly"),
        (said((0, 0, 1, 0, 0, "")), "evenly"),
        (said((3, 5, 1, 0, 0, "")), "evenly"),
    ],
)
def test_other_words_are_an_error(text: str, reason: str) -> None:
    with pytest.raises(BenchmarkError, match=reason):
        read_session(text)


@given(st.text(max_size=200))
def test_no_text_does_more_than_that(text: str) -> None:
    for words in (text, said(GOOD) + text, text + said(GOOD), said(GOOD).replace("done", text)):
        try:
            read_session(words)
        except BenchmarkError:
            continue


class TestInputs:
    def test_they_are_marsaglias_sequence(self) -> None:
        """From 1 it begins 270369, 67634689, 2647435461, 307599695 (the triple 13, 17, 5)."""
        [made] = xorshift_inputs(1, 1, 4)
        assert list(made) == [value >> 24 for value in (270369, 67634689, 2647435461, 307599695)]

    def test_one_input_follows_another(self) -> None:
        assert b"".join(xorshift_inputs(7, 3, 5)) == xorshift_inputs(7, 1, 15)[0]

    def test_all_values_occur(self) -> None:
        [made] = xorshift_inputs(2026, 1, 1 << 14)
        assert len(set(made)) == 256


class TestComparison:
    def test_differences_are_those_of_signed_values(self) -> None:
        found = compared([bytes([0x7F, 0x80]), b"\x00"], [bytes([0x7E, 0x83]), b"\xff"])
        assert (found.compared, found.differing, found.largest) == (3, 3, 3)

    def test_the_extremes_are_255_apart(self) -> None:
        assert compared([b"\x80"], [b"\x7f"]).largest == 255

    def test_equal_outputs(self) -> None:
        found = compared([b"abc", b"def"], [b"abc", b"def"])
        assert (found.compared, found.differing, found.largest) == (6, 0, 0)

    @pytest.mark.parametrize("theirs", [[], [b"ab"], [b"ab", b"c"], [b"a", b"bc"]])
    def test_outputs_of_another_size_are_an_error(self, theirs: list[bytes]) -> None:
        with pytest.raises(BenchmarkError, match="size"):
            compared([b"abc"], theirs)


def device(*cores: str | None) -> DeviceType:
    return DeviceType(
        slug="board",
        name="Board",
        vendor=None,
        evidence=EVIDENCE,
        processors=tuple(Processor(part=None, core=core) for core in cores),
    )


EVIDENCE = Evidence(kind=EvidenceKind.DECLARED, source="a test")


class TestCores:
    @pytest.mark.parametrize(
        ("cores", "core"),
        [
            (("cortex-m4",), "cortex-m4"),
            (("cortex-m4f",), "cortex-m4"),
            (("cortex-m0plus", "cortex-m33"), "cortex-m33"),
            (("cortex-m7", "cortex-m4"), "cortex-m7"),
            (("xtensa-lx7",), None),
            ((None,), None),
            ((), None),
        ],
    )
    def test_the_first_core_that_is_emulated(self, cores: tuple[str | None, ...], core: str | None) -> None:
        assert core_of(device(*cores)) == core

    def test_no_device(self) -> None:
        assert core_of(None) is None

    @pytest.mark.parametrize("core", list(WITHOUT))
    def test_other_cores_say_why(self, core: str) -> None:
        assert why_not(device(core)) == f"Board has a {core}: {WITHOUT[core]}"

    def test_strange_and_unknown_cores(self) -> None:
        assert "has rv32; emulated are cortex-m3, cortex-m4" in why_not(device("rv32"))
        assert "not known" in why_not(device(None))

    def test_every_core_is_in_the_vocabulary(self) -> None:
        from tinykg.files import ontology_files

        cores = next(path for path in ontology_files() if path.name == "cores.ttl").read_text(
            encoding="utf-8"
        )
        for core in (*BOARDS, *WITHOUT, "cortex-m4f"):
            assert f"core:{core} a skos:Concept" in cores
