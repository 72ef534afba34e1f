"""Every error TinyKG raises on purpose.

TinykgError
├── InputError                 a file, a name or an argument is wrong (exit code 2)
│   ├── ExtractError           a file cannot be read; names the place in it
│   ├── UnknownFormat          no extractor, or more than one, accepts the file
│   ├── UnknownName            no model, device, runtime or query of that name
│   └── QuerySyntaxError       a SPARQL text that does not parse or is refused
├── ShapeViolation             a record breaks the SHACL shapes (exit code 1)
├── MissingExtra               an optional dependency is not installed (exit code 2)
└── StoreError                 the store cannot be used (exit code 3)
    ├── StoreBusy              another process holds the folder
    └── StoreFormatError       the folder holds something else, or a newer layout
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tinykg.records.finding import Finding


class TinykgError(Exception):
    """The root of all deliberate errors; its text is meant for a person."""


class InputError(TinykgError):
    """Something the user gave cannot be used."""


class ExtractError(InputError):
    """A file that cannot be read: where in the file, what was found, what was expected.

    `place` is a path of field names or a byte offset; `faults` lists further
    faults of the same file, in order.
    """

    def __init__(self, path: Path | str, place: str, found: str, expected: str | None = None) -> None:
        self.path = str(path)
        self.place = place
        self.found = found
        self.expected = expected
        wanted = f"; expected {expected}" if expected else ""
        super().__init__(f"{self.path}: {found}{wanted} - at {place}")


class UnknownFormat(InputError):
    """No extractor accepts the file."""

    def __init__(self, path: Path | str, accepted: Sequence[str]) -> None:
        self.path = str(path)
        self.accepted = tuple(accepted)
        super().__init__(f"{self.path}: not a format TinyKG reads. It reads: {', '.join(self.accepted)}.")


_LISTS = {
    "model": "models",
    "device": "devices",
    "runtime": "runtimes",
    "task": "tasks",
    "property": "properties",
    "query": "queries",
}
"""What `tinykg list` lists, by kind."""


class UnknownName(InputError):
    """No entity of that name; lists the nearest ones. `kind` may be several, joined by " or "."""

    def __init__(self, kind: str, name: str, near: Sequence[str]) -> None:
        self.kind = kind
        self.name = name
        self.near = tuple(near)
        hint = f" Did you mean {' or '.join(self.near)}?" if self.near else ""
        lists = " or ".join(f"tinykg list {_LISTS[one]}" for one in kind.split(" or ") if one in _LISTS)
        super().__init__(f"No {kind} '{name}'.{hint}" + (f" See: {lists}" if lists else ""))


class QuerySyntaxError(InputError):
    """A SPARQL text that does not parse, or uses what TinyKG refuses."""


class ShapeViolation(TinykgError):
    """A record breaks the shapes; nothing was written. `findings` says each fault."""

    def __init__(self, subject: str, findings: Sequence[Finding]) -> None:
        self.subject = subject
        self.findings = tuple(findings)
        lines = "\n".join(f"  {finding.sentence}" for finding in self.findings)
        super().__init__(f"{subject}: breaks {len(self.findings)} rule(s); nothing was written.\n{lines}")


class MissingExtra(TinykgError):
    """A command needs an optional dependency."""

    def __init__(self, what: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{what} needs an extra: pip install 'tinykg[{extra}]'")


class StoreError(TinykgError):
    """The store cannot be opened, read or written."""


class StoreBusy(StoreError):
    """Another process holds the folder."""

    def __init__(self, folder: Path | str, holder: str | None, waited_s: float) -> None:
        self.folder = str(folder)
        self.holder = holder
        who = f" by {holder}" if holder else " by another process"
        super().__init__(
            f"The registry {self.folder} is held{who} (waited {waited_s:.0f} s). "
            f"Wait for it to finish, or name another folder with --registry."
        )


class StoreFormatError(StoreError):
    """The folder is not a TinyKG registry, or one of a newer layout."""
