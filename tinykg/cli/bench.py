"""tinykg bench: its subcommands, and that a model's name stands for `run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tinykg.cli import bench_jobs, bench_run, bench_runners

if TYPE_CHECKING:
    from collections.abc import Sequence


class RunByDefault(click.Group):
    """A group in which whatever is no subcommand is what `run` is given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, with `run` before them where no subcommand is named."""
        own = {*self.commands, *self.get_help_option_names(ctx)}
        return super().parse_args(ctx, args if not args or args[0] in own else ["run", *args])

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both forms."""
        formatter.write_usage(ctx.command_path, "MODEL [--on DEVICE] [OPTIONS] | COMMAND [ARGS]...")


@click.group("bench", cls=RunByDefault)
def command() -> None:
    """Run a model somewhere and keep what was measured: on a board, in an emulator, on this host.

    'tinykg bench MODEL --on DEVICE' is short for 'tinykg bench run MODEL --on DEVICE'. Each benchmark is a
    job in the registry, its result a run with its tools, host and times.
    """


COMMANDS: Sequence[click.Command] = (
    bench_run.run_command,
    bench_jobs.list_,
    bench_jobs.show,
    bench_jobs.follow,
    bench_jobs.cancel,
    bench_runners.runners_,
    bench_runners.simulate_dut,
)
for one in COMMANDS:
    command.add_command(one)
