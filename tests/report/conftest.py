"""A plan of one of our own models."""

from __future__ import annotations

import pytest
from arena_case import Case

from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.footprint import footprint, load_runtime
from tinykg.footprint.steps import step_names


@pytest.fixture(scope="session")
def digits() -> Case:
    """A convolutional network of ours on the reference kernels."""
    path = data_folder() / "models" / "files" / "digits_cnn_int8.tflite"
    file = read_model(path.read_bytes(), str(path))
    runtime = load_runtime(data_folder() / "runtimes" / "tflm-ref-arm32.toml")
    return Case(file=file, footprint=footprint(file, runtime), steps=step_names(file))
