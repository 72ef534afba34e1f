"""The objects of a JSON-LD document by the IRIs of their members, each value with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from tinykg.errors import ExtractError
from tinykg.extract.thing_context import MAX_STEPS, Context, form
from tinykg.extract.thing_terms import BASE, TK, concepts, nearest, terms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PLACEHOLDER: Final = re.compile(r"\{\{[^{}]+\}\}")
"""What a Thing Model leaves to whoever derives a description from it (TD 1.1 on placeholders)."""

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_LARGEST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of a member: plain data or an object, where it stands, and the type it is said to have."""

    path: Path
    place: str
    raw: Any
    type: str | None
    context: Context

    def wrong(self, expected: str, found: str | None = None) -> ExtractError:
        """The error that this value is not what was expected."""
        return ExtractError(self.path, f"`{self.place}`", found or form(self.raw), expected)

    def is_blank(self) -> bool:
        """Whether the value is a text of blanks, which says nothing."""
        return isinstance(self.raw, str) and not self.raw.strip()

    def text(self) -> str:
        """The value as a text without blanks around it."""
        if not isinstance(self.raw, str):
            raise self.wrong("a text")
        if self.is_blank():
            raise self.wrong("a text", "an empty text")
        return self.raw.strip()

    def whole(self) -> int:
        """The value as a whole number above 0; a text only where it is said to be a number."""
        raw = self.raw
        if isinstance(raw, str) and (self.type or "").startswith(_XSD) and re.fullmatch(r"[0-9]{1,20}", raw):
            raw = int(raw)
        if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1 << 53:
            raw = int(raw)
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise self.wrong(
                "a whole number above 0", f"'{raw}'"[:80] if isinstance(raw, str | float) else None
            )
        if not 0 < raw <= _LARGEST:
            raise self.wrong("a whole number above 0", "0 or less" if raw <= 0 else "a number beyond 2**63")
        return raw

    def truth(self) -> bool:
        """The value as true or false; a text only where it is said to be of that type."""
        if self.type == f"{_XSD}boolean" and self.raw in ("true", "false"):
            return bool(self.raw == "true")
        if not isinstance(self.raw, bool):
            raise self.wrong("true or false")
        return self.raw

    def node(self) -> Node:
        """The value as an object."""
        if not isinstance(self.raw, dict):
            raise self.wrong("an object")
        return node(self.path, self.place, self.raw, self.context)

    def concept(self, scheme: str) -> str:
        """The slug of a vocabulary's concept that the value names: by IRI, compact IRI, term or slug."""
        name = self.raw
        if isinstance(name, dict):
            name = self.node().identifier
        expected = f"a concept of {BASE}{scheme}"
        if not isinstance(name, str):
            raise self.wrong(expected)
        known, word = concepts(scheme), name.strip()
        iri = self.context.iri(word) if ":" in word or word in self.context.terms else None
        if iri is not None and iri.startswith(f"{BASE}{scheme}/"):
            word = unquote(iri.removeprefix(f"{BASE}{scheme}/"))
        if word not in known:
            raise self.wrong(f"{expected}, such as {nearest(word, known)}", f"'{name[:120]}'")
        return word


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An object of a document: its identifier, its types, and its members by IRI, or by name without one.

    `types` are as written and as IRIs.
    """

    path: Path
    place: str
    identifier: str | None
    types: tuple[str, ...]
    members: dict[str, list[Value]]

    def all(self, iri: str) -> list[Value]:
        """The values of a member."""
        return self.members.get(iri, [])

    def one(self, iri: str) -> Value | None:
        """The only value of a member; None where it has none."""
        values = self.all(iri)
        for value in values[1:]:
            if (value.raw, value.type) != (values[0].raw, values[0].type):
                raise value.wrong("one value", "another value")
        return values[0] if values else None

    def need(self, iri: str) -> Value:
        """The only value of a member that has to be there."""
        value = self.one(iri)
        if value is None:
            found = f"no member for {iri}"
            raise ExtractError(self.path, f"`{self.place}`", found, f"one, as in {iri.removeprefix(TK)}")
        return value

    def has_terms(self) -> bool:
        """Whether any member is a term of TinyKG."""
        return any(iri.startswith(TK) for iri in self.members)


def node(path: Path, place: str, raw: dict[str, Any], context: Context) -> Node:
    """An object by the IRIs of its members, under its own context where it has one.

    A member of TinyKG's namespace that the ontology does not have is refused: a misspelt name would
    otherwise pass for nothing said. Members of other vocabularies are nobody's business here.
    """
    if "@context" in raw:
        context = context.within(path, f"{place}.@context", raw["@context"])
    members: dict[str, list[Value]] = {}
    for name, value in raw.items():
        iri = context.iri(name) or name
        at = f"{place}.{name}"
        if iri != "@context":
            _check(path, at, iri, context)
            kind = context.type_of(name)
            members.setdefault(iri, []).extend(_values(path, at, value, kind, context))
    identifiers = [value for value in members.get("@id", []) if isinstance(value.raw, str)]
    types = [value.text() for value in members.get("@type", []) if not value.is_blank()]
    return Node(
        path=path,
        place=place,
        identifier=identifiers[0].raw if identifiers else None,
        types=(*types, *(known for written in types if (known := context.iri(written)))),
        members=members,
    )


def _check(path: Path, place: str, iri: str, context: Context) -> None:
    """Refuse a member that was meant to be a term of TinyKG and is none."""
    known = terms()
    local = iri.removeprefix(TK)
    if local != iri and local not in known:
        raise ExtractError(
            path, f"`{place}`", f"'{local}', which TinyKG has no term for", nearest(local, known)
        )
    if iri.startswith("tk:") and iri.removeprefix("tk:") in known and not context.declares("tk"):
        raise ExtractError(path, f"`{place}`", "a prefix without a meaning", f'"tk": "{TK}" in @context')


def _values(
    path: Path, place: str, raw: object, kind: str | None, context: Context, depth: int = 0
) -> Iterator[Value]:
    """The values in a member's value: of lists one by one, without those that are left open."""
    if depth > MAX_STEPS:
        raise ExtractError(path, f"`{place[:200]}`", f"more than {MAX_STEPS} lists in one another")
    if isinstance(raw, list):
        for i, one in enumerate(raw):
            yield from _values(path, f"{place}[{i}]", one, kind, context, depth + 1)
    elif isinstance(raw, dict) and ("@list" in raw or "@set" in raw):
        key = "@list" if "@list" in raw else "@set"
        yield from _values(path, f"{place}.{key}", raw[key], kind, context, depth + 1)
    elif isinstance(raw, dict) and "@value" in raw:
        said = raw.get("@type")
        own = context.iri(said) if isinstance(said, str) else kind
        yield from _values(path, f"{place}.@value", raw["@value"], own, context, depth + 1)
    elif raw is not None and not (isinstance(raw, str) and _PLACEHOLDER.search(raw)):
        yield Value(path=path, place=place, raw=raw, type=kind, context=context)
