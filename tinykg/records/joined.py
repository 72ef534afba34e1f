"""A device type with what it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinykg.records.board import BoardDescription, Microcontroller
    from tinykg.records.device import DeviceType


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A device type and the descriptions and parts that it was made of, the most trusted first.

    `processors_from_part` and `memories_from_part` are the places of those that hold facts of the
    microcontroller rather than of a description of the board.
    """

    device: DeviceType
    descriptions: tuple[BoardDescription, ...] = ()
    parts: tuple[Microcontroller, ...] = ()
    processors_from_part: tuple[int, ...] = ()
    memories_from_part: tuple[int, ...] = ()
