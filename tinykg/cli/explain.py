"""tinykg explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tinykg.cli.names import DEVICE, MODEL, RUNTIME
from tinykg.cli.output import print_json
from tinykg.records.match import Verdict
from tinykg.registry import Registry
from tinykg.report.match_json import explanation_value

if TYPE_CHECKING:
    from tinykg.records.match import Constraint, Explanation

_MARKS = {
    Verdict.FITS: ("yes", "green"),
    Verdict.DOES_NOT_FIT: ("no", "red"),
    Verdict.UNKNOWN: ("?", "yellow"),
}


@click.command("explain")
@click.argument("model", type=MODEL)
@click.argument("device", type=DEVICE)
@click.option("--runtime", metavar="NAME", type=RUNTIME, help="Only this runtime.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(where: str | None, model: str, device: str, runtime: str | None, as_json: bool) -> int:
    """Why MODEL fits DEVICE or not, on each runtime, and what would change that.

    MODEL may be a .tflite file that is not registered. Exit code 1 if it fits on no runtime.
    """
    with Registry.open(where) as registry:
        found = registry.explain(model, device, runtime=runtime)
    if as_json:
        print_json([explanation_value(e) for e in found])
    else:
        for explanation in found:
            _print(explanation)
    return 0 if any(e.match.verdict is Verdict.FITS for e in found) else 1


def _print(explanation: Explanation) -> None:
    match = explanation.match
    click.secho(f"{match.model} on {match.device_name}, by {match.runtime}: {match.verdict.value}", bold=True)
    for constraint in match.constraints:
        _print_constraint(constraint)
    if match.arena_bytes is not None and match.ram_required_bytes is not None:
        static = match.ram_required_bytes - match.arena_bytes - (match.stack_reserve_bytes or 0)
        click.echo(
            f"  RAM is {match.arena_bytes} B arena + {static} B static + "
            f"{match.stack_reserve_bytes} B stack ({match.evidence})"
        )
    if explanation.remedies:
        click.echo("What would change that:")
        for remedy in explanation.remedies:
            click.echo(f"  - {remedy}")
    click.echo()


def _print_constraint(constraint: Constraint) -> None:
    mark, colour = _MARKS[constraint.verdict]
    click.echo(f"  {click.style(f'{mark:<3}', fg=colour)} {constraint.name:<10} {constraint.message}")
    if constraint.source:
        click.echo(f"      {'':<10} source: {constraint.source}")
