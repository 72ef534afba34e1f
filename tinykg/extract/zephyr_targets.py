"""Which targets a Zephyr board folder has, in each of the three shapes of its metadata.

Up to 3.6 a folder has one yaml file a target with `identifier`; since 3.7 there is board.yml beside it
and identifiers have the form board/soc/cluster/variant; the newest folders have one twister.yaml whose
`variants` name the targets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import msgspec

from tinykg.errors import ExtractError
from tinykg.extract.document import read_text, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tinykg.extract.zephyr_tree import Tree

MAX_ENTRIES: Final = 2_000
"""Files of one board folder; the fullest published one has 35."""

MAX_NAME: Final = 200
"""Characters of an identifier or a name; the longest published one has 75."""

_DEFAULT_REVISION = re.compile(r'DEFAULT_REVISION\s+"?([\w.]+)"?')


class _Test(msgspec.Struct, kw_only=True):
    identifier: str | None = None
    name: str | None = None
    type: str | None = None
    arch: str | None = None
    vendor: str | None = None
    ram: int | None = None
    flash: int | None = None
    supported: list[str] | None = None


class _Twister(_Test, kw_only=True):
    variants: dict[str, _Test | None] | None = None


class _Revision(msgspec.Struct, kw_only=True):
    default: str | None = None


class _Variant(msgspec.Struct, kw_only=True):
    name: str
    cpucluster: str | None = None


class _Soc(msgspec.Struct, kw_only=True):
    name: str
    variants: list[_Variant] = []


class _Board(msgspec.Struct, kw_only=True):
    name: str
    full_name: str | None = None
    vendor: str | None = None
    socs: list[_Soc] = []
    revision: _Revision | None = None


class _BoardFile(msgspec.Struct, kw_only=True):
    board: _Board | None = None
    boards: list[_Board] = []

    def all(self) -> list[_Board]:
        """The boards of either form."""
        return [*([self.board] if self.board else []), *self.boards]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing Zephyr builds for: a board with a chip, a core of it and a variant.

    `soc` is the chip where the identifier names it; `ram_kib` and `flash_kib` are what tests may
    assume, None where the file leaves them to Zephyr's defaults; `metadata` is the file that says it.
    """

    identifier: str
    name: str
    metadata: Path
    kind: str | None = None
    arch: str | None = None
    vendor: str | None = None
    soc: str | None = None
    ram_kib: int | None = None
    flash_kib: int | None = None
    supported: tuple[str, ...] = ()
    devicetree: Path | None = None
    overlays: tuple[Path, ...] = ()


def targets_of(tree: Tree) -> tuple[Target, ...]:
    """The targets of a board folder in the order of their identifiers. Raises ExtractError."""
    files = _files(tree)
    boards = _boards(files)
    found: dict[str, Target] = {}
    for target in (target for path in files.values() for target in _tested(path)):
        if other := found.get(target.identifier):
            raise ExtractError(
                target.metadata,
                "`$.identifier`",
                f"{target.identifier!r}, which {other.metadata.name} has too",
            )
        found[target.identifier] = target
    if not found:
        found = {target.identifier: target for target in _untested(files, boards)}
    return tuple(_completed(found[key], files, boards) for key in sorted(found))


def _files(tree: Tree) -> dict[str, Path]:
    """The regular files of a folder by name."""
    files: dict[str, Path] = {}
    folder = tree.folder
    try:
        for number, path in enumerate(folder.iterdir()):
            if number >= MAX_ENTRIES:
                raise ExtractError(folder, "the folder", f"more than {MAX_ENTRIES} entries")
            if path.is_file():
                files[path.name] = path
    except OSError as error:
        raise ExtractError(folder, "the folder", error.strerror or str(error)) from error
    for path in files.values():
        if path.is_symlink() and not tree.holds(path):
            raise ExtractError(path, "the file", f"a symbolic link that leads out of {tree.root}")
    return dict(sorted(files.items()))


def _boards(files: dict[str, Path]) -> dict[str, _Board]:
    path = files.get("board.yml") or files.get("board.yaml")
    if path is None:
        return {}
    return {board.name: board for board in read_yaml(path, _BoardFile).all()}


