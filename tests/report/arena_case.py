"""Files with a memory plan to draw."""

from __future__ import annotations

from dataclasses import dataclass

from tinykg.footprint.steps import step_names
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.footprint import Footprint, PlannedBuffer, Share
from tinykg.records.model_file import Layer, ModelFile, Subgraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file, its footprint and the names of its steps."""

    file: ModelFile
    footprint: Footprint
    steps: tuple[str, ...]


def buffer(
    first: int, last: int, offset: int, size: int, name: str = "t", tensor: int | None = 9
) -> PlannedBuffer:
    """A buffer of a made-up plan."""
    return PlannedBuffer(
        name=name, subgraph=0, tensor=tensor, first=first, last=last, offset_bytes=offset, size_bytes=size
    )


def chain(layers: int, *buffers: PlannedBuffer) -> Case:
    """A file of so many layers, with this plan."""
    found = tuple(Layer(index=i, operator="ADD", version=1, inputs=(), outputs=()) for i in range(layers))
    main = Subgraph(index=0, name="", tensors=(), inputs=(0,), outputs=(1,), layers=found)
    file = ModelFile(sha256="0" * 64, file_bytes=1, format="tflite", schema_version=3, subgraphs=(main,))
    head = max((b.offset_bytes + b.size_bytes for b in buffers), default=0)
    parts = Footprint(
        runtime="made-up",
        evidence=Evidence(kind=EvidenceKind.COMPUTED, source="a test"),
        arena_used_bytes=head + 100,
        arena_bytes=head + 112,
        head_bytes=head,
        tail_bytes=100,
        tail=(Share(name="interpreter", size_bytes=100),),
        peak=(
            Share(name="head", size_bytes=head),
            Share(name="persistent by then", size_bytes=100),
            Share(name="alignment", size_bytes=12),
        ),
        peak_moment="running",
        plan=buffers,
    )
    return Case(file=file, footprint=parts, steps=step_names(file))
