"""Descriptions of boards and parts -> graphs, and the device types that they come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from tinykg.errors import UnknownName
from tinykg.graph import iris
from tinykg.graph.decode_board import decode_boards, decode_microcontrollers
from tinykg.graph.decode_device import decode_device_types, decode_units
from tinykg.graph.encode_board import encode_board, encode_microcontroller
from tinykg.graph.encode_device import encode_device_type
from tinykg.graph.encode_joined import encode_joined
from tinykg.graph.triples import Facts
from tinykg.join.compose import compose
from tinykg.join.identity import Boards, identity
from tinykg.join.links import curated_links, links_of_sheets
from tinykg.join.parts import PartIndex
from tinykg.join.trust import by_trust, parts_by_trust
from tinykg.queries.load import sparql
from tinykg.records.board import BoardDescription, Microcontroller
from tinykg.records.joined import Joined
from tinykg.store.protocol import text_of
from tinykg.vocab.tinykg import TK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tinykg.records.device import DeviceType
    from tinykg.store.protocol import Store

Said: TypeAlias = BoardDescription | Microcontroller

JOINED = "joined"
"""What the graph of a joined device type names as its extractor."""


def said_graph(record: Said) -> str:
    """The IRI of the named graph that a source's word on a board or a part lives in."""
    if isinstance(record, Microcontroller):
        return iris.microcontroller_graph(record.source, record.collection, record.part)
    return iris.board_description_graph(*identity(record))


def encode_said(record: Said) -> list[ox.Triple]:
    """The triples of a source's word on a board or a part."""
    return encode_microcontroller(record) if isinstance(record, Microcontroller) else encode_board(record)


def as_part(record: Said) -> Said:
    """A description of a bare chip as the part it describes; anything else as it is."""
    if not isinstance(record, BoardDescription) or not record.is_chip:
        return record
    return Microcontroller(
        part=record.part or record.identifier,
        source=record.source,
        collection=record.collection,
        vendor=record.vendor,
        processors=record.processors,
        figures=record.figures,
        accelerators=record.accelerators,
        note=record.note,
    )


def joined_graph(slug: str) -> str:
    """The IRI of the named graph that holds what a device type has from joined sources."""
    return iris.source_graph("joined", slug)


def sheet_graph(slug: str) -> str:
    """The IRI of the named graph that holds what a person's sheet says of a device type."""
    return iris.source_graph("device-type", slug)


@dataclass(slots=True)
class BoardWorld:
    """All that is said of boards and parts, and the device types it comes to."""

    boards: Boards
    parts: dict[str, Microcontroller] = field(default_factory=dict)
    sheets: dict[str, DeviceType] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> BoardWorld:
        """Nothing said yet; the curated links are known."""
        return cls(boards=Boards(links=dict(curated_links())))

    def add_sheets(self, sheets: Iterable[DeviceType], descriptions: Iterable[BoardDescription]) -> None:
        """Take persons' sheets, and the links that these state to the descriptions."""
        for sheet in sheets:
            self.sheets[sheet.slug] = sheet
            self.boards.know(sheet)
        named = [
            (source, identifier, sheet.slug)
            for sheet in self.sheets.values()
            for source, identifier in (("platformio", sheet.platformio_id), ("zephyr", sheet.zephyr_id))
            if identifier is not None
        ]
        self.boards.links = {**links_of_sheets(named, descriptions), **self.boards.links}

    def add(self, records: Iterable[Said]) -> set[str]:
        """Take what sources say; the slugs of the boards that it may change."""
        said = list(records)
        parts = [record for record in said if isinstance(record, Microcontroller)]
        self.parts.update((said_graph(part), part) for part in parts)
        boards = (record for record in said if isinstance(record, BoardDescription) and not record.is_chip)
        changed = self.boards.add(boards)
        return changed | self._carrying(parts)

    def _carrying(self, parts: list[Microcontroller]) -> set[str]:
        """The boards whose part may be one of these."""
        if not parts:
            return set()
        index = PartIndex(parts)
        return {
            slug
            for slug in {*self.boards.members, *self.sheets}
            if any(index.meant_by(part) for part in self._parts_named(slug))
        }

    def _parts_named(self, slug: str) -> list[str]:
        """The part numbers that a board's sheet and its descriptions give, the most trusted first."""
        told = by_trust(self.boards.members.get(slug, ()))
        said = [part for d in told if (part := d.part or next((p.part for p in d.processors), None))]
        sheet = self.sheets.get(slug)
        own = [p.part for p in sheet.processors if p.part][:1] if sheet else []
        return list(dict.fromkeys([*own, *said]))

    def join(self, slugs: Iterable[str]) -> dict[str, Joined]:
        """The device types of boards; none for a slug of which nobody says anything."""
        index = PartIndex(self.parts.values())
        found: dict[str, Joined] = {}
        for slug in sorted(slugs):
            descriptions, sheet = self.boards.members.get(slug, []), self.sheets.get(slug)
            if descriptions or sheet:
                parts = index.meant_by_all(self._parts_named(slug))
                found[slug] = compose(slug, descriptions, parts, sheet)
        return found

    def triples(self, joined: Joined) -> list[ox.Triple]:
        """What a device type has besides its sheet; nothing where its sheet is all there is."""
        slug = joined.device.slug
        if not joined.descriptions and not joined.parts:
            return []
        return encode_joined(joined, self.sheets.get(slug))