def _tested(path: Path) -> Iterator[Target]:
    """The targets of a twister file; none where the file is another yaml."""
    if path.suffix != ".yaml" or path.name == "board.yaml" or not is_twister(path):
        return
    test = read_yaml(path, _Twister)
    for identifier, own in (test.variants or {}).items():
        yield _target(path, identifier, own or _Test(), test)
    if test.identifier is not None:
        yield _target(path, test.identifier, test, test)


def is_twister(path: Path) -> bool:
    """Whether a yaml file begins like a description of targets for Zephyr's test runner."""
    try:
        with path.open("rb") as file:
            beginning = file.read(4096)
    except OSError:
        return False
    keys = set(re.findall(rb"(?m)^([a-z_]+):", beginning))
    if b"variants" in keys and path.name == "twister.yaml":
        return True
    return bool(keys & {b"identifier", b"variants"}) and bool(keys & {b"type", b"arch"})


def _target(path: Path, identifier: str, own: _Test, shared: _Test) -> Target:
    for place, text in (("identifier", identifier), ("name", own.name)):
        if text is not None and not 0 < len(text.strip()) <= MAX_NAME:
            found = f"a text of {len(text)} characters" if text.strip() else "an empty text"
            raise ExtractError(path, f"`$.{place}`", found, f"1 to {MAX_NAME} characters")
    for place, number in (("ram", own.ram), ("flash", own.flash)):
        if number is not None and number < 0:
            raise ExtractError(path, f"`$.{place}`", str(number), "a number of KiB")
    supported = own.supported if own.supported is not None else shared.supported
    return Target(
        identifier=identifier.strip(),
        name=(own.name or shared.name or identifier).strip(),
        metadata=path,
        kind=own.type or shared.type,
        arch=own.arch or shared.arch,
        vendor=own.vendor or shared.vendor,
        ram_kib=own.ram if own.ram is not None else shared.ram,
        flash_kib=own.flash if own.flash is not None else shared.flash,
        supported=tuple(supported or ()),
    )


def _untested(files: dict[str, Path], boards: dict[str, _Board]) -> Iterator[Target]:
    """The targets that board.yml names, of a folder without a file for the test runner."""
    for board in boards.values():
        for soc in board.socs:
            variants = [
                "/".join(part for part in (board.name, soc.name, one.cpucluster, one.name) if part)
                for one in soc.variants
            ]
            for identifier in (f"{board.name}/{soc.name}", *variants):
                yield Target(
                    identifier=identifier,
                    name=board.full_name or board.name,
                    metadata=files.get("board.yml") or files["board.yaml"],
                    kind="mcu",
                )


def _completed(target: Target, files: dict[str, Path], boards: dict[str, _Board]) -> Target:
    """The target with what the folder's other files say: vendor, chip, devicetree and its revision."""
    first, *qualifiers = target.identifier.split("/")
    name, _, revision = first.partition("@")
    board = boards.get(name)
    stems = ["_".join((name, *qualifiers)), "_".join((name, *qualifiers[1:]))]
    stem = next((one for one in stems if f"{one}.dts" in files), None)
    if not revision:
        revision = _default_revision(board, files) or ""
    suffix = revision.replace(".", "_")
    overlays = {one: files.get(f"{one}_{suffix}.overlay") for one in (*stems, name)} if suffix else {}
    overlay = next((path for path in overlays.values() if path), None)
    return replace(
        target,
        vendor=target.vendor or (board.vendor if board else None),
        soc=qualifiers[0] if qualifiers else None,
        devicetree=files[f"{stem}.dts"] if stem else None,
        overlays=(overlay,) if overlay and stem else (),
    )


def _default_revision(board: _Board | None, files: dict[str, Path]) -> str | None:
    if board is not None and board.revision is not None:
        return board.revision.default
    if path := files.get("revision.cmake"):
        found = _DEFAULT_REVISION.search(read_text(path))
        return found[1] if found else None
    return None
