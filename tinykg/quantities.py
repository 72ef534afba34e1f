"""Quantities as people read them."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from tinykg.records.evidence import EvidenceKind

if TYPE_CHECKING:
    from tinykg.records.estimate import Estimate


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


def duration(microseconds: float) -> str:
    """A time with three significant digits in s, ms or us."""
    for limit, name in ((1e6, "s"), (1e3, "ms")):
        if microseconds >= limit:
            return f"{_three_digits(microseconds / limit)} {name}"
    return f"{_three_digits(microseconds)} us"


def work(microjoules: float) -> str:
    """An energy with three significant digits in J, mJ or uJ."""
    for limit, name in ((1e6, "J"), (1e3, "mJ")):
        if microjoules >= limit:
            return f"{_three_digits(microjoules / limit)} {name}"
    return f"{_three_digits(microjoules)} uJ"


def _three_digits(value: float) -> str:
    """Three significant digits without an exponent: 0.0123, 1.23, 12.3, 1230."""
    if value <= 0:
        return "0"
    places = 2 - math.floor(math.log10(value))
    return f"{round(value, places):.{max(places, 0)}f}"


def estimate_text(estimate: Estimate) -> str:
    """An estimate or a measurement with its interval, as `about 12.3 ms (8.20 ms to 18.5 ms)`."""
    unit = duration if estimate.unit == "us" else work
    value, span = unit(estimate.value), f"{unit(estimate.low)} to {unit(estimate.high)}"
    if estimate.evidence.kind is not EvidenceKind.MEASURED:
        return f"about {value} ({span})"
    runs = "one run" if estimate.rows == 1 else f"the mean of {estimate.rows} runs, {span}"
    return f"{value} measured ({runs})"
