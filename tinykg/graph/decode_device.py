"""Triples -> DeviceType records and the parts that board descriptions share: the inverse of encode_device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.graph.decode_model import concept, decode_evidence, in_order
from tinykg.graph.triples import Facts
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCTERMS, SCHEMA, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyoxigraph as ox


def decode_device_types(triples: Iterable[ox.Triple]) -> list[DeviceType]:
    """All device types that the triples describe, by slug."""
    facts = Facts(triples)
    return [_device(facts, subject) for subject in facts.subjects(TK.DeviceType)]


def decode_units(triples: Iterable[ox.Triple]) -> list[DeviceType]:
    """All registered devices that the triples describe, each in the form of a device type."""
    facts = Facts(triples)
    return [_device(facts, subject) for subject in facts.subjects(TK.Device)]


def _device(facts: Facts, subject: str) -> DeviceType:
    return DeviceType(
        slug=facts.require_text(subject, DCTERMS.identifier),
        name=facts.require_text(subject, SCHEMA.name),
        vendor=facts.text(subject, SCHEMA.manufacturer),
        evidence=decode_evidence(facts, subject),
        aliases=tuple(facts.texts(subject, SKOS.altLabel)),
        system=concept(facts, subject, TK.runsSystem),
        processors=processors_of(facts, subject),
        memories=tuple(_memory(facts, node) for node in in_order(facts, subject, TK.hasMemory)),
        sensors=sensors_of(facts, subject),
        accelerators=accelerators_of(facts, subject),
        connectivity=connectivity_of(facts, subject),
        active_power_mw=facts.number(subject, TK.activePowerMilliwatt),
        platformio_id=facts.text(subject, TK.platformioId),
        zephyr_id=facts.text(subject, TK.zephyrId),
        note=facts.text(subject, SKOS.note),
    )


def processors_of(facts: Facts, subject: str) -> tuple[Processor, ...]:
    """The processors of a board or part, in their order."""
    return tuple(_processor(facts, node) for node in in_order(facts, subject, TK.hasProcessor))


def sensors_of(facts: Facts, subject: str) -> tuple[Sensor, ...] | None:
    """The sensors of a board in their order; None where nobody said."""
    found = tuple(
        Sensor(kind=concept(facts, node, TK.sensorKind) or "", part=facts.text(node, TK.part))
        for node in in_order(facts, subject, TK.hasSensor)
    )
    return found or (() if facts.truth(subject, TK.hasNoSensor) else None)


def accelerators_of(facts: Facts, subject: str) -> tuple[str, ...] | None:
    """The accelerators of a board or part, sorted; None where nobody said."""
    return _names(facts, subject, TK.accelerator, TK.hasNoAccelerator)


def connectivity_of(facts: Facts, subject: str) -> tuple[str, ...] | None:
    """The network interfaces of a board, sorted; None where nobody said."""
    return _names(facts, subject, TK.connectivity, TK.hasNoConnectivity)


def _names(facts: Facts, subject: str, term: str, none_term: str) -> tuple[str, ...] | None:
    return tuple(facts.texts(subject, term)) or (() if facts.truth(subject, none_term) else None)


def _processor(facts: Facts, node: str) -> Processor:
    return Processor(
        part=facts.text(node, TK.part),
        core=concept(facts, node, TK.core),
        core_count=facts.integer(node, TK.coreCount),
        clock_hz=facts.integer(node, TK.clockHz),
        has_fpu=facts.truth(node, TK.hasFpu),
        simd=facts.text(node, TK.simd),
    )


def _memory(facts: Facts, node: str) -> Memory:
    return Memory(
        kind=concept(facts, node, TK.memoryKind) or "",
        total_bytes=facts.integer(node, TK.totalBytes),
        contiguous_bytes=facts.integer(node, TK.contiguousBytes),
        free_bytes=facts.integer(node, TK.freeBytes),
        location=facts.text(node, TK.location),
        source=facts.text(node, TK.totalSource),
        contiguous_source=facts.text(node, TK.contiguousSource),
        free_source=facts.text(node, TK.freeSource),
    )
