"""Thing Descriptions and Thing Models: what they say of boards in TinyKG's terms, however written."""

from __future__ import annotations

import csv
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.protocol import Extractor
from tinykg.extract.thing_description import EXTRACTOR
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure
from tinykg.records.device import Processor, Sensor

WOT = "https://www.w3.org/2022/wot/td/v1.1"
TK = "https://w3id.org/tinykg#"
BASE = "https://w3id.org/tinykg/"
PREFIXED = [WOT, {"tk": TK}]

BOARD = {
    "@context": PREFIXED,
    "@type": "tm:ThingModel",
    "title": "Example Kit",
    "tk:runsSystem": "bare-metal",
    "tk:hasProcessor": {
        "@type": "tk:Processor",
        "tk:part": "EX32L4",
        "tk:core": "cortex-m4f",
        "tk:coreCount": 1,
        "tk:clockHz": 120_000_000,
        "tk:hasFpu": True,
        "tk:simd": "DSP",
    },
    "tk:hasMemory": [
        {
            "tk:memoryKind": "sram",
            "tk:totalBytes": 655_360,
            "tk:totalSource": "datasheet",
            "tk:contiguousBytes": 196_608,
            "tk:freeBytes": 600_000,
        },
        {"tk:memoryKind": "flash", "tk:totalBytes": 2_097_152},
    ],
    "tk:hasSensor": [{"tk:sensorKind": "microphone", "tk:part": "MP1"}, {"tk:sensorKind": "accelerometer"}],
    "tk:accelerator": "Ethos-U55-128",
    "tk:connectivity": ["wifi", "ble"],
}


def written(folder: Path, thing: object, name: str = "kit.tm.jsonld") -> Path:
    """A file with a Thing."""
    path = folder / name
    path.write_text(json.dumps(thing), encoding="utf-8")
    return path


def read(folder: Path, thing: dict[str, Any], name: str = "kit.tm.jsonld") -> BoardDescription:
    """The one description of a Thing that is accepted."""
    path = written(folder, thing, name)
    assert EXTRACTOR.accepts(path)
    (board,) = EXTRACTOR.extract(path)
    return board


def with_board(folder: Path, **changes: object) -> BoardDescription:
    """A small Thing Model with some of TinyKG's terms, which are written with two underscores for a colon."""
    members = {key.replace("__", ":"): value for key, value in changes.items()}
    return read(folder, {"@context": PREFIXED, "@type": "tm:ThingModel", **members})


def refusal(folder: Path, thing: dict[str, Any]) -> ExtractError:
    """The error of a Thing that is accepted and cannot be read."""
    path = written(folder, thing)
    assert EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError) as caught:
        EXTRACTOR.extract(path)
    return caught.value


def test_it_is_an_extractor() -> None:
    assert isinstance(EXTRACTOR, Extractor)
    assert EXTRACTOR.name == "thing-description"


def test_a_model_with_our_terms(tmp_path: Path) -> None:
    def figure(memory: str, kind: FigureKind, size: int, place: str, note: str | None = None) -> MemoryFigure:
        return MemoryFigure(memory=memory, kind=kind, size_bytes=size, place=place, note=note)

    assert read(tmp_path, BOARD) == BoardDescription(
        source="thing-model",
        collection=None,
        identifier="kit",
        name="Example Kit",
        system="bare-metal",
        processors=(
            Processor(
                part="EX32L4",
                core="cortex-m4f",
                core_count=1,
                clock_hz=120_000_000,
                has_fpu=True,
                simd="DSP",
            ),
        ),
        figures=(
            figure("sram", FigureKind.CHIP_TOTAL, 655_360, "tk:hasMemory[0].tk:totalBytes", "datasheet"),
            figure("sram", FigureKind.LARGEST_BLOCK, 196_608, "tk:hasMemory[0].tk:contiguousBytes"),
            figure("sram", FigureKind.LINKABLE, 600_000, "tk:hasMemory[0].tk:freeBytes"),
            figure("flash", FigureKind.CHIP_TOTAL, 2_097_152, "tk:hasMemory[1].tk:totalBytes"),
        ),
        sensors=(Sensor(kind="microphone", part="MP1"), Sensor(kind="accelerometer")),
        accelerators=("Ethos-U55-128",),
        connectivity=("ble", "wifi"),
    )


