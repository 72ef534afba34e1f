"""Whether a device runs the model that is meant, as far as its identifier tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinykg.bench.dut_messages import Identity
from tinykg.bench.dut_model import model_on_device
from tinykg.errors import DeviceGarbled
from tinykg.extract.tflite import read_model
from tinykg.files import data_folder

if TYPE_CHECKING:
    from pathlib import Path

DIGITS = data_folder() / "models" / "files" / "digits_mlp_int8.tflite"


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("vww01", "runs vww01; this file is kws01"),
        ("file-0123456789abcdef", "runs the file 0123456789abcdef"),
    ],
)
def test_a_device_with_another_model_is_not_measured(model: str, says: str, test_data: Path) -> None:
    kws = read_model((test_data / "models/mlperf_tiny/kws_ref_model.tflite").read_bytes(), "kws")
    with pytest.raises(DeviceGarbled, match=says):
        model_on_device(Identity(name="acme", model=model), kws)


def test_a_benchmark_whose_input_is_of_another_size_is_another_network() -> None:
    file = read_model(DIGITS.read_bytes(), "digits")
    with pytest.raises(DeviceGarbled, match="takes 27648 numbers; this model takes 64"):
        model_on_device(Identity(name="acme", model="vww01"), file)
    assert model_on_device(Identity(name="acme", model=f"file-{file.sha256[:16]}"), file).caveat is None
    assert "the protocol does not tell" in (model_on_device(Identity(name="acme"), file).caveat or "")


def test_the_streaming_model_has_two_identifiers(test_data: Path) -> None:
    """EE_MODEL_VERSION_STRWW01 of the firmware's header is "strww01", the rules' is sww01."""
    path = test_data / "models/mlperf_tiny/str_ww_ref_model.tflite"
    found = model_on_device(Identity(name="acme", model="strww01"), read_model(path.read_bytes(), "sww"))
    assert found.id == "sww01"
    assert "says that it runs sww01" in (found.caveat or "")