def world_of(store: Store) -> BoardWorld:
    """All that a store holds about boards and parts."""
    names = store.graph_names()
    world = BoardWorld.empty()
    said = _triples(store, names, "board-description")
    descriptions = decode_boards(said)
    sheets = decode_device_types(_triples(store, names, "device-type"))
    world.add_sheets(sheets, descriptions)
    world.parts = {
        said_graph(part): part for part in decode_microcontrollers(_triples(store, names, "microcontroller"))
    }
    slugs = _slugs(store)
    for description in descriptions:
        slug = slugs.get(iris.board_description(*identity(description)).value)
        if slug is not None:
            world.boards.put(slug, description)
    return world


def _triples(store: Store, names: Iterable[str], kind: str) -> list[ox.Triple]:
    beginning = iris.source_graph(kind, "")
    return [t for name in names if name.startswith(beginning) for t in store.graph(name)]


def _slugs(store: Store) -> Mapping[str, str]:
    """The slug of the device type that each description is joined into."""
    rows = store.select(sparql("board_sources"))
    return {text_of(row["description"]) or "": text_of(row["slug"]) or "" for row in rows}


def whole(world: BoardWorld, joined: Joined) -> list[ox.Triple]:
    """All triples of a device type, its sheet's too: what the shapes are asked about."""
    sheet = world.sheets.get(joined.device.slug)
    return [*(encode_device_type(sheet) if sheet else ()), *world.triples(joined)]


def device_of(store: Store, device: str) -> DeviceType:
    """The device type of an IRI, by its sheet and by what was joined; a registered device likewise.

    Raises UnknownName where it has just been removed.
    """
    slug = iris.concept_name(device)
    if device.startswith(iris.unit("").value):
        found = decode_units(store.graph(iris.graph_of(device)))
    else:
        found = decode_device_types([*store.graph(sheet_graph(slug)), *store.graph(joined_graph(slug))])
    if not found:
        raise UnknownName("device", slug, ())
    return found[0]


def joined_of(store: Store, device: str) -> tuple[Joined, DeviceType | None]:
    """A device type with the descriptions and parts it was made of, and its sheet where there is one."""
    sheets = decode_device_types(store.graph(sheet_graph(iris.concept_name(device))))
    facts = Facts(store.graph(joined_graph(iris.concept_name(device))))
    said = decode_boards(_said_by(store, facts.links(device, TK.describedBy)))
    parts = decode_microcontrollers(_said_by(store, facts.links(device, TK.hasMicrocontroller)))
    joined = Joined(
        device=device_of(store, device),
        descriptions=tuple(by_trust(said)),
        parts=tuple(parts_by_trust(parts)),
    )
    return joined, sheets[0] if sheets else None


def _said_by(store: Store, entities: Iterable[str]) -> list[ox.Triple]:
    return [t for entity in entities for t in store.graph(iris.graph_of(entity))]


def graphs_of(store: Store, entity: str) -> list[str]:
    """The named graphs that hold an entity: its own, and for a board what was joined and what that rests on.

    A part, which other boards may have too, is not in.
    """
    if not entity.startswith(iris.device_type("").value):
        return [iris.graph_of(entity)]
    slug = iris.concept_name(entity)
    described = Facts(store.graph(joined_graph(slug))).links(entity, TK.describedBy)
    own = [sheet_graph(slug), joined_graph(slug), iris.source_graph("thing-model", slug)]
    return [*own, *map(iris.graph_of, described)]


def joined_anew(store: Store, graphs: Iterable[str]) -> dict[str, list[ox.Triple]]:
    """The graphs of what is joined for the boards that some graphs of sheets or joined facts are about.

    They keep what they say of themselves.
    """
    beginnings = (sheet_graph(""), joined_graph(""))
    slugs = {iris.concept_name(name) for name in graphs if name.startswith(beginnings)}
    if not slugs:
        return {}
    world = world_of(store)
    found = world.join(slugs)
    about = {slug: [t for t in store.graph(joined_graph(slug)) if _is_about_itself(t)] for slug in slugs}
    return {
        joined_graph(slug): [*triples, *about[slug]] if (triples := world.triples(found[slug])) else []
        for slug in slugs & found.keys()
    }


def _is_about_itself(triple: ox.Triple) -> bool:
    """Whether a statement is a graph's about itself."""
    return isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(joined_graph(""))
