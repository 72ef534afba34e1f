"""What a model file needs on a runtime: RAM and flash, or why the runtime refuses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinykg.records.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a runtime does not run a file: the layer, its operator and the element types found."""

    subgraph: int
    layer: int
    operator: str
    element_types: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A named part of a total, in bytes."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBuffer:
    """One buffer of the memory plan: a tensor or a scratch request.

    Live from step `first` to step `last`, both included; `offset_bytes` from the
    start of the arena.
    """

    name: str
    subgraph: int
    tensor: int | None
    first: int
    last: int
    offset_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """RAM and flash of one model file on one runtime, in bytes.

    `arena_used_bytes` is what the runtime reports after allocation, `arena_bytes`
    the smallest arena for which allocation succeeds, which a product must reserve.
    `ram_bytes` is the arena plus `static_ram_bytes`; `flash_bytes` is the model
    plus `code_bytes`. All are None where the runtime refuses the file; then
    `refusals` says why. An estimate gives the interval that RAM and flash lie in
    (`ram_bytes_low` to `ram_bytes_high`); exact figures have none. `unknowns` names
    what keeps a figure from being computed.
    `tail` are the parts of `tail_bytes`; `peak` those of `arena_bytes`, at the moment
    of allocation that `peak_moment` names (`running` after it); `plan` makes the head.
    """

    runtime: str
    evidence: Evidence
    arena_used_bytes: int | None = None
    arena_bytes: int | None = None
    head_bytes: int | None = None
    tail_bytes: int | None = None
    static_ram_bytes: int | None = None
    ram_bytes: int | None = None
    ram_bytes_low: int | None = None
    ram_bytes_high: int | None = None
    model_bytes: int | None = None
    code_bytes: int | None = None
    flash_bytes: int | None = None
    flash_bytes_low: int | None = None
    flash_bytes_high: int | None = None
    tail: tuple[Share, ...] = ()
    peak: tuple[Share, ...] = ()
    peak_moment: str | None = None
    plan: tuple[PlannedBuffer, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    unknowns: tuple[str, ...] = ()
