"""Whether a device runs the model that is meant, and what it is to be sent: as far as it can be told.

The protocol names a model by an identifier such as `kws01` and says nothing of its file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.bench.dut_tensors import (
    ANOMALY,
    INPUT_ELEMENTS,
    MLPERF_FILES,
    OTHER_NAMES,
    form_of,
    to_real,
    to_send,
)
from tinykg.bench.seeded_inputs import input_tensors, seeded_inputs
from tinykg.errors import DeviceGarbled

if TYPE_CHECKING:
    from tinykg.bench.dut_messages import Identity
    from tinykg.bench.dut_tensors import TensorForm
    from tinykg.records.model_file import ModelFile

_FILE_ID: Final = re.compile(r"^file-([0-9a-f]{16})$")
"""How a simulated device names a model that is none of MLPerf's: by its file's SHA-256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceModel:
    """The model as a device has it: its identifier, its inputs, and what is not certain about it."""

    id: str
    forms: tuple[TensorForm, ...]
    caveat: str | None

    def to_send(self, content: bytes, element_type: str | None) -> bytes:
        """What the device is to be sent for an input that is given as bytes of `element_type`."""
        if len(self.forms) == 1:
            return to_send(content, element_type, self.forms[0], self.id)
        return content


def model_on_device(identity: Identity, file: ModelFile) -> DeviceModel:
    """The model that the device says it has; raises DeviceGarbled where that cannot be the file's."""
    said = OTHER_NAMES.get(identity.model or "", identity.model or "")
    forms = tuple(form_of(tensor) for tensor in input_tensors(file))
    ours = MLPERF_FILES.get(file.sha256)
    by_file = _FILE_ID.match(said)
    if by_file and not file.sha256.startswith(by_file[1]):
        raise DeviceGarbled("profile", f"runs the file {by_file[1]}..., not {file.sha256[:16]}...")
    if ours is not None and said in INPUT_ELEMENTS and said != ours:
        raise DeviceGarbled("profile", f"runs {said}; this file is {ours}")
    elements = sum(form.elements for form in forms)
    wanted = INPUT_ELEMENTS.get(said)
    if wanted is not None and wanted != elements:
        raise DeviceGarbled(
            "profile",
            f"runs {said}, which takes {wanted} numbers; this model takes {elements}: another network",
        )
    return DeviceModel(id=said, forms=forms, caveat=None if by_file else _caveat(said, ours))


def _caveat(said: str, ours: str | None) -> str:
    if ours is not None and said == ours:
        return (
            f"The device says that it runs {said}; the protocol does not tell from which file it was built."
        )
    return (
        f"The device calls its model {said!r}; that it is this file is the word of whoever started the run: "
        "the protocol does not tell."
    )


def seeded_to_send(file: ModelFile, model: DeviceModel) -> bytes:
    """A pseudo-random input that anybody can make again, in the form that the device takes."""
    (content,) = seeded_inputs(file, 1)
    if len(model.forms) != 1:
        return content
    (form,) = model.forms
    if model.id == ANOMALY:
        return to_real(content, form).astype("<f4").tobytes()
    return model.to_send(content, form.element_type)
