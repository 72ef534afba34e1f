"""Servers to run the suites against."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
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
def served(seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`tinykg serve` with the built-in catalogue; writes need its token."""
    folder = tmp_path_factory.mktemp("served") / "registry"
    shutil.copytree(seeded_folder, folder)
    token = new_token(folder)
    with serving(folder, token=token) as server:
        yield server


@pytest.fixture(scope="session")
def served_empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that knows no model and no board, open to all; the suites own its graphs."""
    with serving(tmp_path_factory.mktemp("empty") / "registry", "--no-auth", empty=True) as server:
        yield server
