"""What TinyKG asks of a store: SPARQL in, rows out, graphs replaced as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Term: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple"
Node: TypeAlias = "ox.NamedNode | ox.BlankNode"

DEFAULT_GRAPH = ""
"""Where a graph's IRI is asked for: the graph that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The graphs a query is about, by IRI: those merged to its default graph, those that GRAPH may name."""

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def text_of(term: Term | None) -> str | None:
    """The IRI of a node or the text of a literal; None for an unbound variable or a blank node."""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The solutions of a SELECT: variable names, and one tuple a row in their order; None is unbound."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def __iter__(self) -> Iterator[dict[str, Term | None]]:
        for row in self.rows:
            yield dict(zip(self.variables, row, strict=True))

    def __len__(self) -> int:
        return len(self.rows)


@runtime_checkable
class Store(Protocol):
    """A SPARQL 1.1 dataset. Queries see the union of all named graphs.

    Every method raises StoreError when the store cannot answer and QuerySyntaxError
    for a text it does not take. `replace_graphs` is one transaction: all of it or
    nothing, also when the process is killed.
    """

    def select(self, query: str) -> Rows:
        """The solutions of a SELECT query."""
        ...

    def ask(self, query: str) -> bool:
        """The answer to an ASK query."""
        ...

    def construct(self, query: str) -> list[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE query, without duplicates."""
        ...

    def update(self, update: str) -> None:
        """Run a SPARQL update as one transaction."""
        ...

    def replace_graphs(self, graphs: Mapping[str, Iterable[ox.Triple]]) -> bool:
        """Make each named graph hold exactly these triples; an empty one is removed.

        Returns whether anything changed.
        """
        ...

    def graph(self, name: str) -> list[ox.Triple]:
        """The triples of one named graph, empty where there is none."""
        ...

    def graph_names(self) -> list[str]:
        """The IRIs of all named graphs, sorted."""
        ...

    def size(self) -> int:
        """The number of quads."""
        ...

    def close(self) -> None:
        """Release the store; safe to call twice."""
        ...
