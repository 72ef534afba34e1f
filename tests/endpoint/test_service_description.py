"""The endpoint describes itself as the Service Description vocabulary has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, Graph, Namespace, URIRef

from tinykg.endpoint.media_types import GRAPHS, SOLUTIONS

if TYPE_CHECKING:
    from endpoint_client import Client

    from tinykg.catalogue.held import HeldRegistry

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")


def described(client: Client, path: str = "/sparql") -> Graph:
    answer = client.get(path, headers={"accept": "text/turtle"})
    assert answer.status_code == 200
    return Graph().parse(data=answer.text, format="turtle")


@pytest.mark.parametrize("media_type", GRAPHS)
def test_get_returns_rdf(client: Client, media_type: str) -> None:
    answer = client.get("/sparql", headers={"accept": media_type})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media_type
    assert b"sparql-service-description" in answer.content


def test_a_browser_gets_rdf_too(client: Client) -> None:
    answer = client.get("/sparql", headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_the_endpoint_is_where_it_was_asked(client: Client, path: str) -> None:
    graph = described(client, path)
    (service,) = graph.subjects(SD.endpoint, URIRef("http://endpoint.example" + path))
    assert (service, RDF.type, SD.Service) in graph


def test_it_is_what_the_vocabulary_allows(client: Client) -> None:
    graph = described(client)
    (service,) = graph.subjects(RDF.type, SD.Service)
    assert set(graph.objects(service, SD.supportedLanguage)) == {
        SD.SPARQL10Query,
        SD.SPARQL11Query,
        SD.SPARQL11Update,
    }
    assert list(graph.objects(service, SD.feature)) == [SD.UnionDefaultGraph]
    read = {str(form) for form in graph.objects(service, SD.inputFormat)}
    written = {str(form) for form in graph.objects(service, SD.resultFormat)}
    assert all(form.startswith("http://www.w3.org/ns/formats/") for form in written)
    assert len(read) == len(set(GRAPHS.values()))
    assert len(written - read) == len(set(SOLUTIONS.values()))
    assert read < written
    (dataset,) = graph.objects(service, SD.defaultDataset)
    assert (dataset, RDF.type, SD.Dataset) in graph
    (default,) = graph.objects(dataset, SD.defaultGraph)
    assert (default, RDF.type, SD.Graph) in graph


def test_it_counts_what_there_is(client: Client, empty: HeldRegistry) -> None:
    with empty.writing("filling") as store:
        store.update("INSERT DATA { GRAPH <x:g> { <x:s> <x:p> 1, 2 } GRAPH <x:h> { <x:s> <x:p> 3 } }")
    graph = described(client)
    (dataset,) = graph.subjects(RDF.type, SD.Dataset)
    assert [int(str(n)) for n in graph.objects(dataset, VOID.triples)] == [3]
    assert [int(str(n)) for n in graph.objects(dataset, VOID.documents)] == [2]
