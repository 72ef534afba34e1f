"""Published measurements -> triples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph import iris
from tinykg.graph.triples import Triples, named
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCTERMS, PROV, QUDT, RDFS, SCHEMA, SOSA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinykg.records.measurement import MeasuredRun, MeasurementSource

UNIT = "http://qudt.org/vocab/unit/"


def encode_runs(source: MeasurementSource, runs: Iterable[MeasuredRun]) -> list[ox.Triple]:
    """The triples of the runs that one published document tells of."""
    out = Triples()
    tool = _tool(out, source)
    for run in runs:
        _run(out, source, run, tool)
    return out.done()


def _tool(out: Triples, source: MeasurementSource) -> ox.NamedNode | None:
    """The benchmark that all runs of a document followed."""
    if source.tool is None or source.version is None:
        return None
    tool = iris.node(f"tool/{iris.slug(source.name)}")
    out.add_type(tool, PROV.SoftwareAgent)
    out.add(tool, SCHEMA.name, source.tool)
    out.add(tool, SCHEMA.softwareVersion, source.version)
    return tool


def _run(out: Triples, source: MeasurementSource, run: MeasuredRun, tool: ox.NamedNode | None) -> None:
    subject = iris.node(f"benchmark-run/{iris.slug(source.name)}/{iris.slug(run.run)}")
    out.add_type(subject, TK.BenchmarkRun)
    out.add_all(
        subject,
        [
            (RDFS.label, f"{run.model} on {run.board} by {run.runtime}"),
            (TK.ofFile, iris.model_file(run.file_sha256) if run.file_sha256 else None),
            (TK.modelText, None if run.file_sha256 else run.model),
            (TK.onDevice, iris.device_type(run.device) if run.device else None),
            (TK.boardText, None if run.device else run.board),
            (TK.kernelStack, run.stack),
            (TK.runtimeText, run.runtime),
            (TK.atClockHz, run.clock_hz),
            (PROV.wasAssociatedWith, tool),
            (DCTERMS.source, f"{source.address} {run.place}"),
        ],
    )
    for index, (metric, figure, unit) in enumerate(_figures(run)):
        node = ox.NamedNode(f"{subject.value}/measurement/{index}")
        out.add(subject, TK.hasMeasurement, node)
        out.add_type(node, TK.Measurement)
        out.add(node, TK.index, index)
        out.add(node, TK.metric, iris.concept("metric", metric))
        out.add(node, SOSA.hasSimpleResult, float(figure))
        out.add(node, QUDT.hasUnit, named(UNIT + unit))
        out.add(node, TK.evidence, iris.concept("evidence", "measured"))
        out.add(node, TK.evidenceSource, run.witness)


def _figures(run: MeasuredRun) -> Iterator[tuple[str, float, str]]:
    """(metric, figure, QUDT unit) of what a run yielded, latency first."""
    yield "latency", run.latency_ms, "MilliSEC"
    for metric, figure, unit in (
        ("energy-per-inference", run.energy_uj, "MicroJ"),
        ("power", run.power_mw, "MilliW"),
        (run.metric or "", run.quality, "UNITLESS"),
        ("ram-used", run.ram_bytes, "BYTE"),
        ("flash-used", run.flash_bytes, "BYTE"),
    ):
        if figure is not None:
            yield metric, figure, unit
