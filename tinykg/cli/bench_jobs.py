"""tinykg bench list, show, follow and cancel."""

from __future__ import annotations

import time

import click

from tinykg.cli.bench_progress import ProgressLine
from tinykg.cli.output import note, print_json, print_pairs, print_table, say
from tinykg.records.benchmark import ENDED, JobState
from tinykg.registry import Registry
from tinykg.report.benchmark_json import job_value
from tinykg.report.benchmark_text import JOB_COLUMNS, job_pairs, job_row

_LOOK_EVERY_S = 0.5


@click.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in JobState]),
    help="Only jobs in this state; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_(where: str | None, states: tuple[str, ...], as_json: bool) -> None:
    """The jobs, in the order of asking."""
    with Registry.open(where) as registry:
        jobs = registry.benchmarks.all([JobState(state) for state in states])
    if as_json:
        print_json([job_value(job) for job in jobs])
    elif jobs:
        print_table(JOB_COLUMNS, map(job_row, jobs))
    else:
        note("no jobs")


@click.command("show")
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def show(where: str | None, job: str, as_json: bool) -> None:
    """All that is known of one job; JOB is its id or a beginning of it."""
    with Registry.open(where) as registry:
        found = registry.benchmarks.get(job)
    if as_json:
        print_json(job_value(found))
    else:
        print_pairs(job_pairs(found))


@click.command("follow")
@click.argument("job")
@click.pass_obj
def follow(where: str | None, job: str) -> int:
    """Watch a job until it ends. Exit code 0 if it is done, 3 if it came to nothing."""
    with Registry.open(where) as registry, ProgressLine(f"job {job}") as line:
        found = registry.benchmarks.get(job)
        while found.state not in ENDED:
            line.tell(found.progress or 0.0, found.doing or found.state.value)
            time.sleep(_LOOK_EVERY_S)
            found = registry.benchmarks.get(found.id)
    say(f"{found.state.value}: job {found.id}" + (f": {found.reason}" if found.reason else ""))
    if found.run is not None:
        say(f"run {found.run}")
    return 0 if found.state is JobState.DONE else 3


@click.command("cancel")
@click.argument("job")
@click.pass_obj
def cancel(where: str | None, job: str) -> None:
    """End a job that waits or runs; one that has ended stays as it is."""
    with Registry.open(where) as registry:
        found = registry.benchmarks.cancel(job)
    say(f"{found.state.value}: job {found.id}")
