"""A checked reader of FlatBuffers: tables, vectors and strings, each verified before it is used.

Binary layout: https://flatbuffers.dev/internals/. Nothing here recurses, and a
budget proportional to the file's size bounds all work: however often a file lets
its offsets point to the same bytes, reading ends after a small multiple of its
own length.
"""

from __future__ import annotations

from struct import Struct
from struct import unpack_from as unpack
from typing import Final

from tinykg.errors import ExtractError

MAX_SLOTS: Final = 32
"""Fields of a table that are looked at; more than any table of the TFLite schema has (17)."""

TABLE_COST: Final = 32
"""Budget units that opening a table costs, besides those of its contents (a unit is a byte read)."""

BUDGET_PER_BYTE: Final = 4
"""Budget units for a byte of file. Real files need up to 1.1 (one-operator models), large ones far less."""

BUDGET_FLOOR: Final = 1 << 16
"""Budget units that even the smallest file gets."""

BOOL: Final = Struct("<?")
INT8: Final = Struct("<b")
UINT8: Final = Struct("<B")
INT32: Final = Struct("<i")
UINT32: Final = Struct("<I")
INT64: Final = Struct("<q")
UINT64: Final = Struct("<Q")
FLOAT32: Final = Struct("<f")

_VTABLE_HEAD: Final = Struct("<HH")
_ABSENT: Final = (0,) * MAX_SLOTS


def within(fault: ExtractError, place: str) -> ExtractError:
    """The same fault, one step further up: `place` and then the fault's own place."""
    inner = fault.place
    joint = " " if inner.startswith("(") else "."
    return ExtractError(fault.path, f"{place}{joint}{inner}", fault.found, fault.expected)


