"""What reference kernels of TensorFlow Lite Micro kept and asked for in November 2020, unlike today's.

Each function follows the Prepare function of one kernel under tensorflow/lite/micro/kernels
of the copy in raspberrypi/pico-tflmicro, commit 386cbcd (2020-11-25).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint import reference_conditions, reference_kernels
from tinykg.footprint.conditions import channels, no_activation, same_elements, same_shape, zero_points
from tinykg.footprint.reference_kernels import persist_multipliers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.footprint.conditions import Condition
    from tinykg.footprint.preparation import Preparation, Rule

BYTES: Final = frozenset({"int8", "uint8"})


def conv_2d(layer: Preparation) -> None:
    """CONV_2D: multipliers of dimension 0 of the weights, whatever the element type."""
    _weighted(layer, 0)


def depthwise_conv_2d(layer: Preparation) -> None:
    """DEPTHWISE_CONV_2D: as CONV_2D, by dimension 3."""
    _weighted(layer, 3)


def _weighted(layer: Preparation, dimension: int) -> None:
    layer.inspect("out0", "in0", "in1")
    persist_multipliers(layer, layer.needed_input(1).dimension(dimension))
    if layer.needed_input(0).element_type != "float32":
        layer.inspect("in0", "in1", "in2", "out0")


def concatenation(layer: Preparation) -> None:
    """CONCATENATION: scale and zero point of each 8-bit input."""
    layer.inspect("in0", "out0", "in*", "out0")
    if layer.needed_output(0).element_type in BYTES:
        layer.persist("input scales", 4 * len(layer.view.inputs))
        layer.persist("input zero points", 4 * len(layer.view.inputs))


def reads_only(*slots: str) -> Rule:
    """A kernel that looks at tensors and keeps nothing."""

    def rule(layer: Preparation) -> None:
        layer.inspect(*slots)

    return rule


def mean(layer: Preparation) -> None:
    """MEAN: 32-bit accumulators for 8-bit inputs."""
    layer.inspect("in0", "out0")
    if layer.needed_input(0).element_type in BYTES:
        layer.scratch("accumulators", 4 * layer.needed_output(0).elements)
    layer.inspect("in0", "in1")


PREPARE: Final[Mapping[str, Rule]] = {
    "CONCATENATION": concatenation,
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "FULLY_CONNECTED": reads_only("in0", "in1", "in2", "out0"),
    "MEAN": mean,
    "REDUCE_MAX": reference_kernels.PREPARE["REDUCE_MAX"],
    "RESHAPE": reads_only("in0", "out0"),
    "SOFTMAX": reference_kernels.PREPARE["SOFTMAX"],
    "SVDF": reference_kernels.PREPARE["SVDF"],
}
"""By operator; the others do what the table says."""

CONDITIONS: Final[Mapping[str, Sequence[Condition]]] = {
    "CEIL": (same_shape("in0", "out0"),),
    "CONCATENATION": (no_activation,),
    "CONV_2D": (channels(0),),
    "DEPTHWISE_CONV_2D": (channels(3),),
    "L2_NORMALIZATION": (no_activation,),
    "LOGISTIC": (zero_points("int8", -128, "out0"),),
    "PAD": reference_conditions.CONDITIONS["PAD"],
    "PADV2": reference_conditions.CONDITIONS["PADV2"],
    "RESHAPE": (same_elements,),
    "ROUND": (same_shape("in0", "out0"),),
    "SOFTMAX": (zero_points("uint8", 0, "out0"), *reference_conditions.CONDITIONS["SOFTMAX"]),
    "SVDF": reference_conditions.CONDITIONS["SVDF"],
}
"""By operator, in the order they are looked at."""
