"""What holds for every query: it asks a question, runs as it stands, and two engines agree on its answer."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias, cast

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery
from rdflib.query import ResultRow

from tinykg.files import PACKAGE, query_file, query_names
from tinykg.graph.iris import concept
from tinykg.queries.load import Parameter, iri, literal, parameters, query_text, question, sparql
from tinykg.vocab.tinykg import TK

HERE = "https://w3id.org/tinykg/"
NANO33 = iri(HERE + "device-type/arduino-nano-33-ble-sense")
NICLA = iri(HERE + "device-type/arduino-nicla-vision")
YES_NO = iri(HERE + "model/Micro_Speech_Yes_No_1")
PERSON = iri(HERE + "model/Person_Detection")
CMSIS = iri(HERE + "runtime/tflm-cmsis-nn-arm32")
YES_NO_FILE = "a752a1d34aa5214946ddbfb5a763fe9c6b94b32e1fd09f7bb2732a10ba449c05"
WAND_FILE = "b85416603fd118a9448a92ce3d02d3cdcf5154c7564fe0e70ea3c468198465a3"
PERSON_FOOTPRINT = iri(
    HERE + "file/a28acd87062ec79332e693261b4bc2d7ea8f5894ccd1835c703ebbf2dd5b7ab4/footprint/tflm-ref-arm32"
)
VWW_FOOTPRINT = iri(
    HERE
    + "file/121956b236b8567a723179e1a53ad4baf5253199b7b5be0268260814d9901d2c/footprint/tflm-cmsis-nn-arm32"
)

FILLED: dict[str, list[dict[str, Parameter]]] = {
    "benchmark_runs": [
        {"file": iri(HERE + "file/" + WAND_FILE), "runner": literal("mlperf-tiny")},
        {"wanted": NANO33},
        {"wanted": iri(HERE + "device/lab-nano33-1")},
    ],
    "board_sources": [{"device": NANO33}],
    "build_sensors": [{"model": YES_NO, "device": NANO33}, {"model": [PERSON, YES_NO], "device": [NICLA]}],
    "concepts": [{"scheme": iri(HERE + "core")}, {"scheme": [iri(HERE + "task"), iri(HERE + "system")]}],
    "device_cores": [{"device": NICLA}, {"device": [NANO33, NICLA]}],
    "device_systems": [{"device": NANO33}],
    "devices": [{"device": [NANO33, NICLA]}],
    "devices_by_clock": [{"least": literal(64_000_000)}, {"most": literal(480_000_000)}],
    "devices_by_core": [{"wanted": concept("core", "arm-m-profile")}],
    "devices_by_memory": [
        {"least": literal(262_144), "memoryKind": concept("memory-kind", "sram")},
        {
            "most": literal(1 << 20),
            "memoryKind": [concept("memory-kind", "sram"), concept("memory-kind", "flash")],
        },
    ],
    "devices_by_sensor": [
        {"wanted": concept("sensor-kind", "microphone")},
        {"wanted": concept("property", "sound")},
    ],
    "devices_by_word": [
        {"device": NANO33, "field": literal("vendor")},
        {"field": literal("link"), "wanted": literal("ble")},
    ],
    "fit": [
        {"device": NANO33},
        {"device": NICLA, "model": PERSON},
        {"model": YES_NO, "minAccuracy": literal(0.925)},
        {"model": YES_NO, "wantedVerdict": literal("fits")},
        {"runtime": CMSIS, "wantedTask": concept("task", "audio-classification")},
    ],
    "latency": [{"device": NANO33}, {"model": YES_NO, "runtime": CMSIS}],
    "jobs": [
        {"state": concept("job-state", "queued")},
        {"state": [concept("job-state", "running"), concept("job-state", "done")]},
    ],
    "lookup_keys": [{"class": iri(TK.Model)}, {"class": [iri(TK.DeviceType), iri(TK.Runtime)]}],
    "missing_facts": [{"footprint": [VWW_FOOTPRINT]}],
    "missing_sensors": [{"model": [PERSON, YES_NO], "device": NANO33}],
    "models": [{"wantedTask": concept("task", "audio-classification")}],
    "models_of_file": [{"sha256": literal(YES_NO_FILE)}, {"name": literal("Magic_Wand_1")}],
    "named": [{"key": literal("nano33"), "class": iri(TK.DeviceType)}],
    "refusals": [{"footprint": PERSON_FOOTPRINT}],
    "runnable": [{"device": NANO33}, {"device": [NICLA, iri(HERE + "device-type/siemens-ssi-web-node")]}],
    "sensor_needs": [{"model": [PERSON, iri(HERE + "model/Hello_World")]}],
    "thing_text": [{"id": literal("urn:uuid:0804d572-cce8-422a-bb7c-4412fcd56f06")}],
    "type_described_by": [
        {"description": iri(HERE + "board-description/platformio/nordicnrf52/nano33ble")},
        {"address": literal("https://example.org/models/nano33.tm.jsonld")},
    ],
    "units": [{"type": NANO33}, {"type": [NANO33, NICLA]}],
}
"""Values for each parameter of each query, which leave rows."""

NAMES = query_names()
CASES = [(name, values) for name, cases in FILLED.items() for values in cases]
Cell: TypeAlias = "tuple[str, object]"


def cell(kind: str, text: str, datatype: str) -> Cell:
    """A term as both engines write it: numbers and times by value, whatever their spelling."""
    short = datatype.rsplit("#", 1)[-1]
    if short == "dateTime":
        return (kind, text.replace("+00:00", "Z"))
    if short in ("double", "decimal", "float", "integer", "nonNegativeInteger"):
        return ("number", float(text))
    return (kind, text)


def ox_cell(term: object) -> Cell | None:
    if term is None:
        return None
    if isinstance(term, ox.Literal):
        return cell("literal", term.value, term.datatype.value)
    return ("iri", cast("ox.NamedNode", term).value)


def rdflib_cell(term: object) -> Cell | None:
    if term is None:
        return None
    if isinstance(term, rdflib.Literal):
        return cell("literal", str(term), str(term.datatype))
    return ("iri", str(term))


def on_oxigraph(store: ox.Store, query: str) -> list[tuple[Cell | None, ...]]:
    """The rows of a SELECT in their order, or the triples of a CONSTRUCT, sorted."""
    found = store.query(query)
    if isinstance(found, ox.QueryTriples):
        triples = {tuple(map(ox_cell, (t.subject, t.predicate, t.object))) for t in found}
        return sorted(triples, key=str)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(map(ox_cell, row)) for row in found]


def on_rdflib(graph: rdflib.Graph, query: str) -> list[tuple[Cell | None, ...]]:
    """The same from rdflib."""
    found = graph.query(query)
    if found.type == "CONSTRUCT":
        return sorted({tuple(map(rdflib_cell, cast("ResultRow", row))) for row in found}, key=str)
    return [tuple(map(rdflib_cell, row)) for row in found if isinstance(row, ResultRow)]


def test_there_are_queries() -> None:
    assert len(NAMES) >= 17
    assert {path.stem for path in (PACKAGE / "queries").glob("*.rq")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_is_the_question(name: str) -> None:
    first = query_text(name).splitlines()[0]
    assert re.match(r"# [A-Z].*\?", first), first
    assert question(name) == first.removeprefix("# ")


@pytest.mark.parametrize("name", NAMES)
def test_it_parses_in_two_parsers(name: str) -> None:
    prepareQuery(query_text(name))
    ox.Store().query(query_text(name))


@pytest.mark.parametrize("name", NAMES)
def test_it_has_an_order_unless_it_constructs(name: str) -> None:
    text = query_text(name)
    assert "ORDER BY" in text.rsplit("}", 1)[-1] or "CONSTRUCT" in text


@pytest.mark.parametrize("name", NAMES)
def test_each_parameter_says_what_it_is_where_it_first_stands(name: str) -> None:
    for parameter in parameters(name):
        lines = [line for line in query_text(name).splitlines() if f"VALUES ?{parameter} {{" in line]
        assert re.search(r"# parameter: \w", lines[0]), lines[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_prefix_is_used(name: str) -> None:
    text = query_text(name)
    for prefix in re.findall(r"PREFIX (\w*):", text):
        assert len(re.findall(rf"\b{prefix}:", text)) > 1, prefix


@pytest.mark.parametrize("name", NAMES)
def test_every_selected_variable_is_in_the_pattern(name: str) -> None:
    head, _, pattern = query_text(name).partition("WHERE")
    for variable in re.findall(r"\?(\w+)", head.partition("SELECT")[2]):
        assert re.search(rf"\?{variable}\b", head if "AS ?" + variable in head else pattern), variable


@pytest.mark.parametrize("name", NAMES)
def test_it_is_used(name: str) -> None:
    sources = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "queries"]
    assert any(f'"{name}"' in path.read_text(encoding="utf-8") for path in sources)


def test_every_query_that_the_code_names_exists() -> None:
    named = {
        found
        for path in PACKAGE.rglob("*.py")
        for found in re.findall(r'sparql\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert len(named) >= 10
    assert named <= set(NAMES)


def test_no_code_holds_a_query() -> None:
    """Questions are .rq files; nobody writes SPARQL between the lines of Python."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(SELECT|CONSTRUCT)\b[^\n]*\bWHERE\b|\?\w+ (a|tk:\w+) [?\w:]+ [.;]", text), (
            path
        )


