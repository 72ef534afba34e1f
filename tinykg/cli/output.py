"""Printing: tables for people, JSON for programs; results to stdout, the rest to stderr."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from tinykg.report.table import paragraph, printable, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def print_json(value: object) -> None:
    """A value as indented JSON on stdout."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    click.echo(text.encode("utf-8", "replace").decode())  # a file's name may be no text


def say(text: str, *, bold: bool = False, err: bool = False) -> None:
    """Lines on stdout or stderr; control characters, which a file may smuggle in, are shown, not sent."""
    click.secho("\n".join(map(printable, text.split("\n"))), bold=bold or None, err=err)


def note(text: str) -> None:
    """A line for the person at the terminal, on stderr."""
    say(text, err=True)


def without_colours() -> bool:
    """Whether the environment asks for none: NO_COLOR (no-color.org), or a terminal that knows none."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def terminal_width() -> int | None:
    """The columns of the terminal that stdout is; None where it is none, so that programs get whole lines."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()) -> None:
    """Rows under column names; the columns named in `right` hold numbers."""
    head, *lines = table(columns, rows, right=right, width=terminal_width())
    click.secho(head, bold=True)
    click.echo("\n".join(lines))


def print_paragraph(text: str, *, first: str = "", hanging: str = "") -> None:
    """A text after `first`, within the terminal's width; further lines are indented by `hanging`."""
    click.echo("\n".join(paragraph(text, first=first, hanging=hanging, width=terminal_width())))


def print_pairs(pairs: Iterable[tuple[str, str | None]]) -> None:
    """Names and values, one pair a line; a None value is left out."""
    kept = [(name, value) for name, value in pairs if value is not None]
    width = max((len(name) for name, _ in kept), default=0)
    for name, value in kept:
        print_paragraph(value, first=f"{name:<{width}}  ", hanging=" " * (width + 2))
