"""The example registry with ontology and vocabularies, in both engines."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

ONTOLOGY = Path(__file__).resolve().parent.parent.parent / "ontology"
DOCUMENTS = [
    ONTOLOGY / "tinykg.ttl",
    *sorted((ONTOLOGY / "vocabularies").glob("*.ttl")),
    ONTOLOGY / "examples" / "registry.ttl",
    ONTOLOGY / "examples" / "source-graph.ttl",
]


@pytest.fixture(scope="session")
def oxigraph() -> ox.Store:
    """The example registry in Oxigraph."""
    store = ox.Store()
    for path in DOCUMENTS:
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="session")
def rdflib_graph() -> rdflib.Graph:
    """The example registry in rdflib."""
    graph = rdflib.Graph()
    for path in DOCUMENTS:
        graph.parse(path)
    return graph
