"""Oxigraph in this process, in memory or in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from tinykg.errors import QuerySyntaxError, StoreError
from tinykg.store.guard import refuse_network
from tinykg.store.protocol import Dataset, Node, Rows, Term
from tinykg.store.quads import (
    BLANK_FUNCTION,
    as_stored,
    blank_node,
    canonical,
    graph_node,
    has_blank_node,
    quad_operations,
)
from tinykg.store.tokens import names_a_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    LeavesAnswers = Callable[[str, AbstractSet[ox.Triple]], bool]


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
        except (OSError, ValueError, RuntimeError) as error:  # the last for files that are damaged
            raise StoreError(
                f"The store in {folder} cannot be opened: {error}. Run 'tinykg doctor'."
            ) from error
        self._read_only = read_only
        self.folder = folder
        self.version = 0
        """Grows with each change that was made through this object."""
        self.answers_version = 0
        """Grows with each change but those that were said to leave answers as they are."""
        self._counted: tuple[int, int] = (-1, 0)

    @property
    def _open(self) -> ox.Store:
        if self._store is None:
            raise StoreError("The store is closed; open the registry again.")
        return self._store

    def _query(
        self,
        query: str,
        base: str | None = None,
        dataset: Dataset | None = None,
        endpoints: Collection[str] = (),
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        refuse_network(query, endpoints)
        try:
            if dataset is None:
                union = not names_a_dataset(query)
                return self._open.query(query, base_iri=base, use_default_graph_as_union=union)
            return self._open.query(
                query,
                base_iri=base,
                default_graph=[graph_node(name) for name in dataset.default_graphs],
                named_graphs=[ox.NamedNode(name) for name in dataset.named_graphs],
            )
        except SyntaxError as error:
            raise QuerySyntaxError(f"SPARQL does not parse: {error}") from error
        except (OSError, ValueError, RuntimeError) as error:
            # The engine has one class for all of these; a function that it lacks is the asker's fault.
            kind = QuerySyntaxError if "custom function" in str(error) else StoreError
            raise kind(f"The query cannot be evaluated: {error}") from error

    def raw(
        self,
        query: str,
        *,
        base: str | None = None,
        dataset: Dataset | None = None,
        endpoints: Collection[str] = (),
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """The engine's own result of any query form, for serialising as it comes.

        Relative IRIs are resolved against `base`. Without `dataset` it is the one of the query's FROM
        clauses, or else the union of all graphs. SERVICE may ask the `endpoints` and no other.
        """
        return self._query(query, base, dataset, endpoints)

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

    def update(self, update: str, *, base: str | None = None) -> None:
        """Run a SPARQL update as one transaction; relative IRIs are resolved against `base`.

        Its default graph is the graph without a name, as its INSERT and DELETE mean it, not the union.
        """
        self._writable()
        refuse_network(update)
        try:
            self._open.update(update, base_iri=base)
        except SyntaxError as error:
            raise QuerySyntaxError(f"SPARQL update does not parse: {error}") from error
        except (OSError, ValueError, RuntimeError) as error:
            raise StoreError(f"The update failed and changed nothing: {error}") from error
        self._changed()

    def change(
        self, *, removed: Iterable[ox.Quad], added: Iterable[ox.Quad], dropped: Iterable[str] = ()
    ) -> bool:
        """Remove and add quads and drop graphs, in one transaction; whether there was anything to do.

        Blank nodes are meant by the names that the store gave them, so that those of the same name in
        several graphs remain one node. RDF 1.1 only: no triple terms.
        """
        self._writable()
        statements = [
            f"DROP SILENT GRAPH {ox.NamedNode(name)}" if name else "CLEAR DEFAULT" for name in dropped
        ]
        statements += quad_operations("DELETE", removed)
        statements += quad_operations("INSERT", added)
        if statements:
            try:
                self._open.update(" ;\n".join(statements), custom_functions={BLANK_FUNCTION: blank_node})
            except (OSError, ValueError, RuntimeError, SyntaxError) as error:
                raise StoreError(f"The change could not be written; nothing changed: {error}") from error
            self._changed()
        return bool(statements)

    def replace_graphs(
        self, graphs: Mapping[str, Iterable[ox.Triple]], leaves_answers: LeavesAnswers | None = None
    ) -> bool:
        """Make each named graph hold exactly these triples, in one transaction.

        `leaves_answers` is asked of each graph with the triples that come or go whether these are of no
        account to the answers that are kept of other questions.
        """
        self._writable()
        statements, leaves, quads = [], leaves_answers is not None, 0
        for name, triples in graphs.items():
            wanted, present = as_stored(triples), set(self.graph(name))
            operations = _changes(name, wanted, present)
            if operations:
                statements += operations
                quads += len(wanted) - len(present)
                leaves = leaves and leaves_answers is not None and leaves_answers(name, wanted ^ present)
        if statements:
            try:
                self._open.update(" ;\n".join(statements))
            except (OSError, ValueError, RuntimeError, SyntaxError) as error:
                raise StoreError(f"The graphs could not be written; nothing changed: {error}") from error
            self._changed(leaves_answers=leaves, quads=quads)
        return bool(statements)

    def _changed(self, *, leaves_answers: bool = False, quads: int | None = None) -> None:
        """Note that something was written; `quads` is by how many it grew, where that is known."""
        version, counted = self._counted
        known = quads is not None and version == self.version
        self.version += 1
        if not leaves_answers:
            self.answers_version += 1
        if known and quads is not None:
            self._counted = self.version, counted + quads

    def load_new(self, graphs: Mapping[str, Iterable[ox.Triple]]) -> None:
        """Fill a new store as fast as the engine can; not one transaction."""
        self._writable()
        self._open.bulk_extend(
            ox.Quad(triple.subject, triple.predicate, triple.object, node)
            for node, triples in ((ox.NamedNode(name), triples) for name, triples in graphs.items())
            for triple in triples
        )
        self._open.flush()
        self._changed()

    def load_file(self, path: Path) -> None:
        """Add the quads of an N-Quads file as fast as the engine can; not one transaction."""
        self._writable()
        self._open.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
        self._open.flush()
        self._changed()

    def copy_to(self, folder: Path) -> None:
        """Make a consistent copy of an on-disk store in a new folder beside it, by hard links."""
        try:
            self._open.backup(str(folder))
        except (OSError, ValueError, RuntimeError) as error:
            raise StoreError(f"The store cannot be copied to {folder}: {error}") from error

    def graph(self, name: str) -> list[ox.Triple]:
        """The triples of one graph, empty where there is none; DEFAULT_GRAPH is the one without a name."""
        return [quad.triple for quad in self._open.quads_for_pattern(None, None, None, graph_node(name))]

    def quads(
        self, *, subject: Node | None = None, predicate: ox.NamedNode | None = None, value: Term | None = None
    ) -> Iterator[ox.Quad]:
        """The quads of all graphs with a subject, a predicate, an object, or any."""
        return self._open.quads_for_pattern(subject, predicate, value, None)

    def quads_in(self, graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[ox.Quad]:
        """The quads of one graph."""
        return self._open.quads_for_pattern(None, None, None, graph)

    def dump(
        self, form: ox.RdfFormat, name: str | None = None, prefixes: Mapping[str, str] | None = None
    ) -> bytes:
        """The quads of all graphs, or the triples of one, serialised; blank nodes keep their names."""
        graph = None if name is None else graph_node(name)
        return self._open.dump(format=form, from_graph=graph, prefixes=dict(prefixes or {})) or b""

    def statements(self, predicate: str) -> Iterator[tuple[str, ox.Triple]]:
        """Every statement of a property, with the name of the graph that it stands in."""
        for quad in self._open.quads_for_pattern(None, ox.NamedNode(predicate), None, None):
            if isinstance(quad.graph_name, ox.NamedNode):
                yield quad.graph_name.value, quad.triple

    def graph_names(self) -> list[str]:
        """The IRIs of all named graphs, sorted."""
        return sorted(node.value for node in self._open.named_graphs())

    def size(self) -> int:
        """The number of quads; counting them takes the engine a while, so that it is remembered."""
        version, counted = self._counted
        if version != self.version:
            version, counted = self.version, len(self._open)
            self._counted = version, counted
        return counted

    def close(self) -> None:
        """Release the store and its files."""
        self._store = None

    def _writable(self) -> None:
        if self._read_only:
            raise StoreError("This store was opened for reading only; open the registry for writing.")


def _changes(name: str, wanted: set[ox.Triple], present: set[ox.Triple]) -> list[str]:
    """The update operations that make a named graph hold just the wanted triples; none where it does."""
    node = ox.NamedNode(name)
    if wanted == present or canonical(wanted) == canonical(present) is not None:
        return []
    if not wanted:
        return [f"DROP SILENT GRAPH {node}"]
    if any(map(has_blank_node, present)):  # DELETE DATA cannot name them
        return [f"CLEAR SILENT GRAPH {node}", *_operation("INSERT DATA", node, wanted)]
    return [
        *_operation("DELETE DATA", node, present - wanted),
        *_operation("INSERT DATA", node, wanted - present),
    ]


def _operation(verb: str, graph: ox.NamedNode, triples: set[ox.Triple]) -> list[str]:
    if not triples:
        return []
    body = "\n".join(f"{t.subject} {t.predicate} {t.object} ." for t in triples)
    return [f"{verb} {{ GRAPH {graph} {{\n{body}\n}} }}"]
