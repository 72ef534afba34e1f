"""tinykg match."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import click

from tinykg.cli.names import DEVICE, MODEL, RUNTIME, TASK
from tinykg.cli.output import print_json, print_table
from tinykg.match.rank import SORTS
from tinykg.quantities import percent, size
from tinykg.records.match import Verdict
from tinykg.registry import Registry
from tinykg.report.match_json import match_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.match import Match

_HEADINGS = {
    "operators": "the runtime refuses",
    "ram": "too little RAM",
    "flash": "too little flash",
    "sensors": "sensor missing",
    "system": "no runtime for the core or system",
    "accuracy": "not accurate enough",
}


@click.command("match")
@click.option("--device", metavar="NAME", type=DEVICE, help="A board: its name or an alias, such as nano33.")
@click.option(
    "--model", metavar="NAME|FILE", type=MODEL, help="A model, or a .tflite that need not be registered."
)
@click.option(
    "--runtime", metavar="NAME", type=RUNTIME, help="Only this runtime; default: the best for each pair."
)
@click.option("--task", metavar="TASK", type=TASK, help="Only models for this task or a narrower one.")
@click.option("--min-accuracy", type=click.FloatRange(0, 1), help="The least top-1 accuracy, 0 to 1.")
@click.option(
    "--senses", metavar="PROPERTY", multiple=True, help="What a FILE senses, such as sound; repeatable."
)
@click.option("--sort", type=click.Choice(list(SORTS)), default="task", show_default=True, help="The order.")
@click.option("--all", "everything", is_flag=True, help="Show each pair that does not fit with its reasons.")
@click.option("--json", "as_json", is_flag=True, help="Every pair as JSON, with reasons.")
@click.pass_obj
def command(
    where: str | None,
    device: str | None,
    model: str | None,
    runtime: str | None,
    task: str | None,
    min_accuracy: float | None,
    senses: tuple[str, ...],
    sort: str,
    everything: bool,
    as_json: bool,
) -> int:
    """Which models fit a board, or which boards fit a model.

    Exit code 0 if at least one pair fits, 1 if none does.
    """
    if device is None and model is None:
        raise click.UsageError("name a board with --device, a model with --model, or both")
    with Registry.open(where) as registry:
        found = registry.match(
            device=device,
            model=model,
            runtime=runtime,
            task=task,
            min_accuracy=min_accuracy,
            senses=senses or None,
            sort=sort,
            all_verdicts=True,
        )
    if as_json:
        print_json([match_value(m) for m in found])
    else:
        _print(found, by_model=device is None, everything=everything)
    return 0 if any(m.verdict is Verdict.FITS for m in found) else 1


def _print(found: Sequence[Match], *, by_model: bool, everything: bool) -> None:
    fitting = [m for m in found if m.verdict is Verdict.FITS]
    subject = _subject(found, by_model=by_model)
    click.secho(f"{subject}: {len(fitting)} of {len(found)} fit\n", bold=True)
    if fitting:
        _print_fits(fitting, by_model=by_model)
    for verdict in (Verdict.UNKNOWN, Verdict.DOES_NOT_FIT):
        rest = [m for m in found if m.verdict is verdict]
        if rest and everything:
            _print_each(rest, verdict, by_model=by_model)
        elif rest:
            _print_grouped(rest, verdict, by_model=by_model)
    if len(fitting) < len(found):
        what = "MODEL " + found[0].device if not by_model else f"{found[0].model} BOARD"
        click.echo(f"\nAll reasons: --all. One pair in full: tinykg explain {what}")


def _subject(found: Sequence[Match], *, by_model: bool) -> str:
    if not found:
        return "Nothing to match"
    return f"{found[0].model}, boards" if by_model else f"{found[0].device_name}, models"


def _print_fits(fitting: Sequence[Match], *, by_model: bool) -> None:
    rows = [
        (
            m.device if by_model else m.model,
            m.task or "-",
            "-" if m.accuracy is None else percent(m.accuracy),
            size(m.ram_required_bytes or 0),
            size((m.ram_available_bytes or 0) - (m.ram_required_bytes or 0)),
            size(m.flash_required_bytes or 0),
            size((m.flash_available_bytes or 0) - (m.flash_required_bytes or 0)),
            m.runtime,
        )
        for m in fitting
    ]
    first = "board" if by_model else "model"
    columns = (first, "task", "accuracy", "RAM", "RAM to spare", "flash", "flash to spare", "runtime")
    print_table(columns, rows, right=columns[2:7])


def _print_each(rest: Sequence[Match], verdict: Verdict, *, by_model: bool) -> None:
    click.secho(f"\n{verdict.value}: {len(rest)}", bold=True)
    for m in rest:
        click.echo(f"  {m.device if by_model else m.model}")
        for reason in m.reasons:
            click.echo(f"    {reason.name}: {reason.message}")


def _print_grouped(rest: Sequence[Match], verdict: Verdict, *, by_model: bool) -> None:
    """How many for which reason, each pair under its first one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for m in rest:
        groups[m.reasons[0].name].append(m.device if by_model else m.model)
    click.secho(f"\n{verdict.value}: {len(rest)}", bold=True)
    for name, members in sorted(groups.items(), key=lambda group: -len(group[1])):
        heading = _HEADINGS[name] if verdict is Verdict.DOES_NOT_FIT else f"{name} not known"
        shown = ", ".join(members[:6]) + (f", and {len(members) - 6} more" if len(members) > 6 else "")
        click.echo(f"  {len(members):>3}  {heading}: {shown}")
