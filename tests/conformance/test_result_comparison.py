"""The comparers of the suites: what must differ does, whatever blank nodes are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdf_compare import Row, same_rows
from w3c_results import Outcome, is_ordered, read_outcome, same, value_of

if TYPE_CHECKING:
    import random

A, B = ox.NamedNode("http://example.org/a"), ox.NamedNode("http://example.org/b")
XSD = "http://www.w3.org/2001/XMLSchema#"


def blank(name: str) -> ox.BlankNode:
    return ox.BlankNode(name)


def number(text: str, kind: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + kind))


def renamed(rows: list[Row], names: dict[str, str]) -> list[Row]:
    return [
        tuple(blank(names[term.value]) if isinstance(term, ox.BlankNode) else term for term in row)
        for row in rows
    ]


TERMS = st.one_of(st.sampled_from([A, B, None]), st.sampled_from("vwxyz").map(blank))
TABLES = st.lists(st.tuples(TERMS, TERMS, TERMS), max_size=8)


@given(TABLES, st.randoms(use_true_random=False))
def test_names_and_order_of_rows_do_not_matter(rows: list[Row], dice: random.Random) -> None:
    names = list("vwxyz")
    dice.shuffle(names)
    other = renamed(rows, dict(zip("vwxyz", names, strict=True)))
    dice.shuffle(other)
    assert same_rows(rows, other)


@given(TABLES, st.permutations("vwxyz"))
def test_what_is_the_same_is_so_under_some_renaming(rows: list[Row], names: list[str]) -> None:
    """Against the definition, by trying all renamings."""
    import itertools

    other = [*renamed(rows[1:], dict(zip("vwxyz", names, strict=True))), *rows[:1]]
    renamings = (dict(zip("vwxyz", each, strict=True)) for each in itertools.permutations("vwxyz"))

    def bag(table: list[Row]) -> list[str]:
        return sorted(map(str, table))

    expected = any(bag(renamed(rows, each)) == bag(other) for each in renamings)
    assert same_rows(rows, other) == expected


def test_two_cycles_of_three_are_no_cycle_of_six() -> None:
    def cycle(names: str) -> list[Row]:
        return [(blank(one), A, blank(other)) for one, other in zip(names, names[1:] + names[0], strict=True)]

    assert same_rows(cycle("abcdef"), cycle("fbdaec"))
    assert not same_rows(cycle("abcdef"), cycle("abc") + cycle("def"))


def test_a_large_table_without_structure_is_quick() -> None:
    rows: list[Row] = [(blank(f"n{index}"), A, number(str(index % 7), "integer")) for index in range(3000)]
    assert same_rows(rows, rows[::-1])
    assert not same_rows(rows, [*rows[:-1], (blank("n0"), A, number("4", "integer"))])


def test_how_often_a_row_is_there_matters() -> None:
    assert not same_rows([(A,), (A,), (B,)], [(A,), (B,), (B,)])
    assert not same_rows([(A,)], [(A,), (A,)])


def test_order_matters_where_it_is_asked_for() -> None:
    assert not same_rows([(A,), (B,)], [(B,), (A,)], ordered=True)
    assert same_rows([(blank("x"),), (blank("y"),)], [(blank("y"),), (blank("x"),)], ordered=True)
    assert not same_rows([(blank("x"), blank("x"))], [(blank("x"), blank("y"))])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (number("2.0", "decimal"), number("2", "decimal"), True),
        (number("2", "integer"), number("2", "decimal"), False),
        (number("1.0e6", "double"), number("1000000", "double"), True),
        (number("1.0000000001", "double"), number("1.0000000002", "double"), False),
        (number("NaN", "double"), number("NaN", "double"), True),
        (number("1", "boolean"), number("true", "boolean"), True),
        (number("abc", "integer"), number("abd", "integer"), False),
        (ox.Literal("a", language="en"), ox.Literal("a", language="EN"), True),
        (ox.Literal("a", language="en"), ox.Literal("a"), False),
        (ox.Literal("1"), number("1", "integer"), False),
    ],
)
def test_literals_are_compared_by_value(one: ox.Literal, other: ox.Literal, alike: bool) -> None:
    assert (value_of(one) == value_of(other)) is alike


def test_one_result_in_four_formats() -> None:
    xml = """<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="b"/>
        <variable name="a"/></head><results><result><binding name="a"><uri>http://example.org/a</uri></binding>
        </result></results></sparql>"""
    json = """{"head": {"vars": ["a", "b"]}, "results": {"bindings":
        [{"a": {"type": "uri", "value": "http://example.org/a"}}]}}"""
    turtle = """@prefix rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#> .
        [] a rs:ResultSet ; rs:resultVariable "a", "b" ;
           rs:solution [ rs:binding [ rs:variable "a" ; rs:value <a> ] ] ."""
    tsv = "?a\t?b\n<http://example.org/a>\t\n"
    base = "http://example.org/"
    found = [
        read_outcome(xml.encode(), "application/sparql-results+xml", base),
        read_outcome(json.encode(), "application/sparql-results+json", base),
        read_outcome(turtle.encode(), "text/turtle", base),
        read_outcome(tsv.encode(), "text/tab-separated-values", base),
    ]
    assert all(one == Outcome(variables=("a", "b"), rows=((A, None),)) for one in found)
    table = read_outcome(b"b,a\r\n,http://example.org/a\r\n", "text/csv", base)
    assert table == Outcome(variables=("a", "b"), rows=((ox.Literal("http://example.org/a"), None),))


def test_a_boolean_is_no_table() -> None:
    yes = read_outcome(b'{"head": {}, "boolean": true}', "application/sparql-results+json", "http://e/")
    no = read_outcome(b'{"head": {}, "boolean": false}', "application/sparql-results+json", "http://e/")
    assert same(yes, Outcome(boolean=True), ordered=False)
    assert not same(yes, no, ordered=False)
    assert not same(no, Outcome(variables=()), ordered=False)
    with pytest.raises(ValueError, match="holds no result"):
        read_outcome(b"yes", "text/plain", "http://e/")


@pytest.mark.parametrize(
    ("query", "ordered"),
    [
        ("SELECT * { ?s ?p ?o } ORDER BY ?s", True),
        ("SELECT * { { SELECT * { ?s ?p ?o } ORDER BY ?s } }", False),
        ("SELECT * { ?s ?p ?o } # ORDER BY ?s", False),
        ("SELECT * { ?s ?p ?o } GROUP BY ?s order  by desc(?s)", True),
    ],
)
def test_the_outermost_order_counts(query: str, ordered: bool) -> None:
    assert is_ordered(query) is ordered
