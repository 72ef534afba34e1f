"""What a method is given, and the footprints it answers with where there are no figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinykg.records.footprint import Footprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.build import Build
    from tinykg.records.footprint import Refusal
    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A file, a runtime, and what the runtime's footprints are computed from."""

    model: ModelFile
    runtime: Runtime
    build: Build


def unknown(job: Job, fact: str) -> Footprint:
    """A footprint that names the fact it lacks."""
    return Footprint(runtime=job.runtime.name, evidence=job.runtime.evidence, unknowns=(fact,))


def refused(job: Job, refusals: Sequence[Refusal]) -> Footprint:
    """A footprint that says why the runtime does not run the file."""
    return Footprint(runtime=job.runtime.name, evidence=job.runtime.evidence, refusals=tuple(refusals))