def renamed(value: object, change: Any) -> object:
    """A document with other names for TinyKG's terms."""
    if isinstance(value, dict):
        return {change(key): renamed(inner, change) for key, inner in value.items()}
    return [renamed(inner, change) for inner in value] if isinstance(value, list) else value


FULL = {key: value for key, value in BOARD.items() if key != "@context"}
LOCAL = sorted(
    {"Processor", "runsSystem", "hasProcessor", "hasMemory", "hasSensor", "accelerator", "connectivity"}
    | {"part", "core", "coreCount", "clockHz", "hasFpu", "simd", "memoryKind", "sensorKind"}
    | {"totalBytes", "totalSource", "contiguousBytes", "freeBytes"}
)


@pytest.mark.parametrize(
    ("context", "change"),
    [
        ([WOT, {"kg": TK}], lambda key: key.replace("tk:", "kg:")),
        (WOT, lambda key: key.replace("tk:", TK)),
        ([WOT, {"@vocab": TK}], lambda key: key.replace("tk:", "")),
        ([WOT, {"tk": TK, "@vocab": "tk:"}], lambda key: key.replace("tk:", "")),
        ([WOT, {name: TK + name for name in LOCAL}], lambda key: key.replace("tk:", "")),
        (
            [WOT, {**{name: {"@id": f"tk:{name}"} for name in LOCAL}, "tk": {"@id": TK, "@prefix": True}}],
            lambda key: key.replace("tk:", ""),
        ),
        ([{"tk": "https://example.org/"}, WOT, {"tk": TK}], lambda key: key),
        ([WOT, {"a": "b:", "b": "c:", "c": TK}], lambda key: key.replace("tk:", "a:")),
        (
            [
                "https://www.w3.org/2019/wot/td/v1",
                WOT,
                {"@language": "en"},
                "https://example.org/ctx",
                {"tk": TK},
            ],
            lambda key: key,
        ),
    ],
)
def test_every_spelling_of_our_terms_says_the_same(tmp_path: Path, context: object, change: Any) -> None:
    changed = renamed(FULL, change)
    assert isinstance(changed, dict)
    found = read(tmp_path, {**changed, "@context": context})
    expected = read(tmp_path, BOARD)
    assert (found.processors, found.sensors) == (expected.processors, expected.sensors)
    assert (found.accelerators, found.connectivity) == (expected.accelerators, expected.connectivity)
    assert (found.system, found.name) == (expected.system, expected.name)
    sizes = [(one.memory, one.kind, one.size_bytes) for one in found.figures]
    assert sizes == [(one.memory, one.kind, one.size_bytes) for one in expected.figures]


@pytest.mark.parametrize(
    "core",
    [
        "cortex-m4f",
        f"{BASE}core/cortex-m4f",
        "core:cortex-m4f",
        "base:core/cortex-m4f",
        "M4F",
        {"@id": "core:cortex-m4f"},
        {"@id": f"{BASE}core/cortex-m4f"},
        {"id": "cortex-m4f"},
        {"@value": "cortex-m4f"},
        ["cortex-m4f"],
        {"@list": [{"@set": ["cortex-m4f"]}]},
        {"node": "core:cortex-m4f", "@context": {"node": "@id"}},
    ],
)
def test_every_spelling_of_a_concept_is_its_slug(tmp_path: Path, core: object) -> None:
    prefixes = {"tk": TK, "core": f"{BASE}core/", "base": BASE, "M4F": "core:cortex-m4f"}
    thing = {"@context": [WOT, prefixes], "@type": "tm:ThingModel", "tk:hasProcessor": {"tk:core": core}}
    assert read(tmp_path, thing).processors == (Processor(part=None, core="cortex-m4f"),)


