"""Flash and static RAM that a runtime's code takes for the operators of a model.

A linked image holds each section once, however many kernels pull it in. Not
counted: vector table and start-up code, board support, logging, the stack.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tinykg.footprint.arena import round_up
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.records.build import Abi, CodeSections, Figure
    from tinykg.records.footprint import Footprint

CODE_FACTOR: Final = "code_factor"
"""The figure of a runtime whose sections were measured on another build: its code over theirs."""


def code_bytes(code: CodeSections, resolvers: Iterable[str]) -> int:
    """Bytes of the union of the sections of the core and of the named kernels."""
    sections = code.core.union(*(code.kernels[name] for name in set(resolvers)))
    return sum(code.section_bytes[index] for index in sections)


def static_ram_bytes(abi: Abi, code: CodeSections, resolvers: Iterable[str]) -> int:
    """RAM outside the arena: interpreter, resolver with one entry for each operator, kernels' own data."""
    names = set(resolvers)
    entries = abi.structs["resolver_entry"].size_bytes * len(names)
    resolver = round_up(abi.structs["resolver"].size_bytes + entries, abi.structs["resolver"].align_bytes)
    own = sum(code.static_bytes.get(name, 0) for name in names)
    initialised = code.data_bytes if names & code.with_data else 0
    return abi.structs["interpreter"].size_bytes + resolver + code.core_static_bytes + own + initialised


def with_estimated_code(footprint: Footprint, factor: Figure) -> Footprint:
    """The footprint with its code scaled by the factor: flash in an interval, RAM left as computed.

    One footprint has one evidence, that of its weakest figure: `estimated`. A figure of it
    without an interval does not rest on the estimate.
    """
    model, code = footprint.model_bytes, footprint.code_bytes
    if model is None or code is None:
        return footprint
    known = footprint.evidence.source
    return replace(
        footprint,
        evidence=Evidence(kind=EvidenceKind.ESTIMATED, source=f"{known}; flash: {factor.source}"),
        code_bytes=round(code * factor.value),
        flash_bytes=model + round(code * factor.value),
        flash_bytes_low=model + round(code * factor.low),
        flash_bytes_high=model + round(code * factor.high),
    )
