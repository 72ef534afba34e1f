"""The queue among processes: two never take the same job, and one that is killed loses its job."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tinykg.catalogue.held import HeldRegistry
from tinykg.catalogue.jobs import Jobs
from tinykg.catalogue.lease_keeper import LeaseKeeper
from tinykg.catalogue.served import Serving, address_in
from tinykg.catalogue.sessions import open_sessions
from tinykg.records.benchmark import BenchmarkRequest, JobState
from tinykg.registry import Registry
from tinykg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
REQUEST = BenchmarkRequest(model="m", file_sha256="0" * 64, runner="plain")
JOBS = 50


def worker(stack: ExitStack, folder: Path, name: str, how: str) -> subprocess.Popen[str]:
    """A worker's process that waits for a line before it begins."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "queue_process.py"), str(folder), name, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent.parent)])},
    )
    stack.callback(_end, process)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=30)


def race(stack: ExitStack, folder: Path) -> list[list[str]]:
    """What each of two workers took who began at the same time."""
    workers = [worker(stack, folder, f"worker-{i}", "race") for i in range(2)]
    for process in workers:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    taken = []
    for process in workers:
        out, _ = process.communicate(timeout=300)
        assert process.returncode == 0
        taken.append(out.split())
    return taken


def check_raced(jobs: Jobs, taken: list[list[str]]) -> None:
    """Each job was taken once, and each worker took some."""
    every = Counter(job_id for ids in taken for job_id in ids)
    assert sorted(every) == sorted(job.id for job in jobs.all())
    assert set(every.values()) == {1}
    assert all(taken)
    assert {(job.state, job.attempts) for job in jobs.all()} == {(JobState.DONE, 1)}
    assert len({job.run for job in jobs.all()}) == JOBS


@contextmanager
def served(folder: Path) -> Iterator[HeldRegistry]:
    """A folder that this process holds as a server does, so that others work through it."""
    with ExitStack() as stack:
        held = stack.enter_context(HeldRegistry.hold(Settings(registry=str(folder), wait_s=60)))
        address = stack.enter_context(address_in(folder))
        stack.enter_context(Serving(held, address))
        held.folder.announce("serving", address)
        yield held


def test_two_processes_share_fifty_jobs_of_a_folder(digits: Registry, digits_folder: Path) -> None:
    del digits
    jobs = Jobs(open_sessions(Settings(registry=str(digits_folder), wait_s=60)))
    for _ in range(JOBS):
        jobs.create(REQUEST)
    with ExitStack() as stack:
        taken = race(stack, digits_folder)
    check_raced(jobs, taken)
    assert len(Registry.open(digits_folder).results()) == JOBS


def test_two_processes_share_fifty_jobs_through_a_server(digits: Registry, digits_folder: Path) -> None:
    del digits
    with served(digits_folder) as held, ExitStack() as stack:
        jobs = Jobs(held)
        for _ in range(JOBS):
            jobs.create(REQUEST)
        check_raced(jobs, race(stack, digits_folder))


def test_the_job_of_a_worker_that_is_killed_is_queued_again_and_another_does_it(
    digits: Registry, digits_folder: Path
) -> None:
    del digits
    sessions = open_sessions(Settings(registry=str(digits_folder), wait_s=60))
    jobs = Jobs(sessions, lease_s=30)
    job = jobs.create(REQUEST)
    with ExitStack() as stack:
        killed = worker(stack, digits_folder, "killed", "stall")
        assert killed.stdin is not None
        assert killed.stdout is not None
        killed.stdin.write("go\n")
        killed.stdin.flush()
        assert killed.stdout.readline() == f"{job.id}\n"
        killed.kill()
    assert jobs.get(job.id).state is JobState.RUNNING
    later = Jobs(sessions, lease_s=30, clock=lambda: datetime.now(UTC) + timedelta(seconds=31))
    assert later.get(job.id).state is JobState.QUEUED
    with ExitStack() as stack:
        other = worker(stack, digits_folder, "other", "race")
        out, _ = other.communicate("go\n", timeout=120)
    assert out.split() == [job.id]
    assert (jobs.get(job.id).state, jobs.get(job.id).attempts) == (JobState.DONE, 2)


def test_a_server_looks_after_leases_without_being_asked(digits: Registry, digits_folder: Path) -> None:
    del digits
    with served(digits_folder) as held:
        jobs = Jobs(held, lease_s=0.2, most_attempts=1)
        job = jobs.create(REQUEST, "nobody")
        version = held.version
        with LeaseKeeper(jobs):
            deadline = time.monotonic() + 30
            while held.version == version and time.monotonic() < deadline:
                time.sleep(0.02)
        (state,) = (
            held.reading()
            .__enter__()
            .select("SELECT ?state { ?job <https://w3id.org/tinykg#jobState> ?state }")
            .rows
        )
        assert str(state[0]).strip("<>").endswith("/failed")
        assert "fell silent, once" in (jobs.get(job.id).reason or "")
