"""Graphs as RDF documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.errors import InputError
from tinykg.validate.names import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence

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
            for t in sorted(store.graph(name), key=str)
        ]
        return ox.serialize(quads, format=format_, prefixes=PREFIXES) or b""
    triples = dict.fromkeys(t for name in names for t in sorted(store.graph(name), key=str))
    return ox.serialize(triples, format=format_, prefixes=PREFIXES) or b""
