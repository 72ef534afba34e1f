"""tinykg bench run, also as a worker that works off a queue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinykg.cli.bench_options import runner_options
from tinykg.cli.bench_progress import ProgressLine
from tinykg.cli.bench_stop import stopping_tidily
from tinykg.cli.names import DEVICE, MODEL, RUNTIME
from tinykg.cli.output import note, print_json, print_pairs, print_table, say
from tinykg.errors import BenchmarkCancelled, BenchmarkError, InputError
from tinykg.records.benchmark import JobState
from tinykg.registry import Registry
from tinykg.report.benchmark_json import job_value, run_value
from tinykg.report.benchmark_text import FIGURE_COLUMNS, figure_rows, run_heading, run_pairs

if TYPE_CHECKING:
    from tinykg.bench.attempt import Told
    from tinykg.bench.protocol import Runner
    from tinykg.records.benchmark import BenchmarkRequest, BenchmarkRun, Job
    from tinykg.records.device import DeviceType

HERE = "here"


@click.command("run")
@click.argument("model", required=False, metavar="MODEL", type=MODEL)
@click.option("--on", "device", metavar="DEVICE", type=DEVICE, help="A board or a registered device.")
@runner_options
@click.option("--runtime", metavar="NAME", type=RUNTIME, help="The registry's runtime that the device runs.")
@click.option(
    "--data",
    metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
    help="Labelled data: a folder or an .npz.",
)
@click.option("--queue", is_flag=True, help="Only ask for it: a worker runs it.")
@click.option(
    "--worker",
    metavar="[URL]",
    is_flag=False,
    flag_value=HERE,
    help="Work off what is queued in this registry, or at a server's URL (with TINYKG_TOKEN).",
)
@click.option("--once", is_flag=True, help="As a worker: end when the queue is empty.")
@click.option("--json", "as_json", is_flag=True, help="The job and its run as JSON.")
@click.pass_obj
def run_command(where: str | None, /, model: str | None, worker: str | None, **asked: Any) -> int:
    """Run a model on a device and keep the result; or work off a queue.

    Exit code 3 if the benchmark came to nothing.
    """
    if worker is not None:
        if model is not None or asked["queue"]:
            raise click.UsageError("a worker takes its models from the queue; leave MODEL and --queue out")
        from tinykg.cli.bench_worker import work_off

        address = None if worker == HERE else worker
        return work_off(where, address, once=asked["once"], options=asked["options"], data=asked["data"])
    if model is None:
        raise click.UsageError("name a MODEL, or work off a queue with --worker")
    if asked["once"]:
        raise click.UsageError("--once says when a --worker ends")
    with Registry.open(where) as registry:
        request = request_for(registry, model, **{k: v for k, v in asked.items() if k in _OF_REQUESTS})
        if asked["queue"]:
            return _queue(registry, request, as_json=asked["as_json"])
        return _run(registry, request, as_json=asked["as_json"])


_OF_REQUESTS = ("device", "runner", "runtime", "options", "data")


def _queue(registry: Registry, request: BenchmarkRequest, *, as_json: bool) -> int:
    job = registry.benchmarks.create(request)
    if as_json:
        print_json(job_value(job))
    else:
        say(f"queued: job {job.id}")
        note("A worker runs it: tinykg bench --worker")
    return 0


def _run(registry: Registry, request: BenchmarkRequest, *, as_json: bool) -> int:
    with ProgressLine(f"{request.model} by {request.runner}") as line:
        job, run = run_now(registry, request, line.tell)
    if as_json:
        print_json({"job": job_value(job), "run": run_value(run)})
        return 0
    say(run_heading(run), bold=True)
    print_pairs(run_pairs(run))
    click.echo()
    print_table(FIGURE_COLUMNS, figure_rows(run.result.figures), right=("value",))
    return 0


def run_now(registry: Registry, request: BenchmarkRequest, told: Told | None) -> tuple[Job, BenchmarkRun]:
    """Run a benchmark at once; its job and its run. Raises BenchmarkError where it came to nothing."""
    from tinykg.bench.attempt import attempt
    from tinykg.bench.installed import runners
    from tinykg.bench.worker import worker_name

    queue, name = registry.benchmarks, worker_name()
    job = None
    with stopping_tidily():
        try:
            job = queue.create(request, name)
            ended = attempt(queue, job, name, runners(), told)
        except KeyboardInterrupt:
            for one in queue.all([JobState.RUNNING]) if job is None else [job]:
                if one.worker == name:  # also a job that was kept when we had not yet heard of it
                    queue.cancel(one.id)
            raise
    if ended is None:
        raise BenchmarkCancelled(f"Job {job.id} was cancelled.")
    if ended.state is not JobState.DONE:
        raise BenchmarkError(
            f"{request.model} by {request.runner} came to nothing (job {job.id}): {ended.reason}"
        )
    (run,) = (run for run in registry.results(runner=request.runner) if run.id == ended.run)
    return ended, run


def request_for(
    registry: Registry,
    model: str,
    *,
    device: str | None,
    runner: str | None,
    runtime: str | None,
    options: dict[str, str],
    data: Path | None,
) -> BenchmarkRequest:
    """A request for what the command line names; a file that is not registered is registered first.

    Raises InputError for an option that the runner has not; what its value may be the runner says.
    """
    from tinykg.bench.options import Options

    board = None if device is None else registry.device(device)
    chosen = choose_runner(board, runner, options)
    Options(chosen.name, options, chosen.options)
    name = _registered(registry, Path(model)) if Path(model).is_file() else model
    place = None if data is None else str(data.expanduser().absolute())
    return registry.benchmarks.request(
        name,
        chosen.name,
        device=None if board is None else board.slug,
        runtime=runtime,
        options=options,
        data=place,
    )


def choose_runner(device: DeviceType | None, name: str | None, options: dict[str, str]) -> Runner:
    """The runner of a name, or the best for a device; raises InputError where it does not suit the device."""
    from tinykg.bench.installed import runners

    installed = runners()
    if name is None:
        best = installed.best(device, options)
        if best is None:
            why = "\n".join(f"  {n}: {r.suits(device)}" for n, r in installed.working.items())
            raise InputError(f"No runner suits this device:\n{why or '  none is installed'}")
        return best
    runner = installed.named(name)
    why_not = runner.suits(device)
    if why_not is not None:
        raise InputError(f"The runner {name} does not suit: {why_not}")
    return runner


def _registered(registry: Registry, path: Path) -> str:
    """The name under which a model's file is registered, now if it was not: results need one to be about."""
    intakes = registry.add(path)
    for intake in intakes:
        if intake.status == "refused" or intake.name is None:
            raise InputError(intake.problem or f"{path}: not a model's file")
        if intake.status == "added":
            note(f"registered: model {intake.name}")
        return intake.name.split(", ")[0]
    raise InputError(f"{path}: not a model's file")
