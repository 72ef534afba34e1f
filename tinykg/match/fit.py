"""match(store, ...): runs the fit query and the queries for reasons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinykg.graph.iris import concept, concept_name
from tinykg.match.rows import Reasons, Refusals, Row, integer, require, text, to_match
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
    query = sparql(
        "fit",
        device=_node(question.device),
        model=_node(question.model),
        runtime=_node(question.runtime),
        wantedTask=None if question.task is None else concept("task", question.task),
        minAccuracy=None if question.min_accuracy is None else literal(float(question.min_accuracy)),
    )
    rows: dict[tuple[str, str, str], Row] = {}
    for row in store.select(query):
        # A device with several memories of a kind has several rows; the first has the most to give.
        rows.setdefault((require(row, "device"), require(row, "model"), require(row, "footprint")), row)
    reasons = _reasons(store, list(rows.values()))
    return [to_match(row, reasons, question.min_accuracy) for row in rows.values()]


def _node(name: str | None) -> Parameter:
    return None if name is None else iri(name)


def _reasons(store: Store, rows: Sequence[Row]) -> Reasons:
    """What the reason queries say about these rows; each is asked only about what it concerns."""
    refused = {require(row, "footprint") for row in rows if require(row, "operators") != Verdict.FITS}
    partial = {require(row, "footprint") for row in rows if text(row, "flashRequired") is None}
    devices = {require(row, "device") for row in rows}
    return Reasons(
        refusals=_refusals(store, refused),
        missing_facts=_grouped(store, "missing_facts", "footprint", "fact", partial),
        missing_sensors=_missing_sensors(store, [r for r in rows if require(r, "sensors") != Verdict.FITS]),
        needed_sensors=_needed_sensors(store, {require(row, "model") for row in rows}),
        cores=_grouped(store, "device_cores", "device", "core", devices),
        systems=_grouped(store, "device_systems", "device", "system", devices),
    )


def _refusals(store: Store, footprints: set[str]) -> dict[str, Refusals]:
    """Why the runtimes refuse the files of these footprints."""
    found: dict[str, Refusals] = {}
    for row in store.select(sparql("refusals", footprint=_nodes(footprints))) if footprints else ():
        refusals = found.setdefault(require(row, "footprint"), Refusals())
        refusals.layers[require(row, "reason")] = integer(row, "layers") or 1
        element_type = text(row, "elementType")
        if element_type is not None:
            refusals.element_types.add(element_type)
    return found


def _missing_sensors(store: Store, rows: Sequence[Row]) -> dict[tuple[str, str], list[str]]:
    """The properties that a pair's model needs and no sensor of its device is known to observe."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    if rows:
        models = _nodes(require(row, "model") for row in rows)
        devices = _nodes(require(row, "device") for row in rows)
        for row in store.select(sparql("missing_sensors", model=models, device=devices)):
            found[require(row, "model"), require(row, "device")].append(concept_name(require(row, "need")))
    return found


def _needed_sensors(store: Store, models: set[str]) -> dict[str, list[str]]:
    """What each model needs; an empty list where it is known to need nothing, no entry where nobody said."""
    found: dict[str, list[str]] = {}
    for row in store.select(sparql("sensor_needs", model=_nodes(models))) if models else ():
        need = text(row, "need")
        found.setdefault(require(row, "model"), []).extend([] if need is None else [concept_name(need)])
    return found


def _grouped(store: Store, query: str, key: str, value: str, asked: set[str]) -> dict[str, list[str]]:
    """The values of a query's variable by another, which is its parameter; nothing is asked about nothing."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in store.select(sparql(query, **{key: _nodes(asked)})) if asked else ():
        found[require(row, key)].append(require(row, value))
    return found


def _nodes(names: Iterable[str]) -> Parameter:
    return [iri(name) for name in sorted(set(names))]
