"""What sources say of boards and parts: record -> graph -> record, and the identity of each record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, example, given, settings
from record_strategies import boards, collections, microcontrollers, slugs, texts

from tinykg.graph import iris
from tinykg.graph.datatypes import as_encoded
from tinykg.graph.decode_board import decode_boards, decode_microcontrollers
from tinykg.graph.decode_device import decode_device_types
from tinykg.graph.encode_board import encode_board, encode_microcontroller
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure, Microcontroller
from tinykg.records.device import Processor, Sensor
from tinykg.store.embedded import EmbeddedStore
from tinykg.validate.gate import validate
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import RDF, SCHEMA

REGISTRY = Path(__file__).resolve().parent.parent.parent / "ontology" / "examples" / "registry.ttl"
BASE = "https://w3id.org/tinykg/"
GRAPH = "https://example.org/graph"
BARE = BoardDescription(source="platformio", collection=None, identifier="x", name="X")
NANO = BoardDescription(
    source="platformio",
    collection="nordicnrf52",
    identifier="nano33ble",
    name="Arduino Nano 33 BLE",
    vendor="Arduino",
    part="nrf52840",
    processors=(Processor(part="nrf52840", core="cortex-m4", clock_hz=64_000_000),),
    figures=(
        MemoryFigure(
            memory="sram",
            kind=FigureKind.CHIP_TOTAL,
            size_bytes=262_144,
            place="upload.maximum_ram_size",
        ),
        MemoryFigure(
            memory="flash",
            kind=FigureKind.LINKABLE,
            size_bytes=983_040,
            place="upload.maximum_size",
            note="64 KiB less than the chip has: the bootloader",
        ),
    ),
    connectivity=("bluetooth",),
    tags=("arduino",),
    address="https://store.arduino.cc/arduino-nano-33-ble",
)
PART = Microcontroller(part="nRF52840_xxAA", source="cmsis-pack", collection=None)
bounded = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def through_a_store(triples: list[ox.Triple]) -> list[ox.Triple]:
    """The triples as a database gives them back."""
    store = EmbeddedStore()
    store.load_new({GRAPH: triples})
    return store.graph(GRAPH)


def objects(triples: list[ox.Triple], predicate: str) -> list[object]:
    return [t.object for t in triples if t.predicate == ox.NamedNode(predicate)]


@bounded
@given(board=boards)
@example(board=NANO)
@example(board=replace(BARE, identifier="a/b c%20ü.json", collection="-", source="a b"))
@example(board=replace(BARE, identifier="", collection="", name=""))
@example(board=replace(BARE, sensors=(), accelerators=(), connectivity=()))
@example(board=replace(BARE, address="not an address"))
def test_a_board_description_comes_back_from_its_graph(board: BoardDescription) -> None:
    triples = encode_board(board)
    assert decode_boards(triples) == [board]
    stored = through_a_store(triples)
    assert set(as_encoded(stored)) == set(triples)
    assert decode_boards(stored) == [board]


@bounded
@given(part=microcontrollers)
@example(part=PART)
@example(part=replace(PART, accelerators=(), collection="-"))
def test_a_microcontroller_comes_back_from_its_graph(part: Microcontroller) -> None:
    triples = encode_microcontroller(part)
    assert decode_microcontrollers(triples) == [part]
    stored = through_a_store(triples)
    assert set(as_encoded(stored)) == set(triples)
    assert decode_microcontrollers(stored) == [part]


def test_many_descriptions_come_back_from_one_graph_in_the_order_of_their_iris() -> None:
    places = [("arduino", "avr"), ("platformio", None), ("platformio", "-"), ("zephyr", "a/b")]
    records = [replace(NANO, source=source, collection=place) for source, place in places]
    triples = [t for record in records for t in encode_board(record)]
    found = decode_boards(triples)
    assert sorted(found, key=str) == sorted(records, key=str)
    assert found == decode_boards(reversed(triples))
    assert [iris.board_description(r.source, r.collection, r.identifier).value for r in found] == sorted(
        iris.board_description(r.source, r.collection, r.identifier).value for r in records
    )


def test_board_descriptions_and_device_types_are_not_taken_for_each_other() -> None:
    triples = encode_board(NANO) + encode_microcontroller(PART)
    assert decode_device_types(triples) == []
    assert decode_boards(triples) == [NANO]
    assert decode_microcontrollers(triples) == [PART]


@given(
    one_source=slugs, one_place=collections, one_name=texts,
    other_source=slugs, other_place=collections, other_name=texts,
)  # fmt: skip
@example("s", None, "b", "s", "-", "b")
@example("s", "-", "b", "s", "%2D", "b")
@example("s", "a/b", "c", "s", "a", "b/c")
@example("s", None, "b", "s", "", "b")
def test_different_descriptions_have_different_iris_and_graphs(
    one_source: str, one_place: str | None, one_name: str,
    other_source: str, other_place: str | None, other_name: str,
) -> None:  # fmt: skip
    one, other = (one_source, one_place, one_name), (other_source, other_place, other_name)
    assert (iris.board_description(*one) == iris.board_description(*other)) is (one == other)
    assert (iris.board_description_graph(*one) == iris.board_description_graph(*other)) is (one == other)
    assert (iris.microcontroller(*one) == iris.microcontroller(*other)) is (one == other)
    assert (iris.microcontroller_graph(*one) == iris.microcontroller_graph(*other)) is (one == other)


@given(source=slugs, place=collections, name=texts)
def test_a_description_has_three_segments_and_its_graph_the_same(
    source: str, place: str | None, name: str
) -> None:
    path = iris.board_description(source, place, name).value.removeprefix(BASE)
    assert path.count("/") == 3
    assert iris.board_description_graph(source, place, name) == f"{BASE}graph/{path}"
    part = iris.microcontroller(source, place, name).value.removeprefix(BASE)
    assert part == path.replace("board-description/", "microcontroller/", 1)
    assert iris.microcontroller_graph(source, place, name) == f"{BASE}graph/{part}"


def test_the_identifiers_are_those_that_the_documentation_names() -> None:
    made = iris.board_description("platformio", "nordicnrf52", "nano33ble").value
    assert made == f"{BASE}board-description/platformio/nordicnrf52/nano33ble"
    made = iris.board_description("zephyr", None, "thingy53/nrf5340/cpuapp").value
    assert made == f"{BASE}board-description/zephyr/-/thingy53%2Fnrf5340%2Fcpuapp"
    made = iris.microcontroller("cmsis-pack", "Keil.STM32F4xx_DFP", "STM32F4 x/y").value
    assert made == f"{BASE}microcontroller/cmsis-pack/Keil.STM32F4xx_DFP/STM32F4%20x%2Fy"


def test_two_sources_may_describe_one_part() -> None:
    records = [PART, replace(PART, collection="Keil"), replace(PART, source="probe-rs", vendor="Nordic")]
    triples = [t for part in records for t in encode_microcontroller(part)]
    assert sorted(decode_microcontrollers(triples), key=str) == sorted(records, key=str)


def test_a_microcontroller_is_found_by_its_folded_part() -> None:
    triples = encode_microcontroller(PART)
    assert objects(triples, TK.lookupKey) == [ox.Literal("nrf52840xxaa")]


def test_what_is_not_said_is_not_written() -> None:
    written = {t.predicate.value for t in encode_board(BARE)}
    assert written == {
        RDF.type, TK.sourceFormat, SCHEMA.name, "http://purl.org/dc/terms/identifier",
    }  # fmt: skip


def test_known_to_have_none_is_written_and_nothing_else() -> None:
    triples = encode_board(replace(BARE, sensors=(), accelerators=(), connectivity=()))
    for term in (TK.hasNoSensor, TK.hasNoAccelerator, TK.hasNoConnectivity):
        assert objects(triples, term) == [ox.Literal(value=True)]
    assert not any(objects(triples, term) for term in (TK.hasSensor, TK.accelerator, TK.connectivity))


def test_every_figure_keeps_its_quantity() -> None:
    figures = tuple(
        MemoryFigure(memory="sram", kind=kind, size_bytes=size, place=f"field {size}")
        for size, kind in enumerate(FigureKind)
    )
    board = replace(BARE, figures=figures)
    triples = encode_board(board)
    assert validate(triples) == []
    kinds = objects(triples, TK.figureKind)
    assert kinds == [iris.concept("figure-kind", kind.value) for kind in FigureKind]
    assert decode_boards(triples) == [board]


def test_more_than_ten_figures_keep_their_order() -> None:
    figures = tuple(
        MemoryFigure(memory="sram", kind=FigureKind.CORE_SHARE, size_bytes=1024, place=f"bank {i}")
        for i in range(23)
    )
    assert decode_boards(encode_board(replace(BARE, figures=figures)))[0].figures == figures


@pytest.mark.parametrize(
    "board",
    [
        NANO,
        BARE,
        replace(NANO, sensors=(Sensor(kind="imu", part="LSM9DS1"), Sensor(kind="microphone"))),
        replace(NANO, identifier="board/with spaces.v2", is_chip=True, system="bare-metal", note="x"),
    ],
)
def test_what_extractors_give_passes_the_gate(board: BoardDescription) -> None:
    assert validate(encode_board(board)) == []


def test_an_address_that_is_none_is_refused_by_the_shapes_not_by_the_encoder() -> None:
    (finding,) = validate(encode_board(replace(NANO, address="www.example.org/board")))
    assert (finding.shape, finding.value) == ("shapes#BoardDescription-url", "www.example.org/board")


def test_the_example_registry_is_what_the_encoders_write() -> None:
    triples = [quad.triple for quad in ox.parse(path=str(REGISTRY), format=ox.RdfFormat.TURTLE)]
    found = decode_boards(triples)
    assert [board.identifier for board in found] == ["esp32dev", "nano33ble", "arduino_nano_33_ble_sense"]
    assert NANO in found
    (part,) = decode_microcontrollers(triples)
    written = {t for board in found for t in encode_board(board)} | set(encode_microcontroller(part))
    assert written <= set(triples)
