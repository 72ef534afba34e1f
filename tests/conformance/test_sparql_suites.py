"""W3C's SPARQL 1.1 query, update and syntax tests, over HTTP against a server."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from endpoint_suite import EndpointSuite
from sparql_runner import SparqlServer
from suite_exceptions import EXCEPTIONS, NOT_RUN
from w3c_manifest import read_suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import Served
    from w3c_manifest import SuiteTest

FOLDERS = {
    "add": 8, "aggregates": 47, "basic-update": 13, "bind": 10, "bindings": 11, "cast": 6, "clear": 4,
    "construct": 7, "copy": 6, "csv-tsv-res": 6, "delete": 19, "delete-data": 6, "delete-insert": 17,
    "delete-where": 6, "drop": 4, "exists": 6, "functions": 75, "grouping": 6, "json-res": 4, "move": 6,
    "negation": 12, "project-expression": 7, "property-path": 33, "subquery": 14, "syntax-query": 94,
    "syntax-update-1": 54, "syntax-update-2": 1, "update-silent": 13,
}  # fmt: skip
"""Tests that are run in each folder of the suite."""


@pytest.fixture(scope="module")
def tests(suite: Path) -> list[SuiteTest]:
    return read_suite(suite)


@pytest.fixture(scope="module")
def endpoint(served_empty: Served, suite: Path) -> Iterator[EndpointSuite]:
    with SparqlServer(served_empty.url, token=served_empty.token) as server:
        yield EndpointSuite(server, suite)


def folder_of(test: SuiteTest) -> str:
    return test.id.partition("/")[0]


def test_all_tests_of_the_suite_are_read(tests: list[SuiteTest]) -> None:
    assert Counter(test.kind for test in tests) == {
        "QueryEvaluationTest": 309,
        "CSVResultFormatTest": 3,
        "UpdateEvaluationTest": 94,
        "PositiveSyntaxTest11": 66,
        "NegativeSyntaxTest11": 48,
        "PositiveUpdateSyntaxTest11": 42,
        "NegativeUpdateSyntaxTest11": 13,
    }
    assert len({test.id for test in tests}) == 575
    left_out = {name: count for name, (count, _) in NOT_RUN.items()}
    assert Counter(folder_of(test) for test in tests) == {**FOLDERS, **left_out}
    assert sum(FOLDERS.values()) == 575 - 80


def test_each_exception_is_a_test_that_is_run(tests: list[SuiteTest]) -> None:
    assert set(EXCEPTIONS) <= {test.id for test in tests if folder_of(test) in FOLDERS}
    assert all(reason.strip() for reason in EXCEPTIONS.values())


def test_what_is_left_out_for_its_entailment_regime_has_one(tests: list[SuiteTest]) -> None:
    assert {folder_of(test) for test in tests if test.regimes} == {"entailment"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder(folder: str, tests: list[SuiteTest], endpoint: EndpointSuite) -> None:
    """All tests of a folder pass but the exceptions, which fail."""
    mine = [test for test in tests if folder_of(test) == folder]
    endpoint.prepare(mine)
    results = [endpoint.run_one(test) for test in mine]
    assert len(results) == FOLDERS[folder]
    wrong = {
        result.id: result.comment or "an exception passes: take it off the list"
        for result in results
        if (result.status == "pass") == (result.id in EXCEPTIONS)
    }
    assert not wrong, wrong


@pytest.mark.parametrize("folder", ["service", "syntax-fed"])
def test_service_is_refused(folder: str, tests: list[SuiteTest], suite: Path, served_empty: Served) -> None:
    """Each query of the suite with SERVICE gets a client's error that says so, and asks nobody."""
    with SparqlServer(served_empty.url, token=served_empty.token) as server:
        for test in tests:
            if folder_of(test) == folder:
                text = f"BASE <http://www.example/>\n{(suite / test.text).read_text(encoding='utf-8')}"
                answer = server.http.get(server.places.sparql, params={"query": text})
                assert answer.status_code in (400, 403), (test.id, answer.text)
                assert "SERVICE" in answer.text, (test.id, answer.text)
