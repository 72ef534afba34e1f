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
from tinykg.join.parts import may_be, part_key
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

SIZES: Final = {"B": 1, "kB": 1000, "KiB": 1024, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30}
"""Units of size, in any case: kB is 1000 bytes, KiB is 1024."""

RATES: Final = {"Hz": 1, "kHz": 1000, "MHz": 10**6, "GHz": 10**9}

MOST: Final = 2**63
"""No memory and no clock comes near it."""

_CONDITION = re.compile(r"\s*([A-Za-z]+)\s*(>=|<=|!=|==|=|>|<)\s*(.*?)\s*", re.DOTALL)
_NUMBER = re.compile(r"(\d+(?:_\d+)*(?:\.\d+)?)\s*([A-Za-z]*)", re.ASCII)


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
    if match is None:
        raise InputError(
            f"--where: '{condition}': '{text}' is no number with a unit, such as 256KiB or 64MHz"
        )
    one = next(iter(units))
    written = {unit.casefold(): unit for unit in units}
    number, unit = match.group(1).replace("_", ""), match.group(2).casefold() or one.casefold()
    if unit not in written:
        hint = _hint(unit, written)
        raise InputError(
            f"--where: '{condition}': no unit '{match.group(2)}'.{hint} Units: {', '.join(units)}"
        )
    value = Decimal(number) * units[written[unit]]
    if value > MOST:
        raise InputError(f"--where: '{condition}': {text} is more than there can be")
    if value != int(value):
        raise InputError(f"--where: '{condition}': {text} is no whole number of {one}")
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
            device for value in condition.values for device in _with_word(store, condition, value, stating)
        }
    else:
        met = {device for value in condition.values for device in _with_concept(store, condition, value)}
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


def _with_word(store: Store, condition: Condition, value: str, stating: Iterable[str]) -> set[str]:
    """The devices that have a word for a field, in any spelling; an InputError where none has."""
    folded: dict[str, list[str]] = {}
    for word in stating:
        folded.setdefault(lookup_key(word), []).append(word)
    words = folded.get(lookup_key(value), [])
    if condition.field == "part":
        words = [word for word in stating if _is_part(part_key(word), part_key(value))]
    if not words:
        hint = _hint(lookup_key(value), {key: known[0] for key, known in folded.items()})
        raise InputError(f"--where: '{condition.text}': no board with {condition.field} '{value}'.{hint}")
    wanted = [literal(word) for word in words]
    return _devices(store, sparql("devices_by_word", field=literal(condition.field), wanted=wanted))


def _is_part(part: str, wanted: str) -> bool:
    """Whether a part may be the wanted one, or is of the wanted family, such as `stm32f4`."""
    return may_be(part, wanted) or (len(wanted) >= _FAMILY_LENGTH and part.startswith(wanted))


_FAMILY_LENGTH: Final = 6
"""A shorter beginning, such as `esp32`, is another part."""


def _with_concept(store: Store, condition: Condition, value: str) -> set[str]:
    """The devices with a concept or a narrower one; an InputError where no vocabulary has it."""
    field = condition.field
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
        hint = _hint(lookup_key(value), names)
        raise InputError(f"--where: '{condition.text}': no {field} '{value}'.{hint}")
    query = {"sensor": "devices_by_sensor", "core": "devices_by_core"}[field]
    return _devices(store, sparql(query, wanted=ox.NamedNode(found)))


def _devices(store: Store, query: str) -> set[str]:
    return {text_of(row["device"]) or "" for row in store.select(query)}


def _hint(name: str, known: Iterable[str] | dict[str, str]) -> str:
    """What was perhaps meant; `known` may say how a key is written."""
    written = known if isinstance(known, dict) else {key: key for key in known}
    longer = [key for key in sorted(written) if len(name) > 1 and key.startswith(name)][:3]
    keys = [*get_close_matches(name, list(written), n=3, cutoff=0.5), *longer]
    if not keys and len(written) <= FEW:
        keys = sorted(written)
    near = list(dict.fromkeys(str(written[key]) for key in keys))[:FEW]
    return f" Did you mean {' or '.join(near)}?" if near else ""


FEW: Final = 3
"""So many names are told where none is near."""
