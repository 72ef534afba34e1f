"""Whoever looks after leases goes on when the registry cannot be had for a while."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tinykg.catalogue.held import HeldRegistry
from tinykg.catalogue.jobs import Jobs
from tinykg.catalogue.lease_keeper import LeaseKeeper
from tinykg.catalogue.sessions import open_sessions
from tinykg.records.benchmark import BenchmarkRequest, JobState
from tinykg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tinykg.registry import Registry

REQUEST = BenchmarkRequest(model="m", file_sha256="0" * 64, runner="plain")


def comes_true(happened: Callable[[], bool]) -> bool:
    """Whether something happens within a time that no machine should need."""
    deadline = time.monotonic() + 20
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)
    return happened()


def test_a_registry_that_is_held_is_tried_again(
    small_registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "tinykg.benchmarks")
    jobs = Jobs(open_sessions(Settings(registry=small_registry.where, wait_s=0)), lease_s=0.2)
    job = jobs.create(REQUEST, "ana#1")
    with ExitStack() as stack:
        with HeldRegistry.hold(Settings(registry=small_registry.where)):
            stack.enter_context(LeaseKeeper(jobs))
            assert comes_true(lambda: len(caplog.records) > 1)
        patient = Jobs(open_sessions(Settings(registry=small_registry.where)))
        assert comes_true(lambda: patient.get(job.id).state is JobState.QUEUED)
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert "were not looked after: The registry" in caplog.records[0].getMessage()


def test_it_ends_with_its_context_and_not_at_its_next_look(small_registry: Registry) -> None:
    jobs = Jobs(open_sessions(Settings(registry=small_registry.where)), lease_s=1000)
    begun = time.monotonic()
    with LeaseKeeper(jobs):
        pass
    assert time.monotonic() - begun < 30
