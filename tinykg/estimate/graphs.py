"""The built-in measurements and estimates as named graphs, one a source document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinykg.estimate.energy import power_basis
from tinykg.estimate.latency import basis
from tinykg.estimate.measurements import read_runs, read_sources
from tinykg.estimate.tables import read_tables
from tinykg.files import data_folder
from tinykg.graph.encode_estimate import encode_latency_model, encode_power_figure
from tinykg.graph.encode_measurement import encode_runs
from tinykg.graph.iris import source_graph
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyoxigraph as ox


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedTriples:
    """What one named graph holds, without its provenance; `files` are the data files it was made of."""

    name: str
    triples: list[ox.Triple]
    files: tuple[Path, ...]


def measurement_graphs() -> Iterator[SourcedTriples]:
    """The runs of each published document; calls of single kernels are no runs of a model and stay out."""
    folder = data_folder() / "measurements"
    for source in read_sources(folder).values():
        if not source.kernels:
            yield SourcedTriples(
                name=source_graph("measurements", source.name),
                triples=encode_runs(source, read_runs(folder, source)),
                files=(folder / f"{source.name}.csv", folder / "sources.toml"),
            )


def estimate_graphs() -> Iterator[SourcedTriples]:
    """The latency models, and the power figures."""
    folder = data_folder() / "estimates"
    tables = read_tables(folder)
    yield SourcedTriples(
        name=source_graph("estimates", "latency"),
        triples=[
            triple
            for model in tables.latency
            for triple in encode_latency_model(
                model, Evidence(kind=EvidenceKind.ESTIMATED, source=basis(model))
            )
        ],
        files=(folder / "latency.toml", folder / "stacks.toml"),
    )
    yield SourcedTriples(
        name=source_graph("estimates", "power"),
        triples=[
            triple
            for power in tables.power
            for triple in encode_power_figure(
                power, Evidence(kind=EvidenceKind.COMPUTED, source=power_basis(power))
            )
        ],
        files=(folder / "power.toml",),
    )
