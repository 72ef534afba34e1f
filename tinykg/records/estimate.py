"""What is known about the time and energy of an inference before anybody measured it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.records.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class MacCount:
    """Multiply-accumulate operations of one class (`conv_1x1`, ...).

    `types` are the element types of the data and the weights that meet: `int8,int8`.
    """

    mac_class: str
    types: str
    macs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The work of one inference of a model file.

    `operators` counts the layers that run, `other_elements` the tensor elements that layers
    without multiply-accumulates touch (RESHAPE touches none). `opaque` names operators whose
    work the file does not tell: custom ones, loops and branches.
    """

    counts: tuple[MacCount, ...]
    operators: int
    other_elements: int
    opaque: tuple[str, ...] = ()

    @property
    def macs(self) -> int:
        """All multiply-accumulate operations."""
        return sum(count.macs for count in self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelStack:
    """The code that ran in measurements, and the runtimes it stands for.

    `kernels` is `tuned` or `reference` where a latency model is fitted to it, else None.
    """

    name: str
    title: str
    kernels: str | None = None
    runtimes: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyModel:
    """Cycles of a kernel stack on a core, fitted to published measurements.

    Cycles of an inference: the sum over classes of `cycles_per_mac` times operations, plus
    `cycles_per_operator` times layers. `largest_shares` says how much of a measured network's
    operations each class makes up at most; classes that none has are absent.
    `error_factor` bounds nine of ten predictions that were held out as `held_out`
    says: they lie within a factor of it of the measurement, either way. `part` restricts the
    model to parts whose name starts so, where `cores` name an instruction set.
    """

    stack: str
    title: str
    runtimes: tuple[str, ...]
    cores: tuple[str, ...]
    types: str
    cycles_per_mac: Mapping[str, float]
    largest_shares: Mapping[str, float]
    cycles_per_operator: float
    error_factor: float
    held_out: str
    held_out_rows: int
    rows: int
    models: int
    boards: tuple[str, ...]
    sources: tuple[str, ...]
    macs_low: int
    macs_high: int
    other_elements_per_mac: float
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerFigure:
    """Electrical power of a device type during inference, in mW: energy over time of published runs.

    `low` and `high` are the extremes of `rows` runs; `stack` is None for the runs of all stacks.
    """

    device: str
    stack: str | None
    milliwatt: float
    low: float
    high: float
    rows: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateTables:
    """The latency models and power figures that estimates are made from."""

    latency: tuple[LatencyModel, ...]
    power: tuple[PowerFigure, ...] = ()
    stacks: Mapping[str, KernelStack] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its interval, in `unit` (`us`, `uJ`), and what it rests on.

    `rows` counts the measurements behind it; `basis` is a sentence for a person.
    """

    value: float
    low: float
    high: float
    unit: str
    evidence: Evidence
    rows: int
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No figure, and the fact that is missing for one."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Time and energy of one inference of a model on a device type by a runtime that runs there."""

    device: str
    model: str
    runtime: str
    latency: Estimate | Unknown
    energy: Estimate | Unknown
