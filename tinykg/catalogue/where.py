"""Conditions on boards, as people type them: `ram>=256KiB and sensor=microphone and core=Cortex-M4F`.

A condition is a field, a comparison and a value; `and` joins them, `|` between values means either.
What is typed becomes RDF terms in named queries, never their text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from tinykg.errors import InputError
from tinykg.graph.iris import concept, concept_name, lookup_key
from tinykg.queries.load import literal, sparql
from tinykg.store.protocol import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.store.protocol import Store

MEMORIES: Final = {
    "ram": ("sram", "dram"),
    "psram": ("psram",),
    "flash": ("flash",),
    "storage": ("external-flash", "storage"),
}
WORDS: Final = ("vendor", "part", "link", "accelerator", "system", "fpu")
FIELDS: Final = (*MEMORIES, "clock", "sensor", "core", *WORDS)

SIZES: Final = {"b": 1, "kb": 1000, "kib": 1024, "mb": 10**6, "mib": 2**20, "gb": 10**9, "gib": 2**30}
"""Units of size by their names in lower case: kB is 1000 bytes, KiB is 1024."""

RATES: Final = {"hz": 1, "khz": 1000, "mhz": 10**6, "ghz": 10**9}

_CONDITION = re.compile(r"\s*([A-Za-z]+)\s*(>=|<=|!=|==|=|>|<)\s*(.*?)\s*", re.DOTALL)
_NUMBER = re.compile(r"(\d+(?:[._]\d+)*)\s*([A-Za-z]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition; `text` is what was typed."""

    field: str
    comparison: str
    values: tuple[str, ...]
    text: str


def parse(text: str) -> list[Condition]:
    """The conditions of a text; InputError with what is wrong and what was perhaps meant."""
    parts = re.split(r"\s+and\s+|\s*,\s*", text.strip(), flags=re.IGNORECASE)
    return [_condition(part, text) for part in parts]


def _condition(part: str, whole: str) -> Condition:
    match = _CONDITION.fullmatch(part)
    if match is None or not match.group(3):
        raise InputError(
            f"--where: '{part or whole}' is no condition; expected FIELD, one of = != >= <= > <, and a "
            f"value, such as ram>=256KiB; the fields are {', '.join(FIELDS)}"
        )
    field, comparison, value = match.group(1).casefold(), match.group(2), match.group(3)
    if field not in FIELDS:
        raise InputError(
            f"--where: no field '{match.group(1)}'.{_hint(field, FIELDS)} Fields: {', '.join(FIELDS)}"
        )
    numeric = field in MEMORIES or field == "clock"
    if not numeric and comparison not in {"=", "==", "!="}:
        raise InputError(f"--where: '{part.strip()}': {field} is no quantity; use = or !=")
    values = tuple(v.strip().strip("'\"") for v in value.split("|"))
    if numeric and len(values) > 1:
        raise InputError(f"--where: '{part.strip()}': | joins names, not quantities; use >= and <=")
    return Condition(field=field, comparison=comparison, values=values, text=part.strip())


def quantity(text: str, units: dict[str, int], condition: str) -> int:
    """A whole number of bytes or Hz from a number with its unit."""
    match = _NUMBER.fullmatch(text)
    names = {"b": "B", "hz": "Hz"}.get(next(iter(units)), "")
    if match is None:
        raise InputError(
            f"--where: '{condition}': '{text}' is no number with a unit, such as 256KiB or 64MHz"
        )
    number, unit = match.group(1).replace("_", ""), match.group(2).casefold() or next(iter(units))
    if unit not in units:
        known = ", ".join(units)
        raise InputError(
            f"--where: '{condition}': no unit '{match.group(2)}'.{_hint(unit, list(units))} Units: {known}"
        )
    value = Decimal(number) * units[unit]
    if value != int(value):
        raise InputError(f"--where: '{condition}': {text} is no whole number of {names}")
    return int(value)


def devices_where(store: Store, text: str) -> list[str]:
    """The IRIs of the device types that meet all conditions, sorted; what nobody states meets none."""
    kept: set[str] | None = None
    for condition in parse(text):
        met = _met(store, condition)
        kept = met if kept is None else kept & met
    return sorted(kept or ())


