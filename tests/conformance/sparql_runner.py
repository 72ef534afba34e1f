"""Runs W3C's Protocol, Graph Store Protocol and Service Description tests against a server.

Where the suite's paths lie here: `/sparql/` is the endpoint; `/gsp?...` is the Graph Store's service, where a
graph is named by a parameter (indirect); `/gsp/...` are graphs below it, named by the address of the request
(direct). The suite lets a runner choose each of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import httpx
import pyoxigraph as ox
import rdflib
from directory_client import WAIT_S, media_type
from http_manifest import LOCATION, read_http_tests
from rdf_compare import isomorphic
from verdicts import Broken, judged, need

if TYPE_CHECKING:
    from pathlib import Path

    from http_manifest import Expected, HttpTest
    from verdicts import Result

PROTOCOL = "protocol/manifest.ttl"
DIRECT = "graph-store-protocol/manifest-direct.ttl"
INDIRECT = "graph-store-protocol/manifest-indirect.ttl"
SUITE = ("http://www.example", "http://kasei.us", "http://example.org/protocol-")
"""Where the suite's own graphs are."""

BOOLEAN_TYPES = ("application/sparql-results+xml", "application/sparql-results+json")
TABULAR_TYPES = (*BOOLEAN_TYPES, "text/csv", "text/tab-separated-values")
RDF_TYPES = {
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a server has its SPARQL endpoint and its Graph Store."""

    sparql: str
    graph_store: str
    graphs_below: str

    @classmethod
    def of(cls, base_url: str) -> Places:
        """The places that TinyKG has below an address."""
        base = base_url.rstrip("/")
        return cls(
            sparql=f"{base}/sparql",
            graph_store=f"{base}/rdf-graphs/service",
            graphs_below=f"{base}/rdf-graphs/",
        )

    def address(self, path: str) -> str:
        """Where a request of the suite goes."""
        for start, place in (
            ("/sparql/", self.sparql),
            ("/gsp/", self.graphs_below),
            ("/gsp", self.graph_store),
        ):
            if path.startswith(start):
                return place + path.removeprefix(start)
        raise ValueError(f"a path of the suite that is not known: {path}")

    def graph_of(self, path: str) -> str | None:
        """The graph that a request to the Graph Store is about; None for others and the default graph."""
        parts = urlsplit(path)
        if parts.path.startswith("/gsp/"):
            return self.address(path)
        return next(iter(parse_qs(parts.query).get("graph", [])), None)


class SparqlServer:
    """Requests of the suites to one server."""

    def __init__(self, base_url: str, *, token: str | None = None) -> None:
        self.places = Places.of(base_url)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(headers=headers, timeout=WAIT_S, follow_redirects=True)
        del self.http.headers["accept"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def drop(self, name: str) -> None:
        """Takes a graph away, whether it is there or not."""
        self.http.delete(self.places.graph_store, params={"graph": name})

    def load(self, name: str, content: str, content_type: str = "text/turtle") -> None:
        """Makes a graph what the content says."""
        answer = self.http.put(
            self.places.graph_store,
            params={"graph": name},
            content=content.encode(),
            headers={"content-type": content_type},
        )
        need(answer.is_success, f"PUT of {name}: {answer.status_code} {answer.text[:300]}")

    def run(self, test: HttpTest) -> None:
        """Sends the requests of a test and judges each answer; `Broken` at the first that is wrong."""
        for graph in {self.places.graph_of(request.path) for request in test.requests} - {None}:
            if LOCATION not in str(graph):
                self.drop(str(graph))
        for name, content in test.graphs:
            self.load(name, content, "application/n-triples")
        location = ""
        for number, request in enumerate(test.requests, 1):
            path = request.path.replace(LOCATION, quote(location, safe=""))
            url = httpx.URL(self.places.address(path))
            answer = self.http.request(
                request.method, url, headers=list(request.headers), content=request.body
            )
            judge(answer, request.expected, f"request {number}, {request.method} {path[:60]}")
            if request.expected.gives_location:
                location = urljoin(str(url), answer.headers["location"])
                need(location, f"request {number}: no Location")


def judge(answer: httpx.Response, expected: Expected, what: str) -> None:
    """`Broken` where an answer is not as the manifest expects it."""
    code = str(answer.status_code)
    need(
        {code, f"{code[0]}xx"} & expected.statuses,
        f"{what}: {code}, not {'/'.join(sorted(expected.statuses))} {answer.text[:300]}",
    )
    if expected.content_type is not None:
        same = content_type(answer.headers) == content_type(expected.content_type)
        need(same, f"{what}: content-type is {answer.headers.get('content-type')}")
    if expected.kind == "tabular":
        need(media_type(answer) in TABULAR_TYPES, f"{what}: {media_type(answer)} is no table")
    if expected.kind == "boolean":
        need(media_type(answer) in BOOLEAN_TYPES, f"{what}: {media_type(answer)} holds no boolean")
    if expected.kind == "RDF":
        parsed(answer, what)
    if expected.boolean is not None:
        need(boolean(answer) is expected.boolean, f"{what}: the answer is not {expected.boolean}")
    if expected.body is not None:
        wanted_graph = rdflib.Graph().parse(data=expected.body, format="turtle", publicID=str(answer.url))
        need(isomorphic(parsed(answer, what), wanted_graph), f"{what}: another graph: {answer.text[:500]}")


def content_type(value: httpx.Headers | str) -> tuple[str, ...]:
    """A media type and its parameters, in a form that compares (RFC 9110, 8.3.1)."""
    text = value if isinstance(value, str) else value.get("content-type", "")
    return tuple(sorted(part.strip().lower().replace('"', "") for part in text.split(";")))


def parsed(answer: httpx.Response, what: str) -> rdflib.Graph:
    """The graph in an answer; `Broken` where it is no RDF."""
    form = RDF_TYPES.get(media_type(answer))
    if form is None:
        raise Broken(f"{what}: {media_type(answer)} is no RDF")
    quads = ox.parse(answer.content, format=form, base_iri=str(answer.url), without_named_graphs=True)
    lines = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)
    return rdflib.Graph().parse(data=lines, format="nt")


def boolean(answer: httpx.Response) -> bool:
    """The answer to ASK in a body of JSON or XML."""
    if media_type(answer).endswith("json"):
        value = answer.json()["boolean"]
        need(isinstance(value, bool), f"the boolean is {value!r}")
        return bool(value)
    import defusedxml.ElementTree

    root = defusedxml.ElementTree.fromstring(answer.text)
    text = root.findtext("{http://www.w3.org/2005/sparql-results#}boolean")
    return {"true": True, "false": False}[str(text)]


def http_tests(suite: Path, *manifests: str) -> list[HttpTest]:
    """The tests of manifests in W3C's folder sparql11."""
    return [test for name in manifests for test in read_http_tests(suite / name)]


def run_one(server: SparqlServer, test: HttpTest) -> Result:
    """The result of one test."""
    return judged(test.id, partial(server.run, test))


def returns_rdf(server: SparqlServer) -> str:
    """GET on the endpoint returns RDF, in each form that is asked for and in one that is not."""
    seen = []
    for accept in (None, "*/*", *RDF_TYPES):
        answer = server.http.get(server.places.sparql, headers={"accept": accept} if accept else {})
        need(answer.status_code == 200, f"Accept: {accept}: {answer.status_code}")
        need(len(parsed(answer, f"Accept: {accept}")) > 0, f"Accept: {accept}: no triples")
        if accept in RDF_TYPES and media_type(answer) == accept:
            seen.append(accept)
    need({"text/turtle", "application/rdf+xml"} & set(seen), "neither Turtle nor RDF/XML on request")
    return ", ".join(seen)


def description(server: SparqlServer) -> tuple[rdflib.Graph, rdflib.term.Node]:
    """The service description, and the service of this endpoint in it."""
    answer = server.http.get(server.places.sparql, headers={"accept": "text/turtle"})
    graph = parsed(answer, "service description")
    services = list(graph.subjects(SD.endpoint, rdflib.URIRef(server.places.sparql)))
    need(len(services) == 1, f"{len(services)} subjects have sd:endpoint <{server.places.sparql}>")
    return graph, services[0]


def has_endpoint_triple(server: SparqlServer) -> None:
    """A service of type sd:Service has this endpoint."""
    graph, service = description(server)
    need((service, rdflib.RDF.type, SD.Service) in graph, "the service is no sd:Service")


OBJECTS = {
    "supportedLanguage": "Language",
    "feature": "Feature",
    "defaultEntailmentRegime": "EntailmentRegime",
    "defaultSupportedEntailmentProfile": "EntailmentProfile",
    "extensionFunction": "Function",
    "extensionAggregate": "Aggregate",
    "defaultDataset": "Dataset",
    "availableGraphs": "GraphCollection",
    "defaultGraph": "Graph",
    "namedGraph": "NamedGraph",
    "graph": "Graph",
}
"""Properties of the Service Description vocabulary (its section 3.4) and the class of their objects."""

KNOWN = {
    "Language": ("SPARQL10Query", "SPARQL11Query", "SPARQL11Update"),
    "Feature": (
        "DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery",
    ),
}  # fmt: skip
"""Instances that the vocabulary defines (3.3)."""
FUNCTIONAL = ("endpoint", "defaultDataset", "defaultGraph", "name", "graph", "defaultEntailmentRegime")


def conforms_to_schema(server: SparqlServer) -> str:
    """Terms are those of the vocabulary, with objects of the classes that it says; what is claimed, holds."""
    graph, service = description(server)
    own = {
        "Service",
        "name",
        "resultFormat",
        "inputFormat",
        "propertyFeature",
        "languageExtension",
        "endpoint",
    }
    terms = own | set(OBJECTS) | set(OBJECTS.values()) | {name for names in KNOWN.values() for name in names}
    terms |= {"entailmentRegime", "supportedEntailmentProfile", "URIs"}
    for triple in graph:
        for node in triple:
            name = str(node).removeprefix(str(SD))
            need(name == str(node) or name in terms, f"sd:{name} is no term of the vocabulary")
    for prop, kind in OBJECTS.items():
        for value in graph.objects(predicate=SD[prop]):
            need(not isinstance(value, rdflib.Literal), f"sd:{prop} has the literal {value!r}")
            known = str(value).removeprefix(str(SD))
            if kind in KNOWN and known != str(value):
                need(known in KNOWN[kind], f"sd:{prop} sd:{known} is no {kind}")
            elif kind in ("Dataset", "Graph", "NamedGraph"):
                need((value, rdflib.RDF.type, SD[kind]) in graph, f"the object of sd:{prop} is no sd:{kind}")
    for prop in FUNCTIONAL:
        for subject in set(graph.subjects(SD[prop])):
            need(len(set(graph.objects(subject, SD[prop]))) == 1, f"sd:{prop} twice for {subject}")
    need((service, SD.supportedLanguage, SD.SPARQL11Query) in graph, "SPARQL11Query is not supported")
    need(list(graph.objects(service, SD.resultFormat)), "there is no sd:resultFormat")
    need(list(graph.objects(service, SD.defaultDataset)), "there is no sd:defaultDataset")
    for form in graph.objects(service, SD.resultFormat):
        is_known = str(form).startswith("http://www.w3.org/ns/formats/")
        need(is_known, f"sd:resultFormat {form} is none of http://www.w3.org/ns/formats/")
    return _claims(server, graph, service)


def _claims(server: SparqlServer, graph: rdflib.Graph, service: rdflib.term.Node) -> str:
    """Whether the features that the description claims are there, and those that it does not are not."""
    features = {str(each).removeprefix(str(SD)) for each in graph.objects(service, SD.feature)}
    claims_union = "UnionDefaultGraph" in features
    name = "http://www.example/service-description"
    server.load(name, f"<{name}> <http://www.example/is> 'in a named graph' .")
    try:
        answer = server.http.get(
            server.places.sparql, params={"query": f"ASK {{ <{name}> <http://www.example/is> ?o }}"}
        )
        need(boolean(answer) is claims_union, f"UnionDefaultGraph claimed: {claims_union}, in fact not so")
    finally:
        server.drop(name)
    need("RequiresDataset" not in features or not claims_union, "RequiresDataset with a default dataset")
    return f"features: {', '.join(sorted(features))}"


SERVICE_DESCRIPTION = {
    "has-endpoint-triple": has_endpoint_triple,
    "returns-rdf": returns_rdf,
    "conforms-to-schema": conforms_to_schema,
}
"""The suite's tests by their names in its manifest."""


def run(base_url: str, suite: Path, *, token: str | None = None) -> list[Result]:
    """The results of the 34, 13 and 3 tests; `suite` is W3C's folder sparql11."""
    with SparqlServer(base_url, token=token) as server:
        results = [run_one(server, test) for test in http_tests(suite, PROTOCOL, DIRECT, INDIRECT)]
        return results + [judged(name, partial(check, server)) for name, check in SERVICE_DESCRIPTION.items()]
