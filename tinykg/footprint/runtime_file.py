"""Runtimes from `data/runtimes/*.toml`, strictly decoded, with the tables they refer to.

A runtime file names an ABI (`abi/NAME.toml`, or that of `layout`), tables of operators
and a summary of its linked code, all under the same folder. Adding a runtime is adding a file.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tinykg.errors import ExtractError
from tinykg.records.build import Abi, Build, CodeSections, Figure, Kernel, StructSize
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.runtime import OperatorSupport, Runtime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

T = TypeVar("T")


class _AbiFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    source: str
    structs: dict[str, tuple[int, int]]
    options: dict[str, tuple[int, int]]
    kernels: dict[str, int]
    scratch_requests_per_layer: int = 12


class _FigureRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    value: float
    low: float
    high: float
    source: str


class _OperatorRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    resolver: str = ""
    tensors: str = ""
    types: str | list[str] = []
    versions: tuple[int, int] | None = None
    takes: str | None = None
    unchecked: str = ""
    custom: bool = False
    data: str | None = None
    reads: str = ""
    inputs: int | tuple[int, ...] = (0,)
    outputs: int | tuple[int, ...] = (0,)
    constant: str = ""
    rank: dict[str, tuple[int, int]] = {}


class _CodeFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    source: str
    section_bytes: tuple[int, ...]
    core: frozenset[int]
    core_static_bytes: int
    data_bytes: int
    with_data: frozenset[str]
    static_bytes: dict[str, int]
    kernels: dict[str, frozenset[int]]


class _RuntimeFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    title: str
    family: str
    version: str
    kernel_set: str
    abi: str
    layout: str | None = None
    method: str = "interpreter"
    accelerator: str | None = None
    superseded_by: str | None = None
    max_subgraphs: int | None = None
    cores: tuple[str, ...]
    systems: tuple[str, ...]
    ram_kind: str = "sram"
    program_kind: str = "flash"
    stack_reserve_bytes: int
    evidence: EvidenceKind
    source: str
    operators: str | tuple[str, ...]
    compiler: str | None = None
    code: str | None = None
    kernel_data: dict[str, int] = {}
    figures: dict[str, _FigureRow] = {}


def load_runtimes(folder: Path) -> dict[str, Runtime]:
    """All runtimes of a folder by name, in order."""
    runtimes = [load_runtime(path) for path in sorted(folder.glob("*.toml"))]
    return {runtime.name: runtime for runtime in runtimes}


def load_runtime(path: Path) -> Runtime:
    """The runtime of one file, with the tables its footprints are computed from."""
    sheet = _decode(path, _RuntimeFile)
    if sheet.name != path.stem:
        raise ExtractError(path, "$.name", f"`{sheet.name}`", f"the file's own name, `{path.stem}`")
    folder = path.parent
    abi = _read_abi(folder / "abi" / f"{sheet.layout or sheet.abi}.toml", sheet.kernel_data)
    code = _read_code(folder / sheet.code) if sheet.code else None
    operators, kernels = _read_operators(folder, sheet.operators)
    mapped, mapped_kernels = _read_operators(folder, sheet.compiler or ())
    return Runtime(
        name=sheet.name,
        title=sheet.title,
        family=sheet.family,
        version=sheet.version,
        kernel_set=sheet.kernel_set,
        abi=sheet.abi,
        cores=sheet.cores,
        systems=sheet.systems,
        ram_kind=sheet.ram_kind,
        program_kind=sheet.program_kind,
        core_code_bytes=sum(code.section_bytes[i] for i in code.core) if code else 0,
        stack_reserve_bytes=sheet.stack_reserve_bytes,
        evidence=Evidence(kind=sheet.evidence, source=sheet.source),
        accelerator=sheet.accelerator,
        superseded_by=sheet.superseded_by,
        operators=operators,
        build=Build(
            abi=abi,
            kernels=kernels,
            code=code,
            method=sheet.method,
            max_subgraphs=sheet.max_subgraphs,
            figures=_read_figures(path, sheet.figures),
            mapped=mapped_kernels,
            mapped_types={name: support.types for name, support in mapped.items()},
        ),
    )


def _read_operators(
    folder: Path, names: str | tuple[str, ...]
) -> tuple[dict[str, OperatorSupport], dict[str, Kernel]]:
    """Operators of all tables, by name; a later table replaces rows of an earlier one."""
    supports: dict[str, OperatorSupport] = {}
    kernels: dict[str, Kernel] = {}
    for name in (names,) if isinstance(names, str) else names:
        table = folder / name
        for operator, row in _decode(table, dict[str, _OperatorRow]).items():
            supports[operator] = _support(table, operator, row)
            kernels[operator] = _kernel(table, operator, row)
    return dict(sorted(supports.items())), dict(sorted(kernels.items()))


def _read_figures(path: Path, rows: Mapping[str, _FigureRow]) -> dict[str, Figure]:
    """Numbers with their intervals, which must hold them."""
    for name, row in rows.items():
        if not row.low <= row.value <= row.high:
            found = f"{row.value:g} outside {row.low:g} to {row.high:g}"
            raise ExtractError(path, f"$.figures.{name}", found, "low <= value <= high")
    return {
        name: Figure(value=row.value, low=row.low, high=row.high, source=row.source)
        for name, row in rows.items()
    }


def _decode(path: Path, kind: type[T]) -> T:
    """A TOML or JSON file as a checked value; faults name the file and the place in it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ExtractError(
            path, "the file itself", error.strerror or str(error), "a readable file"
        ) from error
    decode: Any = msgspec.toml.decode if path.suffix == ".toml" else msgspec.json.decode
    try:
        value: T = decode(data, type=kind)
    except msgspec.DecodeError as error:
        found, _, place = str(error).partition(" - at ")
        raise ExtractError(path, place.strip("`") or "$", found) from error
    return value


