"""The SPARQL 1.1 Graph Store HTTP Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import pyoxigraph as ox

from tinykg.endpoint.change import Change, commit, gated
from tinykg.endpoint.media_types import GRAPHS, chosen
from tinykg.endpoint.messages import EndpointRequest, EndpointResponse
from tinykg.endpoint.rdf_content import Part, parts_of, triples_of
from tinykg.errors import InputError, PreconditionFailed, UnknownName
from tinykg.store.protocol import DEFAULT_GRAPH
from tinykg.store.quads import as_stored, canonical, graph_node
from tinykg.validate.names import PREFIXES

if TYPE_CHECKING:
    from tinykg.catalogue.held import HeldRegistry
    from tinykg.endpoint.pool import Pool
    from tinykg.store.embedded import EmbeddedStore

_TAG_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The conditional headers of a request (RFC 9110, 13.1); None where they are absent."""

    if_match: str | None = None
    if_none_match: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphChange(Change):
    """A change of one graph, and whether the graph was there before and is there after it."""

    existed: bool
    exists: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What is to be done to a graph by PUT, POST or DELETE; `base` resolves relative IRIs of the content."""

    method: str
    graph: str
    base: str
    parts: tuple[Part, ...] = ()
    conditions: Conditions = Conditions()
    most_bytes: int


class GraphStore:
    """The graphs of a held registry over HTTP. A graph is there while it holds a triple.

    `direct_url` is the address, with a slash at its end, below which a graph's address is its IRI.
    """

    def __init__(self, held: HeldRegistry, pool: Pool, *, timeout_s: float = 30.0) -> None:
        self._held = held
        self._pool = pool
        self._timeout_s = timeout_s

    def indirect(
        self, request: EndpointRequest, direct_url: str, conditions: Conditions | None = None
    ) -> EndpointResponse:
        """The response to a request that names a graph by `?graph=IRI` or `?default`.

        POST that names none creates a graph below `direct_url`, an address with a slash at its end.
        """
        graphs = [value for name, value in request.query if name == "graph"]
        defaults = [name for name, _ in request.query if name == "default"]
        if request.method == "POST" and not graphs and not defaults:
            graph = direct_url + str(uuid4())
            self._change(request, graph, graph, conditions)
            return EndpointResponse(status=201, headers=(("Location", graph),))
        if len(graphs) + len(defaults) != 1:
            raise InputError("Name one graph, by ?graph= and its IRI, or by ?default.")
        if defaults:
            return self._answer(request, DEFAULT_GRAPH, request.url, conditions)
        return self._answer(request, graphs[0], graphs[0], conditions)

    def direct(self, request: EndpointRequest, conditions: Conditions | None = None) -> EndpointResponse:
        """The response to a request whose own address is the graph's IRI."""
        return self._answer(request, request.url, request.url, conditions)

    def _answer(
        self, request: EndpointRequest, graph: str, base: str, conditions: Conditions | None
    ) -> EndpointResponse:
        try:
            graph_node(graph)
        except ValueError as error:
            raise InputError(f"'{graph}' is no IRI, so no graph can be named by it: {error}") from error
        if request.method in ("GET", "HEAD"):
            return self._read(request, graph, conditions or Conditions())
        change = self._change(request, graph, base, conditions)
        return EndpointResponse(status=201 if change.exists and not change.existed else 204)

    def _read(self, request: EndpointRequest, graph: str, conditions: Conditions) -> EndpointResponse:
        form = chosen(request.accept, GRAPHS)
        with self._held.reading() as store:
            lines = store.dump(ox.RdfFormat.N_TRIPLES, graph)
            if not lines and graph != DEFAULT_GRAPH:
                raise _unknown(graph)
            content = store.dump(form.form, graph, PREFIXES)
        tag = f'"{_state(lines)}.{form.form.file_extension}"'
        headers = (("Vary", "Accept"), ("ETag", tag))
        if conditions.if_none_match is not None and _names(conditions.if_none_match, tag):
            return EndpointResponse(status=304, headers=headers)
        return EndpointResponse(status=200, content=content, content_type=form.content_type, headers=headers)

    def _change(
        self, request: EndpointRequest, graph: str, base: str, conditions: Conditions | None
    ) -> GraphChange:
        parts = () if request.method == "DELETE" else parts_of(request)
        write = Write(
            method=request.method,
            graph=graph,
            base=base,
            parts=parts,
            conditions=conditions or Conditions(),
            most_bytes=self._pool.result_bytes,
        )
        purpose = f"{request.method} of a graph"
        return commit(
            self._held,
            self._pool,
            worked_out,
            write,
            timeout_s=self._timeout_s,
            purpose=purpose,
            client=request.client,
        )


def worked_out(store: EmbeddedStore, write: Write) -> GraphChange:
    """The change that a request makes to a snapshot; in a worker."""
    node = graph_node(write.graph)
    present = set(store.graph(write.graph))
    existed = bool(present) or write.graph == DEFAULT_GRAPH
    _check(write.conditions, _state(store.dump(ox.RdfFormat.N_TRIPLES, write.graph)), existed=existed)
    if write.method == "DELETE" and not existed:
        raise _unknown(write.graph)
    wanted = set() if write.method == "DELETE" else as_stored(triples_of(write.parts, write.base))
    if write.method == "POST":
        wanted |= present
    elif canonical(wanted) == canonical(present) is not None:
        wanted = present
    removed = {_quad(triple, node) for triple in present - wanted}
    added = {_quad(triple, node) for triple in wanted - present}
    change = gated(store, removed, added, f"The graph <{write.graph}>", write.most_bytes)
    return GraphChange(
        removed=change.removed,
        added=change.added,
        dropped=change.dropped,
        existed=existed,
        exists=bool(wanted) or write.graph == DEFAULT_GRAPH,
    )


def _quad(triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def _unknown(graph: str) -> UnknownName:
    return UnknownName("graph", graph, ())


def _state(lines: bytes) -> str:
    """A name for what a graph holds, by its N-Triples in any order."""
    return hashlib.sha256(b"\n".join(sorted(lines.splitlines()))).hexdigest()[:_TAG_LENGTH]


def _check(conditions: Conditions, state: str, *, existed: bool) -> None:
    """Raise PreconditionFailed where a writer expects another state; any form's tag names the state."""
    if conditions.if_match is not None:
        states = {_state_of(tag) for tag in conditions.if_match.split(",")}
        if not existed or not states & {"*", state}:
            raise PreconditionFailed("The graph is not as If-Match says: it has changed; read it again.")
    if conditions.if_none_match is not None:
        states = {_state_of(tag) for tag in conditions.if_none_match.split(",")}
        if existed and states & {"*", state}:
            raise PreconditionFailed("The graph is there already, as If-None-Match says it should not be.")


def _state_of(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"').partition(".")[0]


def _names(condition: str, tag: str) -> bool:
    """Whether a list of entity tags names one, weakly compared (RFC 9110, 8.8.3.2)."""
    return any(one.strip().removeprefix("W/") in ("*", tag) for one in condition.split(","))
