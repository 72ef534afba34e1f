"""The questions that the ontology is for, asked of the example registry on two engines."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.query import ResultRow

ROOT = Path(__file__).resolve().parent.parent.parent
QUESTIONS = sorted((ROOT / "ontology" / "competency").glob("*.rq"))
DATA = [
    ROOT / "ontology" / "tinykg.ttl",
    *sorted((ROOT / "ontology" / "vocabularies").glob("*.ttl")),
    ROOT / "ontology" / "examples" / "registry.ttl",
]
NUMBERS = {"integer", "decimal", "double", "float"}


def cell(text: str, datatype: str) -> str:
    """A value as the expected answers write it: numbers and times in one form each."""
    kind = datatype.rsplit("#", 1)[-1]
    if kind in NUMBERS:
        number = float(text)
        return str(int(number)) if number.is_integer() else repr(number)
    if kind == "dateTime":
        return datetime.fromisoformat(text).isoformat().replace("+00:00", "Z")
    return text


@pytest.fixture(scope="module")
def oxigraph() -> ox.Store:
    store = ox.Store()
    for path in DATA:
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def rdflib_graph() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in DATA:
        graph.parse(path)
    return graph


def ask_oxigraph(store: ox.Store, question: str) -> list[list[str]]:
    """Header and rows."""
    solutions = store.query(question)
    assert isinstance(solutions, ox.QuerySolutions)
    header = [variable.value for variable in solutions.variables]
    rows = [
        [
            cell(t.value, t.datatype.value if isinstance(t, ox.Literal) else "") if t is not None else ""
            for t in solution
        ]
        for solution in solutions
    ]
    return [header, *rows]


def ask_rdflib(graph: rdflib.Graph, question: str) -> list[list[str]]:
    """Header and rows."""
    result = graph.query(question)
    header = [str(variable) for variable in result.vars or ()]
    rows = [
        [
            cell(str(t), str(t.datatype) if isinstance(t, rdflib.Literal) else "") if t is not None else ""
            for t in row
        ]
        for row in result
        if isinstance(row, ResultRow)
    ]
    return [header, *rows]


def expected(question: Path) -> list[list[str]]:
    with question.with_suffix(".csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def test_there_are_enough_questions_and_each_has_its_answer() -> None:
    assert len(QUESTIONS) == 34
    assert [path.with_suffix(".rq") for path in sorted(QUESTIONS[0].parent.glob("*.csv"))] == QUESTIONS


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_says_in_its_first_line_what_it_asks(question: Path) -> None:
    text = question.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith("?")
    assert "ORDER BY" in text


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_oxigraph_gives_the_expected_answer(oxigraph: ox.Store, question: Path) -> None:
    assert ask_oxigraph(oxigraph, question.read_text(encoding="utf-8")) == expected(question)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_rdflib_gives_the_expected_answer(rdflib_graph: rdflib.Graph, question: Path) -> None:
    assert ask_rdflib(rdflib_graph, question.read_text(encoding="utf-8")) == expected(question)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_no_answer_is_empty(question: Path) -> None:
    assert len(expected(question)) > 1
