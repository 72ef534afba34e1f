"""Explanations of one pair as people read them: one runtime in full, the others in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.quantities import size
from tinykg.records.match import Verdict

if TYPE_CHECKING:
    from tinykg.records.match import Match


def title(match: Match) -> str:
    """The pair, the runtime and the verdict."""
    return f"{match.model} on {match.device_name}, by {match.runtime}: {match.verdict.value}"


def parts_of_ram(match: Match) -> str | None:
    """What the RAM that is required consists of; None where it is not known."""
    if match.ram_required_bytes is None or match.arena_bytes is None:
        return None
    stack = match.stack_reserve_bytes or 0
    static = match.ram_required_bytes - match.arena_bytes - stack
    return f"RAM is {match.arena_bytes} B arena + {static} B static + {stack} B stack ({match.evidence})"


def in_a_line(match: Match) -> str:
    """The verdict of one runtime: what it needs, or what is in the way."""
    if match.verdict is Verdict.FITS:
        ram, flash = match.ram_required_bytes or 0, match.flash_required_bytes or 0
        return f"{match.verdict.value}, with {size(ram)} of RAM and {size(flash)} of flash"
    failed = [c.name for c in match.reasons if c.verdict is match.verdict]
    return f"{match.verdict.value}: {', '.join(failed)}"
