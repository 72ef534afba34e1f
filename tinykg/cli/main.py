"""The `tinykg` command: its subcommands, and errors as exit codes.

| code | meaning |
| --- | --- |
| 0 | yes |
| 1 | an honest no: nothing fits, something is invalid |
| 2 | wrong use or bad input |
| 3 | the store or a device cannot be reached |
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from tinykg.errors import MissingExtra, ShapeViolation, StoreError, TinykgError
from tinykg.version import __version__

COMMANDS = {
    "match": "Which models fit a board, or which boards fit a model.",
    "explain": "Why a model fits a board or not, and what would change that.",
    "inspect": "What a model file says, and what it needs on each runtime.",
    "add": "Register models and boards from files and folders.",
    "remove": "Remove a model or a board.",
    "list": "Models, devices or runtimes in the registry.",
    "show": "All that is known of one model or board.",
    "query": "Run a SPARQL query: a file, a built-in one by name, or standard input.",
    "validate": "Check RDF files, or the whole registry, against the shapes.",
    "export": "The registry or one entity as RDF.",
    "doctor": "What works here and what does not.",
    "completion": "The shell's completion script.",
}

EXIT_CODES: dict[type[TinykgError], int] = {ShapeViolation: 1, MissingExtra: 2, StoreError: 3, TinykgError: 2}
"""The first class that an error is an instance of decides."""


class Commands(click.Group):
    """Subcommands whose modules are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"tinykg.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"tinykg.cli.{cmd_name}.command is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tinykg")
@click.option(
    "--registry",
    metavar="FOLDER",
    help="The registry's folder, or memory:. Default: TINYKG_REGISTRY, else the user's data folder.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def group(context: click.Context, registry: str | None, debug: bool) -> None:
    """Which TinyML model runs on which board, why, and what would make it fit."""
    context.obj = registry
    context.meta["tinykg.debug"] = debug


def main() -> None:
    """Run the command line; the only place where errors become exit codes."""
    try:
        code = group.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except TinykgError as error:
        if "--debug" in sys.argv:
            raise
        click.echo(f"tinykg: {error}", err=True)
        sys.exit(next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind)))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
