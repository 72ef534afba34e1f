"""What JSON Schema cannot say of a Thing Description: names that must be defined, members that contradict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from tinykg.things.date_time import is_time
from tinykg.things.rules import Place, fault_at, field_of, found

if TYPE_CHECKING:
    from tinykg.records.thing import ThingFault

_VARIABLE: Final = re.compile(r"\{[+#./;?&]?([^{}]+)\}")
"""An expression of a URI template (RFC 6570, 2.2) with its variables."""

_AFFORDANCES: Final = ("properties", "actions", "events")
_SCHEMAS_OF_EVENTS: Final = ("subscription", "data", "dataResponse", "cancellation")


def broken_musts(td: Mapping[str, Any]) -> list[ThingFault]:
    """What breaks a rule of TD 1.1 that its JSON Schema leaves out."""
    return [
        *_undefined_security(td),
        *_undefined_schemas(td),
        *_second_type_link(td),
        *_uri_security(td),
        *_times(td),
    ]


def spot_checks(document: Mapping[str, Any]) -> list[ThingFault]:
    """What breaks such a rule, or makes no sense, of a document that is valid otherwise."""
    faults = [*broken_musts(document), *_odd_schemas(document), *_languages(document)]
    return list(dict.fromkeys(faults))


def _members(value: object, name: str) -> dict[str, Any]:
    """An object's member where that is an object itself, else nothing."""
    member = value.get(name) if isinstance(value, Mapping) else None
    return member if isinstance(member, dict) else {}


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if value is not None else []


def _affordances(td: Mapping[str, Any]) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    for kind in _AFFORDANCES:
        for name, one in _members(td, kind).items():
            if isinstance(one, dict):
                yield ((None, kind), name), kind, one


def _forms(td: Mapping[str, Any]) -> Iterator[tuple[Place, dict[str, Any], Mapping[str, Any]]]:
    """Each form with its place and the affordance, or the Thing, whose form it is."""
    owners: list[tuple[Place, Mapping[str, Any]]] = [(None, td)]
    owners += [(place, one) for place, _, one in _affordances(td)]
    for place, owner in owners:
        forms = owner.get("forms")
        for i, form in enumerate(forms if isinstance(forms, list) else []):
            if isinstance(form, dict):
                yield ((place, "forms"), i), form, owner


def _undefined_security(td: Mapping[str, Any]) -> Iterator[ThingFault]:
    """Names of schemes that `securityDefinitions` does not define (TD 1.1, 5.3.1.1, `security`)."""
    defined = _members(td, "securityDefinitions")
    named: list[tuple[Place, object]] = [((None, "security"), td.get("security"))]
    for name, scheme in defined.items():
        place: Place = ((None, "securityDefinitions"), name)
        if isinstance(scheme, dict) and scheme.get("scheme") == "combo":
            named += [((place, side), scheme.get(side)) for side in ("oneOf", "allOf")]
    named += [((place, "security"), form.get("security")) for place, form, _ in _forms(td)]
    for place, value in named:
        for i, one in enumerate(_items(value)):
            if isinstance(one, str) and one not in defined:
                where = (place, i) if isinstance(value, list) else place
                yield fault_at(
                    where, f"names the scheme {found(one)}, which securityDefinitions lacks; define it there"
                )


def _undefined_schemas(td: Mapping[str, Any]) -> Iterator[ThingFault]:
    """Names in `additionalResponses` that `schemaDefinitions` does not define (TD 1.1, 5.3.4.2.2)."""
    defined = _members(td, "schemaDefinitions")
    for place, form, _ in _forms(td):
        for i, response in enumerate(_items(form.get("additionalResponses"))):
            name = response.get("schema") if isinstance(response, dict) else None
            if isinstance(name, str) and name not in defined:
                where = (((place, "additionalResponses"), i), "schema")
                yield fault_at(
                    where, f"names the schema {found(name)}, which schemaDefinitions lacks; define it there"
                )


def _second_type_link(td: Mapping[str, Any]) -> Iterator[ThingFault]:
    """A Thing has one Thing Model at most (TD 1.1, 10.4, the links of a derived description)."""
    links = td.get("links")
    typed = [
        i
        for i, link in enumerate(links if isinstance(links, list) else [])
        if isinstance(link, dict) and link.get("rel") == "type"
    ]
    for i in typed[1:]:
        yield fault_at(
            (((None, "links"), i), "rel"), "is 'type' a second time; a Thing is of one Thing Model"
        )


