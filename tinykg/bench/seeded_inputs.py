"""Pseudo-random inputs that anybody can make again: the same bytes on every machine and in every version.

The bytes of input `i` of a seed are SHAKE-256 (FIPS 202) of `tinykg input SEED i`, tensor after tensor.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Final

from tinykg.errors import BenchmarkError
from tinykg.records.model_file import ELEMENT_BITS

if TYPE_CHECKING:
    from tinykg.records.model_file import ModelFile, Tensor

SEED: Final = 2026
"""The seed of runs that name none."""

MAX_INPUT_BYTES: Final = 1 << 26
"""The largest input that is made; models for boards take a few kilobytes."""

_ANY_BITS: Final = frozenset({"int8", "uint8", "int16", "uint16"})
_FLOATS: Final = {"float32": "<f", "float16": "<e", "float64": "<d"}
_INDICES: Final = {"int32": "<i", "uint32": "<I", "int64": "<q", "uint64": "<Q", "bool": "<?"}


def input_tensors(file: ModelFile) -> list[Tensor]:
    """The tensors that an inference is given, in order."""
    return [file.main.tensors[index] for index in file.main.inputs]


def seeded_inputs(file: ModelFile, count: int, seed: int = SEED) -> list[bytes]:
    """The raw bytes of so many inputs of a model, little-endian, all tensors of one input one after another.

    Integers of up to 16 bits take every value; floats are n/128 in -1 to 1, which all formats hold exactly.
    Wider integers are 0 or 1, because they may be indices. Raises BenchmarkError for other types.
    """
    tensors = input_tensors(file)
    size = sum(input_bytes(tensor) for tensor in tensors)
    if size > MAX_INPUT_BYTES:
        raise BenchmarkError(
            f"An input of the model takes {size} B; at most {MAX_INPUT_BYTES} B are made up."
        )
    return [_input(tensors, seed, index) for index in range(count)]


def input_bytes(tensor: Tensor) -> int:
    """How many bytes one value of an input tensor takes."""
    width = ELEMENT_BITS.get(tensor.element_type, 0) // 8
    known = tensor.element_type in _ANY_BITS or tensor.element_type in _FLOATS | _INDICES
    if not known or tensor.elements <= 0:
        shape = "x".join(map(str, tensor.shape or ())) or "no shape"
        raise BenchmarkError(
            f"No input can be made up for tensor '{tensor.name}' of {tensor.element_type}, {shape}."
        )
    return tensor.elements * width


def _input(tensors: list[Tensor], seed: int, index: int) -> bytes:
    stream = hashlib.shake_256(f"tinykg input {seed} {index}".encode())
    raw = stream.digest(sum(input_bytes(tensor) for tensor in tensors))
    parts: list[bytes] = []
    start = 0
    for tensor in tensors:
        end = start + input_bytes(tensor)
        parts.append(_values(tensor, raw[start:end]))
        start = end
    return b"".join(parts)


def _values(tensor: Tensor, raw: bytes) -> bytes:
    """Random bytes as values of a tensor's type; each element is made of the first byte in its place."""
    kind = tensor.element_type
    if kind in _ANY_BITS:
        return raw
    width = len(raw) // tensor.elements
    if kind in _FLOATS:
        table = [struct.pack(_FLOATS[kind], (byte - 128) / 128) for byte in range(256)]
    else:
        table = [struct.pack(_INDICES[kind], byte & 1) for byte in range(256)]
    return b"".join(table[byte] for byte in raw[::width])


def digest_of(pieces: list[bytes]) -> str:
    """SHA-256 of pieces one after another, in lower-case hex."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
