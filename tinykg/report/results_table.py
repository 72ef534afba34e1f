"""Results as tables: those of boards ranked by time, the others apart and by what they are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.quantities import count, duration, percent, size, work
from tinykg.records.benchmark import ON_BOARDS, Figure, Ground

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tinykg.records.benchmark import ResultRow

TITLES: Final[Mapping[bool, str]] = {
    True: "Measured on boards, the quickest of each model first",
    False: "Not measured on a board: never ranked",
}

GROUNDS: Final[Mapping[Ground, str]] = {
    Ground.BOARD: "measured",
    Ground.PUBLISHED: "published",
    Ground.HOST: "of the host",
    Ground.EMULATED: "emulated",
    Ground.SIMULATED: "simulated",
    Ground.ESTIMATED: "estimated",
}
"""How a reader is told what a result is of."""

ACCURACIES: Final = ("top-1-accuracy", "auc")
RAM: Final = ("ram-used", "arena-used")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table with its title; the columns named in `right` hold numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...]


_NUMBERS: Final = ("time", "computed time", "RAM", "computed RAM", "flash", "computed flash")
RIGHT: Final = (*_NUMBERS, "energy", "instructions", "top-1", "AUC")


def in_order(rows: Sequence[ResultRow]) -> list[ResultRow]:
    """Results of boards first, by model and time; then the others by model and what they are of."""
    grounds = list(Ground)

    def place(row: ResultRow) -> tuple[object, ...]:
        time = row.figure("latency")
        ranked = row.ground in ON_BOARDS
        value = time.value if ranked and time is not None else float("inf")
        ground = 0 if ranked else grounds.index(row.ground)
        return (not ranked, row.model.casefold(), row.model, ground, value, row.where, row.id)

    return sorted(rows, key=place)


def sections(rows: Sequence[ResultRow]) -> list[Section]:
    """A table of results of boards and one of the others, each where there are any.

    Columns that would be empty are left out.
    """
    ordered = in_order(rows)
    found = []
    for ranked, title in TITLES.items():
        members = [row for row in ordered if (row.ground in ON_BOARDS) is ranked]
        if members:
            found.append(_section(title, members))
    return found


def _section(title: str, rows: Sequence[ResultRow]) -> Section:
    cells = {name: [cell(row) for row in rows] for name, cell in _COLUMNS.items()}
    kept = [name for name, column in cells.items() if name in {"model", "on"} or any(column)]
    return Section(
        title=title,
        columns=tuple(kept),
        rows=tuple(tuple(cells[name][i] or "-" for name in kept) for i in range(len(rows))),
        right=tuple(name for name in kept if name in RIGHT),
    )


_TEXTS: Final[Mapping[str, Callable[[float], str]]] = {
    "MilliSEC": lambda value: duration(value * 1000),
    "BYTE": lambda value: size(round(value)),
    "MicroJ": work,
    "MilliW": lambda value: f"{value:.3g} mW",
    "NUM": lambda value: count(round(value)),
    "NUM-PER-SEC": lambda value: f"{value:.4g} /s",
}
"""How a value is written, by its QUDT unit."""


def figure_text(figure: Figure) -> str:
    """A figure with its unit as people read it; `~` marks what is not measured."""
    by_unit = _TEXTS.get(figure.unit)
    text = f"{figure.value:.4g}" if by_unit is None else by_unit(figure.value)
    if figure.metric == "top-1-accuracy":
        text = percent(figure.value)
    return text if figure.evidence == "measured" else f"~{text}"


def error_text(error: float) -> str:
    """How far what is computed lies from what was measured, as `+12 %`."""
    return f"{error:+.0f} %"


def _of(*metrics: str) -> Callable[[ResultRow], str]:
    """The cell of a column: the first of some metrics that a result has."""

    def cell(row: ResultRow) -> str:
        figure = row.figure(*metrics)
        if figure is None:
            return ""
        note = " arena" if figure.metric == "arena-used" else ""
        return figure_text(figure) + note

    return cell


def _computed(*metrics: str, unit: str) -> Callable[[ResultRow], str]:
    """The cell of what is computed beside a figure, with its error where that can be told.

    A result without the figure shows what is computed for the first of the metrics.
    """

    def cell(row: ResultRow) -> str:
        figure = row.figure(*metrics) or Figure(metric=metrics[0], value=0.0, unit=unit)
        value = row.computed_value(figure)
        if value is None:
            return ""
        text = duration(value * 1000) if unit == "MilliSEC" else size(round(value))
        error = row.error_percent(figure)
        return text if error is None else f"{text} ({error_text(error)})"

    return cell


def on_text(row: ResultRow) -> str:
    """What a result ran on; for an emulator, a simulation or an estimate also which device it stands for."""
    if row.ground in {Ground.PUBLISHED, Ground.HOST}:
        return row.where
    if row.ground is Ground.BOARD or row.device is None:
        return row.device or row.where
    kept = "" if row.where == row.device else f"{row.where}, "
    return f"{kept}for {row.device}"


_COLUMNS: Final[Mapping[str, Callable[[ResultRow], str]]] = {
    "model": lambda row: row.model,
    "on": on_text,
    "what": lambda row: GROUNDS[row.ground],
    "runner": lambda row: "" if row.ground is Ground.PUBLISHED else row.runner,
    "by": lambda row: row.runtime,
    "time": _of("latency"),
    "computed time": _computed("latency", unit="MilliSEC"),
    "energy": _of("energy-per-inference"),
    "RAM": _of(*RAM),
    "computed RAM": _computed(*RAM, unit="BYTE"),
    "flash": _of("flash-used"),
    "computed flash": _computed("flash-used", unit="BYTE"),
    "instructions": _of("instructions"),
    "top-1": _of("top-1-accuracy"),
    "AUC": _of("auc"),
    "ended": lambda row: "" if row.ended is None else f"{row.ended:%Y-%m-%d}",
}


def heading(rows: Sequence[ResultRow], shown: int) -> str:
    """How many results there are, and how many of them are shown."""
    models = len({row.model for row in rows})
    what = f"{len(rows)} result{'s' * (len(rows) != 1)} of {models} model{'s' * (models != 1)}"
    return what if shown >= len(rows) else f"{what}, {shown} of them shown"


def explanation(rows: Sequence[ResultRow]) -> list[str]:
    """What the marks in the tables mean, as far as they occur."""
    found = []
    figures = [figure for row in rows for figure in row.figures]
    if any(figure.evidence != "measured" for figure in figures):
        found.append("~ is an estimate of the tool that is named, not a measurement.")
    if any(row.computed is not None for row in rows):
        found.append(
            "Computed is what TinyKG says without any run; in brackets its error against the measurement, "
            "+ where it says too much."
        )
    if any(row.ground is Ground.PUBLISHED and row.computed is not None for row in rows):
        found.append("Published times are among those that the estimates were fitted to.")
    if any(row.ground is Ground.HOST and row.figure("arena-used") for row in rows):
        found.append("A host's arena is that of 64 bits; computed beside it is a 32-bit board's.")
    return found
