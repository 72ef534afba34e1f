"""What the reference kernels keep and ask for: layers with weights, pooling, reductions, shapes.

Each function follows the Prepare function of one kernel under
tensorflow/lite/micro/kernels: the tensors it unpacks, the persistent buffers and
the scratch requests, in that order. `ch` are output channels; sizes are bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint.layer_view import element_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.footprint.preparation import Preparation, Rule

SOFTMAX_TABLE_BYTES: Final = 2 * 513
"""One int16 lookup table of SOFTMAX: `LUTSize<int16_t>()` entries."""

LSTM_GATES: Final = ((2, 6), (1, 5), (3, 7), (4, 8))
"""Input and recurrent weights of the forget, input, cell and output gate, in the order they are prepared."""


def persist_multipliers(layer: Preparation, channels: int) -> None:
    """Multiplier and shift of each output channel, 4 bytes each."""
    layer.persist("channel multipliers", 4 * channels)
    layer.persist("channel multipliers", 4 * channels)


def unpack_int4(layer: Preparation, weights: int = 1) -> None:
    """A scratch byte for each int4 weight."""
    tensor = layer.needed_input(weights)
    if tensor.element_type == "int4":
        layer.scratch("unpacked weights", tensor.elements)


def conv_2d(layer: Preparation) -> None:
    """CONV_2D: multipliers of dimension 0 of the weights, whatever the element type."""
    layer.inspect("out0", "in0", "in1")
    persist_multipliers(layer, layer.needed_input(1).dimension(0))
    layer.inspect("in0", "in1", "in2", "out0")
    unpack_int4(layer)


def depthwise_conv_2d(layer: Preparation) -> None:
    """DEPTHWISE_CONV_2D: as CONV_2D, by dimension 3."""
    layer.inspect("out0", "in0", "in1")
    persist_multipliers(layer, layer.needed_input(1).dimension(3))
    unpack_int4(layer)
    layer.inspect("in0", "in1", "in2", "out0")


def transpose_conv(layer: Preparation) -> None:
    """TRANSPOSE_CONV: multipliers, 32- or 64-bit accumulators, a 64-bit copy of an int16 bias."""
    weights, source, output = layer.needed_input(1), layer.needed_input(2), layer.needed_output(0)
    layer.inspect("out0", "in2", "in1")
    persist_multipliers(layer, weights.dimension(0))
    if source.element_type == "int8":
        layer.scratch("accumulators", 4 * output.elements)
    if source.element_type == "int16":
        layer.scratch("accumulators", 8 * output.elements)
    if source.element_type != "float32":
        layer.inspect("in2", "in1", "in3", "out0")
    bias = layer.view.input(3)
    if source.element_type == "int16" and bias is not None and bias.element_type == "int16":
        layer.scratch("converted bias", 8 * bias.elements)


def persist_row_multipliers(layer: Preparation, weights: int) -> None:
    """Multipliers of a fully connected part whose integer weights have several scales."""
    tensor = layer.needed_input(weights)
    if tensor.is_quantized and len(tensor.scales) > 1:
        persist_multipliers(layer, len(tensor.scales))


def fully_connected(layer: Preparation) -> None:
    """FULLY_CONNECTED."""
    layer.inspect("in0", "in1", "in2", "out0")
    unpack_int4(layer)
    if layer.needed_input(0).element_type != "float32":
        persist_row_multipliers(layer, 1)


def softmax(layer: Preparation) -> None:
    """SOFTMAX: two lookup tables for int16."""
    layer.inspect("in0", "out0")
    if layer.needed_input(0).element_type == "int16":
        layer.persist("lookup tables", SOFTMAX_TABLE_BYTES)
        layer.persist("lookup tables", SOFTMAX_TABLE_BYTES)


def svdf(layer: Preparation) -> None:
    """SVDF: a 32-bit value for each batch and filter, and for int8 each batch and unit."""
    layer.inspect("in0", "in1", "in2", "in3", "in4", "out0")
    source, batch = layer.needed_input(0), layer.needed_input(0).dimension(0)
    filters = layer.needed_input(1).dimension(0)
    layer.scratch("filter results", 4 * batch * filters)
    if source.element_type == "int8":
        layer.scratch("unit results", 4 * batch * (filters // max(1, layer.view.number("rank"))))


def lstm_state_elements(layer: Preparation) -> int:
    """Elements of an LSTM's state: batch times the hidden state's second dimension."""
    batch_axis = 1 if layer.view.flag("time_major") else 0
    return layer.needed_input(0).dimension(batch_axis) * layer.needed_input(18).dimension(1)


def unidirectional_sequence_lstm(layer: Preparation) -> None:
    """UNIDIRECTIONAL_SEQUENCE_LSTM: four gate buffers of the cell state's type."""
    layer.inspect("in*", "out0")
    cell_type = layer.needed_input(19).element_type
    if cell_type == "int16":
        for gate in LSTM_GATES:
            for weights in gate:
                persist_row_multipliers(layer, weights)
    size = lstm_state_elements(layer) * element_bytes(cell_type)
    for gate_name in ("gate 0", "gate 1", "gate 2", "gate 3"):
        layer.scratch(gate_name, size)


