"""Every term of another vocabulary is declared, in use, and exists where its file is at hand."""

from __future__ import annotations

import re
from pathlib import Path

import rdflib
from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, PROV, SDO, SKOS, SOSA, SSN, VANN, DefinedNamespace

from tinykg.vocab import wot

ROOT = Path(__file__).resolve().parent.parent.parent
GROUND = ("http://www.w3.org/2002/07/owl#", str(RDF), str(RDFS), "http://www.w3.org/2001/XMLSchema#",
          "http://www.w3.org/ns/shacl#")  # fmt: skip
OURS = "https://w3id.org/tinykg"
EDITION_2023 = {"Property", "System", "Deployment", "hasSubSystem", "deployedOnPlatform"}
"""Terms that SOSA took over from SSN after the edition that rdflib knows."""


def declared(external: Graph) -> dict[str, URIRef]:
    """Kind by IRI of each declared term."""
    return {
        str(s): o
        for s, o in external.subject_objects(RDF.type)
        if isinstance(s, URIRef) and isinstance(o, URIRef) and o != OWL.Ontology
    }


def term_positions(graph: Graph) -> set[str]:
    """IRIs of a graph that stand for terms: predicates and types."""
    return {str(p) for p in graph.predicates()} | {str(o) for o in graph.objects(None, RDF.type)}


def is_external(iri: str) -> bool:
    return iri.startswith("http") and not iri.startswith((*GROUND, OURS))


def external_terms_in_use() -> set[str]:
    used = set()
    for pattern in ("ontology/tinykg.ttl", "ontology/vocabularies/*.ttl", "ontology/examples/*.ttl"):
        for path in ROOT.glob(pattern):
            graph = Graph().parse(path)
            used |= term_positions(graph)
            used |= {str(o) for p in (RDFS.range, RDFS.domain) for o in graph.objects(None, p)}
            used |= {str(o) for o in graph.objects() if str(o).startswith("http://qudt.org/vocab/unit/")}
    for path in ROOT.glob("ontology/alignments/*.ttl"):
        used |= {str(t) for triple in Graph().parse(path) for t in triple if isinstance(t, URIRef)}
    for path in ROOT.glob("shapes/*.ttl"):
        graph = Graph().parse(path)
        used |= {
            str(o)
            for p in ("path", "class", "targetClass", "targetObjectsOf")
            for o in graph.objects(None, rdflib.SH[p])
        }
    used |= python_terms()
    licence = "https://www.apache.org/licenses/"
    return {iri for iri in used if is_external(iri) and not iri.startswith(licence)}


def python_terms() -> set[str]:
    spaces = [value for name, value in vars(wot).items() if name.isupper()]
    assert len(spaces) >= 13
    return {
        iri
        for space in spaces
        for name, iri in vars(type(space)).items()
        if not name.startswith("_") and name != "NS"
    }


def test_every_external_term_in_use_is_declared(external: Graph) -> None:
    assert external_terms_in_use() - set(declared(external)) == set()


def test_every_declared_term_is_in_use(external: Graph) -> None:
    assert set(declared(external)) - external_terms_in_use() == set()


def test_every_declared_term_has_one_kind_and_says_where_it_is_defined(external: Graph) -> None:
    for iri in declared(external):
        assert len(list(external.objects(URIRef(iri), RDF.type))) == 1, iri
        assert isinstance(external.value(URIRef(iri), RDFS.isDefinedBy), URIRef), iri


def test_python_spells_the_terms_as_their_namespaces_do() -> None:
    for space in (value for name, value in vars(wot).items() if name.isupper()):
        terms = {k: v for k, v in vars(type(space)).items() if not k.startswith("_")}
        namespace = terms.pop("NS")
        assert terms == {name: namespace + name for name in terms}


def test_terms_of_the_thing_description_exist_in_its_ontology(external: Graph, test_data: Path) -> None:
    folder = test_data / "wot" / "td11-rec" / "ontology"
    known = {str(s) for name in ("td.ttl", "tm.ttl") for s in Graph().parse(folder / name).subjects()}
    ours = {iri for iri in declared(external) if iri.startswith("https://www.w3.org/2019/wot/")}
    assert len(ours) >= 2
    assert ours - known == set()


def test_terms_exist_in_the_vocabularies_that_rdflib_knows(external: Graph) -> None:
    checked = 0
    spaces: list[type[DefinedNamespace]] = [DCAT, DCTERMS, PROV, SKOS, SOSA, SSN, VANN]
    for iri in declared(external):
        for space in spaces:
            local = iri.removeprefix(str(space))
            if local == iri or "/" in local or (space is SOSA and local in EDITION_2023):
                continue
            assert local in space, iri
            checked += 1
        local = iri.removeprefix("http://schema.org/")
        if local != iri:
            assert local in SDO, iri
            checked += 1
    assert checked > 50


AXIOM = re.compile(r"^\S+ [\w:-]+ .+ \.  # \S.*$")


def test_an_alignment_is_one_axiom_a_line_with_its_reason() -> None:
    files = sorted(ROOT.glob("ontology/alignments/*.ttl"))
    assert [path.stem for path in files] == [
        "dcat", "fair4ml", "mlschema", "prov", "qudt", "schema-org", "sosa-ssn", "ssn-systems", "td",
    ]  # fmt: skip
    for path in files:
        header, _, axioms = path.read_text(encoding="utf-8").partition('owl:versionInfo "0.1.0" .\n')
        assert "a owl:Ontology" in header, path
        lines = [line for line in axioms.splitlines() if line]
        assert lines, path
        for line in lines:
            assert AXIOM.match(line), f"{path.name}: {line}"
