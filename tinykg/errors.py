"""Every error TinyKG raises on purpose.

TinykgError
├── InputError                 a file, a name or an argument is wrong (exit code 2)
│   ├── ExtractError           a file cannot be read; names the place in it
│   ├── UnknownFormat          no extractor, or more than one, accepts the file
│   ├── UnknownName            no model, device, runtime or query of that name
│   │   └── AmbiguousName      several have that name
│   ├── ModelNotKept           the registry has facts of a model's file, not its bytes
│   ├── InvalidThing           a Thing Description or Model that is none
│   ├── ThingNotFound          no Thing is registered under an identifier
│   ├── PreconditionFailed     what a request rests on has changed meanwhile
│   ├── UnsupportedMediaType   content of a type or coding that is not read here
│   ├── NotAcceptable          none of the media types that are offered is wanted
│   ├── Refused                what this registry does not do, or not for this caller
│   └── QuerySyntaxError       a SPARQL text that does not parse or is refused
├── ShapeViolation             a record breaks the SHACL shapes (exit code 1)
├── MissingExtra               an optional dependency is not installed (exit code 2)
├── BenchmarkError             a benchmark came to nothing (exit code 3)
│   ├── DeviceError            the device under test; `place` says in which exchange
│   │   ├── DeviceSilent       it did not answer in time
│   │   ├── DeviceGone         the port closed, or cannot be opened
│   │   ├── DeviceRefused      it answered with an error of its own
│   │   └── DeviceGarbled      it answered with something else than was agreed
│   └── BenchmarkCancelled     somebody ended it
└── StoreError                 the store cannot be used (exit code 3)
    ├── StoreBusy              another process holds the folder
    ├── StoreFormatError       the folder holds something else, or a newer layout
    └── QueryStopped           a query reached a limit
        ├── QueryTimeout       of time
        ├── QueryTooBig        of memory, or of its result's size
        └── TooBusy            of how many run at once
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tinykg.records.finding import Finding
    from tinykg.records.thing import ThingFault


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


class AmbiguousName(UnknownName):
    """Several entities of that name, and none that has it alone; `near` are theirs."""

    def __init__(self, kind: str, name: str, near: Sequence[str]) -> None:
        super().__init__(kind, name, near)
        self.args = (
            f"'{name}' is what more than one {kind} is called: {', '.join(near)}. Name one of them.",
        )


class ModelNotKept(InputError):
    """The registry knows a model's file without having its bytes; `address` is where it is published."""

    def __init__(self, model: str, sha256: str, address: str | None) -> None:
        self.model = model
        self.sha256 = sha256
        self.address = address
        where = f"Published at {address}: get it from there" if address else "Get it from who made it"
        super().__init__(
            f"The registry has no bytes of '{model}', only facts of its file (sha256 {sha256}). "
            f"{where}, then 'tinykg add FILE'."
        )


class InvalidThing(InputError):
    """A Thing Description or Thing Model that breaks a rule; `faults` says each."""

    def __init__(self, subject: str, faults: Sequence[ThingFault]) -> None:
        self.subject = subject
        self.faults = tuple(faults)
        lines = "\n".join(f"  {fault.field}: {fault.description}" for fault in self.faults)
        super().__init__(f"{subject}: breaks {len(self.faults)} rule(s).\n{lines}")


class ThingNotFound(InputError):
    """No Thing is registered under an identifier, or it has expired."""

    def __init__(self, thing_id: str) -> None:
        self.thing_id = thing_id
        super().__init__(f"No Thing '{thing_id}' is registered here. GET /things lists those that are.")


class PreconditionFailed(InputError):
    """A request that rests on a state of a resource which is no longer, or not yet, the current one."""


class UnsupportedMediaType(InputError):
    """Content of a media type or a content coding that is not read here; `accepted` are those that are."""

    def __init__(self, found: str, accepted: Sequence[str], *, coding: bool = False) -> None:
        self.found = found
        self.accepted = tuple(accepted)
        self.coding = coding
        what = "content coding" if coding else "media type"
        super().__init__(f"The {what} '{found}' is not read here; send {' or '.join(self.accepted)}.")


class NotAcceptable(InputError):
    """An answer that is offered in none of the media types that the request accepts; `offered` are those."""

    def __init__(self, accept: str, offered: Sequence[str]) -> None:
        self.offered = tuple(offered)
        super().__init__(f"Offered are {', '.join(self.offered)}; the request accepts {accept}.")


class Refused(InputError):
    """Something that is not done here: a protected graph is written, a registry is for reading only."""


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


class BenchmarkError(TinykgError):
    """A benchmark that came to nothing: a program failed, a device, or what they yielded cannot be."""


class BenchmarkCancelled(BenchmarkError):
    """A benchmark that somebody ended."""


class DeviceError(BenchmarkError):
    """A device under test that did not do what was agreed; `place` is the exchange, such as `infer 10 2`."""

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        self.problem = problem
        super().__init__(f"The device under test: {problem} - at '{place}'")


class DeviceSilent(DeviceError):
    """A device that did not answer in time."""


class DeviceGone(DeviceError):
    """A device whose port closed while it was in use, or cannot be opened."""


class DeviceRefused(DeviceError):
    """A device that answered with an error of its own."""


class DeviceGarbled(DeviceError):
    """A device that answered with something else than the protocol has."""


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


class EndpointFailed(StoreError):
    """Another SPARQL endpoint, which a query asks by SERVICE, gave no answer."""


class QueryStopped(StoreError):
    """A query that reached a limit; it was stopped and what it held is free again."""


class QueryTimeout(QueryStopped):
    """A query that took too long."""


class QueryTooBig(QueryStopped):
    """A query that needed too much memory, or whose result is too large."""


class TooBusy(QueryStopped):
    """As many queries as are allowed run already; try again."""
