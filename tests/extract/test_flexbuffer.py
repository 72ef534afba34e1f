"""FlexBuffers against the reference writer, and bytes that are none."""

from __future__ import annotations

import random
import struct
import time
from typing import Any

import pytest
from flatbuffers import flexbuffers

from tinykg.extract.flexbuffer import MAX_BYTES, MAX_DEPTH, read_flexbuffer


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, {}),
        ({"n": -3, "big": 2**40, "huge": -(2**63)}, {"n": -3, "big": 2**40, "huge": -(2**63)}),
        ({"none": None, "yes": True, "no": False}, {"none": None, "yes": True, "no": False}),
        ({"half": 2.5, "tenth": 0.1}, {"half": 2.5, "tenth": 0.1}),
        ({"text": "größe", "empty": ""}, {"text": "größe", "empty": ""}),
        ({"blob": b"\x01\xff"}, {"blob": "01ff"}),
        ({"mixed": [1, "a", 2.5, None, True]}, {"mixed": (1, "a", 2.5, None, True)}),
        ({"ints": [1, 2, 70000], "none": []}, {"ints": (1, 2, 70000), "none": ()}),
        ({"in": {"in": {"in": {"x": [1, [2, [3]]]}}}}, {"in": {"in": {"in": {"x": (1, (2, (3,)))}}}}),
        ({f"key{i}": i for i in range(300)}, {f"key{i}": i for i in range(300)}),
    ],
)
def test_values_of_the_reference_writer(value: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read_flexbuffer(bytes(flexbuffers.Dumps(value))) == expected


def test_typed_vectors_and_indirect_numbers() -> None:
    builder = flexbuffers.Builder()
    with builder.Map():
        builder.Key("a")
        builder.TypedVectorFromElements([1, 2, 30000])
        builder.Key("b")
        builder.FixedTypedVectorFromElements([1.5, 2.5])
        builder.Key("c")
        builder.IndirectInt(-5)
        builder.Key("d")
        builder.IndirectFloat(2.5)
        builder.Key("e")
        builder.TypedVectorFromElements([True, False])
        builder.Key("f")
        builder.FixedTypedVectorFromElements([7, 8, 9, 10])
        builder.Key("g")
        builder.IndirectUInt(2**33)
    expected = {
        "a": (1, 2, 30000),
        "b": (1.5, 2.5),
        "c": -5,
        "d": 2.5,
        "e": (True, False),
        "f": (7, 8, 9, 10),
        "g": 2**33,
    }
    assert read_flexbuffer(bytes(builder.Finish())) == expected


def test_the_options_that_a_real_custom_operator_carries() -> None:
    data = bytes.fromhex("54006666745f6c656e67746800020e0d020001000200070000020505062501")
    assert read_flexbuffer(data) == {"T": 7, "fft_length": 512}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x00\x24",
        b"\x01\x04\x01",  # a number, not a map
        b"\x00\x24\x01",
        b"\x00\x24\x03",  # a width of 3
        bytes(100),
        b"\xff" * 100,
        bytes(flexbuffers.Dumps([1, 2, 3])),
        bytes(flexbuffers.Dumps({"a": 1}))[:-1],
    ],
)
def test_bytes_that_hold_no_map(data: bytes) -> None:
    assert read_flexbuffer(data) is None


def test_nesting_is_followed_to_a_bounded_depth() -> None:
    def nested(depth: int) -> bytes:
        value: Any = 1
        for _ in range(depth):
            value = {"x": value}
        return bytes(flexbuffers.Dumps(value))

    assert read_flexbuffer(nested(MAX_DEPTH)) is not None
    assert read_flexbuffer(nested(MAX_DEPTH + 1)) is None


def test_long_data_is_not_tried() -> None:
    small = bytes(flexbuffers.Dumps({"a": 1}))
    assert read_flexbuffer(bytes(MAX_BYTES - len(small)) + small) == {"a": 1}
    assert read_flexbuffer(bytes(MAX_BYTES - len(small) + 1) + small) is None


def vectors_of_vectors(fan: int, levels: int) -> bytes:
    """A map {"k": v}: v has `fan` elements, each the same vector, and so on; the innermost holds zeros.

    All slots are 16 bits wide, so that the whole takes about 3 * fan * levels bytes.
    """
    data = bytearray(b"k\0") + struct.pack("<H", fan)
    inner = len(data)
    data += bytes(2 * fan) + bytes([1 << 2 | 1] * fan)
    for _ in range(levels - 1):
        data += struct.pack("<H", fan)
        start = len(data)
        data += b"".join(struct.pack("<H", start + 2 * i - inner) for i in range(fan))
        data += bytes([10 << 2 | 1] * fan)
        inner = start
    data += struct.pack("<H", 1)
    keys = len(data)
    data += struct.pack("<H", keys)  # the one key begins at byte 0
    data += struct.pack("<3H", len(data) - keys, 2, 1)
    values = len(data)
    data += struct.pack("<H", values - inner) + bytes([10 << 2 | 1])
    data += struct.pack("<H", len(data) - values) + bytes([9 << 2 | 1, 2])
    return bytes(data)


def test_vectors_that_share_their_elements_are_read() -> None:
    assert read_flexbuffer(vectors_of_vectors(2, 3)) == {"k": (((0, 0), (0, 0)), ((0, 0), (0, 0)))}


def test_vectors_that_share_their_elements_too_often_stop_soon() -> None:
    """200^12 values if they were followed."""
    start = time.process_time()
    assert read_flexbuffer(vectors_of_vectors(200, 12)) is None
    assert time.process_time() - start < 1


def test_random_damage_gives_a_map_or_none() -> None:
    base = bytes(flexbuffers.Dumps({"a": [1, 2.5, "x"], "b": {"c": b"yy", "d": None}, "e": 70000}))
    source = random.Random(20_260_801)
    maps = 0
    for _ in range(3000):
        data = bytearray(base)
        for _ in range(source.randint(1, 4)):
            data[source.randrange(len(data))] = source.choice((0, 1, 2, 127, 255, source.randrange(256)))
        maps += isinstance(read_flexbuffer(bytes(data)), dict)
    assert 300 < maps < 2700
