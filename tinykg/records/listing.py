"""Short lines about what a registry holds."""

from __future__ import annotations

from dataclasses import dataclass

from tinykg.records.thing import ThingFault  # noqa: TC001 - the OpenAPI document is made of the fields' types


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSummary:
    """One model in a list; `accuracy` is the best stated top-1 accuracy, `senses` slugs of properties."""

    name: str
    task: str | None
    accuracy: float | None
    file_bytes: int
    macs: int
    parameters: int
    senses: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSummary:
    """One device type in a list; memory figures are totals, or what is stated as free where no total is."""

    slug: str
    name: str
    core: str | None
    clock_hz: int | None
    ram_bytes: int | None
    flash_bytes: int | None
    sensors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSummary:
    """One registered device in a list: its Thing's id and title, its type's slug, what it has free."""

    id: str
    name: str
    device_type: str | None
    ram_free_bytes: int | None
    flash_free_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeSummary:
    """One runtime in a list."""

    name: str
    title: str
    family: str
    version: str
    kernel_set: str
    abi: str
    operators: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What became of one file: `added`, `updated`, `unchanged` or `refused` (then `problem` says why).

    `is_conflict` says of a refusal that the name is taken by something else, `faults` where in the file
    what is wrong, as far as that is known.
    """

    path: str
    kind: str | None
    name: str | None
    status: str
    problem: str | None = None
    is_conflict: bool = False
    faults: tuple[ThingFault, ...] = ()
