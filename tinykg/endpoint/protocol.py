"""The SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/): what a request asks, and its answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pyoxigraph as ox

from tinykg.endpoint.media_types import FORM, parsed, utf_8
from tinykg.endpoint.messages import EndpointRequest, EndpointResponse, Pairs
from tinykg.endpoint.query import PROTOCOL, Query, evaluate
from tinykg.endpoint.service_description import describe
from tinykg.errors import InputError, QueryTooBig, UnsupportedMediaType
from tinykg.store.protocol import Dataset

if TYPE_CHECKING:
    from tinykg.endpoint.pool import Pool
    from tinykg.endpoint.query import Defaults
    from tinykg.endpoint.update import Updates

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

_QUERY_GRAPHS = ("default-graph-uri", "named-graph-uri")
_UPDATE_GRAPHS = ("using-graph-uri", "using-named-graph-uri")


LEAST_TIMEOUT_S = 0.1
"""A shorter time would end before a process is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may take; `timeout_s` is also what a request gets that names no time."""

    query_bytes: int = 256 << 10
    update_bytes: int = 64 << 20
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a request asks for: a query or an update, its text, and the dataset that it names, if any."""

    is_update: bool
    text: str
    dataset: Dataset | None
    timeout_s: float


class SparqlEndpoint:
    """A SPARQL endpoint on a pool of workers; without `updates` it answers queries only.

    `defaults` are the media types for clients that take any; with `describes`, GET without parameters gets
    the service description. Without a dataset in the request or the query, a query is about the union of
    all graphs. SERVICE may ask the endpoints that are `federated`, and no other.
    """

    def __init__(
        self,
        pool: Pool,
        updates: Updates | None = None,
        *,
        limits: Limits | None = None,
        defaults: Defaults = PROTOCOL,
        describes: bool = True,
        federated: tuple[str, ...] = (),
    ) -> None:
        self._describes = describes
        self._pool = pool
        self._updates = updates
        self._limits = limits or Limits()
        self._defaults = defaults
        self._federated = federated

    def answer(self, request: EndpointRequest) -> EndpointResponse:
        """The response to a request; raises a TinykgError where it cannot be served."""
        if self.is_about_itself(request):
            return describe(
                self._pool,
                request.url,
                request.accept,
                timeout_s=self._limits.timeout_s,
                federates=bool(self._federated),
            )
        operation = self.operation(request)
        return self._update(request, operation) if operation.is_update else self._query(request, operation)

    def is_about_itself(self, request: EndpointRequest) -> bool:
        """Whether a request asks for the service description: GET without any operation."""
        return self._describes and request.method == "GET" and not request.query

    def operation(self, request: EndpointRequest) -> Operation:
        """What a request asks for (2.1 and 2.2); raises InputError where it is not one thing."""
        pairs, text = _parts(request)
        queries = [value for name, value in pairs if name == "query"]
        updates = [value for name, value in pairs if name == "update"]
        if text is not None:
            (updates if parsed(request.content_type)[0] == UPDATE else queries).append(text)
        if len(queries) + len(updates) != 1:
            raise InputError(
                f"Expected one query or one update; found {len(queries)} queries and {len(updates)} updates. "
                "Send the parameter 'query' or 'update', or the text itself as "
                f"{QUERY} or {UPDATE}."
            )
        if updates and (request.method != "POST" or ("update", updates[0]) in request.query):
            raise InputError("An update is sent by POST, in the content of the request.")
        if updates and self._updates is None:
            raise InputError("Only queries are answered here; updates are for /sparql.")
        return Operation(
            is_update=bool(updates),
            text=self._short_enough(*(updates or queries), is_update=bool(updates)),
            dataset=_dataset(pairs, is_update=bool(updates)),
            timeout_s=self._timeout_s(pairs),
        )

    def _short_enough(self, text: str, *, is_update: bool) -> str:
        most_bytes = self._limits.update_bytes if is_update else self._limits.query_bytes
        if len(text) > most_bytes or len(text.encode("utf-8", "surrogatepass")) > most_bytes:
            raise QueryTooBig(f"The text is longer than {most_bytes} bytes, which is the limit here.")
        return text

    def _timeout_s(self, pairs: Pairs) -> float:
        """The seconds that a request may take: what it says in `timeout`, but no more than the server's."""
        wanted = [value for name, value in pairs if name == "timeout"]
        if not wanted:
            return self._limits.timeout_s
        try:
            seconds = float(wanted[0])
        except ValueError:
            seconds = math.nan
        if len(wanted) > 1 or not seconds >= LEAST_TIMEOUT_S:
            raise InputError(
                f"timeout is '{', '.join(wanted)}'; expected a number of seconds, at least {LEAST_TIMEOUT_S}"
            )
        return min(seconds, self._limits.timeout_s)

    def _query(self, request: EndpointRequest, operation: Operation) -> EndpointResponse:
        query = Query(
            text=operation.text,
            base=request.url,
            dataset=operation.dataset,
            accept=request.accept,
            defaults=self._defaults,
            most_bytes=self._pool.result_bytes,
            endpoints=self._federated,
        )
        content_type, content = self._pool.run(
            evaluate, query, timeout_s=operation.timeout_s, client=request.client
        )
        return EndpointResponse(
            status=200, content=content, content_type=content_type, headers=(("Vary", "Accept"),)
        )

    def _update(self, request: EndpointRequest, operation: Operation) -> EndpointResponse:
        assert self._updates is not None
        self._updates.update(
            operation.text,
            base=request.url,
            dataset=operation.dataset,
            timeout_s=operation.timeout_s,
            client=request.client,
        )
        return EndpointResponse(status=204)


def _parts(request: EndpointRequest) -> tuple[Pairs, str | None]:
    """The parameters of a request, and the text that it carries as its content."""
    if request.method == "GET":
        return request.query, None
    if request.method != "POST":
        raise InputError(f"The SPARQL Protocol knows GET and POST; found {request.method}")
    kind = parsed(request.content_type)[0]
    if kind == FORM:
        content = utf_8(request.content, request.content_type, "form")
        try:
            fields = parse_qsl(content, keep_blank_values=True, errors="strict")
        except ValueError as error:
            raise InputError(f"The form's values are not UTF-8: {error}") from error
        return (*request.query, *fields), None
    if kind in (QUERY, UPDATE):
        return request.query, utf_8(request.content, request.content_type, "text")
    raise UnsupportedMediaType(kind or "(none)", (FORM, QUERY, UPDATE))


def _dataset(pairs: Pairs, *, is_update: bool) -> Dataset | None:
    """The dataset that the parameters name; None where they name none."""
    default, named = _UPDATE_GRAPHS if is_update else _QUERY_GRAPHS
    foreign = _QUERY_GRAPHS if is_update else _UPDATE_GRAPHS
    for name, _ in pairs:
        if name in foreign:
            kind = "an update" if is_update else "a query"
            raise InputError(f"'{name}' is not for {kind}; there it is '{default}' or '{named}'.")
    graphs = {wanted: tuple(_iri(v, n) for n, v in pairs if n == wanted) for wanted in (default, named)}
    if not any(graphs.values()):
        return None
    return Dataset(default_graphs=graphs[default], named_graphs=graphs[named])


def _iri(text: str, parameter: str) -> str:
    try:
        return ox.NamedNode(text).value
    except ValueError as error:
        raise InputError(f"{parameter} is '{text}', which is no IRI: {error}") from error
