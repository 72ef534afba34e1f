"""Dates with a time: what is one by RFC 3339, section 5.6."""

from __future__ import annotations

import re
from typing import Final

_TIME: Final = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
"""The offset is never left out."""


def is_time(value: object) -> bool:
    """Whether a value is a date and time with an offset."""
    return isinstance(value, str) and _TIME.fullmatch(value) is not None
