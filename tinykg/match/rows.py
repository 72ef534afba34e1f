"""A row of the fit query -> Match, with a sentence for each constraint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tinykg.graph.iris import concept_name
from tinykg.quantities import size
from tinykg.records.match import Constraint, Match, Verdict
from tinykg.store.protocol import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.store.protocol import Term

Row: TypeAlias = "Mapping[str, Term | None]"


VERDICTS = ("operators", "ram", "flash", "sensors", "system", "accuracyVerdict")
"""The variables of the fit query that hold one verdict a constraint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Why a runtime refuses a file: each reason with its number of layers, and the element types found."""

    layers: dict[str, int] = field(default_factory=dict)
    element_types: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What the reason queries say about the pairs of one question, by IRI."""

    refusals: Mapping[str, Refusals] = field(default_factory=dict)
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
        superseded=text(row, "superseded") == "true",
    )


def _operators(row: Row, reasons: Reasons) -> Constraint:
    verdict = Verdict(require(row, "operators"))
    runtime = require(row, "runtimeName")
    refusals = reasons.refusals.get(require(row, "footprint"), Refusals())
    if verdict is Verdict.DOES_NOT_FIT:
        why = [reason + (f" ({n} layers)" if n > 1 else "") for reason, n in refusals.layers.items()]
        message = f"{runtime} refuses it: " + (_some(why, ". ") or "no reason is recorded")
    elif verdict is Verdict.UNKNOWN:
        message = f"whether {runtime} runs it is not known: missing is {_some(_missing(row, reasons))}"
    else:
        message = f"{runtime} runs every operator of the file"
    found = tuple(sorted(refusals.element_types))
    return Constraint(name="operators", verdict=verdict, message=message, found=found)


def _missing(row: Row, reasons: Reasons) -> list[str]:
    return reasons.missing_facts.get(require(row, "footprint"), ["the footprint, which was not computed"])


def _bytes(row: Row, reasons: Reasons, name: str, part: str) -> Constraint:
    """RAM or flash; `part` is the variable that holds the least it needs where the sum is not known."""
    required, available = integer(row, f"{name}Required"), integer(row, f"{name}Available")
    least, basis = integer(row, part), text(row, f"{name}Basis")
    label = name.upper() if name == "ram" else name
    found: list[str] = []
    if required is None and require(row, "operators") == Verdict.DOES_NOT_FIT:
        needs = f"the {label} it needs is not known, because the runtime refuses the file"
    elif required is None:
        found = _missing(row, reasons)
        more = "" if least is None else f"more than {size(least)} of "
        needs = f"needs {more}{label}, how much is not known (missing is {_some(found)})"
    else:
        needs = f"needs {size(required)} of {label}"
    if available is None:
        message = f"{needs}; how much the board has is not known"
    elif required is None:
        message = f"{needs}; the board has {size(available)} ({basis})"
    elif Verdict(require(row, name)) is Verdict.UNKNOWN:
        message = f"{needs}, {_span(row, name)}, of the {size(available)} ({basis}): too near to tell"
    elif required > available:
        message = f"{needs}, {size(required - available)} more than the {size(available)} ({basis})"
    else:
        message = f"needs {size(required)} of {size(available)} {label} ({basis})"
    return Constraint(
        name=name,
        verdict=Verdict(require(row, name)),
        message=message,
        required=required,
        available=available,
        basis=basis,
        source=text(row, f"{name}Source"),
        found=tuple(found),
    )


def _span(row: Row, name: str) -> str:
    """The interval of an estimated need."""
    low, high = integer(row, f"{name}Low") or 0, integer(row, f"{name}High") or 0
    return f"which is estimated ({size(low)} to {size(high)})"


def _sensors(row: Row, reasons: Reasons) -> Constraint:
    verdict = Verdict(require(row, "sensors"))
    model, device = require(row, "model"), require(row, "device")
    needed = reasons.needed_sensors.get(model)
    missing = reasons.missing_sensors.get((model, device), [])
    if verdict is Verdict.DOES_NOT_FIT:
        message = f"no sensor on the board observes {_some(missing, ' or ')}"
    elif verdict is Verdict.UNKNOWN:
        message = f"needs a sensor for {_some(missing, ' and ')}; which sensors the board has is not known"
    elif needed is None:
        message = "its sensor needs are not stated"
    elif needed:
        message = f"the board observes {_some(needed, ' and ')}"
    else:
        message = "needs no sensor"
    return Constraint(name="sensors", verdict=verdict, message=message, found=tuple(missing))


def _system(row: Row, reasons: Reasons) -> Constraint:
    verdict = Verdict(require(row, "system"))
    runtime, device = require(row, "runtimeName"), require(row, "device")
    where = " and ".join(reasons.cores.get(device, ())) or "an unknown core"
    system = " or ".join(reasons.systems.get(device, ())) or "an unknown system"
    if verdict is Verdict.FITS:
        message = f"{runtime} runs on {where}, {system}"
    elif verdict is Verdict.DOES_NOT_FIT:
        message = f"{runtime} does not run on {where}, {system}"
    else:
        message = f"whether {runtime} runs there is not known: the board has {where} and {system}"
    accelerator = text(row, "accelerator")
    if accelerator is not None and verdict is not Verdict.FITS:
        message += f"; it needs the accelerator {accelerator}"
    return Constraint(name="system", verdict=verdict, message=message)


def _accuracy(row: Row, wanted: float | None) -> list[Constraint]:
    if wanted is None:
        return []
    verdict = Verdict(require(row, "accuracyVerdict"))
    stated = number(row, "accuracy")
    if stated is None:
        message = f"top-1 accuracy of at least {_percent(wanted)} is asked for; the model's is not known"
    else:
        message = f"top-1 accuracy {_percent(stated)}, at least {_percent(wanted)} is asked for"
    return [Constraint(name="accuracy", verdict=verdict, message=message, required=wanted, available=stated)]


def _percent(fraction: float) -> str:
    """A percentage with as many digits as tell 92.96 from 93."""
    return f"{fraction * 100:.4g} %"


def _some(items: list[str], separator: str = "; ", most: int = 3) -> str:
    """The first few different ones of a list, and how many are left."""
    different = list(dict.fromkeys(items))
    rest = len(different) - most
    return separator.join(different[:most]) + (f", and {rest} more" if rest > 0 else "")
