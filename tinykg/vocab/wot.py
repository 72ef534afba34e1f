"""The terms of other vocabularies that TinyKG emits, as plain IRIs.

ontology/external-terms.ttl declares each of them.
"""

# ruff: noqa: N815 - an attribute is spelt as the term is in its vocabulary

from __future__ import annotations

from typing import Final


class RdfTerms:
    """The RDF vocabulary."""

    __slots__ = ()

    NS: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    JSON: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
    first: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first"
    nil: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"
    rest: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest"
    type: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


class RdfsTerms:
    """RDF Schema."""

    __slots__ = ()

    NS: Final = "http://www.w3.org/2000/01/rdf-schema#"
    label: Final = "http://www.w3.org/2000/01/rdf-schema#label"


class XsdTerms:
    """Datatypes of XML Schema."""

    __slots__ = ()

    NS: Final = "http://www.w3.org/2001/XMLSchema#"
    boolean: Final = "http://www.w3.org/2001/XMLSchema#boolean"
    date: Final = "http://www.w3.org/2001/XMLSchema#date"
    dateTime: Final = "http://www.w3.org/2001/XMLSchema#dateTime"
    double: Final = "http://www.w3.org/2001/XMLSchema#double"
    gYear: Final = "http://www.w3.org/2001/XMLSchema#gYear"
    integer: Final = "http://www.w3.org/2001/XMLSchema#integer"
    nonNegativeInteger: Final = "http://www.w3.org/2001/XMLSchema#nonNegativeInteger"
    string: Final = "http://www.w3.org/2001/XMLSchema#string"
    unsignedInt: Final = "http://www.w3.org/2001/XMLSchema#unsignedInt"


class SkosTerms:
    """SKOS: concepts and their hierarchy."""

    __slots__ = ()

    NS: Final = "http://www.w3.org/2004/02/skos/core#"
    Concept: Final = "http://www.w3.org/2004/02/skos/core#Concept"
    altLabel: Final = "http://www.w3.org/2004/02/skos/core#altLabel"
    broader: Final = "http://www.w3.org/2004/02/skos/core#broader"
    definition: Final = "http://www.w3.org/2004/02/skos/core#definition"
    inScheme: Final = "http://www.w3.org/2004/02/skos/core#inScheme"
    notation: Final = "http://www.w3.org/2004/02/skos/core#notation"
    note: Final = "http://www.w3.org/2004/02/skos/core#note"
    prefLabel: Final = "http://www.w3.org/2004/02/skos/core#prefLabel"


class DctermsTerms:
    """DCMI terms."""

    __slots__ = ()

    NS: Final = "http://purl.org/dc/terms/"
    created: Final = "http://purl.org/dc/terms/created"
    creator: Final = "http://purl.org/dc/terms/creator"
    description: Final = "http://purl.org/dc/terms/description"
    identifier: Final = "http://purl.org/dc/terms/identifier"
    license: Final = "http://purl.org/dc/terms/license"
    source: Final = "http://purl.org/dc/terms/source"
    title: Final = "http://purl.org/dc/terms/title"


class DcatTerms:
    """DCAT 3: data catalogues."""

    __slots__ = ()

    NS: Final = "http://www.w3.org/ns/dcat#"
    byteSize: Final = "http://www.w3.org/ns/dcat#byteSize"
    downloadURL: Final = "http://www.w3.org/ns/dcat#downloadURL"


class SchemaTerms:
    """schema.org, under http as the Thing Description context has it."""

    __slots__ = ()

    NS: Final = "http://schema.org/"
    description: Final = "http://schema.org/description"
    keywords: Final = "http://schema.org/keywords"
    manufacturer: Final = "http://schema.org/manufacturer"
    name: Final = "http://schema.org/name"
    softwareVersion: Final = "http://schema.org/softwareVersion"
    url: Final = "http://schema.org/url"


class ProvTerms:
    """PROV-O: provenance."""

    __slots__ = ()

    NS: Final = "http://www.w3.org/ns/prov#"
    Agent: Final = "http://www.w3.org/ns/prov#Agent"
    SoftwareAgent: Final = "http://www.w3.org/ns/prov#SoftwareAgent"
    actedOnBehalfOf: Final = "http://www.w3.org/ns/prov#actedOnBehalfOf"
    endedAtTime: Final = "http://www.w3.org/ns/prov#endedAtTime"
    generatedAtTime: Final = "http://www.w3.org/ns/prov#generatedAtTime"
    startedAtTime: Final = "http://www.w3.org/ns/prov#startedAtTime"
    used: Final = "http://www.w3.org/ns/prov#used"
    wasAssociatedWith: Final = "http://www.w3.org/ns/prov#wasAssociatedWith"
    wasDerivedFrom: Final = "http://www.w3.org/ns/prov#wasDerivedFrom"


class SosaTerms:
    """SOSA: sensors and observations."""

    __slots__ = ()

    NS: Final = "http://www.w3.org/ns/sosa/"
    Sensor: Final = "http://www.w3.org/ns/sosa/Sensor"
    deployedOnPlatform: Final = "http://www.w3.org/ns/sosa/deployedOnPlatform"
    hasSimpleResult: Final = "http://www.w3.org/ns/sosa/hasSimpleResult"
    observes: Final = "http://www.w3.org/ns/sosa/observes"


class Fair4mlTerms:
    """FAIR4ML: machine-learning models."""

    __slots__ = ()

    NS: Final = "https://w3id.org/fair4ml#"
    trainedOn: Final = "https://w3id.org/fair4ml#trainedOn"


class QudtTerms:
    """QUDT: quantities and units."""

    __slots__ = ()

    NS: Final = "http://qudt.org/schema/qudt/"
    hasUnit: Final = "http://qudt.org/schema/qudt/hasUnit"


class TdTerms:
    """Web of Things Thing Description."""

    __slots__ = ()

    NS: Final = "https://www.w3.org/2019/wot/td#"
    Thing: Final = "https://www.w3.org/2019/wot/td#Thing"


class DiscoveryTerms:
    """WoT Discovery, in the namespace that the context of the Recommendation maps to."""

    __slots__ = ()

    NS: Final = "https://www.w3.org/2022/wot/discovery-ontology#"
    RegistrationInformation: Final = "https://www.w3.org/2022/wot/discovery-ontology#RegistrationInformation"
    dateCreated: Final = "https://www.w3.org/2022/wot/discovery-ontology#dateCreated"
    dateModified: Final = "https://www.w3.org/2022/wot/discovery-ontology#dateModified"
    expires: Final = "https://www.w3.org/2022/wot/discovery-ontology#expires"
    hasRegistrationInformation: Final = (
        "https://www.w3.org/2022/wot/discovery-ontology#hasRegistrationInformation"
    )
    ttl: Final = "https://www.w3.org/2022/wot/discovery-ontology#ttl"


class TmTerms:
    """Web of Things Thing Model."""

    __slots__ = ()

    NS: Final = "https://www.w3.org/2019/wot/tm#"
    ThingModel: Final = "https://www.w3.org/2019/wot/tm#ThingModel"


RDF: Final = RdfTerms()
RDFS: Final = RdfsTerms()
XSD: Final = XsdTerms()
SKOS: Final = SkosTerms()
DCTERMS: Final = DctermsTerms()
DCAT: Final = DcatTerms()
SCHEMA: Final = SchemaTerms()
PROV: Final = ProvTerms()
SOSA: Final = SosaTerms()
FAIR4ML: Final = Fair4mlTerms()
QUDT: Final = QudtTerms()
TD: Final = TdTerms()
DISCOVERY: Final = DiscoveryTerms()
TM: Final = TmTerms()
