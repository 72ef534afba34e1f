"""A board's sheet in TinyKG's own form, TOML or YAML -> DeviceType."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tinykg.errors import ExtractError
from tinykg.extract.sheet import YAML, read_sheet, sheet_tables
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from pathlib import Path


class _Processor(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    part: str | None = None
    core: str | None = None
    core_count: int | None = None
    clock_hz: int | None = None
    has_fpu: bool | None = None
    simd: str | None = None


class _Memory(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    kind: str
    total_bytes: int | None = None
    contiguous_bytes: int | None = None
    free_bytes: int | None = None
    location: str | None = None
    source: str | None = None
    contiguous_source: str | None = None
    free_source: str | None = None


class _Sensor(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    kind: str
    part: str | None = None


class _Device(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    source: str
    vendor: str | None = None
    aliases: list[str] = []
    system: str | None = None
    sensors: list[str] | None = None
    accelerators: list[str] | None = None
    connectivity: list[str] | None = None
    active_power_mw: float | None = None
    platformio_id: str | None = None
    zephyr_id: str | None = None
    confidence: str | None = None
    note: str | None = None
    processor: list[_Processor] = []
    memory: list[_Memory] = []
    sensor: list[_Sensor] = []


def read_device(path: Path) -> DeviceType:
    """The device type of a sheet; its slug is the file's name. Raises ExtractError."""
    sheet = read_sheet(path, _Device)
    if sheet.sensors:
        raise ExtractError(path, "`$.sensors`", "a list with entries", "[] for none, or [[sensor]] tables")
    if sheet.sensors is not None and sheet.sensor:
        raise ExtractError(path, "`$.sensors`", "both 'sensors = []' and [[sensor]] tables", "one of them")
    return DeviceType(
        slug=path.stem,
        name=sheet.name,
        vendor=sheet.vendor,
        evidence=Evidence(kind=EvidenceKind.DECLARED, source=sheet.source, confidence=sheet.confidence),
        aliases=tuple(sorted(set(sheet.aliases))),
        system=sheet.system,
        processors=tuple(
            Processor(
                part=p.part,
                core=p.core,
                core_count=p.core_count,
                clock_hz=p.clock_hz,
                has_fpu=p.has_fpu,
                simd=p.simd,
            )
            for p in sheet.processor
        ),
        memories=tuple(_memory(m, sheet.source) for m in sheet.memory),
        sensors=tuple(Sensor(kind=s.kind, part=s.part) for s in sheet.sensor)
        if sheet.sensor or sheet.sensors is not None
        else None,
        accelerators=None if sheet.accelerators is None else tuple(sorted(set(sheet.accelerators))),
        connectivity=None if sheet.connectivity is None else tuple(sorted(set(sheet.connectivity))),
        active_power_mw=sheet.active_power_mw,
        platformio_id=sheet.platformio_id,
        zephyr_id=sheet.zephyr_id,
        note=sheet.note,
    )


def _memory(memory: _Memory, source: str) -> Memory:
    """A memory whose figures without a source of their own are the sheet's."""

    def stated(figure: int | None, own: str | None) -> str | None:
        return None if figure is None else own or source

    return Memory(
        kind=memory.kind,
        total_bytes=memory.total_bytes,
        contiguous_bytes=memory.contiguous_bytes,
        free_bytes=memory.free_bytes,
        location=memory.location,
        source=stated(memory.total_bytes, memory.source),
        contiguous_source=stated(memory.contiguous_bytes, memory.contiguous_source),
        free_source=stated(memory.free_bytes, memory.free_source),
    )


class DeviceSheets:
    """TOML or YAML files with a list `processor` or `memory`."""

    name = "curated-device"

    def accepts(self, path: Path) -> bool:
        """Whether the file is a board's sheet: any TOML but a model's, or YAML with the keys of one."""
        if path.is_dir() or path.suffix not in (".toml", *YAML):
            return False
        keys = sheet_tables(path)
        if path.suffix in YAML:
            return keys is not None and {"name", "source"} <= keys and bool(keys & {"processor", "memory"})
        return keys is None or "sha256" not in keys

    def extract(self, path: Path) -> tuple[DeviceType, ...]:
        """The device type of a sheet."""
        return (read_device(path),)


EXTRACTOR = DeviceSheets()
