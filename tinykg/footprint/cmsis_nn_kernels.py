"""What the CMSIS-NN kernels keep and ask for, where they differ from the reference kernels.

Each function follows the Prepare function of one kernel under
tensorflow/lite/micro/kernels/cmsis_nn; how much memory the functions of CMSIS-NN
need comes with `Buffers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from tinykg.footprint.cmsis_nn_buffers import Buffers, reversed_weights, window
from tinykg.footprint.conditions import INTEGERS
from tinykg.footprint.layer_view import element_bytes
from tinykg.footprint.reference_kernels import (
    LSTM_GATES,
    lstm_state_elements,
    persist_dimensions,
    persist_multipliers,
    persist_row_multipliers,
    persist_transposed,
    svdf,
)

if TYPE_CHECKING:
    from tinykg.footprint.cmsis_nn_buffers import Window
    from tinykg.footprint.preparation import Preparation, Rule

LSTM_KERNEL_SUMS: Final = 8
"""Of input and of recurrent weights, for each gate."""


def _scratch(layer: Preparation, label: str, size_bytes: int) -> None:
    """Ask for a buffer unless it is empty."""
    if size_bytes > 0:
        layer.scratch(label, size_bytes)


def _window(layer: Preparation, source: int = 0) -> Window:
    view = layer.view
    return window(view, layer.needed_input(source), layer.needed_input(1), layer.needed_output(0))


def conv_2d(buffers: Buffers, layer: Preparation) -> None:
    """CONV_2D: multipliers for integers only; int4 weights take the buffer of int8."""
    source, weights = layer.needed_input(0), layer.needed_input(1)
    layer.inspect("in0", "in1", "out0")
    if source.element_type in INTEGERS:
        persist_multipliers(layer, weights.dimension(0))
    layer.inspect("in0", "in1", "in2", "out0")
    if source.element_type == "int8":
        _scratch(layer, "input columns", buffers.convolution_int8(_window(layer)))
    if source.element_type == "int16":
        _scratch(layer, "input columns", buffers.convolution_int16(_window(layer)))


def depthwise_conv_2d(buffers: Buffers, layer: Preparation) -> None:
    """DEPTHWISE_CONV_2D: multipliers for integers only; int16 runs as in the reference kernel."""
    source, weights = layer.needed_input(0), layer.needed_input(1)
    layer.inspect("in0", "in1", "out0")
    if source.element_type in INTEGERS:
        persist_multipliers(layer, weights.dimension(3))
    layer.inspect("in0", "in1", "in2", "out0")
    if source.element_type == "int8":
        size = buffers.depthwise_int4 if weights.element_type == "int4" else buffers.depthwise_int8
        _scratch(layer, "input columns", size(_window(layer)))


def transpose_conv(buffers: Buffers, layer: Preparation) -> None:
    """TRANSPOSE_CONV: int8 asks for two buffers even where they are empty."""
    weights, source, output = layer.needed_input(1), layer.needed_input(2), layer.needed_output(0)
    layer.inspect("out0", "in2", "in1")
    persist_multipliers(layer, weights.dimension(0))
    if source.element_type == "int8":
        transposed = _window(layer, source=2)
        layer.scratch("accumulators", buffers.transposed_int8(transposed))
        layer.scratch("reversed weights", reversed_weights(transposed))
    if source.element_type == "int16":
        layer.scratch("accumulators", 8 * output.elements)
    if source.element_type != "float32":
        layer.inspect("in2", "in1", "in3", "out0")
    bias = layer.view.input(3)
    if source.element_type == "int16" and bias is not None and bias.element_type == "int16":
        layer.scratch("converted bias", 8 * bias.elements)


def fully_connected(buffers: Buffers, layer: Preparation) -> None:
    """FULLY_CONNECTED: int8 of more than two dimensions runs as a pointwise convolution.

    That takes multipliers of each channel, copied while it runs. Otherwise sums of
    constant weights are worked out once and kept.
    """
    source, weights, bias = layer.needed_input(0), layer.needed_input(1), layer.view.input(2)
    output = layer.needed_output(0)
    layer.inspect("in0", "in1", "in2", "out0")
    if source.element_type != "float32":
        persist_row_multipliers(layer, 1)
    if source.element_type != "int8" or weights.element_type == "int4":
        return
    outputs = output.dimension(-1)
    if output.rank > 2 and weights.dimension(-1) % 4 == 0:
        if not weights.is_quantized or len(weights.scales) < 2:
            layer.scratch("channel multipliers", 8 * outputs)
        return
    sums = buffers.row_sum_bytes * outputs
    if sums and weights.is_constant and (bias is None or bias.is_constant):
        layer.persist("weight sums", sums)
    else:
        _scratch(layer, "weight sums", sums)


def average_pool_2d(buffers: Buffers, layer: Preparation) -> None:
    """AVERAGE_POOL_2D: sums of each channel."""
    source = layer.needed_input(0)
    layer.inspect("in0", "out0", "in0", "out0")
    if source.element_type in INTEGERS:
        _scratch(layer, "channel sums", buffers.average_pool_channel_bytes * source.dimension(3))


def kept_svdf(buffers: Buffers, layer: Preparation) -> None:
    """SVDF: as the reference kernel, and sums of the feature weights."""
    svdf(layer)
    sums = buffers.row_sum_bytes * layer.needed_input(1).dimension(0)
    if sums and layer.needed_input(0).element_type == "int8":
        layer.persist("weight sums", sums)


def batch_matmul(buffers: Buffers, layer: Preparation) -> None:
    """BATCH_MATMUL: the multipliers come last."""
    source, output = layer.needed_input(0), layer.needed_output(0)
    layer.inspect("in0", "in1", "out0")
    if layer.view.flag("adj_x"):
        persist_transposed(layer, 0)
    if not layer.view.flag("adj_y"):
        persist_transposed(layer, 1)
    persist_dimensions(layer)
    if source.element_type != "float32":
        layer.persist("multipliers", layer.demands.abi.kernels["batch_matmul_quantization"])
    if source.element_type == "int8":
        _scratch(layer, "weight sums", buffers.row_sum_bytes * output.dimension(-1))


def unidirectional_sequence_lstm(layer: Preparation) -> None:
    """UNIDIRECTIONAL_SEQUENCE_LSTM: integers keep weight sums and take three buffers, float four."""
    source, cell_type = layer.needed_input(0), layer.needed_input(19).element_type
    layer.inspect("in*", "out0")
    names = ["gate 0", "gate 1", "gate 2", "gate 3"]
    if cell_type == "int16":
        for gate in LSTM_GATES:
            for weights in gate:
                persist_row_multipliers(layer, weights)
        bias_bytes = 8 if source.element_type == "int16" else 4
        for _sums in range(LSTM_KERNEL_SUMS):
            layer.persist("weight sums", bias_bytes * layer.needed_input(18).dimension(1))
        names.pop()
    size = lstm_state_elements(layer) * element_bytes(cell_type)
    for name in names:
        layer.scratch(name, size)


BufferRule: TypeAlias = Callable[[Buffers, "Preparation"], None]

_RULES: Final[Mapping[str, BufferRule]] = {
    "AVERAGE_POOL_2D": average_pool_2d,
    "BATCH_MATMUL": batch_matmul,
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "FULLY_CONNECTED": fully_connected,
    "SVDF": kept_svdf,
    "TRANSPOSE_CONV": transpose_conv,
}


def prepare(buffers: Buffers) -> Mapping[str, Rule]:
    """The kernels that differ from the reference, built for one vector unit."""
    sized = {operator: partial(rule, buffers) for operator, rule in _RULES.items()}
    return {**sized, "UNIDIRECTIONAL_SEQUENCE_LSTM": unidirectional_sequence_lstm}