@pytest.mark.parametrize(
    ("sensor", "expected"),
    [
        ("microphone", Sensor(kind="microphone")),
        (f"{BASE}sensor-kind/microphone", Sensor(kind="microphone")),
        ({"@id": f"{BASE}sensor-kind/microphone"}, Sensor(kind="microphone")),
        (
            {"@id": "urn:x", "tk:sensorKind": {"@id": f"{BASE}sensor-kind/smell-o-meter"}, "tk:part": "G1"},
            None,
        ),
    ],
)
def test_a_sensor_or_its_kind(tmp_path: Path, sensor: object, expected: Sensor | None) -> None:
    if expected is None:
        found = refusal(tmp_path, {"@context": PREFIXED, "@type": "tm:ThingModel", "tk:hasSensor": sensor})
        assert found.place == "`$.tk:hasSensor.tk:sensorKind`"
        assert f"concept of {BASE}sensor-kind" in (found.expected or "")
    else:
        assert with_board(tmp_path, tk__hasSensor=sensor).sensors == (expected,)


@pytest.mark.parametrize(
    ("members", "place", "expected"),
    [
        ({"tk:hasProcessor": {"tk:core": "cortex-m4g"}}, "$.tk:hasProcessor.tk:core", "cortex-m4f"),
        ({"tk:hasProcessor": {"tk:core": "cortex-m4ff"}}, "$.tk:hasProcessor.tk:core", "concept of"),
        (
            {"tk:hasProcessor": {"tk:core": f"{BASE}sensor-kind/microphone"}},
            "$.tk:hasProcessor.tk:core",
            "core",
        ),
        ({"tk:hasProcessor": {"tk:core": 4}}, "$.tk:hasProcessor.tk:core", "concept of"),
        ({"tk:hasProcessor": {"tk:core": {"tk:part": "x"}}}, "$.tk:hasProcessor.tk:core", "concept of"),
        ({"tk:hasProcessor": "nrf52840"}, "$.tk:hasProcessor", "an object"),
        ({"tk:hasProcessor": {"tk:hasFpu": "yes"}}, "$.tk:hasProcessor.tk:hasFpu", "true or false"),
        ({"tk:hasProcessor": {"tk:clockHz": "64 MHz"}}, "$.tk:hasProcessor.tk:clockHz", "whole number"),
        ({"tk:hasProcessor": {"tk:clockHz": 64.5}}, "$.tk:hasProcessor.tk:clockHz", "whole number"),
        ({"tk:hasProcessor": {"tk:coreCount": 0}}, "$.tk:hasProcessor.tk:coreCount", "above 0"),
        ({"tk:hasProcessor": {"tk:coreCount": True}}, "$.tk:hasProcessor.tk:coreCount", "whole number"),
        ({"tk:hasProcessor": {"tk:part": ["a", "b"]}}, "$.tk:hasProcessor.tk:part[1]", "one value"),
        ({"tk:hasProcessor": {"tk:simd": " "}}, "$.tk:hasProcessor.tk:simd", "a text"),
        ({"tk:hasMemory": {"tk:totalBytes": 5}}, "$.tk:hasMemory", "memoryKind"),
        ({"tk:hasMemory": [[{"tk:memoryKind": "rom"}]]}, "$.tk:hasMemory[0][0].tk:memoryKind", "ram"),
        (
            {"tk:hasMemory": {"tk:memoryKind": "sram", "tk:totalBytes": 1 << 63}},
            "$.tk:hasMemory.tk:totalBytes",
            "whole number",
        ),
        (
            {"tk:hasMemory": {"tk:memoryKind": "sram", "tk:totalBytes": "640KB"}},
            "$.tk:hasMemory.tk:totalBytes",
            "whole number",
        ),
        (
            {"tk:hasMemory": {"tk:memoryKind": "sram", "tk:totalBytse": 4}},
            "$.tk:hasMemory.tk:totalBytse",
            "totalBytes",
        ),
        ({"tk:hasMemroy": {}}, "$.tk:hasMemroy", "hasMemory"),
        ({f"{TK}hasMemroy": {}}, f"$.{TK}hasMemroy", "hasMemory"),
        ({"tk:hasSensor": 3}, "$.tk:hasSensor", "concept of"),
        ({"tk:hasSensor": "thermomter"}, "$.tk:hasSensor", "thermometer"),
        ({"tk:hasSensor": {"tk:part": "x"}}, "$.tk:hasSensor", "sensorKind"),
        ({"tk:hasSensor": "microphone", "tk:hasNoSensor": True}, "$.tk:hasNoSensor", "false"),
        ({"tk:connectivity": "ble", "tk:hasNoConnectivity": True}, "$.tk:hasNoConnectivity", "false"),
        ({"tk:accelerator": {"name": "U55"}}, "$.tk:accelerator", "a text"),
        ({"tk:runsSystem": "windows"}, "$.tk:runsSystem", "bare-metal"),
        ({"tk:hasFigure": {"tk:memoryKind": "sram"}}, "$.tk:hasFigure", "sizeBytes"),
        (
            {"tk:hasFigure": {"tk:memoryKind": "sram", "tk:sizeBytes": 1, "tk:figureKind": "total"}},
            "$.tk:hasFigure.tk:figureKind",
            "chip-total",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, members: dict[str, object], place: str, expected: str
) -> None:
    error = refusal(tmp_path, {"@context": PREFIXED, "@type": "tm:ThingModel", **members})
    assert error.place == f"`{place}`"
    assert expected in (error.expected or "")


def test_a_prefix_without_a_meaning_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, {"@context": WOT, "title": "x", "tk:hasMemory": {}})
    assert (error.place, error.expected) == ("`$.tk:hasMemory`", f'"tk": "{TK}" in @context')
    other = {"@context": [WOT, {"tk": "https://example.org/toolkit#"}], "title": "x", "tk:hasMemory": {}}
    assert read(tmp_path, other).figures == ()
    assert read(tmp_path, {"@context": WOT, "title": "x", "tk:colour": "red"}).name == "x"


def test_nothing_said_known_to_be_none_and_not_said_to_be_none(tmp_path: Path) -> None:
    unknown = with_board(tmp_path, tk__part="nRF52840")
    assert (unknown.sensors, unknown.accelerators, unknown.connectivity) == (None, None, None)
    assert (unknown.part, unknown.is_chip, unknown.system) == ("nRF52840", False, None)
    none = with_board(
        tmp_path, tk__hasNoSensor=True, tk__hasNoAccelerator=True, tk__hasNoConnectivity=True, tk__isChip=True
    )
    assert (none.sensors, none.accelerators, none.connectivity, none.is_chip) == ((), (), (), True)
    assert with_board(tmp_path, tk__hasNoSensor=False).sensors is None


def test_figures_that_say_their_kind(tmp_path: Path) -> None:
    figures = [
        {
            "tk:memoryKind": "sram",
            "tk:figureKind": "heap-only",
            "tk:sizeBytes": 327_680,
            "tk:place": "upload",
        },
        {"tk:memoryKind": "sram", "tk:figureKind": f"{BASE}figure-kind/chip-total", "tk:sizeBytes": 532_480},
    ]
    assert with_board(tmp_path, tk__hasFigure=figures).figures == (
        MemoryFigure(memory="sram", kind=FigureKind.HEAP_ONLY, size_bytes=327_680, place="upload"),
        MemoryFigure(
            memory="sram",
            kind=FigureKind.CHIP_TOTAL,
            size_bytes=532_480,
            place="tk:hasFigure[1].tk:sizeBytes",
        ),
    )


@pytest.mark.parametrize(
    "number",
    [
        262_144,
        262_144.0,
        {"@value": 262_144},
        {"@value": "262144", "@type": "xsd:integer"},
        {"@value": "262144", "@type": "http://www.w3.org/2001/XMLSchema#integer"},
        [262_144],
    ],
)
def test_numbers_as_json_ld_writes_them(tmp_path: Path, number: object) -> None:
    board = with_board(tmp_path, tk__hasMemory={"tk:memoryKind": "sram", "tk:totalBytes": number})
    assert [figure.size_bytes for figure in board.figures] == [262_144]


def test_a_term_may_be_typed_in_the_context(tmp_path: Path) -> None:
    terms = {
        "tk": TK,
        "size": {"@id": "tk:totalBytes", "@type": "xsd:integer"},
        "kind": {"@id": "tk:memoryKind", "@type": "@id"},
        "fpu": {"@id": "tk:hasFpu", "@type": "xsd:boolean"},
        "tk:hasMemory": {"@container": "@list"},
        "gone": None,
        "tk:hasSensor": None,
    }
    thing = {
        "@context": [WOT, terms],
        "title": "x",
        "tk:hasMemory": [{"kind": f"{BASE}memory-kind/sram", "size": "1024"}],
        "tk:hasProcessor": {"fpu": "false"},
        "gone": {"tk:nonsense": 1},
    }
    board = read(tmp_path, thing)
    assert [(figure.memory, figure.size_bytes) for figure in board.figures] == [("sram", 1024)]
    assert board.processors[0].has_fpu is False


def test_placeholders_of_a_model_say_nothing(tmp_path: Path) -> None:
    board = with_board(
        tmp_path,
        id="urn:example:{{RANDOM_ID}}",
        title="Kit {{SIZE}}",
        tk__part="{{PART}}",
        tk__hasMemory={"tk:memoryKind": "sram", "tk:totalBytes": "{{RAM}}"},
    )
    assert (board.identifier, board.name, board.part, board.figures) == ("kit", "kit", None, ())


def test_a_context_of_an_inner_object_holds_there_alone(tmp_path: Path) -> None:
    thing = {
        "@context": WOT,
        "title": "x",
        TK + "hasMemory": {"@context": {"k": TK}, "k:memoryKind": "sram", "k:totalBytes": 8},
        "k:hasSensor": "microphone",
    }
    board = read(tmp_path, thing)
    assert [figure.size_bytes for figure in board.figures] == [8]
    assert board.sensors is None


def test_what_a_thing_can_do_proves_no_sensor(tmp_path: Path) -> None:
    thing = {
        "@context": WOT,
        "id": "urn:example:1",
        "title": "Weather station",
        "properties": {"temperature": {"type": "number", "tk:hasSensor": "thermometer"}},
        "actions": {"hasSensor": {}},
    }
    assert read(tmp_path, thing, "a.json") == BoardDescription(
        source="thing-description", collection=None, identifier="urn:example:1", name="Weather station"
    )


@pytest.mark.parametrize(
    ("types", "source"),
    [
        (None, "thing-description"),
        ("Thing", "thing-description"),
        ([], "thing-description"),
        ("tm:ThingModel", "thing-model"),
        (["saref:Light", "tm:ThingModel"], "thing-model"),
        ("https://www.w3.org/2019/wot/tm#ThingModel", "thing-model"),
    ],
)
def test_model_or_description(tmp_path: Path, types: object, source: str) -> None:
    thing = {"@context": [WOT, {"tm": "https://example.org/tm#"}], "title": "x", "@type": types}
    assert read(tmp_path, thing).source == source


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("lamp.tm.jsonld", "lamp"),
        ("lamp.td.json", "lamp"),
        ("lamp.JSON", "lamp"),
        ("lamp.v2.jsonld", "lamp.v2"),
        (".json", ".json"),
        (".td.json", ".td.json"),
    ],
)
def test_the_file_names_an_anonymous_thing(tmp_path: Path, name: str, identifier: str) -> None:
    path = written(tmp_path, {"@context": WOT, "title": "x"}, name)
    (board,) = EXTRACTOR.extract(path)
    assert board.identifier == identifier


