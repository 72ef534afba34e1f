"""A model's sheet in TinyKG's own TOML form -> Model: what its file cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tinykg.errors import ExtractError
from tinykg.extract.sheet import YAML, read_sheet, sheet_tables
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Dataset, Evaluation, Model, SensorRequirement

if TYPE_CHECKING:
    from pathlib import Path


class _Dataset(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    address: str | None = None


class _Evaluation(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    metric: str
    value: float
    source: str
    evidence: EvidenceKind = EvidenceKind.DECLARED
    dataset: str | None = None


class _Sensor(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    observes: str
    rate_hz: float | None = None
    window_s: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    source: str | None = None


class _Model(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    sha256: str
    source: str
    title: str | None = None
    description: str | None = None
    aliases: list[str] = []
    task: str | None = None
    creator: str | None = None
    created: str | None = None
    licence: str | None = None
    source_address: str | None = None
    file_address: str | None = None
    confidence: str | None = None
    note: str | None = None
    sensors: list[str] | None = None
    dataset: _Dataset | None = None
    evaluation: list[_Evaluation] = []
    sensor: list[_Sensor] = []


def read_model_sheet(path: Path) -> Model:
    """The model that a sheet describes; its file is named by sha256. Raises ExtractError."""
    sheet = read_sheet(path, _Model)
    if sheet.sensors:
        raise ExtractError(path, "`$.sensors`", "a list with entries", "[] for none, or [[sensor]] tables")
    if sheet.sensors is not None and sheet.sensor:
        raise ExtractError(path, "`$.sensors`", "both 'sensors = []' and [[sensor]] tables", "one of them")
    return Model(
        name=sheet.name,
        evidence=Evidence(kind=EvidenceKind.DECLARED, source=sheet.source, confidence=sheet.confidence),
        file_sha256=sheet.sha256,
        title=sheet.title,
        description=sheet.description,
        task=sheet.task,
        creator=sheet.creator,
        created=sheet.created,
        licence=sheet.licence,
        source_address=sheet.source_address,
        file_address=sheet.file_address,
        dataset=Dataset(name=sheet.dataset.name, address=sheet.dataset.address) if sheet.dataset else None,
        evaluations=tuple(_evaluation(e) for e in sheet.evaluation),
        sensors=tuple(_requirement(s) for s in sheet.sensor)
        if sheet.sensor or sheet.sensors is not None
        else None,
        aliases=tuple(sorted(set(sheet.aliases))),
        note=sheet.note,
    )


def _evaluation(sheet: _Evaluation) -> Evaluation:
    evidence = Evidence(kind=sheet.evidence, source=sheet.source)
    return Evaluation(metric=sheet.metric, value=sheet.value, evidence=evidence, dataset=sheet.dataset)


def _requirement(sheet: _Sensor) -> SensorRequirement:
    return SensorRequirement(
        observes=sheet.observes,
        rate_hz=sheet.rate_hz,
        window_s=sheet.window_s,
        minimum=sheet.minimum,
        maximum=sheet.maximum,
        unit=sheet.unit,
        source=sheet.source,
    )


class ModelSheets:
    """TOML files with the sha256 of a model file."""

    name = "curated-model"

    def accepts(self, path: Path) -> bool:
        """Whether the file is a model's sheet."""
        return path.suffix in (".toml", *YAML) and "sha256" in (sheet_tables(path) or ())

    def extract(self, path: Path) -> tuple[Model, ...]:
        """The model that a sheet describes."""
        return (read_model_sheet(path),)


EXTRACTOR = ModelSheets()
