"""Which bytes of a file a Range header names (RFC 9110, 14), and what is sent of it."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
from fastapi import HTTPException
from hypothesis import given
from hypothesis import strategies as st

from tinykg.rest.ranges import file_response, ranges_in

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Message

    from tinykg.rest.ranges import FileParts

CONTENT = bytes(range(256)) * 600  # more than two chunks


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", [range(1)]),
        ("bytes=2-5", [range(2, 6)]),
        ("bytes=7-", [range(7, 10)]),
        ("bytes=-3", [range(7, 10)]),
        ("bytes=-300", [range(10)]),
        ("bytes=8-300", [range(8, 10)]),
        ("Bytes = 1-2", [range(1, 3)]),
        ("bytes=0-1, 4-5", [range(2), range(4, 6)]),
        ("bytes=0-1,99-", [range(2)]),
        ("", []),
        ("bytes", []),
        ("bytes=", []),
        ("bytes=-", []),
        ("bytes=--5", []),
        ("bytes=a-b", []),
        ("bytes=0x1-2", []),
        ("bytes=²-³", []),
        ("bytes=1-2-3", []),
        ("items=0-4", []),
        ("bytes=" + "9" * 5000 + "-", []),
        ("bytes=0-9,0-9", []),
        ("bytes=" + ",".join(["0-0"] * 101), []),
    ],
)
def test_the_parts_that_are_named(header: str, expected: list[range]) -> None:
    assert ranges_in(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0", "bytes=5-2", "bytes=11-,12-"])
def test_parts_outside_of_the_file_are_refused_with_its_size(header: str) -> None:
    with pytest.raises(HTTPException) as raised:
        ranges_in(header, 10)
    assert raised.value.status_code == 416
    assert raised.value.headers == {"Content-Range": "bytes */10"}


@given(st.text(max_size=40).map("bytes=".__add__), st.integers(1, 1000))
def test_no_header_leads_out_of_the_file(header: str, size: int) -> None:
    try:
        found = ranges_in(header, size)
    except HTTPException:  # 416: none lies in the file
        found = []
    assert all(0 <= one.start < one.stop <= size for one in found)
    assert sum(map(len, found)) <= size


def sent(path: Path, asked: list[range]) -> tuple[FileParts, bytes]:
    """A response, and what it sends."""
    file = path.open("rb")
    response = file_response(file, asked, {"ETag": '"x"'})
    content = b""

    async def receive() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal content
        content += message.get("body", b"")

    asyncio.run(response({"type": "http", "method": "GET"}, receive, send))
    assert file.closed
    assert int(response.headers["content-length"]) == len(content)
    assert response.headers["etag"] == '"x"'
    return response, content


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "file"
    found.write_bytes(CONTENT)
    return found


def test_a_file_is_sent_whole(path: Path) -> None:
    response, content = sent(path, [])
    assert (response.status_code, content) == (200, CONTENT)
    assert "content-range" not in response.headers


@pytest.mark.parametrize("part", [range(1), range(5, 70_000), range(len(CONTENT)), range(65_536, 65_537)])
def test_one_part_is_sent_as_it_is(path: Path, part: range) -> None:
    response, content = sent(path, [part])
    assert (response.status_code, content) == (206, CONTENT[part.start : part.stop])
    expected = f"bytes {part.start}-{part.stop - 1}/{len(CONTENT)}"
    assert response.headers["content-range"] == expected


def test_several_parts_are_sent_as_multipart(path: Path) -> None:
    asked = [range(10, 20), range(4), range(100, 100_000)]
    response, content = sent(path, asked)
    assert response.status_code == 206
    head = f"Content-Type: {response.headers['content-type']}\r\n\r\n".encode()
    parts = list(message_from_bytes(head + content).walk())[1:]
    assert [part["content-range"] for part in parts] == [
        f"bytes {one.start}-{one.stop - 1}/{len(CONTENT)}" for one in asked
    ]
    boundary = response.headers["content-type"].partition("boundary=")[2].encode()
    bodies = [piece.partition(b"\r\n\r\n")[2] for piece in content.split(b"\r\n--" + boundary)[1:-1]]
    assert bodies == [CONTENT[one.start : one.stop] for one in asked]


def test_an_empty_file_is_sent(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    assert sent(empty, [])[1] == b""


def test_a_file_is_closed_where_its_client_is_gone(path: Path) -> None:
    file = path.open("rb")

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        del message

    asyncio.run(file_response(file, [], {})({"type": "http", "method": "GET"}, gone, send))
    assert file.closed
