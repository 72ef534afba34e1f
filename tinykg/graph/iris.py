"""Minting and parsing TinyKG's identifiers."""

from __future__ import annotations

import re
from urllib.parse import quote

import pyoxigraph as ox

BASE = "https://w3id.org/tinykg/"
ONTOLOGY_GRAPH = "https://w3id.org/tinykg"

_FOLD = re.compile(r"[^0-9a-z]+")


def node(path: str) -> ox.NamedNode:
    """The IRI of a path below TinyKG's base."""
    return ox.NamedNode(BASE + path)


def slug(name: str) -> str:
    """A name as a path segment: percent-encoded where an IRI needs it."""
    return quote(name, safe="-._~+")


def concept(scheme: str, name: str) -> ox.NamedNode:
    """The IRI of a vocabulary's concept, such as task/keyword-spotting."""
    return node(f"{scheme}/{slug(name)}")


def concept_name(iri: str) -> str:
    """The last segment of a concept's IRI, decoded."""
    from urllib.parse import unquote

    return unquote(iri.rsplit("/", 1)[-1])


def model(name: str) -> ox.NamedNode:
    """The IRI of a model."""
    return node(f"model/{slug(name)}")


def model_file(sha256: str) -> ox.NamedNode:
    """The IRI of a model file, by its content."""
    return node(f"file/{sha256}")


def device_type(name: str) -> ox.NamedNode:
    """The IRI of a device type."""
    return node(f"device-type/{slug(name)}")


def runtime(name: str) -> ox.NamedNode:
    """The IRI of a runtime."""
    return node(f"runtime/{slug(name)}")


def footprint(sha256: str, runtime_name: str) -> ox.NamedNode:
    """The IRI of a file's footprint on a runtime."""
    return node(f"file/{sha256}/footprint/{slug(runtime_name)}")


def source_graph(kind: str, name: str) -> str:
    """The IRI of the named graph that holds one source document's triples."""
    return f"{BASE}graph/{kind}/{slug(name)}"


def lookup_key(name: str) -> str:
    """A name as people type it: lower case, without blanks, dashes and underscores."""
    return _FOLD.sub("", name.casefold()) or name.casefold()
