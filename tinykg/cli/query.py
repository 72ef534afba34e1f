"""tinykg query."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tinykg.catalogue.bounded_query import run_bounded
from tinykg.cli.names import QUERY, Finite
from tinykg.cli.output import note, print_table
from tinykg.errors import InputError
from tinykg.files import query_names
from tinykg.queries.load import query_text
from tinykg.settings import read_settings

_FORMS = ["table", "json", "csv", "tsv", "xml", "turtle", "ntriples", "jsonld"]


@click.command("query")
@click.argument("what", metavar="FILE|NAME|-", type=QUERY)
@click.option(
    "--format", "form", type=click.Choice(_FORMS), help="Default: a table for SELECT, Turtle for CONSTRUCT."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--timeout", "timeout_s", type=Finite(min=0.1), default=60.0, show_default=True, help="Seconds."
)
@click.pass_obj
def command(where: str | None, what: str, form: str | None, as_json: bool, timeout_s: float) -> int:
    """Run a SPARQL query over all graphs: a FILE, a built-in query by NAME, or - for standard input.

    SERVICE and LOAD are refused; a query that outlasts --timeout is stopped.
    Exit code 1 for an ASK that is false.
    """
    settings = read_settings(registry=where)
    answer = run_bounded(settings, _query_of(what), "json" if as_json else form, timeout_s)
    if answer.columns:
        print_table(answer.columns, answer.rows)
        note(f"{len(answer.rows)} rows")
    else:
        sys.stdout.buffer.write(answer.content)
        sys.stdout.buffer.flush()
    return 1 if answer.truth is False else 0


def _query_of(what: str) -> str:
    path = Path(what)
    is_path = len(path.parts) > 1 or path.suffix == ".rq" or path.is_file()
    if what != "-" and not is_path:
        return query_text(what)
    try:
        content = sys.stdin.buffer.read() if what == "-" else path.read_bytes()
        return content.decode("utf-8")
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; built-in queries are {', '.join(query_names())}") from error
    except (OSError, UnicodeDecodeError) as error:
        source = "standard input" if what == "-" else path
        raise InputError(f"{source}: cannot be read as UTF-8 text: {error}") from error
