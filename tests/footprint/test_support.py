"""Refusals: which layers, and the sentence a person reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from footprint_sketch import custom, graph, layer, model, single, tensor

from tinykg.footprint import footprint

if TYPE_CHECKING:
    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import Runtime


def reasons(found: ModelFile, runtime: Runtime) -> list[str]:
    return [refusal.reason for refusal in footprint(found, runtime).refusals]


def fully_connected(kind: str, weights: str, **options: str) -> ModelFile:
    def quantized(element_type: str, *shape: int, scale: float, data: int = 0) -> object:
        known = {} if element_type == "float32" else {"scale": scale}
        return tensor(element_type, *shape, data=data, **known)

    return single(
        layer("FULLY_CONNECTED", [0, 1, -1], [2], **options),
        quantized(kind, 1, 4, scale=0.5),  # type: ignore[arg-type]
        quantized(weights, 2, 4, scale=0.25, data=8),  # type: ignore[arg-type]
        quantized(kind, 1, 2, scale=1.0),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("kind", "weights"), [("int8", "int8"), ("int8", "int4"), ("int16", "int8"), ("float32", "float32")]
)
def test_matching_weights_are_taken(reference: Runtime, kind: str, weights: str) -> None:
    assert reasons(fully_connected(kind, weights), reference) == []


@pytest.mark.parametrize(
    ("kind", "weights"), [("float32", "int8"), ("uint8", "uint8"), ("int16", "int16"), ("int8", "float32")]
)
def test_hybrid_and_old_types_are_refused_by_name(reference: Runtime, kind: str, weights: str) -> None:
    sentence = (
        "FULLY_CONNECTED takes int8, int16 or float32 activations with matching weights; "
        f"this layer has {kind} input, {weights} weights, no bias and {kind} output"
    )
    assert reasons(fully_connected(kind, weights), reference) == [sentence]


def test_every_refused_layer_is_told_in_order(reference: Runtime) -> None:
    tensors = [tensor("float16", 4) for _ in range(4)]
    layers = [layer("NEG", [0], [1]), layer("RESHAPE", [1], [2]), layer("NEG", [2], [3])]
    refusals = footprint(model(graph(tensors, layers, [0], [3])), reference).refusals
    assert [(r.subgraph, r.layer, r.operator, r.element_types) for r in refusals] == [
        (0, 0, "NEG", ("float16",)),
        (0, 2, "NEG", ("float16",)),
    ]


def test_a_refused_file_has_no_figures(reference: Runtime) -> None:
    found = footprint(fully_connected("uint8", "uint8"), reference)
    assert (found.arena_bytes, found.ram_bytes, found.flash_bytes, found.plan) == (None, None, None, ())


def test_layers_of_other_subgraphs_are_judged_too(reference: Runtime) -> None:
    main = graph([tensor("float32", 4)] * 2, [layer("NEG", [0], [1])], [0], [1])
    other = graph([tensor("int8", 4)] * 2, [layer("NEG", [0], [1])], [0], [1])
    assert [r.subgraph for r in footprint(model(main, other), reference).refusals] == [1]


def test_operators_without_a_kernel(reference: Runtime) -> None:
    title = reference.title
    assert reasons(single(layer("GELU", [0], [1]), *[tensor("float32", 4)] * 2), reference) == [
        f"{title} has no kernel for the operator GELU"
    ]
    assert reasons(single(custom("ethos-u", [0], [1]), *[tensor("int8", 4)] * 2), reference) == [
        f"{title} has no kernel for the custom operator ethos-u"
    ]


def test_a_custom_operator_is_not_the_built_in_one_of_its_name(reference: Runtime) -> None:
    assert len(reasons(single(custom("NEG", [0], [1]), *[tensor("float32", 4)] * 2), reference)) == 1
    assert len(reasons(single(layer("SignalEnergy", [0], [1]), *[tensor("int16", 4)] * 2), reference)) == 1


Q8 = {"scale": 0.5}
CASES = {
    "RELU takes int16 at in0 with zero point 0; here it is 3": (
        layer("RELU", [0], [1]),
        tensor("int16", 4, scale=0.5, zero=3),
        tensor("int16", 4, scale=0.5),
    ),
    "CONV_2D needs scale and zero point of its int8 weights": (
        layer("CONV_2D", [0, 1], [2]),
        tensor("int8", 1, 2, 2, 1, **Q8),
        tensor("int8", 1, 1, 1, 1, data=1),
        tensor("int8", 1, 2, 2, 1, **Q8),
    ),
    "CONV_2D has 2 weight scales for 3 output channels": (
        layer("CONV_2D", [0, 1], [2]),
        tensor("int8", 1, 2, 2, 1, **Q8),
        tensor("int8", 3, 1, 1, 1, data=3, scale=[0.1, 0.2]),
        tensor("int8", 1, 2, 2, 3, **Q8),
    ),
    "CONV_2D takes 4 dimensions at in0; this layer has 3": (
        layer("CONV_2D", [0, 1], [2]),
        tensor("float32", 2, 2, 1),
        tensor("float32", 1, 1, 1, 1, data=4),
        tensor("float32", 1, 2, 2, 1),
    ),
    "FULLY_CONNECTED has a bias scale that is not input scale times weight scale": (
        layer("FULLY_CONNECTED", [0, 1, 2], [3]),
        tensor("int8", 1, 4, **Q8),
        tensor("int8", 2, 4, data=8, **Q8),
        tensor("int32", 2, data=8, scale=0.5),
        tensor("int8", 1, 2, **Q8),
    ),
    "SOFTMAX takes int8 input only with an output scale of 1/256 and the zero point that goes with it": (
        layer("SOFTMAX", [0], [1], beta=1.0),
        tensor("int8", 4, **Q8),
        tensor("int8", 4, **Q8),
    ),
    "LOGISTIC takes int8 at out0 with zero point -128; here it is 0": (
        layer("LOGISTIC", [0], [1]),
        tensor("int8", 4, **Q8),
        tensor("int8", 4, **Q8),
    ),
    "TANH takes int16 only with an output scale of 2^-15": (
        layer("TANH", [0], [1]),
        tensor("int16", 4, **Q8),
        tensor("int16", 4, **Q8),
    ),
    "AVERAGE_POOL_2D takes integer input and output with the same scale and zero point": (
        layer("AVERAGE_POOL_2D", [0], [1]),
        tensor("int8", 1, 2, 2, 1, scale=0.5),
        tensor("int8", 1, 1, 1, 1, scale=0.25),
    ),
    "CONCATENATION takes int8 with the same scale and zero point at out0 and in*": (
        layer("CONCATENATION", [0, 1], [2]),
        tensor("int8", 4, **Q8),
        tensor("int8", 4, scale=0.25),
        tensor("int8", 8, **Q8),
    ),
    "CONCATENATION takes no fused activation; here it is RELU": (
        layer("CONCATENATION", [0, 1], [2], fused_activation_function="RELU"),
        tensor("float32", 4),
        tensor("float32", 4),
        tensor("float32", 8),
    ),
    "CONCATENATION takes 1 to 10 inputs; this layer has 11": (
        layer("CONCATENATION", [0] * 11, [1]),
        tensor("float32", 4),
        tensor("float32", 44),
    ),
    "ADD takes int32 without quantization; in0 has a scale": (
        layer("ADD", [0, 1], [2]),
        tensor("int32", 4, **Q8),
        tensor("int32", 4),
        tensor("int32", 4),
    ),
    "ADD takes float32, int32, int8 or int16; this layer has float32 input, no input and float32 output": (
        layer("ADD", [0, -1], [1]),
        tensor("float32", 4),
        tensor("float32", 4),
    ),
    "SQUARED_DIFFERENCE takes tensors of one type; this layer has float32 and int8": (
        layer("SQUARED_DIFFERENCE", [0, 1], [2]),
        tensor("float32", 4),
        tensor("int8", 4),
        tensor("float32", 4),
    ),
    "EQUAL takes int8 only with scales between 0 and 1; here 1.5 and 0.5": (
        layer("EQUAL", [0, 1], [2]),
        tensor("int8", 4, scale=1.5),
        tensor("int8", 4, **Q8),
        tensor("bool", 4),
    ),
    "QUANTIZE needs one scale and zero point of its output": (
        layer("QUANTIZE", [0], [1]),
        tensor("float32", 4),
        tensor("int8", 4),
    ),
    "NEG has a tensor of shape [-1, 4]; the runtime takes no dynamic shapes": (
        layer("NEG", [0], [1]),
        tensor("float32", -1, 4),
        tensor("float32", 1, 4),
    ),
    "NEG has an output of shape [0, 4], which the runtime takes for a dynamic one": (
        layer("NEG", [0], [1]),
        tensor("float32", 1, 4),
        tensor("float32", 0, 4),
    ),
    "SHAPE has a tensor of type string, whose size the runtime does not know": (
        layer("SHAPE", [0], [1]),
        tensor("string", 1),
        tensor("int32", 1),
    ),
    "FULLY_CONNECTED has sparse weights, which the runtime reads as if they were dense": (
        layer("FULLY_CONNECTED", [0, 1, -1], [2]),
        tensor("float32", 1, 4),
        tensor("float32", 2, 4, data=9, is_sparse=True),
        tensor("float32", 1, 2),
    ),
    "TRANSPOSE needs the data of in1 in the file; here another layer computes it": (
        layer("TRANSPOSE", [0, 1], [2]),
        tensor("float32", 2, 3),
        tensor("int32", 2),
        tensor("float32", 3, 2),
    ),
    "RESHAPE has 6 elements to fill an output of 8": (
        layer("RESHAPE", [0], [1]),
        tensor("float32", 2, 3),
        tensor("float32", 2, 4),
    ),
    "BATCH_MATMUL multiplies inner dimensions 3 and 4": (
        layer("BATCH_MATMUL", [0, 1], [2]),
        tensor("float32", 2, 3),
        tensor("float32", 4, 5),
        tensor("float32", 2, 5),
    ),
    "DEPTH_TO_SPACE takes a multiple of 2 x 2 channels; this layer has 6": (
        layer("DEPTH_TO_SPACE", [0], [1], block_size=2),
        tensor("float32", 1, 2, 2, 6),
        tensor("float32", 1, 4, 4, 1),
    ),
    "STRIDED_SLICE takes no ellipsis_mask": (
        layer("STRIDED_SLICE", [0, 1, 2, 3], [4], ellipsis_mask=1),
        tensor("float32", 4),
        *[tensor("int32", 1, data=4)] * 3,
        tensor("float32", 4),
    ),
    "SVDF takes its state as a variable tensor": (
        layer("SVDF", [0, 1, 2, 3, 4], [5], rank=1),
        tensor("float32", 1, 4),
        tensor("float32", 2, 4, data=32),
        tensor("float32", 2, 3, data=24),
        tensor("float32", 2, data=8),
        tensor("float32", 1, 6),
        tensor("float32", 1, 2),
    ),
    "DEPTHWISE_CONV_2D takes two inputs or three; this layer marks the third as absent": (
        layer("DEPTHWISE_CONV_2D", [0, 1, -1], [2]),
        tensor("float32", 1, 2, 2, 1),
        tensor("float32", 1, 1, 1, 1, data=4),
        tensor("float32", 1, 2, 2, 1),
    ),
    "SignalRfft is made for int16; this layer has float32": (
        custom("SignalRfft", [0], [1], T=7, fft_length=8),
        tensor("float32", 8),
        tensor("float32", 10),
    ),
}


@pytest.mark.parametrize("reason", CASES, ids=[reason[:60] for reason in CASES])
def test_what_kernels_insist_on(reference: Runtime, reason: str) -> None:
    layer_, *tensors = CASES[reason]
    assert reasons(single(layer_, *tensors), reference) == [reason]  # type: ignore[arg-type]


def test_custom_options_on_a_built_in_operator(reference: Runtime) -> None:
    stray = replace(layer("NEG", [0], [1]), custom_options_bytes=4)
    assert reasons(single(stray, *[tensor("float32", 4)] * 2), reference) == [
        "NEG is built in but carries custom options, which the runtime refuses"
    ]


def test_an_intermediate_tensor_with_content(reference: Runtime) -> None:
    kept = replace(layer("NEG", [0], [1]), intermediates=(2,))
    assert reasons(single(kept, *[tensor("float32", 4)] * 3), reference) == [
        "NEG has an intermediate tensor of 16 bytes; the runtime takes empty ones"
    ]
    assert reasons(single(kept, *[tensor("float32", 4)] * 2, tensor("float32", 0)), reference) == []


def test_a_tensor_without_size_that_no_layer_uses(reference: Runtime) -> None:
    main = graph(
        [tensor("float32", 4)] * 2 + [tensor("string", 1, name="label")], [layer("NEG", [0], [1])], [0], [1]
    )
    assert reasons(model(main), reference) == [
        f"{reference.title} does not know the size of string, the type of 'label'"
    ]


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ((1, 0, 3, -1, -1, -1), "the file's memory plan places 3 tensors; the file has 2"),
        ((1, 0), "the file's memory plan places 0 tensors; the file has 2"),
        ((1, 0, 2, -1), "the file's memory plan places 2 tensors; the file has 2"),
        ((1, 0, 2, -1, -2), "the file's memory plan has a negative offset"),
    ],
)
def test_a_memory_plan_that_does_not_fit_the_file(
    reference: Runtime, plan: tuple[int, ...], reason: str
) -> None:
    main = graph([tensor("float32", 4)] * 2, [layer("NEG", [0], [1])], [0], [1])
    assert reasons(model(main, plan=plan), reference) == [reason]


def branches(taken: int, given: int) -> ModelFile:
    """IF with a branch that takes `taken` and gives `given` elements; the layer passes and takes 4."""
    branch = graph([tensor("float32", taken), tensor("float32", given)], [layer("NEG", [0], [1])], [0], [1])
    call = layer("IF", [0, 1], [2], then_subgraph_index=1, else_subgraph_index=1)
    return model(graph([tensor("bool", 1), *[tensor("float32", 4)] * 2], [call], [0, 1], [2]), branch)


def test_called_subgraphs_must_take_and_give_what_is_passed(reference: Runtime) -> None:
    assert reasons(branches(4, 4), reference) == []
    assert reasons(branches(5, 4), reference) == ["IF passes 16 bytes to subgraph 1, which takes 20"]
    assert reasons(branches(4, 5), reference) == ["IF takes 16 bytes from subgraph 1, which gives 20"]


def test_a_loop_gives_what_it_takes(reference: Runtime) -> None:
    condition = graph([tensor("float32", 4), tensor("bool", 1)], [], [0], [1])
    body = graph([tensor("float32", 4)] * 2, [layer("NEG", [0], [1])], [0], [1])
    call = layer("WHILE", [0], [1], cond_subgraph_index=1, body_subgraph_index=2)
    loop = model(graph([tensor("float32", 4)] * 2, [call], [0], [1]), condition, body)
    assert reasons(loop, reference) == []
    call = layer("WHILE", [0], [], cond_subgraph_index=1, body_subgraph_index=2)
    loop = model(graph([tensor("float32", 4)] * 2, [call], [0], [1]), condition, body)
    assert reasons(loop, reference) == ["WHILE takes 0 tensors from subgraph 2, which gives 1"]


def test_types_that_a_kernel_never_looks_at_are_not_refused(reference: Runtime) -> None:
    """TensorFlow Lite Micro adds what it finds; the table still says what is meant to be added."""
    mixed = single(layer("ADD", [0, 1], [2]), tensor("float32", 4), tensor("int8", 4), tensor("float32", 4))
    assert reasons(mixed, reference) == []
    assert ("float32", "int8", "float32") not in reference.operators["ADD"].types


def test_operator_versions_are_not_checked(reference: Runtime) -> None:
    late = replace(layer("NEG", [0], [1]), version=99)
    assert reasons(single(late, *[tensor("float32", 4)] * 2), reference) == []
    assert reference.operators["NEG"].versions is None
