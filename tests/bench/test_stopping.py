"""A benchmark that is told to stop, by Ctrl-C or as a service is, leaves no job, child or file behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tinykg.bench.worker import worker_name
from tinykg.cli import bench_run
from tinykg.cli.bench_stop import stopping_tidily
from tinykg.records.benchmark import JobState

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkRequest, Job
    from tinykg.registry import Registry

MODEL = "digits_cnn_int8"
LONG = {"iterations": "100000", "warmup": "100000", "seconds": "600"}
"""Some twenty seconds of work, and two minutes for a busy host to begin."""


@pytest.mark.parametrize(
    ("queued", "by", "state"),
    [
        (False, signal.SIGTERM, JobState.CANCELLED),
        (True, signal.SIGTERM, JobState.QUEUED),
        (True, signal.SIGINT, JobState.QUEUED),
    ],
)
def test_whoever_stops_a_run_finds_nothing_of_it(
    whole_digits: Registry, tmp_path: Path, queued: bool, by: signal.Signals, state: JobState
) -> None:
    """One's own is cancelled; a worker's waits for another."""
    pytest.importorskip("tflite_micro", reason="the extra `bench` is not installed")
    place = tmp_path / "tmp"
    place.mkdir()
    words = ["--worker"]
    if queued:
        whole_digits.benchmarks.create(whole_digits.benchmarks.request(MODEL, "tflm-host", options=LONG))
    else:
        words = [MODEL, "--runner", "tflm-host"]
        words += [word for name, value in LONG.items() for word in ("--option", f"{name}={value}")]
    process = subprocess.Popen(
        [sys.executable, "-m", "tinykg", "--registry", whole_digits.where, "bench", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(place)},
    )
    deadline = time.monotonic() + 120
    while not list(place.glob("tinykg-bench-*/order.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(by)
    assert process.wait(120) == 130
    (job,) = whole_digits.benchmarks.all()
    assert job.state is state
    assert list(place.iterdir()) == []


def test_a_job_that_was_kept_when_the_interruption_came_is_cancelled(
    digits: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = digits.benchmarks.request("digits_mlp_int8", "tflm-host")
    other = digits.benchmarks.create(request, worker_name())
    queue = digits.benchmarks
    create = type(queue).create

    def interrupted(of: object, asked: BenchmarkRequest, name: str | None = None) -> Job:
        create(of, asked, name)  # type: ignore[arg-type]  # the queue, as it was
        raise KeyboardInterrupt

    monkeypatch.setattr(type(queue), "create", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bench_run.run_now(digits, request, None)
    states = {job.id: job.state for job in queue.all()}
    assert states.pop(other.id) is JobState.RUNNING
    assert list(states.values()) == [JobState.CANCELLED]


def test_afterwards_a_signal_is_what_it_was() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), stopping_tidily():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
