"""W3C's Protocol, Graph Store Protocol and Service Description tests, against a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sparql_runner
from sparql_runner import SERVICE_DESCRIPTION, SparqlServer
from verdicts import judged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import Served

COUNTS = {sparql_runner.PROTOCOL: 34, sparql_runner.DIRECT: 4, sparql_runner.INDIRECT: 9}

PROTOCOL_IDS = (
    "query_post_form", "query_dataset_default_graphs_get", "query_dataset_default_graphs_post",
    "query_dataset_named_graphs_post", "query_dataset_named_graphs_get", "query_dataset_full",
    "query_multiple_dataset", "query_get", "query_content_type_select", "query_content_type_ask",
    "query_content_type_describe", "query_content_type_construct", "update_dataset_default_graph",
    "update_dataset_default_graphs", "update_dataset_named_graphs", "update_dataset_full", "update_post_form",
    "update_post_direct", "update_base_uri", "query_post_direct", "bad_query_method", "bad_multiple_queries",
    "bad_query_wrong_media_type", "bad_query_missing_form_type", "bad_query_missing_direct_type",
    "bad_query_non_utf8", "bad_query_syntax", "bad_update_get", "bad_multiple_updates",
    "bad_update_wrong_media_type", "bad_update_missing_form_type", "bad_update_non_utf8", "bad_update_syntax",
    "bad_update_dataset_conflict",
)  # fmt: skip
GRAPH_STORE_IDS = (
    "put_get_repeat_direct", "put_delete_get_delete_direct", "post_get_post_get_direct",
    "head_existing_direct",
    "put_get_repeat_indirect", "put_get_default", "put_delete_get_delete_indirect",
    "post_get_post_get_indirect", "post_get_new_graph", "head_existing_indirect",
    "head_non_existing_indirect",
    "put_get_uri_pct_encoded_indirect", "put_get_uri_pct_encoded_twice",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(served_empty: Served) -> Iterator[SparqlServer]:
    with SparqlServer(served_empty.url, token=served_empty.token) as client:
        yield client


@pytest.mark.parametrize(("manifest", "count"), COUNTS.items(), ids=COUNTS)
def test_all_tests_are_read(manifest: str, count: int, suite: Path) -> None:
    assert len(sparql_runner.http_tests(suite, manifest)) == count


def test_the_ids_here_are_those_of_the_suite(suite: Path) -> None:
    assert [t.id for t in sparql_runner.http_tests(suite, sparql_runner.PROTOCOL)] == list(PROTOCOL_IDS)
    found = sparql_runner.http_tests(suite, sparql_runner.DIRECT, sparql_runner.INDIRECT)
    assert [test.id for test in found] == list(GRAPH_STORE_IDS)
    assert len(PROTOCOL_IDS) == 34
    assert len(GRAPH_STORE_IDS) == 13


@pytest.mark.parametrize("name", PROTOCOL_IDS)
def test_protocol(name: str, server: SparqlServer, suite: Path) -> None:
    (test,) = (test for test in sparql_runner.http_tests(suite, sparql_runner.PROTOCOL) if test.id == name)
    result = sparql_runner.run_one(server, test)
    assert result.status == "pass", result.comment


@pytest.mark.parametrize("name", GRAPH_STORE_IDS)
def test_graph_store(name: str, server: SparqlServer, suite: Path) -> None:
    tests = sparql_runner.http_tests(suite, sparql_runner.DIRECT, sparql_runner.INDIRECT)
    (test,) = (test for test in tests if test.id == name)
    result = sparql_runner.run_one(server, test)
    assert result.status == "pass", result.comment


@pytest.mark.parametrize("name", SERVICE_DESCRIPTION)
def test_service_description(name: str, server: SparqlServer) -> None:
    result = judged(name, lambda: SERVICE_DESCRIPTION[name](server))
    assert result.status == "pass", result.comment


def test_the_service_description_tests_are_the_three_of_the_suite(suite: Path) -> None:
    text = (suite / "service-description" / "manifest.ttl").read_text(encoding="utf-8")
    assert text.count("mf:ServiceDescriptionTest") == len(SERVICE_DESCRIPTION) == 3
    assert all(f":{name} " in text for name in SERVICE_DESCRIPTION)
