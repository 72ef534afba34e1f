"""The JSON-LD contexts that Thing Descriptions name, made from tables: nothing is fetched.

They map each word of a description to the term that the contexts of TD 1.1, TD 1.0 and WoT Discovery map it
to; tests compare the triples of published descriptions. Where a word is the name of its term, the table only
lists it; where it is not, the term stands behind it, and behind that how its values are read.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Container

Json: TypeAlias = dict[str, Any]

TD: Final = "https://www.w3.org/2019/wot/td#"
JSON_SCHEMA: Final = "https://www.w3.org/2019/wot/json-schema#"
SECURITY: Final = "https://www.w3.org/2019/wot/security#"
HYPERMEDIA: Final = "https://www.w3.org/2019/wot/hypermedia#"
DISCOVERY: Final = "https://www.w3.org/2022/wot/discovery-ontology#"
"""As the context published beside WoT Discovery has it; its prose names another namespace."""

_WOT: Final = {"td": TD, "jsonschema": JSON_SCHEMA, "wotsec": SECURITY, "hctl": HYPERMEDIA}
_RDF: Final = {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}
_RDFS_XSD: Final = {
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_DCT: Final = {"dct": "http://purl.org/dc/terms/"}
_SCHEMA_ORG: Final = {"schema": "http://schema.org/"}

_BY_NAME: Final = {"@container": "@index", "@index": "name"}
_SET: Final = {"@container": "@set"}
_NODE: Final = {"@type": "@id"}
_WORD: Final = {"@type": "@vocab"}
_TIME: Final = {"@type": "xsd:dateTime"}
_LANGUAGES: Final = {"@container": "@language"}
_ENGLISH: Final = {"@language": "en"}


def _same(prefix: str, words: str, **reading: str) -> Json:
    """Words that are the names of their terms."""
    return {word: {"@id": f"{prefix}:{word}", **reading} for word in words.split()}


def _named(prefix: str, words: str) -> Json:
    """Words with the name of a term behind each, as `word=Term`."""
    pairs = (pair.split("=") for pair in words.split())
    return {word: f"{prefix}:{term}" for word, term in pairs}


def _titles() -> Json:
    return {
        "title": {"@id": "td:title", **_ENGLISH},
        "titles": {"@id": "td:titleInLanguage", **_LANGUAGES},
        "description": {"@id": "td:description", **_ENGLISH},
        "descriptions": {"@id": "td:descriptionInLanguage", **_LANGUAGES},
    }


def _data_schema(*, of_property: bool = False) -> Json:
    """What the words of a data schema mean; within a property, `properties` are named as affordances are."""
    inner = {"@id": "jsonschema:properties", "@container": "@index", "@index": "propertyName"}
    properties: Json = inner
    if of_property:
        properties = {"@id": "jsonschema:properties", **_BY_NAME, "@context": {"properties": inner}}
    numbers = "exclusiveMaximum exclusiveMinimum maximum minimum multipleOf"
    sizes = "maxItems minItems minLength maxLength"
    texts = "readOnly writeOnly contentEncoding contentMediaType pattern format const default propertyName"
    return {
        **_WOT,
        **_DCT,
        **_SCHEMA_ORG,
        **_RDF,
        "@vocab": JSON_SCHEMA,
        **_same("jsonschema", f"DataSchema {numbers} {sizes} {texts}"),
        **_same("jsonschema", "required enum oneOf allOf anyOf", **_SET),
        "items": {"@id": "jsonschema:items", **_NODE},
        "type": {"@id": "@type"},
        **_titles(),
        **_named("jsonschema", "object=ObjectSchema array=ArraySchema boolean=BooleanSchema"),
        **_named("jsonschema", "string=StringSchema number=NumberSchema integer=IntegerSchema"),
        **_named("jsonschema", "null=NullSchema"),
        "properties": properties,
        "unit": {"@id": "schema:unitCode", **_WORD},
    }


def _security() -> Json:
    """What the words of a security scheme mean."""
    return {
        **_WOT,
        **_DCT,
        **_RDF,
        "@vocab": SECURITY,
        **_same("wotsec", "in name scopes flow qop alg format identity"),
        **_same("wotsec", "authorization token refresh proxy", **_NODE),
        **_same("wotsec", "allOf oneOf", **_SET),
        "scheme": {"@id": "@type"},
        "description": {"@id": "td:description"},
        "descriptions": {"@id": "td:descriptionInLanguage", **_LANGUAGES},
        **_named("wotsec", "nosec=NoSecurityScheme auto=AutoSecurityScheme combo=ComboSecurityScheme"),
        **_named("wotsec", "basic=BasicSecurityScheme digest=DigestSecurityScheme"),
        **_named("wotsec", "apikey=APIKeySecurityScheme bearer=BearerSecurityScheme"),
        **_named("wotsec", "cert=CertSecurityScheme psk=PSKSecurityScheme public=PublicSecurityScheme"),
        **_named("wotsec", "pop=PoPSecurityScheme oauth2=OAuth2SecurityScheme"),
        "uriVariables": "td:uriVariables",
    }


_OPERATIONS: Final = (
    "readProperty writeProperty observeProperty unobserveProperty readAllProperties writeAllProperties "
    "readMultipleProperties writeMultipleProperties observeAllProperties unobserveAllProperties "
    "invokeAction queryAction queryAllActions cancelAction "
    "subscribeEvent unsubscribeEvent subscribeAllEvents unsubscribeAllEvents"
)


def _hypermedia() -> Json:
    """What the words of forms and links mean."""
    return {
        **_WOT,
        **_RDF,
        **_RDFS_XSD,
        "@vocab": HYPERMEDIA,
        **_same("hctl", "Link Form"),
        "scopes": {"@id": "wotsec:scopes"},
        "security": {"@id": "td:hasSecurityConfiguration", **_NODE},
        "op": {"@id": "hctl:hasOperationType", **_WORD},
        **{name.lower(): f"td:{name}" for name in _OPERATIONS.split()},
        **_named("hctl", "subprotocol=forSubProtocol contentType=forContentType"),
        **_named("hctl", "contentCoding=forContentCoding sizes=hasSizes hreflang=hasHreflang"),
        **_named("hctl", "rel=hasRelationType type=hintsAtMediaType response=returns success=isSuccess"),
        "anchor": {"@id": "hctl:hasAnchor", **_NODE},
        "href": {"@id": "hctl:hasTarget", "@type": "xsd:anyURI"},
        "additionalResponses": {"@id": "hctl:additionalReturns", **_SET},
        "schema": {"@id": "hctl:hasAdditionalOutputSchema", **_NODE},
    }


def _affordances() -> Json:
    """What the words of a Thing that lead to its affordances, forms and links mean, and those within them."""
    schema = {**_NODE, "@context": _data_schema()}
    hypermedia = {**_NODE, **_SET, "@context": _hypermedia()}
    property_ = {**_NODE, **_BY_NAME, "@context": _data_schema(of_property=True)}
    return {
        "properties": {"@id": "td:hasPropertyAffordance", **property_},
        "actions": {"@id": "td:hasActionAffordance", **_NODE, **_BY_NAME},
        "events": {"@id": "td:hasEventAffordance", **_NODE, **_BY_NAME},
        "forms": {"@id": "td:hasForm", **hypermedia},
        "links": {"@id": "td:hasLink", **hypermedia},
        "input": {"@id": "td:hasInputSchema", **schema},
        "output": {"@id": "td:hasOutputSchema", **schema},
        "subscription": {"@id": "td:hasSubscriptionSchema", **schema},
        "data": {"@id": "td:hasNotificationSchema", **schema},
        "dataResponse": {"@id": "td:hasNotificationResponseSchema", **schema},
        "cancellation": {"@id": "td:hasCancellationSchema", **schema},
        "uriVariables": {"@id": "td:hasUriTemplateSchema", **_NODE, **_BY_NAME},
        "schemaDefinitions": {"@id": "td:schemaDefinitions", **_NODE, "@container": "@index"},
        "schema": {"@id": "hctl:hasAdditionalOutputSchema", **_NODE},
    }


def _thing() -> Json:
    """The context of TD 1.1, which is that of TD 1.0 too: both addresses serve it."""
    named_security = {"@id": "td:hasSecurityConfiguration", "@type": "xsd:string"}
    definitions = {**_NODE, "@container": "@index", "@index": "hasInstanceConfiguration"}
    return {
        **_WOT,
        **_RDFS_XSD,
        **_DCT,
        "htv": "http://www.w3.org/2011/http#",
        "tm": "https://www.w3.org/2019/wot/tm#",
        "@vocab": TD,
        "@version": 1.1,
        "id": "@id",
        **_same("td", "Thing EventAffordance ActionAffordance PropertyAffordance InteractionAffordance"),
        **_same("td", "VersionInfo name model hasInstanceConfiguration"),
        "hasInstanceConfiguration": {"@id": "td:hasInstanceConfiguration", **_NODE},
        **_named("td", "profile=followsProfile observable=isObservable"),
        **_named("td", "safe=isSafe idempotent=isIdempotent synchronous=isSynchronous"),
        "instance": {"@id": "td:instance", "@type": "xsd:string"},
        "version": {"@id": "td:versionInfo", **_NODE},
        "license": "dct:license",
        "created": {"@id": "dct:created", **_TIME},
        "modified": {"@id": "dct:modified", **_TIME},
        "security": {**named_security, "@context": _security()},
        "securityDefinitions": {"@id": "td:definesSecurityScheme", **definitions, "@context": _security()},
        **_affordances(),
        **_titles(),
        "support": {"@id": "td:supportContact", "@type": "xsd:anyURI"},
        "base": "td:baseURI",
    }


def _discovery() -> Json:
    """What WoT Discovery adds: the registration of a description, and collections of them."""
    times = {
        word: {"@id": f"discovery:{term}", **_TIME}
        for word, term in (
            ("created", "dateCreated"),
            ("modified", "dateModified"),
            ("expires", "expires"),
            ("retrieved", "retrieved"),
        )
    }
    registration = {
        **_same("discovery", "RegistrationInformation", **_NODE),
        **times,
        "ttl": {"@id": "discovery:ttl", "@type": "xsd:unsignedInt"},
    }
    return {
        "discovery": DISCOVERY,
        **_same("discovery", "ThingDirectory ThingLink ThingCollection", **_NODE),
        "next": {"@id": "discovery:nextThingCollection", **_NODE},
        "total": {"@id": "discovery:contains", "@type": "xsd:integer"},
        "members": {"@id": "discovery:hasCollectionMember", **_NODE, **_SET},
        "registration": {"@id": "discovery:hasRegistrationInformation", **_NODE, "@context": registration},
    }


def _services() -> Json:
    """What a DID document says of the services that lead to descriptions."""
    return {
        "discovery": DISCOVERY,
        "WotDirectory": {"@id": "discovery:WotDirectoryDIDService", **_NODE},
        "WotThing": {"@id": "discovery:WotThingDIDService", **_NODE},
    }


_ADDRESSES: Final = {
    "www.w3.org/2019/wot/td/v1": _thing,
    "www.w3.org/2022/wot/td/v1.1": _thing,
    "www.w3.org/2019/wot/td/v1.1": _thing,  # in drafts of TD 1.1
    "www.w3.org/ns/td": _thing,  # the address that leads to the newest one
    "www.w3.org/2022/wot/discovery": _discovery,
    "www.w3.org/2021/wot/discovery": _discovery,  # in drafts of WoT Discovery
    "www.w3.org/2022/wot/discovery-did": _services,
}


_INDEXES: Final = frozenset(("name", "propertyName", "hasInstanceConfiguration"))
"""Terms that the contexts themselves use, for the names of members."""


def known_context(address: str, words: Container[str] | None = None) -> Json | None:
    """The context at an address, with or without a slash at its end; None where it is not W3C's for things.

    Given the words that a document uses, what defines others is left out: the triples are the same, and a
    processor reads a tenth.
    """
    scheme, _, rest = address.partition("://")
    context = _made(rest.rstrip("/#")) if scheme in ("http", "https") else None
    return context if context is None or words is None else _needed(context, words)


@cache
def _made(address: str) -> Json | None:
    make = _ADDRESSES.get(address)
    return None if make is None else _written_out(make(), {})


def _written_out(context: Json, outer: dict[str, str]) -> Json:
    """The context with whole IRIs for its terms, so that each definition stands for itself."""
    prefixes = {**outer, **_RDFS_XSD}
    prefixes |= {name: one for name, one in context.items() if isinstance(one, str) and one[-1] in "/#"}

    def whole(term: str) -> str:
        prefix, colon, name = term.partition(":")
        return prefixes[prefix] + name if colon and prefix in prefixes else term

    written: Json = {}
    for name, definition in context.items():
        if isinstance(definition, str):
            written[name] = whole(definition)
        elif isinstance(definition, dict):
            written[name] = {
                key: whole(one) if key in ("@id", "@type") else one for key, one in definition.items()
            }
            if "@context" in definition:
                written[name]["@context"] = _written_out(definition["@context"], prefixes)
        else:
            written[name] = definition
    return written


def _needed(context: Json, words: Container[str]) -> Json:
    needed: Json = {}
    for name, definition in context.items():
        if name in words or name in _INDEXES or name[0] == "@":
            if isinstance(definition, dict) and "@context" in definition:
                needed[name] = {**definition, "@context": _needed(definition["@context"], words)}
            else:
                needed[name] = definition
    return needed
