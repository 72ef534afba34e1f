"""A row of the fit query -> Match, with a sentence for each constraint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tinykg.graph.iris import concept_name
from tinykg.quantities import percent, size
from tinykg.records.match import Constraint, Match, Verdict
from tinykg.store.protocol import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.store.protocol import Term

Row: TypeAlias = "Mapping[str, Term | None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What the reason queries say about the pairs of one question, by IRI."""

    refusals: Mapping[str, list[str]] = field(default_factory=dict)
    refused_types: Mapping[str, list[str]] = field(default_factory=dict)
    missing_facts: Mapping[str, list[str]] = field(default_factory=dict)
    missing_sensors: Mapping[tuple[str, str], list[str]] = field(default_factory=dict)
    needed_sensors: Mapping[str, list[str]] = field(default_factory=dict)
    cores: Mapping[str, list[str]] = field(default_factory=dict)
    systems: Mapping[str, list[str]] = field(default_factory=dict)


def text(row: Row, name: str) -> str | None:
    """The text of a literal or the IRI of a node; None where unbound."""
    return text_of(row.get(name))


def require(row: Row, name: str) -> str:
    """The text of a variable that the query always binds."""
    found = text(row, name)
    if found is None:
        raise ValueError(f"the query left ?{name} unbound")
    return found


def integer(row: Row, name: str) -> int | None:
    """A variable as an integer."""
    found = text(row, name)
    return None if found is None else int(found)


def number(row: Row, name: str) -> float | None:
    """A variable as a float."""
    found = text(row, name)
    return None if found is None else float(found)


def to_match(row: Row, reasons: Reasons, min_accuracy: float | None) -> Match:
    """The match that one row of the fit query states."""
    task = text(row, "task")
    evidence = text(row, "evidence")
    constraints = (
        _operators(row, reasons),
        _bytes(row, reasons, "ram", "arena"),
        _bytes(row, reasons, "flash", "modelBytes"),
        _sensors(row, reasons),
        _system(row, reasons),
        *_accuracy(row, min_accuracy),
    )
    return Match(
        model=require(row, "modelName"),
        device=require(row, "deviceSlug"),
        device_name=require(row, "deviceName"),
        runtime=require(row, "runtimeName"),
        verdict=Verdict(require(row, "verdict")),
        constraints=constraints,
        ram_required_bytes=integer(row, "ramRequired"),
        ram_available_bytes=integer(row, "ramAvailable"),
        flash_required_bytes=integer(row, "flashRequired"),
        flash_available_bytes=integer(row, "flashAvailable"),
        arena_bytes=integer(row, "arena"),
        stack_reserve_bytes=integer(row, "stack"),
        task=None if task is None else concept_name(task),
        accuracy=number(row, "accuracy"),
        macs=integer(row, "macs") or 0,
        evidence=None if evidence is None else concept_name(evidence),
    )


def _operators(row: Row, reasons: Reasons) -> Constraint:
    verdict = Verdict(require(row, "operators"))
    footprint, runtime = require(row, "footprint"), require(row, "runtimeName")
    if verdict is Verdict.DOES_NOT_FIT:
        message = f"{runtime} refuses it: " + _some(
            reasons.refusals.get(footprint, ["no reason is recorded"])
        )
    elif verdict is Verdict.UNKNOWN:
        message = f"whether {runtime} runs it is not known: {_missing(row, reasons)}"
    else:
        message = f"{runtime} runs every operator of the file"
    found = tuple(sorted(set(reasons.refused_types.get(footprint, ()))))
    return Constraint(name="operators", verdict=verdict, message=message, found=found)


def _missing(row: Row, reasons: Reasons) -> str:
    facts = reasons.missing_facts.get(require(row, "footprint"), ["the footprint was not computed"])
    return "missing is " + _some(facts)


def _bytes(row: Row, reasons: Reasons, name: str, part: str) -> Constraint:
    """RAM or flash; `part` is the variable that holds the least it needs where the sum is not known."""
    verdict = Verdict(require(row, name))
    required, available = integer(row, f"{name}Required"), integer(row, f"{name}Available")
    least, basis = integer(row, part), text(row, f"{name}Basis")
    label = name.upper() if name == "ram" else name
    has = "how much the board has is not known"
    if available is not None:
        has = f"the board has {size(available)} ({basis})"
    if required is not None and available is not None and required > available:
        message = f"needs {size(required)} of {label}, {size(required - available)} more than the "
        message += f"{size(available)} ({basis})"
    elif required is not None:
        message = f"needs {size(required)} of {label}; {has}"
        if available is not None:
            message = f"needs {size(required)} of {size(available)} {label} ({basis})"
    elif least is not None:
        message = (
            f"needs more than {size(least)} of {label}, how much is not known ({_missing(row, reasons)}); "
        )
        message += has
    elif require(row, "operators") == Verdict.DOES_NOT_FIT:
        message = f"the {label} it needs is not known, because the runtime refuses the file"
    else:
        message = f"the {label} it needs is not known"
    return Constraint(
        name=name,
        verdict=verdict,
        message=message,
        required=required,
        available=available,
        basis=basis,
        source=text(row, f"{name}Source"),
    )


def _sensors(row: Row, reasons: Reasons) -> Constraint:
    verdict = Verdict(require(row, "sensors"))
    model, device = require(row, "model"), require(row, "device")
    needed = reasons.needed_sensors.get(model)
    missing = reasons.missing_sensors.get((model, device), [])
    if verdict is Verdict.DOES_NOT_FIT:
        message = f"no sensor on the board observes {_some(missing)}"
    elif verdict is Verdict.UNKNOWN:
        message = f"needs a sensor for {_some(missing)}; which sensors the board has is not known"
    elif needed is None:
        message = "its sensor needs are not stated"
    elif needed:
        message = f"the board observes {_some(needed)}"
    else:
        message = "needs no sensor"
    return Constraint(name="sensors", verdict=verdict, message=message, found=tuple(missing))


def _system(row: Row, reasons: Reasons) -> Constraint:
    verdict = Verdict(require(row, "system"))
    runtime, device = require(row, "runtimeName"), require(row, "device")
    cores, systems = reasons.cores.get(device, []), reasons.systems.get(device, [])
    where = " and ".join(cores) or "an unknown core"
    system = " or ".join(systems) or "an unknown system"
    if verdict is Verdict.FITS:
        message = f"{runtime} runs on {where}, {system}"
    elif verdict is Verdict.DOES_NOT_FIT:
        message = f"{runtime} does not run on {where}, {system}"
    else:
        message = f"whether {runtime} runs there is not known: the board has {where} and {system}"
    return Constraint(name="system", verdict=verdict, message=message)


def _accuracy(row: Row, wanted: float | None) -> list[Constraint]:
    if wanted is None:
        return []
    verdict = Verdict(require(row, "accuracyVerdict"))
    stated = number(row, "accuracy")
    if stated is None:
        message = f"top-1 accuracy of at least {percent(wanted)} is asked for; the model's is not known"
    else:
        message = f"top-1 accuracy {percent(stated)}, at least {percent(wanted)} is asked for"
    return [Constraint(name="accuracy", verdict=verdict, message=message, required=wanted, available=stated)]


def _some(items: list[str], most: int = 3) -> str:
    """The first few different ones of a list, and how many are left."""
    different = list(dict.fromkeys(items))
    rest = len(different) - most
    return "; ".join(different[:most]) + (f"; and {rest} more" if rest > 0 else "")
