"""Compiling what is written for C and C++, with every warning an error."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

STRICT = ("-Wall", "-Wextra", "-Werror", "-pedantic", "-Wtrigraphs", "-Wundef", "-Wcomment")
STANDARDS = {"c99": "gcc", "c11": "gcc", "c++11": "g++", "c++17": "g++"}


def compiler(standard: str) -> str:
    """The compiler for a standard; the test is skipped where there is none."""
    name = STANDARDS[standard]
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


def compiled(source: Path, standard: str, *more: str) -> Path:
    """An object file; a warning fails the test with the compiler's words."""
    made = source.with_name(f"{source.stem}-{standard}.o")
    language = "c++" if "+" in standard else "c"
    _run(
        compiler(standard),
        f"-std={standard}",
        "-x",
        language,
        *STRICT,
        *more,
        "-c",
        str(source),
        "-o",
        str(made),
    )
    return made


def printed(folder: Path, standard: str, body: str, *objects: Path, head: str = "") -> list[str]:
    """The lines that a program with this body of `main` prints."""
    source = folder / "program.c"
    source.write_text(
        f"#include <stdio.h>\n{head}\nint main(void) {{\n{body}\n  return 0;\n}}\n", encoding="ascii"
    )
    program = folder / f"program-{standard}"
    _run(
        compiler(standard),
        *map(str, [compiled(source, standard, f"-I{folder}"), *objects]),
        "-o",
        str(program),
    )
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
