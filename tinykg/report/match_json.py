"""Matches as JSON values."""

from __future__ import annotations

from tinykg.records.estimate import Estimate, Unknown
from tinykg.records.match import Constraint, Explanation, Match, Verdict


def constraint_value(constraint: Constraint) -> dict[str, object]:
    """A constraint; quantities that are bytes are integers."""
    figures = {
        "required": constraint.required,
        "available": constraint.available,
        "margin": constraint.margin,
        "basis": constraint.basis,
        "source": constraint.source,
        "found": list(constraint.found) or None,
    }
    return {
        "constraint": constraint.name,
        "verdict": constraint.verdict.value,
        "message": constraint.message,
        **{name: value for name, value in figures.items() if value is not None},
    }


def estimate_value(estimate: Estimate | Unknown | None) -> dict[str, object] | None:
    """A figure with its interval and what it rests on; why there is none; None where it cannot run there."""
    if estimate is None:
        return None
    if isinstance(estimate, Unknown):
        return {"unknown": estimate.reason}
    unit = estimate.unit.lower()
    return {
        f"value_{unit}": estimate.value,
        f"low_{unit}": estimate.low,
        f"high_{unit}": estimate.high,
        "evidence": estimate.evidence.kind.value,
        "rows": estimate.rows,
        "basis": estimate.basis,
    }


def match_value(match: Match) -> dict[str, object]:
    """A match; `reasons` only where it is not a fit."""
    value: dict[str, object] = {
        "model": match.model,
        "device": match.device,
        "runtime": match.runtime,
        "verdict": match.verdict.value,
        "ram_required_bytes": match.ram_required_bytes,
        "ram_available_bytes": match.ram_available_bytes,
        "flash_required_bytes": match.flash_required_bytes,
        "flash_available_bytes": match.flash_available_bytes,
        "arena_bytes": match.arena_bytes,
        "stack_reserve_bytes": match.stack_reserve_bytes,
        "task": match.task,
        "accuracy": match.accuracy,
        "macs": match.macs,
        "evidence": match.evidence,
        "latency": estimate_value(match.latency),
        "energy": estimate_value(match.energy),
        "constraints": [constraint_value(c) for c in match.constraints],
    }
    if match.verdict is not Verdict.FITS:
        value["reasons"] = [constraint_value(c) for c in match.reasons]
    return value


def explanation_value(explanation: Explanation) -> dict[str, object]:
    """A match with what would change its verdict."""
    return {**match_value(explanation.match), "remedies": list(explanation.remedies)}