def test_blank_texts_say_nothing(tmp_path: Path) -> None:
    thing = {"@context": WOT, "title": "x", "id": "", "@type": ["", "Thing"], "manufacturer": " "}
    board = read(tmp_path, thing)
    assert (board.identifier, board.vendor, board.source) == ("kit", None, "thing-description")


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ({"title": " Lamp "}, "Lamp"),
        ({"titles": {"de": "Lampe", "en": "Lamp"}}, "Lamp"),
        ({"titles": {"de": "Lampe", "fr": "Lampe à pied"}}, "Lampe"),
        ({"titles": {}}, "kit"),
        ({}, "kit"),
    ],
)
def test_the_name_is_the_title(tmp_path: Path, titles: dict[str, object], expected: str) -> None:
    assert read(tmp_path, {"@context": WOT, "@type": "tm:ThingModel", **titles}).name == expected


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [
        ("schema:manufacturer", "Acme", "Acme"),
        ("manufacturer", " Acme ", "Acme"),
        ("http://schema.org/manufacturer", {"@type": "schema:Organization", "schema:name": "Acme"}, "Acme"),
        ("https://schema.org/manufacturer", [{"name": "Acme"}, "Other"], "Acme"),
        ("maker", {"@value": "Acme", "@language": "en"}, "Acme"),
        ("schema:manufacturer", {"@id": "https://example.org/acme"}, None),
        ("by", "https://example.org/acme", None),
        ("producer", "Acme", None),
        ("manufacturer", None, None),
    ],
)
def test_the_vendor_is_schema_orgs_manufacturer(
    tmp_path: Path, member: str, value: object, expected: str | None
) -> None:
    maker = {"maker": "schema:manufacturer", "by": {"@id": "schema:manufacturer", "@type": "@id"}}
    thing = {"@context": [WOT, maker], "title": "x", member: value}
    assert read(tmp_path, thing).vendor == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/kit", "https://example.org/kit"),
        ({"@id": "https://example.org/kit"}, "https://example.org/kit"),
        ("example.org", None),
        ({}, None),
    ],
)
def test_the_address_is_schema_orgs_url(tmp_path: Path, url: object, expected: str | None) -> None:
    assert read(tmp_path, {"@context": WOT, "title": "x", "schema:url": url}).address == expected


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"title": 3}, "`$.title`"),
        ({"title": ""}, "`$.title`"),
        ({"title": None}, "`$.title`"),
        ({"title": "x", "id": ["urn:a", "urn:b"]}, "`$.id[1]`"),
        ({"title": "x", "id": {}}, "`$.id`"),
        ({"title": "x", "@type": 5}, "`$.@type`"),
        ({"titles": {"en": 1}}, "`$.titles`"),
        ({"title": "x", "manufacturer": 7}, "`$.manufacturer`"),
        ({"title": "x", "schema:manufacturer": {"schema:name": []}, "schema:url": 1}, "`$.schema:url`"),
        ({"title": "x", "@context": [WOT, 5]}, "`$.@context[1]`"),
        ({"title": "x", "@context": [WOT, {"a": 5}]}, "`$.@context[1].a`"),
        ({"title": "x", "@context": [WOT, {"a": {"@id": 5}}]}, "`$.@context[1].a`"),
        ({"title": "x", "@context": [WOT, {"a": {"@id": "b", "@type": 5}}]}, "`$.@context[1].a`"),
        ({"title": "x", "@context": [WOT, {"@vocab": 5}]}, "`$.@context[1].@vocab`"),
        ({"title": "x", "manufacturer": {"@context": 5}}, "`$.manufacturer.@context`"),
    ],
)
def test_a_mistyped_member_that_is_read_is_refused(
    tmp_path: Path, members: dict[str, object], place: str
) -> None:
    assert refusal(tmp_path, {"@context": WOT, **members}).place == place


