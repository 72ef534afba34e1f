"""IRIs as people read them: prefixed names for the vocabularies in use."""

from __future__ import annotations

from tinykg.vocab.tinykg import NS
from tinykg.vocab.wot import DCAT, DCTERMS, DISCOVERY, FAIR4ML, PROV, RDF, RDFS, SCHEMA, SKOS, SOSA, TD, XSD

PREFIXES = {
    "tk": NS,
    "dcat": DCAT.NS,
    "dcterms": DCTERMS.NS,
    "discovery": DISCOVERY.NS,
    "fair4ml": FAIR4ML.NS,
    "prov": PROV.NS,
    "rdf": RDF.NS,
    "rdfs": RDFS.NS,
    "schema": SCHEMA.NS,
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": SKOS.NS,
    "sosa": SOSA.NS,
    "td": TD.NS,
    "xsd": XSD.NS,
}


def short(iri: str) -> str:
    """`tk:arenaBytes` for a term, `model/Hello_World` for a TinyKG resource, else the text as it is."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri.removeprefix("https://w3id.org/tinykg/")
