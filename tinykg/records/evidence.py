"""Where a number comes from and how it was obtained."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EvidenceKind(StrEnum):
    """How a value was obtained, strongest first."""

    MEASURED = "measured"
    COMPUTED = "computed"
    ESTIMATED = "estimated"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The kind of evidence behind a value and the source that gives it.

    `source` is a citation or an IRI that a person can follow; `confidence` is
    "high" or "medium" where the source's compiler said so.
    """

    kind: EvidenceKind
    source: str
    confidence: str | None = None
