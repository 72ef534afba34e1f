"""DeviceType records -> triples, and the parts that device types share with board descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph import iris
from tinykg.graph.encode_model import add_evidence, add_lookup_keys
from tinykg.graph.triples import Triples
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCTERMS, RDFS, SCHEMA, SKOS, SOSA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.device import DeviceType, Memory, Processor, Sensor


def encode_device_type(device: DeviceType) -> list[ox.Triple]:
    """The triples of a device type."""
    return _device(device, iris.device_type(device.slug), TK.DeviceType).done()


def encode_unit(device: DeviceType, kind: str | None) -> list[ox.Triple]:
    """The triples of a registered device, whose slug is its Thing's id; `kind` is the IRI of its type."""
    subject = iris.unit(device.slug)
    out = _device(device, subject, TK.Device)
    if kind is not None:
        out.add(subject, TK.deviceType, ox.NamedNode(kind))
    return out.done()


def _device(device: DeviceType, subject: ox.NamedNode, kind: str) -> Triples:
    out = Triples()
    out.add_type(subject, kind)
    out.add_all(
        subject,
        [
            (RDFS.label, device.name),
            (SCHEMA.name, device.name),
            (DCTERMS.identifier, device.slug),
            (SCHEMA.manufacturer, device.vendor),
            (TK.runsSystem, iris.concept("system", device.system) if device.system else None),
            (
                TK.activePowerMilliwatt,
                None if device.active_power_mw is None else float(device.active_power_mw),
            ),
            (TK.platformioId, device.platformio_id),
            (TK.zephyrId, device.zephyr_id),
            (SKOS.note, device.note),
        ],
    )
    add_evidence(out, subject, device.evidence)
    for alias in device.aliases:
        out.add(subject, SKOS.altLabel, alias)
    add_lookup_keys(out, subject, (device.slug, device.name, *device.aliases))
    add_accelerators(out, subject, device.accelerators)
    add_connectivity(out, subject, device.connectivity)
    add_processors(out, subject, device.processors)
    for i, memory in enumerate(device.memories):
        _memory(out, subject, i, memory)
    add_sensors(out, subject, device.sensors)
    return out


def add_accelerators(out: Triples, subject: ox.NamedNode, names: Sequence[str] | None) -> None:
    """The accelerators of a board or part by name, or that it is known to have none."""
    _add_names(out, subject, names, TK.accelerator, TK.hasNoAccelerator)


def add_connectivity(out: Triples, subject: ox.NamedNode, names: Sequence[str] | None) -> None:
    """The network interfaces of a board by name, or that it is known to have none."""
    _add_names(out, subject, names, TK.connectivity, TK.hasNoConnectivity)


def _add_names(
    out: Triples, subject: ox.NamedNode, names: Sequence[str] | None, term: str, none_term: str
) -> None:
    if names is None:
        return
    if not names:
        out.add(subject, none_term, value=True)
    for name in names:
        out.add(subject, term, name)


def add_sensors(out: Triples, subject: ox.NamedNode, sensors: Sequence[Sensor] | None) -> None:
    """The sensors of a board in their order, or that it is known to carry none."""
    if sensors is None:
        return
    if not sensors:
        out.add(subject, TK.hasNoSensor, value=True)
    for i, sensor in enumerate(sensors):
        node = ox.NamedNode(f"{subject.value}/sensor/{i}")
        out.add(subject, TK.hasSensor, node)
        out.add_type(node, SOSA.Sensor)
        out.add(node, TK.index, i)
        out.add(node, TK.sensorKind, iris.concept("sensor-kind", sensor.kind))
        out.add(node, TK.part, sensor.part)


def add_processors(out: Triples, subject: ox.NamedNode, processors: Sequence[Processor]) -> None:
    """The processors of a board or part in their order."""
    for i, processor in enumerate(processors):
        _processor(out, subject, i, processor)


def _processor(out: Triples, device: ox.NamedNode, index: int, processor: Processor) -> None:
    subject = ox.NamedNode(f"{device.value}/processor/{index}")
    out.add(device, TK.hasProcessor, subject)
    out.add_type(subject, TK.Processor)
    out.add_all(
        subject,
        [
            (TK.index, index),
            (TK.part, processor.part),
            (TK.core, iris.concept("core", processor.core) if processor.core else None),
            (TK.coreCount, processor.core_count),
            (TK.clockHz, processor.clock_hz),
            (TK.hasFpu, processor.has_fpu),
            (TK.simd, processor.simd),
        ],
    )


def _memory(out: Triples, device: ox.NamedNode, index: int, memory: Memory) -> None:
    subject = ox.NamedNode(f"{device.value}/memory/{index}")
    out.add(device, TK.hasMemory, subject)
    out.add_type(subject, TK.Memory)
    out.add_all(
        subject,
        [
            (TK.index, index),
            (TK.memoryKind, iris.concept("memory-kind", memory.kind)),
            (TK.totalBytes, memory.total_bytes),
            (TK.contiguousBytes, memory.contiguous_bytes),
            (TK.freeBytes, memory.free_bytes),
            (TK.location, memory.location),
            (TK.totalSource, memory.source),
            (TK.contiguousSource, memory.contiguous_source),
            (TK.freeSource, memory.free_source),
        ],
    )
