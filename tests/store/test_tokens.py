"""SPARQL texts are cut into words, names and braces; nothing in a string, IRI or comment is a word."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.store.tokens import names_a_dataset, tokens

OPAQUE = [
    "# FROM <x:y> }\n",
    "'FROM <x:y> }'",
    '"FROM <x:y> } \\" {"',
    "'''FROM <x:y> ' '' } {'''",
    '"""FROM <x:y> " "" } {"""',
    "<http://e.example/FROM>",
    "?FROM",
    "$from",
    "'a'@from-x",
    "ex:FROM",
    "from:x",
    ":from",
    "_:from",
    "ex:a.from",
]


@pytest.mark.parametrize("text", OPAQUE)
def test_what_only_looks_like_a_word_is_none(text: str) -> None:
    found = list(tokens(f"SELECT {text} }}"))
    assert "FROM" not in [token.keyword for token in found]
    assert found[-1].text == "}"
    assert found[-1].depth == -1


def test_depth_is_that_of_the_braces_around() -> None:
    found = [(token.text, token.depth) for token in tokens("A { B { C } D } E")]
    assert found == [("A", 0), ("{", 1), ("B", 1), ("{", 2), ("C", 2), ("}", 1), ("D", 1), ("}", 0), ("E", 0)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * FROM <http://e.example/g> { ?s ?p ?o }", True),
        ("SELECT * from named <http://e.example/g> { ?s ?p ?o }", True),
        ("SELECT * FROM # why\n <http://e.example/g> {}", True),
        ("PREFIX e: <http://e.example/> SELECT * FROM e:g {}", True),
        ("PREFIX : <http://e.example/> ASK FROM :g {}", True),
        ("CONSTRUCT { ?s ?p ?o } FROM <http://e.example/g> WHERE { ?s ?p ?o }", True),
        ("DESCRIBE <http://e.example/x> FROM<http://e.example/g>", True),
        ("SELECT (COUNT(*) AS ?n)FROM<http://e.example/g>{}", True),
        ("PREFIX from: <http://e.example/> SELECT * { ?s from:x ?o }", False),
        ("# boards FROM <x:y>\nASK {}", False),
        ("SELECT ?from { ?from ?p 'FROM <x:y>' }", False),
        ("ASK { ?s ?p 'from named' }", False),
    ],
)
def test_a_dataset_in_the_query_is_seen(query: str, expected: bool) -> None:
    ox.Store().query(query, base_iri="http://e.example/")
    assert names_a_dataset(query) is expected


@given(st.text(alphabet="{}<>'\"#\\?$:._ aFROM\n\u00e9", max_size=60))
def test_tokens_are_in_order_and_leave_only_blanks_out(text: str) -> None:
    at = 0
    for token in tokens(text):
        between = text[at : token.start]
        assert all(line.strip() == "" or line.lstrip().startswith("#") for line in between.splitlines())
        assert text[token.start : token.end] == token.text
        at = token.end
