"""Allocation of small models, with the bytes worked out by hand from the runtime's structs.

On 32-bit Arm an interpreter takes 36 + 44 + 36 + 8 bytes, each subgraph 8, each tensor
12, each layer 32, each graph input or output a 4-byte pointer (16-byte aligned) and a
description of 32, with 12 + 4 + 4 for its quantization.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from footprint_sketch import custom, graph, layer, model, single, tensor

from tinykg.footprint import footprint

if TYPE_CHECKING:
    from tinykg.records.footprint import Footprint
    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import Runtime

INTERPRETER = 36 + 44 + 36 + 8 + 8


def shares(found: Footprint) -> dict[str, int]:
    totals: dict[str, int] = {}
    for share in found.tail:
        totals[share.name] = totals.get(share.name, 0) + share.size_bytes
    return totals


def test_a_model_of_one_float_layer(reference: Runtime) -> None:
    found = footprint(single(layer("NEG", [0], [1]), tensor("float32", 10), tensor("float32", 10)), reference)
    assert found.head_bytes == 48 + 48
    assert shares(found) == {
        "interpreter": INTERPRETER,
        "tensors of subgraph 0": 24,
        "layers of subgraph 0": 32,
        "graph inputs": 4 + 32,
        "graph outputs": 16 + 32,
    }
    assert found.tail_bytes == INTERPRETER + 24 + 32 + 36 + 48
    assert found.arena_used_bytes == 96 + 272
    assert [(b.name, b.first, b.last, b.offset_bytes, b.size_bytes) for b in found.plan] == [
        ("tensor 0", 0, 1, 48, 48),
        ("tensor 1", 1, 1, 0, 48),
    ]


def test_the_arena_to_reserve_includes_the_planner_s_tables(reference: Runtime) -> None:
    """Requests of 12, a subgraph offset of 4, 24 for each tensor; then 40 for each planned buffer."""
    found = footprint(single(layer("NEG", [0], [1]), tensor("float32", 10), tensor("float32", 10)), reference)
    persistent, tables = INTERPRETER + 24 + 32, 12 * 12 + 4 + 2 * 24
    assert (persistent, tables) == (188, 196)
    assert found.arena_bytes == 192 + 208 + 2 * 40
    assert found.arena_bytes > (found.arena_used_bytes or 0)


def test_ram_and_flash_are_sums(reference: Runtime) -> None:
    neg = single(layer("NEG", [0], [1]), tensor("float32", 10), tensor("float32", 10))
    found = footprint(neg, reference)
    assert found.static_ram_bytes == 208 + 12 + 36 + 24
    assert found.ram_bytes == (found.arena_bytes or 0) + 280
    assert found.model_bytes == 1000
    assert found.flash_bytes == 1000 + (found.code_bytes or 0)
    assert (found.code_bytes or 0) > reference.core_code_bytes


def conv(kind: str, weights: str, channels: int) -> ModelFile:
    quantized = {} if kind == "float32" else {"scale": 0.5}
    wide = {} if kind == "float32" else {"scale": [0.1] * channels}
    return single(
        layer("CONV_2D", [0, 1], [2], padding="SAME", stride_h=1, stride_w=1),
        tensor(kind, 1, 4, 4, 2, **quantized),
        tensor(weights, channels, 3, 3, 2, data=1, **wide),
        tensor(kind, 1, 4, 4, channels, **quantized),
    )


def test_convolution_keeps_multipliers_of_every_channel_even_for_float(reference: Runtime) -> None:
    name = "layer 0/0 CONV_2D: channel multipliers"
    assert shares(footprint(conv("int8", "int8", 8), reference))[name] == 2 * 32
    assert shares(footprint(conv("float32", "float32", 8), reference))[name] == 2 * 32


def test_int4_weights_are_unpacked_into_a_scratch_buffer(reference: Runtime) -> None:
    found = footprint(conv("int8", "int4", 8), reference)
    assert [b.size_bytes for b in found.plan if b.tensor is None] == [8 * 3 * 3 * 2]
    assert shares(found)["scratch buffers"] == 4


def test_variables_are_persistent_and_not_planned(reference: Runtime) -> None:
    state = tensor("int8", 100, is_variable=True, name="state")
    found = footprint(
        single(layer("NEG", [0], [1]), tensor("float32", 1), tensor("float32", 1), state), reference
    )
    assert shares(found)["variable state"] >= 100
    assert [b.tensor for b in found.plan] == [0, 1]


def variables(*names: str) -> ModelFile:
    """Handles of the named variables, each assigned 40 bytes."""
    layers = []
    for i, name in enumerate(names):
        layers += [
            layer("VAR_HANDLE", [], [i + 1], shared_name=name),
            layer("ASSIGN_VARIABLE", [i + 1, 0], []),
        ]
    tensors = [tensor("float32", 10), *(tensor("resource") for _ in names)]
    return model(graph(tensors, layers, [0], []))


def test_each_resource_variable_is_stored_once(reference: Runtime) -> None:
    once, twice = (footprint(variables(*names), reference) for names in (("a",), ("a", "a")))
    both = footprint(variables("a", "b"), reference)
    assert shares(once)["layer 0/1 ASSIGN_VARIABLE: variable a"] == 48
    assert "layer 0/3 ASSIGN_VARIABLE: variable a" not in shares(twice)
    assert shares(both)["layer 0/3 ASSIGN_VARIABLE: variable b"] == 48
    assert [b.tensor for b in both.plan] == [0]


def test_a_plan_of_the_file_s_own_is_kept(reference: Runtime) -> None:
    tensors = [tensor("float32", 4), tensor("float32", 4), tensor("float32", 4)]
    layers = [layer("NEG", [0], [1]), layer("NEG", [1], [2])]
    found = footprint(model(graph(tensors, layers, [0], [2]), plan=(1, 0, 3, 64, -1, 0)), reference)
    assert [(b.tensor, b.offset_bytes) for b in found.plan] == [(0, 64), (1, 16), (2, 0)]
    assert found.head_bytes == 80


def test_a_plan_can_place_a_variable(reference: Runtime) -> None:
    state = tensor("int8", 16, is_variable=True, name="state")
    single_layer = graph(
        [tensor("float32", 4), tensor("float32", 4), state], [layer("NEG", [0], [1])], [0], [1]
    )
    found = footprint(model(single_layer, plan=(1, 0, 3, -1, -1, 32)), reference)
    assert [(b.tensor, b.offset_bytes) for b in found.plan] == [(0, 16), (1, 0), (2, 32)]
    assert "variable state" not in shares(found)


def test_computed_shapes_count(reference: Runtime) -> None:
    """RESHAPE fills in a dimension of -1 and copies the dimensions to do so."""
    found = footprint(
        single(layer("RESHAPE", [0], [1]), tensor("float32", 4, 6), tensor("float32", -1, 3)), reference
    )
    assert [b.size_bytes for b in found.plan] == [96, 96]
    assert shares(found)["layer 0/0 RESHAPE: output dimensions"] >= 12


def test_what_lies_in_the_file_s_data_is_unknown(reference: Runtime) -> None:
    decode = custom("TFLM_DECODE", [0, 1], [2])
    found = footprint(
        single(decode, tensor("uint8", 8, data=8), tensor("uint8", 32, data=32), tensor("int8", 16)),
        reference,
    )
    assert found.unknowns == ("layer 0/0 TFLM_DECODE: the kind of code lies in its tables' data",)
    assert found.arena_bytes is None
    assert found.refusals == ()


def test_scratch_of_a_subgraph_that_nothing_calls_is_unknown(reference: Runtime) -> None:
    add = graph([tensor("float32", 4)] * 3, [layer("ADD_N", [0, 1], [2])], [0, 1], [2])
    main = graph([tensor("float32", 4)] * 2, [layer("NEG", [0], [1])], [0], [1])
    found = footprint(model(main, add), reference)
    assert found.arena_bytes is None
    assert "nothing calls subgraph 1" in found.unknowns[0]


def test_endless_calls_are_unknown(reference: Runtime) -> None:
    found = footprint(model(graph([], [layer("CALL_ONCE", [], [], init_subgraph_index=0)])), reference)
    assert found.unknowns == ("calls of subgraphs nest deeper than 64",)


def test_without_measured_code_flash_is_unknown_and_the_arena_is_not(runtimes: dict[str, Runtime]) -> None:
    neg = single(layer("NEG", [0], [1]), tensor("float32", 10), tensor("float32", 10))
    for name in ("tflm-ref-int-enum32", "tflm-ref-xtensa"):
        runtime = runtimes[name]
        assert runtime.build is not None
        found = footprint(neg, replace(runtime, build=replace(runtime.build, code=None)))
        assert found.arena_used_bytes == 368 + 8
        assert (found.flash_bytes, found.flash_bytes_low, found.ram_bytes) == (None, None, None)
        assert found.evidence == runtime.evidence
        assert found.unknowns == (f"code size of {runtime.title}",)


def test_a_runtime_of_which_only_the_name_is_known_gives_no_figures(reference: Runtime) -> None:
    neg = single(layer("NEG", [0], [1]), tensor("float32", 10), tensor("float32", 10))
    found = footprint(neg, replace(reference, build=None))
    assert found.unknowns == (f"how {reference.title} allocates memory",)


@pytest.mark.parametrize(
    ("length", "number_type", "state"),
    [
        (512, 7, 12 + 264 + 4 * 256 + 4 * 384),
        (512, 0, 12 + 264 + 8 * 256 + 8 * 384),
        (64, 2, 12 + 264 + 8 * 80),
    ],
)
def test_a_transform_keeps_its_twiddles(
    reference: Runtime, length: int, number_type: int, state: int
) -> None:
    kind = {7: "int16", 0: "float32", 2: "int32"}[number_type]
    rfft = custom("SignalRfft", [0], [1], T=number_type, fft_length=length)
    found = footprint(single(rfft, tensor(kind, length), tensor(kind, length + 2)), reference)
    assert shares(found)["layer 0/0 SignalRfft: transform state"] == -(-state // 16) * 16
    work_bytes = length * (2 if kind == "int16" else 4)
    assert [b.size_bytes for b in found.plan if b.tensor is None] == [work_bytes]
