"""The engine's results as bytes: which forms there are, and a bound on their size while they are written."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, cast

import pyoxigraph as ox

from tinykg.errors import InputError, QueryTooBig, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SOLUTION_FORMS = {
    "json": ox.QueryResultsFormat.JSON,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "xml": ox.QueryResultsFormat.XML,
}
GRAPH_FORMS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
}


class _Bounded:
    """A binary stream that takes no more than so many bytes."""

    def __init__(self, most_bytes: int | None) -> None:
        self._most_bytes = most_bytes
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, part: bytes) -> int:
        """Keep a part; raises QueryTooBig where it is too much."""
        self._size += len(part)
        if self._most_bytes is not None and self._size > self._most_bytes:
            raise QueryTooBig(
                f"The result is longer than {self._most_bytes} bytes, which is the limit here. "
                f"Ask for less, such as by LIMIT."
            )
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing: all is kept at once."""

    def content(self) -> bytes:
        """All that was written."""
        return b"".join(self._parts)


def solutions_as(
    result: ox.QuerySolutions | ox.QueryBoolean,
    form: ox.QueryResultsFormat,
    most_bytes: int | None = None,
) -> bytes:
    """Solutions or a boolean, serialised; raises QueryTooBig beyond the bound, StoreError where it fails."""
    stream = _Bounded(most_bytes)
    try:
        result.serialize(cast("IO[bytes]", stream), form)  # it writes and flushes only
    except (OSError, RuntimeError, ValueError) as error:
        raise StoreError(f"The query cannot be evaluated: {error}") from error
    return stream.content()


def triples_as(
    result: Iterable[ox.Triple],
    form: ox.RdfFormat,
    prefixes: Mapping[str, str] | None = None,
    most_bytes: int | None = None,
) -> bytes:
    """Triples, serialised; raises QueryTooBig beyond the bound, InputError where the form has no way."""
    stream = _Bounded(most_bytes)
    try:
        ox.serialize(result, cast("IO[bytes]", stream), form, prefixes=dict(prefixes or {}))
    except ValueError as error:
        raise InputError(f"The triples cannot be written as {form.name}: {error}") from error
    except (OSError, RuntimeError) as error:
        raise StoreError(f"The query cannot be evaluated: {error}") from error
    content = stream.content()
    if form == ox.RdfFormat.RDF_XML and _BROKEN_NAME in content:
        raise InputError("The triples cannot be written as RDF/XML: a predicate ends in no XML name.")
    return content


_BROKEN_NAME = b"<oxprefix: "
"""What the engine writes for such a predicate, which is no XML (https://www.w3.org/TR/rdf-syntax-grammar/)."""
