"""A page of a directory as it is sent: an array or a ThingCollection, and the links to what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlencode

from tinykg.directory.enriched import compact
from tinykg.directory.registration import DISCOVERY_CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.directory.directory import Page

Form: TypeAlias = Literal["array", "collection"]

_CHUNK_BYTES = 1 << 18


def links(page: Page, limit: int | None, form: Form | None, root: str = "") -> str:
    """The value of the Link header (WoT Discovery, 6.3.2.1.6); `root` is the path of the directory's base.

    The canonical link's etag tells whether pages that were read belong to one order.
    """
    found = [f'<{root}/things>; rel="canonical"; etag="{page.etag}"']
    if page.next_offset is not None:
        found.insert(0, f'<{_address(page.next_offset, limit, form, root)}>; rel="next"')
    return ", ".join(found)


def array(page: Page) -> Iterator[bytes]:
    """The enriched Thing Descriptions of a page as a JSON array, in chunks."""
    yield from _chunks(page, b"[", b"]")


def collection(page: Page, offset: int, limit: int | None, root: str = "") -> Iterator[bytes]:
    """The same as a ThingCollection."""
    about: dict[str, object] = {
        "@context": DISCOVERY_CONTEXT,
        "@type": "ThingCollection",
        "@id": _address(offset, limit, "collection", root),
        "total": page.total,
    }
    if page.next_offset is not None:
        about["next"] = _address(page.next_offset, limit, "collection", root)
    yield from _chunks(page, compact(about).removesuffix(b"}") + b',"members":[', b"]}")


def _address(offset: int, limit: int | None, form: Form | None, root: str) -> str:
    """The address of a page, with all arguments that it needs to be read again."""
    arguments = {"offset": offset, "limit": limit, "format": form}
    return (
        f"{root}/things?{urlencode({name: value for name, value in arguments.items() if value is not None})}"
    )


def _chunks(page: Page, begin: bytes, end: bytes) -> Iterator[bytes]:
    chunk, size = [begin], 0
    for place, thing in enumerate(page.things):
        if place:
            chunk.append(b",")
        chunk.append(thing.content(page.time))
        size += len(chunk[-1])
        if size > _CHUNK_BYTES:
            yield b"".join(chunk)
            chunk, size = [], 0
    chunk.append(end)
    yield b"".join(chunk)
