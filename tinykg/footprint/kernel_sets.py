"""The kernel sets: which functions say what kernels keep and ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tinykg.footprint import (
    cmsis_nn_buffers,
    cmsis_nn_conditions,
    cmsis_nn_kernels,
    compression_kernels,
    custom_kernels,
    esp_nn_buffers,
    esp_nn_kernels,
    kernels_2020,
    reference_conditions,
    reference_kernels,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.footprint.conditions import Condition
    from tinykg.footprint.preparation import Preparation, Rule
    from tinykg.records.build import Kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSet:
    """Functions by operator; an operator without one does what its table row says."""

    init: Mapping[str, Rule] = field(default_factory=dict)
    prepare: Mapping[str, Rule] = field(default_factory=dict)
    conditions: Mapping[str, Sequence[Condition]] = field(default_factory=dict)

    def start(self, layer: Preparation, kernel: Kernel) -> None:
        """What the kernel takes when the layer is set up."""
        rule = self.init.get(kernel.operator)
        if rule is not None:
            rule(layer)
        elif kernel.data is not None:
            layer.persist_kernel_data(kernel.data)

    def prepare_layer(self, layer: Preparation, kernel: Kernel) -> None:
        """What the kernel takes when it prepares the layer."""
        rule = self.prepare.get(kernel.operator)
        if rule is not None:
            rule(layer)
        else:
            layer.inspect(*kernel.reads)


REFERENCE: Final = KernelSet(
    init=custom_kernels.INIT,
    prepare={**reference_kernels.PREPARE, **custom_kernels.PREPARE},
    conditions=reference_conditions.CONDITIONS,
)

COMPRESSION: Final = KernelSet(
    init={**REFERENCE.init, "ASSIGN_VARIABLE": compression_kernels.init_assign_variable},
    prepare=REFERENCE.prepare,
    conditions=REFERENCE.conditions,
)
"""The reference kernels of a build that reads compressed tensors."""

CMSIS_NN_DSP: Final = KernelSet(
    init=REFERENCE.init,
    prepare={**REFERENCE.prepare, **cmsis_nn_kernels.prepare(cmsis_nn_buffers.DSP)},
    conditions=cmsis_nn_conditions.CONDITIONS,
)

CMSIS_NN_HELIUM: Final = KernelSet(
    init=REFERENCE.init,
    prepare={**REFERENCE.prepare, **cmsis_nn_kernels.prepare(cmsis_nn_buffers.HELIUM)},
    conditions=cmsis_nn_conditions.HELIUM_CONDITIONS,
)

ETHOS_U: Final = KernelSet(
    init=CMSIS_NN_HELIUM.init,
    prepare={**CMSIS_NN_HELIUM.prepare, "ethos-u": custom_kernels.ethos_u},
    conditions=CMSIS_NN_HELIUM.conditions,
)

ESP_NN: Final = KernelSet(
    init=REFERENCE.init,
    prepare={**REFERENCE.prepare, **esp_nn_kernels.prepare(esp_nn_buffers.GENERIC)},
    conditions=REFERENCE.conditions,
)

ESP_NN_S3: Final = KernelSet(
    init=REFERENCE.init,
    prepare={**REFERENCE.prepare, **esp_nn_kernels.prepare(esp_nn_buffers.ESP32_S3)},
    conditions=REFERENCE.conditions,
)

REFERENCE_2020: Final = KernelSet(prepare=kernels_2020.PREPARE, conditions=kernels_2020.CONDITIONS)

KERNEL_SETS: Final[Mapping[str, KernelSet]] = {
    "reference": REFERENCE,
    "reference-2020": REFERENCE_2020,
    "reference-compression": COMPRESSION,
    "ethos-u": ETHOS_U,
    "esp-nn": ESP_NN,
    "esp-nn-esp32s3": ESP_NN_S3,
    "cmsis-nn-dsp": CMSIS_NN_DSP,
    "cmsis-nn-helium": CMSIS_NN_HELIUM,
}
"""By the name that runtime files use."""
