"""A device type as a Thing Model, and the Thing Description that one unit of it may begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.records.device import Memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.device import DeviceType, Processor, Sensor

TM_MEDIA_TYPE: Final = "application/tm+json"
TD_MEDIA_TYPE: Final = "application/td+json"

_CONTEXT: Final = (
    "https://www.w3.org/2022/wot/td/v1.1",
    {
        "tk": "https://w3id.org/tinykg#",
        "tinykg": "https://w3id.org/tinykg/",
        "schema": "http://schema.org/",
    },
)


def thing_model(device: DeviceType) -> dict[str, object]:
    """A device type in the form of TD 1.1's Thing Models (9), its parts in TinyKG's terms.

    TinyKG's own reader of Thing Models gets the same facts back out of it. What is unknown is left out.
    """
    return {
        "@context": list(_CONTEXT),
        "@type": ["tm:ThingModel", "schema:ProductModel"],
        "title": device.name,
        **_facts(device),
    }


def thing_description(
    device: DeviceType,
    *,
    thing_id: str,
    title: str | None,
    href: str,
    free_ram_bytes: int | None = None,
    free_flash_bytes: int | None = None,
) -> dict[str, object]:
    """A Thing Description of one unit, which links to its type at `href` (TD 1.1, 9.3).

    It needs no credentials, has no affordances and repeats nothing of its type but what is told of the unit's
    free memory: who registers it adds what else is its own, such as its address or a sensor that is attached.
    """
    free = {_ram_kind(device): free_ram_bytes, "flash": free_flash_bytes}
    memories = [
        _memory(Memory(kind=kind, free_bytes=size)) for kind, size in free.items() if size is not None
    ]
    return {
        "@context": list(_CONTEXT),
        "@type": ["schema:IndividualProduct"],
        "id": thing_id,
        "title": title or device.name,
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "security": ["nosec_sc"],
        "links": [{"rel": "type", "href": href, "type": TM_MEDIA_TYPE}],
        **({"tk:hasMemory": memories} if memories else {}),
    }


def _ram_kind(device: DeviceType) -> str:
    """Which memory of a device a model's arena is in: DRAM where it has no SRAM."""
    kinds = {memory.kind for memory in device.memories}
    return "dram" if "dram" in kinds and "sram" not in kinds else "sram"


def _facts(device: DeviceType) -> dict[str, object]:
    facts: dict[str, object | None] = {
        "schema:manufacturer": {"schema:name": device.vendor} if device.vendor else None,
        "tk:runsSystem": _concept("system", device.system),
        "tk:hasProcessor": [_processor(p) for p in device.processors] or None,
        "tk:hasMemory": [_memory(m) for m in device.memories] or None,
        "tk:hasSensor": [_sensor(s) for s in device.sensors or ()] or None,
        "tk:hasNoSensor": _is_none(device.sensors),
        "tk:accelerator": list(device.accelerators or ()) or None,
        "tk:hasNoAccelerator": _is_none(device.accelerators),
        "tk:connectivity": list(device.connectivity or ()) or None,
        "tk:hasNoConnectivity": _is_none(device.connectivity),
    }
    return _known(facts)


def _is_none(known: Sequence[object] | None) -> bool | None:
    """True where it is known that there are none; None where nothing is known, and where there are some."""
    return True if known is not None and not known else None


def _processor(processor: Processor) -> dict[str, object]:
    return _known(
        {
            "tk:part": processor.part,
            "tk:core": _concept("core", processor.core),
            "tk:coreCount": processor.core_count,
            "tk:clockHz": processor.clock_hz,
            "tk:hasFpu": processor.has_fpu,
            "tk:simd": processor.simd,
        }
    )


def _memory(memory: Memory) -> dict[str, object]:
    return _known(
        {
            "tk:memoryKind": _concept("memory-kind", memory.kind),
            "tk:totalBytes": memory.total_bytes,
            "tk:totalSource": memory.source,
            "tk:contiguousBytes": memory.contiguous_bytes,
            "tk:contiguousSource": memory.contiguous_source,
            "tk:freeBytes": memory.free_bytes,
            "tk:freeSource": memory.free_source,
            "tk:location": memory.location,
        }
    )


def _sensor(sensor: Sensor) -> dict[str, object]:
    return _known({"tk:sensorKind": _concept("sensor-kind", sensor.kind), "tk:part": sensor.part})


def _concept(scheme: str, slug: str | None) -> dict[str, str] | None:
    return None if slug is None else {"@id": f"tinykg:{scheme}/{slug}"}


def _known(facts: dict[str, object | None]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if value is not None}