def _read_abi(path: Path, kernel_data: Mapping[str, int]) -> Abi:
    """The ABI's sizes; a kernel set's own structs replace the reference kernels'."""
    sheet = _decode(path, _AbiFile)
    return Abi(
        name=sheet.name,
        source=sheet.source,
        structs=_sizes(sheet.structs),
        options=_sizes(sheet.options),
        kernels={**sheet.kernels, **kernel_data},
        scratch_requests_per_layer=sheet.scratch_requests_per_layer,
    )


def _sizes(table: Mapping[str, tuple[int, int]]) -> dict[str, StructSize]:
    return {name: StructSize(size_bytes=size, align_bytes=align) for name, (size, align) in table.items()}


def _read_code(path: Path) -> CodeSections:
    sheet = _decode(path, _CodeFile)
    return CodeSections(
        source=sheet.source,
        section_bytes=sheet.section_bytes,
        core=sheet.core,
        kernels=sheet.kernels,
        core_static_bytes=sheet.core_static_bytes,
        static_bytes=sheet.static_bytes,
        data_bytes=sheet.data_bytes,
        with_data=sheet.with_data,
    )


def _tensors(row: _OperatorRow) -> tuple[tuple[str, str], ...]:
    """(slot, name) of the tensors a row's types speak of."""
    parts = [part.strip().partition(" ") for part in row.tensors.split(",") if part.strip()]
    return tuple((slot, name) for slot, _, name in parts)


def _support(path: Path, operator: str, row: _OperatorRow) -> OperatorSupport:
    tensors = _tensors(row)
    return OperatorSupport(
        operator=operator,
        resolver=row.resolver,
        types=_signatures(path, operator, row, len(tensors)),
        positions=tuple(name for _, name in tensors),
        versions=row.versions,
        custom=row.custom,
    )


def _signatures(path: Path, operator: str, row: _OperatorRow, width: int) -> tuple[tuple[str, ...], ...]:
    """All accepted rows of types, alternatives written out."""
    if isinstance(row.types, str):
        return tuple((name,) * width for name in row.types.split())
    signatures: list[tuple[str, ...]] = []
    for line in row.types:
        columns = [column.split("|") for column in line.split()]
        if len(columns) != width:
            raise ExtractError(path, f"{operator}.types", f"{len(columns)} types in '{line}'", f"{width}")
        signatures.extend(itertools.product(*columns))
    return tuple(signatures)


def _kernel(path: Path, operator: str, row: _OperatorRow) -> Kernel:
    return Kernel(
        operator=operator,
        slots=tuple(slot for slot, _ in _tensors(row)),
        takes=row.takes or _enumerate(row.types),
        data=row.data,
        reads=tuple(row.reads.split()),
        inputs=_bounds(path, f"{operator}.inputs", row.inputs),
        outputs=_bounds(path, f"{operator}.outputs", row.outputs),
        constants=tuple(row.constant.split()),
        ranks=row.rank,
        unchecked=frozenset(row.unchecked.split()),
    )


def _bounds(path: Path, place: str, count: int | tuple[int, ...]) -> tuple[int, int | None]:
    """(lowest, highest) of a count written as one number, [lowest] or [lowest, highest]."""
    if isinstance(count, int):
        return count, count
    if not 1 <= len(count) <= 2:
        raise ExtractError(path, place, f"{len(count)} numbers", "[lowest] or [lowest, highest]")
    return count[0], count[1] if len(count) > 1 else None


def _enumerate(types: str | list[str]) -> str:
    """`float32, int8 or int16`."""
    names = types.split() if isinstance(types, str) else types
    return " or ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
