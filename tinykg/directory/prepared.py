"""A Thing Description that was read, checked and turned into triples, ready to be written."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from tinykg.directory.enriched import compact
from tinykg.directory.thing_graph import thing_base, thing_iri, told_by
from tinykg.errors import InvalidThing, UnsupportedMediaType
from tinykg.records.thing import ThingFault
from tinykg.things.check import faults_of
from tinykg.things.parse import MAX_BYTES, read_ambiguous, read_thing
from tinykg.things.project import subject_of, triples_of
from tinykg.vocab.wot import DISCOVERY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

THING_TYPES: Final = ("application/td+json", "application/json", "application/ld+json")
"""Media types that a Thing Description is taken in."""
PATCH_TYPES: Final = ("application/merge-patch+json",)
_CODINGS: Final = ("gzip", "identity")
_REGISTERED_AS: Final = ox.NamedNode(DISCOVERY.hasRegistrationInformation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A valid Thing Description: its text as it came, its members with the id, and what it says as RDF."""

    thing_id: str
    text: str
    document: Mapping[str, Any]
    told: list[ox.Triple]


def prepare(
    thing_id: str, text: str, document: Mapping[str, Any], is_other_thing: Callable[[str], bool]
) -> Prepared:
    """A Thing Description ready to be written under an identifier; raises InvalidThing with its faults.

    Contexts that are not known offline are left out of the projection; the text keeps them.
    """
    iri = thing_iri(thing_id)
    faults = faults_of(document)
    if faults:
        raise InvalidThing("The Thing Description", faults)
    told = told_by(_projection(thing_id, iri, document), thing_id, is_other_thing)
    return Prepared(thing_id=thing_id, text=text, document={**document, "id": thing_id}, told=told)


def _projection(thing_id: str, iri: ox.NamedNode, document: Mapping[str, Any]) -> list[ox.Triple]:
    """What a Thing Description says, but for its registration, which is the directory's to say."""
    described = {name: value for name, value in document.items() if name != "registration"}
    described["id"], base = iri.value, thing_base(thing_id)
    subject = ox.NamedNode(subject_of(described, base))

    def own(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Any:
        """The Thing's own IRI, also where resolving it has spelt it in another way."""
        return iri if term == subject else term

    return [
        ox.Triple(own(triple.subject), triple.predicate, own(triple.object))
        for triple in triples_of(described, base, unknown="skip")
        if not (triple.predicate == _REGISTERED_AS and triple.subject == subject)
    ]


def read_document(content: bytes) -> tuple[str, dict[str, Any]]:
    """The text of a Thing Description and its members; raises InvalidThing where it is no JSON object.

    Published descriptions have members twice (3 % of those in test collections), and every reader of them
    takes the last one: so does this one, and the text is then that of what was read.
    """
    document, doubled = read_ambiguous(content, subject="The Thing Description")
    return compact(document).decode() if doubled else content.decode("utf-8-sig"), document


def read_patch(content: bytes) -> dict[str, Any]:
    """The members of a merge patch; raises InvalidThing where it is no JSON object, or has a member twice."""
    return read_thing(content, subject="The merge patch")


def check_type(media_type: str | None, accepted: tuple[str, ...]) -> None:
    """Raise UnsupportedMediaType for content of another type; none at all is taken for the first."""
    kind = (media_type or accepted[0]).partition(";")[0].strip().casefold()
    if kind not in accepted:
        raise UnsupportedMediaType(kind, accepted)


def decoded(content: bytes, coding: str | None) -> bytes:
    """The content of a request without its content coding (RFC 9110, 8.4), bounded in size."""
    name = (coding or "identity").strip().casefold()
    if name in ("", "identity"):
        return content
    if name not in ("gzip", "x-gzip"):
        raise UnsupportedMediaType(name, _CODINGS, coding=True)
    try:
        with gzip.GzipFile(fileobj=BytesIO(content)) as packed:
            found = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        fault = ThingFault(field="(root)", description=f"is not gzip, as Content-Encoding says: {error}")
        raise InvalidThing("The Thing Description", [fault]) from error
    return found  # one byte more than allowed is refused by its length, when it is read


def require_id(document: Mapping[str, Any]) -> str:
    """The identifier of a Thing Description; raises InvalidThing where it has none."""
    found = document.get("id")
    if not isinstance(found, str) or not found:
        raise refused_id("is missing; expected the identifier of the path. POST /things gives one.")
    return found


def refused_id(description: str) -> InvalidThing:
    """The error for an identifier that cannot be."""
    return InvalidThing("The Thing Description", [ThingFault(field="id", description=description)])
