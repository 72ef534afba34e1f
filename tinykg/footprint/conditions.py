"""Conditions that several kernels set besides element types: quantization, shapes, channels.

A condition looks at a layer and gives the reason of a refusal, to be read after the
operator's name, or None. Sources: Prepare functions of tensorflow/lite/micro/kernels;
`PopulateConvolutionQuantizationParams`, `CalculateOpDataFullyConnected`, `CheckedLog2`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeAlias

from tinykg.footprint.layer_view import LayerView

Condition: TypeAlias = Callable[[LayerView], "str | None"]

INTEGERS: Final = frozenset({"int8", "int16"})

LOG2_TOLERANCE: Final = 1e-3
"""Distance of a scale's logarithm from a whole number (`CheckedLog2`)."""


def quantized(*slots: str) -> Condition:
    """Integer tensors need a scale and a zero point."""

    def condition(view: LayerView) -> str | None:
        for slot in slots:
            for tensor in view.at(slot):
                if tensor is not None and tensor.element_type in INTEGERS and not tensor.is_quantized:
                    return f"needs scale and zero point of its {tensor.element_type} tensors; {slot} has none"
        return None

    return condition


def zero_points(element_type: str, wanted: int, *slots: str) -> Condition:
    """Tensors of one type must have a fixed zero point."""

    def condition(view: LayerView) -> str | None:
        for slot in slots:
            for tensor in view.at(slot):
                if tensor is None or tensor.element_type != element_type:
                    continue
                if tensor.zero_point != wanted:
                    found = tensor.zero_point
                    return f"takes {element_type} at {slot} with zero point {wanted}; here it is {found}"
        return None

    return condition


def unquantized_int32(*slots: str) -> Condition:
    """int32 arithmetic takes no quantization."""

    def condition(view: LayerView) -> str | None:
        output = view.output(0)
        if output is None or output.element_type != "int32":
            return None
        for slot in slots:
            if any(tensor is not None and tensor.is_quantized for tensor in view.at(slot)):
                return f"takes int32 without quantization; {slot} has a scale"
        return None

    return condition


def same_quantization(element_type: str, first: str, *slots: str) -> Condition:
    """Tensors of one type must share scale and zero point with the first."""

    def condition(view: LayerView) -> str | None:
        (anchor,) = view.at(first)
        if anchor is None or anchor.element_type != element_type:
            return None
        for slot in slots:
            for tensor in view.at(slot):
                if tensor is not None and (tensor.scale, tensor.zero_point) != (
                    anchor.scale,
                    anchor.zero_point,
                ):
                    return f"takes {element_type} with the same scale and zero point at {first} and {slot}"
        return None

    return condition


def no_activation(view: LayerView) -> str | None:
    """Kernels that do not fuse an activation."""
    activation = view.layer.options.get("fused_activation_function", "NONE")
    return None if activation == "NONE" else f"takes no fused activation; here it is {activation}"


def channels(dimension: int, source: int = 0) -> Condition:
    """Integer weights, the second input, have one scale, or one for each output channel.

    `dimension` of the weights counts the output channels; input `source` holds the activations.
    """

    def condition(view: LayerView) -> str | None:
        tensor, activations = view.input(1), view.input(source)
        if tensor is None or activations is None or activations.element_type not in INTEGERS:
            return None
        if not tensor.is_quantized:
            return f"needs scale and zero point of its {tensor.element_type} weights"
        count, outputs = len(tensor.scales), tensor.dimension(dimension)
        if count not in {1, outputs}:
            return f"has {count} weight scales for {outputs} output channels"
        axis = tensor.quantized_dimension
        if count > 1 and tensor.dimension(axis) != count:
            return f"has {count} weight scales along dimension {axis} of {tensor.dimension(axis)}"
        return None

    return condition


def row_scales(weights: int) -> Condition:
    """Several scales of fully connected weights belong to one of their dimensions."""

    def condition(view: LayerView) -> str | None:
        tensor, source = view.input(weights), view.input(0)
        if tensor is None or source is None or source.element_type not in INTEGERS:
            return None
        if len(tensor.scales) < 2 or not tensor.is_quantized:
            return None
        if tensor.element_type == "int4":
            return "takes int4 weights with one scale; this layer has one for each channel"
        if tensor.dimension(tensor.quantized_dimension) != len(tensor.scales):
            return f"has {len(tensor.scales)} weight scales along a dimension of another length"
        return None

    return condition


def power_of_two_output(exponent: int) -> Condition:
    """int16 output has a scale of 2^exponent."""

    def condition(view: LayerView) -> str | None:
        output = view.output(0)
        if output is None or output.element_type != "int16":
            return None
        if output.scale > 0:
            logarithm = math.log2(output.scale)
            if abs(logarithm - round(logarithm)) < LOG2_TOLERANCE and round(logarithm) == exponent:
                return None
        return f"takes int16 only with an output scale of 2^{exponent}"

    return condition


def single_scale_output(view: LayerView) -> str | None:
    """The output is quantized by one scale."""
    output = view.output(0)
    if output is None or (output.is_quantized and len(output.scales) == 1):
        return None
    return "needs one scale and zero point of its output"


def same_shape(*slots: str) -> Condition:
    """Tensors of equal shape."""

    def condition(view: LayerView) -> str | None:
        shapes = {tensor.shape for slot in slots for tensor in view.at(slot) if tensor is not None}
        if len(shapes) < 2:
            return None
        return (
            f"takes tensors of one shape; this layer has {' and '.join(str(list(s)) for s in sorted(shapes))}"
        )

    return condition


def same_elements(view: LayerView) -> str | None:
    """The output holds as many elements as the input."""
    source, output = view.input(0), view.output(0)
    if source is None or output is None or source.elements == output.elements:
        return None
    return f"has {source.elements} elements to fill an output of {output.elements}"


def same_type(*slots: str) -> Condition:
    """Tensors of one element type, whichever it is."""

    def condition(view: LayerView) -> str | None:
        kinds = {tensor.element_type for slot in slots for tensor in view.at(slot) if tensor is not None}
        if len(kinds) < 2:
            return None
        return f"takes tensors of one type; this layer has {' and '.join(sorted(kinds))}"

    return condition


def scaled(decider: str, *slots: str) -> Condition:
    """Integer arithmetic divides by scales, which must be above 0; `decider` says whether it is integer."""

    def condition(view: LayerView) -> str | None:
        (deciding,) = view.at(decider)
        if deciding is None or deciding.element_type not in INTEGERS:
            return None
        for slot in slots:
            if any(tensor is not None and tensor.scale <= 0 for tensor in view.at(slot)):
                return f"takes {deciding.element_type} only with scales above 0; {slot} has none"
        return None

    return condition


def compared_in_fixed_point(view: LayerView) -> str | None:
    """int8 values are compared in fixed point, with scales between 0 and 1."""
    first, second = view.input(0), view.input(1)
    if first is None or second is None or first.element_type != "int8":
        return None
    fits = 0 < first.scale < 1 and 0 < second.scale < 1
    return (
        None
        if fits
        else f"takes int8 only with scales between 0 and 1; here {first.scale} and {second.scale}"
    )


def option_type(view: LayerView) -> str | None:
    """Signal operators state their number type as option `T`, a TFLite type number."""
    source = view.input(0)
    stated = {0: "float32", 2: "int32", 7: "int16"}.get(view.custom_number("T", -1))
    if source is None or source.element_type == stated:
        return None
    return f"is made for {stated or 'no known type'}; this layer has {source.element_type}"
