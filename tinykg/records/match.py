"""The answer to 'does it run there': a verdict, its constraints and their reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinykg.records.estimate import Estimate, Unknown


class Verdict(StrEnum):
    """`unknown` means that a fact is missing; the reason names it."""

    FITS = "fits"
    DOES_NOT_FIT = "does not fit"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One condition of a match: what is required, what is available, and what that means.

    `required`, `available` and `margin` are bytes for `ram` and `flash`, a fraction
    for `accuracy`, microseconds for `latency`; None where the condition is not a quantity or a figure is
    missing. `basis` says which figure `available` is, `source` who states it. `found`
    lists what the verdict rests on where it is not a quantity: element types of refused
    layers, properties that no sensor observes.
    """

    name: str
    verdict: Verdict
    message: str
    required: float | None = None
    available: float | None = None
    basis: str | None = None
    source: str | None = None
    found: tuple[str, ...] = ()

    @property
    def margin(self) -> float | None:
        """Available minus required; negative where it falls short."""
        if self.required is None or self.available is None:
            return None
        return self.available - self.required


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One model on one device type by one runtime.

    `superseded` says that the runtime is an earlier release of another one. `latency` (us) and
    `energy` (uJ) are those of one inference; None where the runtime does not run on the device's
    cores, or nobody asked.
    """

    model: str
    device: str
    device_name: str
    runtime: str
    verdict: Verdict
    constraints: tuple[Constraint, ...]
    ram_required_bytes: int | None
    ram_available_bytes: int | None
    flash_required_bytes: int | None
    flash_available_bytes: int | None
    arena_bytes: int | None
    stack_reserve_bytes: int | None
    task: str | None
    accuracy: float | None
    macs: int
    evidence: str | None
    superseded: bool = False
    latency: Estimate | Unknown | None = None
    energy: Estimate | Unknown | None = None

    @property
    def reasons(self) -> tuple[Constraint, ...]:
        """The constraints that keep it from fitting: failed ones first, then unknown ones."""
        kept = [c for c in self.constraints if c.verdict is not Verdict.FITS]
        return tuple(sorted(kept, key=lambda c: c.verdict is Verdict.UNKNOWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A match with what would change its verdict: one line each, most direct first."""

    match: Match
    remedies: tuple[str, ...]
