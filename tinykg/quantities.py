"""Quantities as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def size(size_bytes: int) -> str:
    """Bytes in KiB or MiB with one decimal; below 1 KiB in bytes."""
    if abs(size_bytes) < 1024:
        return f"{size_bytes} B"
    unit, name = (1024, "KiB") if abs(size_bytes) < 1 << 20 else (1 << 20, "MiB")
    return f"{_one_decimal(size_bytes, unit)} {name}"


def _one_decimal(value: int, unit: int) -> Decimal:
    return (Decimal(value) / unit).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def percent(fraction: float) -> str:
    """A fraction of one as a percentage with one decimal."""
    return f"{fraction * 100:.1f} %"


def count(number: int) -> str:
    """A count in thousands or millions where it is large."""
    for limit, name in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if number >= limit:
            return f"{number / limit:.1f} {name}"
    return str(number)
