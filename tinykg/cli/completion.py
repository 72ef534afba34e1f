"""tinykg completion."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """The completion script of a SHELL; for bash: eval "$(tinykg completion bash)"."""
    from tinykg.cli.main import group

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(group, {}, "tinykg", "_TINYKG_COMPLETE").source())
