"""Published measurements from `data/measurements/`, strictly decoded.

Every source document is one CSV file; `sources.toml` describes them, `models.csv` counts the work
of the networks that they ran.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tinykg.errors import ExtractError
from tinykg.records.measurement import MeasuredRun, MeasurementSource, Network

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

MAC_CLASSES = ("conv_1x1", "conv_kxk", "depthwise_conv", "fully_connected")
"""The classes that `models.csv` has a column for."""


class _Source(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    title: str
    address: str
    licence: str
    tool: str | None = None
    version: str | None = None
    kernels: bool = False
    note: str | None = None


class _Sources(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    source: list[_Source]


class _Run(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    run: str
    board: str
    stack: str
    runtime: str
    model: str
    latency_ms: float
    place: str
    submitter: str | None = None
    device: str | None = None
    part: str | None = None
    core: str | None = None
    clock_mhz: float | None = None
    file: str | None = None
    types: str | None = None
    energy_uj: float | None = None
    energy_latency_ms: float | None = None
    power_mw: float | None = None
    metric: str | None = None
    quality: float | None = None
    ram_bytes: int | None = None
    flash_bytes: int | None = None


class _Model(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    model: str
    types: str
    conv_1x1: int
    conv_kxk: int
    depthwise_conv: int
    fully_connected: int
    operators: int
    counted: str
    file: str | None = None
    other_elements: int | None = None
    place: str | None = None


def read_sources(folder: Path) -> dict[str, MeasurementSource]:
    """The source documents by name, in the order of `sources.toml`."""
    path = folder / "sources.toml"
    try:
        sheet = msgspec.toml.decode(path.read_bytes(), type=_Sources)
    except msgspec.DecodeError as error:
        raise _fault(path, error) from error
    return {s.name: MeasurementSource(**msgspec.structs.asdict(s)) for s in sheet.source}


def read_networks(folder: Path) -> dict[str, Network]:
    """The measured networks whose work is known, by name."""
    return {
        row.model: Network(
            name=row.model,
            macs={name: count for name in MAC_CLASSES if (count := getattr(row, name))},
            types=row.types,
            operators=row.operators,
            other_elements=row.other_elements,
            counted=row.counted,
            file_sha256=row.file,
            place=row.place,
        )
        for row in _table(folder / "models.csv", _Model)
    }


def read_runs(folder: Path, source: MeasurementSource) -> list[MeasuredRun]:
    """The runs of one source document, in the order of its file."""
    return [
        MeasuredRun(source=source.name, source_title=source.title, file_sha256=fields.pop("file"), **fields)
        for fields in map(msgspec.structs.asdict, _table(folder / f"{source.name}.csv", _Run))
    ]


def read_all_runs(folder: Path) -> list[MeasuredRun]:
    """The runs of all source documents."""
    return [run for source in read_sources(folder).values() for run in read_runs(folder, source)]


def _table(path: Path, kind: type[T]) -> list[T]:
    """The rows of a CSV file as structs; an empty cell is an absent field."""
    found: list[T] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for number, cells in enumerate(csv.DictReader(lines), start=2):
            stated = {name: cell for name, cell in cells.items() if cell}
            try:
                found.append(msgspec.convert(stated, kind, strict=False))
            except msgspec.ValidationError as error:
                raise _fault(path, error, line=number) from error
    return found


def _fault(path: Path, error: msgspec.DecodeError, *, line: int | None = None) -> ExtractError:
    found, _, place = str(error).partition(" - at ")
    where = place.strip("`") or "$"
    return ExtractError(path, where if line is None else f"line {line}, {where}", found)
