"""Graphs as RDF documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.errors import InputError
from tinykg.graph.datatypes import as_encoded
from tinykg.validate.names import PREFIXES, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinykg.store.protocol import Store

FORMS = {
    "turtle": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}
"""The forms of an export; only `trig`, `nquads` and `jsonld` keep apart which graph says what."""

_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters outside of XML 1.0 (https://www.w3.org/TR/xml/#charsets), and the one its readers change."""


def export_registry(store: Store, form: str) -> bytes:
    """Every graph of a registry."""
    return export_graph(store, store.graph_names(), form)


def export_graph(store: Store, names: Sequence[str], form: str) -> bytes:
    """The named graphs as one document; sorted, so that equal graphs give equal documents."""
    format_ = FORMS.get(form)
    if format_ is None:
        raise InputError(f"No form '{form}'; expected one of {', '.join(FORMS)}")
    if format_.supports_datasets:
        quads = [
            ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(name))
            for name in names
            for t in _sorted(store, name)
        ]
        return ox.serialize(quads, format=format_, prefixes=PREFIXES) or b""
    triples = dict.fromkeys(t for name in names for t in _sorted(store, name))
    if form == "rdfxml":
        _refuse_no_xml(triples)
    return ox.serialize(triples, format=format_, prefixes=PREFIXES) or b""


def _sorted(store: Store, name: str) -> list[ox.Triple]:
    return sorted(as_encoded(store.graph(name)), key=str)


def _refuse_no_xml(triples: Iterable[ox.Triple]) -> None:
    for triple in triples:
        found = _NO_XML.search(triple.object.value) if isinstance(triple.object, ox.Literal) else None
        if found and isinstance(triple.subject, ox.NamedNode):
            raise InputError(
                f"RDF/XML cannot hold the character U+{ord(found.group()):04X} in "
                f"{short(triple.predicate.value)} of {short(triple.subject.value)}; choose another form"
            )
