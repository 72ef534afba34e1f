"""Which files and folders of what a user names are read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinykg.errors import InputError
from tinykg.extract.installed import extractors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file or a folder that one extractor reads as a whole; `problem` says why it is not to be read."""

    path: Path
    problem: str | None = None


def sources_below(paths: Iterable[Path]) -> list[Source]:
    """What is named, and in named folders what an extractor reads; in a stable order, each once.

    Hidden files and folders are left out. A link out of the folder that was named is a problem, for it may
    lead anywhere; links inside it are followed as files, never as folders.
    """
    found: dict[Path, Source] = {}
    for path in paths:
        if path.is_dir():
            sources: Iterable[Source] = _below(path, path.resolve())
        elif path.exists():
            sources = (Source(path=path),)
        else:
            raise InputError(f"{path}: no such file or folder")
        for source in sources:
            found.setdefault(source.path, source)
    return list(found.values())


def _below(folder: Path, root: Path) -> Iterator[Source]:
    if _is_read(folder):
        yield Source(path=folder)
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Source(path=folder, problem=f"{folder}: cannot be listed: {error.strerror}")
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(path, root)
        elif entry.is_symlink() and not _inside(path, root):
            yield from _stray(path, root)
        elif entry.is_file() and _is_read(path):
            yield Source(path=path)


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # it leads nowhere, or in a circle
        return False


def _stray(path: Path, root: Path) -> Iterator[Source]:
    """A link that leads out of the folder: named where it would have been read, else passed over."""
    if path.suffix and _is_read(path):
        problem = f"{path}: a link out of {root}, which is not followed; name its target"
        yield Source(path=path, problem=problem)


def _is_read(path: Path) -> bool:
    """Whether an extractor says that it reads this; where several do, reading it says so."""
    return bool(extractors().accepting(path))
