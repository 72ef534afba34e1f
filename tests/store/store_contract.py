"""What every store must do: subclass StoreContract and give it the fixture `store`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tinykg.errors import InputError, QuerySyntaxError, StoreError
from tinykg.store.protocol import Rows, Store

if TYPE_CHECKING:
    from collections.abc import Iterable

EX = "https://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"


def node(name: str) -> ox.NamedNode:
    """An IRI of the examples."""
    return ox.NamedNode(EX + name)


def triple(subject: str, predicate: str, value: object) -> ox.Triple:
    """A triple of the examples; a text that is no term becomes a literal."""
    term = value if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal) else ox.Literal(str(value))
    return ox.Triple(node(subject), node(predicate), term)


LITERALS = [
    ox.Literal(""),
    ox.Literal('say "hello"'),
    ox.Literal("it's"),
    ox.Literal("a \\ b \\n"),
    ox.Literal("two\nlines\r\nand\ta tab"),
    ox.Literal("naïve Ω 模型 \U0001f9e0 e\u0301"),
    ox.Literal("\u2028\u0085\ufeff"),
    ox.Literal("} . <x> DROP ALL #"),
    ox.Literal("colour", language="en-gb"),
    ox.Literal("couleur", language="fr"),
    ox.Literal("2021-12-12", datatype=ox.NamedNode(XSD + "date")),
    ox.Literal("2021", datatype=ox.NamedNode(XSD + "gYear")),
    ox.Literal(
        '{"a":[1,"\\u0022"]}', datatype=ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON")
    ),
    ox.Literal("not a number", datatype=ox.NamedNode(XSD + "integer")),
    ox.Literal(42),
    ox.Literal(-(2**62)),
    ox.Literal(2**80),
    ox.Literal(0.1),
    ox.Literal(1e-300),
    ox.Literal(float("inf")),
    ox.Literal(value=True),
    ox.Literal(value=False),
]
UNUSUAL_SPELLINGS = [("007", "integer"), ("5", "nonNegativeInteger"), ("1", "boolean"), ("1.50E1", "double")]


class StoreContract:
    """The behaviour that tinykg.store.protocol promises."""

    def test_it_is_a_store(self, store: Store) -> None:
        assert isinstance(store, Store)

    def test_a_new_store_is_empty(self, store: Store) -> None:
        assert store.size() == 0
        assert store.graph_names() == []
        assert store.graph(EX + "g") == []
        assert store.select("SELECT ?s { ?s ?p ?o }") == Rows(variables=("s",), rows=())
        assert store.ask("ASK { ?s ?p ?o }") is False
        assert store.construct("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }") == []

    # -- asking

    def test_select_keeps_the_order_of_variables_and_rows(self, store: Store) -> None:
        store.replace_graphs({EX + "g": [triple("a", "n", ox.Literal(n)) for n in (3, 1, 2)]})
        found = store.select(f"SELECT ?n ?nothing ?s {{ ?s <{EX}n> ?n }} ORDER BY DESC(?n)")
        assert found.variables == ("n", "nothing", "s")
        assert found.rows == tuple((ox.Literal(n), None, node("a")) for n in (3, 2, 1))
        assert len(found) == 3
        assert next(iter(found)) == {"n": ox.Literal(3), "nothing": None, "s": node("a")}

    def test_select_without_variables_still_has_rows(self, store: Store) -> None:
        assert len(store.select("SELECT * {}")) == 1

    def test_queries_see_the_union_of_the_named_graphs(self, store: Store) -> None:
        store.replace_graphs({EX + "g": [triple("a", "p", "x")], EX + "h": [triple("a", "q", "y")]})
        assert store.ask(f"ASK {{ <{EX}a> <{EX}p> 'x' ; <{EX}q> 'y' }}")
        assert len(store.select("SELECT * { ?s ?p ?o }")) == 2

    def test_a_query_can_tell_the_graphs_apart(self, store: Store) -> None:
        store.replace_graphs({EX + "g": [triple("a", "p", "x")], EX + "h": [triple("a", "q", "y")]})
        rows = store.select(f"SELECT ?g {{ GRAPH ?g {{ <{EX}a> ?p ?o }} }} ORDER BY ?g").rows
        assert rows == ((node("g"),), (node("h"),))

    def test_construct_gives_each_triple_once(self, store: Store) -> None:
        store.replace_graphs({EX + "g": [triple("a", "p", "x"), triple("b", "p", "x")]})
        found = store.construct(f"CONSTRUCT {{ <{EX}c> <{EX}q> ?o }} {{ ?s ?p ?o }}")
        assert found == [triple("c", "q", "x")]

    def test_describe_is_taken_as_construct(self, store: Store) -> None:
        store.replace_graphs({EX + "g": [triple("a", "p", "x"), triple("b", "p", "y")]})
        assert store.construct(f"DESCRIBE <{EX}a>") == [triple("a", "p", "x")]

    # -- errors

    @pytest.mark.parametrize(
        "query",
        ["", "SELEKT * {}", "SELECT * { ?s ?p }", "SELECT ?x {} GROUP", 'ASK { ?s ?p "open }', "\x00"],
    )
    def test_a_query_that_does_not_parse_is_a_typed_error(self, store: Store, query: str) -> None:
        for ask in (store.select, store.ask, store.construct):
            with pytest.raises(QuerySyntaxError) as caught:
                ask(query)
            assert isinstance(caught.value, InputError)

    def test_an_update_that_does_not_parse_is_a_typed_error(self, store: Store) -> None:
        with pytest.raises(QuerySyntaxError, match="does not parse"):
            store.update("INSERT DATA { <x> }")

    def test_another_form_of_query_is_a_typed_error(self, store: Store) -> None:
        select, ask, construct = "SELECT * {}", "ASK {}", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
        for method, wrong, name in (
            (store.select, (ask, construct), "SELECT"),
            (store.ask, (select, construct), "ASK"),
            (store.construct, (select, ask), "CONSTRUCT"),
        ):
            for query in wrong:
                with pytest.raises(QuerySyntaxError, match=f"Expected an? {name}"):
                    method(query)

    def test_an_update_is_no_query_and_a_query_no_update(self, store: Store) -> None:
        with pytest.raises(QuerySyntaxError):
            store.select("DROP ALL")
        with pytest.raises(QuerySyntaxError):
            store.update("SELECT * {}")

    def test_no_query_opens_an_address(self, store: Store) -> None:
        with pytest.raises(QuerySyntaxError, match="SERVICE is refused"):
            store.select("SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }")
        with pytest.raises(QuerySyntaxError, match="LOAD is refused"):
            store.update("LOAD <http://localhost:1/>")

    # -- updates

    def test_update_inserts_and_deletes(self, store: Store) -> None:
        store.update(f"INSERT DATA {{ GRAPH <{EX}g> {{ <{EX}a> <{EX}p> 'x', 'y' }} }}")
        store.update(f"DELETE WHERE {{ GRAPH <{EX}g> {{ ?s ?p 'x' }} }}")
        assert store.graph(EX + "g") == [triple("a", "p", "y")]

    def test_update_is_all_or_nothing(self, store: Store) -> None:
        store.replace_graphs({EX + "g": [triple("a", "p", "x")]})
        with pytest.raises(StoreError):
            store.update(f"INSERT DATA {{ GRAPH <{EX}h> {{ <{EX}b> <{EX}p> 1 }} }} ; CREATE GRAPH <{EX}g>")
        assert store.graph_names() == [EX + "g"]

    # -- replacing graphs

    def test_replace_makes_a_graph_hold_just_the_triples(self, store: Store) -> None:
        old, kept, new = triple("a", "p", "old"), triple("a", "p", "kept"), triple("a", "p", "new")
        assert store.replace_graphs({EX + "g": [old, kept]}) is True
        assert store.replace_graphs({EX + "g": [kept, new, new]}) is True
        assert set(store.graph(EX + "g")) == {kept, new}
        assert store.size() == 2

    def test_replace_leaves_other_graphs_alone(self, store: Store) -> None:
        store.replace_graphs({EX + "g": [triple("a", "p", "x")], EX + "h": [triple("a", "p", "x")]})
        store.replace_graphs({EX + "g": [triple("a", "p", "y")]})
        assert store.graph(EX + "h") == [triple("a", "p", "x")]

    def test_replace_twice_changes_nothing(self, store: Store) -> None:
        graphs = {
            EX + "g": [triple("a", "p", value) for value in LITERALS],
            EX + "h": [triple("b", "p", "x")],
        }
        assert store.replace_graphs(graphs) is True
        assert store.replace_graphs(graphs) is False
        assert store.replace_graphs({}) is False

    @pytest.mark.parametrize(("text", "datatype"), UNUSUAL_SPELLINGS)
    def test_replace_twice_changes_nothing_however_a_number_is_spelt(
        self, store: Store, text: str, datatype: str
    ) -> None:
        graphs = {EX + "g": [triple("a", "p", ox.Literal(text, datatype=ox.NamedNode(XSD + datatype)))]}
        assert store.replace_graphs(graphs) is True
        assert store.replace_graphs(graphs) is False
        assert store.size() == 1

    def test_replace_by_nothing_removes_the_graph_without_rest(self, store: Store) -> None:
        store.replace_graphs({EX + "g": [triple("a", "p", "x")], EX + "h": [triple("b", "p", "y")]})
        assert store.replace_graphs({EX + "g": []}) is True
        assert store.graph_names() == [EX + "h"]
        assert not store.ask(f"ASK {{ GRAPH <{EX}g> {{}} }}")
        assert store.size() == 1
        assert store.replace_graphs({EX + "g": []}) is False

    def test_replace_takes_any_iterable(self, store: Store) -> None:
        made: Iterable[ox.Triple] = (triple("a", "n", ox.Literal(n)) for n in range(3))
        assert store.replace_graphs({EX + "g": made}) is True
        assert store.size() == 3

    def test_replace_is_all_or_nothing(self, store: Store) -> None:
        before = {EX + "g": [triple("a", "p", "x")], EX + "h": [triple("b", "p", "y")]}
        store.replace_graphs(before)
        shared = ox.BlankNode("shared")  # a blank node cannot be in two graphs of one update
        with pytest.raises(StoreError, match="nothing changed"):
            store.replace_graphs(
                {
                    EX + "g": [],
                    EX + "i": [ox.Triple(shared, node("p"), ox.Literal(1))],
                    EX + "h": [ox.Triple(shared, node("p"), ox.Literal(2))],
                }
            )
        assert {name: store.graph(name) for name in store.graph_names()} == before

    def test_replace_copes_with_blank_nodes(self, store: Store) -> None:
        def described(label: str, colour: str) -> list[ox.Triple]:
            blank = ox.BlankNode(label)
            return [triple("a", "has", blank), ox.Triple(blank, node("colour"), ox.Literal(colour))]

        assert store.replace_graphs({EX + "g": described("x", "red")}) is True
        assert store.replace_graphs({EX + "g": described("y", "red")}) is False, "the same but for the label"
        assert store.replace_graphs({EX + "g": described("x", "green")}) is True
        assert store.size() == 2
        assert store.ask(f"ASK {{ <{EX}a> <{EX}has> [ <{EX}colour> 'green' ] }}")
        assert store.replace_graphs({EX + "g": [triple("a", "p", "plain")]}) is True
        assert store.graph(EX + "g") == [triple("a", "p", "plain")]

    def test_replace_of_many_triples(self, store: Store) -> None:
        many = [triple(f"s{n}", "n", ox.Literal(n)) for n in range(5000)]
        assert store.replace_graphs({EX + "g": many}) is True
        assert store.replace_graphs({EX + "g": many[:-1]}) is True
        assert store.size() == 4999

    # -- what was written is read back

    @pytest.mark.parametrize("literal", LITERALS, ids=lambda literal: ascii(literal.value)[:24])
    def test_a_literal_comes_back_as_it_was(self, store: Store, literal: ox.Literal) -> None:
        written = triple("a", "p", literal)
        store.replace_graphs({EX + "g": [written]})
        assert store.graph(EX + "g") == [written]
        assert store.select(f"SELECT ?o {{ <{EX}a> <{EX}p> ?o }}").rows == ((literal,),)
        assert store.construct("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }") == [written]
        store.replace_graphs({EX + "g": []})
        assert store.size() == 0, "what is read back can be removed"

    @pytest.mark.parametrize(
        "name", ["plain", "a%20b", "it's", "%C3%BCber", "a(b)", "über", "a#b", "a?b=c&d"]
    )
    def test_iris_come_back_as_they_were(self, store: Store, name: str) -> None:
        written = ox.Triple(node(name), node(name), node(name))
        store.replace_graphs({EX + name: [written]})
        assert store.graph(EX + name) == [written]
        assert store.graph_names() == [EX + name]

    def test_graph_names_are_sorted(self, store: Store) -> None:
        store.replace_graphs({EX + name: [triple("a", "p", "x")] for name in ("h", "z", "g", "G")})
        assert store.graph_names() == [EX + name for name in ("G", "g", "h", "z")]

    # -- closing

    def test_close_twice_is_once(self, store: Store) -> None:
        store.close()
        store.close()

    def test_a_closed_store_says_so(self, store: Store) -> None:
        store.close()
        for act in (
            lambda: store.select("SELECT * {}"),
            lambda: store.update("DROP ALL"),
            lambda: store.replace_graphs({EX + "g": [triple("a", "p", "x")]}),
            lambda: store.graph(EX + "g"),
            store.graph_names,
            store.size,
        ):
            with pytest.raises(StoreError, match="closed"):
                act()
