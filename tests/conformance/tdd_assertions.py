"""The 80 assertions on Thing Description Directories of W3C WoT Discovery (Recommendation, 5 December 2023).

https://www.w3.org/TR/2023/REC-wot-discovery-20231205/, section 7.3. Each line: id, level, what it asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["MUST", "SHOULD", "RECOMMENDED", "MAY", "OPTIONAL"]


@dataclass(frozen=True, slots=True)
class Assertion:
    """A sentence of the Recommendation that a directory is measured by."""

    id: str
    level: Level
    asks: str


ASSERTIONS = (
    Assertion("tdd-context-injection", "MUST", "an enriched TD names the discovery context"),
    Assertion("tdd-absolute-time", "MUST", "times are RFC 3339 date-times"),
    Assertion("tdd-registrationinfo-vocab-created", "MAY", "created is set by the directory"),
    Assertion("tdd-registrationinfo-vocab-modified", "MAY", "modified is set by the directory"),
    Assertion("tdd-registrationinfo-vocab-expires", "MUST", "ttl wins over a client's expires"),
    Assertion("tdd-registrationinfo-vocab-ttl", "MUST", "expires is computed from ttl"),
    Assertion("tdd-registrationinfo-vocab-retrieved", "OPTIONAL", "retrieved is the time of the answer"),
    Assertion("tdd-registrationinfo-expiry-purge", "SHOULD", "expired TDs go away"),
    Assertion("tdd-anonymous-td-identifier", "MUST", "an anonymous TD is served with an id"),
    Assertion("tdd-anonymous-td-local-uuid", "SHOULD", "that id is a version 4 UUID as a URN"),
    Assertion("tdd-http-error-response", "MUST", "errors are problem details"),
    Assertion("tdd-http-error-response-utf-8", "MUST", "problem details are UTF-8"),
    Assertion("tdd-http-error-response-lang", "MAY", "problem details in the client's language"),
    Assertion("tdd-http-head", "MUST", "HEAD wherever there is GET"),
    Assertion("tdd-http-unsupported-feature", "SHOULD", "what is missing is said by status codes"),
    Assertion("tdd-things-list-only", "MUST", "there is a list"),
    Assertion("tdd-things-crud", "MAY", "create, read, update, delete"),
    Assertion("tdd-things-crudl", "SHOULD", "create, read, update, delete, list"),
    Assertion("tdd-things-read-only-auth", "MUST", "writes need a right where reading is open"),
    Assertion("tdd-things-default-representation", "MUST", "JSON-LD 1.1 unless asked otherwise"),
    Assertion("tdd-things-representation-alternate-input", "MAY", "other types or encodings in"),
    Assertion("tdd-http-representation-alternate-output", "MAY", "other types or encodings out"),
    Assertion("tdd-things-create-known-vs-anonymous", "MUST", "with and without an id differ"),
    Assertion("tdd-things-create-known-td", "MUST", "PUT /things/{id} creates"),
    Assertion("tdd-things-create-known-contenttype", "SHOULD", "PUT takes application/td+json"),
    Assertion("tdd-things-create-known-td-resp", "MUST", "PUT of a new TD answers 201"),
    Assertion("tdd-things-create-anonymous-td", "MUST", "POST /things creates"),
    Assertion("tdd-things-create-anonymous-contenttype", "SHOULD", "POST takes application/td+json"),
    Assertion("tdd-things-create-anonymous-id", "MUST", "POST gives the TD an id"),
    Assertion("tdd-things-create-anonymous-td-resp", "MUST", "POST answers 201 and Location"),
    Assertion("tdd-things-retrieve", "MUST", "GET /things/{id}"),
    Assertion("tdd-things-retrieve-resp", "MUST", "200 and the TD"),
    Assertion("tdd-things-retrieve-resp-content-type", "MUST", "application/td+json or application/json"),
    Assertion("tdd-things-update", "MUST", "PUT /things/{id} replaces"),
    Assertion("tdd-things-update-contenttype", "SHOULD", "the update takes application/td+json"),
    Assertion("tdd-things-update-resp", "MUST", "PUT of a known TD answers 204"),
    Assertion("tdd-things-update-partial", "MUST", "PATCH /things/{id} changes a part"),
    Assertion("tdd-things-update-partial-mergepatch", "MUST", "PATCH works as RFC 7396 says"),
    Assertion("tdd-things-update-partial-contenttype", "MUST", "PATCH is application/merge-patch+json"),
    Assertion("tdd-things-update-partial-partialtd", "MUST", "a patch is a Partial TD"),
    Assertion("tdd-things-update-partial-resp", "MUST", "PATCH answers 204"),
    Assertion("tdd-things-delete", "MUST", "DELETE /things/{id} removes"),
    Assertion("tdd-things-delete-resp", "MUST", "DELETE answers 204"),
    Assertion("tdd-things-list-method", "MUST", "GET /things lists"),
    Assertion("tdd-things-list-resp", "MUST", "200 and an array of TDs"),
    Assertion("tdd-things-list-resp-content-type", "MUST", "application/ld+json or application/json"),
    Assertion("tdd-things-list-pagination", "MAY", "the list comes in pages"),
    Assertion("tdd-things-list-pagination-limit", "MAY", "a page has at most `limit` TDs"),
    Assertion("tdd-things-list-pagination-header-nextlink", "MUST", "a next link while there is more"),
    Assertion("tdd-things-list-pagination-header-nextlink-attr", "MUST", "same limit, next offset"),
    Assertion("tdd-things-list-pagination-header-nextlink-base", "MUST", "absolute, or relative to the API"),
    Assertion("tdd-things-list-pagination-header-canonicallink", "MUST", "a canonical link with an etag"),
    Assertion("tdd-things-list-pagination-order-default", "MUST", "ids ascend by code point"),
    Assertion("tdd-things-list-pagination-collection", "MAY", "format=collection"),
    Assertion("tdd-validation-syntactic", "RECOMMENDED", "what is no TD is refused"),
    Assertion("tdd-validation-jsonschema", "SHOULD", "the schema that @context chooses"),
    Assertion("tdd-validation-result", "MUST", "a refusal names the fault"),
    Assertion("tdd-validation-response", "MUST", "validationErrors: field and description"),
    Assertion("tdd-validation-response-utf-8", "MUST", "validation errors are UTF-8"),
    Assertion("tdd-notification", "MAY", "there are events"),
    Assertion("tdd-notification-sse", "MUST", "server-sent events at /events"),
    Assertion("tdd-notification-event-id", "SHOULD", "events have ids, missed ones come again"),
    Assertion("tdd-notification-event-types", "MUST", "thing_created, thing_updated, thing_deleted"),
    Assertion("tdd-notification-filter-type", "MUST", "a subscriber of one type gets that type"),
    Assertion("tdd-notification-data", "MUST", "data is JSON"),
    Assertion("tdd-notification-data-td-id", "MUST", "data has the TD's id"),
    Assertion("tdd-notification-data-create-full", "MAY", "diff: the whole TD when created"),
    Assertion("tdd-notification-data-update-diff", "MAY", "diff: a merge patch when updated"),
    Assertion("tdd-notification-data-update-id", "MUST", "the merge patch has the id"),
    Assertion("tdd-notification-data-delete-diff", "MUST", "diff changes nothing when deleted"),
    Assertion("tdd-search-sparql", "MAY", "search by SPARQL"),
    Assertion("tdd-search-large-tdds", "RECOMMENDED", "some search"),
    Assertion("tdd-search-sparql-version", "MUST", "SPARQL 1.1"),
    Assertion("tdd-search-sparql-method-get", "MUST", "GET /search/sparql?query="),
    Assertion("tdd-search-sparql-method-post", "OPTIONAL", "POST /search/sparql"),
    Assertion("tdd-search-sparql-resp-select-ask", "MUST", "SELECT, ASK: 200, application/json"),
    Assertion("tdd-search-sparql-resp-describe-construct", "MUST", "the others: 200, application/ld+json"),
    Assertion("tdd-search-sparql-error", "MUST", "what is none of the four forms: 400"),
    Assertion("tdd-search-sparql-federation", "MAY", "SERVICE"),
    Assertion("tdd-search-sparql-federation-version", "MUST", "SERVICE as SPARQL 1.1 Federated Query says"),
)
