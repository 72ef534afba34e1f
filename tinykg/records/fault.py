"""faults_of(error): each fault that an error tells, with its place, for programs."""

from __future__ import annotations

from tinykg.errors import ExtractError, InvalidThing, ShapeViolation, TinykgError
from tinykg.records.thing import ThingFault

ROOT = "(root)"


def faults_of(error: TinykgError) -> tuple[ThingFault, ...]:
    """The faults of what was given, in the order of the error's text; none where it tells no places."""
    if isinstance(error, InvalidThing):
        return error.faults
    if isinstance(error, ShapeViolation):
        return tuple(ThingFault(field=f.path or ROOT, description=f.sentence) for f in error.findings)
    if isinstance(error, ExtractError):
        wanted = f"; expected {error.expected}" if error.expected else ""
        return (ThingFault(field=error.place.strip("`") or ROOT, description=error.found + wanted),)
    return ()
