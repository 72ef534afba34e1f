"""The devicetree of a Zephyr board, parsed as far as the files that are there allow.

The tree itself (merging of nodes, labels, deletions, cells) is the work of `devicetree.dtlib`. In front
of it stands a filter: it passes on the structure and the few properties that TinyKG reads, with every
expression worked out. A property whose value needs a macro of a missing header is left out, also with
the value that it had before, so nothing is guessed; a label that only a missing file defines becomes a
node under `/tinykg-unresolved`. The filter also keeps from the parser what it would take without
bounds: shifts of any width, files to include as bytes, cells by the million.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from devicetree.dtlib import DT, DTError, Node, Type

from tinykg.errors import ExtractError
from tinykg.extract.devicetree_macros import MacroError, evaluated, tokens
from tinykg.extract.devicetree_source import Source, preprocessed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MAX_NESTING: Final = 24
"""Nodes within nodes; published trees nest up to 6."""

MAX_NODES: Final = 10_000
"""Nodes of one board, counting each time one is written; the largest published board has 626."""

MAX_REFERENCES: Final = 1_000
"""References to nodes, each of which the parser seeks among all nodes; published: up to 88."""

MAX_VALUE: Final = 16_384
"""Characters of a value; published ones that are read have up to 300. A longer one counts as unknown."""

UNRESOLVED: Final = "tinykg-unresolved"
"""The name of the node that holds stand-ins for what missing files define."""

_READ = frozenset(
    {
        "#address-cells",
        "#size-cells",
        "clock-frequency",
        "compatible",
        "device_type",
        "model",
        "ranges",
        "reg",
        "riscv,isa",
        "size",
        "status",
    }
)
"""The properties that are passed on, with those of /chosen."""

_STATEMENT = re.compile(r'((?:[^"{};]++|"(?:\\.|[^"\\])*+")*+)([{};])')
_PROPERTY = re.compile(r"\s*(?:[A-Za-z_]\w*:\s*)*([\w,.+?#-]+)\s*(?:=(.*))?", re.DOTALL)
_CALL = re.compile(r"(?:\s*[A-Za-z_]\w*\s*\([^()]*\))+")
"""A macro of a missing header that would write nodes or properties."""
_HEADER = re.compile(r"/dts-v1/|/plugin/|/omit-if-no-ref/")
_LABEL = re.compile(r"\b([A-Za-z_]\w*+)\s*+:")
_REFERENCE = re.compile(r"&([A-Za-z_]\w*)")
_PATH = re.compile(r"&\{([^{}\n]{1,1000})\}")
_STRING = re.compile(r'"(?:\\.|[^"\\])*+"')
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})[uUlL]{0,3}")
_PLACE = re.compile(r"[^:]*:(?P<line>\d+) \(column \d+\): (?:parse error: )?(?P<what>.*)", re.DOTALL)
_OPEN, _CLOSE = "\x01", "\x02"
"""Stand for the braces of a reference by path while statements are told apart."""


@dataclass(frozen=True, slots=True)
class Devicetree:
    """A parsed tree, the includes that were missing and the files that made it."""

    tree: DT
    missing: tuple[str, ...]
    files: tuple[Path, ...]

    def nodes(self) -> Iterator[Node]:
        """All nodes in the order of the source."""
        return iter(self.tree.node_iter())

    def labelled(self, label: str) -> Node | None:
        """The node of a label, where the source has it."""
        return self.tree.label2node.get(label)

    def chosen(self, name: str) -> Node | None:
        """The node that /chosen names for a purpose such as `zephyr,sram`; None where it is not there."""
        chosen = self.tree.root.nodes.get("chosen")
        prop = chosen.props.get(name) if chosen else None
        if prop is None or prop.type not in (Type.PATH, Type.STRING):
            return None
        try:
            node = prop.to_path()
        except DTError:
            return None
        return None if is_stand_in(node) else node


def is_stand_in(node: Node) -> bool:
    """Whether the node stands for one that a missing file defines."""
    return bool(node.path.startswith(f"/{UNRESOLVED}/"))


def texts(node: Node, name: str) -> tuple[str, ...]:
    """The strings of a property; none where it is absent or of another type."""
    prop = node.props.get(name)
    if prop is None or prop.type not in (Type.STRING, Type.STRINGS):
        return ()
    return tuple(prop.to_strings())


def cells(node: Node, name: str) -> tuple[int, ...] | None:
    """The numbers of a property; None where it is absent, of another type, or could not be worked out."""
    prop = node.props.get(name)
    if prop is None or prop.type not in (Type.NUM, Type.NUMS):
        return None
    return tuple(prop.to_nums())


def is_in_use(node: Node) -> bool:
    """Whether the node itself has no status other than okay."""
    status = texts(node, "status")
    return not status or status[0] in ("okay", "ok")


def is_working(node: Node) -> bool:
    """Whether the node and all above it are in use."""
    at: Node | None = node
    while at is not None:
        if not is_in_use(at):
            return False
        at = at.parent
    return True


def read_devicetree(
    path: Path, root: Path, folders: Sequence[Path], overlays: Sequence[Path] = ()
) -> Devicetree:
    """The tree of a board's .dts and its overlays. Raises ExtractError."""
    return parsed(preprocessed(path, root, folders, overlays), path)


