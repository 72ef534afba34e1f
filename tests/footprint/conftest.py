"""The runtimes that the repository describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinykg.files import data_folder
from tinykg.footprint import load_runtimes

if TYPE_CHECKING:
    from tinykg.records.runtime import Runtime


@pytest.fixture(scope="session")
def runtimes() -> dict[str, Runtime]:
    """All runtimes by name."""
    return load_runtimes(data_folder() / "runtimes")


@pytest.fixture(scope="session")
def reference(runtimes: dict[str, Runtime]) -> Runtime:
    """Reference kernels on 32-bit Arm."""
    return runtimes["tflm-ref-arm32"]
