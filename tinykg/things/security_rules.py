"""The rules of security schemes (TD 1.1, 5.3.3): what each scheme may say of itself."""

from __future__ import annotations

import re
from typing import Any, Final

from tinykg.things.rules import (
    Faults,
    Place,
    Rule,
    either,
    exactly_one,
    many,
    mapping,
    matching,
    one_or_many,
    record,
    tell,
    text,
)
from tinykg.things.thing_rules import PLACEHOLDER, Edition, type_rule

_OWN_SCHEME: Final = re.compile(".+:.*")
"""A scheme of another vocabulary is written with its prefix, such as ace:ACESecurityScheme."""

_PLACES_1_0: Final = ("header", "query", "body", "cookie")
_PLACES: Final = (*_PLACES_1_0, "auto")
_COMBINED: Final = "name two or more schemes in oneOf, or two or more in allOf"


def security_rule(edition: Edition) -> Rule:
    """The rule of one security definition, which its `scheme` chooses."""
    schemes = _schemes(edition)
    own = _own_scheme(edition)
    if edition.is_model:
        words = list(schemes)

        def meant(value: Any) -> int | None:
            scheme = value.get("scheme") if isinstance(value, dict) else None
            return words.index(scheme) if isinstance(scheme, str) and scheme in schemes else None

        return _known(either(*schemes.values(), own, nearest=meant), edition, schemes)

    def check(value: object, place: Place, faults: Faults) -> None:
        if not isinstance(value, dict):
            tell(faults, place, value, "a security scheme, an object")
            return
        scheme = value.get("scheme")
        if isinstance(scheme, str) and scheme in schemes:
            schemes[scheme](value, place, faults)
        elif (
            edition.is_1_0
            or "scheme" not in value
            or not (isinstance(scheme, str) and _OWN_SCHEME.search(scheme))
        ):
            _tell_scheme(value, (place, "scheme"), faults, edition, schemes)
        else:
            own(value, place, faults)

    return check


def _known(rule: Rule, edition: Edition, schemes: dict[str, Rule]) -> Rule:
    """The rule, but a scheme that is neither known, nor open, nor of another vocabulary is told at once."""

    def check(value: object, place: Place, faults: Faults) -> None:
        scheme = value.get("scheme") if isinstance(value, dict) else None
        is_open = isinstance(scheme, str) and (PLACEHOLDER.search(scheme) or _OWN_SCHEME.search(scheme))
        if isinstance(value, dict) and isinstance(scheme, str) and scheme not in schemes and not is_open:
            _tell_scheme(value, (place, "scheme"), faults, edition, schemes)
        else:
            rule(value, place, faults)

    return check


def _tell_scheme(
    value: dict[str, Any], place: Place, faults: Faults, edition: Edition, schemes: dict[str, Rule]
) -> None:
    own = "" if edition.is_1_0 else ", or one of another vocabulary with its prefix"
    tell(faults, place, value.get("scheme"), f"one of {', '.join(schemes)}{own}")


def _schemes(edition: Edition) -> dict[str, Rule]:
    places = _PLACES_1_0 if edition.is_1_0 else _PLACES
    where: dict[str, Rule] = {"in": edition.word(*places), "name": text}
    keys: dict[str, Rule] = {
        "in": edition.word(*places) if edition.is_1_0 else edition.word(*places, "uri"),
        "name": text,
    }
    members: dict[str, dict[str, Rule]] = {
        "nosec": {},
        "basic": where,
        "digest": {"qop": edition.word("auth", "auth-int"), **where},
        "apikey": keys,
        "bearer": {"authorization": text, "alg": text, "format": text, **where},
        "psk": {"identity": text},
        "oauth2": {
            "authorization": text,
            "token": text,
            "refresh": text,
            "scopes": one_or_many(text),
            "flow": edition.word("code") if edition.is_1_0 else text,
        },
    }
    rules = {scheme: _scheme(edition, scheme, own) for scheme, own in members.items()}
    if not edition.is_1_0:
        rules["auto"] = _auto(edition)
        rules["combo"] = _combo(edition)
    return rules


def _common(edition: Edition, *, is_imported: bool = True) -> dict[str, Rule]:
    """What all schemes may say; `tm:ref` is checked where a Thing Model may import the scheme."""
    members: dict[str, Rule] = {
        "@type": type_rule(edition),
        "description": text,
        "descriptions": mapping(text, name_rule=edition.name_rule),
        "proxy": text,
    }
    if edition.is_model and is_imported:
        members["tm:ref"] = text
    return members


def _scheme(edition: Edition, scheme: str, own: dict[str, Rule]) -> Rule:
    members = {**_common(edition), "scheme": edition.word(scheme), **own}
    return record(f"the scheme {scheme}", members, name_rule=edition.name_rule)


def _auto(edition: Edition) -> Rule:
    members = {**_common(edition, is_imported=False), "scheme": edition.word("auto")}
    unwanted = {"name": "the scheme auto names nothing; leave it out"}
    return record("the scheme auto", members, refused=unwanted, name_rule=edition.name_rule)


def _combo(edition: Edition) -> Rule:
    def side(name: str) -> Rule:
        members = {**_common(edition), "scheme": edition.word("combo"), name: many(text, least=2)}
        return record("the scheme combo", members, required=edition.needed(**{name: _COMBINED}))

    def meant(value: Any) -> int:
        return int(isinstance(value, dict) and "allOf" in value and "oneOf" not in value)

    both = f"is ambiguous: {_COMBINED}, not both"
    return exactly_one(side("oneOf"), side("allOf"), both=both, nearest=meant)


def _own_scheme(edition: Edition) -> Rule:
    members = {
        **_common(edition, is_imported=False),
        "scheme": matching(_OWN_SCHEME, "the prefix and the name of a scheme, such as ace:ACESecurityScheme"),
    }
    return record("a security scheme", members, name_rule=edition.name_rule)
