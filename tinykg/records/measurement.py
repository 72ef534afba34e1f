"""Published measurements: who ran which network where, with what result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementSource:
    """A published document with measurements.

    `tool` and `version` name the benchmark that its runs follow, where there is one.
    `kernels` marks calls of single kernels instead of runs of models.
    """

    name: str
    title: str
    address: str
    licence: str
    tool: str | None = None
    version: str | None = None
    kernels: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The work of one inference of a measured network, as far as it is known.

    `macs` counts multiply-accumulate operations by class (`conv_1x1`, ...), `operators` the
    layers that run, `other_elements` the tensor elements that layers without
    multiply-accumulates touch. `counted` says how the figures were obtained.
    """

    name: str
    macs: Mapping[str, int]
    types: str
    operators: int
    other_elements: int | None
    counted: str
    file_sha256: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRun:
    """One row of a published table: a network on a board by a kernel stack.

    `board`, `model` and `runtime` are the source's own words; `source` is the name of its file.
    `device` is the slug of the
    catalogue's device type where it is certainly the same board, `file_sha256` names the
    model file where it is certainly the same file. `stack` is the normalised kernel stack
    (data/estimates/stacks.toml), `types` the arithmetic (`int8`, `float32`). `energy_uj`
    was taken in a run of its own, whose latency is `energy_latency_ms` where it differs.
    `power_mw` is a mean over a stream of inputs. `place` says where in the source it stands.
    """

    run: str
    source: str
    source_title: str
    board: str
    stack: str
    runtime: str
    model: str
    latency_ms: float
    place: str
    submitter: str | None = None
    device: str | None = None
    part: str | None = None
    core: str | None = None
    clock_mhz: float | None = None
    file_sha256: str | None = None
    types: str | None = None
    energy_uj: float | None = None
    energy_latency_ms: float | None = None
    power_mw: float | None = None
    metric: str | None = None
    quality: float | None = None
    ram_bytes: int | None = None
    flash_bytes: int | None = None

    @property
    def witness(self) -> str:
        """Who measured: the document, its submitter, and the engine in the source's words."""
        by = f", {self.submitter}" if self.submitter else ""
        return f"{self.source_title}{by}: {self.runtime}"

    @property
    def clock_hz(self) -> int | None:
        """The clock in Hz."""
        return None if self.clock_mhz is None else round(self.clock_mhz * 1e6)

    @property
    def active_power_mw(self) -> float | None:
        """Energy of one inference over its time, in mW; None where no energy was measured."""
        if self.energy_uj is None:
            return None
        return self.energy_uj / (self.energy_latency_ms or self.latency_ms)