@pytest.mark.parametrize("name", NAMES)
def test_as_it_stands_both_engines_give_the_same_rows(
    name: str, oxigraph: ox.Store, rdflib_graph: rdflib.Graph
) -> None:
    rows = on_oxigraph(oxigraph, query_text(name))
    assert rows, "the example registry has no case for this query"
    assert rows == on_rdflib(rdflib_graph, query_text(name))


@pytest.mark.parametrize(("name", "values"), CASES, ids=[f"{n}-{'-'.join(v)}" for n, v in CASES])
def test_filled_in_both_engines_give_the_same_rows(
    name: str, values: dict[str, Parameter], oxigraph: ox.Store, rdflib_graph: rdflib.Graph
) -> None:
    query = sparql(name, **values)
    rows = on_oxigraph(oxigraph, query)
    assert rows, "the example registry has no case for these values"
    assert rows == on_rdflib(rdflib_graph, query)


@pytest.mark.parametrize("name", NAMES)
def test_leaving_parameters_out_is_asking_about_all(name: str, oxigraph: ox.Store) -> None:
    assert on_oxigraph(oxigraph, sparql(name)) == on_oxigraph(oxigraph, query_text(name))


@pytest.mark.parametrize(("name", "values"), CASES, ids=[f"{n}-{'-'.join(v)}" for n, v in CASES])
def test_filling_in_never_adds_rows(name: str, values: dict[str, Parameter], oxigraph: ox.Store) -> None:
    """A value narrows the question, but for the accuracy, which changes verdicts."""
    if "minAccuracy" not in values:
        assert set(on_oxigraph(oxigraph, sparql(name, **values))) <= set(
            on_oxigraph(oxigraph, query_text(name))
        )


def test_every_parameter_is_filled_by_a_case() -> None:
    asked = {name: set(parameters(name)) for name in NAMES if parameters(name)}
    given = {name: set().union(*cases) for name, cases in FILLED.items()}
    assert given == asked


@pytest.mark.parametrize("name", NAMES)
def test_rows_come_in_one_order_only(name: str, oxigraph: ox.Store) -> None:
    """Rows with equal sort keys would come as the engine likes."""
    order = query_text(name).rsplit("ORDER BY", 1)
    if len(order) == 1:
        return
    keys = re.findall(r"\?(\w+)", order[1])
    found = oxigraph.query(query_text(name))
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    sorted_by = [tuple(str(row[names.index(key)]) for key in keys if key in names) for row in found]
    assert all(one != other for one, other in pairwise(sorted_by)), name


def test_queries_are_shipped_as_they_are_read() -> None:
    for name in NAMES:
        path = query_file(name)
        assert path.read_text(encoding="utf-8") == query_text(name)
        assert path.read_bytes().endswith(b"\n")
        assert max(map(len, path.read_text(encoding="utf-8").splitlines())) <= 160, path.name
        assert isinstance(path, Path)
