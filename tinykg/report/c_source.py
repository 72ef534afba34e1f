"""Words of foreign files as C: identifiers, literals and comments that no text can break out of.

What is written is plain ASCII that C99 and C++11 read alike, trigraphs included (ISO/IEC 9899:1999, 5.2.1.1).
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
import textwrap
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_NAME: Final = 40
"""Characters of an identifier made of a name; C99 promises 63 significant ones (5.2.4.1), and more follow."""

_LONGEST_LITERAL: Final = 1000
"""Bytes of a string literal; C99 promises 4095 (5.2.4.1)."""

_WIDTH: Final = 100
_INT64_MIN: Final = -(2**63)
_FLOAT_MAX: Final = 3.4028235e38


def identifier(name: str) -> str:
    """A lower-case C identifier for a name, to be followed by a suffix, which keeps it from being a keyword.

    Where characters were lost, eight digits of the name's sha256 keep apart what reads alike.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    found = "_".join(re.findall(r"[0-9a-z]+", plain.lower()))
    lost = any(not c.isascii() and c.isalnum() for c in name) or not found or len(found) > _LONGEST_NAME
    if not found or found[0].isdigit():
        found = f"model_{found}".rstrip("_")
    if lost:
        digits = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        found = f"{found[:_LONGEST_NAME].rstrip('_')}_{digits}"
    return found


def string(text: str) -> str | None:
    """A string literal of the text in UTF-8; None where compilers need not take one so long."""
    content = text.encode("utf-8", "surrogatepass")
    if len(content) > _LONGEST_LITERAL:
        return None
    return '"' + "".join(_character(byte) for byte in content) + '"'


def _character(byte: int) -> str:
    """A byte within a string literal; three octal digits end by themselves, `?` begins no trigraph."""
    character = chr(byte)
    if character in '"\\?':
        return f"\\{character}"
    return character if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def comment(lines: Iterable[str]) -> list[str]:
    """A block comment of paragraphs, folded."""
    folded = [part for line in lines for part in _folded(_harmless(line))]
    return ["/*", *(f" * {line}".rstrip() for line in folded), " */"]


def remark(text: str) -> str:
    """A comment of one line."""
    return f"/* {_harmless(text)} */"


def _folded(line: str) -> list[str]:
    return textwrap.wrap(line, _WIDTH - 3, break_long_words=False, break_on_hyphens=False) or [""]


def _harmless(text: str) -> str:
    """Text that neither ends a comment nor begins another one nor a trigraph, on one line."""
    shown = "".join(c if c.isascii() and c.isprintable() else ascii(c)[1:-1] for c in text)
    shown = re.sub(r"\*(?=/)|/(?=\*)|\?(?=\?)", r"\g<0> ", shown)
    return shown.rstrip("\\ ")


def float_literal(value: float) -> str | None:
    """A `float` literal that reads back as the same 32-bit number; None for what C cannot write."""
    if not math.isfinite(value) or abs(value) > _FLOAT_MAX:
        return None
    if value != 0 and struct.unpack("<f", struct.pack("<f", value))[0] == 0:
        return None
    return f"{_with_point(f'{value:.9g}')}f"


def number(value: float) -> str | None:
    """A number as an integer literal where it is whole, else as a `double`; None for what C cannot write."""
    if not math.isfinite(value):
        return None
    if value == int(value) and abs(value) < 2**53:
        return integer(int(value))
    return _with_point(repr(float(value)))


def _with_point(text: str) -> str:
    return text if re.search(r"[.e]", text) else f"{text}.0"


def integer(value: int) -> str:
    """An integer literal, with a suffix where `int` may be too small for it (32 bits)."""
    if -(2**31) < value < 2**31:
        return str(value)
    if value == _INT64_MIN:
        return "(-9223372036854775807LL - 1)"
    return f"{value}LL"


def count(value: int) -> str | None:
    """A number of bytes or elements; None where C has no integer so large (64 bits)."""
    return integer(value) if abs(value) < 2**63 else None


def initializer(values: Iterable[str]) -> str:
    """A brace list, for arrays."""
    return "{" + ", ".join(values) + "}"
