"""The ontology's files as graphs, read once."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph

ONTOLOGY = Path(__file__).resolve().parent.parent.parent / "ontology"


def merged(*patterns: str) -> Graph:
    """One graph of all files of ontology/ that match the patterns."""
    graph = Graph()
    for pattern in patterns:
        for path in sorted(ONTOLOGY.glob(pattern)):
            graph.parse(path)
    return graph


@pytest.fixture(scope="session")
def core() -> Graph:
    """The classes and properties of TinyKG."""
    return merged("tinykg.ttl")


@pytest.fixture(scope="session")
def vocabularies() -> Graph:
    """All concept schemes."""
    return merged("vocabularies/*.ttl")


@pytest.fixture(scope="session")
def external() -> Graph:
    """The declared terms of other vocabularies."""
    return merged("external-terms.ttl")


@pytest.fixture(scope="session")
def everything() -> Graph:
    """Core, external terms, alignments, vocabularies and examples."""
    return merged("*.ttl", "alignments/*.ttl", "vocabularies/*.ttl", "examples/*.ttl")
