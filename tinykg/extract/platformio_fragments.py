"""LibreTiny's inheritance among PlatformIO manifests: `_base` names fragments that a manifest overrides.

The fragments lie in the folder `_base` beside the manifest. LibreTiny merges them in their order and
the manifest last: objects member by member, lists one after the other (a module's `["ble"]` comes to its
family's `["wifi"]`), any other value as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeGuard

from tinykg.errors import ExtractError
from tinykg.extract.json_document import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER: Final = "_base"
KEY: Final = "_base"

MAX_FRAGMENTS: Final = 64
"""Published manifests name at most a dozen, and fragments name none."""


def with_fragments(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest with the members that it inherits; itself where it names no fragments."""
    return manifest if KEY not in manifest else _Inheritance(path).merged(path, manifest, ())


class _Inheritance:
    """The fragments of one manifest, each read once however often it is named."""

    def __init__(self, manifest: Path) -> None:
        self._folder = manifest.parent / FOLDER
        self._known: dict[str, dict[str, Any]] = {}
        self._count = 0

    def merged(self, path: Path, own: Mapping[str, Any], within: tuple[str, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for i, name in enumerate(_names(path, own.get(KEY))):
            merge(result, self._fragment(path, f"`$.{KEY}[{i}]`", name, within))
        merge(result, {key: value for key, value in own.items() if key != KEY})
        return result

    def _fragment(self, path: Path, place: str, name: str, within: tuple[str, ...]) -> dict[str, Any]:
        if name in within:
            raise ExtractError(path, place, f"an include loop: {' -> '.join([*within, name])}")
        self._count += 1
        if self._count > MAX_FRAGMENTS:
            raise ExtractError(path, place, f"more than {MAX_FRAGMENTS} fragments")
        if name not in self._known:
            file = self._file(path, place, name)
            self._known[name] = self.merged(file, read_object(file, is_ambiguous=False), (*within, name))
        return self._known[name]

    def _file(self, path: Path, place: str, name: str) -> Path:
        """The fragment's file, which neither its name nor a symbolic link takes out of the folder."""
        try:
            file = (self._folder / f"{name}.json").resolve()
            inside, is_there = file.is_relative_to(self._folder.resolve()), file.is_file()
        except (OSError, RuntimeError, ValueError) as error:
            raise ExtractError(path, place, f"a name that no file can have: {error}"[:120]) from error
        if not inside:
            raise ExtractError(path, place, f"'{name}', which leads out of the folder {FOLDER}")
        if not is_there:
            raise ExtractError(path, place, f"no fragment '{name}'", f"a file {FOLDER}/{name}.json")
        return file


def merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Put another object's members into one: objects and lists of words together, else the other's value.

    A word comes once, however many fragments name it.
    """
    for key, value in other.items():
        mine = into.get(key)
        if isinstance(value, dict):
            into[key] = dict(mine) if isinstance(mine, dict) else {}
            merge(into[key], value)
        elif _are_words(value) and _are_words(mine):
            into[key] = list(dict.fromkeys([*mine, *value]))
        else:
            into[key] = value


def _are_words(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _names(path: Path, bases: object) -> list[str]:
    names = [bases] if isinstance(bases, str) else [] if bases is None else bases
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ExtractError(path, f"`$.{KEY}`", "something else", "the name of a fragment or a list of names")
    return names
