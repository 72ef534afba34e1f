"""No byte string makes the TFLite reader do anything but give a record or an `ExtractError`, soon.

Real files are damaged in the ways that a broken transfer or an attacker would:
2,400 of them, from a fixed seed, so that a failure can be repeated by its number.
"""

from __future__ import annotations

import random
import struct
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract import tflite_schema as schema
from tinykg.extract.flatbuffer import FlatBuffer
from tinykg.extract.flexbuffer import read_flexbuffer
from tinykg.extract.tflite import IDENTIFIER, read_model
from tinykg.extract.tflite_tensors import read_buffers

if TYPE_CHECKING:
    from tinykg.records.model_file import ModelFile

SEED = 20_261_121
LIMIT_S = 2.0
BASES = 3
COPIES_OF_A_KIND = 100

EXTREMES = (
    0,
    1,
    2,
    3,
    4,
    7,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x10000,
    2**31 - 1,
    2**31,
    2**32 - 4,
    2**32 - 1,
)

OWN_MODELS = sorted((Path(__file__).parents[2] / "data" / "models" / "files").glob("*.tflite"))


class Base:
    """A good file, and where its structure lies: everything but the weights."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        file = FlatBuffer(self.data, path.name)
        weights = read_buffers(file.root(IDENTIFIER, schema.MODEL))
        inside = bytearray(len(self.data))
        for start, length in weights:
            inside[start : start + length] = b"\1" * length
        self.structure = [at for at in range(0, len(self.data) - 4, 2) if not inside[at]]
        self.words = [at for at in self.structure if at % 4 == 0]
        self.vtables = sorted({at for at in self.structure if self._is_vtable(at)})

    def _is_vtable(self, at: int) -> bool:
        length, table_bytes = struct.unpack_from("<HH", self.data, at)
        fits: bool = at + length <= len(self.data)
        return fits and length in range(6, 65, 2) and table_bytes in range(4, 129)


Mutation = Callable[[Base, random.Random], bytes]


def flipped(base: Base, source: random.Random) -> bytes:
    data = bytearray(base.data)
    for _ in range(source.randint(1, 8)):
        data[source.choice(base.structure) + source.randrange(2)] ^= 1 << source.randrange(8)
    return bytes(data)


def truncated(base: Base, source: random.Random) -> bytes:
    return base.data[: source.randrange(len(base.data))]


def redirected(base: Base, source: random.Random) -> bytes:
    """Offsets, counts and numbers replaced by extreme values or by the way to another word."""
    data = bytearray(base.data)
    for _ in range(source.randint(1, 3)):
        at = source.choice(base.words)
        target = (source.choice(base.words) - at) % 2**32
        value = source.choice((*EXTREMES, len(data), len(data) - at, target, target, target))
        struct.pack_into("<I", data, at, value)
    return bytes(data)


def inflated(base: Base, source: random.Random) -> bytes:
    """Small words, which lengths and indices are, made larger."""
    data = bytearray(base.data)
    small = [at for at in base.words if 0 < struct.unpack_from("<I", data, at)[0] < 4096]
    for _ in range(source.randint(1, 3)):
        at = source.choice(small)
        (value,) = struct.unpack_from("<I", data, at)
        larger = value * source.choice((2, 16, 1 << 10, 1 << 20)) + source.randrange(3)
        struct.pack_into("<I", data, at, larger % 2**32)
    return bytes(data)


def spliced(base: Base, source: random.Random) -> bytes:
    """A piece of the file copied over another place, put in, or taken out."""
    data = bytearray(base.data)
    start = source.choice(base.structure)
    piece = data[start : start + source.choice((2, 4, 8, 64, 1024))]
    at = source.choice(base.structure)
    how = source.randrange(3)
    data[at : at + (len(piece) if how else 0)] = piece if how < 2 else b""
    return bytes(data)


def misshapen(base: Base, source: random.Random) -> bytes:
    """Entries of vtables changed: fields lead elsewhere in the table or out of it."""
    data = bytearray(base.data)
    for _ in range(source.randint(1, 3)):
        at = source.choice(base.vtables)
        (length,) = struct.unpack_from("<H", base.data, at)
        entry = at + 2 * source.randrange(length // 2)
        struct.pack_into(
            "<H", data, entry, source.choice((0, 2, 4, 5, 6, 8, 12, 16, 20, 24, 127, 4096, 65535))
        )
    return bytes(data)


def garbled(base: Base, source: random.Random) -> bytes:
    """A stretch of random bytes."""
    data = bytearray(base.data)
    at = source.choice(base.structure)
    for position in range(at, min(len(data), at + source.choice((4, 16, 64)))):
        data[position] = source.randrange(256)
    return bytes(data)


def zeroed(base: Base, source: random.Random) -> bytes:
    """A stretch of zeros or of ones."""
    data = bytearray(base.data)
    at = source.choice(base.structure)
    length = min(source.choice((4, 16, 64)), len(data) - at)
    data[at : at + length] = bytes([source.choice((0, 255))]) * length
    return bytes(data)


KINDS: tuple[Mutation, ...] = (
    flipped, truncated, redirected, inflated, spliced, misshapen, garbled, zeroed,
)  # fmt: skip


def outcome_of(data: bytes) -> str:
    """Whether a file gives a `record`, which is checked, or an `error`, which must name a place; in time."""
    start = time.process_time()
    try:
        found: ModelFile | ExtractError = read_model(data, "damaged.tflite")
    except ExtractError as error:
        found = error
    assert time.process_time() - start < LIMIT_S
    if isinstance(found, ExtractError):
        assert found.place
        return "error"
    check_record(found)
    return "record"


def check_record(model: ModelFile) -> None:
    """What later steps take for granted of every record."""
    assert model.subgraphs
    for subgraph in model.subgraphs:
        count = len(subgraph.tensors)
        assert all(0 <= i < count for i in (*subgraph.inputs, *subgraph.outputs))
        for layer in subgraph.layers:
            assert all(-1 <= i < count for i in (*layer.inputs, *layer.outputs))
            assert layer.macs >= 0
            assert layer.parameters >= 0
        for tensor in subgraph.tensors:
            assert 0 <= tensor.data_bytes <= model.file_bytes
            assert min(tensor.shape or (0,)) >= -1
    assert model.macs < 2**63


@pytest.mark.parametrize("number", range(BASES))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_damaged_models_give_a_record_or_the_typed_error_each_within_2_s(kind: Mutation, number: int) -> None:
    base = Base(OWN_MODELS[number])
    source = random.Random(f"{SEED} {kind.__name__} {number}")
    outcomes = Counter(outcome_of(kind(base, source)) for _ in range(COPIES_OF_A_KIND))
    assert sum(outcomes.values()) == COPIES_OF_A_KIND
    assert outcomes["error"] >= 10, "these files are hardly damaged"


def test_there_are_at_least_2000_damaged_models() -> None:
    assert len(OWN_MODELS) >= BASES
    assert BASES * len(KINDS) * COPIES_OF_A_KIND >= 2000


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_damaged_published_models_give_a_record_or_the_typed_error(kind: Mutation, test_data: Path) -> None:
    """Files with custom operators, an LSTM, an offline plan, signatures and per-channel weights."""
    names = ("audio_preprocessor_int8", "trained_lstm_int8", "person_detect_vela", "keyword_scrambled_8bit")
    source = random.Random(f"{SEED} {kind.__name__}")
    outcomes: Counter[str] = Counter()
    for name in names:
        base = Base(test_data / "models" / "tflm" / f"{name}.tflite")
        outcomes.update(outcome_of(kind(base, source)) for _ in range(25))
    assert sum(outcomes.values()) == 100


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_behind_the_identifier_give_a_record_or_the_typed_error(content: bytes) -> None:
    assert outcome_of(b"\x10\0\0\0TFL3" + content) in {"record", "error"}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([0x24, 0x25, 0x26, 0x27]), st.sampled_from([1, 2, 4, 8]))
def test_any_bytes_as_a_flexbuffer_give_a_map_or_none(content: bytes, kind: int, width: int) -> None:
    found = read_flexbuffer(content + bytes([kind, width]))
    assert found is None or isinstance(found, dict)
