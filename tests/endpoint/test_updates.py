"""Updates change the store as a whole or not at all, and never break what was sound."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
import worker_tasks as tasks

from tinykg.endpoint import change
from tinykg.endpoint.pool import Pool
from tinykg.endpoint.update import Updates, worked_out
from tinykg.errors import InputError, QuerySyntaxError, QueryTooBig, Refused, ShapeViolation
from tinykg.graph.encode_device import encode_device_type
from tinykg.graph.iris import source_graph
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.store.protocol import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.catalogue.held import HeldRegistry

BOARD = DeviceType(
    slug="my-board",
    name="My board",
    vendor=None,
    evidence=Evidence(kind=EvidenceKind.DECLARED, source="a test"),
    system="bare-metal",
    processors=(Processor(part=None, core="cortex-m4f"),),
    memories=(Memory(kind="sram", total_bytes=1024, source="a test"),),
    sensors=(Sensor(kind="microphone"),),
)
NODE = "<https://w3id.org/tinykg/device-type/my-board>"
GRAPH = "https://w3id.org/tinykg/graph/device-type/my-board"
PREFIXES = (
    "PREFIX tk: <https://w3id.org/tinykg#> PREFIX schema: <http://schema.org/> PREFIX e: <http://e.example/> "
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
)


@pytest.fixture
def update(empty: HeldRegistry, pool: Pool) -> Callable[..., None]:
    """Runs an update on the emptied registry, in which the board is."""
    with empty.writing("adding the board") as store:
        store.replace_graphs({GRAPH: encode_device_type(BOARD)})
    updates = Updates(empty, pool)

    def run(text: str, **options: object) -> None:
        updates.update(PREFIXES + text, **options)  # type: ignore[arg-type]

    return run


def quads(held: HeldRegistry) -> set[ox.Quad]:
    with held.reading() as store:
        return set(store.quads())


def asked(held: HeldRegistry, query: str) -> bool:
    with held.reading() as store:
        return store.ask(PREFIXES + query)


def test_data_that_no_shape_is_about_is_taken(empty: HeldRegistry, update: Callable[..., None]) -> None:
    update("INSERT DATA { GRAPH e:g { e:a rdfs:label 'A', 5 ; e:knows [ rdfs:label 'B' ] } e:a e:p e:b }")
    assert asked(empty, "ASK { GRAPH e:g { e:a e:knows/rdfs:label 'B' } e:a e:p e:b }")
    update(
        "DELETE { GRAPH e:g { ?s ?p 'B' } } INSERT { GRAPH e:g { ?s ?p 'C' } } "
        "WHERE { GRAPH ?g { ?s ?p 'B' } }"
    )
    assert asked(empty, "ASK { GRAPH e:g { e:a e:knows/rdfs:label 'C' } FILTER NOT EXISTS { ?s ?p 'B' } }")


NOTES = "GRAPH e:notes"
BREAKING = {
    "a second name": f"INSERT DATA {{ GRAPH <{GRAPH}> {{ {NODE} schema:name 'Other' }} }}",
    "in another graph": f"INSERT DATA {{ {NOTES} {{ {NODE} schema:name 'Other' }} }}",
    "in the default graph": f"INSERT DATA {{ {NODE} schema:name 'Other' }}",
    "a name less": f"DELETE WHERE {{ GRAPH ?g {{ {NODE} schema:name ?name }} }}",
    "a memory's type less": f"DELETE WHERE {{ GRAPH <{GRAPH}> {{ ?m a tk:Memory }} }}",
    "a sensor's description less": (
        "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?x tk:hasSensor ?s . ?s ?p ?o } }"
    ),
    "a new board that is none": f"INSERT DATA {{ {NOTES} {{ e:board a tk:DeviceType }} }}",
    "by a variable": (
        "INSERT { GRAPH ?g { ?d schema:name 'Other' } } WHERE { GRAPH ?g { ?d a tk:DeviceType } }"
    ),
    "after something sound": (
        f"INSERT DATA {{ e:a e:p 1 }} ; DELETE WHERE {{ GRAPH ?g {{ {NODE} rdfs:label ?l }} }}"
    ),
    "a target of a property": f"INSERT DATA {{ {NOTES} {{ e:thing tk:hasSensor e:nothing }} }}",
}


@pytest.mark.parametrize("name", BREAKING)
def test_what_would_break_a_shape_is_refused_as_a_whole(
    empty: HeldRegistry, update: Callable[..., None], name: str
) -> None:
    before, version = quads(empty), empty.version
    with pytest.raises(ShapeViolation) as caught:
        update(BREAKING[name])
    assert caught.value.findings
    assert (quads(empty), empty.version) == (before, version)


def test_what_leaves_it_sound_is_done(empty: HeldRegistry, update: Callable[..., None]) -> None:
    update(
        f"DELETE {{ GRAPH ?g {{ {NODE} schema:name ?n ; rdfs:label ?l }} }} "
        f"INSERT {{ GRAPH ?g {{ {NODE} schema:name 'New name' ; rdfs:label 'New name' }} }} "
        f"WHERE {{ GRAPH ?g {{ {NODE} schema:name ?n ; rdfs:label ?l }} }}"
    )
    assert asked(empty, f"ASK {{ {NODE} schema:name 'New name' }}")
    update(f"DROP GRAPH <{GRAPH}>")
    assert quads(empty) == set()


def test_what_was_broken_before_does_not_hinder(empty: HeldRegistry, update: Callable[..., None]) -> None:
    with empty.writing("breaking") as store:
        store.change(
            removed=(),
            added=[
                ox.Quad(
                    ox.NamedNode(NODE[1:-1]),
                    ox.NamedNode("http://schema.org/name"),
                    ox.Literal("Second"),
                    ox.NamedNode(GRAPH),
                )
            ],
        )
    update(
        f"INSERT DATA {{ GRAPH <{GRAPH}> {{ {NODE} <http://www.w3.org/2004/02/skos/core#altLabel> 'mb' }} }}"
    )
    with pytest.raises(ShapeViolation):
        update(f"DELETE WHERE {{ GRAPH <{GRAPH}> {{ {NODE} <http://purl.org/dc/terms/identifier> ?i }} }}")
    update(f"DELETE DATA {{ GRAPH <{GRAPH}> {{ {NODE} schema:name 'Second' }} }}")


@pytest.mark.parametrize("kind", ["thing", "change"])
@pytest.mark.parametrize(
    "text",
    ["INSERT DATA {{ GRAPH <{g}> {{ e:a e:b e:c }} }}", "DROP GRAPH <{g}>", "CLEAR ALL", "MOVE <{g}> TO e:h"],
)
def test_the_directorys_graphs_are_its_own(
    empty: HeldRegistry, update: Callable[..., None], kind: str, text: str
) -> None:
    graph = source_graph(kind, "urn:uuid:1")
    triple = ox.Triple(*(ox.NamedNode(f"http://e.example/{n}") for n in "xyz"))
    with empty.writing("the directory") as store:
        store.replace_graphs({graph: [triple]})
    before = quads(empty)
    with pytest.raises(Refused, match="Nothing was changed"):
        update(text.format(g=graph))
    assert quads(empty) == before
    update("INSERT DATA { GRAPH e:g { e:a e:b e:c } } ; DROP GRAPH e:g")


def test_blank_nodes_stay_who_they_are(empty: HeldRegistry, update: Callable[..., None]) -> None:
    update("INSERT DATA { GRAPH e:g { e:a e:p [ e:q 1 ], [ e:q 2 ] } }")
    before = quads(empty)
    update("INSERT DATA { GRAPH e:g { e:b e:p 3 } } ; DELETE WHERE { GRAPH e:g { ?s e:q 2 } }")
    assert {q for q in quads(empty) if q.predicate.value.endswith("/q")} < before
    update("COPY e:g TO e:h")
    assert asked(empty, "ASK { GRAPH e:g { e:a e:p ?x } GRAPH e:h { ?x e:q 1 } }"), "one node in both graphs"
    update("INSERT { GRAPH e:h { ?x e:r 5 } } WHERE { GRAPH e:g { ?x e:q 1 } }")
    assert asked(empty, "ASK { GRAPH e:h { ?x e:q 1 ; e:r 5 } }")


def test_a_graph_that_is_left_empty_is_gone(empty: HeldRegistry, update: Callable[..., None]) -> None:
    update("CREATE GRAPH e:empty ; INSERT DATA { GRAPH e:g { e:a e:b e:c } e:a e:b e:c }")
    update("DELETE DATA { GRAPH e:g { e:a e:b e:c } } ; CLEAR DEFAULT")
    with empty.reading() as store:
        assert store.graph_names() == [GRAPH]
        assert store.graph("") == []


def test_an_update_that_changes_nothing_leaves_the_version(
    empty: HeldRegistry, update: Callable[..., None]
) -> None:
    version = empty.version
    update("DELETE DATA { e:a e:b e:c } ; INSERT DATA { e:x e:y e:z } ; DELETE DATA { e:x e:y e:z }")
    assert empty.version == version


@pytest.mark.parametrize(
    ("text", "kind", "complaint"),
    [
        ("INSERT DATA {", QuerySyntaxError, "does not parse"),
        ("SELECT * {}", QuerySyntaxError, "does not parse"),
        ("LOAD <http://localhost:1/>", QuerySyntaxError, "LOAD is refused"),
        ("LOAD SILENT <http://localhost:1/> INTO <x:g>", QuerySyntaxError, "does not parse"),
        (
            "INSERT { e:a e:b ?o } WHERE { SERVICE <http://localhost:1/> { ?s ?p ?o } }",
            QuerySyntaxError,
            "SERVICE",
        ),
        ("DROP GRAPH e:nothing", InputError, "does not exist"),
        ("INSERT DATA { e:a e:b 1 } ; CLEAR GRAPH e:nothing", InputError, "does not exist"),
        ("INSERT DATA { e:a e:b <<( e:c e:d e:e )>> }", InputError, "RDF 1.1"),
    ],
)
def test_a_wrong_update_is_a_typed_error_and_changes_nothing(
    empty: HeldRegistry, update: Callable[..., None], text: str, kind: type[Exception], complaint: str
) -> None:
    before = quads(empty)
    with pytest.raises(kind, match=complaint):
        update(text)
    assert quads(empty) == before


def test_relative_iris_are_below_the_base(empty: HeldRegistry, update: Callable[..., None]) -> None:
    update("INSERT DATA { GRAPH <g> { <s> e:p <../o> } }", base="http://host.example/a/b")
    assert asked(
        empty,
        "ASK { GRAPH <http://host.example/a/g> { <http://host.example/a/s> ?p <http://host.example/o> } }",
    )


def test_the_protocols_dataset_is_what_patterns_see(empty: HeldRegistry, update: Callable[..., None]) -> None:
    update("INSERT DATA { GRAPH e:g { e:a e:p 1 } GRAPH e:h { e:b e:p 2 } e:c e:p 3 }")
    graph = Dataset(default_graphs=("http://e.example/g",))
    update("INSERT { GRAPH e:found { ?s e:p ?o } } WHERE { ?s e:p ?o }", dataset=graph)
    assert asked(
        empty, "ASK { GRAPH e:found { e:a e:p 1 } FILTER NOT EXISTS { GRAPH e:found { ?s e:p 2, 3 } } }"
    )
    update("DELETE WHERE { GRAPH e:h { ?s e:p ?o } }", dataset=graph)
    assert asked(empty, "ASK { GRAPH e:h { e:b e:p 2 } }")
    with pytest.raises(InputError, match="give one of the two"):
        update("WITH e:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", dataset=graph)


def test_too_much_is_refused(empty: HeldRegistry) -> None:
    text = "INSERT DATA { " + " ".join(f"<x:s> <x:p> {n} ." for n in range(1000)) + " }"
    with Pool(empty, workers=1, result_bytes=10_000) as pool:
        with pytest.raises(QueryTooBig, match="longer than 10000 bytes"):
            Updates(empty, pool).update(text)
        with empty.reading() as store:
            assert store.size() == 0


def test_no_concurrent_update_is_lost(empty: HeldRegistry, pool: Pool) -> None:
    updates = Updates(empty, pool)
    count = (
        "DELETE { <x:n> <x:is> ?n } INSERT { <x:n> <x:is> ?m } WHERE { <x:n> <x:is> ?n BIND(?n + 1 AS ?m) }"
    )
    updates.update("INSERT DATA { <x:n> <x:is> 0 }")
    threads = [threading.Thread(target=updates.update, args=(count,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked(empty, "ASK { <x:n> <x:is> 12 }")


def test_at_last_writers_wait(empty: HeldRegistry, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    run = pool.run

    def meddling(function: Callable[..., object], /, *args: object, **options: Any) -> object:
        found = run(function, *args, **options)
        tries.append(function)
        with empty.reading() as store:
            store.update(f"INSERT DATA {{ <x:meddled> <x:p> {len(tries)} }}")
        return found

    monkeypatch.setattr(pool, "run", meddling)
    Updates(empty, pool).update("INSERT DATA { <x:s> <x:p> 1 }")
    assert tries == [worked_out] * change._TRIES
    monkeypatch.undo()
    assert asked(empty, "ASK { <x:s> <x:p> 1 . <x:meddled> <x:p> 1, 2, 3 }")


def test_nobody_waits_for_a_process_while_writers_wait(empty: HeldRegistry, pool: Pool) -> None:
    """An update whose turn it is at last has a process before it makes all writers wait."""
    taken = [pool.taken(), pool.taken()]
    workers = [one.__enter__() for one in taken]
    update = threading.Thread(target=Updates(empty, pool).update, args=("INSERT DATA { <x:s> <x:p> 1 }",))
    update.start()
    time.sleep(0.3)
    assert workers[0].run(tasks.size) == 0
    with empty.writing("a test") as store:  # at once, though no process is free
        store.update("INSERT DATA { <x:t> <x:p> 1 }")
    for one in taken:
        one.__exit__(None, None, None)
    update.join(20)
    assert asked(empty, "ASK { <x:s> <x:p> 1 . <x:t> <x:p> 1 }")


@pytest.mark.parametrize(
    "update", ["CLEAR ALL", "drop silent named", "INSERT DATA { <x:s> <x:p> 1 } ; DROP ALL"]
)
def test_all_graphs_are_not_cleared_where_some_are_not_for_everybody(
    empty: HeldRegistry, pool: Pool, update: str
) -> None:
    with empty.writing("a test") as store:
        store.update("INSERT DATA { GRAPH <https://w3id.org/tinykg> { <x:s> <x:p> 1 } }")
    with pytest.raises(Refused, match=r"<https://w3id\.org/tinykg> is written only by TinyKG itself"):
        Updates(empty, pool).update(update)
    assert asked(empty, "ASK { GRAPH <https://w3id.org/tinykg> { <x:s> <x:p> 1 } }")
    with empty.writing("a test") as store:
        store.update("CLEAR ALL")
    Updates(empty, pool).update(update)


def test_the_ontology_is_not_for_everybody_to_write(empty: HeldRegistry, pool: Pool) -> None:
    with pytest.raises(Refused, match="every verdict rests on its terms"):
        Updates(empty, pool).update("INSERT DATA { GRAPH <https://w3id.org/tinykg> { <x:s> <x:p> 1 } }")
    Updates(empty, pool).update("INSERT DATA { GRAPH <https://w3id.org/tinykg/mine> { <x:s> <x:p> 1 } }")
    Updates(empty, pool).update("LOAD SILENT <x:nowhere> INTO GRAPH <x:g> ; CLEAR DEFAULT")
