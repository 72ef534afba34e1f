"""Order of matches, pure: by verdict, then as asked, then by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tinykg.records.estimate import Estimate
from tinykg.records.evidence import EvidenceKind
from tinykg.records.match import Match, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tinykg.records.estimate import Unknown

Preference: TypeAlias = tuple[float, bool, float, float, bool, float, float, str]
"""Sorts the runtimes of one pair, the best first."""

_VERDICTS = {Verdict.FITS: 0, Verdict.UNKNOWN: 1, Verdict.DOES_NOT_FIT: 2}
_EVIDENCE = {"measured": 0, "computed": 0, "declared": 1, "estimated": 2}
_LAST = float("inf")


def _known(value: float | None) -> float:
    return _LAST if value is None else value


def _figure(value: Estimate | Unknown | None) -> float:
    return value.value if isinstance(value, Estimate) else _LAST


def _high_first(accuracy: float | None) -> float:
    return 1.0 if accuracy is None else -accuracy


SORTS: dict[str, tuple[str, Callable[[Match], tuple[float | str, ...]]]] = {
    "task": ("by task, the most accurate first", lambda m: (m.task or "~", _high_first(m.accuracy))),
    "accuracy": ("most accurate first", lambda m: (_high_first(m.accuracy),)),
    "ram": ("least RAM first", lambda m: (_known(m.ram_required_bytes),)),
    "flash": ("least flash first", lambda m: (_known(m.flash_required_bytes),)),
    "macs": ("fewest multiply-accumulates first", lambda m: (m.macs,)),
    "latency": ("the quickest first", lambda m: (_figure(m.latency),)),
    "energy": ("least energy first", lambda m: (_figure(m.energy),)),
    "margin": ("most RAM to spare first", lambda m: (-_margin(m),)),
    "name": ("by name", lambda _: ()),
}
"""The orders that can be asked for: what each means, and its key."""


def _margin(match: Match) -> float:
    if match.ram_required_bytes is None or match.ram_available_bytes is None:
        return -_LAST
    return match.ram_available_bytes - match.ram_required_bytes


def rank(matches: Iterable[Match], sort: str = "task") -> list[Match]:
    """The matches in order: fits, unknown, does not fit; then as `sort` says; a pair's best runtime first."""
    key = SORTS[sort][1]
    return sorted(
        matches,
        key=lambda m: (_VERDICTS[m.verdict], *key(m), m.model.casefold(), m.device, *_preference(m)),
    )


def best(matches: Iterable[Match]) -> list[Match]:
    """For each pair of model and device the runtime that serves it best.

    Fits first; then releases that nothing supersedes; then a footprint that was measured or computed before
    one that was estimated; then the fewest failed constraints; then a latency that was measured, the
    shortest latency, the least RAM.
    """
    found: dict[tuple[str, str], Match] = {}
    for match in sorted(matches, key=_preference):
        found.setdefault((match.model, match.device), match)
    return list(found.values())


def preference(
    *,
    verdict: Verdict,
    superseded: bool,
    evidence: str | None,
    failed: int,
    latency: Estimate | Unknown | None,
    ram_required_bytes: int | None,
    runtime: str,
) -> Preference:
    """How good a runtime's answer for a pair is, as `best` says; the least is the best."""
    strength = _EVIDENCE.get(evidence or "", _LAST)
    timed = isinstance(latency, Estimate) and latency.evidence.kind is EvidenceKind.MEASURED
    return (
        _VERDICTS[verdict],
        superseded,
        strength,
        failed,
        not timed,
        _figure(latency),
        _known(ram_required_bytes),
        runtime,
    )


def _preference(match: Match) -> Preference:
    return preference(
        verdict=match.verdict,
        superseded=match.superseded,
        evidence=match.evidence,
        failed=sum(c.verdict is not Verdict.FITS for c in match.constraints),
        latency=match.latency,
        ram_required_bytes=match.ram_required_bytes,
        runtime=match.runtime,
    )
