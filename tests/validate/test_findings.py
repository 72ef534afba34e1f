"""A validation report becomes findings in one order, whatever order its results have."""

from __future__ import annotations

import itertools

import pytest
from rdflib import Graph

from tinykg.records.finding import Finding
from tinykg.validate.findings import findings
from tinykg.validate.names import PREFIXES, short
from tinykg.vocab.tinykg import TK

PREFIX = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix tk: <https://w3id.org/tinykg#> .
@prefix model: <https://w3id.org/tinykg/model/> .
"""
BROKEN = "sh:resultSeverity sh:Violation ; sh:focusNode"
TASK = 'sh:resultPath tk:task ; sh:resultMessage "t"'
TWO = 'sh:resultMessage "two"@en, "messages"@en'
INVERSE = "sh:resultPath [ sh:inversePath tk:task ]"
RESULTS = [
    '[ sh:resultSeverity sh:Info ; sh:focusNode model:a ; sh:resultMessage "i" ]',
    '[ sh:resultSeverity sh:Warning ; sh:focusNode model:a ; sh:resultMessage "w" ]',
    f"[ {BROKEN} model:b ; {TASK} ]",
    f"[ {BROKEN} model:a ; {TASK} ; sh:value 7 ; sh:sourceShape tk:S2 ]",
    f"[ {BROKEN} model:a ; {TASK} ; sh:value 7 ; sh:sourceShape tk:S1 ]",
    f"[ {BROKEN} model:a ; {TWO} ; sh:value [] ; sh:sourceShape [] ; {INVERSE} ]",
]


def report(results: tuple[str, ...]) -> Graph:
    return Graph().parse(data=f"{PREFIX} [] a sh:ValidationReport ; sh:result {', '.join(results)} .")


def test_findings_are_ordered_by_severity_node_path_and_shape() -> None:
    found = findings(report(tuple(RESULTS)))
    assert [(f.severity, f.focus, f.path, f.message, f.value, f.shape) for f in found] == [
        ("violation", "model/a", None, "messages two", None, None),
        ("violation", "model/a", "tk:task", "t", "7", "tk:S1"),
        ("violation", "model/a", "tk:task", "t", "7", "tk:S2"),
        ("violation", "model/b", "tk:task", "t", None, None),
        ("warning", "model/a", None, "w", None, None),
        ("info", "model/a", None, "i", None, None),
    ]


def test_the_order_of_results_does_not_matter() -> None:
    expected = findings(report(tuple(RESULTS)))
    for order in itertools.islice(itertools.permutations(RESULTS), 0, 720, 60):
        assert findings(report(order)) == expected


def test_findings_that_differ_only_in_their_shape_have_an_order_too() -> None:
    shapes = [f"tk:S{n}" for n in range(8)]
    results = tuple(f"[ {BROKEN} model:a ; {TASK} ; sh:sourceShape {shape} ]" for shape in shapes)
    assert [finding.shape for finding in findings(report(results))] == shapes


def test_a_result_that_is_there_twice_is_one_finding() -> None:
    assert len(findings(report((RESULTS[0], RESULTS[0])))) == 1


def test_a_report_without_results_has_no_findings() -> None:
    assert findings(Graph()) == []


def test_a_sentence_says_where_what_and_what_to_do() -> None:
    finding = Finding(
        severity="violation", focus="model/a", path="tk:task", value="x", shape=None, message="Do y."
    )
    assert finding.sentence == "model/a tk:task: Do y. (found x)"
    bare = Finding(severity="violation", focus="model/a", path=None, value=None, shape=None, message="Do y.")
    assert bare.sentence == "model/a: Do y."


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        (TK.arenaBytes, "tk:arenaBytes"),
        ("http://purl.org/dc/terms/source", "dcterms:source"),
        ("http://www.w3.org/2000/01/rdf-schema#label", "rdfs:label"),
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "rdf:type"),
        ("https://w3id.org/tinykg/model/Hello_World", "model/Hello_World"),
        ("https://w3id.org/tinykg", "https://w3id.org/tinykg"),
        ("https://w3id.org/tinykg#", "https://w3id.org/tinykg#"),
        ("https://example.org/x", "https://example.org/x"),
        ("7", "7"),
        ("", ""),
    ],
)
def test_short_names(iri: str, name: str) -> None:
    assert short(iri) == name


def test_short_names_tell_iris_apart() -> None:
    terms = [namespace + "x" for namespace in PREFIXES.values()]
    assert len({short(term) for term in terms}) == len(terms)
