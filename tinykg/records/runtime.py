"""What a runtime supports and costs: operators, element types, cores, code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.records.build import Build
    from tinykg.records.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSupport:
    """One operator of a runtime.

    `types` lists the accepted signatures, each a tuple of element types by tensor
    position as the runtime checks them: (input, weights, output, ...), named by
    `positions`; `*` is any type, `none` an absent tensor. `versions` is (lowest,
    highest) or None where the runtime does not check versions. `resolver` is the
    runtime's own name of the kernel, which the code sections are listed under.
    `custom` operators are known by their name in the file.
    """

    operator: str
    resolver: str
    types: tuple[tuple[str, ...], ...] = ()
    positions: tuple[str, ...] = ()
    versions: tuple[int, int] | None = None
    custom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A runtime build: one version, kernel set and ABI.

    `cores` and `systems` are slugs of the vocabularies (`cortex-m4f`, `bare-metal`);
    `ram_kind` and `program_kind` are the memory kinds that hold its RAM and its program.
    `accelerator` is what the text of one of a device's accelerators must start with; None
    needs none. `superseded_by` names the runtime to use instead where both serve.
    `stack_reserve_bytes` is the stack that a match sets aside besides the footprint.
    `build` is what footprints are computed from; None where only the graph's facts are known.
    """

    name: str
    title: str
    family: str
    version: str
    kernel_set: str
    abi: str
    cores: tuple[str, ...]
    systems: tuple[str, ...]
    ram_kind: str = "sram"
    program_kind: str = "flash"
    accelerator: str | None = None
    superseded_by: str | None = None
    core_code_bytes: int
    stack_reserve_bytes: int
    evidence: Evidence
    operators: Mapping[str, OperatorSupport] = field(default_factory=dict)
    build: Build | None = None
