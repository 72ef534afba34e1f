"""The shipped measurements and estimates, and the tools that made them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinykg.estimate.measurements import read_all_runs, read_networks
from tinykg.estimate.tables import read_tables
from tinykg.files import data_folder

if TYPE_CHECKING:
    from tinykg.records.estimate import EstimateTables
    from tinykg.records.measurement import MeasuredRun, Network

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))


@pytest.fixture(scope="session")
def tables() -> EstimateTables:
    """The shipped latency models and power figures."""
    return read_tables(data_folder() / "estimates")


@pytest.fixture(scope="session")
def runs() -> list[MeasuredRun]:
    """All shipped runs."""
    return read_all_runs(data_folder() / "measurements")


@pytest.fixture(scope="session")
def networks() -> dict[str, Network]:
    """The shipped networks."""
    return read_networks(data_folder() / "measurements")
