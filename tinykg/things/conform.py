"""Whether a Thing is what its Thing Model says: affordances are there, data is no wider (TD 1.1, 10.3.3)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from tinykg.things.merge_patch import equal
from tinykg.things.rules import Place, fault_at, found
from tinykg.things.thing_rules import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tinykg.records.thing import ThingFault

_SCHEMAS: Final = {
    "actions": ("input", "output"),
    "events": ("subscription", "data", "dataResponse", "cancellation"),
}
_PROMISES: Final = ("observable", "safe", "idempotent", "synchronous")
_SAME: Final = ("unit", "format", "pattern", "contentEncoding", "contentMediaType", "readOnly", "writeOnly")
_LEAST: Final = ("minLength", "minItems")
_MOST: Final = ("maxLength", "maxItems")


def conforms(td: Mapping[str, Any], tm: Mapping[str, Any]) -> list[ThingFault]:
    """What a Thing Description lacks or allows beyond its Thing Model, in the model's order.

    The model must stand for itself (`inherit.resolved`). Affordances that it calls optional may be missing. A
    data schema is wider if it allows a value that the model's does not; where the model leaves a value open
    by a placeholder, any value conforms. Affordances that the model does not know are right.
    """
    return list(dict.fromkeys(_differences(td, tm)))


def _differences(td: Mapping[str, Any], tm: Mapping[str, Any]) -> Iterator[ThingFault]:
    pointers = tm.get("tm:optional")
    optional = (
        {pointer for pointer in pointers if isinstance(pointer, str)} if isinstance(pointers, list) else set()
    )
    for kind in ("properties", "actions", "events"):
        actual = _object(td, kind)
        for name, wanted in _object(tm, kind).items():
            place: Place = ((None, kind), name)
            escaped = name.replace("~", "~0").replace("/", "~1")
            if name not in actual:
                if not optional & {f"/{kind}/{name}", f"/{kind}/{escaped}"}:
                    yield fault_at(place, "is missing; the Thing Model has it, and not as optional")
            elif isinstance(actual[name], dict) and isinstance(wanted, dict):
                yield from _affordance(actual[name], wanted, place, kind)


def _affordance(
    actual: Mapping[str, Any], wanted: Mapping[str, Any], place: Place, kind: str
) -> Iterator[ThingFault]:
    for promise in _PROMISES:
        if wanted.get(promise) is True and actual.get(promise) is not True:
            yield fault_at(
                (place, promise), f"is {found(actual.get(promise))}; the Thing Model promises true"
            )
    for name, schema in _object(wanted, "uriVariables").items():
        yield from _part(_object(actual, "uriVariables"), name, schema, (place, "uriVariables"))
    if kind == "properties":
        yield from _wider(actual, wanted, place)
    for name in _SCHEMAS.get(kind, ()):
        if name in wanted:
            yield from _part(actual, name, wanted[name], place)


def _part(actual: Mapping[str, Any], name: str, wanted: object, place: Place) -> Iterator[ThingFault]:
    """The faults of a member that is a data schema."""
    if name not in actual:
        yield fault_at((place, name), "is missing; the Thing Model describes it")
    elif isinstance(actual[name], dict) and isinstance(wanted, dict):
        yield from _wider(actual[name], wanted, (place, name))


def _wider(actual: Mapping[str, Any], wanted: Mapping[str, Any], place: Place) -> Iterator[ThingFault]:
    """What a data schema allows beyond another one."""
    yield from _type(actual, wanted, place)
    yield from _values(actual, wanted, place)
    yield from _limits(actual, wanted, place)
    for name in _SAME:
        if name in wanted and not _is_open(wanted[name]) and not equal(_default(actual, name), wanted[name]):
            yield fault_at(
                (place, name), f"is {found(actual.get(name))}; the Thing Model says {found(wanted[name])}"
            )
    yield from _members(actual, wanted, place)
    yield from _items(actual, wanted, place)
    alternatives = actual.get("oneOf"), wanted.get("oneOf")
    if isinstance(alternatives[1], list):
        for i, one in enumerate(alternatives[0] if isinstance(alternatives[0], list) else [actual]):
            if not any(_is_within(one, other) for other in alternatives[1]):
                yield fault_at(((place, "oneOf"), i), "is within no alternative of the Thing Model's oneOf")


def _is_within(actual: object, wanted: object) -> bool:
    both = isinstance(actual, dict) and isinstance(wanted, dict)
    return both and next(_wider(actual, wanted, None), None) is None  # type: ignore[arg-type]  # objects here


def _default(schema: Mapping[str, Any], name: str) -> Any:
    """A member, or what TD 1.1 (5.4) takes it for where it is absent."""
    return schema.get(name, False if name in ("readOnly", "writeOnly") else None)


def _type(actual: Mapping[str, Any], wanted: Mapping[str, Any], place: Place) -> Iterator[ThingFault]:
    theirs, ours = wanted.get("type"), actual.get("type")
    if theirs is None or _is_open(theirs) or ours == theirs or (ours, theirs) == ("integer", "number"):
        return
    yield fault_at((place, "type"), f"is {found(ours)}; the Thing Model says {found(theirs)}")


def _values(actual: Mapping[str, Any], wanted: Mapping[str, Any], place: Place) -> Iterator[ThingFault]:
    """Values beyond those that the model lists, in enum or as const."""
    for name in ("enum", "const"):
        if name not in wanted or _is_open(wanted[name]):
            continue
        if name in actual and equal(actual[name], wanted[name]):
            continue
        allowed = wanted[name] if name == "enum" and isinstance(wanted[name], list) else [wanted[name]]
        given: list[Any] | None = [actual["const"]] if "const" in actual else None
        if given is None and isinstance(actual.get("enum"), list):
            given = actual["enum"]
        if given is None:
            yield fault_at((place, name), f"is missing; the Thing Model allows {found(wanted[name])} only")
            continue
        further = [one for one in given if not any(equal(one, other) for other in allowed)]
        if further:
            place_of = (place, "const" if "const" in actual else "enum")
            yield fault_at(place_of, f"allows {found(further[0])}, which the Thing Model does not")


def _limits(actual: Mapping[str, Any], wanted: Mapping[str, Any], place: Place) -> Iterator[ThingFault]:
    for sign, names in ((1, ("minimum", "exclusiveMinimum")), (-1, ("maximum", "exclusiveMaximum"))):
        theirs = _bound(wanted, names, sign)
        if theirs is not None:
            ours = _bound(actual, names, sign)
            if ours is None or ours < theirs:
                name = names[theirs[1]]
                yield _limit_fault(actual, wanted, (place, name), name)
    for sign, names in ((1, _LEAST), (-1, _MOST)):
        for name in names:
            theirs, ours = _bound(wanted, (name,), sign), _bound(actual, (name,), sign)
            if theirs is not None and (ours is None or ours < theirs):
                yield _limit_fault(actual, wanted, (place, name), name)
    step, own = _number(wanted.get("multipleOf")), _number(actual.get("multipleOf"))
    if step and (not own or own % step != 0):
        yield _limit_fault(actual, wanted, (place, "multipleOf"), "multipleOf")


def _limit_fault(actual: Mapping[str, Any], wanted: Mapping[str, Any], place: Place, name: str) -> ThingFault:
    theirs = f"the {found(wanted[name])} of the Thing Model"
    return fault_at(place, f"is {found(actual.get(name))}, which is wider than {theirs}")


def _bound(schema: Mapping[str, Any], names: tuple[str, ...], sign: int) -> tuple[Fraction, int] | None:
    """The narrowest of the bounds of these names, negated if it is one from above, and which it is."""
    given = ((_number(schema.get(name)), i) for i, name in enumerate(names))
    return max(((sign * value, i) for value, i in given if value is not None), default=None)


def _number(value: object) -> Fraction | None:
    """A number exactly as it is written: 0.3 is a multiple of 0.1."""
    return Fraction(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _members(actual: Mapping[str, Any], wanted: Mapping[str, Any], place: Place) -> Iterator[ThingFault]:
    given, needed = _list(actual, "required"), _list(wanted, "required")
    for name in needed:
        if name not in given:
            yield fault_at((place, "required"), f"lacks {found(name)}, which the Thing Model requires")
    ours = _object(actual, "properties")
    for name, schema in _object(wanted, "properties").items():
        if name in ours or name in needed:
            yield from _part(ours, name, schema, (place, "properties"))


def _items(actual: Mapping[str, Any], wanted: Mapping[str, Any], place: Place) -> Iterator[ThingFault]:
    theirs, ours = wanted.get("items"), actual.get("items")
    if theirs is None:
        return
    if isinstance(theirs, dict) and isinstance(ours, list):
        for i, one in enumerate(ours):
            if isinstance(one, dict):
                yield from _wider(one, theirs, ((place, "items"), i))
    elif isinstance(theirs, list) and isinstance(ours, list):
        for i, one in enumerate(theirs):
            if i >= len(ours):
                yield fault_at(((place, "items"), i), "is missing; the Thing Model describes it")
            elif isinstance(one, dict) and isinstance(ours[i], dict):
                yield from _wider(ours[i], one, ((place, "items"), i))
    elif isinstance(theirs, list) and isinstance(ours, dict):
        for one in theirs:
            if isinstance(one, dict):
                yield from _wider(ours, one, (place, "items"))
    else:
        yield from _part(actual, "items", theirs, place)


def _object(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    member = document.get(name)
    return member if isinstance(member, dict) else {}


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    member = document.get(name)
    return member if isinstance(member, list) else []


def _is_open(value: object) -> bool:
    return isinstance(value, str) and PLACEHOLDER.search(value) is not None
