"""A checked reader of FlexBuffers, the form in which custom operators carry their options.

Binary layout: https://flatbuffers.dev/flexbuffers/ and flexbuffers.h. The last byte
is the width of the root value, the one before it the root's packed type. Whether
bytes are a FlexBuffer is known only by trying: `read_flexbuffer` gives None where
they are not. Depth and total size of what is read are bounded.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.records.model_file import OptionValue

MAX_DEPTH: Final = 16
"""Maps and vectors inside each other that are followed."""

MAX_BYTES: Final = 1 << 16
"""Longer data is not tried: options are small, and custom operators also carry tables and programs."""

_SIGNED: Final = {1: Struct("<b"), 2: Struct("<h"), 4: Struct("<i"), 8: Struct("<q")}
_UNSIGNED: Final = {1: Struct("<B"), 2: Struct("<H"), 4: Struct("<I"), 8: Struct("<Q")}
_FLOATS: Final = {2: Struct("<e"), 4: Struct("<f"), 8: Struct("<d")}

_NULL, _INT, _UINT, _FLOAT, _KEY, _STRING = range(6)
_INDIRECT_INT, _INDIRECT_UINT, _INDIRECT_FLOAT, _MAP, _VECTOR = range(6, 11)
_BLOB, _BOOL = 25, 26
_TYPED_VECTORS: Final = {11: _INT, 12: _UINT, 13: _FLOAT, 14: _KEY, 15: _STRING, 36: _BOOL}
_FIXED_VECTORS: Final = {16 + i: (_INT + i % 3, 2 + i // 3) for i in range(9)}
"""Type number -> element type and length: int, unsigned and float vectors of 2, 3 and 4 elements."""


class _Malformed(Exception):
    """The bytes are no FlexBuffer."""


def read_flexbuffer(data: bytes) -> Mapping[str, OptionValue] | None:
    """The map that `data` holds, with blobs as hexadecimal text; None where it holds no such map."""
    if len(data) > MAX_BYTES:
        return None
    try:
        return _Reader(data).root()
    except _Malformed:
        return None


class _Reader:
    """Reads one FlexBuffer; `left` bounds what is read, however often its parts are shared."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.left = 64 + 2 * len(data)

    def root(self) -> dict[str, OptionValue]:
        """The root map."""
        if len(self.data) < 3:
            raise _Malformed
        width, packed = self.data[-1], self.data[-2]
        if width not in _UNSIGNED or packed >> 2 != _MAP:
            raise _Malformed
        return self.mapping(self.target(len(self.data) - 2 - width, width), 1 << (packed & 3), 1)

    def take(self, form: Struct, at: int) -> int | float:
        """A number at byte `at`, both ends checked."""
        self.left -= 1
        if at < 0 or at + form.size > len(self.data) or self.left < 0:
            raise _Malformed
        number: int | float = form.unpack_from(self.data, at)[0]
        return number

    def unsigned(self, at: int, width: int) -> int:
        """An unsigned number of `width` bytes."""
        return int(self.take(_UNSIGNED[width], at))

    def target(self, at: int, width: int) -> int:
        """Where the offset at byte `at` leads: offsets count backwards, 0 occurs in empty maps."""
        offset = self.unsigned(at, width)
        if offset > at:
            raise _Malformed
        return at - offset

    def value(self, at: int, kind: int, parent_width: int, width: int, depth: int) -> OptionValue:
        """The value whose slot of `parent_width` bytes is at `at`; `width` is that of what it leads to."""
        if kind in {_NULL, _INT, _UINT, _FLOAT, _BOOL}:
            return self.number(at, kind, parent_width)
        place = self.target(at, parent_width)
        if kind in {_INDIRECT_INT, _INDIRECT_UINT, _INDIRECT_FLOAT}:
            return self.number(place, kind - _INDIRECT_INT + _INT, width)
        if kind == _KEY:
            return self.key(place)
        if kind in {_STRING, _BLOB}:
            content = self.content(place, width)
            return content.hex() if kind == _BLOB else content.decode("utf-8", "backslashreplace")
        if depth >= MAX_DEPTH:
            raise _Malformed
        return self.container(place, kind, width, depth + 1)

    def number(self, at: int, kind: int, width: int) -> OptionValue:
        """A number, a truth value or null, stored in place."""
        if kind == _NULL:
            self.unsigned(at, width)
            return None
        if kind == _BOOL:
            return self.unsigned(at, width) != 0
        forms = {_INT: _SIGNED, _UINT: _UNSIGNED, _FLOAT: _FLOATS}[kind]
        if width not in forms:
            raise _Malformed
        return self.take(forms[width], at)

    def key(self, at: int) -> str:
        """A zero-terminated key."""
        end = self.data.find(0, at, at + self.left)
        if end < 0:
            raise _Malformed
        self.left -= end - at
        return self.data[at:end].decode("utf-8", "backslashreplace")

    def content(self, at: int, width: int) -> bytes:
        """The bytes of a string or blob, whose length precedes it."""
        length = self.unsigned(at - width, width)
        self.left -= length
        if at + length > len(self.data) or self.left < 0:
            raise _Malformed
        return self.data[at : at + length]

    def container(self, at: int, kind: int, width: int, depth: int) -> OptionValue:
        """A map or a vector of one of the kinds."""
        if kind == _MAP:
            return self.mapping(at, width, depth)
        if kind in _FIXED_VECTORS:
            element, length = _FIXED_VECTORS[kind]
            return tuple(self.number(at + i * width, element, width) for i in range(length))
        length = self.length(at, width)
        if kind in _TYPED_VECTORS:
            element = _TYPED_VECTORS[kind]
            return tuple(self.value(at + i * width, element, width, 1, depth) for i in range(length))
        if kind != _VECTOR:
            raise _Malformed
        return tuple(self.elements(at, width, length, depth))

    def length(self, at: int, width: int) -> int:
        """The number of elements of the vector at `at`, all of which lie in the buffer."""
        length = self.unsigned(at - width, width)
        if at + length * width > len(self.data):
            raise _Malformed
        return length

    def elements(self, at: int, width: int, length: int, depth: int) -> list[OptionValue]:
        """The values of an untyped vector: slots, then a packed type for each."""
        types = at + length * width
        values = []
        for i in range(length):
            packed = self.unsigned(types + i, 1)
            values.append(self.value(at + i * width, packed >> 2, width, 1 << (packed & 3), depth))
        return values

    def mapping(self, at: int, width: int, depth: int) -> dict[str, OptionValue]:
        """A map: the values are a vector; before it stand its length, the keys' width and the keys."""
        length = self.length(at, width)
        key_width = self.unsigned(at - 2 * width, width)
        if key_width not in _UNSIGNED:
            raise _Malformed
        keys = self.target(at - 3 * width, width)
        if self.length(keys, key_width) != length:
            raise _Malformed
        names = [self.key(self.target(keys + i * key_width, key_width)) for i in range(length)]
        return dict(zip(names, self.elements(at, width, length, depth), strict=True))
