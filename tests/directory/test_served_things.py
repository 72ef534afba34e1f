"""Things that are kept as clients get them: the newest state, within a bound."""

from __future__ import annotations

from datetime import UTC, datetime

from tinykg.directory.registration import Registration
from tinykg.directory.stored import ServedThing, ServedThings

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)


def thing(name: str, number: int = 1, size_bytes: int = 10) -> ServedThing:
    registration = Registration(created=NOON, modified=NOON, expires=None, ttl_s=None, stated={})
    head = name.encode() * size_bytes
    return ServedThing(thing_id=name, number=number, head=head, etag='""', registration=registration)


def there(things: ServedThings, names: str, number: int = 1) -> str:
    return "".join(name for name in names if things.find(name, number) is not None)


def test_a_state_is_found_by_its_number_alone() -> None:
    things = ServedThings()
    things.keep(thing("a", 3))
    assert things.find("a", 3) == thing("a", 3)
    assert things.find("a", 2) is things.find("a", 4) is things.find("b", 3) is None


def test_who_read_an_older_state_replaces_no_newer_one() -> None:
    things = ServedThings()
    things.keep(thing("a", 4))
    things.keep(thing("a", 3))
    assert things.find("a", 4) is not None
    things.keep(thing("a", 5))
    assert (things.find("a", 4), things.find("a", 5)) == (None, thing("a", 5))


def test_the_least_recently_used_go_first() -> None:
    things = ServedThings(bound_bytes=30)
    for name in "abc":
        things.keep(thing(name))
    assert things.find("a", 1) is not None  # b is the oldest now
    things.keep(thing("d"))
    assert there(things, "abcd") == "acd"
    things.keep(thing("e", size_bytes=25))
    assert there(things, "abcde") == "e"


def test_what_is_replaced_or_dropped_takes_no_room() -> None:
    things = ServedThings(bound_bytes=30)
    for number in range(1, 20):
        things.keep(thing("a", number, size_bytes=number % 3 + 1))
    things.drop("nobody")
    things.keep(thing("b", size_bytes=28))
    assert (things.find("a", 19), things.find("b", 1)) == (thing("a", 19, 2), thing("b", 1, 28))
    things.drop("b")
    things.drop("b")
    things.keep(thing("c", size_bytes=28))
    assert there(things, "bc") == "c"
    assert things.find("a", 19) is not None


def test_what_is_larger_than_all_room_is_not_kept() -> None:
    things = ServedThings(bound_bytes=30)
    things.keep(thing("a", size_bytes=31))
    assert there(things, "a") == ""
    things.keep(thing("b"))
    assert there(things, "ab") == "b"
