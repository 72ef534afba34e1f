"""Registries for the command line to work on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from command_line import call

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Tinykg


@pytest.fixture(autouse=True)
def an_ordinary_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the width nor the colours of the terminal that runs the tests have a say in them."""
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture(scope="session")
def shelf(seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry's folder with the built-in catalogue, for commands that only read."""
    folder = tmp_path_factory.mktemp("shelf") / "registry"
    shutil.copytree(seeded_folder, folder)
    return folder


@pytest.fixture
def tinykg(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Tinykg:
    """The command line on the built-in catalogue; for commands that only read."""
    monkeypatch.setenv("TINYKG_REGISTRY", str(shelf))
    return call


@pytest.fixture
def own_tinykg(seeded_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tinykg:
    """The command line on a registry of one's own, with the built-in catalogue."""
    folder = tmp_path / "registry"
    shutil.copytree(seeded_folder, folder)
    monkeypatch.setenv("TINYKG_REGISTRY", str(folder))
    return call
