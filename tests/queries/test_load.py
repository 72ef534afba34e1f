"""Values enter a query as RDF terms, and only so."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import InputError, UnknownName
from tinykg.queries.load import iri, literal, parameters, query_text, question, sparql

if TYPE_CHECKING:
    from tinykg.queries.load import Parameter

NANO33 = iri("https://w3id.org/tinykg/device-type/arduino-nano-33-ble-sense")
UNO = iri("https://w3id.org/tinykg/device-type/arduino-uno-r3")


def rows(store: ox.Store, query: str) -> list[tuple[object, ...]]:
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(row) for row in found]


def test_the_question_is_the_first_line() -> None:
    assert question("tasks") == "Which tasks does the vocabulary know, and which one is each a kind of?"


def test_parameters_come_in_the_order_in_which_they_stand() -> None:
    assert parameters("missing_sensors") == ["model", "device"]
    assert set(parameters("fit")) == {
        "device",
        "model",
        "runtime",
        "wantedTask",
        "minAccuracy",
        "wantedVerdict",
    }
    assert parameters("runtimes") == []


def test_a_parameter_that_is_none_is_left_out() -> None:
    assert "VALUES" not in sparql("device_cores", device=None)
    assert "VALUES" not in sparql("device_cores")
    assert "{ UNDEF }" not in sparql("fit", device=NANO33)


def test_a_value_stands_wherever_its_parameter_does() -> None:
    as_written, filled = query_text("fit"), sparql("fit", device=NANO33)
    assert as_written.count("VALUES ?device { UNDEF }") > 2
    assert filled.count(f"VALUES ?device {{ {NANO33} }}") == as_written.count("VALUES ?device { UNDEF }")


def test_several_terms_are_several_values(oxigraph: ox.Store) -> None:
    both = rows(oxigraph, sparql("device_systems", device=[NANO33, UNO]))
    assert [row[0] for row in both] == [NANO33, UNO]


def test_no_terms_are_no_rows(oxigraph: ox.Store) -> None:
    """An empty list asks about nothing, not about everything."""
    assert rows(oxigraph, sparql("device_systems", device=[])) == []


def test_a_generator_of_terms_serves_every_place() -> None:
    """A parameter that stands in several places is filled in each, also from what can be read once only."""
    filled = sparql("missing_sensors", device=(term for term in [NANO33]))
    assert filled.count(str(NANO33)) == query_text("missing_sensors").count("VALUES ?device { UNDEF }") == 2


def test_an_unknown_parameter_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"'fit' has no parameter board; it has .*device"):
        sparql("fit", board=NANO33)


def test_a_query_without_parameters_takes_none() -> None:
    with pytest.raises(InputError, match="'runtimes' has no parameter name; it has none"):
        sparql("runtimes", name=literal("x"))


def test_an_unknown_query_names_near_ones() -> None:
    with pytest.raises(UnknownName) as raised:
        sparql("refusal")
    assert raised.value.kind == "query"
    assert raised.value.near == ("refusals",)


@pytest.mark.parametrize("name", ["../registry", "/etc/hostname", "fit.rq", ""])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(UnknownName):
        query_text(name)


@pytest.mark.parametrize("value", ["https://w3id.org/tinykg/model/x", ["nano33"], [NANO33, "uno"], 3, [None]])
def test_a_value_that_is_no_term_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="a parameter is an RDF term"):
        sparql("device_cores", device=cast("Parameter", value))


def test_a_blank_node_is_no_value() -> None:
    """In a query a blank node would be a variable that matches everything."""
    with pytest.raises(TypeError, match="a parameter is an RDF term"):
        sparql("device_cores", device=cast("Parameter", ox.BlankNode("any")))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("nano33", '"nano33"'),
        ('a " } # {', '"a \\" } # {"'),
        ("back\\slash", '"back\\\\slash"'),
        (0.5, '"0.5"^^<http://www.w3.org/2001/XMLSchema#double>'),
        (3, '"3"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ],
)
def test_a_literal_is_written_as_sparql_does(value: str | float, expected: str) -> None:
    assert str(literal(value)) == expected


@pytest.mark.parametrize("text", ["no iri", "https://x> } DROP ALL #", "<https://x>", "https://x y"])
def test_a_text_that_is_no_iri_becomes_none(text: str) -> None:
    with pytest.raises(ValueError, match="IRI"):
        iri(text)


@given(st.text())
def test_any_text_as_a_value_is_that_text_and_nothing_else(text: str) -> None:
    """A value cannot end its literal: a query with it asks for exactly that text."""
    store = ox.Store()
    node = ox.NamedNode("https://example.org/x")
    for wanted in (text, text + "x"):
        store.add(ox.Quad(node, ox.NamedNode("https://w3id.org/tinykg#missingFact"), ox.Literal(wanted)))
    query = sparql("missing_facts", footprint=node).replace(
        "?fact .", f"?fact . FILTER(?fact = {literal(text)})"
    )
    assert [row[1] for row in rows(store, query)] == [ox.Literal(text)]
