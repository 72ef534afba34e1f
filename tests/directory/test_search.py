"""JSONPath and XPath over all Things."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from elementpath.xpath31 import XPath31Parser
from hypothesis import given
from hypothesis import strategies as st
from lamps import DISCOVERY, lamp, sent

from tinykg.directory.json_tree import JsonTree, xml_name
from tinykg.directory.live import LiveDocuments
from tinykg.errors import QuerySyntaxError, QueryTooBig

if TYPE_CHECKING:
    from conftest import Clock

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.directory.directory import Directory


@pytest.fixture
def filled(directory: Directory) -> Directory:
    things: list[dict[str, Any]] = [
        {"tag": "T"},
        {"tag": "T", "level": 5},
        {"security": "nosec_sc", "tag": "U"},
    ]
    for n, members in enumerate(things):
        directory.put([f"urn:{n}"], sent(lamp(f"urn:{n}", **members)))
    return directory


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("$[?(@.tag=='T')].id", ["urn:0", "urn:1"]),
        ("$[?@.tag=='T'].level", [5]),
        ("$..scheme", ["nosec"] * 3),
        ("$[0]['@context'][1]", [DISCOVERY]),
        ("$[?@.id=='nobody']", []),
        ("$[:].id", ["urn:0", "urn:1", "urn:2"]),
    ],
)
def test_jsonpath_selects_from_the_array_of_all(filled: Directory, query: str, expected: object) -> None:
    assert json.loads(filled.search_jsonpath(query)) == expected


def test_a_search_gives_whole_enriched_things(filled: Directory) -> None:
    by_path = json.loads(filled.search_jsonpath("$[?(@.tag=='T')]"))
    assert by_path == json.loads(filled.search_xpath("*[tag='T']"))
    assert by_path == [filled.get(f"urn:{n}").document() for n in (0, 1)]


@pytest.mark.parametrize("query", ["*/id", "$[", "", "$[?(", "$.." + "[" * 500, "$[?match(@.id, '(')]]"])
def test_what_is_no_jsonpath_is_a_syntax_error(filled: Directory, query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        filled.search_jsonpath(query)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("*[tag='T']/id", ["urn:0", "urn:1"]),
        ("/things/thing[level>4]/id/text()", ["urn:1"]),
        ("count(*)", [3]),
        ("*[security='nosec_sc']/id", ["urn:0", "urn:1", "urn:2"]),
        ("//scheme", ["nosec"] * 3),
        ("*[1]/_x0040_context", ["https://www.w3.org/2022/wot/td/v1.1", DISCOVERY]),
        ("*[1]/*[@name='@context'][2]", [DISCOVERY]),
        ("for $t in * return string-length($t/title)", [4, 4, 4]),
        ("*/level * 0.5", [2.5]),
        ("exists(*[tag='V'])", [False]),
        ("distinct-values(*/tag)", ["T", "U"]),
        ("1e0 div 0", ["INF"]),
    ],
)
def test_xpath_selects_from_the_tree_of_all(filled: Directory, query: str, expected: object) -> None:
    assert json.loads(filled.search_xpath(query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        "$[:].id",
        "",
        "*[",
        "1 div 0",
        "nobody()",
        "doc('file:///etc/hostname')",
        "unparsed-text('/etc/hostname')",
        "json-doc('http://localhost/')",
        "environment-variable('HOME')",
        "parse-xml('<a/>')",
        "collection()",
        "'/etc/hostname' => unparsed-text()",
        "unparsed-text#1('/etc/hostname')",
        "(" * 2000,
    ],
)
def test_what_is_no_xpath_or_leaves_the_document_is_a_syntax_error(filled: Directory, query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        filled.search_xpath(query)


def test_a_function_that_reads_files_cannot_be_looked_up_either(filled: Directory) -> None:
    query = "exists(function-lookup(QName('http://www.w3.org/2005/xpath-functions', 'unparsed-text'), 1))"
    assert json.loads(filled.search_xpath(query)) == [False]


def test_a_search_sees_what_was_written_before_it(filled: Directory, clock: Clock) -> None:
    for title in ("A", "B"):
        filled.patch("urn:0", sent({"title": title, "registration": {"ttl": 5}}))
        assert json.loads(filled.search_jsonpath("$[0].title")) == [title]
    filled.delete("urn:1")
    assert json.loads(filled.search_xpath("*/id")) == ["urn:0", "urn:2"]
    clock.move(5)
    assert json.loads(filled.search_jsonpath("$[*].id")) == ["urn:2"]


@pytest.mark.parametrize("kept_bytes", [0, 1 << 20])
def test_what_is_kept_between_searches_changes_no_answer(
    filled: Directory, held: HeldRegistry, clock: Clock, kept_bytes: int
) -> None:
    documents = LiveDocuments(kept_bytes)
    for title in ("A", "B"):
        filled.patch("urn:1", sent({"title": title}))
        with held.reading() as store:
            assert documents.read(store, clock()) == [filled.get(f"urn:{n}").document() for n in range(3)]
    assert bool(documents._known) == bool(kept_bytes)


def test_a_result_is_bounded(filled: Directory) -> None:
    from tinykg.directory.jsonpath import jsonpath_matches
    from tinykg.directory.xpath import xpath_matches

    with filled._held.reading() as store:
        assert len(jsonpath_matches(store, "$[*].id", filled.now(), 100)) < 100
        for matches, query in ((jsonpath_matches, "$..*"), (xpath_matches, "//*")):
            with pytest.raises(QueryTooBig):
                matches(store, query, filled.now(), 100)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@given(NAMES, NAMES)
def test_names_of_elements_can_be_written_in_xpath_and_tell_members_apart(one: str, other: str) -> None:
    expression = XPath31Parser().parse(f"things/{xml_name(one)}")
    assert one == "" or expression.source.endswith(xml_name(one))
    assert (xml_name(one) == xml_name(other)) == (one == other) or "" in (one, other)


@given(
    st.dictionaries(NAMES, st.integers() | st.lists(st.integers() | NAMES, max_size=3) | NAMES, max_size=4)
)
def test_each_element_stands_for_its_value(thing: dict[str, Any]) -> None:
    tree = JsonTree([thing])
    (element,) = tree.root
    assert tree.value(element) == thing
    items = [item for value in thing.values() for item in (value if isinstance(value, list) else [value])]
    assert [tree.value(child) for child in element] == items


def test_arrays_in_arrays_have_items() -> None:
    tree = JsonTree([{"matrix": [[1, 2], [3]], "none": None, "yes": True, "empty": []}])
    (thing,) = tree.root
    assert [[cell.text for cell in row] for row in thing.findall("matrix")] == [["1", "2"], ["3"]]
    assert {child.tag for row in thing.findall("matrix") for child in row} == {"item"}
    assert [thing.findtext(name) for name in ("none", "yes", "empty")] == ["", "true", None]
