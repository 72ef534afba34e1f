"""Flash and static RAM that a runtime's code takes for the operators of a model.

A linked image holds each section once, however many kernels pull it in. Not
counted: vector table and start-up code, board support, logging, the stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.footprint.arena import round_up

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.records.build import Abi, CodeSections


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
