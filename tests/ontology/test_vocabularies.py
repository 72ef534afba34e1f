"""The concept schemes: whole, without cycles, and covering what the sources say."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, SKOS, Graph, Literal, Namespace, URIRef
from tflite.BuiltinOperator import BuiltinOperator

from tinykg.records.board import FigureKind
from tinykg.records.evidence import EvidenceKind
from tinykg.records.model_file import ELEMENT_BITS

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://w3id.org/tinykg/"
TK = Namespace("https://w3id.org/tinykg#")
SCHEMES = {
    "task": 25, "property": 50, "sensor-kind": 45, "operator": 220, "element-type": 23, "core": 72, "abi": 4,
    "system": 3, "memory-kind": 8, "figure-kind": 7, "metric": 22, "evidence": 4, "job-state": 5,
}  # fmt: skip
"""At least so many concepts each."""


def slugs(graph: Graph, scheme: str) -> set[str]:
    return {str(c).rsplit("/", 1)[-1] for c in graph.subjects(SKOS.inScheme, URIRef(BASE + scheme))}


def broader(graph: Graph, concept: URIRef) -> set[URIRef]:
    """A concept and all that are broader."""
    return {c for c in graph.transitive_objects(concept, SKOS.broader) if isinstance(c, URIRef)}


def concepts(graph: Graph) -> list[URIRef]:
    return sorted(c for c in graph.subjects(RDF.type, SKOS.Concept) if isinstance(c, URIRef))


@pytest.mark.parametrize(("scheme", "least"), SCHEMES.items())
def test_a_scheme_is_declared_and_has_its_concepts(vocabularies: Graph, scheme: str, least: int) -> None:
    assert (URIRef(BASE + scheme), RDF.type, SKOS.ConceptScheme) in vocabularies
    assert len(slugs(vocabularies, scheme)) >= least


def test_every_concept_is_labelled_and_lies_in_the_scheme_of_its_iri(vocabularies: Graph) -> None:
    schemes = set(vocabularies.subjects(RDF.type, SKOS.ConceptScheme))
    assert {str(scheme).removeprefix(BASE) for scheme in schemes} == set(SCHEMES)
    for concept in concepts(vocabularies):
        scheme = URIRef(str(concept).rsplit("/", 1)[0])
        assert list(vocabularies.objects(concept, SKOS.inScheme)) == [scheme], concept
        labels = [o for o in vocabularies.objects(concept, SKOS.prefLabel) if isinstance(o, Literal)]
        assert [label.language for label in labels] == ["en"], concept


def test_slugs_are_lower_case_except_those_of_operators(vocabularies: Graph) -> None:
    for scheme in set(SCHEMES) - {"operator"}:
        for slug in slugs(vocabularies, scheme):
            assert re.fullmatch(r"[a-z0-9]+([-._][a-z0-9]+)*", slug), slug


def test_labels_are_unique_within_a_scheme(vocabularies: Graph) -> None:
    for scheme in SCHEMES:
        members = vocabularies.subjects(SKOS.inScheme, URIRef(BASE + scheme))
        labels = [str(vocabularies.value(c, SKOS.prefLabel)) for c in members]
        assert len(labels) == len(set(labels)), scheme


def test_broader_concepts_exist_in_the_same_scheme_and_never_lead_back(vocabularies: Graph) -> None:
    for narrow, wide in vocabularies.subject_objects(SKOS.broader):
        assert list(vocabularies.objects(narrow, SKOS.inScheme)) == list(
            vocabularies.objects(wide, SKOS.inScheme)
        )
        assert isinstance(narrow, URIRef)
        assert isinstance(wide, URIRef)
        assert narrow not in broader(vocabularies, wide), narrow


def test_every_reference_to_a_concept_exists(vocabularies: Graph) -> None:
    known = set(concepts(vocabularies))
    for property_ in (TK.observesProperty, TK.abi):
        for concept in vocabularies.objects(None, property_):
            assert concept in known, concept


def test_operators_are_those_of_the_schema(vocabularies: Graph) -> None:
    schema = {name: code for name, code in vars(BuiltinOperator).items() if name.isupper()}
    assert len(schema) == 209
    by_code = {
        str(c).rsplit("/", 1)[-1]: int(str(notation))
        for c, notation in vocabularies.subject_objects(SKOS.notation)
        if str(c).startswith(f"{BASE}operator/")
    }
    assert by_code == schema


def test_custom_operators_are_narrower_than_custom(vocabularies: Graph) -> None:
    custom = set(vocabularies.subjects(SKOS.broader, URIRef(f"{BASE}operator/CUSTOM")))
    builtin = {name for name in vars(BuiltinOperator) if name.isupper()}
    assert {str(c).rsplit("/", 1)[-1] for c in custom} == slugs(vocabularies, "operator") - builtin


def test_element_types_are_those_of_model_files(vocabularies: Graph) -> None:
    assert slugs(vocabularies, "element-type") == set(ELEMENT_BITS)
    for name, bits in ELEMENT_BITS.items():
        notation = vocabularies.value(URIRef(f"{BASE}element-type/{name}"), SKOS.notation)
        assert (int(str(notation)) if notation is not None else 0) == bits, name


def test_evidence_kinds_are_those_of_records(vocabularies: Graph) -> None:
    assert slugs(vocabularies, "evidence") == {kind.value for kind in EvidenceKind}


def test_figure_kinds_are_those_of_records(vocabularies: Graph) -> None:
    assert slugs(vocabularies, "figure-kind") == {kind.value for kind in FigureKind}
    for kind in FigureKind:
        definition = vocabularies.value(URIRef(f"{BASE}figure-kind/{kind.value}"), SKOS.definition)
        assert str(definition).endswith("."), kind


def test_a_kind_of_sensor_observes_something_unless_it_is_a_group_a_port_or_no_sensor(
    vocabularies: Graph,
) -> None:
    blind = {
        kind.rsplit("/", 1)[-1]
        for kind in map(str, vocabularies.subjects(SKOS.inScheme, URIRef(f"{BASE}sensor-kind")))
        if not any(
            (wide, TK.observesProperty, None) in vocabularies for wide in broader(vocabularies, URIRef(kind))
        )
    }
    assert blind == {
        "motion-sensor", "acoustic-sensor", "optical-sensor", "environmental-sensor", "biometric-sensor",
        "electrical-sensor", "interface", "camera-interface", "microphone-interface", "audio-codec",
        "not-a-sensor", "actuator",
    }  # fmt: skip


def test_an_inertial_unit_observes_motion_along_two_lines(vocabularies: Graph) -> None:
    kinds = broader(vocabularies, URIRef(f"{BASE}sensor-kind/imu"))
    observed = {
        str(p).rsplit("/", 1)[-1] for kind in kinds for p in vocabularies.objects(kind, TK.observesProperty)
    }
    assert observed == {"acceleration", "angular-velocity"}


def test_a_thermal_imager_does_not_observe_images(vocabularies: Graph) -> None:
    infrared = broader(vocabularies, URIRef(f"{BASE}property/infrared-image"))
    assert URIRef(f"{BASE}property/image") not in infrared


def test_every_core_has_an_abi_unless_its_compilers_differ(vocabularies: Graph) -> None:
    members = map(str, vocabularies.subjects(SKOS.inScheme, URIRef(f"{BASE}core")))
    without = {core for core in members if vocabularies.value(URIRef(core), TK.abi) is None}
    assert {core.rsplit("/", 1)[-1] for core in without} == {
        "arm", "arm-a-profile", "armv8-a", "riscv", "arc", "arc-em9d", "rx", "rxv2", "rxv3", "c2000", "c28x",
        "cla", "shave", "msp430", "mcs51", "stm8", "nios2", "x86",
    }  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_kinds_of_sensor_cover_the_boards_and_the_devicetrees(vocabularies: Graph, test_data: Path) -> None:
    boards = rows(test_data / "boards" / "curated.csv")
    kinds = {entry.split(":")[0] for row in boards for entry in row["sensors"].split(";") if entry}
    for name, column in (("zephyr_sensor_kinds.csv", "kinds"), ("riot_board_sensors.csv", "kinds"),
                         ("zephyr_board_sensors.csv", "kinds")):  # fmt: skip
        kinds |= {
            kind for row in rows(test_data / "boards" / name) for kind in row[column].split(";") if kind
        }
    assert len(kinds) > 30
    assert kinds - slugs(vocabularies, "sensor-kind") == set()


CORES = {
    "ARC EM9D DSP": ["arc-em9d"],
    "AVR": ["avr"],
    "C28x DSP + CLA": ["c28x", "cla"],
    "Cortex-A53": ["cortex-a53"],
    "Cortex-A53 (+Cortex-M4F)": ["cortex-a53", "cortex-m4f"],
    "Cortex-A57": ["cortex-a57"],
    "Cortex-A72": ["cortex-a72"],
    "Cortex-M0+": ["cortex-m0plus"],
    "Cortex-M33": ["cortex-m33"],
    "Cortex-M33 or Hazard3 RV32IMAC": ["cortex-m33", "hazard3"],
    "Cortex-M4F": ["cortex-m4f"],
    "Cortex-M4F+Cortex-M0+": ["cortex-m4f", "cortex-m0plus"],
    "Cortex-M4F+RV32": ["cortex-m4f", "rv32"],
    "Cortex-M55": ["cortex-m55"],
    "Cortex-M55 (HP)+Cortex-M55 (HE)+2x Cortex-A32": ["cortex-m55", "cortex-a32"],
    "Cortex-M7": ["cortex-m7"],
    "Cortex-M7+Cortex-M4": ["cortex-m7", "cortex-m4"],
    "Cortex-M85": ["cortex-m85"],
    "RV32IMC": ["rv32imc"],
    "RV32IMC+Xpulp (1+8)": ["rv32imc-xpulp"],
    "RV32IMC+Xpulp (1+9)": ["rv32imc-xpulp"],
    "RV64GC": ["rv64gc"],
    "RXv2": ["rxv2"],
    "SHAVE VLIW": ["shave"],
    "Xtensa LX6": ["xtensa-lx6"],
    "Xtensa LX7": ["xtensa-lx7"],
}
"""The cores as the list of boards writes them."""


def test_cores_cover_the_boards(vocabularies: Graph, test_data: Path) -> None:
    written = {row["core"] for row in rows(test_data / "boards" / "curated.csv") if row["core"]}
    assert written == set(CORES)
    assert {slug for found in CORES.values() for slug in found} - slugs(vocabularies, "core") == set()
