"""Every term is defined once, typed once, documented, used, and known to Python."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, VANN, XSD, Graph, Literal, Namespace, URIRef

from tinykg.vocab.tinykg import NS, TK, VERSION

ROOT = Path(__file__).resolve().parent.parent.parent
ONTOLOGY = URIRef("https://w3id.org/tinykg")
TERMS = Namespace(NS)
KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
RDF_JSON_OR_LIST = {
    "arguments", "breakdown", "changeContent", "customOptions", "inputs", "intermediates", "offlinePlan",
    "environment", "options", "outputs", "quantization", "runnerOptions", "shape",
    "thingDescription", "thingModel",
}  # fmt: skip


def names(graph: Graph, kind: URIRef | None = None) -> list[str]:
    """The local names of TinyKG's terms, of one kind or of all."""
    found = graph.subjects(RDF.type, kind)
    return sorted({str(s).removeprefix(NS) for s in found if str(s).startswith(NS)})


def python_names() -> list[str]:
    return sorted(name for name in vars(type(TK)) if not name.startswith("_"))


def test_the_header_names_title_licence_version_creators_and_prefix(core: Graph) -> None:
    assert (ONTOLOGY, RDF.type, OWL.Ontology) in core
    assert (ONTOLOGY, DCTERMS.title, Literal("TinyKG ontology", lang="en")) in core
    assert (ONTOLOGY, DCTERMS.creator, Literal("TinyKG contributors")) in core
    assert isinstance(core.value(ONTOLOGY, DCTERMS.license), URIRef)
    assert core.value(ONTOLOGY, OWL.versionIRI) == URIRef(f"https://w3id.org/tinykg/{VERSION}")
    assert str(core.value(ONTOLOGY, OWL.versionInfo)) == VERSION
    assert str(core.value(ONTOLOGY, VANN.preferredNamespacePrefix)) == "tk"
    assert str(core.value(ONTOLOGY, VANN.preferredNamespaceUri)) == NS


def test_every_term_has_one_kind_a_label_a_definition_and_its_ontology(core: Graph) -> None:
    found = names(core)
    assert len(found) > 150
    for name in found:
        term = TERMS[name]
        assert len(set(core.objects(term, RDF.type)) & KINDS) == 1, name
        assert len(list(core.objects(term, RDF.type))) == 1, name
        for property_ in (RDFS.label, SKOS.definition):
            texts = [text for text in core.objects(term, property_) if isinstance(text, Literal)]
            assert [text.language for text in texts] == ["en"], (name, property_)
        assert str(core.value(term, SKOS.definition)).endswith("."), name
        assert core.value(term, RDFS.isDefinedBy) == ONTOLOGY, name


def test_classes_are_written_with_a_capital_and_properties_without(core: Graph) -> None:
    classes = set(names(core, OWL.Class))
    for name in names(core):
        assert name[0].isupper() == (name in classes), name


def test_labels_are_unique(core: Graph) -> None:
    labels = [str(core.value(TERMS[name], RDFS.label)) for name in names(core) if name[0].islower()]
    assert sorted(labels) == sorted(set(labels))


def test_a_datatype_property_has_an_xsd_range_unless_its_values_are_json(core: Graph) -> None:
    allowed = {XSD.string, XSD.integer, XSD.double, XSD.boolean, XSD.dateTime, None}
    for name in names(core, OWL.DatatypeProperty):
        found = core.value(TERMS[name], RDFS.range)
        assert found in allowed, name
        assert (found is None) == (name in RDF_JSON_OR_LIST), name


def test_domains_and_ranges_are_declared_classes(core: Graph, external: Graph) -> None:
    classes = set(core.subjects(RDF.type, OWL.Class)) | set(external.subjects(RDF.type, OWL.Class))
    for domain in core.objects(None, RDFS.domain):
        assert domain in classes, domain
    for name in names(core, OWL.ObjectProperty):
        for found in core.objects(TERMS[name], RDFS.range):
            assert found in classes, name


def test_no_term_is_an_individual_too(core: Graph, everything: Graph) -> None:
    """No punning: a term of the ontology is never an instance of a class."""
    metamodel = KINDS | {OWL.NamedIndividual}
    for name in names(core):
        assert set(everything.objects(TERMS[name], RDF.type)) <= metamodel, name


UNITS = {"Bytes": "BYTE", "byteLength": "BYTE", "Hz": "HZ", "Seconds": "SEC", "Milliwatt": "MilliW"}


def test_a_property_named_after_a_unit_has_that_unit(core: Graph) -> None:
    checked = 0
    for name in names(core, OWL.DatatypeProperty):
        expected = next((unit for end, unit in UNITS.items() if name.endswith(end)), None)
        found = core.value(TERMS[name], TERMS["unit"])
        assert found == (expected and URIRef(f"http://qudt.org/vocab/unit/{expected}")), name
        checked += expected is not None
    assert checked > 20


def test_all_classes_are_disjoint(core: Graph) -> None:
    members = core.value(core.value(None, RDF.type, OWL.AllDisjointClasses), OWL.members)
    assert members is not None
    assert sorted(str(c).removeprefix(NS) for c in core.items(members)) == names(core, OWL.Class)


def test_every_term_is_used_by_a_shape_a_question_an_example_or_the_encoders(core: Graph) -> None:
    """A term that no question, shape or query uses does not belong."""
    turtle = [
        path.read_text(encoding="utf-8")
        for pattern in (
            "shapes/*.ttl",
            "ontology/competency/*.rq",
            "ontology/examples/*.ttl",
            "tinykg/queries/*.rq",
        )
        for path in ROOT.glob(pattern)
    ]
    python = [path.read_text(encoding="utf-8") for path in (ROOT / "tinykg" / "graph").glob("*.py")]
    used = set(re.findall(r"\btk:(\w+)", "\n".join(turtle))) | set(
        re.findall(r"\bTK\.(\w+)", "\n".join(python))
    )
    assert set(names(core)) - used == set()


def test_no_shape_question_or_example_names_a_term_that_is_not_defined(core: Graph) -> None:
    known = set(names(core))
    for pattern in ("shapes/*.ttl", "ontology/**/*.rq", "ontology/**/*.ttl", "tinykg/queries/*.rq"):
        for path in ROOT.glob(pattern):
            text = re.sub(r'"[^"\n]*"|#.*', "", path.read_text(encoding="utf-8"))
            assert set(re.findall(r"\btk:(\w+)", text)) - known == set(), path


def test_the_python_terms_are_those_of_the_ontology(core: Graph) -> None:
    assert python_names() == names(core)
    assert [getattr(TK, name) for name in python_names()] == [NS + name for name in names(core)]


@pytest.mark.parametrize("generator", ["generate_terms.py", "generate_operators.py"])
def test_what_is_generated_is_up_to_date(generator: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "ontology" / generator, "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_unknown_term_is_an_error() -> None:
    with pytest.raises(AttributeError, match="arenaByte"):
        _ = TK.arenaByte  # type: ignore[attr-defined]


def test_terms_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        TK.arenaBytes = "x"  # type: ignore[misc]


def test_the_terms_load_no_rdf_library() -> None:
    code = (
        "import sys, tinykg.vocab.tinykg, tinykg.vocab.wot; print({'rdflib', 'pyoxigraph'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "set()\n"
