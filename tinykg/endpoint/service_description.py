"""What the endpoint says of itself (https://www.w3.org/TR/sparql11-service-description/)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.endpoint.media_types import GRAPHS, chosen
from tinykg.endpoint.messages import EndpointResponse
from tinykg.store.results import triples_as
from tinykg.vocab.wot import RDF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.endpoint.pool import Pool
    from tinykg.store.embedded import EmbeddedStore

_SD = "http://www.w3.org/ns/sparql-service-description#"
_VOID = "http://rdfs.org/ns/void#"
_FORMAT = "http://www.w3.org/ns/formats/"
_TYPE = ox.NamedNode(RDF.NS + "type")

PREFIXES = {"sd": _SD, "void": _VOID, "fmt": _FORMAT}

_LANGUAGES = ("SPARQL10Query", "SPARQL11Query", "SPARQL11Update")
_FEATURES = ("UnionDefaultGraph",)
_FEDERATION = "BasicFederatedQuery"
_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
    "N-Quads",
    "TriG",
    "N3",
)
"""W3C's names of the formats (https://www.w3.org/ns/formats/) that `media_types` has."""

_READ_FORMATS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "N-Quads", "TriG", "N3")


def describe(
    pool: Pool, endpoint: str, accept: str | None, *, timeout_s: float, federates: bool
) -> EndpointResponse:
    """The description of an endpoint at an address, in the form that the client wants."""
    form = chosen(accept, GRAPHS)
    triples, graphs = pool.run(sizes, timeout_s=timeout_s)
    described = description(endpoint, triples, graphs, federates=federates)
    content = triples_as(described, form.form, PREFIXES)
    return EndpointResponse(
        status=200, content=content, content_type=form.content_type, headers=(("Vary", "Accept"),)
    )


def sizes(store: EmbeddedStore) -> tuple[int, int]:
    """The number of triples over all graphs, and of named graphs."""
    return store.size(), len(store.graph_names())


def description(endpoint: str, triples: int, graphs: int, *, federates: bool) -> Iterator[ox.Triple]:
    """The triples that describe an endpoint with so many triples and named graphs, one a source document.

    An endpoint that `federates` takes SERVICE with the address of another one.
    """
    address = ox.NamedNode(endpoint)
    names = ("service", "dataset", "default-graph")
    service, dataset, default = (ox.NamedNode(f"{endpoint}#{name}") for name in names)

    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(_SD + name)

    yield ox.Triple(service, _TYPE, sd("Service"))
    yield ox.Triple(service, sd("endpoint"), address)
    for name in _LANGUAGES:
        yield ox.Triple(service, sd("supportedLanguage"), sd(name))
    for name in (*_FEATURES, _FEDERATION) if federates else _FEATURES:
        yield ox.Triple(service, sd("feature"), sd(name))
    for name in _FORMATS:
        yield ox.Triple(service, sd("resultFormat"), ox.NamedNode(_FORMAT + name))
    for name in _READ_FORMATS:
        yield ox.Triple(service, sd("inputFormat"), ox.NamedNode(_FORMAT + name))
    yield ox.Triple(service, sd("defaultDataset"), dataset)
    yield ox.Triple(dataset, _TYPE, sd("Dataset"))
    yield ox.Triple(dataset, _TYPE, ox.NamedNode(_VOID + "Dataset"))
    yield ox.Triple(dataset, ox.NamedNode(_VOID + "sparqlEndpoint"), address)
    yield ox.Triple(dataset, ox.NamedNode(_VOID + "triples"), ox.Literal(triples))
    yield ox.Triple(dataset, sd("defaultGraph"), default)
    yield ox.Triple(default, _TYPE, sd("Graph"))
    yield ox.Triple(default, ox.NamedNode(_VOID + "triples"), ox.Literal(triples))
    yield ox.Triple(dataset, ox.NamedNode(_VOID + "documents"), ox.Literal(graphs))
