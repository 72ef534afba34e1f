"""Results as Markdown: the tables of `results`, for a report or an issue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinykg.report.results_table import explanation, heading, sections
from tinykg.report.table import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.benchmark import ResultRow
    from tinykg.report.results_table import Section

_SPECIAL = re.compile(r"[\\`*{}\[\]<>|~#]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
"""What Markdown may take for markup; an underscore within a word is none."""


def results_markdown(rows: Sequence[ResultRow], shown: Sequence[ResultRow]) -> str:
    """A document of GitHub Flavored Markdown (https://github.github.com/gfm/): `shown` of all `rows`."""
    parts = [f"# {_cell(heading(rows, len(shown)))}"]
    for section in sections(shown):
        parts += [f"## {_cell(section.title)}", _table(section)]
    notes = explanation(shown)
    if notes:
        parts.append("\n".join(f"- {_cell(note)}" for note in notes))
    return "\n\n".join(parts) + "\n"


def _table(section: Section) -> str:
    rule = ["---:" if name in section.right else "---" for name in section.columns]
    lines = [[_cell(name) for name in section.columns], rule]
    lines += [[_cell(cell) for cell in row] for row in section.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """A text that Markdown takes as it is, on one line; names may come from a stranger's file."""
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", printable(text))
