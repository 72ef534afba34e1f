"""The arena while a model is allocated: a persistent stack from its end, the rest from its start.

TensorFlow Lite Micro keeps what lives as long as the model at the end of the arena
(`SingleArenaBufferAllocator::AllocatePersistentBuffer`) and passing tables at its
start. Sizes are counted from an arena end aligned to 16 bytes, as products align it.
"""

from __future__ import annotations

from typing import Final

from tinykg.records.footprint import Share

ALIGNMENT: Final = 16
"""Bytes to which buffers in the arena are aligned (`MicroArenaBufferAlignment`)."""


def round_up(size_bytes: int, align_bytes: int = ALIGNMENT) -> int:
    """The smallest multiple of `align_bytes` that is not below `size_bytes`."""
    return -(-size_bytes // align_bytes) * align_bytes


class Arena:
    """Bytes taken at both ends of the arena, and the largest sum seen.

    `tail_bytes` is persistent. `reserved_bytes` is a table or the tensors at the
    start, `borrowed_bytes` temporaries above it. `peak_bytes` is what the arena must
    hold for every step to succeed without the two ends touching, but for the
    `expendable_bytes` at the end of what was borrowed last: the runtime does not
    compare persistent buffers with borrowed ones, and nothing reads those again.
    `peak` says what that was made of, and `peak_moment` when: the text of `moment` then.
    """

    __slots__ = (
        "borrowed_bytes", "borrowed_name", "expendable_bytes", "moment", "peak_bytes", "peak_moment",
        "peak_parts", "reserved_bytes", "reserved_name", "shares", "tail_bytes",
    )  # fmt: skip

    def __init__(self) -> None:
        self.moment = "setting up the interpreter"
        self.reserved_name = "table of scratch requests"
        self.borrowed_name = "tensor descriptions in use"
        self.peak_moment = self.moment
        self.peak_parts: tuple[tuple[str, int], ...] = ()
        self.tail_bytes = 0
        self.reserved_bytes = 0
        self.borrowed_bytes = 0
        self.expendable_bytes = 0
        self.peak_bytes = 0
        self.shares: list[Share] = []

    def persist(self, name: str, size_bytes: int, align_bytes: int = ALIGNMENT) -> None:
        """Take bytes for good below the last ones; the share includes what alignment adds."""
        before = self.tail_bytes
        self.tail_bytes = round_up(before + size_bytes, align_bytes)
        if self.tail_bytes > before:
            self._record(name, self.tail_bytes - before)
        self._demand(self.borrowed_bytes - self.expendable_bytes)

    def _record(self, name: str, size_bytes: int) -> None:
        last = self.shares[-1] if self.shares else None
        if last is not None and last.name == name:
            self.shares[-1] = Share(name=name, size_bytes=last.size_bytes + size_bytes)
        else:
            self.shares.append(Share(name=name, size_bytes=size_bytes))

    def borrow(self, size_bytes: int, expendable_bytes: int = 0) -> None:
        """Take bytes until the next `reserve`; the last `expendable_bytes` are not read again."""
        self.borrowed_bytes += size_bytes
        self.expendable_bytes = expendable_bytes
        self._demand(self.borrowed_bytes)

    def reserve(self, size_bytes: int) -> None:
        """Set what is kept at the start of the arena; what was borrowed is given back."""
        self.reserved_bytes = size_bytes
        self.borrowed_bytes = 0
        self.expendable_bytes = 0
        self._demand(0)

    def demand_table(self, name: str, size_bytes: int) -> None:
        """Note that an aligned table above all that is borrowed must fit for a moment."""
        start = round_up(self.reserved_bytes + self.borrowed_bytes)
        self._demand(self.borrowed_bytes, (name, size_bytes), start + size_bytes + round_up(self.tail_bytes))

    def _demand(
        self, borrowed_bytes: int, table: tuple[str, int] | None = None, size_bytes: int | None = None
    ) -> None:
        """Note a size the whole arena must have at this moment."""
        if size_bytes is None:
            size_bytes = self.reserved_bytes + borrowed_bytes + self.tail_bytes
        if size_bytes <= self.peak_bytes:
            return
        self.peak_bytes, self.peak_moment = size_bytes, self.moment
        parts = [(self.reserved_name, self.reserved_bytes), (self.borrowed_name, borrowed_bytes)]
        self.peak_parts = (*parts, *([table] if table else ()), ("persistent by then", self.tail_bytes))

    def peak(self) -> tuple[Share, ...]:
        """The parts of the smallest arena, in order of address; their sum is `peak_bytes` rounded up."""
        rest = round_up(self.peak_bytes) - sum(size for _, size in self.peak_parts)
        parts = (*self.peak_parts, ("alignment", rest))
        return tuple(Share(name=name, size_bytes=size) for name, size in parts if size)
