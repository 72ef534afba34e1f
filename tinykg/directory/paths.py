"""Identifiers of Things in paths of a web server, and back."""

from __future__ import annotations

from urllib.parse import quote, unquote

_LIST = "/things"


def thing_path(thing_id: str) -> str:
    """The path of a Thing below the directory's base, percent-encoded where it has to be (RFC 3986, 3.3)."""
    return f"{_LIST}/{quote(thing_id, safe=':@!$&()*+,;=~')}"


def readings(raw: str, base: str) -> list[str]:
    """What a path may mean by the identifier in it, the likeliest first.

    `raw` is the rest of the path after `/things/` as it came. Its percent-encoding is undone once; but some
    clients leave an identifier as it is although it has a percent sign. Others take the whole address of a
    Thing, below the directory's `base`, for the identifier: then it is what follows.
    """
    own = base.rstrip("/") + _LIST + "/"
    found = [unquote(raw), raw]
    found += [name.removeprefix(own) for name in found if name.startswith(own)]
    return list(dict.fromkeys(found))
