"""Inputs that anybody can make again."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.seeded_inputs import digest_of, input_bytes, seeded_inputs
from tinykg.errors import BenchmarkError
from tinykg.records.model_file import ELEMENT_BITS, ModelFile, Subgraph, Tensor

TAKEN = (
    "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
    "bool", "float16", "float32", "float64",
)  # fmt: skip


def model(*tensors: tuple[str, tuple[int, ...]]) -> ModelFile:
    made = tuple(
        Tensor(index=i, name=f"t{i}", element_type=kind, shape=shape)
        for i, (kind, shape) in enumerate(tensors)
    )
    graph = Subgraph(
        index=0, name="main", tensors=made, inputs=tuple(range(len(made))), outputs=(0,), layers=()
    )
    return ModelFile(sha256="0" * 64, file_bytes=1, format="tflite", schema_version=3, subgraphs=(graph,))


def test_the_bytes_are_those_of_shake_256() -> None:
    """A reader of a result can make them with the standard library of any language."""
    first, second = seeded_inputs(model(("int8", (1, 4))), 2, 7)
    assert first == hashlib.shake_256(b"tinykg input 7 0").digest(4)
    assert second == hashlib.shake_256(b"tinykg input 7 1").digest(4)
    assert seeded_inputs(model(("int8", (1, 4))), 1, 8) != [first]


def test_floats_are_exact_in_every_format() -> None:
    raw = hashlib.shake_256(b"tinykg input 7 0").digest(12)
    (found,) = seeded_inputs(model(("float32", (3,))), 1, 7)
    assert struct.unpack("<3f", found) == tuple((raw[i] - 128) / 128 for i in (0, 4, 8))


@given(st.lists(st.tuples(st.sampled_from(TAKEN), st.integers(1, 9)), min_size=1, max_size=3))
def test_each_input_is_as_long_as_its_tensors(kinds: list[tuple[str, int]]) -> None:
    file = model(*((kind, (1, count)) for kind, count in kinds))
    expected = sum(ELEMENT_BITS[kind] // 8 * count for kind, count in kinds)
    assert {len(one) for one in seeded_inputs(file, 3)} == {expected}
    assert seeded_inputs(file, 3)[:2] == seeded_inputs(file, 2)


@given(st.sampled_from(["int32", "uint32", "int64", "uint64", "bool"]), st.integers(0, 9))
def test_what_may_be_an_index_is_0_or_1(kind: str, seed: int) -> None:
    """Kernels look values up by such inputs; a random one would lie outside of every table."""
    width = ELEMENT_BITS[kind] // 8
    (found,) = seeded_inputs(model((kind, (5,))), 1, seed)
    values = [int.from_bytes(found[i : i + width], "little") for i in range(0, len(found), width)]
    assert len(values) == 5
    assert set(values) <= {0, 1}


@pytest.mark.parametrize(
    ("kind", "shape", "fault"),
    [
        ("string", (1,), "of string, 1"),
        ("int4", (2, 2), "of int4, 2x2"),
        ("int8", (1, -1), "of int8, 1x-1"),
        ("float32", (1, 0), "of float32, 1x0"),
    ],
)
def test_what_cannot_be_made_up_is_named(kind: str, shape: tuple[int, ...], fault: str) -> None:
    with pytest.raises(BenchmarkError, match=f"tensor 't0' {fault}"):
        seeded_inputs(model((kind, shape)), 1)


def test_an_input_of_hostile_size_is_refused_before_it_is_made() -> None:
    with pytest.raises(BenchmarkError, match="takes 4611686018427387904 B"):
        seeded_inputs(model(("float32", (1 << 30, 1 << 30))), 1)


def test_a_missing_shape_is_a_scalar() -> None:
    (tensor,) = replace(model(("int16", (1,)))).main.tensors
    assert input_bytes(replace(tensor, shape=None)) == 2


@given(st.lists(st.binary(max_size=9), max_size=5))
def test_a_digest_is_that_of_all_pieces_together(pieces: list[bytes]) -> None:
    assert digest_of(pieces) == hashlib.sha256(b"".join(pieces)).hexdigest()
