"""What a directory notes about a registered Thing Description: when it came, changed and expires."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tinykg.errors import InvalidThing
from tinykg.records.thing import ThingFault
from tinykg.things.date_time import is_time
from tinykg.things.rules import found

if TYPE_CHECKING:
    from collections.abc import Mapping

DISCOVERY_CONTEXT: Final = "https://www.w3.org/2022/wot/discovery"
"""The JSON-LD context of `registration` (WoT Discovery, 6.2.2)."""

_SET_BY_THE_DIRECTORY: Final = ("created", "modified", "retrieved")
_LEAP_SECOND: Final = re.compile(r"^(.{16}):60")
"""RFC 3339, 5.7, allows it; Python's times have none."""
_LAST_MOMENT: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The times of one registration, in UTC; `expires` None is never.

    `ttl_s` is what the producer said, in seconds; then `expires` follows from it. `stated` are the members
    of the producer's own `registration`, as they came.
    """

    created: datetime
    modified: datetime
    expires: datetime | None
    ttl_s: float | None
    stated: Mapping[str, Any]

    def members(self) -> dict[str, Any]:
        """The `registration` member of the Thing Description as it is served, without `retrieved`.

        What the producer said stands, but for the times that the directory sets.
        """
        kept = {name: value for name, value in self.stated.items() if name not in _SET_BY_THE_DIRECTORY}
        if self.ttl_s is not None and self.expires is not None:
            kept["expires"] = timestamp(self.expires)
        return {**kept, "created": timestamp(self.created), "modified": timestamp(self.modified)}


def register(
    document: Mapping[str, Any],
    now: datetime,
    *,
    created: datetime | None = None,
    max_ttl_s: float | None = None,
) -> Registration:
    """The registration of a Thing Description that is written now; `created` where it replaces another.

    A `ttl` decides when it expires, counted from now, whatever `expires` says (WoT Discovery, 6.2.2.1).
    Raises InvalidThing where either is none, or the ttl is longer than `max_ttl_s` seconds.
    """
    stated = document.get("registration")
    stated = stated if isinstance(stated, dict) else {}
    ttl_s = _ttl_s(stated.get("ttl"), max_ttl_s)
    expires = _moment(stated.get("expires")) if ttl_s is None else _after(now, ttl_s)
    return Registration(created=created or now, modified=now, expires=expires, ttl_s=ttl_s, stated=stated)


def _ttl_s(value: object, max_ttl_s: float | None) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise _fault("ttl", f"is {found(value)}; expected a number of seconds from 0")
    if max_ttl_s is not None and value > max_ttl_s:
        raise _fault("ttl", f"is {value} s; this directory keeps a description for {max_ttl_s:g} s at most")
    return value


def _after(now: datetime, ttl_s: float) -> datetime:
    try:
        return min(now + timedelta(seconds=ttl_s), _LAST_MOMENT)
    except OverflowError:
        return _LAST_MOMENT


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    time = moment(value) if isinstance(value, str) else None
    if time is None:
        raise _fault(
            "expires",
            f"is {found(value)}; expected a time with its offset, such as 2030-01-31T12:00:00Z (RFC 3339)",
        )
    return time


def _fault(name: str, description: str) -> InvalidThing:
    fault = ThingFault(field=f"registration.{name}", description=description)
    return InvalidThing("The Thing Description", [fault])


def moment(text: str) -> datetime | None:
    """A date-time of RFC 3339 in UTC; None where the text is none, or has no offset."""
    if not is_time(text):
        return None
    try:
        return datetime.fromisoformat(_LEAP_SECOND.sub(r"\g<1>:59", text.upper())).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def timestamp(time: datetime) -> str:
    """A time as directories write it: RFC 3339 in UTC, to the microsecond."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
