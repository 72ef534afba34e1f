"""What is known about a model that its file cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinykg.records.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorRequirement:
    """An observable property the model's input comes from (slug of the property vocabulary)."""

    observes: str
    rate_hz: float | None = None
    window_s: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A quality figure: `metric` is a slug (`top-1-accuracy`, `auc`, ...).

    `value` is in the metric's own range; accuracies are in 0..1.
    """

    metric: str
    value: float
    evidence: Evidence
    dataset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The data a model was trained on."""

    name: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One trained network: task, data, quality, licence; its file by sha256.

    `sensors` is None where nobody said what the model senses, () where it is known
    to need no sensor.
    """

    name: str
    evidence: Evidence
    file_sha256: str
    title: str | None = None
    description: str | None = None
    task: str | None = None
    creator: str | None = None
    created: str | None = None
    licence: str | None = None
    source_address: str | None = None
    file_address: str | None = None
    dataset: Dataset | None = None
    evaluations: tuple[Evaluation, ...] = ()
    sensors: tuple[SensorRequirement, ...] | None = None
    aliases: tuple[str, ...] = ()
    note: str | None = None
