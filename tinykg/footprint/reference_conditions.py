"""What each reference kernel insists on besides element types, counts and ranks.

Sources: Prepare functions of tensorflow/lite/micro/kernels, and
`GetQuantizedConvolutionMultipler` (tensorflow/lite/kernels/kernel_util.cc).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tinykg.footprint import recurrent_conditions
from tinykg.footprint.conditions import (
    INTEGERS,
    Condition,
    channels,
    compared_in_fixed_point,
    no_activation,
    option_type,
    power_of_two_output,
    quantized,
    row_scales,
    same_elements,
    same_quantization,
    same_shape,
    same_type,
    scaled,
    single_scale_output,
    unquantized_int32,
    zero_points,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.footprint.layer_view import LayerView

SCALE_TOLERANCE: Final = 1e-6
"""Largest difference of input and output scale in pooling."""

BIAS_TOLERANCE: Final = 0.02
"""Largest difference of bias scale and product of scales, in output scales."""


def _bias_scale(view: LayerView) -> str | None:
    """With one weight scale, the bias has the product of input and weight scale."""
    source, weights, bias, output = view.input(0), view.input(1), view.input(2), view.output(0)
    if source is None or weights is None or bias is None or output is None:
        return None
    if source.element_type not in INTEGERS or (weights.is_quantized and len(weights.scales) > 1):
        return None
    if not output.scale:
        return f"needs a scale of its {output.element_type} output"
    difference = abs(source.scale * weights.scale - bias.scale) / output.scale
    return (
        None
        if difference <= BIAS_TOLERANCE
        else "has a bias scale that is not input scale times weight scale"
    )


def _pool(view: LayerView) -> str | None:
    source, output = view.input(0), view.output(0)
    if source is None or output is None or source.element_type not in INTEGERS:
        return None
    same = abs(source.scale - output.scale) <= SCALE_TOLERANCE and source.zero_point == output.zero_point
    return None if same else "takes integer input and output with the same scale and zero point"


def _softmax(view: LayerView) -> str | None:
    source, output = view.input(0), view.output(0)
    if source is None or output is None or source.element_type not in INTEGERS:
        return None
    if source.element_type == "int16":
        zero_points, scale, near = (source.zero_point, output.zero_point) == (0, 0), 1 / 32768, 0.001
    elif output.element_type == "int16":
        zero_points, scale, near = output.zero_point == -32768, 1 / 65536, 0.001
    else:
        zero_points, scale, near = output.zero_point == -128, 1 / 256, 0.0
    if zero_points and abs(output.scale - scale) <= near * scale:
        return None
    kind, divisor = source.element_type, round(1 / scale)
    return f"takes {kind} input only with an output scale of 1/{divisor} and the zero point that goes with it"


def _log_softmax(view: LayerView) -> str | None:
    output = view.output(0)
    if output is None or output.element_type != "int8":
        return None
    fits = (output.scale, output.zero_point) == (16 / 256, 127)
    return None if fits else "takes int8 only with an output scale of 1/16 and zero point 127"


def _hard_swish(view: LayerView) -> str | None:
    """The rescaling of int8 must not be a magnification: input scale / 128 below output scale."""
    source, output = view.input(0), view.output(0)
    if source is None or output is None or source.element_type != "int8":
        return None
    exponent = math.frexp(source.scale / 128 / output.scale)[1] if output.scale else 1
    return None if exponent <= 0 else "takes int8 with an input scale below 128 output scales"


def _embedding(view: LayerView) -> str | None:
    value, output = view.input(1), view.output(0)
    if value is None or output is None or value.element_type != "int8" or output.element_type != "float32":
        return None
    return None if value.zero_point == 0 else "takes int8 values for float32 output only with zero point 0"


def _batch_matmul(view: LayerView) -> str | None:
    left, right, output = view.input(0), view.input(1), view.output(0)
    if left is None or right is None or output is None:
        return None
    inner = (left.shape[-2 if view.flag("adj_x") else -1], right.shape[-1 if view.flag("adj_y") else -2])
    if inner[0] != inner[1]:
        return f"multiplies inner dimensions {inner[0]} and {inner[1]}"
    if output.rank != max(left.rank, right.rank):
        return f"takes an output of {max(left.rank, right.rank)} dimensions; this layer has {output.rank}"
    stated = math.prod(output.tensor.shape or ())
    return (
        None
        if stated == output.elements
        else f"gives {output.elements} elements, not the {stated} of its output"
    )


def _resize(view: LayerView) -> str | None:
    if view.flag("half_pixel_centers") and view.flag("align_corners"):
        return "takes half-pixel centres or aligned corners, not both"
    return None


def _rescaled(view: LayerView) -> str | None:
    """ABS and RSQRT: int8, and int16 with a scale, need scales on both sides."""
    source, output = view.input(0), view.output(0)
    if source is None or output is None or source.element_type not in INTEGERS:
        return None
    if source.element_type == "int16" and not source.is_quantized:
        return None
    both = source.is_quantized and output.is_quantized
    return None if both else f"needs scale and zero point of {source.element_type} input and output"


def _depth_to_space(view: LayerView) -> str | None:
    source, block = view.input(0), view.number("block_size")
    if source is None or (block > 0 and source.dimension(3) % (block * block) == 0):
        return None
    return f"takes a multiple of {block} x {block} channels; this layer has {source.dimension(3)}"


def _space_to_depth(view: LayerView) -> str | None:
    source, block = view.input(0), view.number("block_size")
    if source is None or (
        block > 0 and source.dimension(1) % block == 0 and source.dimension(2) % block == 0
    ):
        return None
    return f"takes height and width that are multiples of {block}; this layer has {list(source.shape[1:3])}"


def _third_input(view: LayerView) -> str | None:
    """A third input that is absent is released as if it were there."""
    absent = len(view.inputs) == 3 and view.inputs[2] is None
    return "takes two inputs or three; this layer marks the third as absent" if absent else None


def _plain_slices(view: LayerView) -> str | None:
    """Masks for an ellipsis and for new axes are not looked at, so the shapes do not come out right."""
    masks = [name for name in ("ellipsis_mask", "new_axis_mask") if view.number(name)]
    return f"takes no {' and '.join(masks)}" if masks else None


def _circular_buffer(view: LayerView) -> str | None:
    source, output = view.input(0), view.output(0)
    if source is None or output is None:
        return None
    batch, rows, *rest = source.shape
    fits = rows == 1 and batch == output.dimension(0) and tuple(rest) == output.shape[2:]
    return None if fits else "takes one row of an output of otherwise equal shape"


def _framer(view: LayerView) -> str | None:
    source, step = view.input(0), view.custom_at(1)
    if source is None or (step > 0 and source.dimension(-1) >= step and source.dimension(-1) % step == 0):
        return None
    return f"takes whole steps of {step} samples; this layer has {source.dimension(-1)}"


_ADDITION: Final = (quantized("out0"), scaled("out0", "in0", "in1", "out0"), unquantized_int32("in0", "in1"))
_COMPARISON: Final = (compared_in_fixed_point,)
_ELEMENTWISE_INT16: Final = (zero_points("int16", 0, "in0", "out0"),)

CONDITIONS: Final[Mapping[str, Sequence[Condition]]] = {
    "ABS": (_rescaled, *_ELEMENTWISE_INT16),
    "ADD": _ADDITION,
    "ADD_N": (same_shape("in*"), same_quantization("int8", "in0", "in*")),
    "AVERAGE_POOL_2D": (_pool,),
    "BATCH_MATMUL": (_batch_matmul, zero_points("int16", 0, "in0", "in1", "out0")),
    "CEIL": (same_shape("in0", "out0"),),
    "CIRCULAR_BUFFER": (_circular_buffer,),
    "CONCATENATION": (
        no_activation,
        same_quantization("int8", "out0", "in*"),
        zero_points("int16", 0, "in*", "out0"),
    ),
    "CONV_2D": (channels(0), quantized("in0")),
    "CUMSUM": (same_shape("in0", "out0"),),
    "DEPTHWISE_CONV_2D": (_third_input, channels(3), quantized("in0")),
    "DEPTH_TO_SPACE": (_depth_to_space,),
    "DIV": (unquantized_int32("in0", "in1"),),
    "EMBEDDING_LOOKUP": (_embedding,),
    "EQUAL": _COMPARISON,
    "EXP": (same_shape("in0", "out0"),),
    "FULLY_CONNECTED": (row_scales(1), _bias_scale),
    "GREATER": _COMPARISON,
    "GREATER_EQUAL": _COMPARISON,
    "HARD_SWISH": (_hard_swish,),
    "L2_NORMALIZATION": (no_activation,),
    "LESS": _COMPARISON,
    "LESS_EQUAL": _COMPARISON,
    "LOGISTIC": (zero_points("int8", -128, "out0"), *_ELEMENTWISE_INT16, power_of_two_output(-15)),
    "LOG_SOFTMAX": (same_shape("in0", "out0"), _log_softmax),
    "MAX_POOL_2D": (_pool,),
    "MUL": (zero_points("int16", 0, "in0", "in1", "out0"),),
    "NOT_EQUAL": _COMPARISON,
    "PAD": (same_quantization("int8", "out0", "in2"),),
    "PADV2": (same_quantization("int8", "out0", "in2"),),
    "QUANTIZE": (single_scale_output,),
    "REDUCE_MAX": (same_quantization("int8", "in0", "out0"),),
    "REDUCE_MIN": (same_quantization("int8", "in0", "out0"),),
    "RELU": _ELEMENTWISE_INT16,
    "RESHAPE": (same_elements,),
    "RESIZE_BILINEAR": (_resize,),
    "ROUND": (same_shape("in0", "out0"),),
    "RSQRT": (_rescaled, *_ELEMENTWISE_INT16),
    "SOFTMAX": (_softmax,),
    "SPACE_TO_DEPTH": (_space_to_depth,),
    "SQUARED_DIFFERENCE": (
        same_type("in0", "in1"),
        scaled("in0", "in0", "in1"),
        zero_points("int16", 0, "in0", "in1", "out0"),
    ),
    "SQUEEZE": (same_elements,),
    "STRIDED_SLICE": (_plain_slices,),
    "SUB": (scaled("out0", "in0", "in1", "out0"), unquantized_int32("in0", "in1", "out0")),
    "SVDF": recurrent_conditions.SVDF,
    "SignalFramer": (_framer,),
    "SignalIrfft": (option_type,),
    "SignalOverlapAdd": (option_type,),
    "SignalRfft": (option_type,),
    "TANH": (*_ELEMENTWISE_INT16, power_of_two_output(-15)),
    "TRANSPOSE_CONV": (channels(0, source=2), quantized("in2")),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": recurrent_conditions.LSTM,
}
"""By operator, in the order they are looked at."""
