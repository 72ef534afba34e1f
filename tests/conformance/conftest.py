"""Servers to run the suites against."""

from __future__ import annotations

import shutil
import socket
from typing import TYPE_CHECKING

import pytest
from federated_stub import addresses
from serving import Served, new_token, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")


@pytest.fixture(scope="session")
def suite(test_data: Path) -> Path:
    """W3C's SPARQL 1.1 test suite, which is not part of the repository."""
    folder = test_data / "rdf-tests" / "sparql" / "sparql11"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


@pytest.fixture(scope="session")
def federation_port() -> Iterator[int]:
    """A port on loopback that is kept for the endpoints that SERVICE may ask."""
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


@pytest.fixture(scope="session")
def served(
    seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory, federation_port: int
) -> Iterator[Served]:
    """`tinykg serve` with the built-in catalogue; writes need its token, SERVICE may ask two endpoints."""
    folder = tmp_path_factory.mktemp("served") / "registry"
    shutil.copytree(seeded_folder, folder)
    token = new_token(folder)
    options = [word for address in addresses(federation_port) for word in ("--federate", address)]
    with serving(folder, *options, token=token) as server:
        yield server


@pytest.fixture(scope="session")
def served_empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that knows no model and no board, open to all; the suites own its graphs."""
    with serving(tmp_path_factory.mktemp("empty") / "registry", "--no-auth", empty=True) as server:
        yield server
