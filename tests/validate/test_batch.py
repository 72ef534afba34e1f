"""Many records at once give what each gives alone, in one process or two."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykg.errors import InputError
from tinykg.graph.encode_board import encode_board
from tinykg.graph.encode_device import encode_device_type
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.validate import batch
from tinykg.validate.batch import check_each
from tinykg.validate.gate import report_on, validate
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import RDF, RDFS

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = sorted((ROOT / "shapes" / "cases").rglob("*.ttl"))
TYPE = ox.NamedNode(RDF.type)
DECLARED = Evidence(kind=EvidenceKind.DECLARED, source="a test")
Records = dict[str, list[ox.Triple]]


def triples(path: Path) -> list[ox.Triple]:
    quads = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    return [quad.triple for quad in quads]


def board(i: int, *, kind: str = "sram", core: str = "cortex-m4f") -> list[ox.Triple]:
    return encode_board(
        BoardDescription(
            source="platformio",
            collection="nordicnrf52",
            identifier=f"board {i}",
            name=f"Board {i}",
            processors=(Processor(part="nrf52840", core=core, clock_hz=64_000_000),),
            figures=(
                MemoryFigure(memory=kind, kind=FigureKind.LINKABLE, size_bytes=i, place="x"),
                MemoryFigure(memory="flash", kind=FigureKind.CHIP_TOTAL, size_bytes=i, place="y"),
            ),
        )
    )


def device(i: int, *, sensor: str = "microphone") -> list[ox.Triple]:
    return encode_device_type(
        DeviceType(
            slug=f"board-{i}",
            name=f"Board {i}",
            vendor=None,
            evidence=DECLARED,
            memories=(Memory(kind="sram", total_bytes=1024, source="a test"),),
            sensors=(Sensor(kind=sensor),),
        )
    )


def alone(records: Records) -> dict[str, object]:
    return {name: validate(record) for name, record in records.items()}


def resource(path: str) -> ox.NamedNode:
    return ox.NamedNode(f"https://w3id.org/tinykg/{path}")


def term(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def test_no_records_have_no_findings() -> None:
    assert check_each({}) == {}
    assert check_each({"empty": []}) == {"empty": []}


def test_the_names_keep_their_order() -> None:
    names = [f"record {i}" for i in (3, 1, 2, 0)]
    assert list(check_each({name: board(i) for i, name in enumerate(names)})) == names


def test_all_cases_of_the_shapes_give_together_what_they_give_alone() -> None:
    """They nearly all speak of the same few nodes, so this is the hardest there is."""
    records = {str(path): triples(path) for path in CASES}
    assert len(records) > 190
    assert check_each(records) == alone(records)


def test_sound_and_faulty_records_share_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    records = {f"board {i}": board(i, kind="sramm" if i % 5 == 0 else "sram") for i in range(20)}
    records |= {f"device {i}": device(i, sensor="mikrophone" if i == 3 else "camera") for i in range(10)}
    expected = alone(records)
    calls = []

    def counted(*given: Any) -> object:
        calls.append(given)
        return report_on(*given)

    monkeypatch.setattr(batch, "report_on", counted)
    found = check_each(records)
    assert found == expected
    assert len(calls) == 1
    assert {name for name, findings in found.items() if findings} == {
        "board 0", "board 5", "board 10", "board 15", "device 3",
    }  # fmt: skip


def test_a_large_batch_is_several_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "CHUNK_TRIPLES", 100)
    records = {str(i): board(i, core="cortex-m5" if i == 7 else "cortex-m7") for i in range(12)}
    found = check_each(records, processes=1)
    assert found == alone(records)
    assert [name for name, findings in found.items() if findings] == ["7"]


SENSOR = resource("device-type/a/sensor/0")
LINK = ox.Triple(resource("device-type/a"), term(TK.hasSensor), SENSOR)
MEETINGS: dict[str, Records] = {
    "a class in another record is not seen": {
        "link": [LINK],
        "kind": [ox.Triple(SENSOR, TYPE, term("http://www.w3.org/ns/sosa/Sensor"))],
    },
    "a part that two boards name is reported for both": {
        "one": [LINK],
        "two": [ox.Triple(resource("device-type/b"), term(TK.hasSensor), SENSOR)],
    },
    "a part that another record only names": {
        "one": [LINK],
        "two": [ox.Triple(resource("device-type/b"), term("https://example.org/p"), SENSOR)],
    },
    "the same text where a part should be": {
        name: [ox.Triple(resource(f"device-type/{name}"), term(TK.hasSensor), ox.Literal("microphone"))]
        for name in ("one", "two")
    },
    "the same record twice": {"one": board(1, kind="sramm"), "two": board(1, kind="sramm")},
    "a class that another record makes": {
        "class": [ox.Triple(resource("Mine"), term("http://www.w3.org/2000/01/rdf-schema#subClassOf"),
                            term(TK.Memory))],
        "member": [ox.Triple(resource("m"), TYPE, resource("Mine"))],
    },
    "a scheme that another record claims": {
        "concept": [ox.Triple(resource("core/mine"), term("http://www.w3.org/2004/02/skos/core#inScheme"),
                              resource("core"))],
        "user": [ox.Triple(resource("p"), TYPE, term(TK.Processor)),
                 ox.Triple(resource("p"), term(TK.core), resource("core/mine"))],
    },
    "blank nodes of the same label": {
        "one": [ox.Triple(ox.BlankNode("b"), TYPE, term(TK.Memory))],
        "two": [ox.Triple(ox.BlankNode("b"), term(TK.totalBytes), ox.Literal(0))],
    },
    "a blank node where figures are compared": {
        "one": board(1),
        "two": [ox.Triple(resource("m"), TYPE, term(TK.Memory)),
                ox.Triple(resource("m"), term(TK.totalBytes), ox.Literal(5)),
                ox.Triple(resource("m"), term(TK.freeBytes), ox.BlankNode())],
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MEETINGS)
def test_records_do_not_see_each_other(case: str) -> None:
    records = MEETINGS[case]
    assert check_each(records) == alone(records)
    backwards = dict(reversed(records.items()))
    assert check_each(backwards) == alone(backwards)


def test_a_graph_that_cannot_be_compared_does_not_spoil_the_findings_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever makes pyshacl give up on a chunk, its records are then validated one by one."""
    from pyshacl.errors import ReportableRuntimeError

    records = {"good": board(1), "bad": board(2, kind="sramm")}
    expected = alone(records)

    def give_up(*_: object) -> None:
        raise ReportableRuntimeError("no")

    monkeypatch.setattr(batch, "report_on", give_up)
    assert check_each(records) == expected


