"""What sources say of a board, as people and programs read it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from tinykg.join.statements import disagreements
from tinykg.quantities import size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.board import Statement


def value_text(statement: Statement) -> str:
    """The value with its unit: bytes in KiB or MiB and exactly, clocks in MHz."""
    value = statement.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if statement.fact == "clock_hz":
        return f"{value / 1e6:g} MHz"
    return str(value) if statement.fact == "core_count" else f"{size(value)} ({value} B)"


def cited(statement: Statement) -> str:
    """The source, and where in it the figure stands."""
    return statement.source if statement.place is None else f"{statement.source}: {statement.place}"


def sources_value(statements: Sequence[Statement]) -> dict[str, object]:
    """All statements, and the facts on which sources differ."""
    return {
        "statements": [asdict(statement) for statement in statements],
        "sources_differ_on": list(disagreements(statements)),
    }
