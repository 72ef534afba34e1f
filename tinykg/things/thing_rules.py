"""The rules of a Thing Description by TD 1.0, by TD 1.1, and of a Thing Model: three objects of `rules.Rule`.

They say what the information model of TD 1.1 (sections 5.3 and 10.3) and of TD 1.0 (5.3) says of each member,
as strictly as the JSON Schemas that W3C publishes beside them: tests compare the verdicts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from tinykg.things.language_tag import LANGUAGE_TAG
from tinykg.things.rules import (
    Faults,
    Place,
    Rule,
    chosen,
    count,
    distinct,
    flag,
    if_object,
    later,
    many,
    mapping,
    matching,
    number,
    one_or_many,
    positive,
    record,
    tell,
    text,
    text_but,
    word,
)

TD_1_0: Final = "https://www.w3.org/2019/wot/td/v1"
TD_1_1: Final = "https://www.w3.org/2022/wot/td/v1.1"
THING_MODEL: Final = "tm:ThingModel"

PLACEHOLDER: Final = re.compile(r"\A.*\{\{[ -~]+\}\}.*$")
"""Finds itself in a text with a placeholder such as `{{NAME}}` (TD 1.1, 10.3.4)."""

_ICON_SIZE: Final = re.compile("[0-9]*x[0-9]+")
_TAG: Final = matching(LANGUAGE_TAG, "a language tag such as en or zh-Hans (RFC 5646)")

TYPES: Final = ("boolean", "integer", "number", "string", "object", "array", "null")

_PROPERTY_OPERATIONS: Final = ("readproperty", "writeproperty", "observeproperty", "unobserveproperty")
_EVENT_OPERATIONS: Final = ("subscribeevent", "unsubscribeevent")
_ALL_PROPERTIES: Final = (
    "readallproperties",
    "writeallproperties",
    "readmultipleproperties",
    "writemultipleproperties",
)
_ALL_OF_1_1: Final = (
    *_ALL_PROPERTIES,
    "observeallproperties",
    "unobserveallproperties",
    "queryallactions",
    "subscribeallevents",
    "unsubscribeallevents",
)

_HREF: Final = {"href": "give the address it leads to, a text"}
_FORMS: Final = {"forms": "give a list of at least one form, which says how to reach it"}


@dataclass(frozen=True, slots=True)
class Edition:
    """Which rules hold: of TD 1.0, of TD 1.1, or of Thing Models of TD 1.1."""

    is_1_0: bool = False
    is_model: bool = False

    @property
    def name_rule(self) -> Rule | None:
        """What holds of the names of members: placeholders stand in the values of a Thing Model only."""
        return _no_placeholder if self.is_model else None

    def open(self, rule: Rule) -> Rule:
        """The rule of a value that a Thing Model may leave open by a placeholder."""
        if not self.is_model:
            return rule

        def check(value: object, place: Place, faults: Faults) -> None:
            if not (isinstance(value, str) and PLACEHOLDER.search(value)):
                rule(value, place, faults)

        return check

    def word(self, *words: str) -> Rule:
        """One of some words, or a placeholder where one may stand."""
        return word(*words, beside=PLACEHOLDER if self.is_model else None)

    def needed(self, **members: str) -> dict[str, str]:
        """What must be there; a Thing Model may leave out what a Thing Description adds."""
        return {} if self.is_model else members


def _no_placeholder(name: object, place: Place, faults: Faults) -> None:
    if isinstance(name, str) and PLACEHOLDER.search(name):
        tell(faults, place, name, "a name without {{...}}: placeholders may only stand in values")


@cache
def thing_rule(edition: Edition) -> Rule:
    """The rule of a whole Thing Description, or Thing Model."""
    from tinykg.things.security_rules import security_rule

    names = edition.name_rule
    schema = data_schema_rule(edition)
    members: dict[str, Rule] = {
        "@context": _context_1_0 if edition.is_1_0 else _context_1_1,
        "@type": _model_type if edition.is_model else type_rule(edition),
        "id": text,
        **_titles(edition),
        "properties": mapping(_property_rule(edition), name_rule=names),
        "actions": mapping(_action_rule(edition), name_rule=names),
        "events": mapping(_event_rule(edition), name_rule=names),
        "version": _version_rule(edition),
        "links": many(_link_rule(edition)),
        "forms": many(_form_rule(edition, _root_operations(edition), whole_thing=True), least=1),
        "base": text,
        "securityDefinitions": mapping(security_rule(edition), least=1, name_rule=names),
        "security": one_or_many(text, least=1),
        "support": text,
        "created": text,
        "modified": text,
    }
    if not edition.is_1_0:
        members["schemaDefinitions"] = mapping(schema, least=1, name_rule=names)
        members["profile"] = one_or_many(text, least=1)
        members["uriVariables"] = mapping(schema, name_rule=names)
    if edition.is_model:
        members["tm:optional"] = many(_optional_pointer)
    return record("a Thing Description", members, required=_required(edition), name_rule=names)


def _required(edition: Edition) -> dict[str, str]:
    context = {"@context": f'begin with "@context": "{TD_1_1}"'}
    if edition.is_model:
        return {**context, "@type": f'a Thing Model has the @type "{THING_MODEL}"'}
    return {
        **context,
        "title": "give the Thing a title, a text",
        "security": "name at least one scheme of securityDefinitions",
        "securityDefinitions": 'define at least one scheme, such as {"nosec_sc": {"scheme": "nosec"}}',
    }


def _titles(edition: Edition) -> dict[str, Rule]:
    languages = mapping(text, name_rule=edition.name_rule)
    return {"title": text, "titles": languages, "description": text, "descriptions": languages}


def type_rule(edition: Edition) -> Rule:
    """The rule of `@type`."""
    if edition.is_1_0 or edition.is_model:
        return one_or_many(text)
    return one_or_many(
        text_but(THING_MODEL, reason="a Thing Model is no Thing Description; derive one from it")
    )


def _model_type(value: object, place: Place, faults: Faults) -> None:
    if isinstance(value, list):
        many(text)(value, place, faults)
    if value != THING_MODEL and not (isinstance(value, list) and THING_MODEL in value):
        tell(faults, place, value, f'"{THING_MODEL}", alone or in a list')


def _context_1_1(value: object, place: Place, faults: Faults) -> None:
    if not isinstance(value, list):
        if value not in (TD_1_0, TD_1_1):
            tell(faults, place, value, f'"{TD_1_1}", alone or as the first of a list')
        return
    for i, one in enumerate(value):
        if i == 0:
            if one not in (TD_1_0, TD_1_1):
                tell(faults, (place, i), one, f'"{TD_1_1}" before all others')
        elif value[0] == TD_1_1 and one == TD_1_0:
            tell(faults, (place, i), one, f'no "{TD_1_0}" after the one of TD 1.1; put it first')
        elif isinstance(one, dict):
            mapping(text)(one, (place, i), faults)
        elif not isinstance(one, str):
            tell(faults, (place, i), one, "the address of a context, or an object of prefixes")


def _context_1_0(value: object, place: Place, faults: Faults) -> None:
    if not isinstance(value, list):
        if value != TD_1_0:
            tell(faults, place, value, f'"{TD_1_0}", alone or as the first of a list')
        return
    for i, one in enumerate(value):
        if i == 0:
            if one != TD_1_0:
                tell(faults, (place, i), one, f'"{TD_1_0}" before all others')
        elif not isinstance(one, str | dict):
            tell(faults, (place, i), one, "the address of a context, or an object")


def _version_rule(edition: Edition) -> Rule:
    if not edition.is_model:
        missing = "give the version of this instance, a text"
        return record("the version", {"instance": text}, required={"instance": missing})

    def check(value: object, place: Place, faults: Faults) -> None:
        record("the version", {"model": text}, name_rule=edition.name_rule)(value, place, faults)
        if isinstance(value, dict) and isinstance(value.get("instance"), str):
            tell(faults, (place, "instance"), value["instance"], "no instance: a Thing Model is of none")

    return edition.open(check)


def _optional_pointer(value: object, place: Place, faults: Faults) -> None:
    """A JSON Pointer to a whole affordance, such as /properties/status (TD 1.1, 10.3.5)."""
    good = (
        isinstance(value, str)
        and re.match("/(?:properties|actions|events)/[^/]", value) is not None
        and re.search("/.*/.*/", value) is None
    )
    if not good:
        tell(faults, place, value, "a pointer to a whole affordance, such as /properties/status")


def _schema_members(edition: Edition, schema: Rule) -> dict[str, Rule]:
    """What data schemas and properties have in common."""
    switch, amount, size = edition.open(flag), edition.open(number), edition.open(count)
    members: dict[str, Rule] = {
        "@type": type_rule(edition),
        **_titles(edition),
        "type": edition.word(*TYPES),
        "readOnly": switch,
        "writeOnly": switch,
        "oneOf": many(schema),
        "unit": text,
        "enum": edition.open(distinct),
        "format": text,
        "items": chosen(lambda value: many(schema) if isinstance(value, list) else schema),
        "minItems": size,
        "maxItems": size,
        "minimum": amount,
        "maximum": amount,
        "properties": if_object(mapping(schema)),
        "required": edition.open(many(text)),
    }
    if not edition.is_1_0:
        members |= {
            "exclusiveMinimum": number,
            "exclusiveMaximum": number,
            "minLength": size,
            "maxLength": size,
            "multipleOf": edition.open(positive),
        }
    if edition.is_model:
        members["tm:ref"] = text
    return members


@cache
def data_schema_rule(edition: Edition) -> Rule:
    """The rule of a data schema (TD 1.1, 5.3.2), which may hold others."""
    itself: list[Rule] = []
    members = _schema_members(edition, later(itself))
    if not edition.is_1_0:
        members |= {"contentEncoding": text, "contentMediaType": text}
    itself.append(record("a data schema", members, name_rule=edition.name_rule))
    return itself[0]


def _affordance(edition: Edition, what: str, members: dict[str, Rule], operations: tuple[str, ...]) -> Rule:
    every: dict[str, Rule] = {
        "@type": type_rule(edition),
        **_titles(edition),
        "forms": many(_form_rule(edition, operations), least=1),
        "uriVariables": mapping(data_schema_rule(edition), name_rule=edition.name_rule),
    }
    if edition.is_model:
        every["tm:ref"] = text
    needed = edition.needed(**_FORMS)
    return record(what, {**every, **members}, required=needed, name_rule=edition.name_rule)


def _property_rule(edition: Edition) -> Rule:
    members = _schema_members(edition, data_schema_rule(edition))
    members["observable"] = edition.open(flag)
    return _affordance(edition, "a property", members, _PROPERTY_OPERATIONS)


def _action_rule(edition: Edition) -> Rule:
    schema, switch = data_schema_rule(edition), edition.open(flag)
    members = {"input": schema, "output": schema, "safe": switch, "idempotent": switch}
    operations: tuple[str, ...] = ("invokeaction",)
    if not edition.is_1_0:
        members["synchronous"] = switch
        operations = ("invokeaction", "queryaction", "cancelaction")
    return _affordance(edition, "an action", members, operations)


def _event_rule(edition: Edition) -> Rule:
    schema = data_schema_rule(edition)
    members = {"subscription": schema, "data": schema, "cancellation": schema}
    if not edition.is_1_0:
        members["dataResponse"] = schema
    return _affordance(edition, "an event", members, _EVENT_OPERATIONS)


def _root_operations(edition: Edition) -> tuple[str, ...]:
    return _ALL_PROPERTIES if edition.is_1_0 else _ALL_OF_1_1


def _form_rule(edition: Edition, operations: tuple[str, ...], *, whole_thing: bool = False) -> Rule:
    """The rule of a form (TD 1.1, 5.3.4.2); one of the whole Thing names its operation, except in TD 1.0."""
    least = 0 if edition.is_1_0 else 1
    members: dict[str, Rule] = {
        "op": one_or_many(edition.word(*operations), least=least),
        "href": text,
        "contentType": text,
        "contentCoding": text,
        "subprotocol": word("longpoll", "websub", "sse") if edition.is_1_0 else text,
        "security": one_or_many(text, least=0 if edition.is_1_0 or edition.is_model else 1),
        "scopes": one_or_many(text),
        "response": _response_rule(edition),
    }
    needed = edition.needed(**_HREF)
    if not edition.is_1_0:
        further = {"contentType": text, "schema": text, "success": flag}
        members["additionalResponses"] = many(record("a further response", further))
        if whole_thing:
            needed |= edition.needed(op="say which operation on the whole Thing the form is for")
    if edition.is_model:
        members["tm:ref"] = text
    return record("a form", members, required=needed, name_rule=edition.name_rule)


def _response_rule(edition: Edition) -> Rule:
    needed = {} if edition.is_1_0 else edition.needed(contentType="give the media type of the response")
    return record("a response", {"contentType": text}, required=needed, name_rule=edition.name_rule)


def _link_rule(edition: Edition) -> Rule:
    """The rule of a link (TD 1.1, 5.3.4.1); only an icon has sizes, and only a Thing Model extends one."""
    members: dict[str, Rule] = {"href": text, "type": text, "rel": text, "anchor": text}
    needed = edition.needed(**_HREF)
    if edition.is_1_0:
        return record("a link", members, required=needed)
    members["hreflang"] = chosen(lambda value: many(_TAG) if isinstance(value, list) else _TAG)
    if edition.is_model:
        members["instanceName"] = text
        relation: Rule = _no_placeholder
    else:
        extends = "only a Thing Model extends one; use rel=type for the model of a Thing"
        relation = text_but("tm:extends", reason=extends)
    names = edition.name_rule
    sizes = matching(_ICON_SIZE, "a size such as 16x16")
    icon = record("a link", {**members, "sizes": sizes}, required=needed, name_rule=names)
    no_sizes = {"sizes": "only a link with rel=icon has sizes; leave it out"}
    other = record("a link", members, required=needed, refused=no_sizes, name_rule=names)

    def check(value: object, place: Place, faults: Faults) -> None:
        if isinstance(value, dict) and value.get("rel") == "icon":
            icon(value, place, faults)
            return
        other(value, place, faults)
        if isinstance(value, dict) and isinstance(value.get("rel"), str):
            relation(value["rel"], (place, "rel"), faults)

    return check