NODES = [resource(f"node/{i}") for i in range(3)]
CLASSES = [TK.Memory, TK.Processor, TK.BoardDescription, TK.MemoryFigure, TK.DeviceType]
LINKS = [TK.hasSensor, TK.hasMemory, TK.hasProcessor, TK.hasFigure, TK.core, TK.memoryKind, RDFS.label]
VALUES = [
    *NODES, resource("core/avr"), resource("memory-kind/sram"), resource("core/none"), ox.Literal("x"),
    ox.Literal(7), ox.BlankNode("b"),
]  # fmt: skip
statements = st.one_of(
    st.builds(ox.Triple, st.sampled_from(NODES), st.just(TYPE), st.sampled_from(CLASSES).map(term)),
    st.builds(ox.Triple, st.sampled_from(NODES), st.sampled_from(LINKS).map(term), st.sampled_from(VALUES)),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs=st.lists(st.lists(statements, max_size=5), min_size=2, max_size=5))
def test_any_records_give_together_what_they_give_alone(graphs: list[list[ox.Triple]]) -> None:
    records = {str(i): graph for i, graph in enumerate(graphs)}
    assert check_each(records) == alone(records)


def apart(count: int) -> Records:
    """Records that make a chunk each: a blank node keeps each of them alone."""
    extra = [ox.Triple(ox.BlankNode(), term(RDFS.label), ox.Literal("x"))]
    return {str(i): [*board(i, kind="sramm" if i % 2 else "sram"), *extra] for i in range(count)}


def test_two_processes_give_what_one_gives() -> None:
    records = apart(5)
    assert check_each(records, processes=2) == check_each(records, processes=1) == alone(records)


def test_the_second_process_does_its_half(monkeypatch: pytest.MonkeyPatch) -> None:
    here = []
    validated = batch._validated

    def counted(chunks: Any) -> object:
        here.append(len(chunks))
        return validated(chunks)

    monkeypatch.setattr(batch, "_validated", counted)
    assert len(check_each(apart(5), processes=2)) == 5
    assert here == [3], "the other two chunks were not this process's"


def test_an_error_in_the_second_process_is_raised_here() -> None:
    quoted = ox.Triple(NODES[0], TYPE, ox.Triple(NODES[0], TYPE, NODES[1]))
    records = apart(2)
    records["1"].append(quoted)
    with pytest.raises(InputError, match=r"RDF 1\.1"):
        check_each(records, processes=2)


def children() -> set[str]:
    """The processes that this one has started and not yet taken leave of."""
    return {pid for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()}


def test_an_error_in_this_process_ends_the_second() -> None:
    before = children()
    quoted = ox.Triple(NODES[0], TYPE, ox.Triple(NODES[0], TYPE, NODES[1]))
    records = apart(4)
    records["0"].append(quoted)
    with pytest.raises(InputError, match=r"RDF 1\.1"):
        check_each(records, processes=2)
    assert children() == before


def test_a_second_process_that_is_killed_costs_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        os._exit(9)

    monkeypatch.setattr(batch, "_answer_and_end", die)
    records = apart(4)
    assert check_each(records, processes=2) == alone(records)


def test_with_other_threads_there_is_no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "FORK_TRIPLES", 0)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a fork beside a thread"))
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    thread.start()
    try:
        assert check_each(apart(2)).keys() == {"0", "1"}
    finally:
        release.set()
        thread.join()


def test_400_boards_are_checked_within_seconds() -> None:
    records = {f"b{i}": board(i) for i in range(250)} | {f"d{i}": device(i) for i in range(150)}
    started = time.perf_counter()
    assert not any(check_each(records, processes=1).values())
    assert time.perf_counter() - started < 8
