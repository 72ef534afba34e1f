"""A directory on an empty registry of its own, in a time that tests set."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from tinykg.catalogue.held import HeldRegistry
from tinykg.directory.directory import Directory
from tinykg.endpoint.pool import Pool
from tinykg.rest.app import create_app
from tinykg.rest.run import open_service
from tinykg.settings import ServeSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2030, 1, 31, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held() -> Iterator[HeldRegistry]:
    """An empty registry."""
    with HeldRegistry.hold(Settings(registry="memory:"), empty=True) as held:
        yield held


@pytest.fixture
def pool(held: HeldRegistry) -> Iterator[Pool]:
    with Pool(held, workers=1) as pool:
        yield pool


@pytest.fixture
def directory(held: HeldRegistry, pool: Pool, clock: Clock) -> Iterator[Directory]:
    """An empty directory whose clock stands still; nothing is removed unless the test does it."""
    directory = Directory(held, pool, clock=clock)
    yield directory
    directory.close()


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A client of a whole server that anybody may write to."""
    with ExitStack() as stack:
        settings = ServeSettings(writes="open", query_workers=1, rate_per_s=None)
        service = open_service(stack, Settings(registry="memory:"), settings, empty=True)
        yield stack.enter_context(TestClient(create_app(service), raise_server_exceptions=False))
