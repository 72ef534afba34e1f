"""The steps of the allocation walk by name, which the lifetimes of a memory plan count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint.lifetimes import MAX_DEPTH, MAX_STEPS, WalkTooLong, called

if TYPE_CHECKING:
    from tinykg.records.model_file import ModelFile

INPUTS: Final = "inputs"
"""Step 0: the graph's inputs are there, no layer has run."""


def step_names(model: ModelFile) -> tuple[str, ...]:
    """The operator of each step; step 0 is `inputs`, an entry into a called subgraph is `-> NUMBER`."""
    names = [INPUTS]
    _walk(model, 0, 1, names)
    return tuple(names)


def _walk(model: ModelFile, subgraph: int, depth: int, names: list[str]) -> None:
    if depth > MAX_DEPTH:
        raise WalkTooLong(f"calls of subgraphs nest deeper than {MAX_DEPTH}")
    for layer in model.subgraphs[subgraph].layers:
        _append(names, layer.name)
        for target in called(layer):
            _append(names, f"-> {target}")
            _walk(model, target, depth + 1, names)


def _append(names: list[str], name: str) -> None:
    if len(names) > MAX_STEPS:
        raise WalkTooLong(f"calls of subgraphs lead to more than {MAX_STEPS} steps")
    names.append(name)
