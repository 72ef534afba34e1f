"""Media types of results and graphs, and which of them a client wants (RFC 9110, 12.5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import pyoxigraph as ox

from tinykg.errors import InputError, NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")

RESULTS_JSON = "application/sparql-results+json"
RESULTS_XML = "application/sparql-results+xml"
TURTLE = "text/turtle"
JSON = "application/json"
JSON_LD = "application/ld+json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

SOLUTIONS: Mapping[str, ox.QueryResultsFormat] = {
    RESULTS_JSON: ox.QueryResultsFormat.JSON,
    RESULTS_XML: ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    JSON: ox.QueryResultsFormat.JSON,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
}
"""Forms of SELECT results by media type (https://www.w3.org/TR/sparql11-overview/); the first is the default.

The last three name a form by its syntax alone, as many clients do.
"""

BOOLEANS: Mapping[str, ox.QueryResultsFormat] = {
    media_type: form
    for media_type, form in SOLUTIONS.items()
    if form in (ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML)
}
"""Forms of ASK results: CSV and TSV have none (https://www.w3.org/TR/sparql11-results-csv-tsv/)."""

GRAPHS: Mapping[str, ox.RdfFormat] = {
    TURTLE: ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    JSON_LD: ox.RdfFormat.JSON_LD,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/trig": ox.RdfFormat.TRIG,
    "text/n3": ox.RdfFormat.N3,
}
"""Forms of triples by media type; the first is the default."""


@dataclass(frozen=True, slots=True)
class Chosen(Generic[T]):
    """What was chosen for an answer: its media type and its form."""

    media_type: str
    form: T

    @property
    def content_type(self) -> str:
        """The value of Content-Type; a text says that it is UTF-8."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


def chosen(accept: str | None, offered: Mapping[str, T]) -> Chosen[T]:
    """The offered media type that an Accept header wants most, the first among equals.

    Raises NotAcceptable where it wants none.
    """
    accept = (accept or "").strip() or "*/*"
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    best, best_quality = None, 0.0
    for media_type in offered:
        quality = _quality(media_type, ranges)
        if quality > best_quality:
            best, best_quality = media_type, quality
    if best is None:
        raise NotAcceptable(accept, list(offered))
    return Chosen(best, offered[best])


def _range(part: str) -> tuple[str, float]:
    """A media range and its quality; parameters other than `q` are not looked at."""
    media_range, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().casefold() == "q":
            try:
                return media_range.casefold(), min(1.0, max(0.0, float(value)))
            except ValueError:
                return media_range.casefold(), 0.0
    return media_range.casefold(), 1.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality that the most specific range gives to a media type."""
    for wanted in (media_type, media_type.split("/", 1)[0] + "/*", "*/*"):
        found = [quality for media_range, quality in ranges if media_range == wanted]
        if found:
            return max(found)
    return 0.0


def parsed(content_type: str | None) -> tuple[str, dict[str, str]]:
    """The media type of a Content-Type header in lower case, empty where there is none; its parameters."""
    kind, *pieces = (content_type or "").split(";")
    parameters = {}
    for piece in pieces:
        name, _, value = piece.partition("=")
        parameters[name.strip().casefold()] = value.strip().strip('"')
    return kind.strip().casefold(), parameters


def utf_8(content: bytes, content_type: str | None, what: str) -> str:
    """A text that a request carries; raises InputError where it is, or says that it is, not UTF-8."""
    charset = parsed(content_type)[1].get("charset", "utf-8").casefold()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise InputError(f"The {what} must be UTF-8; its Content-Type says charset={charset}.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"The {what} is not UTF-8: byte {error.start} {error.reason}.") from error
