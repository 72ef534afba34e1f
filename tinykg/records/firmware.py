"""What the build of a firmware needs of one model on one device: memory, kernels, tensors, sensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinykg.records.model_file import ELEMENT_BITS

if TYPE_CHECKING:
    from tinykg.records.device import Sensor
    from tinykg.records.evidence import Evidence
    from tinykg.records.match import Match
    from tinykg.records.model import Model, SensorRequirement
    from tinykg.records.model_file import ModelFile, Tensor

INTERPRETER_FAMILY = "tflite-micro"
"""The family of runtimes whose applications make a resolver and reserve an arena."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeRelease:
    """The runtime that the figures hold for; another release needs other sizes."""

    name: str
    title: str
    family: str
    version: str
    kernel_set: str
    abi: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverEntry:
    """One operator of the file: its name there, its versions, and what registers its kernel.

    `add_method` is the method of `MicroMutableOpResolver` (`AddConv2D`); None where the runtime
    has no kernel of that name.
    """

    operator: str
    versions: tuple[int, ...]
    custom: bool
    add_method: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """An input or output of the model; `argument` is its name in the file's signature, if it has one."""

    tensor: Tensor
    argument: str | None = None

    @property
    def size_bytes(self) -> int | None:
        """The bytes of the tensor; None where a dimension or the size of an element is not fixed."""
        bits = ELEMENT_BITS.get(self.tensor.element_type, 0)
        if not bits or any(dimension < 0 for dimension in self.tensor.shape or ()):
            return None
        return (self.tensor.elements * bits + 7) // 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SensedProperty:
    """A property that the model senses, and the sensors of the device that observe it.

    `observed_by` is () where none does, None where the device's sensors are not known.
    """

    need: SensorRequirement
    observed_by: tuple[Sensor, ...] | None

    @property
    def window_samples(self) -> int | None:
        """Samples in one window at the stated rate; None where that is no whole number or not stated."""
        if self.need.rate_hz is None or self.need.window_s is None:
            return None
        samples = self.need.rate_hz * self.need.window_s
        return round(samples) if abs(samples - round(samples)) < 1e-6 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareBuild:
    """All that is known of a model for its build into a device's firmware; None is not known or not needed.

    `arena_bytes` is what to reserve, aligned to `arena_alignment_bytes`. `resolver` and `resource_variables`
    (how many the application has to provide for) are those of an interpreter; None for runtimes without one,
    and where a compiler decides which operators remain. `senses` is None where nobody stated it.
    """

    match: Match
    model: Model
    file: ModelFile
    runtime: RuntimeRelease
    arena_bytes: int | None
    arena_alignment_bytes: int
    resolver: tuple[ResolverEntry, ...] | None
    resource_variables: int | None
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    senses: tuple[SensedProperty, ...] | None
