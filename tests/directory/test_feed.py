"""Who listens is told of every change once and in order; a slow one or a gone one harms nobody."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lamps import DISCOVERY, lamp, sent

from tinykg.directory.change import CREATED, DELETED, EVENTS, KINDS, Change
from tinykg.directory.directory import Directory
from tinykg.directory.feed import Feed
from tinykg.settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.endpoint.pool import Pool

ALL = frozenset(KINDS)
PATIENCE_S = 10


def parsed(frame: bytes) -> dict[str, Any]:
    """The fields of an event, as a browser reads them (HTML, 9.2.6)."""
    fields: dict[str, list[str]] = {}
    for line in frame.decode().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name, []).append(value.removeprefix(" "))
    data = fields.pop("data", []), fields.pop("", [])
    return {name: value for name, (value,) in fields.items()} | {"data": json.loads("\n".join(data[0]))}


async def take(stream: AsyncIterator[bytes], count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(PATIENCE_S):
        return [parsed(await anext(stream)) for _ in range(count)]


def missed(
    directory: Directory, count: int, *, diff: bool = False, after: int = 0, kinds: frozenset[str] = ALL
) -> Any:
    """The first events after a number."""
    return asyncio.run(take(directory.events(kinds, diff=diff, after=after), count))


@pytest.fixture
def story(directory: Directory) -> Directory:
    """Created, updated, created, deleted."""
    directory.put(["urn:a"], sent(lamp("urn:a", description="old")))
    directory.patch("urn:a", b'{"description": null, "title": "New"}')
    directory.create(sent(lamp(None)))
    directory.delete("urn:a")
    return directory


def test_what_was_missed_is_told_in_order(story: Directory) -> None:
    events = missed(story, 4)
    assert [(event["id"], event["event"]) for event in events] == [
        ("1", "thing_created"), ("2", "thing_updated"), ("3", "thing_created"), ("4", "thing_deleted"),
    ]  # fmt: skip
    other = story.page().things[0].thing_id
    assert [event["data"] for event in events] == [
        {"id": "urn:a"},
        {"id": "urn:a"},
        {"id": other},
        {"id": "urn:a"},
    ]
    assert missed(story, 2, after=2) == events[2:]
    assert missed(story, 1, after=1, kinds=frozenset((DELETED,))) == events[3:]


def test_with_diff_the_data_is_what_has_changed(story: Directory) -> None:
    created, updated, anonymous, deleted = (event["data"] for event in missed(story, 4, diff=True))
    assert (created["description"], created["registration"]["created"]) == (
        "old",
        "2030-01-31T12:00:00.000000Z",
    )
    assert DISCOVERY in created["@context"]
    assert updated == {"id": "urn:a", "title": "New", "description": None}
    assert anonymous == story.page().things[0].document()
    assert deleted == {"id": "urn:a"}


def test_text_of_several_lines_comes_through(directory: Directory) -> None:
    text = json.dumps(lamp(description="a\r\nb"), indent=2).replace("\n", "\r\n")
    directory.put(["urn:example:lamp"], text.encode())
    (event,) = missed(directory, 1, diff=True)
    assert event["data"] == directory.get("urn:example:lamp").document()


def test_a_number_that_is_not_reached_yet_is_taken_for_the_latest(story: Directory) -> None:
    async def main() -> list[dict[str, Any]]:
        stream = story.events(after=999)
        waiting = asyncio.create_task(take(stream, 1))
        await asyncio.sleep(0)
        await asyncio.to_thread(story.create, sent(lamp(None)))
        return await waiting

    assert [event["id"] for event in asyncio.run(main())] == ["5"]


def test_who_subscribes_without_a_number_is_told_from_then_on(story: Directory) -> None:
    async def main() -> list[dict[str, Any]]:
        stream = story.events()
        await asyncio.to_thread(story.create, sent(lamp(None)))  # before it is first asked for an event
        return await take(stream, 1)

    assert [event["id"] for event in asyncio.run(main())] == ["5"]


def test_only_so_many_changes_are_kept_and_numbers_go_on(held: HeldRegistry, pool: Pool) -> None:
    directory = Directory(held, pool, ServeSettings(kept_changes=3))
    for n in range(5):
        directory.put(["urn:a"], sent(lamp("urn:a", n=n)))
    with held.reading() as store:
        kept = [name for name in store.graph_names() if "/change/" in name]
    assert kept == [f"https://w3id.org/tinykg/graph/change/{n}" for n in (3, 4, 5)]
    restarted = Directory(held, pool, ServeSettings(kept_changes=2))
    assert [event["id"] for event in missed(restarted, 3)] == ["3", "4", "5"]
    restarted.delete("urn:a")
    assert [event["id"] for event in missed(Directory(held, pool), 2)] == ["5", "6"]


def test_a_patch_on_patch_of_the_log_leads_to_what_is_served(story: Directory) -> None:
    """Applying the log from the beginning gives the directory as it is."""
    from tinykg.things.merge_patch import merged

    for n in range(5):
        story.put(["urn:b"], sent(lamp("urn:b", **{f"m{n}": [n, {"x": n}]}, common={"n": n, f"o{n}": 1})))
    things: dict[str, Any] = {}
    for event in missed(story, 9, diff=True):
        thing_id = event["data"]["id"]
        if event["event"] == "thing_deleted":
            del things[thing_id]
        else:
            things[thing_id] = merged(things.get(thing_id, {}), event["data"])
    assert things == {thing.thing_id: thing.document() for thing in story.page().things}


def change(number: int, kind: str = CREATED, content: bytes = b"{}") -> Change:
    return Change(number=number, kind=kind, thing_id=f"urn:{number}", content=content)


def told(stream: AsyncIterator[bytes], count: int) -> Any:
    async def main() -> list[int]:
        return [int(event["id"]) for event in await take(stream, count)]

    return main()


def test_each_of_many_listeners_is_told_of_each_change() -> None:
    feed = Feed(lambda _after, _most: [], 0)

    def publish_all() -> None:
        for n in range(1, 51):
            feed.publish([change(n)])

    async def main() -> list[list[int]]:
        streams = [
            asyncio.create_task(told(feed.follow(ALL, diff=False, after=None), 50)) for _ in range(200)
        ]
        await asyncio.sleep(0)
        writer = threading.Thread(target=publish_all)
        writer.start()
        found = await asyncio.gather(*streams)
        writer.join()
        return found

    assert asyncio.run(main()) == [list(range(1, 51))] * 200
    assert feed.listeners == 0


def test_a_slow_listener_keeps_nothing_and_nobody_back() -> None:
    log: list[Change] = []
    feed = Feed(lambda after, most: log[after : after + most], 0)
    large = b'"' + b"x" * 100_000 + b'"'

    async def main() -> list[int]:
        slow = feed.follow(ALL, diff=False, after=None)
        begun = time.monotonic()
        for n in range(1, 1001):
            log.append(change(n, content=large))
            feed.publish(log[-1:])
        assert time.monotonic() - begun < PATIENCE_S
        assert feed._recent_bytes <= 16 << 20
        return list(await told(slow, 1000))

    assert asyncio.run(main()) == list(range(1, 1001))


class RacingLock:
    """A lock after whose second release another thread comes in before its holder goes on."""

    def __init__(self, other: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._after_release: list[Callable[[], object]] = [other, lambda: None]

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
        if self._after_release:
            self._after_release.pop()()


def test_what_comes_just_after_a_listener_has_looked_is_told() -> None:
    feed = Feed(lambda _after, _most: [], 7)
    feed._lock = RacingLock(lambda: feed.publish([change(8)]))  # type: ignore[assignment]

    async def main() -> list[int]:
        found = asyncio.create_task(told(feed.follow(ALL, diff=False, after=7), 2))
        await asyncio.sleep(0.05)
        feed.publish([change(9)])
        return list(await found)

    assert asyncio.run(main()) == [8, 9]


def test_who_missed_what_is_not_kept_any_more_is_told_what_comes() -> None:
    feed = Feed(lambda _after, _most: [], 5)

    async def main() -> list[int]:
        found = asyncio.create_task(told(feed.follow(ALL, diff=False, after=1), 1))
        await asyncio.sleep(0.05)
        feed.publish([change(6)])
        return list(await found)

    assert asyncio.run(main()) == [6]


def test_a_listener_that_goes_leaves_nothing_behind() -> None:
    feed = Feed(lambda _after, _most: [], 0)

    async def main() -> None:
        for _ in range(100):
            listening = asyncio.create_task(take(feed.follow(ALL, diff=False, after=None), 1))
            await asyncio.sleep(0)
            assert feed.listeners == 1
            listening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await listening
            assert feed.listeners == 0
        assert len(feed._bells) <= 1

    asyncio.run(main())
    feed.publish([change(1)])  # the loop is closed by now
    assert feed._bells == {}


def test_closing_ends_all_streams_and_those_that_begin_later() -> None:
    feed = Feed(lambda _after, _most: [], 0)

    async def main() -> None:
        async def all_of(stream: AsyncIterator[bytes]) -> list[bytes]:
            return [frame async for frame in stream]

        listening = [asyncio.create_task(all_of(feed.follow(ALL, diff=False, after=None))) for _ in range(3)]
        await asyncio.sleep(0)
        threading.Thread(target=feed.close).start()
        async with asyncio.timeout(PATIENCE_S):
            assert await asyncio.gather(*listening) == [[], [], []]
            assert await all_of(feed.follow(ALL, diff=False, after=None)) == []

    asyncio.run(main())


@given(
    st.integers(0, 12),
    st.lists(st.integers(1, 4), max_size=4),
    st.integers(-1, 40) | st.none(),
    st.sets(st.sampled_from(KINDS), min_size=1),
    st.integers(0, 5),
)
def test_nothing_is_missed_or_told_twice(
    before: int, batches: list[int], after: int | None, kinds: set[str], forgotten: int
) -> None:
    """However it comes: the listener gets what is kept, of its kinds, after its number."""
    log = [change(n, KINDS[n % 3]) for n in range(1, before + 1)]
    oldest = min(forgotten, before)
    feed = Feed(lambda seen, most: [c for c in log if c.number > max(seen, oldest)][:most], before)
    stream = feed.follow(frozenset(kinds), diff=False, after=after)
    for size in batches:
        new = [change(len(log) + n, KINDS[(len(log) + n) % 3]) for n in range(1, size + 1)]
        log.extend(new)
        feed.publish(new)
    start = before if after is None else min(max(after, 0), before)
    expected = [c.number for c in log if c.number > start and c.kind in kinds and (c.number > oldest)]
    assert asyncio.run(told(stream, len(expected))) == expected


def test_events_are_named_as_the_recommendation_has_them() -> None:
    assert EVENTS == {"thing_created": CREATED, "thing_updated": "updated", "thing_deleted": DELETED}
