"""Benchmark jobs and our own runs -> triples, one named graph each."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph import iris
from tinykg.graph.encode_measurement import UNIT
from tinykg.graph.triples import Triples, json_literal, named, typed
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCTERMS, PROV, QUDT, RDFS, SCHEMA, SKOS, SOSA, XSD

if TYPE_CHECKING:
    from datetime import datetime

    from tinykg.records.benchmark import BenchmarkRun, Figure, Job


def encode_job(job: Job) -> list[ox.Triple]:
    """The triples of a job."""
    out = Triples()
    subject = iris.benchmark_job(job.id)
    request = job.request
    out.add_type(subject, TK.BenchmarkJob)
    out.add_all(
        subject,
        [
            (RDFS.label, f"{request.model} on {request.device or 'this host'} by {request.runner}"),
            (DCTERMS.identifier, job.id),
            (TK.jobState, iris.concept("job-state", job.state)),
            (TK.ofModel, iris.model(request.model)),
            (TK.ofFile, iris.model_file(request.file_sha256)),
            (TK.runner, request.runner),
            (TK.forDevice, iris.device(request.device) if request.device else None),
            (TK.onRuntime, iris.runtime(request.runtime) if request.runtime else None),
            (TK.runnerOptions, json_literal(request.options) if request.options else None),
            (TK.dataText, request.data),
            (DCTERMS.created, moment(job.created)),
            (TK.attempts, job.attempts),
            (TK.worker, job.worker),
            (TK.leaseUntil, moment(job.lease_until)),
            (PROV.startedAtTime, moment(job.started)),
            (PROV.endedAtTime, moment(job.ended)),
            (TK.progress, None if job.progress is None else float(job.progress)),
            (TK.doing, job.doing),
            (TK.reason, job.reason),
            (TK.hasResult, iris.benchmark_run(job.run) if job.run else None),
        ],
    )
    return out.done()


def encode_run(run: BenchmarkRun) -> list[ox.Triple]:
    """The triples of one of our own runs.

    What it ran on is told apart from what it only stood for: tk:onDevice is for the former alone.
    """
    out = Triples()
    subject = iris.benchmark_run(run.id)
    result = run.result
    device = iris.device(run.device) if run.device else None
    out.add_type(subject, TK.BenchmarkRun)
    out.add_all(
        subject,
        [
            (RDFS.label, f"{run.model or 'a file'} on {_place(run)} by {result.runner}"),
            (TK.ofModel, iris.model(run.model) if run.model else None),
            (TK.ofFile, iris.model_file(run.file_sha256)),
            (TK.ofJob, iris.benchmark_job(run.job) if run.job else None),
            (TK.onDevice if result.on_device else TK.forDevice, device),
            (TK.emulator, result.emulator),
            (TK.reportedName if result.on_device or result.emulator else TK.boardText, result.where),
            (TK.simulated, True if result.simulated else None),
            (TK.runner, result.runner),
            (TK.onRuntime, iris.runtime(run.on_runtime) if run.on_runtime else None),
            (TK.kernelStack, result.stack),
            (TK.runtimeText, result.runtime),
            (TK.atClockHz, result.clock_hz),
            (PROV.startedAtTime, moment(result.started)),
            (PROV.endedAtTime, moment(result.ended)),
            (TK.environment, json_literal(result.environment) if result.environment else None),
            (TK.outputSha256, result.output_sha256),
            (SKOS.note, "\n".join(result.notes) or None),
        ],
    )
    _agents(out, subject, run)
    _dataset(out, subject, run)
    for index, figure in enumerate(result.figures):
        _figure(out, subject, index, figure, _witness(run))
    return out.done()


def moment(at: datetime | None) -> ox.Literal | None:
    """A time as an xsd:dateTime in UTC, in the spelling that stores keep."""
    if at is None:
        return None
    utc = at.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0") if utc.microsecond else ""
    return typed(f"{utc.replace(microsecond=0, tzinfo=None).isoformat()}{fraction}Z", XSD.dateTime)


def _place(run: BenchmarkRun) -> str:
    result = run.result
    kind = " (simulated)" if result.simulated else ""
    return f"{run.device or result.emulator or result.where or 'a host'}{kind}"


def _witness(run: BenchmarkRun) -> str:
    """Who says what a figure is, in words: they stand beside it wherever it is shown."""
    result = run.result
    return f"run {run.id} of {result.ended.astimezone(UTC).date()}: {result.runtime} by {result.runner}"


def _agents(out: Triples, subject: ox.NamedNode, run: BenchmarkRun) -> None:
    """The programs that took part; the first one on behalf of whoever ran it."""
    for index, tool in enumerate(run.result.tools):
        node = ox.NamedNode(f"{subject.value}/tool/{index}")
        out.add(subject, PROV.wasAssociatedWith, node)
        out.add_type(node, PROV.SoftwareAgent)
        out.add(node, TK.index, index)
        out.add(node, SCHEMA.name, tool.name)
        out.add(node, SCHEMA.softwareVersion, tool.version)
        if index == 0 and run.worker is not None:
            who = ox.NamedNode(f"{subject.value}/worker")
            out.add(node, PROV.actedOnBehalfOf, who)
            out.add_type(who, PROV.Agent)
            out.add(who, SCHEMA.name, run.worker)


def _dataset(out: Triples, subject: ox.NamedNode, run: BenchmarkRun) -> None:
    data = run.result.dataset
    if data is None:
        return
    node = ox.NamedNode(f"{subject.value}/dataset")
    out.add(subject, PROV.used, node)
    out.add_type(node, TK.Dataset)
    out.add(node, SCHEMA.name, data.name)
    out.add(node, TK.sha256, data.sha256)
    out.add(node, TK.sampleCount, data.samples)


def _figure(out: Triples, subject: ox.NamedNode, index: int, figure: Figure, witness: str) -> None:
    node = ox.NamedNode(f"{subject.value}/measurement/{index}")
    out.add(subject, TK.hasMeasurement, node)
    out.add_type(node, TK.Measurement)
    out.add_all(
        node,
        [
            (TK.index, index),
            (TK.metric, iris.concept("metric", figure.metric)),
            (SOSA.hasSimpleResult, float(figure.value)),
            (QUDT.hasUnit, named(UNIT + iris.slug(figure.unit))),
            (TK.statistic, figure.statistic),
            (TK.sampleCount, figure.count),
            (TK.evidence, iris.concept("evidence", figure.evidence)),
            (TK.evidenceSource, witness),
        ],
    )
