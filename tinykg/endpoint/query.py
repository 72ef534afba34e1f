"""Evaluating a query in a worker, up to the bytes of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.endpoint.media_types import BOOLEANS, GRAPHS, JSON, JSON_LD, SOLUTIONS, TURTLE, chosen
from tinykg.errors import EndpointFailed, QueryStopped, StoreError
from tinykg.store.guard import asks_others
from tinykg.store.results import solutions_as, triples_as
from tinykg.validate.names import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    from tinykg.store.embedded import EmbeddedStore
    from tinykg.store.protocol import Dataset

    T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The media types of answers to clients that take any."""

    solutions: str
    graphs: str


PROTOCOL = Defaults(solutions="application/sparql-results+json", graphs=TURTLE)
DIRECTORY = Defaults(solutions=JSON, graphs=JSON_LD)
"""What WoT Discovery wants of `/search/sparql` (https://www.w3.org/TR/wot-discovery/#jsonld-sparql)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query and how it is to be answered.

    `base` resolves its IRIs, `most_bytes` bounds the answer, `endpoints` may be asked by SERVICE.
    """

    text: str
    base: str | None = None
    dataset: Dataset | None = None
    accept: str | None = None
    defaults: Defaults = PROTOCOL
    most_bytes: int
    endpoints: tuple[str, ...] = ()


def evaluate(store: EmbeddedStore, query: Query) -> tuple[str, bytes]:
    """The Content-Type and the bytes of the answer to a query of any form.

    Raises EndpointFailed where the query asks another endpoint and cannot be answered.
    """
    try:
        return _answer(store, query)
    except StoreError as error:
        if isinstance(error, QueryStopped) or not asks_others(query.text):
            raise
        raise EndpointFailed(
            f"{error} (SERVICE asks another endpoint, which may not answer; SERVICE SILENT does without.)"
        ) from error


def _answer(store: EmbeddedStore, query: Query) -> tuple[str, bytes]:
    result = store.raw(query.text, base=query.base, dataset=query.dataset, endpoints=query.endpoints)
    if isinstance(result, ox.QueryTriples):
        graph = chosen(query.accept, _first(query.defaults.graphs, GRAPHS))
        return graph.content_type, triples_as(result, graph.form, PREFIXES, query.most_bytes)
    offered = BOOLEANS if isinstance(result, ox.QueryBoolean) else SOLUTIONS
    form = chosen(query.accept, _first(query.defaults.solutions, offered))
    return form.content_type, solutions_as(result, form.form, query.most_bytes)


def _first(media_type: str, offered: Mapping[str, T]) -> dict[str, T]:
    """The same offer with one media type as the default."""
    return {media_type: offered[media_type], **offered}