class FlatBuffer:
    """The bytes of one FlatBuffer file, and what is left of the work it may cause.

    `origin` names the file in errors.
    """

    __slots__ = ("_vtables", "budget", "data", "origin", "size")

    def __init__(self, data: bytes, origin: str) -> None:
        self.data = data
        self.size = len(data)
        self.origin = origin
        self.budget = BUDGET_FLOOR + BUDGET_PER_BYTE * self.size
        self._vtables: dict[int, tuple[tuple[int, ...], int]] = {}

    def fault(self, place: str, position: int, found: str, expected: str | None = None) -> ExtractError:
        """An error at a field (may be empty) and a byte of this file."""
        where = f"{place} (byte {position})" if place else f"(byte {position})"
        return ExtractError(self.origin, where, found, expected)

    def spend(self, units: int, place: str, position: int) -> None:
        """Take `units` from the budget, or raise: the file's parts overlap too often."""
        self.budget -= units
        if self.budget < 0:
            found = "more content than the file has bytes for: its parts overlap again and again"
            raise self.fault(place, position, found, "each part of the file to be used about once")

    def root(self, identifier: bytes, names: tuple[str, ...]) -> Table:
        """The root table of a file that carries `identifier` in bytes 4 to 7."""
        wanted = f"a FlatBuffer with identifier {identifier.decode()}"
        if self.size < 8:
            raise self.fault("", 0, f"a file of {self.size} bytes", wanted)
        if self.data[4:8] != identifier:
            raise self.fault("", 4, f"identifier {self.data[4:8]!r}", wanted)
        return self.table(self.follow(0, "root"), names, "root")

    def follow(self, position: int, place: str) -> int:
        """Where the unsigned offset at `position` leads; that 4 bytes can be read there is checked."""
        if position + 4 > self.size:
            raise self.fault(place, position, f"an offset beyond the end of the file ({self.size} bytes)")
        (offset,) = UINT32.unpack_from(self.data, position)
        target: int = position + offset
        if offset == 0 or target + 4 > self.size:
            found = f"an offset of {offset} to byte {target}"
            raise self.fault(
                place, position, found, f"a target before the end of the file ({self.size} bytes)"
            )
        return target

    def table(self, position: int, names: tuple[str, ...], place: str) -> Table:
        """The table at `position`; `names` are its fields, for errors."""
        self.spend(TABLE_COST, place, position)
        (back,) = INT32.unpack_from(self.data, position)
        vtable = position - back
        known = self._vtables.get(vtable)
        if known is None:
            known = self._vtables[vtable] = self._read_vtable(vtable, position, place)
        if position + known[1] > self.size:
            found = f"a table of {known[1]} bytes"
            raise self.fault(
                place, position, found, f"one that ends before the file does ({self.size} bytes)"
            )
        return Table(self, position, known[0], names)

    def _read_vtable(self, vtable: int, table: int, place: str) -> tuple[tuple[int, ...], int]:
        """The field offsets (0 = absent), padded to MAX_SLOTS, and the bytes of a table of this kind."""
        if vtable < 0 or vtable + 4 > self.size:
            raise self.fault(
                place, table, f"a vtable at byte {vtable}", f"a byte of the file (0 to {self.size - 4})"
            )
        length, table_bytes = _VTABLE_HEAD.unpack_from(self.data, vtable)
        if length < 4 or length % 2 or vtable + length > self.size:
            raise self.fault(
                place, vtable, f"a vtable of {length} bytes", "an even number from 4, inside the file"
            )
        count = min((length - 4) // 2, MAX_SLOTS)
        offsets = unpack(f"<{count}H", self.data, vtable + 4)
        if table_bytes < 4 or (count and max(offsets) >= table_bytes):
            found = f"a table of {table_bytes} bytes with a field at {max(offsets, default=0)}"
            raise self.fault(place, vtable, found, "fields inside the table")
        return offsets + _ABSENT[count:], table_bytes


class Table:
    """One table: its fields by slot, each checked when it is read."""

    __slots__ = ("file", "names", "offsets", "position")

    def __init__(
        self, file: FlatBuffer, position: int, offsets: tuple[int, ...], names: tuple[str, ...]
    ) -> None:
        self.file = file
        self.position = position
        self.offsets = offsets
        self.names = names

    def fault(self, slot: int, found: str, expected: str | None = None) -> ExtractError:
        """An error in the field of `slot`."""
        return self.file.fault(self.names[slot], self.position + self.offsets[slot], found, expected)

    def has(self, slot: int) -> bool:
        """Whether the file states the field."""
        return self.offsets[slot] != 0

    def _scalar(self, slot: int, form: Struct) -> int:
        at = self.position + self.offsets[slot]
        if at + form.size > self.file.size:
            raise self.fault(slot, "a value beyond the end of the file", f"one before byte {self.file.size}")
        value: int = form.unpack_from(self.file.data, at)[0]
        return value

    def integer(self, slot: int, form: Struct, default: int = 0) -> int:
        """The number in the field, or the schema's default where the file leaves it out."""
        return self._scalar(slot, form) if self.offsets[slot] else default

    def flag(self, slot: int) -> bool:
        """The truth value in the field; absent is false."""
        return self.offsets[slot] != 0 and bool(self._scalar(slot, BOOL))

    def span(self, slot: int, width: int) -> tuple[int, int] | None:
        """First byte and number of elements of a vector of `width`-byte elements; None where absent."""
        offset = self.offsets[slot]
        if not offset:
            return None
        file = self.file
        vector = file.follow(self.position + offset, self.names[slot])
        (count,) = UINT32.unpack_from(file.data, vector)
        start = vector + 4
        if count * width > file.size - start:
            found = f"a vector of {count} elements of {width} bytes"
            raise file.fault(
                self.names[slot], vector, found, f"at most the {file.size - start} bytes that follow"
            )
        return start, count

    def numbers(self, slot: int, code: str, width: int) -> tuple[int, ...] | None:
        """A vector of numbers (`code` of the struct module), None where the file has none."""
        span = self.span(slot, width)
        if span is None:
            return None
        start, count = span
        self.file.spend(count * width, self.names[slot], start)
        return unpack(f"<{count}{code}", self.file.data, start)

    def floats(self, slot: int) -> tuple[float, ...]:
        """A vector of 32-bit floats, () where the file has none."""
        return self.numbers(slot, "f", 4) or ()

    def integers(self, slot: int) -> tuple[int, ...]:
        """A vector of 32-bit signed integers, () where the file has none."""
        return self.numbers(slot, "i", 4) or ()

    def text(self, slot: int) -> str | None:
        """A string; bytes that are no UTF-8 appear as backslash escapes. None where absent."""
        span = self.span(slot, 1)
        if span is None:
            return None
        start, length = span
        end = start + length
        file = self.file
        if end >= file.size or file.data[end]:
            raise file.fault(self.names[slot], end, "a string without its closing zero byte")
        file.spend(length, self.names[slot], start)
        return file.data[start:end].decode("utf-8", "backslashreplace")

    def blob(self, slot: int) -> bytes:
        """A vector of bytes, b"" where the file has none."""
        start, length = self.span(slot, 1) or (0, 0)
        self.file.spend(length, self.names[slot], start)
        return self.file.data[start : start + length]

    def table(self, slot: int, names: tuple[str, ...]) -> Table | None:
        """The table that the field leads to, None where absent."""
        offset = self.offsets[slot]
        if not offset:
            return None
        place = self.names[slot]
        return self.file.table(self.file.follow(self.position + offset, place), names, place)

    def tables(self, slot: int, names: tuple[str, ...]) -> list[Table]:
        """The tables of a vector, [] where the file has none."""
        span = self.span(slot, 4)
        if span is None:
            return []
        start, count = span
        place = self.names[slot]
        file = self.file
        file.spend(4 * count, place, start)
        if TABLE_COST * count > file.budget:
            file.spend(TABLE_COST * count, place, start)
        found = []
        for at in range(start, start + 4 * count, 4):
            try:
                found.append(file.table(file.follow(at, ""), names, ""))
            except ExtractError as fault:
                raise within(fault, f"{place}[{(at - start) // 4}]") from None
        return found
