"""Hostile FlatBuffers, written by hand: each gives one error that names the place, quickly."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from typing import Any

import pytest

from tinykg.errors import ExtractError
from tinykg.extract import tflite_schema as schema
from tinykg.extract.flatbuffer import FlatBuffer, Table
from tinykg.extract.tflite import IDENTIFIER, read_model

UINT32_MAX = 2**32 - 1


def fault(data: bytes) -> ExtractError:
    with pytest.raises(ExtractError) as caught:
        read_model(data, "x.tflite")
    return caught.value


def put(data: bytes, position: int, form: str, *values: int) -> bytes:
    """The file with numbers written over it."""
    packed = struct.pack(form, *values)
    return data[:position] + packed + data[position + len(packed) :]


class Map:
    """Where the parts of a one-tensor model lie in its file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.file = FlatBuffer(data, "map")
        self.model = self.file.root(IDENTIFIER, schema.MODEL)
        self.subgraph = self.model.tables(schema.MODEL_SUBGRAPHS, schema.SUBGRAPH)[0]
        self.tensor = self.subgraph.tables(schema.SUBGRAPH_TENSORS, schema.TENSOR)[0]

    def field(self, table: Table, slot: int) -> int:
        """The byte of a field."""
        assert table.has(slot)
        return table.position + table.offsets[slot]

    def vector(self, table: Table, slot: int) -> int:
        """The byte of a vector's length."""
        return self.file.follow(self.field(table, slot), "")

    def vtable(self, table: Table) -> int:
        """The byte of a table's vtable."""
        back: int = struct.unpack_from("<i", self.data, table.position)[0]
        return table.position - back


@pytest.fixture(scope="module")
def places(sketches: Any) -> Map:
    tensor = sketches.Tensor(scales=(0.5,), zero_points=(0,))
    return Map(sketches.write(sketches.Model(subgraphs=[sketches.Subgraph(tensors=[tensor])])))


@pytest.mark.parametrize(
    ("data", "place", "found"),
    [
        (b"", "(byte 0)", "a file of 0 bytes"),
        (b"TFL3", "(byte 0)", "a file of 4 bytes"),
        (b"\x08\0\0\0TFL2", "(byte 4)", "identifier b'TFL2'"),
        (b"\x08\0\0\0TFL3", "root (byte 0)", "an offset of 8 to byte 8"),
        (b"\0\0\0\0TFL3", "root (byte 0)", "an offset of 0 to byte 0"),
        (b"\xff\xff\xff\xffTFL3", "root (byte 0)", "an offset of 4294967295 to byte 4294967295"),
        (b"\x04\0\0\0TFL3", "root (byte 4)", "a vtable at byte -860636752"),
        (b"\x08\0\0\0TFL3\x08\0\0\0", "root (byte 0)", "a table of 0 bytes with a field at 18004"),
    ],
)
def test_files_that_end_or_go_astray_at_once(data: bytes, place: str, found: str) -> None:
    error = fault(data)
    assert (error.place, error.found) == (place, found)


def test_a_root_that_points_to_itself_has_an_impossible_vtable() -> None:
    assert fault(b"\x04\0\0\0TFL3" + bytes(40)).place.startswith("root (byte ")


Change = Callable[[Map], bytes]

