"""tinykg remove."""

from __future__ import annotations

import click

from tinykg.cli.names import MODEL_OR_DEVICE
from tinykg.cli.output import say
from tinykg.registry import Registry


@click.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=MODEL_OR_DEVICE)
@click.pass_obj
def command(where: str | None, names: tuple[str, ...]) -> None:
    """Remove models and boards by name; nothing of them is left. Where a NAME is unknown, all stay."""
    with Registry.open(where) as registry:
        for kind, name in registry.remove_all(names):
            say(f"removed: {kind} {name}")
