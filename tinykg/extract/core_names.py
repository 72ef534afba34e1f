"""core_slug(text): the core that a source's words mean, as a slug of the core vocabulary."""

from __future__ import annotations

import re
from typing import Final

_MARKS: Final = re.compile(r"[®™©]|\((?:r|tm|c)\)", re.IGNORECASE)
"""Trade marks stand between the words of a name, as in "Arm(R) Cortex(R)-M7"."""

_CORTEX: Final = re.compile(r"cortex[\s_-]*([amr])[\s_-]*(\d{1,3})(?!\d)(plus|\+(?![a-z])|p|f)?")
"""`+` is the Cortex-M0+ only where no word follows: `cortex-m33+nodsp` is a compiler's flag."""

CORTEX: Final = frozenset(
    f"cortex-{name}"
    for name in (
        *(f"m{n}" for n in (0, 1, 3, 4, 7, 23, 33, 52, 55, 85)),
        *(f"r{n}" for n in (4, 5, 52)),
        *(f"a{n}" for n in (5, 7, 8, 9, 15, 32, 35, 53, 55, 57, 72, 73, 76)),
    )
)
"""The Cortex cores with a concept of their own that no letter tells apart."""

_LETTERED: Final = {
    ("m0", "plus"): "m0plus",
    ("m0", "+"): "m0plus",
    ("m0", "p"): "m0plus",
    ("m35", "p"): "m35p",
}
"""Cores that a letter after the number makes another core; `f` is treated apart."""

_ISA: Final = re.compile(
    r"\b(?:rv|risc-?v[\s_-]*(?=\d))(32|64)[\s_-]*([eigmafdcbvpnq]*)(?![\s-]*bits?)(_\w*)?"
)
"""An instruction set by its letters: "RV32IMC", "rv32imac_zicsr", "RV32 IMACP", "RISC-V 64GC"."""

_BITS: Final = re.compile(r"\b(32|64)[\s-]*bits?\b.*\brisc-?v\b|\brisc-?v\b.*\b(32|64)[\s-]*bits?\b")

_NAMED: Final = tuple(
    (re.compile(pattern), slug)
    for pattern, slug in (
        (r"\barm1176", "arm1176"),
        (r"\barm968e?", "arm968e-s"),
        (r"\barm7tdmi", "arm7tdmi"),
        (r"\bstar[\s_-]?mc1\b", "star-mc1"),
        (r"\bhazard3\b", "hazard3"),
        (r"(?:\b|_)lx\s?106\b", "xtensa-lx106"),
        (r"(?:\b|_)lx\s?6\b", "xtensa-lx6"),
        (r"(?:\b|_)lx\s?7\b", "xtensa-lx7"),
        (r"\bhifi[\s_-]?4\b", "xtensa-hifi4"),
        (r"\bhifi[\s_-]?5\b", "xtensa-hifi5"),
        (r"\bavr\d*\b", "avr"),
        (r"\b(?:arc[\s_-]?)?em9d\b", "arc-em9d"),
        (r"\barc(?:v2\w*)?\b(?![\s_-]?em9d)", "arc"),
        (r"\brxv2\b", "rxv2"),
        (r"\brxv3\b", "rxv3"),
        (r"\brx\b", "rx"),
        (r"\bc28x\b", "c28x"),
        (r"\bmips32\b", "mips32"),
        (r"\bmsp430x?\b", "msp430"),
        (r"\bmcs-?51\b|\b8051\b", "mcs51"),
        (r"\bstm8\b", "stm8"),
        (r"\bsparc\b|\bleon[2-5]\b", "sparc"),
        (r"\bnios[\s_-]?(?:ii|2)\b", "nios2"),
        (r"\bx86[_-]64\b|\bamd64\b", "x86-64"),
        (r"\bx86\b(?![_-]64)|\bia-?32\b", "x86"),
    )
)
"""Cores that a word names. A family alone, such as "Xtensa" or "Arm", is no core."""


def core_slug(text: str, *, has_fpu: bool | None = None) -> str | None:
    """The slug of the core that a text names, such as `cortex-m4f` for "Arm Cortex-M4F".

    None where the text names no core of the vocabulary, or several different ones (`core_slugs` has
    them). A Cortex-M4 with a floating-point unit, by its name or by `has_fpu`, is a `cortex-m4f`; the
    cores of other names are the same with and without one.
    """
    slugs = core_slugs(text, has_fpu=has_fpu)
    return slugs[0] if len(slugs) == 1 else None


def core_slugs(text: str, *, has_fpu: bool | None = None) -> tuple[str, ...]:
    """The slugs of all the cores that a text names, each once, in its order."""
    plain = _MARKS.sub("", text).lower()
    found = [(match.start(), _cortex(match, has_fpu=has_fpu)) for match in _CORTEX.finditer(plain)]
    found += [(match.start(), slug) for pattern, slug in _NAMED for match in pattern.finditer(plain)]
    sets = [(match.start(), _riscv(match[1], match[2])) for match in _ISA.finditer(plain)]
    if "xpulp" in plain:
        sets = [(place, "rv32imc-xpulp" if slug == "rv32imc" else slug) for place, slug in sets]
    bits = _BITS.search(plain)
    if bits is not None and not sets:
        sets = [(bits.start(), f"rv{bits[1] or bits[2]}")]
    if any(slug == "hazard3" for _, slug in found):
        sets = []  # the text says the instruction set of the core that it names
    ordered = sorted((place, slug) for place, slug in [*found, *sets] if slug is not None)
    return tuple(dict.fromkeys(slug for _, slug in ordered))


def _cortex(match: re.Match[str], *, has_fpu: bool | None) -> str | None:
    name, end = f"{match[1]}{match[2]}", match[3] or ""
    if (name, end) in _LETTERED:
        return f"cortex-{_LETTERED[name, end]}"
    if name == "m4" and (end == "f" or has_fpu):
        return "cortex-m4f"
    slug = f"cortex-{name}"
    return slug if slug in CORTEX else None


def _riscv(bits: str, letters: str) -> str:
    """The narrowest core of the vocabulary whose extensions an instruction set has.

    `g` is short for `imafd` (RISC-V unprivileged specification, chapter on naming conventions).
    """
    has = set(letters.replace("g", "imafd"))
    if bits == "64":
        return "rv64gc" if has >= set("imafdc") else "rv64"
    if "e" in has:
        return "rv32ec" if "c" in has else "rv32"
    for slug in ("rv32imafc", "rv32imac", "rv32imc"):
        if has >= set(slug.removeprefix("rv32")):
            return slug
    return "rv32"
