"""Matches as people read them: a heading, a table of what fits, the rest by reason."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tinykg.quantities import duration, percent, size
from tinykg.records.estimate import Estimate
from tinykg.records.evidence import EvidenceKind
from tinykg.records.match import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.match import Match

_FAILED = {
    "operators": "the runtime refuses",
    "ram": "too little RAM",
    "flash": "too little flash",
    "sensors": "sensor missing",
    "system": "no runtime for the core or system",
    "accuracy": "not accurate enough",
    "latency": "too slow",
}
_UNKNOWN = {
    "operators": "not known whether the runtime takes it",
    "ram": "RAM not known",
    "flash": "flash not known",
    "sensors": "sensors not known",
    "system": "core or system not known",
    "accuracy": "accuracy not known",
    "latency": "not known whether it is quick enough",
}
_SHOWN = 6


def heading(found: Sequence[Match], *, by_model: bool) -> str:
    """What was asked and how many fit; `by_model`: boards for one model, else models for one board."""
    if not found:
        return "No such pair: nothing to match"
    fitting = sum(m.verdict is Verdict.FITS for m in found)
    first = found[0]
    task = f" ({first.task})" if first.task else ""
    subject = f"{first.model}{task}, boards" if by_model else f"{first.device_name}, models"
    return f"{subject}: {fitting} of {len(found)} fit"


def shared(fitting: Sequence[Match], *, by_model: bool) -> str:
    """What holds for all that fit: the board's memory, task, runtime; and the unit of the table's sizes."""
    parts: list[str] = []
    for label, name in (("RAM", "ram"), ("flash", "flash")):
        figures = {(c.available, c.basis) for m in fitting for c in m.constraints if c.name == name}
        if not by_model and len(figures) == 1:
            [(available, basis)] = figures
            parts += [] if available is None else [f"{size(int(available))} {label} ({basis})"]
    tasks, runtimes = {m.task for m in fitting}, {m.runtime for m in fitting}
    if not by_model and len(tasks) == 1:
        parts += [f"all for {task}" for task in tasks if task]
    if len(runtimes) == 1:
        parts += [f"all by {runtime}" for runtime in runtimes]
    parts.append("sizes in KiB")
    if any(isinstance(m.latency, Estimate) for m in fitting):
        parts.append("times of one inference, ~ estimated")
    return ", ".join(parts)


def fits_table(
    fitting: Sequence[Match], *, by_model: bool, by_task: bool
) -> tuple[list[str], list[tuple[str, ...]], tuple[str, ...]]:
    """Columns, rows and the names of the columns that hold numbers; what is the same in all rows is left out.

    `by_task` says that the rows come by task: then a task is a line of its own above its models.
    """
    tasks = not by_model and len({m.task for m in fitting}) > 1
    headed = tasks and by_task
    several = len({m.runtime for m in fitting}) > 1
    timed = any(isinstance(m.latency, Estimate) for m in fitting)
    columns = [
        "board" if by_model else "model",
        *(["task"] if tasks and not headed else []),
        *([] if by_model else ["top-1"]),
        *("RAM", "spare", "flash", "spare"),
        *(["time"] if timed else []),
        *(["runtime"] if several else []),
    ]
    rows: list[tuple[str, ...]] = []
    for number, m in enumerate(fitting):
        if headed and (number == 0 or fitting[number - 1].task != m.task):
            rows.append((m.task or "no task stated",))
        rows.append(
            (
                m.device if by_model else f"  {m.model}" if headed else m.model,
                *([m.task or "-"] if tasks and not headed else []),
                *([] if by_model else ["-" if m.accuracy is None else percent(m.accuracy)]),
                *_kib(m.ram_required_bytes, m.ram_available_bytes),
                *_kib(m.flash_required_bytes, m.flash_available_bytes),
                *([_time(m)] if timed else []),
                *([m.runtime] if several else []),
            )
        )
    return columns, rows, ("top-1", "RAM", "flash", "spare", "time")


def _time(match: Match) -> str:
    """The time of one inference, marked where it is estimated."""
    if not isinstance(match.latency, Estimate):
        return "?"
    measured = match.latency.evidence.kind is EvidenceKind.MEASURED
    return ("" if measured else "~") + duration(match.latency.value)


def _kib(required: int | None, available: int | None) -> tuple[str, str]:
    """What is required and what is left, in KiB."""
    if required is None or available is None:
        return ("?", "?")
    return (f"{required / 1024:.1f}", f"{(available - required) / 1024:.1f}")


def reasons(rest: Sequence[Match], verdict: Verdict, *, by_model: bool) -> list[tuple[int, str]]:
    """How many pairs for which reason, and which; a pair counts under each of its reasons."""
    groups: dict[str, list[str]] = defaultdict(list)
    for m in rest:
        for reason in m.reasons:
            if reason.verdict is verdict:
                groups[reason.name].append(m.device if by_model else m.model)
    words = _FAILED if verdict is Verdict.DOES_NOT_FIT else _UNKNOWN
    return [
        (len(members), f"{words[name]}: {_names(members)}")
        for name, members in sorted(groups.items(), key=lambda group: -len(group[1]))
    ]


def _names(members: Sequence[str]) -> str:
    more = f", and {len(members) - _SHOWN} more" if len(members) > _SHOWN else ""
    return ", ".join(members[:_SHOWN]) + more
