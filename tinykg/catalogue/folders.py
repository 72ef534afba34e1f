"""Which files and folders of what a user names are read."""

from __future__ import annotations

import os
import stat
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
        is_folder = stat.S_ISDIR(_mode(path, "file or folder"))
        for source in _below(path, path.resolve()) if is_folder else (_source(path),):
            found.setdefault(source.path, source)
    return list(found.values())


def check_is_file(path: Path) -> None:
    """Raise InputError that says what is there instead of a file with a name that a graph can hold."""
    mode = _mode(path, "file")
    if stat.S_ISDIR(mode):
        raise InputError(f"{path}: is a folder; name a file")
    if not stat.S_ISREG(mode):
        raise InputError(f"{path}: is a pipe or a device; write what it gives into a file first")
    if problem := _source(path).problem:
        raise InputError(problem)


def _mode(path: Path, wanted: str) -> int:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{path}: no such {wanted}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _source(path: Path) -> Source:
    """A path that is to be read, unless no graph can hold its name."""
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return Source(path=path, problem=f"{path}: its name is not UTF-8; rename it")
    return Source(path=path)


def _below(folder: Path, root: Path) -> Iterator[Source]:
    if _is_read(folder):
        yield _source(folder)
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
            yield _source(path)


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # it leads nowhere, or in a circle
        return False


def _stray(path: Path, root: Path) -> Iterator[Source]:
    """A link that leads out of the folder or nowhere: named where it would be read, else passed over."""
    if path.suffix and _is_read(path):
        problem = f"{path}: a link out of {root} or to nothing, which is not followed; name its target"
        yield Source(path=path, problem=problem)


def _is_read(path: Path) -> bool:
    """Whether an extractor says that it reads this; where several do, reading it says so."""
    return bool(extractors().accepting(path))
