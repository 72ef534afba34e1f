"""tinykg export."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tinykg.catalogue.export import FORMS
from tinykg.cli.names import ENTITY
from tinykg.registry import Registry
from tinykg.store.folder import write_whole


@click.command("export")
@click.argument("name", required=False, type=ENTITY)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    default="turtle",
    show_default=True,
    help="trig, nquads and jsonld keep apart which graph says what.",
)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="A file; default: stdout."
)
@click.pass_obj
def command(where: str | None, name: str | None, form: str, output: Path | None) -> None:
    """The registry, or the model or board of a NAME, as RDF."""
    with Registry.open(where) as registry:
        content = registry.export(name, form)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(output, content)