CASES: dict[str, tuple[Change, str, str]] = {
    "a vtable before the file": (
        lambda m: put(m.data, m.tensor.position, "<i", m.tensor.position + 1),
        "subgraphs[0].tensors[0] (byte",
        "a vtable at byte -1",
    ),
    "a vtable behind the file": (
        lambda m: put(m.data, m.tensor.position, "<i", -len(m.data)),
        "subgraphs[0].tensors[0] (byte",
        "a vtable at byte ",
    ),
    "a vtable of odd length": (
        lambda m: put(m.data, m.vtable(m.tensor), "<H", 7),
        "subgraphs[0].tensors[0] (byte",
        "a vtable of 7 bytes",
    ),
    "a vtable longer than the file": (
        lambda m: put(m.data, m.vtable(m.tensor), "<H", 0xFFFE),
        "subgraphs[0].tensors[0] (byte",
        "a vtable of 65534 bytes",
    ),
    "a vtable without its own length": (
        lambda m: put(m.data, m.vtable(m.tensor), "<H", 0),
        "subgraphs[0].tensors[0] (byte",
        "a vtable of 0 bytes",
    ),
    "a table without its own offset": (
        lambda m: put(m.data, m.vtable(m.tensor) + 2, "<H", 3),
        "subgraphs[0].tensors[0] (byte",
        "a table of 3 bytes",
    ),
    "a table beyond the file": (
        lambda m: put(m.data, m.vtable(m.tensor) + 2, "<H", 0xFFFF),
        "subgraphs[0].tensors[0] (byte",
        "a table of 65535 bytes",
    ),
    "a field outside its table": (
        lambda m: put(m.data, m.vtable(m.tensor) + 4, "<H", 0x7FFF),
        "subgraphs[0].tensors[0] (byte",
        "a table of ",
    ),
    "a vector longer than the file": (
        lambda m: put(m.data, m.vector(m.tensor, schema.TENSOR_SHAPE), "<I", UINT32_MAX),
        "subgraphs[0].tensors[0].shape (byte",
        "a vector of 4294967295 elements of 4 bytes",
    ),
    "a vector of 64-bit numbers longer than the file": (
        lambda m: put(m.data, m.vector(quantization(m), 3), "<I", 0x20000000),
        "subgraphs[0].tensors[0].quantization.zero_point (byte",
        "a vector of 536870912 elements of 8 bytes",
    ),
    "tables longer than the file": (
        lambda m: put(m.data, m.vector(m.subgraph, schema.SUBGRAPH_TENSORS), "<I", 0x40000000),
        "subgraphs[0].tensors (byte",
        "a vector of 1073741824 elements of 4 bytes",
    ),
    "a string longer than the file": (
        lambda m: put(m.data, m.vector(m.tensor, schema.TENSOR_NAME), "<I", UINT32_MAX),
        "subgraphs[0].tensors[0].name (byte",
        "a vector of 4294967295 elements of 1 bytes",
    ),
    "a string without an end": (
        lambda m: put(m.data, m.vector(m.tensor, schema.TENSOR_NAME) + 5, "<B", 1),
        "subgraphs[0].tensors[0].name (byte",
        "a string without its closing zero byte",
    ),
    "an offset to nothing": (
        lambda m: put(m.data, m.field(m.tensor, schema.TENSOR_SHAPE), "<I", 0),
        "subgraphs[0].tensors[0].shape (byte",
        "an offset of 0 to byte ",
    ),
    "an offset beyond the file": (
        lambda m: put(m.data, m.field(m.tensor, schema.TENSOR_QUANTIZATION), "<I", UINT32_MAX),
        "subgraphs[0].tensors[0].quantization (byte",
        "an offset of 4294967295 to byte ",
    ),
    "an offset that wraps round to a table before it": (
        lambda m: put(
            m.data,
            m.field(m.tensor, schema.TENSOR_QUANTIZATION),
            "<I",
            2**32 - m.field(m.tensor, schema.TENSOR_QUANTIZATION) + m.model.position,
        ),
        "subgraphs[0].tensors[0].quantization (byte",
        "an offset of 42949",
    ),
}


def quantization(places: Map) -> Table:
    table = places.tensor.table(schema.TENSOR_QUANTIZATION, schema.QUANTIZATION_PARAMETERS)
    assert table is not None
    return table


@pytest.mark.parametrize("name", CASES)
def test_the_error_names_the_place(name: str, places: Map) -> None:
    change, place, found = CASES[name]
    error = fault(change(places))
    assert error.place.startswith(place)
    assert error.found.startswith(found)


def test_every_truncation_of_a_file_is_refused(places: Map) -> None:
    for length in range(len(places.data)):
        fault(places.data[:length])


def test_tables_may_point_to_each_other_without_an_endless_walk(places: Map) -> None:
    """The subgraph's list of tensors holds the subgraph itself, again and again."""
    vector = places.vector(places.subgraph, schema.SUBGRAPH_TENSORS)
    looped = put(places.data, vector + 4, "<I", (places.subgraph.position - vector - 4) % 2**32)
    with pytest.raises(ExtractError):
        read_model(looped, "x")


def seconds(data: bytes) -> float:
    start = time.process_time()
    fault(data)
    return time.process_time() - start


