"""Each rule of the shapes has a graph that breaks it and the report that a person then reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rewrite_golden import CASES, invalid_cases, report

if TYPE_CHECKING:
    from pathlib import Path

INVALID = invalid_cases()
VALID = sorted((CASES / "valid").glob("*.ttl"))
REPAIR = "make golden"


def test_the_cases_are_found() -> None:
    assert len(INVALID) == 191
    assert len(VALID) == 46


@pytest.mark.parametrize("folder", INVALID, ids=lambda folder: folder.name)
def test_an_invalid_graph_gives_its_golden_report(folder: Path) -> None:
    golden = folder / "report.txt"
    assert golden.is_file(), f"write it: {REPAIR}"
    assert report(folder / "graph.ttl") == golden.read_text(encoding="utf-8"), f"if intended: {REPAIR}"


@pytest.mark.parametrize("folder", INVALID, ids=lambda folder: folder.name)
def test_a_case_breaks_one_rule(folder: Path) -> None:
    assert len((folder / "report.txt").read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize("graph", VALID, ids=lambda graph: graph.stem)
def test_a_valid_graph_passes(graph: Path) -> None:
    assert report(graph) == ""
