"""What is wrong with a Thing Description or a Thing Model, each fault with its place.

`faults_of` says what makes a document no valid Thing Description: the rules of TD 1.1 or TD 1.0, by its
`@context`, and those of the registration that a directory keeps (WoT Discovery, 6.2.2). Rules that W3C's
JSON Schemas cannot express are warnings: published descriptions break them, and a directory that refused
these would lose them. `strict` makes faults of those among them that the Recommendation calls a MUST.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tinykg.things.date_time import is_time
from tinykg.things.rules import Faults, Place, faults_by, number, record, tell, text
from tinykg.things.spot_checks import broken_musts, spot_checks
from tinykg.things.thing_rules import TD_1_0, TD_1_1, THING_MODEL, Edition, thing_rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.records.thing import ThingFault


def faults_of(td: Mapping[str, Any], *, strict: bool = False) -> list[ThingFault]:
    """What makes a document no valid Thing Description, in the document's order; [] where it is one.

    TD 1.1 counts where `@context` names it. A document with the context of TD 1.0 alone is valid by the rules
    of TD 1.0 or by those of TD 1.1, which takes that context too.
    """
    faults = edition_faults(td)
    faults += faults_by(_registration, td)
    if strict:
        faults += broken_musts(td)
    return list(dict.fromkeys(faults))


def edition_faults(td: Mapping[str, Any]) -> list[ThingFault]:
    """What breaks the rules of the edition of the Recommendation that the `@context` names."""
    by_1_1 = faults_by(thing_rule(Edition()), td)
    if not by_1_1 or names_1_1(td):
        return by_1_1
    by_1_0 = faults_by(thing_rule(Edition(is_1_0=True)), td)
    if not by_1_0:
        return []
    return by_1_0 if _names_1_0(td) else by_1_1


def model_faults_of(tm: Mapping[str, Any]) -> list[ThingFault]:
    """What makes a document no valid Thing Model, in the document's order; [] where it is one."""
    return faults_by(thing_rule(Edition(is_model=True)), tm)


def warnings_of(document: Mapping[str, Any]) -> list[ThingFault]:
    """What is likely a mistake in a document that is valid nevertheless."""
    return spot_checks(document)


def is_thing_model(document: Mapping[str, Any]) -> bool:
    """Whether a document says that it is a Thing Model (TD 1.1, 10.3.1)."""
    kinds = document.get("@type")
    return kinds == THING_MODEL or (isinstance(kinds, list) and THING_MODEL in kinds)


def names_1_1(td: Mapping[str, Any]) -> bool:
    """Whether the `@context` is that of TD 1.1, alone or in a list."""
    context = td.get("@context")
    return context == TD_1_1 or (isinstance(context, list) and TD_1_1 in context)


def _names_1_0(td: Mapping[str, Any]) -> bool:
    context = td.get("@context")
    return context == TD_1_0 or (isinstance(context, list) and TD_1_0 in context)


def _expiry(value: object, place: Place, faults: Faults) -> None:
    """The only time that a directory takes from its client; the others it sets itself."""
    if not is_time(value):
        tell(faults, place, value, "a date and time with an offset, such as 2030-01-31T12:00:00Z (RFC 3339)")


_registration: Final = record(
    "a Thing Description",
    {
        "registration": record(
            "the registration",
            {"created": text, "modified": text, "retrieved": text, "expires": _expiry, "ttl": number},
        )
    },
)
