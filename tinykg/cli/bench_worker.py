"""Working off a queue of benchmarks from the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from tinykg.cli.bench_progress import ProgressLine
from tinykg.cli.bench_stop import stopping_tidily
from tinykg.cli.output import note, say
from tinykg.records.benchmark import JobState
from tinykg.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.bench.attempt import Queue
    from tinykg.records.benchmark import Job


def work_off(
    where: str | None, address: str | None, *, once: bool, options: dict[str, str], data: Path | None
) -> int:
    """Run what is queued in a registry, or at a server's address, until told to stop."""
    from tinykg.bench.installed import runners
    from tinykg.bench.worker import Worker

    known = {name for runner in runners().working.values() for name in runner.options}
    if strays := sorted(set(options) - known):
        raise click.UsageError(f"no runner has an option '{strays[0]}' (see 'tinykg bench runners')")
    line = ProgressLine("job")
    worker = Worker(
        _queue(where, address, options, data), runners(), begun=_begun, ended=_ended, told=line.tell
    )
    note(f"worker {worker.name}; runners: {', '.join(runners().working)}")
    last: list[str | None] = []

    def idle(why: str | None) -> None:
        """Say once why there is nothing to do."""
        if last != [why]:
            last[:] = [why]
            note(why or "nothing is queued for these runners; waiting. Ctrl-C ends the worker")

    with stopping_tidily():
        count = worker.work_on(until_empty=once, idle=idle)
    note(f"{count} job{'' if count == 1 else 's'}")
    return 0


def _queue(where: str | None, address: str | None, options: dict[str, str], data: Path | None) -> Queue:
    from tinykg.catalogue.places import Own

    own = Own(options=options, data=None if data is None else data.expanduser().absolute())
    if address is None:
        return Registry.open(where).benchmarks.of(own)
    from tinykg.catalogue.remote_queue import RemoteQueue

    return RemoteQueue(address, os.environ.get("TINYKG_TOKEN"), own)


def _begun(job: Job) -> None:
    say(f"job {job.id}: {job.request.model} on {job.request.device or 'this host'} by {job.request.runner}")


def _ended(job: Job, ended: Job | None) -> None:
    if ended is None:
        say(f"job {job.id}: cancelled, or given to another worker")
    elif ended.state is JobState.DONE:
        say(f"job {job.id}: done, run {ended.run}")
    else:
        say(f"job {job.id}: {ended.state.value}: {ended.reason or ''}")
