"""A model's bytes as a C array: one source that C99, C11 and C++11 take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tinykg.report.c_source import comment, identifier

if TYPE_CHECKING:
    from tinykg.records.model import Model

ALIGNMENT_BYTES: Final = 16
"""What the interpreter's loader asks of a model's address, as of every FlatBuffer with 16-byte scalars."""

_PER_LINE: Final = 12
_ENDING: Final = re.compile(r"\.(tflite|[ch]|[ch]pp|cc|hh)$", re.IGNORECASE)

_ALIGNED: Final = """\
#if defined(__cplusplus)
#define TINYKG_ALIGNED_16 alignas(16)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define TINYKG_ALIGNED_16 _Alignas(16)
#elif defined(__GNUC__)
#define TINYKG_ALIGNED_16 __attribute__((aligned(16)))
#else
#error "This compiler needs its own word for an alignment of 16 bytes here."
#endif
"""


def c_name(model: Model) -> str:
    """What the model is called in C, to be followed by a suffix; a file's name counts without its ending."""
    return identifier(_ENDING.sub("", model.name))


def array_name(model: Model) -> str:
    """The name of the array; its length is `NAME_bytes`."""
    return f"{c_name(model)}_tflite"


def declarations(model: Model) -> list[str]:
    """What a header says of the array, for C and C++."""
    name = array_name(model)
    return [
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        f"extern const unsigned char {name}[];",
        f"extern const unsigned int {name}_bytes;",
        "#ifdef __cplusplus",
        "}",
        "#endif",
    ]


def c_array(model: Model, content: bytes) -> str:
    """The source text; its array holds exactly the bytes of the file."""
    name = array_name(model)
    lines = [
        *comment(
            [
                f"{model.name}: {model.title}" if model.title else model.name,
                f"The bytes of its .tflite file, sha256 {model.file_sha256}."
                + (f" Licence: {model.licence}." if model.licence else ""),
                "Written by TinyKG.",
            ]
        ),
        "",
        *declarations(model),
        "",
        _ALIGNED,
        f"TINYKG_ALIGNED_16 const unsigned char {name}[{len(content)}] = {{",
        *_rows(content),
        "};",
        f"const unsigned int {name}_bytes = {len(content)};",
    ]
    return "\n".join(lines) + "\n"


def _rows(content: bytes) -> list[str]:
    """The bytes in hexadecimal, some a line."""
    rows = (content[start : start + _PER_LINE] for start in range(0, len(content), _PER_LINE))
    return ["  0x" + row.hex("-").replace("-", ", 0x") + "," for row in rows]
