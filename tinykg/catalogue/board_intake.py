"""What sources say of boards and parts enters a batch, with the device types it comes to."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from tinykg.catalogue.assemble import differs, provenance
from tinykg.catalogue.boards import JOINED, as_part, encode_said, joined_graph, said_graph, whole, world_of
from tinykg.catalogue.thing_models import encode_thing_model, thing_model_graph
from tinykg.errors import InputError, ShapeViolation
from tinykg.extract.thing_description import MODEL_SOURCE
from tinykg.join.identity import identity
from tinykg.records.board import BoardDescription, Microcontroller
from tinykg.validate.batch import check_each

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.catalogue.batch import Batch, Extracted
    from tinykg.catalogue.boards import BoardWorld, Said
    from tinykg.records.device import DeviceType
    from tinykg.records.finding import Finding
    from tinykg.store.protocol import Store


def take_boards(batch: Batch, store: Store, items: Sequence[Extracted], sheets: Sequence[DeviceType]) -> None:
    """Put descriptions, parts and the device types they change into the batch; refuse what breaks a rule.

    `sheets` are the boards of which a person's sheet was taken in this batch.
    """
    if not items and not sheets:
        return
    offered = _offered(batch, items)
    world = world_of(store)
    said = {name: encode_said(record) for name, (_, record) in offered.items()}
    new = {name: triples for name, triples in said.items() if differs(store, name, triples)}
    sound = _refuse_unsound(batch, offered, check_each(new))
    new_ones = [r for _, r in sound.values() if isinstance(r, BoardDescription)]
    world.add_sheets(sheets, [*chain.from_iterable(world.boards.members.values()), *new_ones])
    changed = world.boards.follow_links() | {sheet.slug for sheet in sheets}
    changed |= world.add(record for _, record in sound.values())
    altered = _join(batch, store, world, changed)
    slugs = {identity(d): slug for slug in changed for d in world.boards.members.get(slug, ())}
    for name, (item, record) in sound.items():
        if name in new:
            batch.graphs[name] = item.graph(name, new[name])
        if isinstance(record, Microcontroller) or record.is_chip:
            what = record.part if isinstance(record, Microcontroller) else record.identifier
            status = "unchanged" if name not in new else "updated" if store.graph(name) else "added"
            batch.note(item.path, "microcontroller", what, status)
            continue
        slug = slugs[identity(record)]
        is_new_model = record.source == MODEL_SOURCE and _takes_thing_model(batch, store, slug, item)
        fresh = name in new or slug in altered or is_new_model
        known = store.graph(name)
        batch.note(item.path, "device", slug, "unchanged" if not fresh else "updated" if known else "added")


def _takes_thing_model(batch: Batch, store: Store, slug: str, item: Extracted) -> bool:
    """Whether a Thing Model is put into the batch as it came: where the device type has not just this one."""
    name = thing_model_graph(slug)
    try:
        triples = encode_thing_model(slug, item.path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{item.path}: changed while it was read ({error}); nothing was registered"
        ) from error
    if not differs(store, name, triples):
        return False
    batch.graphs[name] = item.graph(name, triples)
    return True


def _offered(batch: Batch, items: Sequence[Extracted]) -> dict[str, tuple[Extracted, Said]]:
    """The records by graph; a second one of a name is taken only where it says the same."""
    found: dict[str, tuple[Extracted, Said]] = {}
    for item in items:
        assert isinstance(item.record, BoardDescription | Microcontroller)
        record = as_part(item.record)
        first = found.setdefault(said_graph(record), (item, record))
        if first[1] != record and isinstance(item.record, BoardDescription) and item.record.is_chip:
            record = item.record  # one of several for a part, which differ: it stays what it says it is
            first = found.setdefault(said_graph(record), (item, record))
        if first[0] is item:
            continue
        what = record.part if isinstance(record, Microcontroller) else record.identifier
        if first[1] == record:
            batch.note(item.path, "device", what, "unchanged")
        else:
            problem = f"{item.path}: another description of '{what}' is taken from {first[0].path}"
            batch.refuse(item.path, problem, is_conflict=True)
    return found


def _refuse_unsound(
    batch: Batch, offered: Mapping[str, tuple[Extracted, Said]], findings: Mapping[str, list[Finding]]
) -> dict[str, tuple[Extracted, Said]]:
    """The records without a violation; the others are refused with what is wrong."""
    sound = dict(offered)
    for name, found in findings.items():
        violations = [f for f in found if f.severity == "violation"]
        if violations:
            item, _ = sound.pop(name)
            batch.refuse(item.path, ShapeViolation(item.path.name, violations))
    return sound


def _join(batch: Batch, store: Store, world: BoardWorld, slugs: set[str]) -> set[str]:
    """Put the device types of boards into the batch where they change; which ones these are."""
    joined = world.join(slugs)
    made = {slug: world.triples(joined[slug]) if slug in joined else [] for slug in slugs}
    altered = {slug for slug, triples in made.items() if differs(store, joined_graph(slug), triples)}
    findings = check_each({slug: whole(world, joined[slug]) for slug in altered if slug in joined})
    for slug, found in findings.items():
        violations = [f for f in found if f.severity == "violation"]
        if violations:
            raise ShapeViolation(slug, violations)
    for slug in altered:
        name = joined_graph(slug)
        batch.graphs[name] = []
        if made[slug]:
            source = joined[slug].device.evidence.source
            batch.graphs[name] = [
                *made[slug],
                *provenance(name, source=source, extractor=JOINED, built_in=False),
            ]
    return altered
