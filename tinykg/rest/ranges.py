"""Parts of a file: which bytes a Range header names, and the response that has them (RFC 9110, 14)."""

from __future__ import annotations

import os
import re
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO

from fastapi import HTTPException
from fastapi.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.types import Receive, Scope, Send

_CHUNK_BYTES = 64 << 10
_MOST_RANGES = 100
_RANGE = re.compile(r"(?=-?[0-9])([0-9]{0,18})-([0-9]{0,18})")
_TYPE = "application/octet-stream"


def ranges_in(header: str, size_bytes: int) -> list[range]:
    """The parts of a file of a size that a Range header names, none where the whole file is to be sent.

    That is so for other units than bytes, for what is no list of ranges, for very many, and for those that
    overlap so that they are more than the file. Raises 416 where none lies in the file.
    """
    unit, _, listed = header.partition("=")
    parts = [_RANGE.fullmatch(part.strip()) for part in listed.split(",")]
    if unit.strip().casefold() != "bytes" or len(parts) > _MOST_RANGES or None in parts:
        return []
    named = [_bytes_of(part[1], part[2], size_bytes) for part in parts if part is not None]
    found = [one for one in named if one]
    if not found:
        raise HTTPException(
            416,
            f"No range of '{header[:100]}' lies in the file, which has {size_bytes} bytes.",
            {"Content-Range": f"bytes */{size_bytes}"},
        )
    return found if sum(map(len, found)) <= size_bytes else []


def _bytes_of(first: str, last: str, size_bytes: int) -> range:
    if not first:
        return range(max(0, size_bytes - int(last or 0)), size_bytes)
    return range(int(first), min(size_bytes, int(last) + 1 if last else size_bytes))


class FileParts(StreamingResponse):
    """What is sent of an open file, which is closed at the end, also where nothing of it was wanted."""

    def __init__(
        self, file: BinaryIO, parts: Iterator[bytes], status: int, headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__(parts, status, headers, media_type)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the parts."""
        with self._file:
            await super().__call__(scope, receive, send)


def file_response(file: BinaryIO, asked: Sequence[range], headers: Mapping[str, str]) -> FileParts:
    """An open file's bytes, all or the parts that were asked for."""
    size_bytes = os.fstat(file.fileno()).st_size
    boundary = token_hex(16)
    media_type, status, end = _TYPE, 206, b""
    parts = [(b"", one) for one in asked or [range(size_bytes)]]
    own = {}
    if not asked:
        status = 200
    elif len(asked) == 1:
        own["Content-Range"] = _content_range(asked[0], size_bytes)
    else:
        media_type, end = f"multipart/byteranges; boundary={boundary}", f"\r\n--{boundary}--\r\n".encode()
        parts = [(_head(boundary, one, size_bytes), one) for one in asked]
    own["Content-Length"] = str(sum(len(head) + len(one) for head, one in parts) + len(end))
    return FileParts(file, _read(file, parts, end), status, {**headers, **own}, media_type)


def _head(boundary: str, one: range, size_bytes: int) -> bytes:
    lines = (
        "",
        f"--{boundary}",
        f"Content-Type: {_TYPE}",
        f"Content-Range: {_content_range(one, size_bytes)}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _content_range(one: range, size_bytes: int) -> str:
    return f"bytes {one.start}-{one.stop - 1}/{size_bytes}"


def _read(file: BinaryIO, parts: Sequence[tuple[bytes, range]], end: bytes) -> Iterator[bytes]:
    for head, one in parts:
        yield head
        file.seek(one.start)
        for place in range(one.start, one.stop, _CHUNK_BYTES):
            yield file.read(min(_CHUNK_BYTES, one.stop - place))
    yield end
