"""Explanations of one pair as people read them: one runtime in full, the others in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.quantities import duration, estimate_text, size
from tinykg.records.estimate import Estimate, Unknown
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


def time_and_energy(match: Match) -> list[tuple[str, str, str | None]]:
    """Name, text and basis of the time and the energy of one inference, where there is anything to say."""
    lines: list[tuple[str, str, str | None]] = []
    for name, figure in (("latency", match.latency), ("energy", match.energy)):
        if isinstance(figure, Estimate):
            lines.append((name, estimate_text(figure), figure.basis))
        elif isinstance(figure, Unknown):
            lines.append((name, f"not known: {figure.reason}", None))
    return lines[:1] if len({text for _, text, _ in lines}) == 1 else lines


def in_a_line(match: Match) -> str:
    """The verdict of one runtime: what it needs, or what is in the way."""
    if match.verdict is Verdict.FITS:
        ram, flash = match.ram_required_bytes or 0, match.flash_required_bytes or 0
        time = f", about {duration(match.latency.value)}" if isinstance(match.latency, Estimate) else ""
        return f"{match.verdict.value}, with {size(ram)} of RAM and {size(flash)} of flash{time}"
    failed = [c.name for c in match.reasons if c.verdict is match.verdict]
    return f"{match.verdict.value}: {', '.join(failed)}"
