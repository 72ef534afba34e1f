"""RDF that a request carries: which form it has, and its triples."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from xml.parsers import expat

import pyoxigraph as ox

from tinykg.endpoint.media_types import GRAPHS, MULTIPART, parsed, utf_8
from tinykg.errors import InputError, UnsupportedMediaType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinykg.endpoint.messages import EndpointRequest


_NO_END = expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]


@dataclass(frozen=True, slots=True)
class Part:
    """A document: its bytes and media type (one of GRAPHS), and what it is called in an error."""

    content: bytes
    media_type: str
    name: str


def parts_of(request: EndpointRequest) -> tuple[Part, ...]:
    """The documents that a request carries: its content, or the parts of a form (RFC 7578)."""
    if parsed(request.content_type)[0] != MULTIPART:
        return (_part(request.content, request.content_type, "The content", None),)
    head = f"Content-Type: {request.content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser().parsebytes(head + request.content)
    if not message.is_multipart():
        raise InputError(f"The content is not {MULTIPART} with the boundary that its Content-Type says.")
    found = [part for part in message.get_payload() if isinstance(part, Message)]
    return tuple(_part_of_form(part) for part in found)


def _part_of_form(part: Message) -> Part:
    file_name = part.get_filename()
    name = file_name or part.get_param("name", header="content-disposition") or "without a name"
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise InputError(f"The part {name} has parts itself; send each document as a part of its own.")
    return _part(content, part.get("Content-Type"), f"The part {name}", file_name)


def _part(content: bytes, content_type: str | None, name: str, file_name: str | None) -> Part:
    """A document; a file of a form that says no type is known by its name."""
    media_type = parsed(content_type)[0]
    if not media_type and file_name:
        form = ox.RdfFormat.from_extension(PurePosixPath(file_name).suffix.removeprefix("."))
        media_type = "" if form is None else form.media_type
    if media_type not in GRAPHS:
        raise UnsupportedMediaType(media_type or "(none)", tuple(GRAPHS))
    if media_type != "application/rdf+xml":  # XML says by itself how it is encoded
        utf_8(content, content_type, name[0].lower() + name[1:])
    return Part(content, media_type, name)


def triples_of(parts: Iterable[Part], base: str) -> Iterator[ox.Triple]:
    """The triples of documents, their blank nodes kept apart; raises InputError where one cannot be read."""
    for part in parts:
        form = GRAPHS[part.media_type]
        if form == ox.RdfFormat.RDF_XML:
            _check_has_an_end(part)
        try:
            for quad in ox.parse(part.content, format=form, base_iri=base, rename_blank_nodes=True):
                if not isinstance(quad.graph_name, ox.DefaultGraph):
                    raise InputError(
                        f"{part.name} names the graph {quad.graph_name}; the request says which graph it is "
                        "about, so send its triples only."
                    )
                if isinstance(quad.object, ox.Triple):
                    raise InputError(f"{part.name} has the triple term {quad.object}; TinyKG keeps RDF 1.1.")
                yield quad.triple
        except SyntaxError as error:
            place = f"line {error.lineno}: " if error.lineno else ""
            raise InputError(f"{part.name} is no {form.name}: {place}{_said(error)}") from error
        except ValueError as error:
            raise InputError(f"{part.name} cannot be read: {error}") from error


def _check_has_an_end(part: Part) -> None:
    """Raise InputError for XML that breaks off, of which the engine would take what is there."""
    try:
        expat.ParserCreate().Parse(part.content, True)  # noqa: FBT003 - it has no name
    except expat.ExpatError as error:
        if error.code == _NO_END:
            raise InputError(
                f"{part.name} is no RDF/XML: it ends in line {error.lineno}, before its elements."
            ) from error


def _said(error: SyntaxError) -> str:
    if "LoadDocumentCallback" in str(error.msg):
        return "it names a context by address, and no address is opened here. Put the context into it."
    return error.msg
