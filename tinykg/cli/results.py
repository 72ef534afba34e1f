"""tinykg results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinykg.cli.names import DEVICE, MODEL
from tinykg.cli.output import note, print_json, print_paragraph, print_table, say
from tinykg.errors import InputError
from tinykg.registry import Registry
from tinykg.report.results_json import result_value
from tinykg.report.results_markdown import results_markdown
from tinykg.report.results_table import explanation, heading, in_order, sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.benchmark import ResultRow


@click.command("results")
@click.option("--model", metavar="NAME", type=MODEL, help="Only runs of this model's file.")
@click.option("--device", metavar="NAME", type=DEVICE, help="Only runs on this board, or for it.")
@click.option("--runner", metavar="NAME", help="Only runs by this runner, such as mlperf-tiny.")
@click.option("--published", is_flag=True, help="Also the runs that others have published.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=0),
    default=40,
    show_default=True,
    help="Show so many; 0 for all. JSON and a plot have them all.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Every result as JSON, with what is computed beside it."
)
@click.option("--markdown", "as_markdown", is_flag=True, help="The tables as Markdown.")
@click.option(
    "--plot",
    "picture",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw latency against accuracy into this .svg or .png file.",
)
@click.pass_obj
def command(
    where: str | None,
    model: str | None,
    device: str | None,
    runner: str | None,
    published: bool,
    limit: int,
    as_json: bool,
    as_markdown: bool,
    picture: Path | None,
) -> int:
    """Benchmarks that were run, beside what was computed for the same model and board.

    Only what was measured on a board is ranked. Exit code 0 if there is any result, 1 if there is none.
    """
    if as_json and as_markdown:
        raise click.UsageError("--json and --markdown are two forms of one answer: choose one")
    form = None if picture is None else _form(picture)
    with Registry.open(where) as registry:
        rows = in_order(registry.result_rows(model=model, device=device, runner=runner, published=published))
    if as_json:
        print_json([result_value(row) for row in rows])
    elif as_markdown:
        click.echo(results_markdown(rows, rows[:limit] if limit else rows), nl=False)
    else:
        _print(rows, rows[:limit] if limit else rows)
    if picture is not None and form is not None and rows:
        _draw(rows, picture, form)
    return 0 if rows else 1


def _form(picture: Path) -> str:
    """The form that a file's name asks for; raises a usage error for any other than SVG and PNG."""
    form = picture.suffix.lower().removeprefix(".")
    if form not in {"svg", "png"}:
        raise click.UsageError(f"--plot {picture}: the name of the file must end with .svg or .png")
    return form


def _draw(rows: Sequence[ResultRow], picture: Path, form: str) -> None:
    from tinykg.report.results_plot import results_picture

    content = results_picture(rows, form)
    try:
        picture.write_bytes(content)
    except OSError as error:
        raise InputError(f"{picture}: cannot be written: {error.strerror}") from error
    note(f"{picture} written")


def _print(rows: Sequence[ResultRow], shown: Sequence[ResultRow]) -> None:
    if not rows:
        say("No results. Run one: tinykg bench MODEL --on BOARD. What others published: --published")
        return
    say(heading(rows, len(shown)), bold=True)
    for section in sections(shown):
        say(f"\n{section.title}", bold=True)
        print_table(section.columns, section.rows, right=section.right)
    click.echo()
    for line in explanation(shown):
        print_paragraph(line)
    if len(shown) < len(rows):
        say(f"... and {len(rows) - len(shown)} more: --limit 0")
