"""A registry with a model whose bytes it has, and a clock to be set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bench_plugins import SetClock

if TYPE_CHECKING:
    from tinykg.registry import Registry

ROOT = Path(__file__).resolve().parent.parent.parent
DIGITS = ROOT / "data" / "models" / "files" / "digits_mlp_int8.tflite"


@pytest.fixture
def clock() -> SetClock:
    """A clock to be set."""
    return SetClock()


@pytest.fixture
def digits(small_registry: Registry) -> Registry:
    """A small registry of one's own that has the bytes of `digits_mlp_int8`."""
    small_registry.add(DIGITS)
    return small_registry


@pytest.fixture
def digits_folder(digits: Registry) -> Path:
    """Its folder."""
    return Path(digits.where)


@pytest.fixture
def whole_digits(fresh_registry: Registry) -> Registry:
    """The built-in catalogue in a folder of one's own; the model's bytes come with the package."""
    return fresh_registry
