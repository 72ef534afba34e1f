"""match(store, ...): runs the fit query and the queries for reasons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinykg.graph.iris import concept, concept_name
from tinykg.match.rows import Reasons, Row, require, text, to_match
from tinykg.queries.load import Parameter, iri, literal, sparql
from tinykg.records.match import Match, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinykg.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which pairs to look at: IRIs, or None for all; `task` is a slug of the task vocabulary."""

    device: str | None = None
    model: str | None = None
    runtime: str | None = None
    task: str | None = None
    min_accuracy: float | None = None


def match(store: Store, question: Question) -> list[Match]:
    """Every pair the question names, on every runtime it names, with verdict and reasons."""
    rows = list(
        store.select(
            sparql(
                "fit",
                device=_node(question.device),
                model=_node(question.model),
                runtime=_node(question.runtime),
                wantedTask=None if question.task is None else concept("task", question.task),
                minAccuracy=None if question.min_accuracy is None else literal(float(question.min_accuracy)),
            )
        )
    )
    reasons = _reasons(store, rows)
    return [to_match(row, reasons, question.min_accuracy) for row in rows]


def _node(name: str | None) -> Parameter:
    return None if name is None else iri(name)


def _reasons(store: Store, rows: Sequence[Row]) -> Reasons:
    """What the reason queries say about these rows; each is asked only about what it concerns."""
    refused = {require(row, "footprint") for row in rows if require(row, "operators") != Verdict.FITS}
    partial = {require(row, "footprint") for row in rows if text(row, "flashRequired") is None}
    without_sensor = [row for row in rows if require(row, "sensors") != Verdict.FITS]
    models = {require(row, "model") for row in rows}
    devices = {require(row, "device") for row in rows}
    lacking: dict[tuple[str, str], list[str]] = defaultdict(list)
    if without_sensor:
        found = store.select(
            sparql(
                "missing_sensors",
                model=_nodes(require(row, "model") for row in without_sensor),
                device=_nodes(require(row, "device") for row in without_sensor),
            )
        )
        for row in found:
            lacking[require(row, "model"), require(row, "device")].append(concept_name(require(row, "need")))
    needed: dict[str, list[str]] = {}
    for row in store.select(sparql("sensor_needs", model=_nodes(models))):
        need = text(row, "need")
        needed.setdefault(require(row, "model"), []).extend([] if need is None else [concept_name(need)])
    return Reasons(
        refusals=_grouped(store, "refusals", "footprint", "reason", footprint=_nodes(refused)),
        refused_types=_grouped(store, "refusals", "footprint", "elementType", footprint=_nodes(refused)),
        missing_facts=_grouped(store, "missing_facts", "footprint", "fact", footprint=_nodes(partial)),
        missing_sensors=lacking,
        needed_sensors=needed,
        cores=_grouped(store, "device_cores", "device", "core", device=_nodes(devices)),
        systems=_grouped(store, "device_systems", "device", "system", device=_nodes(devices)),
    )


def _nodes(names: Iterable[str]) -> Parameter:
    return [iri(name) for name in sorted(set(names))]


def _grouped(store: Store, query: str, key: str, value: str, **parameter: Parameter) -> dict[str, list[str]]:
    """The values of a two-column query by its first column; nothing is asked about nothing."""
    if not any(parameter.values()):
        return {}
    found: dict[str, list[str]] = defaultdict(list)
    for row in store.select(sparql(query, **parameter)):
        stated = text(row, value)
        if stated is not None:
            found[require(row, key)].append(stated)
    return found
