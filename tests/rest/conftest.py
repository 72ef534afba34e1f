"""An application on a registry of its own, asked as a client asks it."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from tinykg.rest.app import create_app
from tinykg.rest.run import open_service
from tinykg.settings import ServeSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


@pytest.fixture(scope="session")
def serving(
    seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[ServeSettings], AbstractContextManager[TestClient]]:
    """Serve the built-in catalogue with some settings, in a folder of its own."""

    @contextmanager
    def serve(settings: ServeSettings) -> Iterator[TestClient]:
        folder = tmp_path_factory.mktemp("served") / "registry"
        shutil.copytree(seeded_folder, folder)
        with ExitStack() as stack:
            service = open_service(stack, Settings(registry=str(folder), wait_s=5), settings)
            client = TestClient(create_app(service), base_url="http://127.0.0.1:8000")
            yield client
            client.close()

    return serve


@pytest.fixture(scope="module")
def client(
    serving: Callable[[ServeSettings], AbstractContextManager[TestClient]],
) -> Iterator[TestClient]:
    """A client of a server that everybody may write to."""
    with serving(ServeSettings(writes="open", query_workers=1)) as open_client:
        yield open_client
