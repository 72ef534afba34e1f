"""Triples -> benchmark jobs and our own runs: the inverse of encode_benchmark."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from tinykg.graph import iris
from tinykg.graph.decode_model import concept, in_order
from tinykg.graph.encode_measurement import UNIT
from tinykg.graph.triples import Facts
from tinykg.records.benchmark import (
    BenchmarkRequest,
    BenchmarkResult,
    BenchmarkRun,
    Figure,
    Job,
    JobState,
    Tool,
    UsedDataset,
)
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCTERMS, PROV, QUDT, SCHEMA, SKOS, SOSA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyoxigraph as ox


def decode_jobs(triples: Iterable[ox.Triple]) -> list[Job]:
    """All jobs that the triples describe, by id."""
    facts = Facts(triples)
    return [_job(facts, subject) for subject in facts.subjects(TK.BenchmarkJob)]


def decode_runs(triples: Iterable[ox.Triple]) -> list[BenchmarkRun]:
    """All of our own runs that the triples describe, by id; runs that publications tell of are left out."""
    facts = Facts(triples)
    subjects = facts.subjects(TK.BenchmarkRun)
    return [_run(facts, subject) for subject in subjects if facts.text(subject, TK.runner) is not None]


def _job(facts: Facts, subject: str) -> Job:
    return Job(
        id=facts.require_text(subject, DCTERMS.identifier),
        request=BenchmarkRequest(
            model=concept(facts, subject, TK.ofModel) or "",
            file_sha256=concept(facts, subject, TK.ofFile) or "",
            runner=facts.require_text(subject, TK.runner),
            device=concept(facts, subject, TK.forDevice),
            runtime=concept(facts, subject, TK.onRuntime),
            options=_texts(facts, subject, TK.runnerOptions),
            data=facts.text(subject, TK.dataText),
        ),
        state=JobState(concept(facts, subject, TK.jobState) or ""),
        created=_required(_moment(facts, subject, DCTERMS.created)),
        attempts=facts.require_integer(subject, TK.attempts),
        worker=facts.text(subject, TK.worker),
        lease_until=_moment(facts, subject, TK.leaseUntil),
        started=_moment(facts, subject, PROV.startedAtTime),
        ended=_moment(facts, subject, PROV.endedAtTime),
        progress=facts.number(subject, TK.progress),
        doing=facts.text(subject, TK.doing),
        reason=facts.text(subject, TK.reason),
        run=concept(facts, subject, TK.hasResult),
    )


def _run(facts: Facts, subject: str) -> BenchmarkRun:
    on_device = concept(facts, subject, TK.onDevice)
    notes = facts.text(subject, SKOS.note)
    tools = in_order(facts, subject, PROV.wasAssociatedWith)
    result = BenchmarkResult(
        runner=facts.require_text(subject, TK.runner),
        tools=tuple(_tool(facts, node) for node in tools),
        figures=tuple(_figure(facts, node) for node in in_order(facts, subject, TK.hasMeasurement)),
        started=_required(_moment(facts, subject, PROV.startedAtTime)),
        ended=_required(_moment(facts, subject, PROV.endedAtTime)),
        runtime=facts.require_text(subject, TK.runtimeText),
        where=facts.text(subject, TK.boardText) or facts.text(subject, TK.reportedName),
        emulator=facts.text(subject, TK.emulator),
        on_device=on_device is not None,
        simulated=facts.truth(subject, TK.simulated) or False,
        stack=facts.text(subject, TK.kernelStack),
        clock_hz=facts.integer(subject, TK.atClockHz),
        dataset=_dataset(facts, subject),
        output_sha256=facts.text(subject, TK.outputSha256),
        environment=_texts(facts, subject, TK.environment),
        notes=() if notes is None else tuple(notes.split("\n")),
    )
    who = facts.link(tools[0], PROV.actedOnBehalfOf) if tools else None
    return BenchmarkRun(
        id=iris.concept_name(subject),
        model=concept(facts, subject, TK.ofModel),
        file_sha256=concept(facts, subject, TK.ofFile) or "",
        device=on_device or concept(facts, subject, TK.forDevice),
        result=result,
        job=concept(facts, subject, TK.ofJob),
        on_runtime=concept(facts, subject, TK.onRuntime),
        worker=None if who is None else facts.text(who, SCHEMA.name),
    )


def _tool(facts: Facts, node: str) -> Tool:
    return Tool(
        name=facts.require_text(node, SCHEMA.name), version=facts.require_text(node, SCHEMA.softwareVersion)
    )


def _figure(facts: Facts, node: str) -> Figure:
    return Figure(
        metric=concept(facts, node, TK.metric) or "",
        value=float(facts.require_text(node, SOSA.hasSimpleResult)),
        unit=(facts.link(node, QUDT.hasUnit) or "").removeprefix(UNIT),
        evidence=concept(facts, node, TK.evidence) or "",
        statistic=facts.text(node, TK.statistic),
        count=facts.integer(node, TK.sampleCount),
    )


def _dataset(facts: Facts, subject: str) -> UsedDataset | None:
    node = facts.link(subject, PROV.used)
    if node is None:
        return None
    return UsedDataset(
        name=facts.require_text(node, SCHEMA.name),
        sha256=facts.require_text(node, TK.sha256),
        samples=facts.require_integer(node, TK.sampleCount),
    )


def _texts(facts: Facts, subject: str, predicate: str) -> Mapping[str, str]:
    """The members of an rdf:JSON object of texts; an empty one where there is none."""
    return cast("dict[str, str] | None", facts.json(subject, predicate)) or {}


def _moment(facts: Facts, subject: str, predicate: str) -> datetime | None:
    text = facts.text(subject, predicate)
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _required(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("a time that the shapes demand is missing")
    return at