def persist_transposed(layer: Preparation, index: int) -> None:
    """A transposed copy of an operand: its eval tensor, dimensions and data."""
    tensor = layer.needed_input(index)
    layer.persist("transposed operand", layer.demands.struct_bytes("eval_tensor"))
    layer.persist("transposed operand", layer.demands.int_array_bytes(tensor.rank))
    layer.persist("transposed operand", tensor.size_bytes)


def persist_dimensions(layer: Preparation) -> None:
    """A writable copy of the output's dimensions, as many as the file states."""
    rank = len(layer.needed_output(0).tensor.shape or ())
    layer.persist("output dimensions", layer.demands.int_array_bytes(rank))


def batch_matmul(layer: Preparation) -> None:
    """BATCH_MATMUL: multipliers of integer types, copies of operands to be transposed."""
    layer.inspect("in0", "in1", "out0")
    if layer.needed_input(0).element_type != "float32":
        layer.persist("multipliers", layer.demands.abi.kernels["batch_matmul_quantization"])
    if layer.view.flag("adj_x"):
        persist_transposed(layer, 0)
    if not layer.view.flag("adj_y"):
        persist_transposed(layer, 1)
    persist_dimensions(layer)


def copied_dimensions(*reads: str) -> Rule:
    """A kernel that copies the output's dimensions to change them."""

    def rule(layer: Preparation) -> None:
        layer.inspect(*reads)
        persist_dimensions(layer)

    return rule


def reshape(layer: Preparation) -> None:
    """RESHAPE: copies the dimensions where one of them is -1."""
    layer.inspect("in0", "out0")
    if -1 in (layer.needed_output(0).tensor.shape or ()):
        persist_dimensions(layer)


def embedding_lookup(layer: Preparation) -> None:
    """EMBEDDING_LOOKUP: output dimensions, then its own data."""
    layer.inspect("in0", "in1", "out0")
    persist_dimensions(layer)
    layer.persist_kernel_data("embedding_lookup")


def add_n(layer: Preparation) -> None:
    """ADD_N: a pointer for each input; int8 also keeps data."""
    layer.inspect("in0", "out0", *(f"in{i}" for i in range(1, len(layer.view.inputs))))
    if layer.needed_output(0).element_type == "int8":
        layer.persist_kernel_data("add_n")
    layer.scratch("input pointers", layer.demands.struct_bytes("pointer") * len(layer.view.inputs))


def only_int8_keeps(name: str, *reads: str) -> Rule:
    """A kernel that keeps data only for int8, allocated while it prepares."""

    def rule(layer: Preparation) -> None:
        layer.inspect(*reads)
        if layer.needed_output(0).element_type == "int8":
            layer.persist_kernel_data(name)

    return rule


def mirror_pad(layer: Preparation) -> None:
    """MIRROR_PAD: a number for each dimension, of output and of input."""
    layer.inspect("in0", "in1", "out0")
    rank = layer.needed_input(0).rank
    layer.scratch("output strides", 4 * rank)
    layer.scratch("input strides", 4 * rank)


def _axis_scratch(layer: Preparation) -> None:
    layer.scratch("input position", 4 * layer.needed_input(0).rank)
    layer.scratch("axes", 4 * layer.needed_input(1).elements)


def mean_or_sum(layer: Preparation) -> None:
    """MEAN, SUM: 32-bit accumulators for integer types, position and axes."""
    element_type, output = layer.needed_input(0).element_type, layer.needed_output(0)
    layer.inspect("in0", "out0", "in1")
    if element_type in {"int8", "int16"}:
        layer.scratch("accumulators", 4 * output.elements)
    _axis_scratch(layer)
    layer.inspect("in0", "in1", *(["out0"] if element_type == "int8" else []))


def reduce(layer: Preparation) -> None:
    """REDUCE_ALL, REDUCE_MAX, REDUCE_MIN: position and axes."""
    output = ["out0"] if layer.needed_input(0).element_type == "int8" else []
    layer.inspect("in0", "in1", *output, "in0", "out0", "in1")
    _axis_scratch(layer)


PREPARE: Final[Mapping[str, Rule]] = {
    "ADD_N": add_n,
    "BATCH_MATMUL": batch_matmul,
    "CONV_2D": conv_2d,
    "CUMSUM": only_int8_keeps("cumsum", "in0", "in1", "out0"),
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "DEPTH_TO_SPACE": copied_dimensions("in0", "out0"),
    "EMBEDDING_LOOKUP": embedding_lookup,
    "FULLY_CONNECTED": fully_connected,
    "GATHER": copied_dimensions("in0", "in1", "out0"),
    "GATHER_ND": copied_dimensions("in0", "in1", "out0"),
    "L2_POOL_2D": copied_dimensions("out0", "in0"),
    "LOG_SOFTMAX": only_int8_keeps("log_softmax", "in0", "out0"),
    "MEAN": mean_or_sum,
    "MIRROR_PAD": mirror_pad,
    "REDUCE_ALL": reduce,
    "REDUCE_MAX": reduce,
    "REDUCE_MIN": reduce,
    "RESHAPE": reshape,
    "SOFTMAX": softmax,
    "SPACE_TO_DEPTH": copied_dimensions("in0", "out0"),
    "SUM": mean_or_sum,
    "SVDF": svdf,
    "TRANSPOSE_CONV": transpose_conv,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": unidirectional_sequence_lstm,
}
"""Kernels that do more while they prepare than unpack the tensors their table row names."""
