"""Objects that entry points name: the built-in ones and those of other packages, by one way of loading."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")


def load(points: Iterable[EntryPoint], kind: type[T], lack: str) -> tuple[dict[str, T], dict[str, str]]:
    """The objects of a kind by entry point name, and why others could not be loaded.

    A faulty plug-in is noted and stops no other one; `lack` says of an object of another kind what it lacks.
    """
    what = kind.__name__.lower()
    working: dict[str, T] = {}
    broken: dict[str, str] = {}
    for point in sorted(points, key=lambda point: (point.name, point.value)):
        if point.name in working or point.name in broken:
            broken[f"{point.name} ({point.value})"] = f"another {what} is called {point.name}"
            continue
        try:
            found = point.load()
        except Exception as error:  # noqa: BLE001 - a plug-in's import is foreign code, which may raise anything
            broken[point.name] = f"{point.value}: {type(error).__name__}: {error}"
            continue
        if isinstance(found, kind):
            working[point.name] = found
        else:
            broken[point.name] = f"{point.value}: no {kind.__name__} ({lack})"
    return working, broken


def announced(group: str, built_in: Sequence[EntryPoint]) -> list[EntryPoint]:
    """The entry points of a group in this installation, the built-in ones among them in any case."""
    found = list(entry_points(group=group))
    values = {point.value for point in found}
    return [*found, *(point for point in built_in if point.value not in values)]
