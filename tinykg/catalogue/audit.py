"""The shapes' findings on files and on a whole registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.errors import ExtractError, InputError
from tinykg.graph.datatypes import as_encoded
from tinykg.graph.iris import ONTOLOGY_GRAPH
from tinykg.validate.gate import validate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tinykg.records.finding import Finding
    from tinykg.store.protocol import Store

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}


def audit_files(paths: Iterable[Path]) -> list[Finding]:
    """What the shapes find on RDF files, taken together; raises ExtractError where one does not parse."""
    return validate([triple for path in paths for triple in read_rdf(path)])


def read_rdf(path: Path) -> list[ox.Triple]:
    """The triples of an RDF file, its format by its suffix."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise InputError(f"{path}: expected an RDF file ({', '.join(FORMATS)})")
    try:
        quads = ox.parse(path=str(path), format=form, rename_blank_nodes=True)  # `_:a` is local to its file
        return [quad.triple for quad in quads]
    except SyntaxError as error:
        raise ExtractError(path, f"line {error.lineno}", error.msg) from error
    except OSError as error:
        raise ExtractError(path, "the file", error.strerror or str(error)) from error


def audit_store(store: Store) -> list[Finding]:
    """What the shapes find on every graph of a registry except the ontology's own."""
    names = [name for name in store.graph_names() if name != ONTOLOGY_GRAPH]
    return validate([triple for name in names for triple in as_encoded(store.graph(name))])
