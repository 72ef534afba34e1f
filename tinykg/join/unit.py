"""One device of a type -> what a model finds on it. Pure.

What a device's own Thing Description says stands above what is known of its type: its free memory, its
system. Sensors and accelerators that it names come to those of the type, since they are what was attached
to it; that it has none must be said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tinykg.join.compose import KINDS, compose
from tinykg.records.device import DeviceType, Memory, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.board import BoardDescription

_SOURCE = "its Thing Description"


def unit(identifier: str, said: BoardDescription, kind: DeviceType | None) -> DeviceType:
    """The device of an identifier, by its own description and its type where that is known.

    It is given in the form of a device type whose slug is the identifier.
    """
    own = compose(identifier, [said], []).device
    base = own if kind is None else kind
    return DeviceType(
        slug=identifier,
        name=said.name,
        vendor=own.vendor or base.vendor,
        evidence=Evidence(kind=EvidenceKind.DECLARED, source=_SOURCE),
        system=own.system or base.system,
        processors=own.processors or base.processors,
        memories=_memories(own.memories, base.memories),
        sensors=_sensors(own.sensors, base.sensors),
        accelerators=_names(own.accelerators, base.accelerators),
        connectivity=_names(own.connectivity, base.connectivity),
        active_power_mw=base.active_power_mw,
        note=own.note,
    )


def _memories(own: Sequence[Memory], base: Sequence[Memory]) -> tuple[Memory, ...]:
    """Each kind of memory once: as the type has it, under what the device says."""
    of_type = {memory.kind: memory for memory in reversed(base)}
    of_unit = {memory.kind: memory for memory in reversed(own)}
    kinds = sorted({*of_type, *of_unit}, key=lambda kind: (KINDS.index(kind) if kind in KINDS else 99, kind))
    return tuple(_memory(of_unit.get(kind), of_type.get(kind)) for kind in kinds)


def _memory(own: Memory | None, base: Memory | None) -> Memory:
    if own is None or base is None:
        found = own or base
        assert found is not None
        return found if own is None else _told(own)
    return replace(
        base,
        **{
            name: getattr(_told(own), name)
            for figure, source in (
                ("total_bytes", "source"),
                ("contiguous_bytes", "contiguous_source"),
                ("free_bytes", "free_source"),
            )
            if getattr(own, figure) is not None
            for name in (figure, source)
        },
    )


def _told(own: Memory) -> Memory:
    """A memory whose figures come from the device's own description."""
    return replace(
        own,
        source=None if own.total_bytes is None else _SOURCE,
        contiguous_source=None if own.contiguous_bytes is None else _SOURCE,
        free_source=None if own.free_bytes is None else _SOURCE,
    )


def _sensors(own: Sequence[Sensor] | None, base: Sequence[Sensor] | None) -> tuple[Sensor, ...] | None:
    if own is None or base is None or not own:
        found = base if own is None else own
        return None if found is None else tuple(found)
    return (*base, *(sensor for sensor in own if sensor not in base))


def _names(own: Sequence[str] | None, base: Sequence[str] | None) -> tuple[str, ...] | None:
    if own is None or base is None or not own:
        found = base if own is None else own
        return None if found is None else tuple(found)
    return tuple(sorted({*own, *base}))
