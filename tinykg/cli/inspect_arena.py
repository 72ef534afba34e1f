"""What `tinykg inspect` says about one runtime's arena: in the terminal and as a picture."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from tinykg.cli.output import without_colours
from tinykg.errors import InputError, UnknownName
from tinykg.footprint.steps import step_names
from tinykg.report.arena_svg import arena_svg
from tinykg.report.arena_text import arena_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tinykg.records.footprint import Footprint
    from tinykg.records.model_file import ModelFile

USUAL_RUNTIME = "tflm-ref-arm32"
"""The runtime that is explained where none is named."""

WIDEST = 160
"""Characters of a line, however wide the terminal is."""


def on_runtime(footprints: Sequence[Footprint], name: str) -> list[Footprint]:
    """The footprint on the runtime of that name; raises UnknownName."""
    from difflib import get_close_matches

    found = [footprint for footprint in footprints if footprint.runtime == name]
    if not found:
        near = get_close_matches(name, [footprint.runtime for footprint in footprints], n=3)
        raise UnknownName("runtime", name, near)
    return found


def explained(footprints: Sequence[Footprint]) -> Footprint:
    """The footprint to explain: the usual runtime's, or the first with a plan where that refuses the file."""
    usual = next((f for f in footprints if f.runtime == USUAL_RUNTIME), footprints[0])
    return usual if usual.plan else next((f for f in footprints if f.plan), usual)


def print_arena(file: ModelFile, footprint: Footprint, *, full: bool) -> None:
    """The plan, the tail and the sums, as wide as the terminal."""
    colours = sys.stdout.isatty() and not without_colours()
    width = min(shutil.get_terminal_size((100, 24)).columns, WIDEST)
    for line in arena_lines(
        file, footprint, _steps(file, footprint), width=width, colours=colours, full=full
    ):
        click.echo(line)


def write_svg(path: Path, file: ModelFile, footprint: Footprint, title: str) -> None:
    """Write the picture; raises InputError where there is no plan or the file cannot be written."""
    if not footprint.plan:
        raise InputError(f"{path}: not written; {footprint.runtime} has no memory plan for this file")
    text = arena_svg(file, footprint, _steps(file, footprint), title=title)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def _steps(file: ModelFile, footprint: Footprint) -> tuple[str, ...]:
    """Names of the steps; none where there is no plan to be read by them."""
    return step_names(file) if footprint.arena_bytes is not None else ()
