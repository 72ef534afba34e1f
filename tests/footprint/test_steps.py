"""Names of the walk's steps, and the sum that makes the smallest arena."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from footprint_sketch import graph, layer, model, tensor

from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.footprint import footprint
from tinykg.footprint.lifetimes import Lifetimes, WalkTooLong
from tinykg.footprint.steps import step_names

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.runtime import Runtime

OURS = sorted((data_folder() / "models" / "files").glob("*.tflite"))


def test_steps_are_those_that_lifetimes_count() -> None:
    inner = graph([tensor("float32", 4)], [layer("EXP", [0], [0]), layer("NEG", [0], [0])], [0], [0])
    branch = layer("IF", [0, 1], [1], then_subgraph_index=1, else_subgraph_index=1)
    main = graph([tensor("bool"), tensor("float32", 4)], [branch, layer("ABS", [1], [1])], [0, 1], [1])
    file = model(main, inner)
    names = ("inputs", "IF", "-> 1", "EXP", "NEG", "-> 1", "EXP", "NEG", "ABS")
    assert step_names(file) == names
    assert Lifetimes(file).step == len(names) - 1


def test_a_subgraph_that_calls_itself_ends_in_an_error() -> None:
    file = model(graph([tensor("float32", 4)], [layer("CALL_ONCE", [], [], init_subgraph_index=0)]))
    with pytest.raises(WalkTooLong):
        step_names(file)


@pytest.mark.parametrize("path", OURS, ids=[path.stem for path in OURS])
def test_the_parts_of_the_smallest_arena_add_up(path: Path, runtimes: dict[str, Runtime]) -> None:
    file = read_model(path.read_bytes(), str(path))
    for runtime in runtimes.values():
        found = footprint(file, runtime)
        if not found.peak:
            continue
        assert sum(share.size_bytes for share in found.peak) == found.arena_bytes
        assert found.peak_moment is not None
        if found.peak_moment == "running":
            assert {s.name: s.size_bytes for s in found.peak}["head"] == found.head_bytes
