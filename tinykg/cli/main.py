"""The `tinykg` command: its subcommands, and errors as exit codes.

| code | meaning |
| --- | --- |
| 0 | yes |
| 1 | an honest no: nothing fits, something is invalid |
| 2 | wrong use or bad input |
| 3 | the store or a device cannot be reached |
| 70 | a fault of TinyKG itself |
| 130 | stopped from the keyboard |
| 141 | nobody reads the output any more |
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinykg.errors import BenchmarkError, MissingExtra, ShapeViolation, StoreError, TinykgError
from tinykg.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "match": "Which models fit a board, or which boards fit a model.",
    "explain": "Why a model fits a board or not, and what would change that.",
    "inspect": "What a model file says, and what it needs on each runtime.",
    "bench": "Run a model on a board, in an emulator or here, and keep what was measured.",
    "build": "What a firmware's build needs of a model on a board: JSON, a C header, a C array.",
    "results": "Benchmarks that were run, beside what was computed beforehand.",
    "add": "Register models and boards from files and folders.",
    "remove": "Remove a model or a board.",
    "list": "Models, devices or runtimes in the registry.",
    "show": "All that is known of one model or board.",
    "query": "Run a SPARQL query: a file, a built-in one by name, or standard input.",
    "validate": "Check RDF files, or the whole registry, against the shapes.",
    "export": "The registry or one entity as RDF.",
    "serve": "Serve the registry: REST, a Thing Description Directory, SPARQL.",
    "token": "Tokens for those who write through a server.",
    "doctor": "What works here and what does not.",
    "completion": "The shell's completion script.",
}

EXIT_CODES: dict[type[TinykgError], int] = {
    ShapeViolation: 1,
    MissingExtra: 2,
    BenchmarkError: 3,
    StoreError: 3,
    TinykgError: 2,
}
"""The first class that an error is an instance of decides."""

FAULT = 70
"""The exit code of an error that TinyKG does not raise on purpose."""

READER_GONE = 141
"""The exit code that shells give a program whose reader has gone (128 + SIGPIPE)."""


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What writing to a file that stdout is may end with."""


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

    def invoke(self, ctx: click.Context) -> object:
        """What the subcommand returns; a reader that goes away (`| head`) ends it quietly."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
            ctx.exit(READER_GONE)
        except OSError as error:
            if error.filename is not None or error.errno not in _FULL:
                raise
            _drop_output()
            raise StoreError(f"The output cannot be written: {error.strerror}") from error
        return code

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
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
@click.pass_context
def group(context: click.Context, registry: str | None) -> None:
    """Which TinyML model runs on which board, why, and what would make it fit."""
    from tinykg.cli.output import without_colours

    context.obj = registry
    if without_colours():
        context.color = False


def main() -> None:
    """The entry point; a stream that the caller has closed is read and written as if it were empty."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for good
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line; the only place where errors become exit codes."""
    try:
        code = group.main(list(arguments), prog_name="tinykg", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except TinykgError as error:
        _trace(arguments)
        _tell(f"tinykg: {error}")
        return next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))
    except Exception as error:  # noqa: BLE001 - the edge: a crash must not look like an honest no
        _trace(arguments)
        _tell(f"tinykg: a fault of TinyKG itself, please report it: {error!r}")
        _tell("'tinykg --debug ...' shows where it happened.")
        return FAULT
    return code if isinstance(code, int) else 0


def _drop_output() -> None:
    """Nothing more goes to stdout, also not what is still to be flushed at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(text: str) -> None:
    from tinykg.cli.output import say

    say(text, err=True)


def _trace(arguments: Sequence[str]) -> None:
    if "--debug" in arguments:
        traceback.print_exc()
