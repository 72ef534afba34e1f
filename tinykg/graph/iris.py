"""Minting and parsing TinyKG's identifiers."""

from __future__ import annotations

import re
from functools import lru_cache
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


@lru_cache(maxsize=4096)
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


def unit(thing_id: str) -> ox.NamedNode:
    """The IRI of a registered device, by its Thing's id."""
    return node(f"unit/{slug(thing_id)}")


def device(name: str) -> ox.NamedNode:
    """The IRI of a device by its own name: the id of a Thing has a colon, as every URI; a slug has none."""
    return unit(name) if ":" in name else device_type(name)


def benchmark_job(job_id: str) -> ox.NamedNode:
    """The IRI of a benchmark that somebody asked for."""
    return node(f"benchmark-job/{slug(job_id)}")


def benchmark_run(run_id: str) -> ox.NamedNode:
    """The IRI of one of our own benchmark runs."""
    return node(f"benchmark-run/{slug(run_id)}")


def board_description(source: str, collection: str | None, identifier: str) -> ox.NamedNode:
    """The IRI of what one source says of one board."""
    return node(f"board-description/{_described(source, collection, identifier)}")


def board_description_graph(source: str, collection: str | None, identifier: str) -> str:
    """The IRI of the named graph that holds one board description."""
    return f"{BASE}graph/board-description/{_described(source, collection, identifier)}"


def _described(source: str, collection: str | None, identifier: str) -> str:
    """Three path segments; `-` where the source's file belongs to no known collection."""
    place = "-" if collection is None else "%2D" if collection == "-" else slug(collection)
    return f"{slug(source)}/{place}/{slug(identifier)}"


def microcontroller(source: str, collection: str | None, part: str) -> ox.NamedNode:
    """The IRI of what one source says of one microcontroller."""
    return node(f"microcontroller/{_described(source, collection, part)}")


def microcontroller_graph(source: str, collection: str | None, part: str) -> str:
    """The IRI of the named graph that holds one microcontroller."""
    return f"{BASE}graph/microcontroller/{_described(source, collection, part)}"


def runtime(name: str) -> ox.NamedNode:
    """The IRI of a runtime."""
    return node(f"runtime/{slug(name)}")


def footprint(sha256: str, runtime_name: str) -> ox.NamedNode:
    """The IRI of a file's footprint on a runtime."""
    return node(f"file/{sha256}/footprint/{slug(runtime_name)}")


def source_graph(kind: str, name: str) -> str:
    """The IRI of the named graph that holds one source document's triples."""
    return f"{BASE}graph/{kind}/{slug(name)}"


def graph_of(entity: str) -> str:
    """The IRI of the named graph of an entity that has one of its own."""
    return entity.replace("/tinykg/", "/tinykg/graph/", 1)


def lookup_key(name: str) -> str:
    """A name as people type it: lower case, without blanks, dashes and underscores."""
    return _FOLD.sub("", name.casefold()) or name.casefold()
