"""The gate names every fault of a record so that a person can act, and lets what is sound pass."""

from __future__ import annotations

import logging
from dataclasses import replace

import pyoxigraph as ox
import pytest

from tinykg.errors import InputError, ShapeViolation
from tinykg.graph.encode_device import encode_device_type
from tinykg.graph.encode_model import encode_model
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Evaluation, Model, SensorRequirement
from tinykg.validate.gate import check, validate
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import XSD

DECLARED = Evidence(kind=EvidenceKind.DECLARED, source="a test")
BOARD = DeviceType(
    slug="my-board",
    name="My board",
    vendor=None,
    evidence=DECLARED,
    system="bare-metal",
    processors=(Processor(part=None, core="cortex-m4f"),),
    memories=(Memory(kind="sram", total_bytes=1024, source="a test"),),
    sensors=(Sensor(kind="microphone"),),
)
NODE = ox.NamedNode("https://w3id.org/tinykg/device-type/my-board")


def test_a_sound_record_passes() -> None:
    assert validate(encode_device_type(BOARD)) == []
    check(encode_device_type(BOARD), "my-board.toml")


def test_nothing_breaks_no_rule() -> None:
    assert validate([]) == []


@pytest.mark.parametrize(
    ("board", "slug", "advice"),
    [
        (replace(BOARD, system="baremetal"), "system/baremetal", "with bare-metal, linux or none"),
        (
            replace(BOARD, processors=(Processor(part=None, core="cortex-m4g"),)),
            "core/cortex-m4g",
            "ontology/vocabularies/cores.ttl",
        ),
        (
            replace(BOARD, memories=(Memory(kind="sramm", total_bytes=1, source="x"),)),
            "memory-kind/sramm",
            "memory-kind/",
        ),
        (
            replace(BOARD, sensors=(Sensor(kind="mikrophone"),)),
            "sensor-kind/mikrophone",
            "ontology/vocabularies/sensor-kinds.ttl",
        ),
    ],
)
def test_a_misspelt_slug_is_named_with_what_to_do(board: DeviceType, slug: str, advice: str) -> None:
    with pytest.raises(ShapeViolation) as caught:
        check(encode_device_type(board), "my-board.toml")
    (finding,) = caught.value.findings
    assert finding.value == slug
    assert finding.severity == "violation"
    assert advice in finding.message
    text = str(caught.value)
    assert text.startswith("my-board.toml: breaks 1 rule(s); nothing was written.\n  device-type/my-board")
    assert f"(found {slug})" in text


def test_a_concept_of_another_scheme_is_no_concept_of_this_one() -> None:
    board = encode_device_type(replace(BOARD, system=None))
    wrong = ox.Triple(
        NODE, ox.NamedNode(TK.runsSystem), ox.NamedNode("https://w3id.org/tinykg/core/cortex-m4f")
    )
    (finding,) = validate([*board, wrong])
    assert (finding.path, finding.value) == ("tk:runsSystem", "core/cortex-m4f")


def test_all_faults_are_named_at_once_in_a_stable_order() -> None:
    model = Model(
        name="m",
        evidence=DECLARED,
        file_sha256="0" * 64,
        task="no-such-task",
        source_address="nowhere",
        evaluations=(Evaluation(metric="no-such-metric", value=0.5, evidence=DECLARED),),
        sensors=(SensorRequirement(observes="no-such-property"),),
    )
    found = validate(encode_model(model))
    assert [(finding.focus, finding.path) for finding in found] == [
        ("model/m", "dcterms:source"),
        ("model/m", "tk:task"),
        ("model/m/evaluation/0", "tk:metric"),
        ("model/m/sensor-requirement/0", "sosa:observes"),
    ]
    assert validate(reversed(encode_model(model))) == found


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        ("NaN", "double"),
        ("NaN", "float"),
        ("NaN", "decimal"),
        ("many", "integer"),
        ("1e", "double"),
        ("perhaps", "boolean"),
        ("2021-02-31", "date"),
        ("", "integer"),
    ],
)
def test_a_value_that_its_datatype_does_not_have_is_a_finding(
    text: str, datatype: str, caplog: pytest.LogCaptureFixture
) -> None:
    board = [t for t in encode_device_type(BOARD) if t.predicate.value != TK.totalBytes]
    memory = ox.NamedNode(NODE.value + "/memory/0")
    for predicate in (TK.totalBytes, TK.freeBytes, TK.contiguousBytes):  # which are compared with each other
        value = ox.Literal(text, datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{datatype}"))
        board.append(ox.Triple(memory, ox.NamedNode(predicate), value))
    with caplog.at_level(logging.DEBUG):
        found = validate(board)
    stated = {(finding.path, finding.value) for finding in found if finding.severity == "violation"}
    assert {("tk:totalBytes", text), ("tk:freeBytes", text), ("tk:contiguousBytes", text)} <= stated
    assert not caplog.records, "what rdflib remarks is in the findings"


def test_a_blank_node_in_the_place_of_a_figure_is_a_finding() -> None:
    memory = ox.NamedNode(NODE.value + "/memory/0")
    found = validate(
        [*encode_device_type(BOARD), ox.Triple(memory, ox.NamedNode(TK.freeBytes), ox.BlankNode())]
    )
    assert [finding.severity for finding in found] == ["violation"]
    assert "BlankNode" in found[0].message


def test_a_quoted_triple_is_a_typed_error() -> None:
    quoted = ox.Triple(NODE, ox.NamedNode(TK.part), ox.Literal("x"))
    with pytest.raises(InputError, match=r"RDF 1\.1"):
        validate([ox.Triple(NODE, ox.NamedNode(TK.part), quoted)])


def test_a_plain_text_and_a_typed_text_are_one() -> None:
    text = ox.Literal("x", datatype=ox.NamedNode(XSD.string))
    assert validate([*encode_device_type(BOARD), ox.Triple(NODE, ox.NamedNode(TK.platformioId), text)]) == []
