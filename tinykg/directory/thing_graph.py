"""The named graph of a registered Thing: what its description says, its text, and its registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import pyoxigraph as ox

from tinykg.directory.change import change_iri
from tinykg.directory.registration import timestamp
from tinykg.errors import InvalidThing
from tinykg.graph.iris import BASE, ONTOLOGY_GRAPH, node, slug, source_graph
from tinykg.graph.triples import Triples, typed
from tinykg.records.thing import ThingFault
from tinykg.vocab.tinykg import NS, TK
from tinykg.vocab.wot import DISCOVERY, RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tinykg.directory.registration import Registration

_DEVICES: Final = BASE + "device/"
_THINGS: Final = source_graph("thing", "")
_CHANGES: Final = source_graph("change", "")
_UNSIGNED_INT_MAX: Final = 2**32 - 1
_RESERVED: Final = frozenset(
    (TK.thingId, TK.thingDescription, TK.lastChange, TK.changeNumber, TK.changeKind, TK.changeContent)
)
"""Properties that the directory alone states."""
_LONGEST_ID: Final = 2048
"""Characters; a web server refuses longer paths anyway."""


def thing_iri(thing_id: str) -> ox.NamedNode:
    """The IRI of a Thing: its identifier where that is an absolute IRI, else one below TinyKG's base.

    Raises InvalidThing for an identifier that stands for something else in the registry.
    """
    if not thing_id or len(thing_id) > _LONGEST_ID:
        raise _invalid("id", f"has {len(thing_id)} characters; expected 1 to {_LONGEST_ID}")
    if not thing_id.isprintable():
        raise _invalid("id", "holds a control character; write an IRI, such as urn:uuid:...")
    try:
        iri = ox.NamedNode(thing_id)
    except ValueError:
        return node(f"thing/{slug(thing_id)}")
    if _is_ours(thing_id) and not thing_id.startswith(_DEVICES):
        raise _invalid(
            "id", f"is below {BASE}, where TinyKG's own entities are; devices are below {_DEVICES}"
        )
    return iri


def thing_graph(thing_id: str) -> str:
    """The named graph of a Thing."""
    return source_graph("thing", thing_id)


def registered_id(graph: str) -> str | None:
    """The identifier of the Thing whose named graph it is; None for other graphs."""
    if not graph.startswith(_THINGS):
        return None
    thing_id = unquote(graph[len(_THINGS) :])
    try:
        thing_iri(thing_id)
    except InvalidThing:
        return None
    return thing_id if thing_graph(thing_id) == graph else None


def registration_iri(thing_id: str) -> ox.NamedNode:
    """The IRI of a Thing's registration."""
    return node(f"registration/{slug(thing_id)}")


def thing_base(thing_id: str) -> str:
    """What relative references of a Thing's description are resolved against; IRIs below it are its own."""
    return f"{BASE}thing/{slug(thing_id)}/"


def told_by(
    projection: Iterable[ox.Triple], thing_id: str, is_other_thing: Callable[[str], bool]
) -> list[ox.Triple]:
    """What a Thing Description says, with an IRI for each of its blank nodes.

    Named nodes let a graph be changed by what differs; with blank ones it would be written anew, after a
    comparison that can take long for a text made to that end. Raises InvalidThing where the description
    speaks of what is not its own: of another Thing, or of an entity of the registry.
    """
    triples = list(projection)
    _check_own(triples, thing_id, is_other_thing)
    nodes: dict[ox.BlankNode, ox.NamedNode] = {}

    def named(term: ox.BlankNode) -> ox.NamedNode:
        if term not in nodes:
            nodes[term] = node(f"thing-node/{slug(thing_id)}/{len(nodes)}")
        return nodes[term]

    return [
        ox.Triple(
            named(t.subject) if isinstance(t.subject, ox.BlankNode) else t.subject,
            t.predicate,
            named(t.object) if isinstance(t.object, ox.BlankNode) else t.object,
        )
        for t in triples
    ]


def _check_own(triples: list[ox.Triple], thing_id: str, is_other_thing: Callable[[str], bool]) -> None:
    own, below = thing_iri(thing_id), thing_base(thing_id)
    faults: dict[str, None] = {}
    for subject in {triple.subject for triple in triples}:
        if (
            isinstance(subject, ox.NamedNode)
            and subject != own
            and not subject.value.startswith(below)
            and (_is_ours(subject.value) or is_other_thing(subject.value))
        ):
            faults[
                f"says something of {subject.value}, which is not this Thing; drop the object of that @id"
            ] = None
    for predicate in {triple.predicate.value for triple in triples} & _RESERVED:
        faults[f"states {predicate}, which only the directory states; remove it"] = None
    if faults:
        found = [ThingFault(field="(root)", description=fault) for fault in sorted(faults)]
        raise InvalidThing("The Thing Description", found)


def registered_triples(thing_id: str, text: str, registration: Registration, number: int) -> list[ox.Triple]:
    """What the directory itself says of a Thing: the description's text, the identifier, the registration."""
    thing = thing_iri(thing_id)
    entry = registration_iri(thing_id)
    told = Triples()
    told.add(thing, TK.thingId, thing_id)
    told.add(thing, TK.thingDescription, typed(text, RDF.JSON))
    told.add(thing, TK.lastChange, change_iri(number))
    told.add(thing, DISCOVERY.hasRegistrationInformation, entry)
    told.add_type(entry, DISCOVERY.RegistrationInformation)
    told.add(entry, DISCOVERY.dateCreated, _time(registration, "created"))
    told.add(entry, DISCOVERY.dateModified, _time(registration, "modified"))
    told.add(entry, DISCOVERY.expires, _time(registration, "expires"))
    told.add(entry, DISCOVERY.ttl, _seconds(registration.ttl_s))
    return told.done()


def leaves_answers(graph: str, changed: Iterable[ox.Triple]) -> bool:
    """Whether a change of a graph leaves all answers about models and devices as they are.

    That is so of the log, and of Things that say nothing in TinyKG's terms.
    """
    if graph.startswith(_CHANGES):
        return True
    return graph.startswith(_THINGS) and not any(
        (t.predicate.value.startswith(NS) and t.predicate.value not in _RESERVED)
        or (isinstance(t.object, ox.NamedNode) and t.object.value.startswith(NS))
        for t in changed
    )


def _seconds(ttl_s: float | None) -> ox.Literal | None:
    """A ttl as the ontology of WoT Discovery has it, an xsd:unsignedInt, if it is one."""
    if ttl_s is None:
        return None
    if ttl_s <= _UNSIGNED_INT_MAX and float(ttl_s).is_integer():
        return typed(str(int(ttl_s)), XSD.unsignedInt)
    return typed(repr(float(ttl_s)), XSD.double)


def _time(registration: Registration, name: str) -> ox.Literal | None:
    time = getattr(registration, name)
    return None if time is None else typed(timestamp(time), XSD.dateTime)


def _is_ours(iri: str) -> bool:
    return iri == ONTOLOGY_GRAPH or iri.startswith((BASE, f"{ONTOLOGY_GRAPH}#"))


def _invalid(field: str, description: str) -> InvalidThing:
    return InvalidThing("The Thing Description", [ThingFault(field=field, description=description)])