def _met(store: Store, condition: Condition) -> set[str]:
    if condition.field in MEMORIES:
        kinds = [concept("memory-kind", kind) for kind in MEMORIES[condition.field]]
        size_bytes = quantity(condition.values[0], SIZES, condition.text)
        return _within(store, "devices_by_memory", condition.comparison, size_bytes, memoryKind=kinds)
    if condition.field == "clock":
        rate_hz = quantity(condition.values[0], RATES, condition.text)
        return _within(store, "devices_by_clock", condition.comparison, rate_hz)
    is_word = condition.field in WORDS
    stating = _stating(store, condition.field) if is_word or condition.comparison == "!=" else {}
    if is_word:
        met = {
            device
            for value in condition.values
            for device in _with_word(store, condition.field, value, stating)
        }
    else:
        met = {
            device for value in condition.values for device in _with_concept(store, condition.field, value)
        }
    return (
        {device for devices in stating.values() for device in devices} - met
        if condition.comparison == "!="
        else met
    )


def _within(store: Store, query: str, comparison: str, value: int, **terms: list[ox.NamedNode]) -> set[str]:
    """The devices whose figure compares so with a value."""
    if comparison == "!=":
        return _devices(store, sparql(query, **terms)) - _within(store, query, "=", value, **terms)
    least = {"=": value, "==": value, ">=": value, ">": value + 1}.get(comparison)
    most = {"=": value, "==": value, "<=": value, "<": value - 1}.get(comparison)
    bounds = {"least": least, "most": most}
    given = {name: literal(bound) for name, bound in bounds.items() if bound is not None}
    return _devices(store, sparql(query, **terms, **given))


def _stating(store: Store, field: str) -> dict[str, set[str]]:
    """The devices of which something is stated for a field, by what that is."""
    found: dict[str, set[str]] = {}
    if field in WORDS:
        for row in store.select(sparql("devices_by_word", field=literal(field))):
            found.setdefault(text_of(row["word"]) or "", set()).add(text_of(row["device"]) or "")
        return found
    query = {"sensor": "devices_by_sensor", "core": "devices_by_core"}[field]
    return {"": _devices(store, sparql(query))}


def _with_word(store: Store, field: str, value: str, stating: dict[str, set[str]]) -> set[str]:
    """The devices that have a word for a field, in any case; an InputError where none has."""
    folded = {lookup_key(word): word for word in stating}
    word = folded.get(lookup_key(value))
    if word is None:
        hint = _hint(lookup_key(value), folded)
        raise InputError(f"--where: no board with {field} '{value}'.{hint}")
    return _devices(store, sparql("devices_by_word", field=literal(field), wanted=literal(word)))


def _with_concept(store: Store, field: str, value: str) -> set[str]:
    """The devices with a concept or a narrower one; an InputError where no vocabulary has it."""
    schemes = {"sensor": ("sensor-kind", "property"), "core": ("core",)}[field]
    nodes = [concept(scheme, "") for scheme in schemes]
    wanted = [ox.NamedNode(node.value.rstrip("/")) for node in nodes]
    known: dict[str, str] = {}
    for row in store.select(sparql("concepts", scheme=wanted)):
        iri = text_of(row["concept"]) or ""
        known.setdefault(lookup_key(concept_name(iri)), iri)
        known.setdefault(lookup_key(text_of(row["label"]) or ""), iri)
    found = known.get(lookup_key(value))
    if found is None:
        names = {key: concept_name(iri) for key, iri in known.items()}
        raise InputError(f"--where: no {field} '{value}'.{_hint(lookup_key(value), names)}")
    query = {"sensor": "devices_by_sensor", "core": "devices_by_core"}[field]
    return _devices(store, sparql(query, wanted=ox.NamedNode(found)))


def _devices(store: Store, query: str) -> set[str]:
    return {text_of(row["device"]) or "" for row in store.select(query)}


def _hint(name: str, known: Iterable[str] | dict[str, str]) -> str:
    """What was perhaps meant; `known` may say how a key is written."""
    written = known if isinstance(known, dict) else {key: key for key in known}
    near = dict.fromkeys(str(written[key]) for key in get_close_matches(name, list(written), n=3, cutoff=0.5))
    return f" Did you mean {' or '.join(near)}?" if near else ""
