"""What the CMSIS-NN kernels insist on besides what the reference kernels do.

Sources: Prepare functions of tensorflow/lite/micro/kernels/cmsis_nn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint.conditions import Condition, same_type, zero_points
from tinykg.footprint.recurrent_conditions import BIASES, INPUT_WEIGHTS, RECURRENT_WEIGHTS
from tinykg.footprint.reference_conditions import CONDITIONS as REFERENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.footprint.layer_view import LayerView


def constant(*slots: str) -> Condition:
    """Tensors that must be in the file."""

    def condition(view: LayerView) -> str | None:
        for slot in slots:
            if any(tensor is not None and not tensor.is_constant for tensor in view.at(slot)):
                return f"needs constant data at {slot}"
        return None

    return condition


def _groups(view: LayerView) -> str | None:
    source, weights, output = view.input(0), view.input(1), view.output(0)
    if source is None or weights is None or output is None:
        return None
    if source.dimension(0) != output.dimension(0):
        return f"has a batch of {source.dimension(0)} in and {output.dimension(0)} out"
    channels, group = source.dimension(3), weights.dimension(3)
    if group > 0 and channels % group == 0:
        return None
    return f"takes a multiple of its weights' {group} channels; this layer has {channels}"


def _channel_scales(view: LayerView) -> str | None:
    """Several scales of fully connected weights only with int8."""
    source, weights = view.input(0), view.input(1)
    if source is None or weights is None or source.element_type != "int16" or len(weights.scales) < 2:
        return None
    return "takes int16 activations only with weights of one scale"


def _bias_for_int16(view: LayerView) -> str | None:
    """The kernel reads the type of an absent bias."""
    source, bias = view.input(2), view.input(3)
    absent = source is not None and source.element_type == "int16" and bias is None
    return "takes int16 activations only with a bias" if absent else None


def _four_dimensions(view: LayerView) -> str | None:
    ranks = [tensor.rank for tensor in view.inputs[:2] if tensor is not None]
    return None if max(ranks, default=0) <= 4 else f"takes 2 to 4 dimensions; this layer has {max(ranks)}"


def _eight_bits_in_four_dimensions(view: LayerView) -> str | None:
    source = view.input(0)
    if source is None or source.element_type != "int8" or source.rank <= 4:
        return None
    return f"takes int8 of up to 4 dimensions; this layer has {source.rank}"


_INT16: Final = zero_points("int16", 0, "in0", "out0")

_ADDED: Final[Mapping[str, Sequence[Condition]]] = {
    "ADD": (same_type("in0", "in1", "out0"), zero_points("int16", 0, "in0", "in1", "out0")),
    "BATCH_MATMUL": (_four_dimensions,),
    "CONV_2D": (_groups, _INT16),
    "DEPTHWISE_CONV_2D": (_INT16,),
    "FULLY_CONNECTED": (_channel_scales, _INT16),
    "TRANSPOSE": (_eight_bits_in_four_dimensions,),
    "TRANSPOSE_CONV": (_bias_for_int16,),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": (
        constant(*(f"in{index}" for index in (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS, *BIASES))),
    ),
}

CONDITIONS: Final = {
    **REFERENCE,
    **{name: (*REFERENCE.get(name, ()), *more) for name, more in _ADDED.items()},
}
"""By operator: those of the reference kernels, then those that CMSIS-NN adds."""


def _constant_int8_features(view: LayerView) -> str | None:
    source = view.input(0)
    return constant("in1")(view) if source is not None and source.element_type == "int8" else None


HELIUM_CONDITIONS: Final = {**CONDITIONS, "SVDF": (*CONDITIONS["SVDF"], _constant_int8_features)}
"""With Helium, sums of SVDF's feature weights are worked out beforehand."""