@pytest.mark.parametrize(
    "terms",
    [
        {"a": "b", "b": "a"},
        {"a": "b:x", "b": "a:y"},
        {"a": {"@id": "b", "@type": "b"}, "b": {"@id": "a", "@type": "a"}},
        {f"t{i}": {"@id": f"t{i + 1}", "@type": f"t{i + 1}"} for i in range(5_000)},
    ],
)
def test_a_circle_of_terms_is_refused(tmp_path: Path, terms: dict[str, object]) -> None:
    start = time.perf_counter()
    error = refusal(tmp_path, {"@context": [WOT, terms], "title": "x"})
    assert "through itself" in error.found
    assert time.perf_counter() - start < 5


def test_lists_in_lists_are_bounded(tmp_path: Path) -> None:
    deep: list[Any] = []
    for _ in range(40):
        deep = [deep]
    error = refusal(tmp_path, {"@context": PREFIXED, "title": "x", "tk:accelerator": deep})
    assert "32 lists" in error.found


@pytest.mark.parametrize(
    "context",
    [
        "https://www.w3.org/2019/wot/td/v1",
        "http://www.w3.org/ns/td",
        "https://www.w3.org/ns/wot-next/td",
        "https://w3c.github.io/wot/w3c-wot-td-context.jsonld",
        [{"a": "https://example.org/"}, "https://www.w3.org/2022/wot/td/v1.1"],
    ],
)
def test_contexts_of_things(tmp_path: Path, context: object) -> None:
    assert read(tmp_path, {"title": "x", "@context": context}, "x.json").name == "x"


