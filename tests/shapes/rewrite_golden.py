"""Rewrites shapes/cases/invalid/*/report.txt and shows what changed.

Usage: make golden (python tests/shapes/rewrite_golden.py, with the checkout on the path)
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import pyoxigraph as ox

from tinykg.validate.gate import validate

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = ROOT / "shapes" / "cases"


def triples(path: Path) -> list[ox.Triple]:
    """The triples of a Turtle file."""
    return [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]


def report(graph: Path) -> str:
    """One line a finding: severity, shape, where, what to do, what was found; sorted."""
    return "".join(
        sorted(
            f"{finding.severity} {finding.shape or '-'} {finding.sentence}\n"
            for finding in validate(triples(graph))
        )
    )


def invalid_cases() -> list[Path]:
    """The folders of the invalid cases, one a rule."""
    return sorted(path.parent for path in (CASES / "invalid").glob("*/graph.ttl"))


def main() -> int:
    """Write every report; print a difference for each that changed."""
    for folder in invalid_cases():
        golden = folder / "report.txt"
        before = golden.read_text(encoding="utf-8") if golden.is_file() else ""
        after = report(folder / "graph.ttl")
        if before == after:
            continue
        golden.write_text(after, encoding="utf-8")
        difference = difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), "before", "after"
        )
        sys.stdout.writelines([f"{folder.name}\n", *difference])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
