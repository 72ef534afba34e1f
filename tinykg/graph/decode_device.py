"""Triples -> DeviceType records: the inverse of encode_device."""

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


def _device(facts: Facts, subject: str) -> DeviceType:
    sensors = tuple(
        Sensor(kind=concept(facts, node, TK.sensorKind) or "", part=facts.text(node, TK.part))
        for node in in_order(facts, subject, TK.hasSensor)
    )
    return DeviceType(
        slug=facts.require_text(subject, DCTERMS.identifier),
        name=facts.require_text(subject, SCHEMA.name),
        vendor=facts.text(subject, SCHEMA.manufacturer),
        evidence=decode_evidence(facts, subject),
        aliases=tuple(facts.texts(subject, SKOS.altLabel)),
        system=concept(facts, subject, TK.runsSystem),
        processors=tuple(_processor(facts, node) for node in in_order(facts, subject, TK.hasProcessor)),
        memories=tuple(_memory(facts, node) for node in in_order(facts, subject, TK.hasMemory)),
        sensors=_known(facts, subject, sensors, TK.hasNoSensor),
        accelerators=_names(facts, subject, TK.accelerator, TK.hasNoAccelerator),
        connectivity=_names(facts, subject, TK.connectivity, TK.hasNoConnectivity),
        active_power_mw=facts.number(subject, TK.activePowerMilliwatt),
        platformio_id=facts.text(subject, TK.platformioId),
        zephyr_id=facts.text(subject, TK.zephyrId),
        note=facts.text(subject, SKOS.note),
    )


def _known(
    facts: Facts, subject: str, sensors: tuple[Sensor, ...], none_term: str
) -> tuple[Sensor, ...] | None:
    return sensors or (() if facts.truth(subject, none_term) else None)


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
