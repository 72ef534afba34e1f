"""match(store, ...): runs the fit query and the queries for reasons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinykg.graph.iris import concept, concept_name
from tinykg.match.latency import Timings, timings, verdict_within, with_timing, without, worst
from tinykg.match.rank import Preference, preference
from tinykg.match.rows import VERDICTS, Reasons, Refusals, Row, integer, require, text, to_match
from tinykg.queries.load import Parameter, iri, literal, sparql
from tinykg.records.match import Match, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinykg.store.protocol import Store


_MANY = 200
"""An engine joins each row with each term it is given: for more models, reading all rows is quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which pairs to look at: IRIs, or None for all; `task` is a slug of the task vocabulary.

    `only_fitting` asks for the pairs that fit and no others, which is quicker than all.
    `ignore_sensors` leaves out what the board observes, for sensors can be attached. `timed` asks for
    time and energy too, by which the best of several runtimes is then told.
    """

    device: str | None = None
    model: str | None = None
    runtime: str | None = None
    task: str | None = None
    min_accuracy: float | None = None
    max_latency_us: float | None = None
    ignore_sensors: bool = False
    only_fitting: bool = False
    timed: bool = True


def match(store: Store, question: Question) -> list[Match]:
    """Every pair the question names, on every runtime it names, with verdict and reasons."""
    runtimes = _node(question.runtime)
    return _answered(store, question, _rows(store, question, runtimes), _timings(store, question, runtimes))


def match_best(store: Store, question: Question) -> list[Match]:
    """Every pair the question names, each on the runtime that serves it best, with verdict and reasons.

    Only runtimes that the device does not rule out are looked at, where there are any.
    """
    runtimes = _node(question.runtime)
    if question.device is not None and question.runtime is None:
        found = store.select(sparql("runnable", device=_node(question.device)))
        runtimes = _nodes(require(row, "runtime") for row in found) if len(found) else None
    rows, times = _rows(store, question, runtimes), _timings(store, question, runtimes)
    best: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: _preference(row, times, question)):
        best.setdefault((require(row, "device"), require(row, "model")), row)
    return _answered(store, question, list(best.values()), times)


def _timings(store: Store, question: Question, runtimes: Parameter) -> Timings:
    if not question.timed:
        return {}
    return timings(store, device=_node(question.device), model=_node(question.model), runtime=runtimes)


def _preference(row: Row, times: Timings, question: Question) -> Preference:
    evidence = text(row, "evidence")
    timed = times.get((require(row, "deviceSlug"), require(row, "modelName"), require(row, "runtimeName")))
    looked_at = [name for name in VERDICTS if name != "sensors" or not question.ignore_sensors]
    verdicts = [Verdict(require(row, name)) for name in looked_at]
    if question.max_latency_us is not None:
        verdicts.append(verdict_within(timed.latency if timed else None, question.max_latency_us))
    return preference(
        verdict=worst(verdicts),
        superseded=text(row, "superseded") == "true",
        evidence=None if evidence is None else concept_name(evidence),
        failed=sum(verdict is not Verdict.FITS for verdict in verdicts),
        latency=timed.latency if timed else None,
        ram_required_bytes=integer(row, "ramRequired"),
        runtime=require(row, "runtimeName"),
    )


def _rows(store: Store, question: Question, runtimes: Parameter) -> list[Row]:
    query = sparql(
        "fit",
        device=_node(question.device),
        model=_node(question.model),
        runtime=runtimes,
        wantedTask=None if question.task is None else concept("task", question.task),
        wantedVerdict=literal(Verdict.FITS.value) if question.only_fitting else None,
        minAccuracy=None if question.min_accuracy is None else literal(float(question.min_accuracy)),
    )
    rows: dict[tuple[str, str, str], Row] = {}
    for row in store.select(query):
        # A device with several memories of a kind has several rows; the first has the most to give.
        rows.setdefault((require(row, "device"), require(row, "model"), require(row, "footprint")), row)
    return list(rows.values())


def _answered(store: Store, question: Question, rows: Sequence[Row], times: Timings) -> list[Match]:
    reasons = _reasons(store, rows)
    found = (to_match(row, reasons, question.min_accuracy) for row in rows)
    if question.ignore_sensors:
        found = (without(match, "sensors") for match in found)
    return [
        with_timing(match, times.get((match.device, match.model, match.runtime)), question.max_latency_us)
        for match in found
    ]


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
    asked = _nodes(models) if len(models) <= _MANY else None
    for row in store.select(sparql("sensor_needs", model=asked)) if models else ():
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
