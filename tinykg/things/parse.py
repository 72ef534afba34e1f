"""Bytes -> the JSON object of a Thing Description, a Thing Model or a merge patch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tinykg.errors import InvalidThing
from tinykg.json_text import read_json
from tinykg.records.thing import ThingFault
from tinykg.things.rules import ROOT

if TYPE_CHECKING:
    from tinykg.json_text import JsonFault, Steps

MAX_BYTES: Final = 1 << 20
"""The longest Thing Description published in a test collection has 60 KB."""


def read_thing(
    content: bytes, *, limit_bytes: int = MAX_BYTES, subject: str = "The document"
) -> dict[str, Any]:
    """The JSON object that the bytes are, in UTF-8; raises InvalidThing with the place of each fault.

    An object with a member twice is refused, as JSON-LD 1.1 (9, "keys in objects must be unique") has it.
    """
    members, doubled = read_ambiguous(content, limit_bytes=limit_bytes, subject=subject)
    if doubled:
        raise InvalidThing(subject, doubled)
    return members


def read_ambiguous(
    content: bytes, *, limit_bytes: int = MAX_BYTES, subject: str = "The document"
) -> tuple[dict[str, Any], list[ThingFault]]:
    """The same, but of a member that is given twice the last one counts; with the faults that these are."""
    if len(content) > limit_bytes:
        raise InvalidThing(subject, [_fault((), f"has {len(content)} bytes; expected at most {limit_bytes}")])
    read = read_json(content)
    if read.faults:
        raise InvalidThing(subject, [_fault(fault.steps, _description(fault)) for fault in read.faults])
    if not isinstance(read.value, dict):
        raise InvalidThing(subject, [_fault((), f"is {_form(read.value)}; expected a JSON object")])
    twice = "is given more than once in one object; keep one '{}'"
    return read.value, [_fault(steps, twice.format(steps[-1])) for steps in read.doubled]


def _fault(steps: Steps, description: str) -> ThingFault:
    return ThingFault(field=".".join(map(str, steps)) or ROOT, description=description)


def _description(fault: JsonFault) -> str:
    at = f" at {fault.position}" if fault.position else ""
    wanted = f"; expected {fault.expected}" if fault.expected else ""
    return f"has {fault.found}{at}{wanted}"


def _form(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"
