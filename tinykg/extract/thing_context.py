"""The inline contexts of a JSON-LD document: which IRI a member's name or a value stands for.

Contexts are taken from the document alone. The address of a context is never followed: of the Thing
Description's own context, what this package reads is known here, and others count for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from tinykg.errors import ExtractError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WOT_CONTEXT: Final = re.compile(
    r"https?://www\.w3\.org/(?:\d{4}/wot/td/v\d+(?:\.\d+)*|ns/td|ns/wot(?:-next)?/td)[/#]?"
    r"|https://w3c\.github\.io/wot/w3c-wot-(?:td|common)-context\.jsonld"
)
"""The contexts that make a document a Thing Description or a Thing Model: TD 1.0 and 1.1, the drafts of 2017
and 2018 before them, and the draft after."""

MAX_STEPS: Final = 32
"""Through how many other terms a term may be defined, and lists may lie in lists."""

_TD: Final = "https://www.w3.org/2019/wot/td#"

_PREFIXES: Final = {
    "td": _TD,
    "tm": "https://www.w3.org/2019/wot/tm#",
    "jsonschema": "https://www.w3.org/2019/wot/json-schema#",
    "wotsec": "https://www.w3.org/2019/wot/security#",
    "hctl": "https://www.w3.org/2019/wot/hypermedia#",
    "htv": "http://www.w3.org/2011/http#",
    "dct": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "schema": "https://schema.org/",
    "id": "@id",
}
"""Names that need no declaration: TD 1.1's, and `schema`, which many use as if it were one of them."""

_MEMBERS: Final = (
    *("actions", "base", "created", "description", "descriptions", "events", "forms", "links", "modified"),
    *("profile", "properties", "schemaDefinitions", "security", "securityDefinitions", "support", "title"),
    *("titles", "uriVariables", "version"),
)
"""The members of a Thing that its context defines, so that a document's own `@vocab` has no say in them."""


@dataclass(frozen=True, slots=True)
class Term:
    """What a name stands for: its IRI (None where it was taken back), and the type of its plain values."""

    iri: str | None
    type: str | None = None


_WOT_TERMS: Final = {
    **{name: Term(iri) for name, iri in _PREFIXES.items()},
    **{name: Term(_TD + name) for name in _MEMBERS},
}


@dataclass(frozen=True, slots=True)
class Context:
    """The names that hold at one place of a document."""

    terms: Mapping[str, Term] = field(default_factory=lambda: _WOT_TERMS)
    vocab: str | None = None

    def iri(self, name: str) -> str | None:
        """The IRI or keyword of a member's name or of a type; None where the context has none."""
        if name in self.terms:
            return self.terms[name].iri
        if name.startswith("@"):
            return name
        prefix, colon, rest = name.partition(":")
        if colon:
            known = self.terms.get(prefix)
            return known.iri + rest if known and known.iri and not rest.startswith("//") else name
        return None if self.vocab is None else self.vocab + name

    def declares(self, prefix: str) -> bool:
        """Whether a prefix stands for anything."""
        return prefix in self.terms and self.terms[prefix].iri is not None

    def type_of(self, name: str) -> str | None:
        """The type of the plain values of a member: an IRI, `@id` or `@vocab`."""
        return self.terms[name].type if name in self.terms else None

    def within(self, path: Path, place: str, raw: object) -> Context:
        """The context that holds where a document has another one in its `@context`."""
        context = self
        for i, one in enumerate(raw if isinstance(raw, list) else [raw]):
            at = f"{place}[{i}]" if isinstance(raw, list) else place
            if one is None:
                context = Context()
            elif isinstance(one, dict):
                context = _defined(path, at, one, context)
            elif not isinstance(one, str):
                raise ExtractError(path, f"`{at}`", form(one), "the address of a context, or an object")
        return context


def _defined(path: Path, place: str, raw: dict[str, Any], below: Context) -> Context:
    """A context with the definitions of an object on top, which may use one another in any order."""
    vocab = raw.get("@vocab", below.vocab)
    if vocab is not None and not isinstance(vocab, str):
        raise ExtractError(path, f"`{place}.@vocab`", form(vocab), "a namespace")
    definitions = _Definitions(path, place, raw, below)
    if vocab is not None and "@vocab" in raw:
        vocab = definitions.expanded(vocab, 0) or vocab
    definitions.vocab = vocab
    terms = {name: definitions.term(name, 0) for name in raw if not name.startswith("@")}
    return replace(below, terms={**below.terms, **terms}, vocab=vocab)


class _Definitions:
    """The definitions of one context object, by which each of its names is resolved."""

    def __init__(self, path: Path, place: str, raw: dict[str, Any], below: Context) -> None:
        self.path, self.place, self.raw, self.below = path, place, raw, below
        self.vocab: str | None = below.vocab
        self.known: dict[str, Term] = {}

    def term(self, name: str, steps: int) -> Term:
        """What a name is defined to be."""
        if name not in self.known:
            self.known[name] = self._term(name, steps)
        return self.known[name]

    def _term(self, name: str, steps: int) -> Term:
        place = f"`{self.place}.{name}`"
        if steps > MAX_STEPS:
            raise ExtractError(self.path, place, "a term that is defined through itself, or through too many")
        raw = self.raw[name]
        kind: object = None
        if isinstance(raw, dict):
            kind, raw = raw.get("@type"), None if "@reverse" in raw else raw.get("@id", name)
        if raw is None:
            return Term(None)
        if not isinstance(raw, str) or not isinstance(kind, str | None):
            raise ExtractError(
                self.path, place, form(raw if kind is None else kind), "a text: an IRI or a name"
            )
        iri = self.expanded(raw, steps + 1, itself=name)
        return Term(iri, None if kind is None else self.expanded(kind, steps + 1) or kind)

    def expanded(self, text: str, steps: int, itself: str | None = None) -> str | None:
        """The IRI that a text stands for by these definitions and those below."""
        if text.startswith("@"):
            return text
        if text in self.raw and text != itself:
            return self.term(text, steps).iri
        if text in self.below.terms and text != itself:
            return self.below.terms[text].iri
        prefix, colon, rest = text.partition(":")
        if colon and prefix in self.raw and prefix != itself and not rest.startswith("//"):
            iri = self.term(prefix, steps).iri
            return text if iri is None else iri + rest
        if not colon and text not in self.below.terms:
            return None if self.vocab is None else self.vocab + text
        return self.below.iri(text)


def form(value: object) -> str:
    """The kind of a JSON value, in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    for kind, words in ((str, "a text"), (list, "a list"), (dict, "an object"), (int | float, "a number")):
        if isinstance(value, kind):
            return words
    return "null"
