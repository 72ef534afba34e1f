"""Bytes for devices and tensors of models."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.dut_tensors import (
    INPUT_ELEMENTS,
    MLPERF_FILES,
    TensorForm,
    form_of,
    quantised,
    sent_bytes,
    to_real,
    to_send,
    to_tensor,
)
from tinykg.errors import BenchmarkError
from tinykg.extract.tflite import read_model
from tinykg.records.model_file import Quantization, Tensor

KWS = TensorForm(element_type="int8", shape=(1, 4), scale=0.5847029, zero_point=83)
IMAGE = TensorForm(element_type="int8", shape=(1, 2, 2, 1), scale=1 / 255, zero_point=-128)
AD = TensorForm(element_type="int8", shape=(1, 4), scale=0.5, zero_point=10)


def test_mlperfs_models_are_known_by_their_files(test_data: object) -> None:
    models = test_data / "models" / "mlperf_tiny"  # type: ignore[operator]
    found = {}
    for path in sorted(models.glob("*.tflite")):
        file = read_model(path.read_bytes(), path.name)
        if file.sha256 in MLPERF_FILES:
            (tensor,) = (file.main.tensors[index] for index in file.main.inputs)
            found[MLPERF_FILES[file.sha256]] = form_of(tensor).elements
    assert found == dict(INPUT_ELEMENTS)


@given(st.binary(min_size=4, max_size=4))
def test_features_of_speech_go_as_they_are(content: bytes) -> None:
    assert to_tensor(content, KWS, "kws01") == content
    assert to_send(content, None, KWS, "kws01") == content


@given(st.binary(min_size=4, max_size=4))
def test_images_lose_128_on_the_device_and_get_it_back_on_the_way(content: bytes) -> None:
    tensor = to_tensor(content, IMAGE, "ic01")
    assert [value - 128 for value in content] == np.frombuffer(tensor, np.int8).tolist()
    assert to_send(tensor, "int8", IMAGE, "vww01") == content
    assert to_send(content, "uint8", IMAGE, "ic01") == content


def test_anomaly_detection_is_sent_floats_and_quantises_as_c_does() -> None:
    values = np.array([0.25, -0.25, 1000, -1000], "<f4")
    assert sent_bytes(AD, "ad01") == 16
    assert to_send(values.tobytes(), "float32", AD, "ad01") == values.tobytes()
    assert to_send(values.astype(">f8").astype("<f8").tobytes(), "float64", AD, "ad01") == values.tobytes()
    tensor = np.frombuffer(to_tensor(values.tobytes(), AD, "ad01"), np.int8)
    assert tensor.tolist() == [11, 9, 127, -128]  # half away from zero; cut to the range


def test_floats_that_are_none_do_not_leave_the_range() -> None:
    with np.errstate(all="raise"):
        assert quantised(np.array([np.nan, np.inf, -np.inf, 1e300]), AD).tolist() == [0, 127, -128, 127]


@given(st.lists(st.integers(-128, 127), min_size=4, max_size=4))
def test_real_numbers_of_a_tensor_quantise_to_it_again(values: list[int]) -> None:
    tensor = np.array(values, np.int8).tobytes()
    assert quantised(to_real(tensor, AD), AD).tobytes() == tensor


def test_floats_are_quantised_for_a_model_that_takes_integers() -> None:
    sent = to_send(np.array([0, 1, 0.5, 2], "<f4").tobytes(), "float32", IMAGE, "ic01")
    assert list(sent) == [0, 255, 128, 255]
    own = to_send(np.array([0, 1, 0.5, 2], "<f4").tobytes(), "float32", IMAGE, "file-1234")
    assert np.frombuffer(own, np.int8).tolist() == [-128, 127, 0, 127]


def test_float_models_are_sent_floats() -> None:
    form = TensorForm(element_type="float32", shape=(2,))
    sent = to_send(np.array([1.5, -2], "<f8").tobytes(), "float64", form, "file-1")
    assert np.frombuffer(sent, "<f4").tolist() == [1.5, -2.0]
    assert to_real(sent, form).tolist() == [1.5, -2.0]


def test_rows_that_do_not_fit_the_model_are_refused() -> None:
    with pytest.raises(BenchmarkError, match="gives 3 B to send; the model kws01 takes 4 B"):
        to_send(b"abc", None, KWS, "kws01")
    with pytest.raises(BenchmarkError, match="of int32; the model kws01 takes int8"):
        to_send(bytes(16), "int32", KWS, "kws01")


@pytest.mark.parametrize(("kind", "shape"), [("string", (1,)), ("int8", (1, -1)), ("float16", (2,))])
def test_tensors_that_no_device_is_sent_are_refused(kind: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(BenchmarkError, match="a device can be sent"):
        form_of(Tensor(index=0, name="x", element_type=kind, shape=shape))


def test_the_form_has_the_first_scale() -> None:
    scaled = Tensor(
        index=0, name="x", element_type="int16", shape=(3,),
        quantization=Quantization(scales=(0.5,), zero_points=(1,)),
    )  # fmt: skip
    form = form_of(scaled)
    assert (form.scale, form.zero_point, form.size_bytes) == (0.5, 1, 6)