def parsed(source: Source, path: Path) -> Devicetree:
    """The tree of a preprocessed source; `path` is the board's file for errors about the whole."""
    text = _filtered(source, path)
    with tempfile.NamedTemporaryFile("w", suffix=".dts", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        try:
            tree = DT(file.name)
        except DTError as error:
            raise _placed(source, path, str(error)) from error
        except RecursionError as error:
            raise ExtractError(path, "the devicetree", "nesting that is too deep") from error
    return Devicetree(tree, source.missing, source.files)


def _placed(source: Source, path: Path, message: str) -> ExtractError:
    found = _PLACE.match(message)
    if found is None:
        return ExtractError(path, "the devicetree", message)
    return _at(source, int(found["line"]), found["what"])


def _filtered(source: Source, path: Path) -> str:
    """The source with what is read of it, on the same lines."""
    if _OPEN in source.text or _CLOSE in source.text:
        raise ExtractError(path, "the devicetree", "a control character")
    text = _PATH.sub(rf"&{_OPEN}\1{_CLOSE}", source.text)
    pieces: list[str] = []
    names: list[str] = []
    position = nodes = 0
    line = 1
    while found := _STATEMENT.match(text, position):
        statement, end = found.groups()
        if "/include/" in statement and "/include/" in _STRING.sub("", statement):
            raise _at(source, line, "an /include/", "an #include")
        nodes += end == "{"
        if len(names) > MAX_NESTING or nodes > MAX_NODES:
            raise _at(source, line, f"more than {MAX_NESTING} levels or {MAX_NODES} nodes")
        if end == "{":
            names.append(statement.strip())
        elif end == "}" and names:
            names.pop()
        if end == ";":
            pieces.append(_statement(statement, all_properties=bool(names) and names[-1] == "chosen"))
        else:
            pieces.append(_HEADER.sub("", statement) + end)
        line += found[0].count("\n")
        position = found.end()
    if text[position:].strip():
        raise _at(source, line, f"{text[position:].strip()[:40]!r}", "a statement that ends in ';'")
    kept = "".join(pieces)
    if kept.count("&") > MAX_REFERENCES:
        raise ExtractError(path, "the devicetree", f"more than {MAX_REFERENCES} references to nodes")
    return _stand_ins(kept) + kept.replace(_OPEN, "{").replace(_CLOSE, "}")


def _at(source: Source, line: int, found: str, expected: str | None = None) -> ExtractError:
    file, own = source.origin(line)
    return ExtractError(file, f"line {own}", found, expected)


def _statement(statement: str, *, all_properties: bool) -> str:
    """What of a statement without its `;` is passed on; it keeps its number of lines."""
    lines = "\n" * statement.count("\n")
    bare = _HEADER.sub("", statement).strip()
    if not bare:
        return lines + ";" if statement.strip() == "" else lines
    if bare.startswith("/memreserve/"):
        return lines
    found = _PROPERTY.fullmatch(bare)
    if found is None:
        return lines if _CALL.fullmatch(bare) else statement + ";"
    name, value = found.groups()
    if name not in _READ and not all_properties:
        return lines
    if value is None:
        return f"{name};{lines}"
    plain = _plain_value(value)
    return f"{name} = {plain};{lines}" if plain else f"/delete-property/ {name};{lines}"


def _plain_value(value: str) -> str | None:
    """The value with its expressions worked out; None where that takes what is not known here."""
    if len(value) > MAX_VALUE:
        return None
    given = [word for word in tokens(value) if not word.isspace()]
    result: list[str] = []
    in_cells = False
    position = 0
    while position < len(given):
        word = given[position]
        position += 1
        if word == "(" and in_cells:
            behind = _bracket_end(given, position)
            number = _worked_out(given[position - 1 : behind])
            if number is None:
                return None
            word, position = number, behind
        elif word in "<>":
            in_cells = word == "<"
        elif word == "&" and position < len(given):
            word, position = _reference(given, position)
        elif not (word == "," or (_NUMBER.fullmatch(word) if in_cells else word.startswith('"'))):
            return None
        result.append(word)
    return " ".join(result)


def _reference(given: list[str], position: int) -> tuple[str, int]:
    """A reference by label or by path from behind its `&`, and the position behind it."""
    if given[position] != _OPEN:
        return "&" + given[position], position + 1
    end = given.index(_CLOSE, position) + 1 if _CLOSE in given[position:] else len(given)
    return "&" + "".join(given[position:end]), end


def _bracket_end(given: list[str], position: int) -> int:
    depth = 1
    while position < len(given) and depth:
        depth += (given[position] == "(") - (given[position] == ")")
        position += 1
    return position


def _worked_out(expression: list[str]) -> str | None:
    """The value of an expression as a cell takes it; None where a name in it is unknown."""
    try:
        value = evaluated(expression, names_are_zero=False)
    except MacroError:
        return None
    if -(1 << 31) <= value < 0:
        value += 1 << 32  # a negative number in the cell's 32 bits
    return hex(value) if value >> 32 == 0 else None


def _stand_ins(text: str) -> str:
    """The beginning of the tree: its version, and nodes for what only missing files define."""
    bare = _STRING.sub("", text)
    labels = {found[1] for found in _LABEL.finditer(bare)}
    missing = sorted({found[1] for found in _REFERENCE.finditer(bare)} - labels)
    nodes = "".join(f"{label}: {label} {{}}; " for label in missing)
    paths = sorted({found[1] for found in re.finditer(f"&{_OPEN}/([^{_CLOSE}]+){_CLOSE}", bare)})
    places = "".join(_nested(path.split("/")) for path in paths)
    return f"/dts-v1/; / {{ {UNRESOLVED} {{ {nodes}}}; {places}}}; "


def _nested(names: list[str]) -> str:
    return "".join(f"{name} {{ " for name in names) + "}; " * len(names)
