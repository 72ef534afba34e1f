"""The kernel sets: which functions say what kernels keep and ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tinykg.footprint import (
    cmsis_nn_buffers,
    cmsis_nn_conditions,
    cmsis_nn_kernels,
    custom_kernels,
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

KERNEL_SETS: Final[Mapping[str, KernelSet]] = {
    "reference": REFERENCE,
    "cmsis-nn-dsp": CMSIS_NN_DSP,
    "cmsis-nn-helium": CMSIS_NN_HELIUM,
}
"""By the name that runtime files use."""
