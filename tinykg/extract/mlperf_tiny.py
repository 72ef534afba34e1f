"""MLPerf Tiny's system descriptions -> what submitters say of the boards that they measured.

A description is a JSON object of free texts. Its memory figures are the maker's totals, in units that
`mlperf_tiny_texts` tells; its clock is the one of the run, which may be lower than what the part can do.
A text that can be read in more than one way becomes a tag with its field's name, and no fact.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tinykg.errors import ExtractError
from tinykg.extract.core_names import core_slugs
from tinykg.extract.document import converted
from tinykg.extract.json_document import beginning, read_object, top_members
from tinykg.extract.mlperf_tiny_texts import (
    NOTHING,
    Row,
    board_memory,
    board_storage,
    chip_memory,
    chip_storage,
    clock_hz,
    processor_figure,
    processor_size,
    total_figures,
)
from tinykg.records.board import BoardDescription
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.board import MemoryFigure

SOURCE: Final = "mlperf-tiny"

_DIVISIONS: Final = frozenset({"closed", "open", "network"})
"""The divisions of MLPerf Tiny's submission rules, which are folders of each round's results."""

_COUNTS: Final = {"single": 1, "dual": 2, "triple": 3, "quad": 4, "hexa": 6, "octa": 8}


_NAMES: Final = {
    "submitter": "Submitter",
    "board": "Board Name",
    "board_memory": "Board Memory capacity",
    "board_memory_type": "Board Memory type",
    "board_storage": "Board storage capacity",
    "board_storage_type": "Board storage type",
    "chip": "SoC Name",
    "chip_memory": "SoC Memory capacity",
    "chip_memory_type": "SoC Memory type",
    "chip_storage": "SoC storage capacity",
    "chip_storage_type": "SoC storage type",
    "processor": "Processor(s) Name",
    "processor_count": "Number of Processor(s)",
    "clock": "Processor(s) Frequencies",
    "processor_memory": "Processor memory type and capacity",
    "processor_storage": "Processor storage type and capacity",
    "accelerator": "Accelerator",
    "hardware_notes": "Hardware Notes",
    "system": "Operating System",
}
"""The members that are read, as the form of v0.5 to v1.3 calls them without its explanations in brackets."""

_SPELLINGS: Final = {name.casefold(): name for name in _NAMES.values()}


class _System(msgspec.Struct, rename=_NAMES):
    submitter: str = ""
    board: str = ""
    board_memory: str = ""
    board_memory_type: str = ""
    board_storage: str = ""
    board_storage_type: str = ""
    chip: str = ""
    chip_memory: str = ""
    chip_memory_type: str = ""
    chip_storage: str = ""
    chip_storage_type: str = ""
    processor: str = ""
    processor_count: str | int = ""
    clock: str = ""
    processor_memory: str = ""
    processor_storage: str = ""
    accelerator: str = ""
    hardware_notes: str = ""
    system: str | dict[str, Any] = ""


def read_system(path: Path) -> BoardDescription:
    """What a system description says of its board; raises ExtractError with the field, or line and column."""
    system = converted(path, _named(path, read_object(path)), _System)
    runs = _runs(system.system)
    figures, tags = _figures(system, linux=runs == "linux")
    collection, identifier = _place(path, system.submitter)
    return BoardDescription(
        source=SOURCE,
        collection=collection,
        identifier=identifier,
        name=_said(system.board) or path.stem,
        part=_said(system.chip),
        system=runs,
        processors=_processors(system),
        figures=figures,
        accelerators=_accelerators(system.accelerator),
        tags=tuple(sorted({*tags, *_unread(system, runs)})),
        note=_said(system.hardware_notes),
    )


def _named(path: Path, raw: dict[str, Any]) -> dict[str, Any]:
    """The members that are read, under the form's names; of one given twice, the first that says something.

    Submitters change the case, leave blanks at the end, and drop what the form explains in brackets.
    """
    found: dict[str, Any] = {}
    for key, value in raw.items():
        plain = " ".join(re.sub(r"\(not including[^)]*\)", "", key, flags=re.IGNORECASE).split())
        name = _SPELLINGS.get(plain.casefold())
        if name is not None and value is not None and not found.get(name):
            found[name] = value
    if not found:
        raise ExtractError(
            path, "`$`", "none of the members of a system description", '"Board Name" and others'
        )
    return found


def _said(text: str) -> str | None:
    stripped = text.strip()
    return None if stripped.casefold() in NOTHING else stripped


def _place(path: Path, submitter: str) -> tuple[str | None, str]:
    """The round, and the description's name within it: its path below the round without `systems`.

    Results lie in `<round>/<division>/<submitter>/systems/`, some of them a folder deeper. Elsewhere the
    round is not known, and the submitter is the one that the description names.
    """
    folders = path.absolute().parent.parts
    for i in range(len(folders) - 1, 2, -1):
        if folders[i] == "systems" and folders[i - 2].casefold() in _DIVISIONS:
            inner = (folders[i - 2], folders[i - 1], *folders[i + 1 :], path.stem)
            return folders[i - 3].strip("/") or None, "/".join(inner)
    who = _said(submitter)
    return None, f"{who}/{path.stem}" if who else path.stem


def _runs(system: str | dict[str, Any]) -> str | None:
    """The system that programs ran under; None where the text names neither Linux nor a system for MCUs."""
    text = " ".join([system] if isinstance(system, str) else system).casefold()
    if re.search(r"linux|ubuntu|debian|raspbian|raspberry pi os|yocto|openwrt", text):
        return "linux"
    if re.search(r"\bbare\b|baremetal|rtos|zephyr|mbed|threadx|nuttx|riot|chibios|\brt-thread\b", text):
        return "bare-metal"
    return None


def _processors(system: _System) -> tuple[Processor, ...]:
    """The processor by its name's words; one each where they name several cores, without a clock then."""
    text, part, clock = system.processor, _said(system.chip), clock_hz(system.clock)
    fpu = _has(text, "fpu|floating[ -]point unit")
    cores = core_slugs(text, has_fpu=fpu)
    if len(cores) > 1:
        return tuple(Processor(part=part, core=core) for core in cores)
    core = cores[0] if cores else None
    if part is None and core is None and clock is None:
        return ()
    return (
        Processor(
            part=part,
            core=core,
            core_count=_core_count(system),
            clock_hz=clock,
            has_fpu=True if core == "cortex-m4f" else fpu,
            simd=_simd(text),
        ),
    )


