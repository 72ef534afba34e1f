"""Thing Models of device types: as they were registered, or made of facts; and what derives from them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from tinykg.catalogue.boards import device_of
from tinykg.catalogue.registered import type_at
from tinykg.graph import iris
from tinykg.report.thing_model import thing_description, thing_model
from tinykg.things.derive import derived
from tinykg.things.merge_patch import merged
from tinykg.vocab.tinykg import NS as TK_NAMESPACE
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tinykg.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is told of one unit of a device type; the last four are for its Thing Model (TD 1.1, 10.4).

    `values` replace placeholders, `optional` are pointers to the optional affordances that it has,
    `instance` is its version, `additions` a merge patch with what the model lacks, such as forms.
    """

    thing_id: str
    title: str | None = None
    free_ram_bytes: int | None = None
    free_flash_bytes: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    optional: Sequence[str] = ()
    instance: str | None = None
    additions: Mapping[str, Any] = field(default_factory=dict)


def thing_model_graph(slug: str) -> str:
    """The named graph with the Thing Model that a device type was registered by."""
    return iris.source_graph("thing-model", slug)


def encode_thing_model(slug: str, text: str, address: str | None = None) -> list[ox.Triple]:
    """The triples of a registered Thing Model, and where it is published."""
    device = iris.device_type(slug)
    literal = ox.Literal(text, datatype=ox.NamedNode(RDF.JSON))
    told = [ox.Triple(device, ox.NamedNode(TK.thingModel), literal)]
    if address is not None:
        told.append(ox.Triple(device, ox.NamedNode(TK.thingModelAddress), ox.Literal(address)))
    return told


def thing_model_of(store: Store, device: str) -> dict[str, Any]:
    """The Thing Model of a device type: as it was registered, else made of what is known of it."""
    return _registered(store, device) or thing_model(device_of(store, device))


def _registered(store: Store, device: str) -> dict[str, Any] | None:
    for triple in store.graph(thing_model_graph(iris.concept_name(device))):
        if triple.predicate.value == TK.thingModel and isinstance(triple.object, ox.Literal):
            found: dict[str, Any] = json.loads(triple.object.value)
            return found
    return None


def models_in(store: Store) -> Callable[[str], dict[str, Any]]:
    """What gives the Thing Model at an address where a device type of this registry is meant by it.

    Raises LookupError for any other address: nothing is fetched.
    """

    def load(href: str) -> dict[str, Any]:
        device = type_at(store, href.partition("#")[0])
        if device is None:
            raise LookupError(href)
        return thing_model_of(store, device)

    return load


def description_of(store: Store, device: str, href: str, unit: Unit) -> dict[str, Any]:
    """A Thing Description of one unit of a device type, whose Thing Model is at `href`.

    It derives from a registered Thing Model by the steps of TD 1.1, 10.4, but does not repeat what the type
    is made of in TinyKG's terms, which its link tells. Raises InvalidThing where a placeholder has no value.
    """
    begun = thing_description(
        device_of(store, device),
        thing_id=unit.thing_id,
        title=unit.title,
        href=href,
        free_ram_bytes=unit.free_ram_bytes,
        free_flash_bytes=unit.free_flash_bytes,
    )
    model = _registered(store, device)
    if model is None:
        return _with(begun, unit)
    told = {name: value for name, value in model.items() if not name.startswith(("tk:", TK_NAMESPACE))}
    found = derived(
        told,
        models_in(store),
        model_href=href,
        values=unit.values,
        optional=unit.optional,
        instance=unit.instance,
    )
    if "security" in found:
        begun = {name: value for name, value in begun.items() if not name.startswith("security")}
    if unit.title is None and "title" in found:
        begun.pop("title")
    contexts = [*_listed(found.get("@context")), *_listed(begun.pop("@context"))]
    types = [*_listed(found.get("@type")), *_listed(begun.pop("@type"))]
    begun.pop("links")
    once = [one for place, one in enumerate(contexts) if one not in contexts[:place]]
    return _with({**found, "@context": once, "@type": list(dict.fromkeys(types)), **begun}, unit)


def _with(description: dict[str, Any], unit: Unit) -> dict[str, Any]:
    found: dict[str, Any] = merged(description, dict(unit.additions))
    return found


def _listed(value: object) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
