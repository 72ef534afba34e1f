"""Multiply-accumulate operations and parameters of a layer, from the shapes of its tensors.

One MAC is one product added to a sum. Counted are the products of weights (or of a
second matrix) with data, for the whole batch and all time steps the shapes state;
not counted are biases, scaling, activations, pooling and element-wise arithmetic.
A kernel counts in full at the borders, where padding makes some products trivial:
that is what the published figures of MLPerf Tiny and of model tables do too.

Formulas, with output [n, oh, ow, oc], filter [oc, kh, kw, ic], input [n, h, w, c]:

    conv_1x1, conv_kxk   n oh ow oc * kh kw ic          (ic is c / groups in grouped convolution)
    depthwise_conv       n oh ow oc * kh kw             filter [1, kh, kw, oc]
    conv_3d              n od oh ow oc * kd kh kw ic    filter [kd, kh, kw, ic, oc]
    transpose_conv       n h w ic * kh kw oc            each input value meets the whole filter
    fully_connected      output elements * ic           weights [units, ic]
    batch_matmul         output elements * k            k is the contracted dimension
    lstm                 steps * (elements of all input, recurrent and projection weights + peepholes)
    rnn                  steps * (elements of input and recurrent weights)
    svdf                 batch * (features * input size + features * memory size)

`steps` is batch times time. Peepholes are products with diagonal matrices.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tinykg.records.model_file import OptionValue, Tensor

Tensors: TypeAlias = "Sequence[Tensor | None]"
MacCount: TypeAlias = "tuple[str | None, int]"
Options: TypeAlias = "Mapping[str, OptionValue]"

_GATES: Final = (*range(1, 12), 16)
"""Inputs of an LSTM that are multiplied: input (1-4), recurrent (5-8), peephole (9-11), projection (16)."""

_BIDIRECTIONAL_GATES: Final = (*_GATES, *range(18, 29), 33, *range(40, 48))
"""The same of both directions, and the weights of the auxiliary input (40-47)."""

_ALL_LSTM: Final = (*range(1, 18), *range(20, 24))
_PARAMETER_INPUTS: Final[Mapping[str, tuple[int, ...]]] = {
    "CONV_2D": (1, 2),
    "DEPTHWISE_CONV_2D": (1, 2),
    "CONV_3D": (1, 2),
    "TRANSPOSE_CONV": (1, 3),
    "CONV_3D_TRANSPOSE": (1, 3),
    "FULLY_CONNECTED": (1, 2),
    "BATCH_MATMUL": (0, 1),
    "SVDF": (1, 2, 3),
    "RNN": (1, 2, 3),
    "UNIDIRECTIONAL_SEQUENCE_RNN": (1, 2, 3),
    "BIDIRECTIONAL_SEQUENCE_RNN": (1, 2, 3, 5, 6, 7, 10, 11),
    "LSTM": _ALL_LSTM,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _ALL_LSTM,
    "BIDIRECTIONAL_SEQUENCE_LSTM": (*range(1, 35), *range(40, 48)),
    "ADD": (0, 1),
    "SUB": (0, 1),
    "MUL": (0, 1),
    "DIV": (0, 1),
    "PRELU": (1,),
    "GATHER": (0,),
    "EMBEDDING_LOOKUP": (1,),
    "DEQUANTIZE": (0,),
    "DENSIFY": (0,),
}
"""Inputs that hold weights, biases or other learnt values when they are constant.