def _has(text: str, words: str) -> bool | None:
    """Whether a text says that there is something, or that there is none; None where it says neither."""
    if re.search(rf"\b(?:no|without|w/o)\s+(?:{words})\b", text, re.IGNORECASE):
        return False
    return True if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE) else None


def _simd(text: str) -> str | None:
    if _has(text, "mve|helium"):
        return "MVE"
    return {True: "DSP", False: "none", None: None}[_has(text, "dsp")]


def _core_count(system: _System) -> int | None:
    count = str(system.processor_count).strip()
    if count.isascii() and count.isdigit() and len(count) <= 4:
        return int(count) or None
    word = re.search(rf"\b({'|'.join(_COUNTS)})[\s-]?core\b", system.processor, re.IGNORECASE)
    return _COUNTS[word[1].lower()] if word else None


def _accelerators(text: str) -> tuple[str, ...] | None:
    """The accelerator by name; () where the field says that there is none, None where it is empty."""
    name = text.strip()
    if not name:
        return None
    return () if name.casefold() in NOTHING else (name,)


def _figures(system: _System, *, linux: bool) -> tuple[tuple[MemoryFigure, ...], list[str]]:
    """The memories with their totals, and the texts that are ambiguous as tags."""
    figures: list[MemoryFigure] = []
    tags: list[str] = []
    for field, which in (
        ("chip_memory", chip_memory),
        ("chip_storage", chip_storage),
        ("board_memory", board_memory),
        ("board_storage", board_storage),
    ):
        row = _row(system, field, f"{field}_type")
        if row is None:
            continue
        memory = which(row.type, linux=linux)
        found = () if memory is None else total_figures(row, memory)
        figures += found
        if not found or "+" in row.capacity:
            tags.append(" ".join(f"{row.field}: {row.capacity} {row.type}".split()))
    for field in ("processor_memory", "processor_storage"):
        row = _row(system, field, None)
        said = None if row is None else processor_size(row)
        if row is not None and said is None:
            tags.append(f"{row.field}: {row.capacity}")
        elif row is not None and said is not None and said not in [(f.memory, f.size_bytes) for f in figures]:
            figures.append(processor_figure(row, *said))
    return tuple(figures), tags


def _row(system: _System, field: str, type_field: str | None) -> Row | None:
    """One memory's texts; None where the description says nothing of it."""
    capacity = _said(getattr(system, field))
    if capacity is None:
        return None
    kind = _said(getattr(system, type_field)) if type_field else None
    return Row(field=_NAMES[field], capacity=capacity, type=kind or "")


def _unread(system: _System, runs: str | None) -> list[str]:
    """Texts about the processor and the system that say something, but no fact."""
    operating = system.system if isinstance(system.system, str) else " ".join(system.system)
    tags = {
        "clock": system.clock if clock_hz(system.clock) is None else "",
        "processor_count": str(system.processor_count) if _core_count(system) is None else "",
        "system": operating if runs is None else "",
    }
    return [f"{_NAMES[field]}: {text.strip()}" for field, text in tags.items() if _said(text)]


class SystemDescriptions:
    """JSON files with a `Submitter` and a `Board Name`, as results of MLPerf Tiny carry them."""

    name = SOURCE

    def accepts(self, path: Path) -> bool:
        """Whether the file is a system description, whether or not its JSON is sound."""
        if path.suffix.casefold() != ".json":
            return False
        content = beginning(path)
        folded = content.lower()
        if b"submitter" not in folded or b"board name" not in folded:
            return False
        members = {" ".join(name.split()).casefold(): name for name in top_members(content)}
        others = {"@context", "product"}  # a Thing's, and those of MicroPython's board.json
        return {"submitter", "board name"} <= members.keys() and others.isdisjoint(members)

    def extract(self, path: Path) -> tuple[BoardDescription, ...]:
        """What the file says of its board."""
        return (read_system(path),)


EXTRACTOR = SystemDescriptions()