def aliased(sketches: Any, vector: Callable[[Map], int], target: Callable[[Map], int], count: int) -> bytes:
    """A small model that ends in a vector of `count` offsets to one table, in place of `vector`'s own."""
    places = Map(sketches.write(sketches.Model()))
    data = bytearray(places.data + bytes(-len(places.data) % 4))
    at = len(data)
    field = vector(places)
    struct.pack_into("<I", data, field, at - field)
    data += struct.pack("<I", count)
    for position in range(at + 4, at + 4 + 4 * count, 4):
        data += struct.pack("<I", (target(places) - position) % 2**32)
    return bytes(data)


def test_offsets_backwards_are_refused(sketches: Any) -> None:
    """Offsets are unsigned: a vector at the end of a file can lead to nothing before it."""
    data = aliased(
        sketches,
        lambda m: m.field(m.subgraph, schema.SUBGRAPH_TENSORS),
        lambda m: m.tensor.position,
        10,
    )
    assert fault(data).found.startswith("an offset of 42949")


def bomb(form: str, count: int) -> bytes:
    """A model written back to front: a vector of `count` offsets that all lead to one table behind it.

    `form` says what the table is: a tensor with a name and a shape of its own, or a whole subgraph.
    """
    head = struct.pack("<I4s", 0, IDENTIFIER)
    vtables = struct.pack("<6H", 12, 12, 4, 0, 8, 0)  # model: version, subgraphs
    vtables += struct.pack("<3H", 6, 8, 4)  # subgraph: tensors
    vtables += struct.pack("<6H", 12, 12, 4, 0, 0, 8)  # tensor: shape, name
    vtables += b"\0\0"
    model_vtable, subgraph_vtable, tensor_vtable = 8, 20, 26
    model = len(head + vtables)
    subgraphs = model + 12
    subgraph_count = count if form == "subgraphs" else 1
    subgraph = subgraphs + 4 + 4 * subgraph_count
    tensors = subgraph + 8
    tensor_count = count if form == "tensors" else 1
    tensor = tensors + 4 + 4 * tensor_count
    body = struct.pack("<iII", model - model_vtable, 3, 4)
    body += struct.pack("<I", subgraph_count)
    body += b"".join(struct.pack("<I", subgraph - subgraphs - 4 - 4 * i) for i in range(subgraph_count))
    body += struct.pack("<iI", subgraph - subgraph_vtable, 4)
    body += struct.pack("<I", tensor_count)
    body += b"".join(struct.pack("<I", tensor - tensors - 4 - 4 * i) for i in range(tensor_count))
    body += struct.pack("<iII", tensor - tensor_vtable, 8, 68)
    body += struct.pack("<I15i", 15, *[1] * 15)
    body += struct.pack("<I", 3) + b"abc\0"
    return struct.pack("<I", model) + head[4:] + vtables + body


@pytest.mark.parametrize("form", ["tensors", "subgraphs"])
def test_one_of_each_is_a_model_and_a_thousand_of_the_same_still_are(form: str) -> None:
    model = read_model(bomb(form, 1), "one")
    assert (model.main.tensors[0].name, model.main.tensors[0].shape) == ("abc", (1,) * 15)
    several = read_model(bomb(form, 400), "several")
    assert len(several.main.tensors) * len(several.subgraphs) == 400


@pytest.mark.parametrize("form", ["tensors", "subgraphs"])
def test_a_million_references_to_one_table_stop_at_the_budget(form: str) -> None:
    data = bomb(form, 1_000_000)
    assert seconds(data) < 2
    assert fault(data).found.startswith("more content than the file has bytes for")


def test_shapes_that_share_one_long_vector_stop_at_its_length() -> None:
    """Every tensor has the same shape of 65,536 dimensions: the first one is refused."""
    data = bytearray(bomb("tensors", 50_000))
    start = data.index(struct.pack("<I15i", 15, *[1] * 15))
    struct.pack_into("<I", data, start, 65_536)
    data += bytes(4 * 65_536)
    assert seconds(bytes(data)) < 2
    assert fault(bytes(data)).place.startswith("subgraphs[0].tensors[0].shape (byte ")


def test_names_that_share_one_long_string_stop_at_the_budget() -> None:
    data = bytearray(bomb("tensors", 10_000))
    start = data.index(struct.pack("<I", 3) + b"abc\0")
    struct.pack_into("<I", data, start, 4 + 1_000_000)
    data += b"a" * 1_000_000 + bytes(100)
    assert seconds(bytes(data)) < 2
    assert fault(bytes(data)).found.startswith("more content than the file has bytes for")
