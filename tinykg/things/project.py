"""Thing Description or Thing Model -> RDF triples: JSON-LD 1.1 with contexts of our own, then normalised.

Normalised means that what says the same is the same term: machine-readable texts carry no language, the name
of a security scheme is the IRI of its definition, terms of schema.org are under http, IRIs are well formed.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote

import pyoxigraph as ox

from tinykg.errors import InvalidThing
from tinykg.records.thing import ThingFault
from tinykg.things.contexts import SECURITY, TD
from tinykg.things.inline_contexts import Unknown, inlined
from tinykg.things.rules import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal

MAX_IRI_CHARACTERS: Final = 32 << 20
"""Of all triples: prefixes of prefixes can make a short document's IRIs fill the memory."""

_SCHEMA_ORG: Final = re.compile(r"https://schema\.org(?=/|$)")
_FORBIDDEN: Final = re.compile(r'[\x00-\x20\x7f<>"{}|\\^`]')
"""What no IRI holds (RFC 3987, 2.2)."""

_SPACE: Final = re.compile(r"\s")
_DATA: Final = frozenset(("const", "default", "enum"))
_IDENTITY: Final = frozenset(("id", "@id", "type", "@type"))

_STRING: Final = ox.NamedNode("http://www.w3.org/2001/XMLSchema#string")
_IN_A_LANGUAGE: Final = frozenset(
    f"{TD}{name}" for name in ("title", "titleInLanguage", "description", "descriptionInLanguage")
)
_NAMES_SECURITY: Final = frozenset((f"{TD}hasSecurityConfiguration", f"{SECURITY}oneOf", f"{SECURITY}allOf"))


def subject_of(document: Mapping[str, Any], base: str) -> str:
    """The IRI of the Thing: its `id`, resolved and made well formed, or the base where it has none."""
    given = document.get("id", document.get("@id"))
    if not isinstance(given, str) or not given or given.startswith("_:"):
        return base
    resolved = next(iter(resolved_iris([given], _own_base(document, base))), None)
    iri = None if resolved is None else well_formed(_SPACE.sub(_encoded, resolved))
    return base if iri is None else iri.value


def triples_of(
    document: Mapping[str, Any],
    base: str,
    *,
    unknown: Unknown = "refuse",
    subject: str = "The document",
) -> list[ox.Triple]:
    """The normalised triples of a Thing Description or Thing Model, whose subject is `subject_of` the same.

    `base` is an absolute IRI that ends in a slash, of this Thing alone: names of security schemes become
    IRIs below it. Raises InvalidThing where a context is remote and not W3C's, unless unknown="skip" (terms
    of such a context then stand for whatever the other contexts make of them), and where the document is no
    JSON-LD 1.1. Blank nodes are fresh at each call.
    """
    names = _security_iris(document, base)
    own = {name: member for name, member in document.items() if name not in ("id", "@id")}
    triples = plain_triples_of(
        {"@id": subject_of(document, base), **own}, base, unknown=unknown, subject=subject
    )
    return list(dict.fromkeys(_normalised(triples, names)))


def plain_triples_of(
    document: Mapping[str, Any], base: str, *, unknown: Unknown = "refuse", subject: str = "The document"
) -> list[ox.Triple]:
    """The triples as a JSON-LD processor makes them of the contexts, before any normalisation.

    With unknown="skip", values that are data to a Thing but no nodes to a processor are left out where they
    would make it stop, such as `"default": {"id": 5}`.
    """
    written_out = inlined(document, unknown=unknown, subject=subject)
    try:
        return _parsed(written_out, base, subject)
    except SyntaxError as error:
        reason = str(error.msg or error)
    if unknown == "skip":
        try:
            return _parsed(_without_data(written_out), base, subject)
        except SyntaxError as error:
            reason = str(error.msg or error)
    raise InvalidThing(subject, [ThingFault(field=ROOT, description=f"is no JSON-LD 1.1: {reason}")])


def _parsed(document: Mapping[str, Any], base: str, subject: str) -> list[ox.Triple]:
    quads = ox.parse(
        json.dumps(document, ensure_ascii=False).encode("utf-8"),
        ox.RdfFormat.JSON_LD,
        base_iri=base,
        rename_blank_nodes=True,
        lenient=True,  # a placeholder of a Thing Model is no well-formed IRI before `_normalised`
    )
    triples: list[ox.Triple] = []
    characters = 0
    for quad in quads:
        characters += len(quad.predicate.value)
        if isinstance(quad.object, ox.NamedNode):
            characters += len(quad.object.value)
        if characters > MAX_IRI_CHARACTERS:
            reason = f"its IRIs have more than {MAX_IRI_CHARACTERS} characters; define shorter prefixes"
            raise InvalidThing(subject, [ThingFault(field="@context", description=reason)])
        triples.append(ox.Triple(quad.subject, quad.predicate, quad.object))
    return triples