@pytest.mark.parametrize(
    "thing",
    [
        {},
        {"@context": None, "title": "x"},
        {"@context": "https://schema.org/", "title": "x"},
        {"@context": "https://www.w3.org/2022/wot/discovery", "title": "x"},
        {"@context": {"td": "https://www.w3.org/2019/wot/td#"}},
        {"@context": {"a": WOT}, "title": "x"},
        {"@context": [[WOT], {"a": WOT}], "title": "x"},
        {"thing": {"@context": WOT, "title": "x"}},
        {"definitions": {"@context": {"enum": [WOT]}}},
        [{"@context": WOT, "title": "x"}],
    ],
)
def test_other_documents_are_not_accepted(tmp_path: Path, thing: object) -> None:
    path = written(tmp_path, thing, "x.json")
    assert not EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError):
        EXTRACTOR.extract(path)


def test_other_suffixes_folders_and_absent_files_are_not_accepted(tmp_path: Path) -> None:
    for name in ("x.ttl", "x.toml", "json"):
        assert not EXTRACTOR.accepts(written(tmp_path, BOARD, name))
    folder = tmp_path / "y.jsonld"
    folder.mkdir()
    assert not EXTRACTOR.accepts(folder)
    assert not EXTRACTOR.accepts(tmp_path / "absent.json")


