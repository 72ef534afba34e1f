"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of published models, boards and tables, which is not part of the repository."""
    folder = Path(os.environ.get("TINYKG_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set TINYKG_TEST_DATA to the folder with models/ and boards/")
    return folder
