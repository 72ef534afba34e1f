"""Registered Things that are boards: what a model finds on each of them, beside its type."""

from __future__ import annotations

import contextlib
import json
from functools import cache, partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import pyoxigraph as ox

from tinykg.catalogue.boards import device_of
from tinykg.catalogue.lookup import find
from tinykg.errors import ExtractError, InvalidThing, Refused, UnknownName
from tinykg.extract.thing_description import MODEL_SOURCE, described
from tinykg.graph import iris
from tinykg.graph.encode_device import encode_unit
from tinykg.join.unit import unit
from tinykg.queries.load import sparql
from tinykg.records.listing import UnitSummary
from tinykg.records.thing import ThingFault
from tinykg.store.protocol import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tinykg.records.board import BoardDescription
    from tinykg.store.protocol import Store, Term

_COLLECTION = "device-types"
"""The resource below which a server has its device types."""


def device_graphs(
    store: Store, thing_id: str, document: Mapping[str, Any] | None
) -> dict[str, list[ox.Triple]]:
    """The graph that makes a Thing matchable like a board; an empty one where it is none, or is gone.

    A Thing is a board where it links with `rel=type` to a device type that is registered, or says in
    TinyKG's terms what it is made of. Raises InvalidThing where what it says in them is wrong.
    """
    graph = iris.graph_of(iris.unit(thing_id).value)
    if document is None:
        return {graph: []}
    said = _said(thing_id, document)
    kind = _type_of(store, document)
    if kind is None and not (said.processors or said.figures or said.sensors):
        return {graph: []}
    device = unit(thing_id, said, None if kind is None else device_of(store, kind))
    return {graph: encode_unit(device, kind)}


def _said(thing_id: str, document: Mapping[str, Any]) -> BoardDescription:
    try:
        return described(dict(document), thing_id)
    except ExtractError as error:
        wanted = f"; expected {error.expected}" if error.expected else ""
        place = error.place.strip("`").removeprefix("$").removeprefix(".") or "(root)"
        fault = ThingFault(field=place, description=f"{error.found}{wanted}")
        raise InvalidThing(thing_id, [fault]) from error


def _type_of(store: Store, document: Mapping[str, Any]) -> str | None:
    """The IRI of the device type that a Thing links to; None where it links to none that is known."""
    for href in _type_links(document):
        found = type_at(store, href)
        if found is not None:
            return found
    return None


def _type_links(document: Mapping[str, Any]) -> Iterator[str]:
    links, base = document.get("links", []), document.get("base")
    for link in links if isinstance(links, list) else [links]:
        if isinstance(link, dict) and link.get("rel") == "type" and isinstance(link.get("href"), str):
            with contextlib.suppress(ValueError):  # it is no address, such as http://[
                yield urljoin(base, link["href"]) if isinstance(base, str) else link["href"]


def type_at(store: Store, href: str) -> str | None:
    """The device type of an address: its IRI, its resource on a TinyKG server, or its Thing Model's id.

    None where it is no address, or that of something else.
    """
    if href.startswith(iris.device_type("").value):
        return _named(store, unquote(href.removeprefix(iris.device_type("").value)))
    try:
        parts = PurePosixPath(urlsplit(href).path).parts
    except ValueError:
        return None
    if len(parts) > 1 and parts[-2] == _COLLECTION:
        return _named(store, unquote(parts[-1]))
    description = iris.board_description(MODEL_SOURCE, None, href)
    rows = store.select(sparql("type_described_by", description=description, address=ox.Literal(href))).rows
    return text_of(rows[0][0]) if rows else None


def _named(store: Store, name: str) -> str | None:
    try:
        return find(store, "device-type", name)
    except UnknownName:
        return None


def check_is_no_thing(entity: str) -> None:
    """Raise Refused where an entity is a registered device, which goes with its Thing."""
    if entity.startswith(iris.unit("").value):
        name = iris.concept_name(entity)
        raise Refused(
            f"'{name}' is a registered Thing; delete it from the directory of 'tinykg serve': "
            f"DELETE /things/{quote(name, safe='')}"
        )


def units(store: Store) -> list[UnitSummary]:
    """The registered devices, by id."""
    return [
        UnitSummary(
            id=text_of(row["id"]) or "",
            name=text_of(row["name"]) or "",
            device_type=None if row["typeSlug"] is None else unquote(text_of(row["typeSlug"]) or ""),
            ram_free_bytes=_whole(row["ramFreeBytes"]),
            flash_free_bytes=_whole(row["flashFreeBytes"]),
        )
        for row in store.select(sparql("units"))
    ]


def _whole(term: Term | None) -> int | None:
    text = text_of(term)
    return None if text is None else int(text)


def units_anew(store: Store, changed: Iterable[str]) -> dict[str, list[ox.Triple]]:
    """The graphs of the registered devices whose types are told of by graphs that were changed or removed.

    These are the devices that were of such a type, and the Things that link to one which is there now.
    """
    kinds = [iris.source_graph(kind, "") for kind in ("device-type", "joined")]
    types = [
        iris.device_type(slug)
        for slug in sorted({iris.concept_name(graph) for graph in changed if graph.startswith(tuple(kinds))})
    ]
    if not types:
        return {}
    were = {text_of(row["id"]) for row in store.select(sparql("units", type=types))}
    values = {kind.value for kind in types}
    at = cache(partial(type_at, store))
    found: dict[str, list[ox.Triple]] = {}
    for text, thing in store.select(sparql("thing_text")).rows:
        thing_id, document = text_of(thing) or "", json.loads(text_of(text) or "{}")
        if thing_id in were or any(at(href) in values for href in _type_links(document)):
            found |= device_graphs(store, thing_id, document)
    return found
