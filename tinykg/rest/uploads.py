"""Content of strangers as files for a moment; what is wrong with them is said without where they lay."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import HTTPException

from tinykg.errors import ExtractError, UnknownFormat
from tinykg.registry import is_path

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def uploaded() -> Iterator[Path]:
    """A folder that goes at the end; errors about files in it name these alone."""
    with tempfile.TemporaryDirectory(prefix="tinykg-") as name:
        try:
            yield Path(name)
        except ExtractError as error:
            raise ExtractError(Path(error.path).name, error.place, error.found, error.expected) from error
        except UnknownFormat as error:
            raise UnknownFormat(Path(error.path).name, error.accepted) from error


def file_name(sent: str | None) -> str:
    """The last part of an uploaded file's name, which only names things: no path of a stranger's counts."""
    last = re.split(r"[/\\]", sent or "")[-1].replace("\0", "")[-100:]
    return last if last.strip(". ") else "model.tflite"


def check_is_name(model: str) -> None:
    """A server reads no file that a stranger names."""
    if is_path(model):
        raise HTTPException(400, "'model' is a registered model's name; POST a file's bytes to /match.")
