"""Models as firmware carries them: C or C++ sources with `unsigned char model[] = {0x20, 0x00, ...}`.

The text is not compiled but scanned: comments, string literals and preprocessor
lines are blanked; a brace block of integer literals whose bytes 4 to 7 are the
TFLite identifier is a model. What is declared around it (`const`, `alignas(16)`,
`uint8_t`, section attributes, length variables) does not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.extract.tflite import IDENTIFIER, read_bytes, read_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tinykg.records.model_file import ModelFile

SUFFIXES: Final = frozenset({".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".inc", ".ino", ".ipp"})

MAX_SOURCE_BYTES: Final = 1 << 27
"""Longer sources are refused unread: 128 MiB of text are a model of about 20 MiB."""

_CHUNK: Final = 1 << 16
"""Characters that are split into elements at a time, which bounds memory; no element is as long."""

_BLANKED: Final = re.compile(
    r"""//[^\n]*+ | /\*.*?(?:\*/|\Z) | "(?:\\.|[^"\\\n])*+"? | '(?:\\.|[^'\\\n])*+'?
      | ^[ \t]*+\#(?:\\.|[^\\\n])*+""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_NOT_A_NEWLINE: Final = re.compile(r"[^\n]")
_BLOCK: Final = re.compile(r"\{([^{}]*+)(\}|\Z)?")
_ELEMENT: Final = re.compile(r"\s*(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]{0,3}\s*", re.ASCII)
_FOREIGN: Final = re.compile(r"[^0-9a-fA-FxX,\s]", re.ASCII)
_DECLARED: Final = re.compile(r"\b([A-Za-z_]\w*+)\s*+\[[^\[\]]*\][^\[\]{};]*$", re.ASCII)

_GAP: Final = rb"[uUlL]{0,3}\s*,\s*(?:/\*[^*]*\*/\s*|//[^\n]*\n\s*)*"
_MARK: Final = re.compile(
    _GAP.join((rb"(?:0[xX]54|84|0124)", rb"(?:0[xX]46|70|0106)", rb"(?:0[xX]4[cC]|76|0114)"))
    + _GAP
    + rb"(?:0[xX]33|51|063)[uUlL]{0,3}\b"
)
"""The identifier TFL3 as four array elements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelArray:
    """An array that holds a TFLite file: its name, the line it begins in, its bytes."""

    name: str
    line: int
    data: bytes


def read_source(text: str, origin: str) -> list[ModelArray]:
    """The TFLite models in a C or C++ source, in order; `origin` names it in errors."""
    text = _BLANKED.sub(_blank, text)
    return list(_model_arrays(text, origin))


def _blank(match: re.Match[str]) -> str:
    """Spaces in place of what does not count; lines and columns stay."""
    return _NOT_A_NEWLINE.sub(" ", match[0])


def _model_arrays(text: str, origin: str) -> Iterator[ModelArray]:
    line, counted = 1, 0
    for block in _BLOCK.finditer(text):
        if _leading_bytes(text, block.start(1))[4:] != IDENTIFIER:
            continue
        declared = _DECLARED.search(text[max(0, block.start() - 500) : block.start()])
        name = declared[1] if declared else "a nameless array"
        if block[2] != "}":
            raise _fault(text, origin, block.start(), f"{name}, an array without its closing brace")
        data = _elements(text, block.start(1), block.end(1), origin)
        line += text.count("\n", counted, block.start())
        counted = block.start()
        yield ModelArray(name=name, line=line, data=data)


def _leading_bytes(text: str, position: int) -> bytes:
    """The first eight elements from `position`; fewer where something else than an element comes."""
    leading = bytearray()
    while len(leading) < 8:
        element = _ELEMENT.match(text, position)
        value = _value(element[1]) if element else None
        if element is None or value is None:
            break
        leading.append(value)
        position = element.end() + 1
    return bytes(leading)


def _value(literal: str) -> int | None:
    """The byte that a C integer literal stands for, None where it is no byte. A leading 0 means octal."""
    if len(literal) > 20:
        return None
    octal = len(literal) > 1 and literal[0] == "0" and literal[1] not in "xX"
    try:
        number = int(literal, 8 if octal else 0)
    except ValueError:
        return None
    return number if number < 256 else None


def _elements(text: str, start: int, end: int, origin: str) -> bytes:
    """The bytes that the elements between two positions stand for; a closing comma is allowed."""
    data = bytearray()
    while start < end:
        stop = end
        if end - start > _CHUNK:
            stop = text.rfind(",", start, start + _CHUNK) + 1
            if not stop:
                raise _fault(text, origin, start, f"{_CHUNK} characters without a comma", "array elements")
        part = text[start:stop]
        elements = part.split(",")
        if not elements[-1].strip():
            elements.pop()
        try:
            if _FOREIGN.search(part):
                data += _one_by_one(text, start, elements, origin)
            else:
                data += bytes([int(element, 0) for element in elements])
        except ValueError:
            data += _one_by_one(text, start, elements, origin)
        start = stop
    return bytes(data)


def _one_by_one(text: str, start: int, elements: list[str], origin: str) -> bytes:
    """The bytes of elements that are not all plain numbers: octal, with a suffix, or wrong."""
    data = bytearray()
    for element in elements:
        match = _ELEMENT.fullmatch(element)
        value = _value(match[1]) if match else None
        if value is None:
            literal = element.strip()
            at = start + len(element) - len(element.lstrip())
            found = f"element {literal[:40]!r}" if literal else "an empty element"
            raise _fault(text, origin, at, found, "an integer from 0 to 255")
        data.append(value)
        start += len(element) + 1
    return bytes(data)


def _fault(text: str, origin: str, position: int, found: str, expected: str | None = None) -> ExtractError:
    """An error at a line and a column, both counted from 1."""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return ExtractError(origin, f"line {line}, column {column}", found, expected)


class CArrayExtractor:
    """Reads C and C++ sources that hold one TFLite model as an array."""

    name = "c-array"

    def accepts(self, path: Path) -> bool:
        """Whether the file is a source by its suffix and the TFLite identifier occurs in it as elements."""
        if path.suffix.lower() not in SUFFIXES:
            return False
        try:
            return _MARK.search(read_bytes(path, MAX_SOURCE_BYTES)) is not None
        except ExtractError:
            return False

    def extract(self, path: Path) -> tuple[ModelFile, ...]:
        """The record of the model in a source; its `sha256` and `file_bytes` are those of the array."""
        array = _only_model(path)
        return (read_model(array.data, f"{path}: {array.name} (line {array.line})"),)

    def model_bytes(self, path: Path) -> bytes:
        """The bytes of the model in a source."""
        return _only_model(path).data


def _only_model(path: Path) -> ModelArray:
    """The one model of a source; the same model twice, as in `#if` alternatives, is one."""
    arrays = read_source(read_bytes(path, MAX_SOURCE_BYTES).decode("latin-1"), str(path))
    if len({array.data for array in arrays}) != 1:
        listed = ", ".join(f"{array.name} (line {array.line})" for array in arrays[:5])
        found = f"{len(arrays)} arrays with models: {listed}" if arrays else "no array with a TFLite model"
        raise ExtractError(path, "the source", found, "one array whose bytes 4 to 7 are TFL3")
    return arrays[0]


EXTRACTOR: Final = CArrayExtractor()
