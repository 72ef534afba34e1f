"""Which microcontrollers a part number may mean. Pure.

Sources write one part in many ways: `nRF52840_xxAA`, `nrf52840_qiaa`, `nRF52840`; `STM32F446RETx`,
`stm32f446ret6`, `stm32f446Xe`. What is left open in one of them (`x`, or an end that is not there)
fits anything, so a name may mean several parts; only what all of these have in common is then known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.records.board import Microcontroller

_MAKERS: Final = re.compile(
    r"^(?:at91|at(?=sam|mega|tiny|xmega)|nxp|nordic|st(?=stm)|raspberrypi|espressif|ambiq)"
)
"""What some sources put before the part's own name."""

_SHORT_FORMS: Final = (
    (re.compile(r"^k(?=[a-z]?\d\d)"), "mk"),
    (re.compile(r"^rt(?=1\d)"), "mimxrt"),
    (re.compile(r"^r7f(?=a\d)"), "r"),
)
"""How Zephyr and PlatformIO write Kinetis, i.MX RT and RA parts, and how the others do."""

_OPEN_ENDED: Final = re.compile(
    r"^(?:stm32|nrf5|nrf9|lpc|mk\d|mkl|mke|mkv|mimxrt|efr32|efm32|ra\d|gd32|cy8c|apm32|at32|ch32|mcx|sam[a-z]\d|sam\d)"
)
"""Families whose part numbers end in package, temperature and revision, which sources shorten.

Others, such as `esp32` and `esp32s3`, are different parts where one name begins with the other.
"""

_LEAST: Final = 7
"""So many characters must be equal before an end may be missing, as in `nrf5340` and `lpc1768`."""

_FAMILY: Final = re.compile(r"^stm32[a-z0-9]{0,2}$")
"""What says a family of STM32, such as `stm32f4`, and no part."""

_WILD: Final = re.compile(r"^(?:stm32|nrf)")
"""Families in whose part numbers an `x` stands for any character; no part of theirs has an `x`."""


def part_key(part: str) -> str:
    """A part number without what only some sources write: case, separators, the maker."""
    bare = _MAKERS.sub("", re.sub(r"[^a-z0-9]", "", part.casefold()))
    for beginning, maker_writes in _SHORT_FORMS:
        bare = beginning.sub(maker_writes, bare)
    return bare


def may_be(one: str, other: str) -> bool:
    """Whether two keys of `part_key` may name the same part."""
    if one == other:
        return True
    if not all(_OPEN_ENDED.match(key) and not _FAMILY.match(key) for key in (one, other)):
        return False
    wild = bool(_WILD.match(one))
    shared = min(len(one), len(other))
    if shared < _LEAST or not all(
        a == b or (wild and "x" in (a, b)) for a, b in zip(one, other, strict=False)
    ):
        return False
    rest = one[shared:] + other[shared:]
    return wild or not rest or not (rest[0].isdigit() and one[shared - 1].isdigit())


class PartIndex:
    """Microcontrollers by the beginning of their part numbers."""

    def __init__(self, parts: Iterable[Microcontroller]) -> None:
        self._exact: dict[str, list[Microcontroller]] = defaultdict(list)
        self._near: dict[str, list[str]] = defaultdict(list)
        self._known: dict[str, tuple[Microcontroller, ...]] = {}
        for part in parts:
            key = part_key(part.part)
            if key not in self._exact:
                self._near[key[:_BEGINNING]].append(key)
            self._exact[key].append(part)

    def meant_by(self, part: str) -> tuple[Microcontroller, ...]:
        """The microcontrollers that a part number may mean; those it names exactly, if there are any."""
        key = part_key(part)
        if key not in self._known:
            keys = [key] if key in self._exact else self._near.get(key[:_BEGINNING], ())
            self._known[key] = tuple(
                found for other in keys if may_be(key, other) for found in self._exact[other]
            )
        return self._known[key]

    def meant_by_all(self, names: Iterable[str]) -> tuple[Microcontroller, ...]:
        """The microcontrollers that several names for one part mean: those that fit them all.

        A name that fits none of those that the names before it left is passed over.
        """
        left: dict[str, tuple[Microcontroller, ...]] = {}
        for name in names:
            found: dict[str, tuple[Microcontroller, ...]] = {}
            for part in self.meant_by(name):
                key = part_key(part.part)
                found[key] = (*found.get(key, ()), part)
            left = {key: parts for key, parts in found.items() if key in left} or left or found
        return tuple(part for parts in left.values() for part in parts)


_BEGINNING: Final = 6
"""Parts that may be the same have so many characters in common: `stm32f`, `nrf528`."""


def same_core(one: str | None, other: str | None) -> bool:
    """Whether two cores may be the same; `cortex-m4f` is a `cortex-m4` of which more is known."""
    if one is None or other is None:
        return False
    return (
        one.removesuffix("f") == other.removesuffix("f") or _is_family(one, other) or _is_family(other, one)
    )


def _is_family(name: str, member: str) -> bool:
    """Whether a name such as `rv32` is what several cores have in common."""
    return name in {"rv32", "rv64"} and member.startswith(name)


def usable(parts: tuple[Microcontroller, ...], cores: Iterable[str]) -> tuple[Microcontroller, ...]:
    """The parts that have one of the cores a board is said to have; all, where nobody said which."""
    said = list(cores)
    if not said:
        return parts
    return tuple(
        part
        for part in parts
        if not any(p.core for p in part.processors)
        or any(same_core(p.core, core) for p in part.processors for core in said)
    )
