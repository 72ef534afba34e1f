"""A memory plan as it is drawn: named buffers, their roles and the steps they live through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.footprint import Footprint, PlannedBuffer, Share
    from tinykg.records.model_file import ModelFile

KEYS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""Letters that tie a box to its row of the table, the largest buffer first."""

LAYER_SHARE: Final = "layer "
"""How the name of a share begins that one layer is to blame for: `layer 0/3 ADD: kernel data`."""


class Role(StrEnum):
    """What a planned buffer is to the model."""

    INPUT = "graph input"
    OUTPUT = "graph output"
    INNER = "tensor between layers"
    SCRATCH = "scratch buffer of one layer"
    UNUSED = "tensor that no layer uses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A planned buffer with its letter (one of `KEYS`, empty beyond them), role and printable name."""

    buffer: PlannedBuffer
    key: str
    role: Role
    name: str

    @property
    def end_bytes(self) -> int:
        """Where the buffer ends, in bytes from the start of the arena."""
        return self.buffer.offset_bytes + self.buffer.size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The boxes of a plan, the largest first, over steps `first_step` to `last_step`.

    `steps` names them from step 0 on; `first_step` is -1 where a tensor is never used.
    `live_bytes` holds, from `first_step` on, the bytes of the buffers alive at each step.
    """

    head_bytes: int
    boxes: tuple[Box, ...]
    steps: tuple[str, ...]
    first_step: int
    last_step: int
    live_bytes: tuple[int, ...]

    @property
    def fullest_step(self) -> int:
        """The first step at which most bytes are alive."""
        return self.live_bytes.index(max(self.live_bytes)) + self.first_step

    def step_name(self, step: int) -> str:
        """The operator at a step, `-` before the first."""
        return printable(self.steps[step]) if 0 <= step < len(self.steps) else "-"

    def life(self, box: Box) -> str:
        """`3-7`, or `never` for a tensor that no layer uses."""
        first, last = box.buffer.first, box.buffer.last
        if last < 0:
            return "never"
        return str(first) if first == last else f"{first}-{last}"


def layout(file: ModelFile, footprint: Footprint, steps: Sequence[str]) -> Layout:
    """The plan of a footprint, ready to be drawn; `steps` are the names of the walk's steps."""
    ordered = sorted(footprint.plan, key=lambda b: (-b.size_bytes, b.first, b.offset_bytes))
    boxes = []
    for index, buffer in enumerate(ordered):
        key = KEYS[index] if index < len(KEYS) else ""
        boxes.append(Box(buffer=buffer, key=key, role=_role(file, buffer), name=printable(buffer.name)))
    first = min((b.first for b in ordered), default=0)
    last = max(len(steps) - 1, *(b.last for b in ordered), 0)
    return Layout(
        head_bytes=footprint.head_bytes or 0,
        boxes=tuple(boxes),
        steps=tuple(steps),
        first_step=min(first, 0),
        last_step=last,
        live_bytes=_live_bytes(ordered, min(first, 0), last),
    )


def _role(file: ModelFile, buffer: PlannedBuffer) -> Role:
    if buffer.tensor is None:
        return Role.SCRATCH
    if buffer.last < 0:
        return Role.UNUSED
    if buffer.subgraph == 0 and buffer.tensor in file.main.inputs:
        return Role.INPUT
    if buffer.subgraph == 0 and buffer.tensor in file.main.outputs:
        return Role.OUTPUT
    return Role.INNER


def _live_bytes(buffers: Sequence[PlannedBuffer], first: int, last: int) -> tuple[int, ...]:
    changes = [0] * (last - first + 2)
    for buffer in buffers:
        changes[buffer.first - first] += buffer.size_bytes
        changes[buffer.last - first + 1] -= buffer.size_bytes
    live, total = [], 0
    for change in changes[:-1]:
        total += change
        live.append(total)
    return tuple(live)


def printable(text: str) -> str:
    """The text without characters that would steer a terminal or break XML."""
    return "".join(
        c if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def shortened(text: str, width: int) -> str:
    """The text in at most `width` characters, its middle left out."""
    if len(text) <= width:
        return text
    front = (width - 1) // 2
    return f"{text[:front]}…{text[len(text) - (width - 1 - front) :]}"


def grouped_shares(shares: Sequence[Share], *, by_layer: bool = False) -> list[tuple[str, int]]:
    """(name, bytes) of what the tail holds, the largest first; the sum is that of the shares.

    Shares of layers are put together by what they are (`kernel data of 9 layers`),
    unless `by_layer`.
    """
    sizes: dict[str, int] = {}
    layers: dict[str, set[str]] = {}
    for share in shares:
        owner, _, what = share.name.partition(": ")
        name = share.name
        if owner.startswith(LAYER_SHARE) and what and not by_layer:
            name = what
            layers.setdefault(name, set()).add(owner)
        sizes[name] = sizes.get(name, 0) + share.size_bytes
    rows = [(printable(name) + _of_layers(layers.get(name)), size) for name, size in sizes.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _of_layers(owners: set[str] | None) -> str:
    if not owners:
        return ""
    return f" of {len(owners)} layers" if len(owners) > 1 else f" of {next(iter(owners))}"
