"""What is known about a device type: processors, memories, sensors, accelerators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinykg.records.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """A processor part and one kind of core in it; `core` is a slug of the core vocabulary."""

    part: str | None
    core: str | None
    core_count: int | None = None
    clock_hz: int | None = None
    has_fpu: bool | None = None
    simd: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One memory of a board, in bytes, and which figures its sources state.

    `kind` is a slug of the memory vocabulary: `sram`, `dram` (main memory of a
    Linux board), `psram`, `flash` (holds the program), `external-flash`.
    `total_bytes` is the chip's figure, `contiguous_bytes` the largest block one
    array can take, `free_bytes` what the platform leaves to the application, as
    stated by `free_source`.
    """

    kind: str
    total_bytes: int | None = None
    contiguous_bytes: int | None = None
    free_bytes: int | None = None
    location: str | None = None
    source: str | None = None
    contiguous_source: str | None = None
    free_source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A sensor on the board; `kind` is a slug of the sensor-kind vocabulary."""

    kind: str
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceType:
    """A board or module that can be bought; None is unknown, () is known to have none."""

    slug: str
    name: str
    vendor: str | None
    evidence: Evidence
    aliases: tuple[str, ...] = ()
    system: str | None = None
    processors: tuple[Processor, ...] = ()
    memories: tuple[Memory, ...] = ()
    sensors: tuple[Sensor, ...] | None = None
    accelerators: tuple[str, ...] | None = None
    connectivity: tuple[str, ...] | None = None
    active_power_mw: float | None = None
    platformio_id: str | None = None
    zephyr_id: str | None = None
    note: str | None = None
