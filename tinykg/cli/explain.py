"""tinykg explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tinykg.cli.names import DEVICE, MODEL_OR_FILE, RUNTIME
from tinykg.cli.output import print_json, print_paragraph, say
from tinykg.records.match import Verdict
from tinykg.registry import Registry
from tinykg.report.explain_text import in_a_line, parts_of_ram, time_and_energy, title
from tinykg.report.match_json import explanation_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tinykg.records.match import Constraint, Explanation

_MARKS = {
    Verdict.FITS: ("yes", "green"),
    Verdict.DOES_NOT_FIT: ("no", "red"),
    Verdict.UNKNOWN: ("?", "yellow"),
}


@click.command("explain")
@click.argument("model", type=MODEL_OR_FILE)
@click.argument("device", type=DEVICE)
@click.option("--runtime", metavar="NAME", type=RUNTIME, help="Only this runtime.")
@click.option("--all", "everything", is_flag=True, help="Each runtime in full, not the best one alone.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(
    where: str | None, model: str | Path, device: str, runtime: str | None, everything: bool, as_json: bool
) -> int:
    """Why MODEL fits DEVICE or not, on each runtime, and what would change that.

    MODEL may be a .tflite file that is not registered. Exit code 1 if it fits on no runtime.
    """
    with Registry.open(where) as registry:
        found = registry.explain(model, device, runtime=runtime)
    if as_json:
        print_json([explanation_value(e) for e in found])
    else:
        _print_all(found, everything=everything)
    return 0 if any(e.match.verdict is Verdict.FITS for e in found) else 1


def _print_all(found: Sequence[Explanation], *, everything: bool) -> None:
    shown = len(found) if everything else 1
    for place, explanation in enumerate(found[:shown]):
        if place:
            click.echo()
        _print(explanation)
    others = [e.match for e in found[shown:]]
    if others:
        click.secho("\nOther runtimes (in full: --all, or --runtime NAME)", bold=True)
    width = max((len(m.runtime) for m in others), default=0)
    for match in others:
        click.echo(f"  {match.runtime:<{width}}  {in_a_line(match)}")


def _print(explanation: Explanation) -> None:
    match = explanation.match
    say(title(match), bold=True)
    for constraint in match.constraints:
        _print_constraint(constraint)
    for name, text, basis in time_and_energy(match):
        click.echo("      ", nl=False)
        print_paragraph(text, first=f"{name:<10} ", hanging=" " * 17)
        if basis:
            print_paragraph(basis, first=f"{'':<17}source: ", hanging=" " * 17)
    if parts := parts_of_ram(match):
        click.echo(f"  {parts}")
    if explanation.remedies:
        click.echo("What would change that:")
    for remedy in explanation.remedies:
        print_paragraph(remedy, first="  - ", hanging="    ")


def _print_constraint(constraint: Constraint) -> None:
    mark, colour = _MARKS[constraint.verdict]
    click.secho(f"  {mark:<4}", fg=colour, nl=False)
    print_paragraph(constraint.message, first=f"{constraint.name:<10} ", hanging=" " * 17)
    if constraint.source:
        print_paragraph(constraint.source, first=f"{'':<17}source: ", hanging=" " * 17)
