"""What a runtime's build is made of: struct sizes of its ABI, its kernels, its code sections.

A footprint is computed from these facts; they come from `data/runtimes/`.
Tensor slots are written `in0`, `out1`, or `in*` and `out*` for all tensors of a layer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class StructSize:
    """The size and alignment of a C struct, in bytes."""

    size_bytes: int
    align_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Abi:
    """Struct sizes as one application binary interface lays them out.

    `structs` are the interpreter's own, `options` the parsed options of built-in
    operators (by operator; those without have none), `kernels` what kernels keep
    for a layer (by the name that `Kernel.data` refers to). The interpreter keeps room
    for `scratch_requests_per_layer` scratch requests of the layer it prepares.
    """

    name: str
    source: str
    structs: Mapping[str, StructSize]
    options: Mapping[str, StructSize]
    kernels: Mapping[str, int]
    scratch_requests_per_layer: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that an estimate uses, with the interval it was seen to lie in and where it comes from."""

    value: float
    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """How a runtime treats one operator, as far as a table can say it.

    `slots` are the tensors that each row of the operator's signatures speaks of.
    `reads` are the tensors whose descriptions the kernel unpacks while it prepares,
    in order; `data` names the struct it keeps. `inputs` and `outputs` bound the
    tensor counts, `ranks` the number of dimensions; `constants` must have their
    data in the file. `takes` is the sentence of a refusal. `unchecked` slots are
    never looked at: the kernel runs on another type there, and misreads it.
    """

    operator: str
    slots: tuple[str, ...]
    takes: str
    data: str | None = None
    reads: tuple[str, ...] = ()
    inputs: tuple[int, int | None] = (0, None)
    outputs: tuple[int, int | None] = (0, None)
    constants: tuple[str, ...] = ()
    ranks: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unchecked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSections:
    """Linked code of a runtime: which sections its core and each kernel pull in.

    Sections are shared: an image holds the union. `static_bytes` is zero-initialised
    RAM a kernel adds, `data_bytes` initialised RAM that any of `with_data` brings once.
    """

    source: str
    section_bytes: tuple[int, ...]
    core: frozenset[int]
    kernels: Mapping[str, frozenset[int]]
    core_static_bytes: int
    static_bytes: Mapping[str, int]
    data_bytes: int
    with_data: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """Everything the footprint of a file on one runtime is computed from.

    `method` names the way it is computed; `figures` are the numbers that an estimate
    uses besides the tables. `max_subgraphs` is None where the runtime sets no limit.
    `mapped` is what a compiler takes over from the kernels, as kernels of its own, with
    `mapped_types` their accepted signatures.
    """

    abi: Abi
    kernels: Mapping[str, Kernel]
    code: CodeSections | None
    method: str = "interpreter"
    max_subgraphs: int | None = None
    mapped: Mapping[str, Kernel] = field(default_factory=dict)
    mapped_types: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
