"""Between the bytes that a device is sent and its model's tensors, as the reference firmwares do it.

The rules are those of mlcommons/tiny, benchmark/reference_submissions, function `th_load_tensor` of each
benchmark: keyword spotting takes int8 as sent; the two image benchmarks take unsigned bytes and subtract
128; anomaly detection takes little-endian float32 and quantises. Other models are sent their tensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tinykg.errors import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

    from tinykg.records.model_file import Tensor

    Numbers = npt.NDArray[np.float64]

MLPERF_FILES: Final[Mapping[str, str]] = {
    "aeea436800704fce17b17292e4412630ad856e9d777c044c64ef748a880bd0ae": "kws01",
    "597a384c8c2c8a1276f04702f25013b7838f2f814f1ca7c174d295b73e3d6b7b": "vww01",
    "3c002613d1b2475eb51dd78dfb85a546c8ae658dee71cf6ade43b022fe205415": "ic01",
    "dc27dcd823f5665533352f7da516b0c9bc6f089914b8283782e55961b3423fcf": "ic02",
    "87cf24194ef93d1d9b11a591d805526b98008e351655d29883c825c9c106ba24": "ad01",
    "3af8550895ba7d5c584277102b5075c52dcfa63ba9d2b2240f37c4e6abd5dd2b": "sww01",
}
"""The reference models (mlcommons/tiny, benchmark/training): SHA-256 of the file -> identifier."""

OTHER_NAMES: Final[Mapping[str, str]] = {"strww01": "sww01"}
"""Identifiers that the firmware's header has in another form than the rules (EE_MODEL_VERSION_STRWW01)."""

IMAGES: Final = frozenset({"vww01", "ic01", "ic02"})
ANOMALY: Final = "ad01"

INPUT_ELEMENTS: Final[Mapping[str, int]] = {
    "kws01": 490, "vww01": 27648, "ic01": 3072, "ic02": 3072, "ad01": 640, "sww01": 1200,
}  # fmt: skip
"""Elements of the input tensor of each benchmark's model."""

TYPES: Final = frozenset({"int8", "uint8", "int16", "int32", "float32"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorForm:
    """How a tensor is to be read: element type, shape, quantisation (scale 0 where there is none)."""

    element_type: str
    shape: tuple[int, ...]
    scale: float = 0.0
    zero_point: int = 0

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        count = 1
        for dimension in self.shape:
            count *= dimension
        return count

    @property
    def size_bytes(self) -> int:
        """Bytes of the tensor."""
        return self.elements * {"int16": 2, "int32": 4, "float32": 4}.get(self.element_type, 1)


def form_of(tensor: Tensor) -> TensorForm:
    """The form of a tensor of a model file; raises BenchmarkError where no bytes can be sent for it."""
    if tensor.element_type not in TYPES or tensor.elements <= 0:
        raise BenchmarkError(
            f"Tensor '{tensor.name}' is of {tensor.element_type}, shape {tensor.shape}; "
            f"a device can be sent {', '.join(sorted(TYPES))} of a fixed shape."
        )
    quantization = tensor.quantization
    scaled = quantization is not None and quantization.scales and quantization.zero_points
    return TensorForm(
        element_type=tensor.element_type,
        shape=tensor.shape or (),
        scale=quantization.scales[0] if quantization and scaled else 0.0,
        zero_point=quantization.zero_points[0] if quantization and scaled else 0,
    )


def sent_bytes(form: TensorForm, model_id: str) -> int:
    """How many bytes a device is sent for one inference."""
    return 4 * form.elements if model_id == ANOMALY else form.size_bytes


def to_tensor(content: bytes, form: TensorForm, model_id: str) -> bytes:
    """What a device makes of the bytes it was sent; their number is `sent_bytes`."""
    import numpy as np

    if model_id in IMAGES and form.element_type == "int8":
        return bytes(np.frombuffer(content, np.uint8) ^ np.uint8(0x80))  # u - 128 modulo 256
    if model_id == ANOMALY and form.element_type == "int8":
        return quantised(np.frombuffer(content, "<f4").astype(np.float64), form).tobytes()
    return content


def quantised(values: Numbers, form: TensorForm) -> npt.NDArray[Any]:
    """Real numbers in a tensor's own: rounded half away from zero, as C's round, and cut to its range."""
    import numpy as np

    if form.element_type == "float32" or not form.scale:
        return values.astype(f"<{np.dtype(form.element_type).str[1:]}")
    limits = np.iinfo(form.element_type)
    with np.errstate(over="ignore", invalid="ignore"):
        steps = values / form.scale
        rounded = np.copysign(np.floor(np.abs(steps) + 0.5), steps) + form.zero_point
    whole = np.clip(np.nan_to_num(rounded), limits.min, limits.max)
    return np.asarray(whole.astype(np.dtype(form.element_type).newbyteorder("<")))


def to_real(tensor: bytes, form: TensorForm) -> Numbers:
    """The real numbers that a tensor's bytes stand for."""
    import numpy as np

    raw = np.frombuffer(tensor, np.dtype(form.element_type).newbyteorder("<")).astype(np.float64)
    return raw if not form.scale or form.element_type == "float32" else (raw - form.zero_point) * form.scale


def to_send(content: bytes, element_type: str | None, form: TensorForm, model_id: str) -> bytes:
    """What a device is to be sent for a row of an array of `element_type`; bytes of a file stay as they are.

    Floats are quantised for the model, or kept where the device does that; int8 images get their 128 back.
    Raises BenchmarkError where the row does not fit the model's input.
    """
    import numpy as np

    if element_type is None:
        sent = content
    else:
        values = np.frombuffer(content, np.dtype(element_type).newbyteorder("<"))
        sent = _array_to_send(values, form, model_id)
    wanted = sent_bytes(form, model_id)
    if len(sent) != wanted:
        raise BenchmarkError(f"A sample gives {len(sent)} B to send; the model {model_id} takes {wanted} B.")
    return sent


def _array_to_send(values: npt.NDArray[Any], form: TensorForm, model_id: str) -> bytes:
    import numpy as np

    if model_id == ANOMALY:
        return values.astype("<f4").tobytes()
    if values.dtype.kind == "f":
        tensor = quantised(values.astype(np.float64), form).tobytes()
        return to_tensor(tensor, form, model_id) if model_id in IMAGES else tensor
    if model_id in IMAGES and values.dtype == np.int8:
        return to_tensor(values.tobytes(), form, model_id)
    if values.dtype.name in {form.element_type, "uint8" if model_id in IMAGES else form.element_type}:
        return values.tobytes()
    raise BenchmarkError(f"A sample is of {values.dtype}; the model {model_id} takes {form.element_type}.")
