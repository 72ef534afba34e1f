"""Datatypes that a database folds into a wider one, and that the vocabularies in use ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph.triples import named, typed
from tinykg.vocab.wot import DCAT, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# DCAT 3 wants dcat:byteSize to be an xsd:nonNegativeInteger (https://www.w3.org/TR/vocab-dcat-3/);
# Oxigraph keeps all subtypes of xsd:integer as xsd:integer.
_NARROW = {named(DCAT.byteSize): XSD.nonNegativeInteger}
_INTEGER = named(XSD.integer)


def as_encoded(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The triples of a store with the datatypes that the encoders gave them."""
    for triple in triples:
        narrow, value = _NARROW.get(triple.predicate), triple.object
        if narrow and isinstance(value, ox.Literal) and value.datatype == _INTEGER:
            yield ox.Triple(triple.subject, triple.predicate, typed(value.value, narrow))
        else:
            yield triple
