"""What the reference kernels of recurrent layers insist on: SVDF and UNIDIRECTIONAL_SEQUENCE_LSTM.

Sources: tensorflow/lite/micro/kernels/{svdf_common,lstm_eval,lstm_eval_common}.cc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint.conditions import row_scales

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.footprint.conditions import Condition
    from tinykg.footprint.layer_view import LayerView, TensorView

STATE_TOLERANCE: Final = 1e-5
"""Largest difference of SVDF's bias scale and product of scales."""

INPUT_WEIGHTS: Final = range(1, 5)
RECURRENT_WEIGHTS: Final = range(5, 9)
BIASES: Final = range(12, 16)
UNSUPPORTED: Final = (9, 10, 11, 16, 17, 20, 21, 22, 23)
"""Inputs of an LSTM: peephole weights, projection, coefficients of layer normalisation."""


def _shape(tensor: TensorView | None) -> tuple[int, ...]:
    return tensor.shape if tensor is not None else ()


def _expect(name: str, tensor: TensorView | None, wanted: tuple[int, ...]) -> str | None:
    found = _shape(tensor)
    return None if found == wanted else f"takes {name} of shape {list(wanted)}; this layer has {list(found)}"


def _svdf_shapes(view: LayerView) -> str | None:
    """Filters are a multiple of the rank; weights, state, bias and output follow from them."""
    source, features, times, bias, state = (view.input(i) for i in range(5))
    rank = view.number("rank")
    if source is None or features is None or times is None:
        return None
    filters, memory, batch = features.dimension(0), times.dimension(1), source.dimension(0)
    if rank <= 0 or filters % rank:
        return f"has {filters} filters for rank {rank}"
    units = filters // rank
    return (
        _expect("feature weights", features, (filters, source.dimension(1)))
        or _expect("time weights", times, (filters, memory))
        or _expect("a state", state, (batch, memory * filters))
        or _expect("an output", view.output(0), (batch, units))
        or _expect("a bias", bias, (units, *_shape(bias)[1:]))
    )


def _svdf_state(view: LayerView) -> str | None:
    state = view.input(4)
    variable = state is not None and state.tensor.is_variable
    return None if variable else "takes its state as a variable tensor"


def _svdf_bias(view: LayerView) -> str | None:
    source, times, bias, state = (view.input(i) for i in (0, 2, 3, 4))
    if source is None or times is None or bias is None or state is None or source.element_type != "int8":
        return None
    fits = abs(bias.scale - state.scale * times.scale) < STATE_TOLERANCE
    return None if fits else "has a bias scale that is not state scale times time weight scale"


def _lstm_tensors(view: LayerView) -> str | None:
    """The plain cell: four gates with weights and biases, states as variables, no extras."""
    if any(view.input(i) is not None for i in UNSUPPORTED):
        return "takes no peephole, projection or layer normalisation tensors"
    if any(view.input(i) is None for i in (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS, *BIASES)):
        return "needs the weights and biases of all four gates"
    for index in (18, 19):
        state = view.input(index)
        if state is None or not state.tensor.is_variable:
            return "takes its states as variable tensors"
    return None


def _lstm_activation(view: LayerView) -> str | None:
    activation = view.layer.options.get("fused_activation_function", "NONE")
    return None if activation == "TANH" else f"takes the activation TANH; this layer has {activation}"


def _lstm_shapes(view: LayerView) -> str | None:
    source, hidden = view.input(0), view.input(18)
    if source is None or hidden is None:
        return None
    batch_axis = 1 if view.flag("time_major") else 0
    batch, width, state = source.dimension(batch_axis), source.dimension(2), hidden.dimension(1)
    wanted = {
        **dict.fromkeys(INPUT_WEIGHTS, (state, width)),
        **dict.fromkeys(RECURRENT_WEIGHTS, (state, state)),
        **dict.fromkeys(BIASES, (state,)),
    }
    for index, shape in wanted.items():
        reason = _expect(f"in{index}", view.input(index), shape)
        if reason is not None:
            return reason
    for tensor in (hidden, view.input(19)):
        if tensor is not None and tensor.elements != batch * state:
            return f"takes states of {batch * state} elements; this layer has {tensor.elements}"
    return _expect("an output", view.output(0), (*source.shape[:2], state))


def _lstm_types(view: LayerView) -> str | None:
    """Weights are all of one type, biases too; scales of several channels belong to a dimension."""
    for group, name in (((*INPUT_WEIGHTS, *RECURRENT_WEIGHTS), "weights"), (BIASES, "biases")):
        kinds = {tensor.element_type for tensor in map(view.input, group) if tensor is not None}
        if len(kinds) > 1:
            return f"takes {name} of one type; this layer has {' and '.join(sorted(kinds))}"
    reasons = (row_scales(index)(view) for index in (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS))
    return next((reason for reason in reasons if reason is not None), None)


SVDF: Final[Sequence[Condition]] = (_svdf_shapes, _svdf_state, _svdf_bias)
LSTM: Final[Sequence[Condition]] = (_lstm_tensors, _lstm_activation, _lstm_shapes, _lstm_types)
