"""How many cycles an inference takes: a model fitted to published runs, and tests that hold runs out.

A run costs, in cycles of its core's clock,

    sum over classes of rate[class] * operations[class]  +  rate[operator] * layers

with rates for each cell: a kernel stack on a core. ln rate = core + stack + class, and deviations
of stack and core by class, of the cell, and of the cell by class. All cells of a kind of kernels
are fitted at once, to ln cycles by least squares; the penalties draw deviations towards zero, so
that cells with few rows lean on their stack, their core and the others. The penalties are coarse
and were chosen once: a factor of three changes held-out errors by about a point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tinykg.estimate.latency import COVERED_SHARE, SHARE_RANGE, SIZE_RANGE
from tinykg.estimate.measurements import MAC_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Places = NDArray[np.int64]
    Key = tuple[str, ...]

TERMS = (*MAC_CLASSES, "operator")

PENALTIES = {
    "core": 0.01, "stack": 0.01, "class": 0.01,
    "stack class": 1.0, "core class": 5.0, "cell": 3.0, "cell class": 3.0,
}  # fmt: skip
"""A squared deviation of one is worth this much of a squared residual of ln cycles."""

OPERATOR_PENALTY = 0.1
"""The same for every deviation of the cycles of an operator, which only the smallest networks tell."""

OPERATOR_START = np.log(500.0)
"""Where the cycles of an operator start, relative to a 1x1 convolution's MAC: about 2000 on a Cortex-M4."""

SEEN_SHARE = 0.01
"""A class is known in a cell if it makes up at least this share of some row's operations."""

HELD_OUT_PLACES = ("another board", "whole cell")
HELD_OUT_MODELS = ("another model", "one model")
"""The held-out tests, of each kind the one that asks for most first.

A board is predicted from the others, a cell from its core and its stack elsewhere, a network from
the others everywhere, and a cell from the runs of one network in it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run to fit to: where, by what, how much work (by TERMS), how many cycles."""

    board: str
    core: str
    part: str | None
    stack: str
    kernels: str
    model: str
    work: tuple[int, ...]
    cycles: float
    source: str
    submitter: str | None
    whole_model: bool

    @property
    def macs(self) -> int:
        """All multiply-accumulate operations."""
        return sum(self.work[: len(MAC_CLASSES)])

    @property
    def cell(self) -> tuple[str, str]:
        """Core (with its part, where the core's name is that of an instruction set) and stack."""
        return (f"{self.core} of {self.part}" if self.part else self.core, self.stack)


class CycleModel:
    """The rates of all cells of one kind of kernels, fitted to rows."""

    def __init__(self, rows: Sequence[Row], near: CycleModel | None = None) -> None:
        self.index: dict[Key, int] = {}
        for row in rows:
            for keys in _keys(row.cell):
                for key in keys:
                    self.index.setdefault(key, len(self.index))
        self.start = np.array([OPERATOR_START if k == ("class", "operator") else 0.0 for k in self.index])
        self.penalty = np.array([_penalty(key) for key in self.index])
        self.values = self.start.copy()
        if near is not None:
            self.values = np.array([near.value(key, self.start[i]) for key, i in self.index.items()])
        self._fit(rows)

    def value(self, key: Key, otherwise: float) -> float:
        """A fitted parameter."""
        return float(self.values[self.index[key]]) if key in self.index else float(otherwise)

    def rates(self, cell: tuple[str, str]) -> Array:
        """Cycles of each of TERMS in a cell; a core or stack without rows is an average one."""
        return np.exp([sum(self.value(key, 0.0) for key in keys) for keys in _keys(cell)])

    def cycles(self, row: Row) -> float:
        """The predicted cycles of a row."""
        return float(self.rates(row.cell) @ np.array(row.work))

    def _fit(self, rows: Sequence[Row]) -> None:
        """Newton's method with damping, on half the squared misses of ln cycles plus the penalties."""
        work = np.array([row.work for row in rows], dtype=np.float64)
        target = np.log([row.cycles for row in rows])
        places = np.array([[[self.index[key] for key in keys] for keys in _keys(row.cell)] for row in rows])
        size, depth = len(self.index), places.shape[2]
        pairs = (places[..., :, None] * size + places[..., None, :]).reshape(-1)
        damping, objective = 1e-4, self._objective(places, work, target, self.values)
        for _ in range(200):
            parts = work * np.exp(self.values[places].sum(axis=2))
            shares = parts / parts.sum(axis=1)[:, None]
            misses = np.log(parts.sum(axis=1)) - target
            slopes = np.zeros((len(rows), size))
            np.add.at(slopes, (np.arange(len(rows))[:, None, None], places), shares[..., None])
            gradient = slopes.T @ misses + self.penalty * (self.values - self.start)
            bend = np.repeat((misses[:, None] * shares).reshape(-1), depth * depth)
            curvature = np.bincount(pairs, weights=bend, minlength=size * size).astype(np.float64)
            curvature = curvature.reshape(size, size)
            curvature += (slopes * (1.0 - misses)[:, None]).T @ slopes + np.diag(self.penalty)
            step, better = self._step(places, work, target, curvature, gradient, damping)
            gain, objective = objective - better, better
            self.values = self.values - step
            damping = max(damping / 10.0, 1e-12)
            if gain < 1e-12:
                return

    def _step(
        self, places: Places, work: Array, target: Array, curvature: Array, gradient: Array, damping: float
    ) -> tuple[Array, float]:
        """The first damped step that does not make things worse, and the objective after it."""
        before = self._objective(places, work, target, self.values)
        while True:
            step = np.linalg.solve(curvature + damping * np.eye(len(gradient)), gradient).astype(np.float64)
            after = self._objective(places, work, target, self.values - step)
            if after <= before:
                return step, after
            if damping > 1e9:
                return np.zeros_like(step), before
            damping = max(damping * 10.0, 1e-6)

    def _objective(self, places: Places, work: Array, target: Array, values: Array) -> float:
        with np.errstate(over="ignore", invalid="ignore"):  # a step too far is no number, and is not taken
            misses = np.log((work * np.exp(values[places].sum(axis=2))).sum(axis=1)) - target
        return float((misses**2).sum() + (self.penalty * (values - self.start) ** 2).sum()) / 2.0


