"""How long the queries take: on two engines over the example registry, and matching as the catalogue grows.

    python benchmarks/fit_query.py [GROWTH...]      for example 1 10 100

A catalogue of n times the models has each built-in model n times, under other names, with its file's
footprints and without layers and tensors, which matching does not look at. It lies in a folder, as a user's
registry does.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import rdflib

from tinykg.catalogue.builtin import built_graphs
from tinykg.files import query_names, share
from tinykg.graph import iris
from tinykg.match.fit import Question, match, match_best
from tinykg.queries.load import query_text
from tinykg.report.table import table
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODELS = iris.node("model/").value
FILES = iris.node("file/").value
NOT_LOOKED_AT = ("/subgraph/", "/signature/", "/metadata/")
NAME = ox.NamedNode("http://schema.org/name")
ROUNDS = 5


def least_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The least of some rounds, in milliseconds."""
    taken = []
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken) * 1e3


def on_oxigraph(store: ox.Store, query: str) -> None:
    found = store.query(query)
    if not isinstance(found, ox.QueryBoolean):
        list(found)


def on_rdflib(graph: rdflib.Graph, query: str) -> None:
    list(graph.query(query))


def both_engines() -> None:
    ontology = share() / "ontology"
    documents = [
        ontology / "tinykg.ttl",
        *sorted((ontology / "vocabularies").glob("*.ttl")),
        ontology / "examples" / "registry.ttl",
    ]
    store, graph = ox.Store(), rdflib.Graph()
    for path in documents:
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
        graph.parse(path)
    rows = []
    for name in query_names():
        text = query_text(name)
        found = [len(list(graph.query(text)))]
        ours = least_ms(partial(on_oxigraph, store, text))
        theirs = least_ms(partial(on_rdflib, graph, text), rounds=2)
        rows.append((name, str(found[0]), f"{ours:.2f}", f"{theirs:.1f}", f"{theirs / ours:.0f}"))
    columns = ("query", "rows", "Oxigraph ms", "rdflib ms", "ratio")
    print(f"Over the example registry, {len(store)} triples:\n")
    print("\n".join(table(columns, rows, right=columns[1:])))


def renamed(
    term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, copy: int
) -> ox.NamedNode | ox.Literal:
    """A model's or a file's node under the name that its copy has."""
    if isinstance(term, ox.NamedNode):
        for begin in (MODELS, FILES):
            if term.value.startswith(begin):
                head, slash, tail = term.value[len(begin) :].partition("/")
                return ox.NamedNode(f"{begin}{head}-{copy}{slash}{tail}")
    return term  # type: ignore[return-value]  # the catalogue has neither blank nodes nor quoted triples


def grown(times: int) -> Iterator[ox.Quad]:
    """The built-in catalogue with its models and their files as often as asked."""
    for built in built_graphs():
        own = built.name.startswith((iris.source_graph("model", ""), iris.source_graph("file", "")))
        for copy in range(times if own else 1):
            graph = ox.NamedNode(f"{built.name}-{copy}" if copy else built.name)
            for triple in built.triples:
                if own and any(part in str(triple.subject) for part in NOT_LOOKED_AT):
                    continue
                subject = renamed(triple.subject, copy) if copy else triple.subject
                object_ = renamed(triple.object, copy) if copy else triple.object
                if copy and triple.predicate == NAME and isinstance(object_, ox.Literal):
                    object_ = ox.Literal(f"{object_.value}-{copy}")
                yield ox.Quad(subject, triple.predicate, object_, graph)  # type: ignore[arg-type]


def matching(growth: list[int]) -> None:
    nano33 = iris.device_type("arduino-nano-33-ble-sense").value
    person = iris.model("person_detect").value
    asked: dict[str, Callable[[EmbeddedStore], object]] = {
        "models for a board": lambda store: match_best(store, Question(device=nano33)),
        "boards for a model": lambda store: match_best(store, Question(model=person)),
        "one pair, all runtimes": lambda store: match(store, Question(device=nano33, model=person)),
        "models for a task": lambda store: match_best(store, Question(device=nano33, task="wake-word")),
    }
    rows = []
    for times in growth:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "store"
            filled = ox.Store(str(place))
            filled.bulk_extend(grown(times))
            filled.flush()
            del filled
            store = EmbeddedStore(place, read_only=True)
            taken = [least_ms(partial(work, store), 3) for work in asked.values()]
            rows.append((f"{times} x", str(store.size()), *(f"{ms:.0f}" for ms in taken)))
            store.close()
    columns = ("models", "quads", *asked)
    print("\nMatching on a store in a folder, with reasons, milliseconds:\n")
    print("\n".join(table(columns, rows, right=columns)))


if __name__ == "__main__":
    both_engines()
    matching([int(word) for word in sys.argv[1:]] or [1, 10, 100])
