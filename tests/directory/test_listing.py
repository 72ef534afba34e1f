"""Pages: their order, their links, and that nothing is missing or there twice."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from lamps import DISCOVERY, lamp, sent

from tinykg.directory.directory import Page
from tinykg.directory.index import Entry, Index
from tinykg.directory.listing import array, collection, links

if TYPE_CHECKING:
    from tinykg.directory.directory import Directory

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
IDS = ["Z", "a", "é", "｡", "\U0001f600", "urn:b", "B", "aa", "10", "9"]


def fill(directory: Directory, ids: list[str]) -> None:
    for thing_id in ids:
        directory.put([thing_id], sent(lamp(thing_id)))


def test_the_order_is_that_of_code_points(directory: Directory) -> None:
    fill(directory, IDS)
    assert [thing.thing_id for thing in directory.page().things] == sorted(IDS)
    assert sorted(IDS)[-2:] == ["｡", "\U0001f600"]  # in UTF-16 it would be the other way round


def test_following_next_gives_each_thing_once(directory: Directory) -> None:
    fill(directory, IDS)
    for limit in (1, 3, 9, 10, 11):
        seen, offset, etags = [], 0, set()
        while True:
            page = directory.page(offset, limit)
            seen += [thing.thing_id for thing in page.things]
            etags.add(page.etag)
            assert len(page.things) <= limit
            assert page.total == len(IDS)
            header = links(page, limit, "array")
            found = re.search(r'<([^>]*)>; rel="next"', header)
            assert (found is not None) == (page.next_offset is not None)
            if found is None:
                break
            address = urlsplit(found[1])
            arguments = dict(parse_qsl(address.query))
            assert address.path == "/things"
            assert arguments == {"offset": str(offset + limit), "limit": str(limit), "format": "array"}
            offset = int(arguments["offset"])
        assert seen == sorted(IDS)
        assert len(etags) == 1


def test_a_page_beyond_the_end_is_empty(directory: Directory) -> None:
    fill(directory, IDS)
    page = directory.page(100, 10)
    assert (page.things, page.next_offset, page.total) == ([], None, len(IDS))


def test_the_etag_changes_with_what_is_listed_and_not_otherwise(directory: Directory) -> None:
    tags = [directory.page().etag]
    fill(directory, ["a", "b"])
    tags.append(directory.page().etag)
    directory.patch("a", b'{"title": "other"}')
    assert directory.page().etag == directory.page(1, 1).etag == tags[-1]
    directory.delete("a")
    tags.append(directory.page().etag)
    fill(directory, ["c"])
    tags.append(directory.page().etag)
    assert len(set(tags)) == 4
    assert f'</things>; rel="canonical"; etag="{tags[-1]}"' in links(directory.page(), None, None)


def test_an_array_holds_enriched_things(directory: Directory) -> None:
    fill(directory, IDS)
    found = json.loads(b"".join(array(directory.page())))
    assert [thing["id"] for thing in found] == sorted(IDS)
    assert all(DISCOVERY in thing["@context"] and "retrieved" in thing["registration"] for thing in found)


def test_an_empty_directory_is_an_empty_array(directory: Directory) -> None:
    assert b"".join(array(directory.page())) == b"[]"
    assert json.loads(b"".join(collection(directory.page(), 0, None)))["members"] == []


def test_a_collection_says_how_many_there_are_and_what_follows(directory: Directory) -> None:
    fill(directory, IDS)
    first = json.loads(b"".join(collection(directory.page(0, 7), 0, 7, "/base")))
    assert {name: value for name, value in first.items() if name != "members"} == {
        "@context": DISCOVERY,
        "@type": "ThingCollection",
        "@id": "/base/things?offset=0&limit=7&format=collection",
        "total": 10,
        "next": "/base/things?offset=7&limit=7&format=collection",
    }
    last = json.loads(b"".join(collection(directory.page(7, 7), 7, 7)))
    assert len(first["members"]) + len(last["members"]) == 10
    assert "next" not in last


def test_a_long_list_comes_in_chunks(directory: Directory) -> None:
    for n in range(4):
        directory.put([f"urn:{n}"], sent(lamp(f"urn:{n}", description="x" * 200_000)))
    chunks = list(array(directory.page()))
    assert len(chunks) > 1
    assert len(json.loads(b"".join(chunks))) == 4


def test_many_things_are_read_at_one_go_as_one_by_one(directory: Directory) -> None:
    ids = [f"urn:example:{n:03}" for n in range(50)]
    fill(directory, ids)
    one_by_one = {thing_id: directory.get(thing_id).head for thing_id in ids}
    fresh = type(directory)(directory._held, directory._pool)
    assert {thing.thing_id: thing.head for thing in fresh.page().things} == one_by_one


@given(st.lists(st.tuples(st.text(min_size=1), st.sampled_from(["put", "expiring", "drop"])), max_size=30))
def test_an_index_is_as_if_it_were_made_anew(steps: list[tuple[str, str]]) -> None:
    """What the index says after any row of writes is what it says of the same Things alone."""
    index = Index()
    things: dict[str, Entry] = {}
    for number, (name, step) in enumerate(steps):
        thing_id = "urn:x:" + "".join(filter(str.isprintable, name)).replace("\ud800", "")
        if step == "drop":
            index.drop(thing_id)
            things.pop(thing_id, None)
        else:
            things[thing_id] = Entry(
                thing_id=thing_id, number=number, expires=NOW if step == "expiring" else None
            )
            index.put(things[thing_id])
    live = sorted(thing_id for thing_id, entry in things.items() if entry.expires is None)
    assert index.ids == sorted(things)
    assert index.live_ids(NOW) == live
    assert sorted(index.expired(NOW)) == sorted(things.keys() - set(live))
    assert sorted(index.iris.values()) == sorted(things)
    again = Index()
    for entry in things.values():
        again.put(entry)
    assert index.order_tag(index.ids) == again.order_tag(again.ids)
    assert (index.order_tag(live) == again.order_tag(again.ids)) == (live == again.ids)


@given(st.integers(0, 40), st.integers(0, 50), st.none() | st.integers(1, 50))
def test_a_next_link_is_there_if_and_only_if_more_follows(total: int, offset: int, limit: int | None) -> None:
    end = total if limit is None else min(offset + limit, total)
    page = Page(things=[], total=total, next_offset=end if end < total else None, etag="x", time=NOW)
    assert ('rel="next"' in links(page, limit, None)) == (limit is not None and offset + limit < total)
