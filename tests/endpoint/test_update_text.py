"""What an update's text says of graphs is right, or it is said that it does not say."""

from __future__ import annotations

import contextlib

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.endpoint.update_text import graphs_written, with_using, without_silent_loads
from tinykg.errors import InputError
from tinykg.store.protocol import Dataset

G = "http://e.example/g"
H = "http://e.example/h"
PREFIX = "PREFIX e: <http://e.example/> "


@pytest.mark.parametrize(
    ("update", "names"),
    [
        ("INSERT DATA { <x:s> <x:p> 1 }", {""}),
        (f"INSERT DATA {{ GRAPH <{G}> {{ <x:s> <x:p> 1 }} }}", {"", G}),
        (f"{PREFIX} DELETE DATA {{ GRAPH e:g {{ <x:s> <x:p> '}} GRAPH <x:y>' }} }}", {"", G}),
        (f"{PREFIX} DELETE DATA {{ GRAPH e:\\%67 {{ <x:s> <x:p> 1 }} }}", {"", "http://e.example/%67"}),
        (f"WITH <{G}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", {"", G}),
        (f"DELETE {{ ?s ?p ?o }} USING <{G}> WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}", {""}),
        ("DELETE { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }", {""}),
        (f"INSERT {{ GRAPH <{H}> {{ ?s ?p ?g }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}", {"", H}),
        (f"CLEAR SILENT GRAPH <{G}> ; DROP GRAPH <{H}> ; CLEAR DEFAULT", {"", G, H}),
        (f"COPY <{G}> TO <{H}>", {"", G, H}),
        (f"MOVE SILENT GRAPH <{G}> TO GRAPH <{H}>", {"", G, H}),
        (f"ADD DEFAULT TO <{H}>", {"", H}),
        (f"CREATE GRAPH <{G}>", {"", G}),
        (
            f"{PREFIX} CLEAR GRAPH e:g ; PREFIX e: <http://e.example/x/> CLEAR GRAPH e:g",
            {"", G, "http://e.example/x/g"},
        ),
    ],
)
def test_the_graphs_are_named(update: str, names: set[str]) -> None:
    assert graphs_written(update) == frozenset(names)


@pytest.mark.parametrize(
    "update",
    [
        "CLEAR ALL",
        "DROP NAMED",
        "drop silent all",
        "INSERT { GRAPH ?g { ?s ?p 1 } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "DELETE { GRAPH $g { ?s ?p ?o } } WHERE { GRAPH $g { ?s ?p ?o } }",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        "CLEAR GRAPH <relative>",
        "BASE <http://e.example/> CLEAR GRAPH <relative>",
        "PREFIX e: <relative/> CLEAR GRAPH e:g",
        "CLEAR GRAPH unknown:g",
        "CLEAR GRAPH <http://e.example/\\u0067>",
        "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o FILTER(?a<?b&&?c='>') }",
    ],
)
def test_what_a_text_does_not_say_is_not_guessed(update: str) -> None:
    assert graphs_written(update) is None


FULL = Dataset(default_graphs=(G, H), named_graphs=("http://e.example/n",))
CLAUSES = f"USING <{G}> USING <{H}> USING NAMED <http://e.example/n>"


NESTED = "WHERE { ?s ?p ?o { SELECT ?s WHERE { ?s ?p ?o } } }"
ALL = "WHERE { ?s ?p ?o }"
REWRITTEN = {
    "INSERT DATA { <x:s> <x:p> 1 }": "INSERT DATA { <x:s> <x:p> 1 }",
    f"DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p 'WHERE' }} {NESTED}": (
        f"DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p 'WHERE' }} {CLAUSES} {NESTED}"
    ),
    f"DELETE {ALL} ; INSERT {{ ?s ?p 1 }} # WHERE\n{ALL}": (
        f"DELETE {{ ?s ?p ?o }} {CLAUSES} {ALL} ; INSERT {{ ?s ?p 1 }} # WHERE\n {CLAUSES} {ALL}"
    ),
}


@pytest.mark.parametrize(("update", "expected"), REWRITTEN.items())
def test_each_pattern_gets_the_dataset(update: str, expected: str) -> None:
    found = with_using(update, FULL)
    assert found.split() == expected.split()
    ox.Store().update(found)


@pytest.mark.parametrize(
    "update",
    [
        f"WITH <{G}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        f"DELETE {{ ?s ?p ?o }} USING <{G}> WHERE {{ ?s ?p ?o }}",
        f"INSERT DATA {{ <x:s> <x:p> 1 }} ; INSERT {{ ?s ?p 1 }} using named <{G}> WHERE {{ ?s ?p ?o }}",
    ],
)
def test_two_datasets_are_a_conflict(update: str) -> None:
    with pytest.raises(InputError, match="give one of the two"):
        with_using(update, FULL)


def test_a_dataset_of_named_graphs_has_an_empty_default_graph() -> None:
    assert "USING NAMED" in with_using("DELETE WHERE { ?s ?p ?o }", Dataset(named_graphs=(G,)))
    assert "USING <" not in with_using("DELETE WHERE { ?s ?p ?o }", Dataset(named_graphs=(G,)))


@given(st.text(alphabet="{}<>'\"#\\?$:. \naDELETWHRINSVG", max_size=80))
def test_any_text_is_read(text: str) -> None:
    graphs_written(text)
    with contextlib.suppress(InputError):
        assert isinstance(with_using(text, FULL), str)


@pytest.mark.parametrize(
    ("update", "found"),
    [
        ("LOAD SILENT <x:y>", "INSERT DATA { GRAPH <x:y> {} }"),
        ("load silent <x:y> into graph <x:z>", "INSERT DATA { GRAPH <x:y> {} GRAPH <x:z> {} }"),
        (
            "PREFIX e: <x:> LOAD SILENT e:y INTO GRAPH e:z ; CLEAR ALL",
            "PREFIX e: <x:> INSERT DATA { GRAPH e:y {} GRAPH e:z {} } ; CLEAR ALL",
        ),
        (
            "LOAD #c\n SILENT <x:a> ; LOAD SILENT <x:b>",
            "INSERT DATA { GRAPH <x:a> {} } ; INSERT DATA { GRAPH <x:b> {} }",
        ),
    ],
)
def test_loading_silently_does_nothing(update: str, found: str) -> None:
    assert without_silent_loads(update) == found


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <x:y>",
        "LOAD <x:y> INTO GRAPH <x:silent>",
        "LOAD SILENT",
        "LOAD SILENT 'x:y'",
        "INSERT DATA { <x:s> <x:p> 'LOAD SILENT <x:y>' }",
        "CLEAR SILENT ALL # LOAD SILENT <x:y>",
    ],
)
def test_all_else_is_left_as_it_is(update: str) -> None:
    assert without_silent_loads(update) == update
