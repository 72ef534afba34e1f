"""Latency models, power figures and kernel stacks from `data/estimates/`, strictly decoded."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tinykg.errors import ExtractError
from tinykg.records.estimate import EstimateTables, KernelStack, LatencyModel, PowerFigure

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")


class _Stack(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    title: str
    kernels: str | None = None
    runtimes: tuple[str, ...] = ()
    note: str | None = None


class _ByPart(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    cores: tuple[str, ...]


class StackFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`stacks.toml` as it stands: what counts as one core, as one board, and the kernel stacks."""

    same_core: dict[str, tuple[str, ...]]
    same_board: dict[str, str]
    by_part: _ByPart
    stack: list[_Stack]


class _Model(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    stack: str
    cores: tuple[str, ...]
    types: str
    cycles_per_mac: dict[str, float]
    largest_shares: dict[str, float]
    cycles_per_operator: float
    error_factor: float
    held_out: str
    held_out_rows: int
    rows: int
    models: int
    boards: tuple[str, ...]
    sources: tuple[str, ...]
    macs_low: int
    macs_high: int
    part: str | None = None


class _LatencyFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    other_elements_per_mac: float
    model: list[_Model]


class _Power(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    device: str
    milliwatt: float
    low: float
    high: float
    rows: int
    sources: tuple[str, ...]
    stack: str | None = None


class _PowerFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    power: list[_Power]


def read_stack_file(folder: Path) -> StackFile:
    """`stacks.toml` of a folder."""
    return _decode(folder / "stacks.toml", StackFile)


def read_stacks(folder: Path) -> dict[str, KernelStack]:
    """The kernel stacks by name."""
    sheet = read_stack_file(folder)
    return {s.name: KernelStack(**msgspec.structs.asdict(s)) for s in sheet.stack}


@cache
def read_tables(folder: Path) -> EstimateTables:
    """Everything that estimates are made from; a model of a stack that `stacks.toml` lacks is an error."""
    stacks = read_stacks(folder)
    latency = _decode(folder / "latency.toml", _LatencyFile)
    power = _decode(folder / "power.toml", _PowerFile)
    for i, stray in ((i, m.stack) for i, m in enumerate(latency.model) if m.stack not in stacks):
        raise ExtractError(
            folder / "latency.toml", f"model[{i}].stack", f"`{stray}`", "a stack of stacks.toml"
        )
    return EstimateTables(
        latency=tuple(
            LatencyModel(
                title=stacks[m.stack].title,
                runtimes=stacks[m.stack].runtimes,
                other_elements_per_mac=latency.other_elements_per_mac,
                **msgspec.structs.asdict(m),
            )
            for m in latency.model
        ),
        power=tuple(PowerFigure(**msgspec.structs.asdict(p)) for p in power.power),
        stacks=stacks,
    )


def _decode(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise ExtractError(
            path, "the file itself", error.strerror or str(error), "a readable file"
        ) from error
    except msgspec.DecodeError as error:
        found, _, place = str(error).partition(" - at ")
        raise ExtractError(path, place.strip("`") or "$", found) from error