`DEQUANTIZE` and `DENSIFY` are where float16 and sparse weights enter a graph; the
element-wise operators hold scales and offsets that the converter did not fold.
Shapes, axes, paddings and indices, as in `RESHAPE` or `MEAN`, are no parameters.
"""


class Constants:
    """Counts the parameters of a file's layers, each constant where it is used first.

    Two tensors of a subgraph that share their bytes both count: converters merge
    the equal biases of different layers, which stay parameters of their own. A
    constant that an earlier subgraph used does not count again.
    """

    def __init__(self) -> None:
        self._used: dict[int, tuple[int, set[int]]] = {}

    def count(self, operator: str, subgraph: int, inputs: Tensors) -> int:
        """The elements of the layer's learnt constants that no layer before it used.

        Custom operators have none, as nobody knows the roles of their constants.
        """
        elements = 0
        for position in _PARAMETER_INPUTS.get(operator, ()):
            tensor = _input(inputs, position)
            if tensor is None or not tensor.data_bytes:
                continue
            owner, tensors = self._used.setdefault(tensor.buffer, (subgraph, set()))
            if owner == subgraph and tensor.index not in tensors:
                tensors.add(tensor.index)
                elements += prod(_shape(tensor))
        return elements


def count_macs(operator: str, options: Options, inputs: Tensors, outputs: Sequence[Tensor]) -> MacCount:
    """Class and number of a layer's MACs; (None, 0) where the operator has none.

    So it is too where a tensor that the formula needs is absent or has another rank.
    """
    formula = _FORMULAS.get(operator)
    return (None, 0) if formula is None else formula(options, inputs, outputs)


def _input(inputs: Tensors, position: int) -> Tensor | None:
    return inputs[position] if position < len(inputs) else None


def _shape(tensor: Tensor | None) -> tuple[int, ...]:
    """The shape, a dimension that is not known as 1; () for a scalar or an absent tensor."""
    if tensor is None or tensor.shape is None:
        return ()
    return tuple(map(abs, tensor.shape)) if -1 in tensor.shape else tensor.shape


def _convolution(_: Options, inputs: Tensors, outputs: Sequence[Tensor]) -> MacCount:
    filters = _shape(_input(inputs, 1))
    if len(filters) != 4 or not outputs:
        return None, 0
    kind = "conv_1x1" if filters[1] == filters[2] == 1 else "conv_kxk"
    return kind, prod(_shape(outputs[0])) * prod(filters[1:])


def _depthwise(_: Options, inputs: Tensors, outputs: Sequence[Tensor]) -> MacCount:
    filters = _shape(_input(inputs, 1))
    if len(filters) != 4 or not outputs:
        return None, 0
    return "depthwise_conv", prod(_shape(outputs[0])) * filters[1] * filters[2]


def _convolution_3d(_: Options, inputs: Tensors, outputs: Sequence[Tensor]) -> MacCount:
    filters = _shape(_input(inputs, 1))
    if len(filters) != 5 or not outputs:
        return None, 0
    return "conv_3d", prod(_shape(outputs[0])) * prod(filters[:4])


def _transposed(_: Options, inputs: Tensors, __: Sequence[Tensor]) -> MacCount:
    """Inputs are (output shape, filter, data); the filter's last dimension is the data's channels."""
    filters = _shape(_input(inputs, 1))
    if len(filters) not in {4, 5}:
        return None, 0
    return "transpose_conv", prod(_shape(_input(inputs, 2))) * prod(filters[:-1])


def _fully_connected(_: Options, inputs: Tensors, outputs: Sequence[Tensor]) -> MacCount:
    weights = _shape(_input(inputs, 1))
    if len(weights) != 2 or not outputs:
        return None, 0
    return "fully_connected", prod(_shape(outputs[0])) * weights[1]


def _batch_matmul(options: Options, inputs: Tensors, outputs: Sequence[Tensor]) -> MacCount:
    left = _shape(_input(inputs, 0))
    if len(left) < 2 or not outputs:
        return None, 0
    return "batch_matmul", prod(_shape(outputs[0])) * left[-2 if options.get("adj_x") else -1]


def _steps(inputs: Tensors) -> int:
    """Batch times time: all dimensions of the first input but the last."""
    return prod(_shape(_input(inputs, 0))[:-1])


def _weights(inputs: Tensors, positions: Sequence[int]) -> int:
    """Elements of the tensors at `positions`, 0 for absent ones."""
    tensors = [_input(inputs, position) for position in positions]
    return sum(prod(_shape(tensor)) for tensor in tensors if tensor is not None)


def _lstm(options: Options, inputs: Tensors, _: Sequence[Tensor]) -> MacCount:
    """The basic kernel has one weight matrix [4 cells, input + output] at position 2."""
    gates = (2,) if options.get("kernel_type") == "BASIC" else _GATES
    return "lstm", _steps(inputs) * _weights(inputs, gates)


def _bidirectional_lstm(_: Options, inputs: Tensors, __: Sequence[Tensor]) -> MacCount:
    return "lstm", _steps(inputs) * _weights(inputs, _BIDIRECTIONAL_GATES)


def _rnn(_: Options, inputs: Tensors, __: Sequence[Tensor]) -> MacCount:
    return "rnn", _steps(inputs) * _weights(inputs, (1, 2))


def _bidirectional_rnn(_: Options, inputs: Tensors, __: Sequence[Tensor]) -> MacCount:
    return "rnn", _steps(inputs) * _weights(inputs, (1, 2, 5, 6, 10, 11))


def _svdf(_: Options, inputs: Tensors, __: Sequence[Tensor]) -> MacCount:
    return "svdf", _steps(inputs) * _weights(inputs, (1, 2))


_FORMULAS: Final[Mapping[str, Callable[[Options, Tensors, Sequence[Tensor]], MacCount]]] = {
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _depthwise,
    "CONV_3D": _convolution_3d,
    "TRANSPOSE_CONV": _transposed,
    "CONV_3D_TRANSPOSE": _transposed,
    "FULLY_CONNECTED": _fully_connected,
    "BATCH_MATMUL": _batch_matmul,
    "LSTM": _lstm,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm,
    "BIDIRECTIONAL_SEQUENCE_LSTM": _bidirectional_lstm,
    "RNN": _rnn,
    "UNIDIRECTIONAL_SEQUENCE_RNN": _rnn,
    "BIDIRECTIONAL_SEQUENCE_RNN": _bidirectional_rnn,
    "SVDF": _svdf,
}