def test_broken_json_is_accepted_and_refused_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "x.td.json"
    path.write_text(f'{{\n"@context": "{WOT}",\n"title": "x",,}}', encoding="utf-8")
    assert EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError) as caught:
        EXTRACTOR.extract(path)
    assert caught.value.place.startswith("line 3, column ")


def test_a_sparse_file_of_a_gigabyte_is_refused_at_once(tmp_path: Path) -> None:
    start = time.perf_counter()
    empty = tmp_path / "empty.json"
    with empty.open("wb") as file:
        file.truncate(1 << 30)
    assert not EXTRACTOR.accepts(empty)
    path = written(tmp_path, BOARD)
    with path.open("r+b") as file:
        file.truncate(1 << 30)
    with pytest.raises(ExtractError, match="bytes"):
        EXTRACTOR.extract(path)
    assert time.perf_counter() - start < 2


NO_THINGS = {  # what no Thing's context makes a Thing, and what says nothing of its name
    "domus-tests/domus-tdd-api__bad-json.td.jsonld",
    "playground-invalid/playground__absent_context.json",
    "playground-invalid/playground__noContext.json",
}


def test_all_published_things_load_or_are_refused_for_a_reason(test_data: Path) -> None:
    folder = test_data / "tds"
    with (folder / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    here = [row for row in rows if (folder / row["file"]).is_file()]
    kinds = {"thing-model": "TM", "thing-description": "TD"}
    read_kinds, refused, unread = [], [], set()
    for row in here:
        path = folder / row["file"]
        if not EXTRACTOR.accepts(path):
            unread.add(row["file"])
            continue
        try:
            (board,) = EXTRACTOR.extract(path)
        except ExtractError as error:
            refused.append((row["file"], error.place))
            continue
        assert kinds[board.source] == row["kind"], row["file"]
        assert board.sensors is None
        read_kinds.append(row["kind"])
    assert unread == NO_THINGS
    assert refused == [("playground-invalid/playground__noTitle.json", "`$.title`")]
    assert (read_kinds.count("TD"), read_kinds.count("TM")) == (118, 57)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([f"tk:{name}" for name in LOCAL]) | st.sampled_from(
    ["@id", "@type", "@value", "@list", "@set", "@context", "title", "id", "tk", "tk:x", "manufacturer", "a"]
)
words = st.sampled_from(
    ["sram", "cortex-m4f", "microphone", "tk:", "a:b", TK, f"{BASE}core/cortex-m4", "{{X}}"]
)
things = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=15,
)


@given(st.dictionaries(names, things), st.dictionaries(names, things))
def test_any_thing_gives_a_description_or_an_extract_error(
    thing: dict[str, Any], context: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), {"title": "x", **thing, "@context": [WOT, {"tk": TK}, context]})
        assert EXTRACTOR.accepts(path)
        try:
            (board,) = EXTRACTOR.extract(path)
        except ExtractError as error:
            found = error
        else:
            assert all(figure.size_bytes > 0 for figure in board.figures)
            return
    assert found.place.startswith("`$")


@given(st.dictionaries(st.text(max_size=6) | names, json_values))
def test_any_object_gives_a_description_or_an_extract_error(document: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), document)
        EXTRACTOR.accepts(path)
        with pytest.raises(ExtractError):
            EXTRACTOR.extract(path)