def _without_data(value: Any) -> Any:
    """A value without objects in const, default and enum, and without names and types that are no texts."""
    if isinstance(value, list):
        return [_without_data(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    for name, one in value.items():
        texts = one if isinstance(one, list) else [one]
        if name in _DATA:
            kept[name] = [plain for plain in texts if not isinstance(plain, dict | list)]
        elif name in _IDENTITY and not all(isinstance(text, str) for text in texts):
            continue
        else:
            kept[name] = one if name == "@context" else _without_data(one)
    return kept


def resolved_iris(references: list[str], base: str) -> list[str]:
    """Each reference as an absolute IRI (RFC 3986, 5), as the JSON-LD processor resolves it."""
    document = {"@context": {"to": {"@id": "urn:to", "@type": "@id"}}, "to": {"@list": references}}
    quads = ox.parse(json.dumps(document).encode(), ox.RdfFormat.JSON_LD, base_iri=base, lenient=True)
    return [
        quad.object.value
        for quad in quads
        if quad.predicate.value.endswith("#first") and isinstance(quad.object, ox.NamedNode)
    ]


def _own_base(document: Mapping[str, Any], base: str) -> str:
    """The base that a document's own context sets, else the given one."""
    context = document.get("@context")
    for one in context if isinstance(context, list) else [context]:
        own = one.get("@base") if isinstance(one, dict) else None
        if isinstance(own, str) and own:
            base = next(iter(resolved_iris([own], base)), base)
    return base


def _security_iris(document: Mapping[str, Any], base: str) -> dict[str, ox.NamedNode]:
    definitions = document.get("securityDefinitions")
    if not isinstance(definitions, dict) or not definitions:
        return {}
    names = list(definitions)
    resolved = resolved_iris(names, _own_base(document, base))
    if len(resolved) != len(names):
        return {}  # one of the names is no reference at all
    nodes = ((name, well_formed(iri)) for name, iri in zip(names, resolved, strict=True))
    return {name: node for name, node in nodes if node is not None}


def _normalised(triples: list[ox.Triple], names: Mapping[str, ox.NamedNode]) -> Iterator[ox.Triple]:
    """Each triple by the rules of this module; one with an IRI that is none is left out."""
    for triple in triples:
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        if not isinstance(subject, ox.NamedNode | ox.BlankNode) or isinstance(value, ox.Triple):
            continue  # only texts of RDF 1.2 have these
        node = well_formed(subject.value) if isinstance(subject, ox.NamedNode) else subject
        property_ = well_formed(predicate.value)
        if node is None or property_ is None:
            continue
        term = _object(property_.value, value, names)
        if term is not None:
            yield ox.Triple(node, property_, term)


def _object(predicate: str, value: Term, names: Mapping[str, ox.NamedNode]) -> Term | None:
    if isinstance(value, ox.BlankNode):
        return value
    if isinstance(value, ox.NamedNode):
        return well_formed(value.value)
    if predicate in _NAMES_SECURITY and value.value in names:
        return names[value.value]
    if value.language is not None:
        return _text(value, in_a_language=predicate in _IN_A_LANGUAGE)
    datatype = well_formed(value.datatype.value)
    return value if datatype == value.datatype else ox.Literal(value.value, datatype=datatype or _STRING)


def _text(value: ox.Literal, *, in_a_language: bool) -> ox.Literal:
    """A text with its language where that is meant for people, without its direction."""
    if not in_a_language:
        return ox.Literal(value.value)
    try:
        return ox.Literal(value.value, language=value.language)
    except ValueError:  # what stands in the description is no language tag
        return ox.Literal(value.value)


@lru_cache(maxsize=4096)
def well_formed(iri: str) -> ox.NamedNode | None:
    """An IRI as a node: under http if it is schema.org's, forbidden characters percent-encoded.

    None where it has white space, which makes it no IRI to a JSON-LD processor, or is malformed otherwise.
    """
    if _SPACE.search(iri):
        return None
    iri = _FORBIDDEN.sub(_encoded, _SCHEMA_ORG.sub("http://schema.org", iri))
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


def _encoded(match: re.Match[str]) -> str:
    return quote(match[0], safe="")
