"""Oxigraph in this process, in memory or in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from tinykg.errors import QuerySyntaxError, StoreError
from tinykg.store.guard import refuse_network
from tinykg.store.protocol import Rows, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class EmbeddedStore:
    """A Store on pyoxigraph.

    `folder` None keeps everything in memory. With `read_only` the folder must exist
    and no other process may write to it meanwhile: `tinykg.store.folder` sees to that.
    """

    def __init__(self, folder: Path | None = None, *, read_only: bool = False) -> None:
        self._store: ox.Store | None
        try:
            if folder is None:
                self._store = ox.Store()
            elif read_only:
                self._store = ox.Store.read_only(str(folder))
            else:
                self._store = ox.Store(str(folder))
        except (OSError, ValueError) as error:
            raise StoreError(
                f"The store in {folder} cannot be opened: {error}. Run 'tinykg doctor'."
            ) from error
        self._read_only = read_only

    @property
    def _open(self) -> ox.Store:
        if self._store is None:
            raise StoreError("The store is closed; open the registry again.")
        return self._store

    def _query(self, query: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        refuse_network(query)
        try:
            return self._open.query(query, use_default_graph_as_union=True)
        except SyntaxError as error:
            raise QuerySyntaxError(f"SPARQL does not parse: {error}") from error
        except (OSError, ValueError, RuntimeError) as error:
            raise StoreError(f"The query cannot be evaluated: {error}") from error

    def raw(self, query: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """The engine's own result of any query form, for serialising as it comes."""
        return self._query(query)

    def select(self, query: str) -> Rows:
        """The solutions of a SELECT query."""
        result = self._query(query)
        if not isinstance(result, ox.QuerySolutions):
            raise QuerySyntaxError("Expected a SELECT query.")
        return Rows(
            variables=tuple(variable.value for variable in result.variables),
            rows=cast("tuple[tuple[Term | None, ...], ...]", tuple(map(tuple, result))),
        )

    def ask(self, query: str) -> bool:
        """The answer to an ASK query."""
        result = self._query(query)
        if not isinstance(result, ox.QueryBoolean):
            raise QuerySyntaxError("Expected an ASK query.")
        return bool(result)

    def construct(self, query: str) -> list[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE query, without duplicates."""
        result = self._query(query)
        if not isinstance(result, ox.QueryTriples):
            raise QuerySyntaxError("Expected a CONSTRUCT or DESCRIBE query.")
        return list(dict.fromkeys(result))

    def update(self, update: str) -> None:
        """Run a SPARQL update as one transaction."""
        self._writable()
        refuse_network(update)
        try:
            self._open.update(update)
        except SyntaxError as error:
            raise QuerySyntaxError(f"SPARQL update does not parse: {error}") from error
        except (OSError, ValueError, RuntimeError) as error:
            raise StoreError(f"The update failed and changed nothing: {error}") from error

    def replace_graphs(self, graphs: Mapping[str, Iterable[ox.Triple]]) -> bool:
        """Make each named graph hold exactly these triples, in one transaction."""
        self._writable()
        statements = [
            part for name, triples in graphs.items() for part in self._changes(name, _as_stored(triples))
        ]
        if statements:
            try:
                self._open.update(" ;\n".join(statements))
            except (OSError, ValueError, RuntimeError, SyntaxError) as error:
                raise StoreError(f"The graphs could not be written; nothing changed: {error}") from error
        return bool(statements)

    def _changes(self, name: str, wanted: set[ox.Triple]) -> list[str]:
        """The update operations that make a named graph hold just the wanted triples; none where it does."""
        present = set(self.graph(name))
        node = ox.NamedNode(name)
        if wanted == present or _canonical(wanted) == _canonical(present) is not None:
            return []
        if not wanted:
            return [f"DROP SILENT GRAPH {node}"]
        if any(map(_has_blank_node, present)):  # DELETE DATA cannot name them
            return [f"CLEAR SILENT GRAPH {node}", *_operation("INSERT DATA", node, wanted)]
        return [
            *_operation("DELETE DATA", node, present - wanted),
            *_operation("INSERT DATA", node, wanted - present),
        ]

    def load_new(self, graphs: Mapping[str, Iterable[ox.Triple]]) -> None:
        """Fill a new store as fast as the engine can; not one transaction."""
        self._writable()
        self._open.bulk_extend(
            ox.Quad(triple.subject, triple.predicate, triple.object, node)
            for node, triples in ((ox.NamedNode(name), triples) for name, triples in graphs.items())
            for triple in triples
        )
        self._open.flush()

    def load_file(self, path: Path) -> None:
        """Add the quads of an N-Quads file as fast as the engine can; not one transaction."""
        self._writable()
        self._open.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
        self._open.flush()

    def graph(self, name: str) -> list[ox.Triple]:
        """The triples of one named graph, empty where there is none."""
        return [quad.triple for quad in self._open.quads_for_pattern(None, None, None, ox.NamedNode(name))]

    def graph_names(self) -> list[str]:
        """The IRIs of all named graphs, sorted."""
        return sorted(node.value for node in self._open.named_graphs())

    def size(self) -> int:
        """The number of quads."""
        return len(self._open)

    def close(self) -> None:
        """Release the store and its files."""
        self._store = None

    def _writable(self) -> None:
        if self._read_only:
            raise StoreError("This store was opened for reading only; open the registry for writing.")


def _as_stored(triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    """The triples as the engine gives them back: numbers have one spelling and integers one type."""
    engine = ox.Store()
    engine.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    return {quad.triple for quad in engine}


def _operation(verb: str, graph: ox.NamedNode, triples: set[ox.Triple]) -> list[str]:
    if not triples:
        return []
    body = "\n".join(f"{t.subject} {t.predicate} {t.object} ." for t in triples)
    return [f"{verb} {{ GRAPH {graph} {{\n{body}\n}} }}"]


def _has_blank_node(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)


def _canonical(triples: set[ox.Triple]) -> ox.Dataset | None:
    """The triples with canonical names for blank nodes; None where there are none."""
    if not any(map(_has_blank_node, triples)):
        return None
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset
