"""Sentences about matching that hold for any sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import BOARD, FOOTPRINT, RUNTIME, board, constraint, the_match, world

from tinykg.match.fit import Question, match
from tinykg.records.device import Memory
from tinykg.records.match import Verdict

if TYPE_CHECKING:
    from tinykg.records.footprint import Footprint

FITS, NOT, UNKNOWN = Verdict.FITS, Verdict.DOES_NOT_FIT, Verdict.UNKNOWN

sizes = st.integers(1, 1 << 20)
maybe = st.none() | sizes


def memories(kind: str) -> st.SearchStrategy[Memory]:
    return st.builds(
        lambda total, block, free: Memory(
            kind=kind,
            total_bytes=total,
            source="T",
            contiguous_bytes=block,
            contiguous_source=None if block is None else "C",
            free_bytes=free,
            free_source=None if free is None else "F",
        ),
        maybe,
        maybe,
        maybe,
    )


@st.composite
def footprints(draw: st.DrawFn) -> Footprint:
    """Figures that are all known, or known but for the code."""
    arena, static, model, code = (draw(sizes) for _ in range(4))
    complete = draw(st.booleans())
    return replace(
        FOOTPRINT,
        arena_bytes=arena,
        arena_used_bytes=arena,
        static_ram_bytes=static if complete else None,
        ram_bytes=arena + static if complete else None,
        model_bytes=model,
        code_bytes=code if complete else None,
        flash_bytes=model + code if complete else None,
        unknowns=() if complete else ("code size",),
    )


def judged(required: int | None, least: int, available: int | None) -> Verdict:
    """What a person would say of one memory."""
    if available is None:
        return UNKNOWN
    if required is not None:
        return FITS if required <= available else NOT
    return NOT if least > available else UNKNOWN


@settings(max_examples=60, deadline=None)
@given(memories("sram"), memories("flash"), footprints())
def test_verdicts_are_those_of_a_person_with_a_pencil(ram: Memory, flash: Memory, need: Footprint) -> None:
    """Available is the least of what is free and the largest block; else the total; else nobody knows."""
    found = the_match(board=board(memories=(ram, flash)), footprint=need)
    stated = [b for b in (ram.free_bytes, ram.contiguous_bytes) if b is not None]
    ram_available = min(stated) if stated else ram.total_bytes
    flash_available = flash.total_bytes if flash.free_bytes is None else flash.free_bytes
    required = None if need.ram_bytes is None else need.ram_bytes + RUNTIME.stack_reserve_bytes
    wanted = {
        "ram": judged(required, need.arena_bytes or 0, ram_available),
        "flash": judged(need.flash_bytes, need.model_bytes or 0, flash_available),
    }
    assert {name: constraint(found, name).verdict for name in wanted} == wanted
    assert (found.ram_available_bytes, found.flash_available_bytes) == (ram_available, flash_available)
    assert found.verdict is (
        NOT if NOT in wanted.values() else UNKNOWN if UNKNOWN in wanted.values() else FITS
    )


@settings(max_examples=40, deadline=None)
@given(memories("sram"), footprints(), sizes)
def test_a_model_that_fits_a_board_fits_one_with_more_ram(ram: Memory, need: Footprint, more: int) -> None:
    larger = replace(
        ram,
        total_bytes=None if ram.total_bytes is None else ram.total_bytes + more,
        contiguous_bytes=None if ram.contiguous_bytes is None else ram.contiguous_bytes + more,
        free_bytes=None if ram.free_bytes is None else ram.free_bytes + more,
    )
    flash = BOARD.memories[1]
    boards = [
        board(slug="a", memories=(ram, flash)),
        board(slug="b", memories=(larger, flash)),
    ]
    here, there = match(world(boards=boards, footprints=[need]), Question())
    if constraint(here, "ram").verdict is FITS:
        assert constraint(there, "ram").verdict is FITS
    if constraint(there, "ram").verdict is NOT:
        assert constraint(here, "ram").verdict is NOT


@settings(max_examples=40, deadline=None)
@given(memories("sram"), memories("flash"), footprints())
def test_the_verdict_follows_from_the_constraints(ram: Memory, flash: Memory, need: Footprint) -> None:
    """One `does not fit` decides, else one `unknown` does; and reasons are what keeps it from fitting."""
    found = the_match(board=board(memories=(ram, flash)), footprint=need)
    verdicts = {c.verdict for c in found.constraints}
    assert found.verdict is (NOT if NOT in verdicts else UNKNOWN if UNKNOWN in verdicts else FITS)
    assert set(found.reasons) == {c for c in found.constraints if c.verdict is not FITS}
    assert all(c.message and c.message[0].islower() for c in found.constraints)
