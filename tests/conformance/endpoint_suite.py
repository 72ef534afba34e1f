"""Runs W3C's query, update and syntax tests against a SPARQL endpoint, over HTTP only.

Data come into named graphs by the Graph Store Protocol, each file once. A query names its dataset by the
protocol's parameters, as the endpoint's own default dataset is nothing that the suite knows. Updates work on
the endpoint's real default graph and on the graphs that the suite names; before each, all is emptied.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
from directory_client import media_type
from verdicts import Broken, judged, need
from w3c_manifest import BASE, EVALUATION, QUERY_SYNTAX, UPDATE
from w3c_results import GRAPH_FORMATS, MEDIA_TYPES, Outcome, is_ordered, read_outcome, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import httpx
    from sparql_runner import SparqlServer
    from verdicts import Result
    from w3c_manifest import GraphFiles, SuiteTest

NOTHING = "http://www.example/sparql11/no-such-graph"
"""A graph that is not there: the default graph of queries whose test names none."""
OWN_DATASET = re.compile(r"^\s*FROM\s", re.IGNORECASE | re.MULTILINE)
"""A query that names its dataset itself."""
DEFAULT = "default"
GRAPHS = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
RESULT_JSON = "application/sparql-results+json"


class EndpointSuite:
    """The suite's folder and the server that it runs against."""

    def __init__(self, server: SparqlServer, suite: Path) -> None:
        self._server, self._suite = server, suite
        self._loaded: set[str] = set()
        self._own = set(self._graphs())

    def prepare(self, tests: Iterable[SuiteTest]) -> None:
        """Brings the data of queries all at once, which is quicker than each before its query."""
        for test in tests:
            if test.kind in EVALUATION:
                self._load(test.data)

    def run_one(self, test: SuiteTest) -> Result:
        """The result of one test."""
        check: Callable[[SuiteTest], str | None]
        if test.kind in EVALUATION:
            check = self._query
        elif test.kind in UPDATE:
            check = self._update
        else:
            check = self._syntax
        return judged(test.id, partial(check, test))

    def _text(self, test: SuiteTest) -> str:
        """The query or update, whose relative IRIs are relative to its file in the suite."""
        return f"BASE <{BASE}{test.text}>\n{(self._suite / test.text).read_text(encoding='utf-8')}"

    def _post(self, kind: str, text: str, accept: str, **params: list[str]) -> httpx.Response:
        return self._server.http.post(
            self._server.places.sparql,
            params=params,
            content=text.encode(),
            headers={"content-type": f"application/sparql-{kind}", "accept": accept},
        )

    def _put(self, params: dict[str, str], file: str) -> None:
        form = GRAPH_FORMATS[MEDIA_TYPES[Path(file).suffix]]
        triples = ox.parse((self._suite / file).read_bytes(), format=form, base_iri=BASE + file)
        answer = self._server.http.put(  # N-Triples, as relative IRIs are relative to the file
            self._server.places.graph_store,
            params=params,
            content=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES),
            headers={"content-type": "application/n-triples"},
        )
        need(answer.is_success, f"PUT of {file}: {answer.status_code} {answer.text[:300]}")

    def _load(self, files: GraphFiles) -> dict[str, list[str]]:
        """Brings the files of a query's dataset into graphs; the protocol's parameters that name it."""
        for name in {*(BASE + file for file in files.default), *(name for name, _ in files.named)}:
            if name not in self._loaded:
                file = dict(files.named).get(name, name.removeprefix(BASE))
                self._put({"graph": name}, file)
                self._loaded.add(name)
        return {
            "default-graph-uri": [BASE + file for file in files.default] or [NOTHING],
            "named-graph-uri": [name for name, _ in files.named],
        }

    def _query(self, test: SuiteTest) -> str:
        text, file = self._text(test), test.result or ""
        expected_type = MEDIA_TYPES[Path(file).suffix]
        expected = read_outcome((self._suite / file).read_bytes(), expected_type, BASE + file)
        wanted = expected_type
        if expected_type in GRAPH_FORMATS and expected.variables is not None:
            wanted = RESULT_JSON
        dataset = self._load(test.data)
        answer = self._post("query", text, wanted, **({} if OWN_DATASET.search(text) else dataset))
        need(answer.status_code == 200, f"{answer.status_code} {answer.text[:300]}")
        need(media_type(answer) == wanted, f"it is {media_type(answer)}, not {wanted}")
        found = read_outcome(answer.content, wanted, BASE + file)
        ordered = is_ordered(text)
        need(same(found, expected, ordered=ordered), _difference(found, expected))
        return "in order" if ordered else ""

    def _syntax(self, test: SuiteTest) -> None:
        kind = "query" if test.kind in QUERY_SYNTAX else "update"
        dataset = {"default-graph-uri": [NOTHING]} if kind == "query" else {}
        answer = self._post(kind, self._text(test), "*/*", **dataset)
        if kind == "update":
            self._loaded |= set(self._graphs()) - self._own
        if test.kind.startswith("Positive"):
            need(answer.is_success, f"{answer.status_code} {answer.text[:300]}")
        else:
            need(answer.status_code == 400, f"{answer.status_code}, not 400")

    def _graphs(self) -> list[str]:
        """The named graphs of the endpoint that are not empty."""
        answer = self._post("query", GRAPHS, RESULT_JSON)
        need(answer.status_code == 200, f"{answer.status_code} {answer.text[:300]}")
        return [row["g"]["value"] for row in answer.json()["results"]["bindings"]]

    def _empty(self) -> None:
        """Takes away all that the suite brought; what the server had before stays."""
        self._server.http.delete(self._server.places.graph_store, params={DEFAULT: ""})
        for name in sorted(self._loaded):
            self._server.drop(name)
        self._loaded.clear()

    def _graph(self, params: dict[str, str]) -> tuple[object, ...]:
        answer = self._server.http.get(
            self._server.places.graph_store, params=params, headers={"accept": "application/n-triples"}
        )
        if answer.status_code == 404:
            return ()
        need(answer.status_code == 200, f"GET {params}: {answer.status_code} {answer.text[:300]}")
        return read_outcome(answer.content, media_type(answer), BASE).rows

    def _update(self, test: SuiteTest) -> None:
        self._empty()
        for number, file in enumerate(test.data.default):
            need(number == 0, "the default graph of an update test is one file")
            self._put({DEFAULT: ""}, file)
        for name, file in test.data.named:
            self._put({"graph": name}, file)
        self._loaded.update(name for name, _ in (*test.data.named, *(test.after or test.data).named))
        answer = self._post("update", self._text(test), "*/*")
        need(answer.is_success, f"{answer.status_code} {answer.text[:300]}")
        if test.after is None:
            raise Broken("the test says nothing of what the update leaves")
        self._compare({DEFAULT: ""}, test.after.default)
        for name, file in test.after.named:
            self._compare({"graph": name}, (file,))
        named = {name for name, file in test.after.named if self._expected((file,)).rows}
        left = set(self._graphs()) - self._own
        self._loaded |= left
        need(left == named, f"graphs are {sorted(left)}, not {sorted(named)}")

    def _expected(self, files: tuple[str, ...]) -> Outcome:
        rows = [
            row
            for file in files
            for row in read_outcome(
                (self._suite / file).read_bytes(), MEDIA_TYPES[Path(file).suffix], BASE + file
            ).rows
        ]
        return Outcome(rows=tuple(rows))

    def _compare(self, params: dict[str, str], files: tuple[str, ...]) -> None:
        found, expected = Outcome(rows=self._graph(params)), self._expected(files)  # type: ignore[arg-type]
        need(same(found, expected, ordered=False), f"{params}: {_difference(found, expected)}")


def _difference(found: Outcome, expected: Outcome) -> str:
    """What is there and what should be, in few words."""
    if found.boolean != expected.boolean or found.variables != expected.variables:
        return f"{found.boolean} {found.variables}, not {expected.boolean} {expected.variables}"
    extra = [row for row in found.rows if row not in expected.rows][:3]
    missing = [row for row in expected.rows if row not in found.rows][:3]
    return f"{len(found.rows)} rows, not {len(expected.rows)}; too many {extra}; missing {missing}"
