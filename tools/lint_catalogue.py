"""Keep the catalogue's sheets in one canonical form: order of keys and tables, numbers, strings.

    python tools/lint_catalogue.py          # name the sheets that are not in canonical form
    python tools/lint_catalogue.py --fix    # rewrite them

It checks form only. What the values may be is the decoder's and the shapes' matter.
Comments do not survive `--fix`; what a reader should know belongs into `note`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

Scalar: TypeAlias = str | bool | int | float
Table: TypeAlias = Mapping[str, object]

ROOT = Path(__file__).resolve().parent.parent
LINE_LENGTH = 110


class DisorderedSheet(Exception):
    """A sheet that has no canonical form, because of a key the catalogue does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The keys of a kind of sheet, in order.

    `sorted_lists` are lists whose order says nothing. `sort_tables` names the keys
    that order the tables of an array; the others keep the order of the file.
    """

    keys: tuple[str, ...]
    tables: Mapping[str, tuple[str, ...]]
    sorted_lists: frozenset[str]
    sort_tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


DEVICE = Form(
    keys=(
        "name", "vendor", "aliases", "system", "sensors", "accelerators", "connectivity", "active_power_mw",
        "platformio_id", "zephyr_id", "source", "confidence", "note",
    ),
    tables={
        "processor": ("part", "core", "core_count", "clock_hz", "has_fpu", "simd"),
        "memory": (
            "kind", "total_bytes", "contiguous_bytes", "free_bytes", "location",
            "source", "contiguous_source", "free_source",
        ),
        "sensor": ("kind", "part"),
    },
    sorted_lists=frozenset({"aliases", "connectivity"}),
    sort_tables={"sensor": ("kind", "part")},
)  # fmt: skip

MODEL = Form(
    keys=(
        "name", "title", "description", "aliases", "task", "creator", "created", "licence",
        "source_address", "file_address", "sha256", "sensors", "source", "confidence", "note",
    ),
    tables={
        "dataset": ("name", "address"),
        "evaluation": ("metric", "value", "dataset", "evidence", "source"),
        "sensor": ("observes", "rate_hz", "window_s", "minimum", "maximum", "unit", "source"),
    },
    sorted_lists=frozenset({"aliases"}),
    sort_tables={"sensor": ("observes",)},
)  # fmt: skip

FORMS: Mapping[str, Form] = {"devices": DEVICE, "models": MODEL}
"""The form of a folder's sheets, by the folder's name."""


def scalar_text(value: Scalar) -> str:
    """`true`, `262_144`, `0.932`, `"text"`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


def list_text(name: str, values: Sequence[Scalar]) -> str:
    """`name = ["a", "b"]`, one value a line where that is too long for a line."""
    texts = [scalar_text(value) for value in values]
    line = f"{name} = [{', '.join(texts)}]"
    if len(line) <= LINE_LENGTH:
        return line
    return "\n".join([f"{name} = [", *(f"    {text}," for text in texts), "]"])


def lines(table: Table, keys: Sequence[str], sorted_lists: frozenset[str], place: str) -> list[str]:
    """The assignments of one table, in the order of `keys`."""
    strays = sorted(set(table) - set(keys))
    if strays:
        raise DisorderedSheet(f"{place}: no key {', '.join(strays)}; the keys are {', '.join(keys)}")
    result = []
    for key in keys:
        value = table.get(key)
        if value is None:
            continue
        if isinstance(value, list):
            result.append(list_text(key, sorted(value) if key in sorted_lists else value))
        elif isinstance(value, str | bool | int | float):
            result.append(f"{key} = {scalar_text(value)}")
        else:
            raise DisorderedSheet(
                f"{place}.{key}: a {type(value).__name__}, expected text, a number or a list"
            )
    return result


def by_keys(tables: Sequence[Table], keys: Sequence[str]) -> list[Table]:
    """The tables ordered by their texts under `keys`."""
    return sorted(tables, key=lambda table: [str(table.get(key, "")) for key in keys])


def canonical(text: str, form: Form) -> str:
    """The same sheet in canonical form; raises DisorderedSheet or tomllib.TOMLDecodeError."""
    sheet = tomllib.loads(text)
    head = {key: value for key, value in sheet.items() if key not in form.tables}
    blocks = [lines(head, form.keys, form.sorted_lists, "$")]
    for name, keys in form.tables.items():
        found = sheet.get(name, [])
        tables = [found] if isinstance(found, dict) else found
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise DisorderedSheet(f"$.{name}: a {type(found).__name__}, expected tables")
        order = form.sort_tables.get(name)
        if order:
            tables = by_keys(tables, order)
        header = f"[{name}]" if isinstance(found, dict) else f"[[{name}]]"
        blocks += [[header, *lines(table, keys, form.sorted_lists, f"$.{name}")] for table in tables]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def sheets(data: Path) -> list[Path]:
    """The sheets under a data folder, sorted."""
    return sorted(path for folder in FORMS for path in (data / folder).glob("*.toml"))


def fault(path: Path, *, fix: bool) -> str | None:
    """What is wrong with a sheet's form; with `fix`, a sheet that is only disordered is rewritten."""
    text = path.read_text(encoding="utf-8")
    try:
        wanted = canonical(text, FORMS[path.parent.name])
    except (DisorderedSheet, tomllib.TOMLDecodeError) as error:
        return f"{path}: {error}"
    if text == wanted:
        return None
    if fix:
        path.write_text(wanted, encoding="utf-8")
        return None
    return f"{path}: not in canonical form; run: python tools/lint_catalogue.py --fix"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 where a sheet is at fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=ROOT / "data", help="the data folder")
    parser.add_argument("--fix", action="store_true", help="rewrite the sheets that are disordered")
    options = parser.parse_args(arguments)
    faults = [found for path in sheets(options.data) if (found := fault(path, fix=options.fix))]
    for found in faults:
        sys.stderr.write(f"{found}\n")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
