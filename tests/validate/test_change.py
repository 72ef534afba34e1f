"""A change is judged by what it breaks: in the union of graphs, at a distance, and not by older faults."""

from __future__ import annotations

from dataclasses import replace

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykg.graph.encode_device import encode_device_type
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.store.embedded import EmbeddedStore
from tinykg.validate.change import new_violations
from tinykg.validate.gate import validate

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
GRAPH, NOTES = ox.NamedNode("http://e.example/board"), ox.NamedNode("http://e.example/notes")
NODE = ox.NamedNode("https://w3id.org/tinykg/device-type/my-board")
TK = "https://w3id.org/tinykg#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
NAME = ox.NamedNode("http://schema.org/name")


def quads(board: DeviceType, graph: ox.NamedNode = GRAPH) -> set[ox.Quad]:
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in encode_device_type(board))
    return set(store)


def stored(*found: set[ox.Quad]) -> EmbeddedStore:
    store = EmbeddedStore()
    store.change(removed=(), added=set().union(*found))
    return store


def name(text: str, graph: ox.NamedNode = NOTES) -> ox.Quad:
    return ox.Quad(NODE, NAME, ox.Literal(text), graph)


def test_nothing_breaks_nothing() -> None:
    assert new_violations(stored(quads(BOARD)), (), ()) == []


def test_a_sound_record_may_come_and_go_and_change() -> None:
    old, new = quads(BOARD), quads(replace(BOARD, name="Another name"))
    assert new_violations(stored(), (), old) == []
    assert new_violations(stored(old), old, ()) == []
    assert new_violations(stored(old), old - new, new - old) == []


def test_what_is_said_in_another_graph_counts() -> None:
    (finding,) = new_violations(stored(quads(BOARD)), (), [name("Other")])
    assert (finding.focus, finding.path) == ("device-type/my-board", "schema:name")
    assert new_violations(stored(quads(BOARD)), (), [name("My board")]) == [], "the same is said twice"


def test_what_another_graph_still_says_is_not_gone() -> None:
    store = stored(quads(BOARD), quads(BOARD, NOTES))
    assert new_violations(store, quads(BOARD), ()) == []
    assert new_violations(store, {q for q in quads(BOARD) if q.predicate == NAME}, ()) == []


def test_a_fault_shows_at_the_node_that_looks_at_what_changed() -> None:
    types = {q for q in quads(BOARD) if q.predicate == TYPE and q.object == ox.NamedNode(TK + "Memory")}
    assert types
    findings = new_violations(stored(quads(BOARD)), types, ())
    assert {finding.focus for finding in findings} == {"device-type/my-board"}
    assert {finding.path for finding in findings} == {"tk:hasMemory"}


def test_older_faults_are_not_blamed_on_the_change() -> None:
    store = stored(quads(BOARD), {name("Second")})
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
    assert new_violations(store, (), [ox.Quad(NODE, label, ox.Literal("mb"), GRAPH)]) == []
    removed = {q for q in quads(BOARD) if q.predicate.value == "http://purl.org/dc/terms/identifier"}
    assert {f.path for f in new_violations(store, removed, ())} == {"dcterms:identifier"}
    assert new_violations(store, [name("Second")], ()) == []


def test_faults_at_blank_nodes_count() -> None:
    blank = ox.BlankNode("b")
    memory = [
        ox.Quad(NODE, ox.NamedNode(TK + "hasMemory"), blank, GRAPH),
        ox.Quad(blank, TYPE, ox.NamedNode(TK + "Memory"), GRAPH),
    ]
    assert new_violations(stored(quads(BOARD)), (), memory)
    store = stored(quads(BOARD), set(memory))
    harmless = [ox.Quad(NODE, ox.NamedNode(TK + "note"), ox.Literal("x"), GRAPH)]
    assert new_violations(store, (), harmless) == []


def test_what_no_shape_is_about_is_not_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    def unexpected(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("tinykg.validate.change.report_on", unexpected)
    other = ox.Quad(ox.NamedNode("http://e.example/a"), NAME, ox.Literal("A"), NOTES)
    assert new_violations(stored(quads(BOARD)), (), [other]) == []
    with pytest.raises(AssertionError):
        new_violations(stored(quads(BOARD)), (), [name("Other")])


WHOLE = sorted(quads(BOARD), key=str)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sets(st.sampled_from(WHOLE), max_size=6))
def test_it_finds_what_validating_all_finds(removed: set[ox.Quad]) -> None:
    """Since the record was sound, the new violations are all violations of what is left."""
    left = [quad.triple for quad in WHOLE if quad not in removed]
    whole = {(f.focus, f.path, f.message) for f in validate(left) if f.severity == "violation"}
    found = {(f.focus, f.path, f.message) for f in new_violations(stored(set(WHOLE)), removed, ())}
    assert found == whole
