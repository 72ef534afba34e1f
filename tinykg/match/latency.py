"""Time and energy of matches: runs the latency query, where measured beats estimated and a gap is named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from tinykg.quantities import duration, estimate_text
from tinykg.queries.load import sparql
from tinykg.records.estimate import Estimate, Performance, Unknown
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.match import Constraint, Match, Verdict
from tinykg.store.protocol import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tinykg.queries.load import Parameter
    from tinykg.store.protocol import Store, Term

Row: TypeAlias = "Mapping[str, Term | None]"

Timings: TypeAlias = "Mapping[tuple[str, str, str], Performance]"
"""Time and energy by the names of device, model and runtime."""


def timings(
    store: Store, *, device: Parameter = None, model: Parameter = None, runtime: Parameter = None
) -> Timings:
    """Time and energy of each pair on each runtime that runs there, by (device, model, runtime) names.

    A runtime that has no core in common with the device has no entry. None asks about all.
    """
    found = (
        _performance(row)
        for row in store.select(sparql("latency", device=device, model=model, runtime=runtime))
    )
    return {(p.device, p.model, p.runtime): p for p in found}


def _performance(row: Row) -> Performance:
    return Performance(
        device=_require(row, "deviceSlug"),
        model=_require(row, "modelName"),
        runtime=_require(row, "runtimeName"),
        latency=_figure(row, "latency", "Us", "us"),
        energy=_figure(row, "energy", "Uj", "uJ"),
    )


def with_timing(match: Match, performance: Performance | None, max_latency_us: float | None) -> Match:
    """The match with its time and energy; a longest time that is asked for is one more constraint."""
    if performance is not None:
        match = replace(match, latency=performance.latency, energy=performance.energy)
    if max_latency_us is None:
        return match
    constraints = (*match.constraints, _constraint(match, max_latency_us))
    return replace(match, constraints=constraints, verdict=worst(c.verdict for c in constraints))


def without(match: Match, name: str) -> Match:
    """The match without one of its constraints."""
    kept = tuple(c for c in match.constraints if c.name != name)
    return replace(match, constraints=kept, verdict=worst(c.verdict for c in kept))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """What several constraints come to: the worst of their verdicts."""
    found = set(verdicts)
    return next((v for v in (Verdict.DOES_NOT_FIT, Verdict.UNKNOWN) if v in found), Verdict.FITS)


def verdict_within(latency: Estimate | Unknown | None, most_us: float) -> Verdict:
    """Whether one inference takes at most so long; unknown where an estimate's interval holds the limit."""
    if not isinstance(latency, Estimate):
        return Verdict.UNKNOWN
    measured = latency.evidence.kind is EvidenceKind.MEASURED
    low, high = (latency.value, latency.value) if measured else (latency.low, latency.high)
    if high <= most_us:
        return Verdict.FITS
    return Verdict.DOES_NOT_FIT if low > most_us else Verdict.UNKNOWN


def _constraint(match: Match, most_us: float) -> Constraint:
    latency, verdict = match.latency, verdict_within(match.latency, most_us)
    wanted = f"at most {duration(most_us)} is asked for"
    if isinstance(latency, Estimate):
        message = f"{estimate_text(latency)}; {wanted}"
    elif isinstance(latency, Unknown):
        message = f"{wanted}; how long it takes is not known: {latency.reason}"
    else:
        message = f"{wanted}; {match.runtime} does not run on this board"
    stated = latency.value if isinstance(latency, Estimate) else None
    return Constraint(
        name="latency",
        verdict=verdict,
        message=message,
        required=stated,
        available=most_us,
        basis=latency.evidence.kind.value if isinstance(latency, Estimate) else None,
        source=latency.basis if isinstance(latency, Estimate) else None,
    )


def _figure(row: Row, name: str, suffix: str, unit: str) -> Estimate | Unknown:
    """One figure of a row, or what is missing for it."""
    missing = text_of(row.get(f"{name}Missing"))
    if missing is not None:
        return Unknown(reason=missing)
    basis = _require(row, f"{name}Basis")
    return Estimate(
        value=float(_require(row, f"{name}{suffix}")),
        low=float(_require(row, f"{name}Low{suffix}")),
        high=float(_require(row, f"{name}High{suffix}")),
        unit=unit,
        evidence=Evidence(kind=EvidenceKind(_require(row, f"{name}Evidence")), source=basis),
        rows=int(_require(row, f"{name}Rows")),
        basis=basis,
    )


def _require(row: Row, name: str) -> str:
    found = text_of(row.get(name))
    if found is None:
        raise ValueError(f"the latency query left ?{name} unbound")
    return found
