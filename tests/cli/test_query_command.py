"""`tinykg query`: where a query comes from, forms of an answer, what is refused."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tinykg.files import query_names

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Tinykg

    from tinykg.registry import Registry

BOARDS = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX tk: <https://w3id.org/tinykg#>
SELECT ?board ?name
WHERE { ?board a tk:DeviceType ; dcterms:identifier ?name . FILTER(STRENDS(?name, "uno-r3")) }
"""
UNO = "https://w3id.org/tinykg/device-type/arduino-uno-r3"


@pytest.mark.parametrize("name", query_names())
def test_every_built_in_query_runs_by_its_name(
    tinykg: Tinykg, name: str, small_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYKG_REGISTRY", str(small_registry.where))
    done = tinykg("query", name)
    assert done.code == 0
    assert len(done.out.splitlines()) >= 2


def test_a_table_with_the_count_on_stderr(tinykg: Tinykg) -> None:
    done = tinykg("query", "-", stdin=BOARDS)
    assert (done.code, done.err) == (0, "1 rows\n")
    head, rule, row = done.out.splitlines()
    assert head.split() == ["board", "name"]
    assert set(rule) == {"-", " "}
    assert row.split() == ["device-type/arduino-uno-r3", "arduino-uno-r3"]


def test_a_file(tinykg: Tinykg, tmp_path: Path) -> None:
    file = tmp_path / "boards.rq"
    file.write_text(BOARDS)
    assert tinykg("query", str(file)).out == tinykg("query", "-", stdin=BOARDS).out


def test_forms_of_rows(tinykg: Tinykg) -> None:
    def form(name: str) -> str:
        done = tinykg("query", "-", "--format", name, stdin=BOARDS)
        assert (done.code, done.err) == (0, "")
        return done.out

    [row] = json.loads(form("json"))["results"]["bindings"]
    assert row["board"] == {"type": "uri", "value": UNO}
    assert list(csv.DictReader(io.StringIO(form("csv")))) == [{"board": UNO, "name": "arduino-uno-r3"}]
    assert form("tsv").splitlines()[0] == "?board\t?name"
    assert ET.fromstring(form("xml")).tag.endswith("}sparql")
    assert tinykg("query", "-", "--json", stdin=BOARDS).out == form("json")


def test_forms_of_triples(tinykg: Tinykg) -> None:
    query = f"CONSTRUCT {{ <{UNO}> ?p ?o }} WHERE {{ <{UNO}> ?p ?o }}"
    turtle = tinykg("query", "-", stdin=query)
    assert (turtle.code, turtle.err) == (0, "")
    assert turtle.out.startswith("@prefix ")
    assert 'tk:platformioId "uno"' in turtle.out
    lines = tinykg("query", "-", "--format", "ntriples", stdin=query).out.splitlines()
    assert all(line.startswith(f"<{UNO}> ") for line in lines)
    assert json.loads(tinykg("query", "-", "--format", "jsonld", stdin=query).out)


@pytest.mark.parametrize(
    ("query", "form", "hint"),
    [
        ("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1", "turtle", "is for CONSTRUCT and DESCRIBE"),
        ("DESCRIBE <https://w3id.org/tinykg/model/Hello_World>", "csv", "choose one of --format turtle"),
    ],
)
def test_a_form_that_does_not_suit_is_named(tinykg: Tinykg, query: str, form: str, hint: str) -> None:
    done = tinykg("query", "-", "--format", form, stdin=query)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err


def test_ask_is_answered_in_the_exit_code(tinykg: Tinykg) -> None:
    yes = tinykg("query", "-", stdin=f"ASK {{ <{UNO}> ?p ?o }}")
    no = tinykg("query", "-", stdin=f"ASK {{ <{UNO}> <{UNO}> ?o }}")
    assert (yes.code, yes.out, no.code, no.out) == (0, "true\n", 1, "false\n")
    assert tinykg("query", "-", "--json", stdin=f"ASK {{ <{UNO}> ?p ?o }}").json == {
        "head": {},
        "boolean": True,
    }


def test_no_rows_are_an_empty_table(tinykg: Tinykg) -> None:
    done = tinykg("query", "-", stdin="SELECT ?nothing WHERE { ?nothing a <https://example.org/Nothing> }")
    assert (done.code, done.err) == (0, "0 rows\n")
    assert done.out.split() == ["nothing", "-------"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * WHERE { service silent <http://127.0.0.1:9/> { ?s ?p ?o } }",
    ],
)
def test_the_network_is_refused(tinykg: Tinykg, query: str) -> None:
    done = tinykg("query", "-", stdin=query)
    assert (done.code, done.out) == (2, "")
    assert "SERVICE is refused" in done.err


def test_an_update_is_no_query(tinykg: Tinykg) -> None:
    before = tinykg("query", "-", stdin=BOARDS).out
    done = tinykg("query", "-", stdin="DELETE WHERE { ?s ?p ?o }")
    assert (done.code, done.out) == (2, "")
    assert tinykg("query", "-", stdin=BOARDS).out == before


def test_a_query_that_does_not_parse_names_the_place(tinykg: Tinykg) -> None:
    done = tinykg("query", "-", stdin="SELECT ?x WHERE {\n ?x ?y }")
    assert (done.code, done.out) == (2, "")
    assert "SPARQL does not parse: error at 2:" in done.err


def test_text_that_is_not_utf_8_is_named(tinykg: Tinykg, tmp_path: Path) -> None:
    file = tmp_path / "latin.rq"
    file.write_bytes(b"# caf\xe9\nASK {}")
    for source, name, content in (("-", "standard input", file.read_bytes()), (str(file), str(file), None)):
        done = tinykg("query", source, stdin=content)
        assert (done.code, done.out) == (2, "")
        assert f"{name}: cannot be read as UTF-8 text" in done.err


def test_a_query_that_takes_too_long_is_stopped(tinykg: Tinykg) -> None:
    endless = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    done = tinykg("query", "-", "--timeout", "0.3", stdin=endless)
    assert (done.code, done.out) == (3, "")
    assert "did not end within 0.3 s and was stopped" in done.err


def test_a_file_that_is_not_there_names_the_built_in_queries(tinykg: Tinykg) -> None:
    done = tinykg("query", "no/such.rq")
    assert done.code == 2
    assert "no/such.rq: no such file; built-in queries are benchmark_runs, board_sources, " in done.err
