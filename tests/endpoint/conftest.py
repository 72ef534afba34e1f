"""An empty registry that is held, with worker processes and the routes of the endpoint over it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from endpoint_client import Client
from fastapi import FastAPI

from tinykg.catalogue.held import HeldRegistry
from tinykg.endpoint.pool import Pool
from tinykg.rest import graph_store, problems, sparql
from tinykg.rest.wire import HeadAsGet
from tinykg.settings import ServeSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def held() -> Iterator[HeldRegistry]:
    """A registry without the catalogue, for one module: each test begins by emptying what it uses."""
    with HeldRegistry.hold(Settings(registry="memory:"), empty=True) as held:
        yield held


@pytest.fixture(scope="module")
def pool(held: HeldRegistry) -> Iterator[Pool]:
    """Two workers on the registry of the module."""
    with Pool(held, workers=2) as pool:
        yield pool


@pytest.fixture
def empty(held: HeldRegistry) -> HeldRegistry:
    """The registry of the module, emptied."""
    with held.writing("emptying") as store:
        store.update("DROP ALL")
    return held


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads for those who wait for a worker."""
    with ThreadPoolExecutor(8) as threads:
        yield threads


@pytest.fixture
def service(empty: HeldRegistry, pool: Pool, threads: ThreadPoolExecutor) -> SimpleNamespace:
    """What the routes of the endpoint need of a service, open to all."""
    return SimpleNamespace(
        held=empty,
        pool=pool,
        threads=SimpleNamespace(queries=threads),
        settings=ServeSettings(writes="open"),
    )


def application(service: SimpleNamespace) -> FastAPI:
    """An application that has just the routes of the endpoint and of the graph store."""
    app = FastAPI(redirect_slashes=False)
    app.state.service = service
    routers = (sparql.router, graph_store.router)
    problems.install(app, routers)
    for router in routers:
        app.include_router(router)
    app.add_middleware(HeadAsGet)
    return app


@pytest.fixture
def client(service: SimpleNamespace) -> Iterator[Client]:
    """A client of an application that is open to all."""
    with Client(application(service)) as client:
        yield client


@pytest.fixture
def reader(service: SimpleNamespace) -> Iterator[Client]:
    """A client of an application that nobody may write to."""
    service.settings = ServeSettings(writes="none")
    with Client(application(service)) as client:
        yield client
