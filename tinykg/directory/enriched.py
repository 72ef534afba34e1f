"""A Thing Description as a directory serves it: every member as its producer wrote it, and what is added.

WoT Discovery 6.2.2: the directory's identifier, `registration`, and the context that explains it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tinykg.directory.registration import DISCOVERY_CONTEXT, timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from tinykg.directory.registration import Registration

_TD_CONTEXTS: Final = (
    "https://www.w3.org/2019/wot/td/v1",
    "https://www.w3.org/2022/wot/td/v1.1",
)
"""TD 1.1, 5.3.1.1: the first elements of `@context`, so another one comes after them."""

_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_END: Final = b"}}"


def enriched(text: str, thing_id: str, registration: Registration) -> bytes:
    """The Thing Description in JSON up to the end of its `registration`; `closed` and `retrieved` end it.

    The text's own spelling of each member is kept, so that a number or a text comes back as it was sent.
    """
    parts: list[bytes] = []
    own = _MEMBERS.decode(text.encode())
    for name, raw in own.items():
        if name == "@context":
            parts.append(_member(name, _context(bytes(raw))))
            if "id" not in own:
                parts.append(_member("id", compact(thing_id)))
        elif name != "registration":
            parts.append(_member(name, bytes(raw)))
    parts.append(_member("registration", compact(registration.members()).removesuffix(b"}")))
    return b"{" + b",".join(parts)


def closed(head: bytes) -> bytes:
    """The Thing Description without the time when it was retrieved."""
    return head + _END


def retrieved(head: bytes, now: datetime) -> bytes:
    """The Thing Description as retrieved now."""
    return b'%b,"retrieved":"%b"}}' % (head, timestamp(now).encode())


def compact(value: Any) -> bytes:
    """A value in JSON, in UTF-8, without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _member(name: str, value: bytes) -> bytes:
    return compact(name) + b":" + value


def _context(raw: bytes) -> bytes:
    context = json.loads(raw)
    extended = with_discovery(context)
    return raw if extended == context else compact(extended)


def with_discovery(context: Any) -> Any:
    """A JSON-LD context that explains `registration` too, right after the contexts of Thing Descriptions."""
    elements = context if isinstance(context, list) else [context]
    if DISCOVERY_CONTEXT in elements:
        return context
    place = 0
    while place < len(elements) and elements[place] in _TD_CONTEXTS:
        place += 1
    return [*elements[:place], DISCOVERY_CONTEXT, *elements[place:]]