def _uri_security(td: Mapping[str, Any]) -> Iterator[ThingFault]:
    """A key in the URI has a variable of its own there.

    TD 1.1: td-security-in-uri-variable and td-security-uri-variables-distinct.
    """
    keys = {
        name: scheme["name"]
        for name, scheme in _members(td, "securityDefinitions").items()
        if isinstance(scheme, dict) and scheme.get("in") == "uri" and isinstance(scheme.get("name"), str)
    }
    if not keys:
        return
    everywhere = {name for name in _items(td.get("security")) if isinstance(name, str)}
    for place, form, owner in _forms(td):
        own = {name for name in _items(form.get("security")) if isinstance(name, str)} or everywhere
        href = form.get("href")
        for variable in (keys[name] for name in keys if name in own):
            if isinstance(href, str) and variable not in _variables(href):
                yield fault_at(
                    (place, "href"), f"has no {{{variable}}}, which its security scheme needs there"
                )
            if variable in _members(owner, "uriVariables") or variable in _members(td, "uriVariables"):
                yield fault_at(
                    (place, "href"), f"uses {{{variable}}} both as a key and as a URI variable; rename one"
                )


def _variables(href: str) -> set[str]:
    """The variables of a URI template."""
    return {
        variable.split(":")[0].rstrip("*")
        for expression in _VARIABLE.findall(href)
        for variable in expression.split(",")
    }


def _times(td: Mapping[str, Any]) -> Iterator[ThingFault]:
    for name in ("created", "modified"):
        if name in td and not is_time(td[name]):
            yield fault_at(
                (None, name), f"is {found(td[name])}; expected a date and time such as 2030-01-31T12:00:00Z"
            )


def _odd_schemas(td: Mapping[str, Any]) -> Iterator[ThingFault]:
    for place, schema in _schemas(td):
        if "enum" in schema and "const" in schema:
            yield fault_at(place, "has both enum and const; const alone says which value is allowed")
        if schema.get("type") == "object" and "properties" not in schema:
            yield fault_at(place, "is an object of unknown members; list them in properties")
        if schema.get("type") == "array" and "items" not in schema:
            yield fault_at(place, "is an array of unknown items; describe them in items")
        if schema.get("readOnly") is True and schema.get("writeOnly") is True:
            yield fault_at(place, "is both readOnly and writeOnly; then it can be neither read nor written")
        low, high = schema.get("minimum"), schema.get("maximum")
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            yield fault_at(place, f"has the minimum {low} above the maximum {high}; no number is allowed")


def _schemas(td: Mapping[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """All data schemas of a document, in its order, each before those within it."""
    for owner, one in [(None, td), *((place, one) for place, _, one in _affordances(td))]:
        yield from _each((owner, "uriVariables"), _members(one, "uriVariables"))
    yield from _each((None, "schemaDefinitions"), _members(td, "schemaDefinitions"))
    for place, kind, one in _affordances(td):
        if kind == "properties":
            yield from _within(place, one)
        else:
            names = ("input", "output") if kind == "actions" else _SCHEMAS_OF_EVENTS
            for name in names:
                yield from _within((place, name), one.get(name))


def _each(place: Place, schemas: Mapping[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    for name, schema in schemas.items():
        yield from _within((place, name), schema)


def _within(place: Place, schema: object) -> Iterator[tuple[Place, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    yield place, schema
    yield from _each((place, "properties"), _members(schema, "properties"))
    items = schema.get("items")
    if isinstance(items, dict):
        yield from _within((place, "items"), items)
    for name in ("items", "oneOf"):
        several = schema.get(name)
        for i, one in enumerate(several if isinstance(several, list) else []):
            yield from _within(((place, name), i), one)


def _languages(td: Mapping[str, Any]) -> Iterator[ThingFault]:
    """Texts in several languages are in the same ones throughout (TD 1.1, 5.3.1.5)."""
    first: tuple[Place, set[str]] | None = None
    owners: list[tuple[Place, Mapping[str, Any]]] = [(None, td)]
    owners += [(place, one) for place, _, one in _affordances(td)]
    for owner, one in owners:
        for name in ("titles", "descriptions"):
            texts = one.get(name)
            if not isinstance(texts, dict) or not texts:
                continue
            if first is None:
                first = ((owner, name), set(texts))
            elif set(texts) != first[1]:
                theirs = f"{field_of(first[0])} in {', '.join(sorted(first[1]))}"
                yield fault_at((owner, name), f"is in {', '.join(sorted(texts))}, but {theirs}")