def _penalty(key: Key) -> float:
    return OPERATOR_PENALTY if key[-1] == "operator" else PENALTIES[str(key[0])]


def _keys(cell: tuple[str, str]) -> list[list[Key]]:
    """The parameters whose sum is the ln rate of each term in a cell."""
    core, stack = cell
    shared: list[Key] = [("core", core), ("stack", stack), ("cell", core, stack)]
    return [
        [
            *shared,
            ("class", t),
            ("stack class", stack, t),
            ("core class", core, t),
            ("cell class", core, stack, t),
        ]
        for t in TERMS
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """A row that was predicted by a model which had not seen it, by which test."""

    test: str
    row: Row
    predicted: float

    @property
    def factor(self) -> float:
        """Predicted over measured or the inverse, whichever is above one."""
        return max(self.predicted / self.row.cycles, self.row.cycles / self.predicted)

    @property
    def error(self) -> float:
        """The relative error of the prediction."""
        return self.predicted / self.row.cycles - 1.0


def held_out(rows: Sequence[Row], model: CycleModel) -> list[HeldOut]:
    """Every row of one kind of kernels, predicted by each test that its cell allows."""
    found: list[HeldOut] = []
    for test, group, allowed in (
        ("another board", lambda r: r.board, _by_cell),
        ("whole cell", lambda r: r.cell, _by_core_and_stack),
        ("another model", lambda r: r.model, _by_cell),
    ):
        found += leave_out(test, rows, model, group, allowed)
    return found + one_model(rows, model)


def leave_out(
    test: str,
    rows: Sequence[Row],
    model: CycleModel,
    group: Callable[[Row], object],
    allowed: Callable[[Row, Sequence[Row]], bool],
) -> list[HeldOut]:
    """Each group of rows predicted from all others, as far as `allowed` by what is left."""
    found = []
    for out in dict.fromkeys(map(group, rows)):
        rest = [row for row in rows if group(row) != out]
        found += _predicted(
            test, [row for row in rows if group(row) == out and allowed(row, rest)], rest, model
        )
    return found


def one_model(rows: Sequence[Row], model: CycleModel) -> list[HeldOut]:
    """The rows of cells with three models or more, predicted from the rows of one of them."""
    found = []
    for cell in dict.fromkeys(row.cell for row in rows):
        inside = [row for row in rows if row.cell == cell]
        models = list(dict.fromkeys(row.model for row in inside if row.whole_model))
        for kept in models if len(models) > 2 else ():
            rest = [row for row in rows if row.cell != cell or row.model == kept]
            others = [row for row in inside if row.model != kept and _by_cell(row, rest)]
            found += _predicted("one model", others, rest, model)
    return found


def _predicted(test: str, rows: Sequence[Row], rest: Sequence[Row], model: CycleModel) -> list[HeldOut]:
    """Rows as a fit to the rest predicts them; `model` is where the search starts."""
    if not rows:
        return []
    fitted = CycleModel(rest, model)
    return [HeldOut(test=test, row=row, predicted=fitted.cycles(row)) for row in rows]


def largest_shares(rows: Iterable[Row]) -> dict[str, float]:
    """The largest share of a row's operations that each class makes up; those below SEEN_SHARE are absent."""
    found: dict[str, float] = {}
    for row in rows:
        for name, count in zip(MAC_CLASSES, row.work, strict=False):
            share = count / row.macs
            if share >= SEEN_SHARE:
                found[name] = max(share, found.get(name, 0.0))
    return {name: found[name] for name in MAC_CLASSES if name in found}


def _by_cell(row: Row, rest: Sequence[Row]) -> bool:
    """Whether the cell's other rows are ground enough for the row."""
    return _grounded(row, [other for other in rest if other.cell == row.cell])


def _by_core_and_stack(row: Row, rest: Sequence[Row]) -> bool:
    """Whether the core is known, and the stack's rows on other cores are ground enough for the row."""
    core, stack = row.cell
    known = any(other.cell[0] == core for other in rest)
    return known and _grounded(row, [other for other in rest if other.cell[1] == stack])


def _grounded(row: Row, ground: Sequence[Row]) -> bool:
    """Whether rows know the classes of a row's work, to about its shares, and networks of about its size."""
    sizes = [other.macs for other in ground if other.whole_model] or [other.macs for other in ground]
    if not sizes or not min(sizes) / SIZE_RANGE <= row.macs <= max(sizes) * SIZE_RANGE:
        return False
    shares = largest_shares(ground)
    known = sum(
        count
        for name, count in zip(MAC_CLASSES, row.work, strict=False)
        if count <= shares.get(name, 0.0) * SHARE_RANGE * row.macs
    )
    return known >= COVERED_SHARE * row.macs
