"""JSONPath and XPath over all Things."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from elementpath.xpath31 import XPath31Parser
from hypothesis import given, settings
from hypothesis import strategies as st
from lamps import DISCOVERY, lamp, sent

from tinykg.catalogue.held import HeldRegistry
from tinykg.directory.directory import Directory
from tinykg.directory.json_tree import JsonTree, xml_name
from tinykg.directory.live import LiveDocuments
from tinykg.directory.xpath import selected
from tinykg.endpoint.pool import Pool
from tinykg.errors import QuerySyntaxError, QueryTooBig
from tinykg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Clock


THINGS: list[dict[str, Any]] = [
    {"tag": "T", "nothing": None},
    {"tag": "T", "level": 5},
    {"security": "nosec_sc", "tag": "U"},
]


@pytest.fixture
def filled(directory: Directory) -> Directory:
    """A directory of a test's own, with three Things."""
    for n, members in enumerate(THINGS):
        directory.put([f"urn:{n}"], sent(lamp(f"urn:{n}", **members)))
    return directory


@pytest.fixture(scope="module")
def searched() -> Iterator[Directory]:
    """The same for all tests that only search."""
    with HeldRegistry.hold(Settings(registry="memory:"), empty=True) as held, Pool(held, workers=1) as pool:
        directory = Directory(held, pool)
        for n, members in enumerate(THINGS):
            directory.put([f"urn:{n}"], sent(lamp(f"urn:{n}", **members)))
        yield directory
        directory.close()


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
def test_jsonpath_selects_from_the_array_of_all(searched: Directory, query: str, expected: object) -> None:
    assert json.loads(searched.search_jsonpath(query)) == expected


def test_a_search_gives_whole_enriched_things(searched: Directory) -> None:
    by_path = json.loads(searched.search_jsonpath("$[?(@.tag=='T')]"))
    assert by_path == json.loads(searched.search_xpath("*[tag='T']"))
    assert by_path == [searched.get(f"urn:{n}").document() for n in (0, 1)]


@pytest.mark.parametrize(
    "query",
    [
        "*/id", "$[", "", "$[?(", "$.." + "[" * 500, "$[?match(@.id, '(')]]", "$[?@.level<1e400]", "$[01]",
        "$[-0]", "$ ", "$[9007199254740992]", "$['\\ud800']", "$[?count(1)]", "$[?length(@.*)>1]",
        "$[?true]", "$[*]" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_jsonpath_is_a_syntax_error(searched: Directory, query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        searched.search_jsonpath(query)


@pytest.mark.parametrize(
    ("query", "selected"),
    [  # RFC 9535: 2.3.5 (comparisons, existence), 2.4 (functions), 2.3.4 (slices), 2.5 (descendants)
        ("@.level==5.0", [1]),
        ("@.level>=5 && !(@.level>5)", [1]),
        ("@.absent==@.missing", [0, 1, 2]),
        ("@.absent!=1", [0, 1, 2]),
        ("@.absent", []),
        ("@.nothing", [0]),
        ("@.nothing==null", [0]),
        ("@.level==true", []),
        ("@.tag<'U'", [0, 1]),
        ("@.tag<=1", []),
        ("length(@.tag)==1 && length(@.security)==1", [0, 1]),
        ("length(@.level)==1", []),
        ("count(@..scheme)==1", [0, 1, 2]),
        ("value(@..level)==5", [1]),
        ("match(@.id,'urn:[01]')", [0, 1]),
        ("match(@.id,'urn')", []),
        ("search(@.id,'n:[^0]')", [1, 2]),
        ("match(@.id,'(')", []),
        ("match(@.level,'5')", []),
        ("@.security==$[2].security", [2]),
        ("@['@context'][1]=='https://www.w3.org/2022/wot/discovery'", [0, 1, 2]),
    ],
)
def test_jsonpath_filters_as_rfc_9535_says(searched: Directory, query: str, selected: list[int]) -> None:
    assert json.loads(searched.search_jsonpath(f"$[?{query}].id")) == [f"urn:{n}" for n in selected]


def test_an_error_tells_no_query_of_any_length(searched: Directory) -> None:
    for search in (searched.search_jsonpath, searched.search_xpath):
        with pytest.raises(QuerySyntaxError) as caught:
            search("(" * 2500)
        assert len(str(caught.value)) < 1000


def test_elements_that_an_expression_makes_come_back_as_xml(searched: Directory) -> None:
    (whole,) = json.loads(searched.search_xpath("json-to-xml('{\"a\": 1}')"))
    (inner,) = json.loads(searched.search_xpath("json-to-xml('{\"a\": 1}')/*/*"))
    assert "<" in whole
    assert inner in whole or "1</" in inner
    assert "object at" not in whole


ITEMS = [
    "()", "1", "-1.5", "1e308", "'a'", "''", "'(a'", "*", "//level", "//@*", "map{'a': 1}", "[1, (2, 3)]",
    "true()", "xs:date('2020-01-01')", "abs#1", "function($x) { $x }", "1 to 3", "10000000000",
    "xs:double('NaN')", "analyze-string('abc', 'b')", "xs:QName('xs:a')",
]  # fmt: skip
FUNCTIONS = [
    "string", "number", "data", "sum", "avg", "tokenize", "substring", "math:pow", "math:exp", "path",
    "serialize", "parse-json", "xml-to-json", "map:keys", "array:flatten", "fold-left", "sort",
    "format-number", "format-date", "codepoints-to-string", "distinct-values",
]  # fmt: skip
OPERATORS = ["+", "idiv", "=", "lt", "||", "!", "union", "except"]
EXPRESSIONS = st.recursive(
    st.sampled_from(ITEMS),
    lambda inner: st.one_of(
        st.builds("{}({})".format, st.sampled_from(FUNCTIONS), st.lists(inner, max_size=3).map(", ".join)),
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("({})[{}]".format, inner, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS)
def test_any_expression_has_a_result_in_json_or_is_refused(expression: str) -> None:
    things = [lamp("urn:1", level=5), lamp("urn:2", level=[1, {"a": None}])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = selected(expression, things, 1 << 20)
        except (QuerySyntaxError, QueryTooBig):
            return
    assert isinstance(json.loads(found), list)
    assert b"object at 0x" not in found


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
        ("map{'a': 1, 2: (1, [3, ()])}", [{"a": 1, "2": [1, [3, []]]}]),
        ("map{}?a", []),
        ("[1, map{'t': *[1]/tag}]", [1, {"t": ["T"]}]),
        ("map{'n': //@name[. = '@context'][1] => distinct-values()}", [{"n": ["@context"]}]),
        ("array{//@name[. = '@context']}?1", ["@context"]),
        ("json-to-xml('[1]')//*[not(*)]/text()", ["1"]),
    ],
)
def test_xpath_selects_from_the_tree_of_all(searched: Directory, query: str, expected: object) -> None:
    assert json.loads(searched.search_xpath(query)) == expected


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
        "math:pow(10, 1000000)",
        "(abs#1 except *)",
        "let $f := function($f) { $f($f) } return $f($f)",
        "(" * 2000,
    ],
)
def test_what_is_no_xpath_or_leaves_the_document_is_a_syntax_error(searched: Directory, query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        searched.search_xpath(query)


def test_a_function_that_reads_files_cannot_be_looked_up_either(searched: Directory) -> None:
    query = "exists(function-lookup(QName('http://www.w3.org/2005/xpath-functions', 'unparsed-text'), 1))"
    assert json.loads(searched.search_xpath(query)) == [False]


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
