"""tinykg match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tinykg.cli.bench_options import bench_asked, bench_options
from tinykg.cli.names import DEVICE, MODEL_OR_FILE, RUNTIME, TASK, Finite
from tinykg.cli.output import print_json, print_paragraph, print_table, say
from tinykg.match.rank import SORTS
from tinykg.records.match import Verdict
from tinykg.registry import Registry
from tinykg.report.match_json import match_value
from tinykg.report.match_text import fits_table, heading, reasons, shared
from tinykg.report.results_json import result_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.benchmark import ResultRow
    from tinykg.records.match import Match


@click.command("match")
@click.option("--device", metavar="NAME", type=DEVICE, help="A board: its name or an alias, such as nano33.")
@click.option(
    "--model",
    metavar="NAME|FILE",
    type=MODEL_OR_FILE,
    help="A model, or a .tflite that need not be registered.",
)
@click.option(
    "--runtime", metavar="NAME", type=RUNTIME, help="Only this runtime; default: the best for each pair."
)
@click.option("--task", metavar="TASK", type=TASK, help="Only models for this task or a narrower one.")
@click.option("--min-accuracy", type=Finite(0, 1), help="The least top-1 accuracy, 0 to 1.")
@click.option(
    "--max-latency",
    "max_latency_us",
    metavar="MS",
    type=Finite(0, min_open=True),
    callback=lambda _context, _option, value: None if value is None else value * 1000,
    help="The longest time of one inference, in milliseconds.",
)
@click.option(
    "--senses", metavar="PROPERTY", multiple=True, help="What a FILE senses, such as sound; repeatable."
)
@click.option(
    "--ignore-sensors", is_flag=True, help="Leave sensors out of the verdict: they can be attached."
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=0),
    default=40,
    show_default=True,
    help="Show so many that fit; 0 for all. JSON has them all.",
)
@click.option("--sort", type=click.Choice(list(SORTS)), default="task", show_default=True, help="The order.")
@click.option("--all", "everything", is_flag=True, help="Show each pair that does not fit with its reasons.")
@click.option("--json", "as_json", is_flag=True, help="Every pair as JSON, with reasons.")
@bench_options
@click.pass_obj
def command(where: str | None, /, *, limit: int, everything: bool, as_json: bool, **question: Any) -> int:
    """Which models fit a board, or which boards fit a model.

    With --bench the best ones are run, and ranked by what was measured. Exit code 0 if at least one pair
    fits, 1 if none does.
    """
    bench = bench_asked(question)
    by_model, by_task = question["device"] is None, question["sort"] == "task"
    if by_model and question["model"] is None:
        raise click.UsageError("name a board with --device, a model with --model, or both")
    with Registry.open(where) as registry:
        found = registry.match(**{**question, "senses": question["senses"] or None}, all_verdicts=True)
        if not as_json:
            _print(found, by_model=by_model, by_task=by_task, everything=everything, limit=limit)
        rows = None if bench is None else _benched(registry, found, **bench)
    _conclude(found, rows, as_json=as_json)
    return 0 if any(m.verdict is Verdict.FITS for m in found) else 1


def _benched(registry: Registry, found: Sequence[Match], **bench: Any) -> list[ResultRow]:
    """What came of running the best."""
    from tinykg.cli.bench_matches import bench_best

    return bench_best(registry, found, **bench)


def _conclude(found: Sequence[Match], rows: Sequence[ResultRow] | None, *, as_json: bool) -> None:
    """All of it as JSON, or what was measured, where anything was to be; None where nothing was."""
    matches = [match_value(m) for m in found] if as_json else []
    if as_json:
        results = {} if rows is None else {"results": [result_value(row) for row in rows]}
        print_json({"matches": matches, **results} if results else matches)
    elif rows is not None:
        from tinykg.cli.bench_matches import print_results

        print_results(rows)


def _print(found: Sequence[Match], *, by_model: bool, by_task: bool, everything: bool, limit: int) -> None:
    fitting = [m for m in found if m.verdict is Verdict.FITS]
    say(heading(found, by_model=by_model), bold=True)
    if fitting:
        print_paragraph(shared(fitting, by_model=by_model))
        click.echo()
        shown = fitting[:limit] if limit and by_model else fitting
        columns, rows, right = fits_table(shown, by_model=by_model, by_task=by_task)
        print_table(columns, rows, right=right)
        if len(shown) < len(fitting):
            say(f"... and {len(fitting) - len(shown)} more: --limit 0")
    for verdict in (Verdict.UNKNOWN, Verdict.DOES_NOT_FIT):
        rest = [m for m in found if m.verdict is verdict]
        if rest:
            _print_rest(rest, verdict, by_model=by_model, everything=everything)
    if len(fitting) < len(found):
        what = f"{found[0].model} BOARD" if by_model else f"MODEL {found[0].device}"
        more = "" if everything else "All reasons: --all. "
        say(f"\n{more}One pair in full: tinykg explain {what}")


def _print_rest(rest: Sequence[Match], verdict: Verdict, *, by_model: bool, everything: bool) -> None:
    """The pairs by reason, or each with all its reasons."""
    groups = reasons(rest, verdict, by_model=by_model)
    several = not everything and sum(members for members, _ in groups) > len(rest)
    note = " (each under all its reasons)" if several else ""
    click.secho(f"\n{verdict.value}: {len(rest)}{note}", bold=True)
    for members, line in () if everything else groups:
        print_paragraph(line, first=f"  {members:>3}  ", hanging=" " * 7)
    for m in rest if everything else ():
        say(f"  {m.device if by_model else m.model}")
        for reason in m.reasons:
            print_paragraph(reason.message, first=f"    {reason.name:<10} ", hanging=" " * 15)
