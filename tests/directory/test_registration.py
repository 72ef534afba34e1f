"""When a registration was made, and when it ends."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lamps import lamp, sent

from tinykg.directory.change import DELETED
from tinykg.directory.directory import Directory
from tinykg.directory.registration import moment, register, timestamp
from tinykg.errors import InvalidThing, ThingNotFound

if TYPE_CHECKING:
    from conftest import Clock

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.endpoint.pool import Pool

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)
LAMP = "urn:example:lamp"


def registered(**stated: Any) -> dict[str, Any]:
    return register({"registration": stated}, NOON).members()


def test_the_directory_sets_its_times_whatever_the_producer_says() -> None:
    found = registered(created="2001-01-01T00:00:00Z", modified="x", retrieved="2001-01-01T00:00:00Z", note=1)
    assert found == {"note": 1, "created": timestamp(NOON), "modified": timestamp(NOON)}


def test_a_ttl_decides_over_expires() -> None:
    found = registered(ttl=90, expires="2040-01-01T00:00:00Z")
    assert (found["ttl"], found["expires"]) == (90, "2030-01-31T12:01:30.000000Z")


def test_without_a_ttl_expires_stays_as_it_was_sent() -> None:
    assert registered(expires="2040-01-01T00:00:00.5+01:00")["expires"] == "2040-01-01T00:00:00.5+01:00"


@pytest.mark.parametrize("ttl_s", [0, 0.25, 2**40, 1e300])
def test_any_number_of_seconds_is_a_ttl(ttl_s: float) -> None:
    found = register({"registration": {"ttl": ttl_s}}, NOON)
    assert found.expires is not None
    assert found.expires >= NOON
    assert moment(timestamp(found.expires)) == found.expires


@pytest.mark.parametrize(
    "ttl", ["0", "-0.0", "0.5", "1e-300", "1e308", "4294967295", "4294967296", "9" * 300]
)
def test_a_ttl_comes_back_as_it_was_sent(directory: Directory, held: HeldRegistry, ttl: str) -> None:
    content = sent(lamp()).removesuffix(b"}") + b', "registration": {"ttl": %b}}' % ttl.encode()
    directory.put([LAMP], content)
    if float(ttl) < 1e-6:  # expired at once
        with pytest.raises(ThingNotFound):
            directory.get(LAMP)
        return
    found = directory.get(LAMP).document()["registration"]
    assert found["ttl"] == json.loads(ttl)
    assert type(found["ttl"]) is type(json.loads(ttl))
    again = Directory(held, directory._pool, clock=directory._clock)  # from the graph alone
    assert again.get(LAMP).document() == directory.get(LAMP).document()
    again.close()


@pytest.mark.parametrize("ttl", ["-1", "-1e-9", "1e309", "NaN", '"60"', "null", "true", "[1]", "9" * 400])
def test_what_is_no_ttl_is_refused_and_leaves_all_as_it_was(directory: Directory, ttl: str) -> None:
    directory.put([LAMP], sent(lamp(registration={"ttl": 60})))
    before = directory.get(LAMP)
    content = sent(lamp()).removesuffix(b"}") + b', "registration": {"ttl": %b}}' % ttl.encode()
    with pytest.raises(InvalidThing) as caught:
        directory.put([LAMP], content)
    assert [fault.field for fault in caught.value.faults] == ["registration.ttl"]
    assert directory.get(LAMP) == before


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"title": None}, "title"),
        ({"security": None}, "security"),
        ({"securityDefinitions": None}, "securityDefinitions"),
        ({"@context": None}, "@context"),
        ({"id": None}, "id"),
        ({"id": "urn:other"}, "id"),
        ({"registration": []}, "registration"),
        ({"registration": {"ttl": -5}}, "registration.ttl"),
        ({"registration": {"created": 5}}, "registration.created"),
        ({"registration": {"expires": "tomorrow", "ttl": None}}, "registration.expires"),
        ({"properties": {"p": {"forms": None}}}, "properties.p.forms"),
        ({"properties": {"p": {"forms": [{"op": "x", "href": "y"}]}}}, "properties.p.forms.0.op"),
    ],
)
def test_a_patch_that_leaves_no_valid_thing_changes_nothing(
    directory: Directory, patch: dict[str, Any], field: str
) -> None:
    thing = lamp(registration={"ttl": 60, "note": 1}, properties={"p": {"forms": [{"href": "/p"}]}})
    directory.put([LAMP], sent(thing))
    before = directory.get(LAMP)
    with pytest.raises(InvalidThing) as caught:
        directory.patch(LAMP, sent(patch))
    assert [fault.field for fault in caught.value.faults] == [field]
    assert directory.get(LAMP) == before
    assert len(directory._older_changes(0, 9)) == 1


@pytest.mark.parametrize("ttl_s", [-1, True, "60", [60]])
def test_anything_else_is_none(ttl_s: object) -> None:
    with pytest.raises(InvalidThing) as caught:
        registered(ttl=ttl_s)
    assert [fault.field for fault in caught.value.faults] == ["registration.ttl"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2030-01-31",
        "2030-01-31T12:00:00",
        "2030-02-30T12:00:00Z",
        "20300131T120000Z",
        "2030-W05-4T12:00:00Z",
        "2030-01-31T24:00:00Z",
        "2030-01-31T12:00:60+24:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2030-01-31 12:00:00Z",
        "\uff12030-01-31T12:00:00Z",
    ],
)
def test_a_time_without_offset_or_in_another_form_is_none(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2030-01-31t12:00:00z", "2030-01-31T12:00:00Z"),
        ("2030-01-31T13:30:00+01:30", "2030-01-31T12:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2030-01-31T12:00:00.1234567Z", "2030-01-31T12:00:00.123456Z"),
    ],
)
def test_times_are_those_of_rfc_3339(text: str, same: str) -> None:
    assert moment(text) == moment(same) is not None


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1)),  # noqa: DTZ001 - the offset comes next
    st.integers(-14 * 60, 14 * 60),
)
def test_a_timestamp_is_read_back_as_the_same_time(naive: datetime, offset_min: int) -> None:
    time_ = naive.replace(tzinfo=timezone(timedelta(minutes=offset_min)))
    assert moment(timestamp(time_)) == time_


def test_what_has_expired_is_not_served_before_it_is_removed(directory: Directory, clock: Clock) -> None:
    directory.put([LAMP], sent(lamp(registration={"ttl": 60})))
    clock.move(59.9)
    assert directory.get(LAMP).thing_id == LAMP
    clock.move(0.1)
    assert (directory.size(), directory.page().things) == (0, [])
    for verb in (
        lambda: directory.get(LAMP),
        lambda: directory.delete(LAMP),
        lambda: directory.patch(LAMP, b"{}"),
    ):
        with pytest.raises(ThingNotFound):
            verb()
    assert directory.search_jsonpath("$[*].id") == b"[]"


@pytest.mark.parametrize("patch", [b"{}", b'{"title": "Lantern"}'])
def test_a_patch_keeps_alive(directory: Directory, clock: Clock, patch: bytes) -> None:
    directory.put([LAMP], sent(lamp(registration={"ttl": 60})))
    for _ in range(3):
        clock.move(50)
        directory.patch(LAMP, patch)
    found = directory.get(LAMP).registration
    assert found.expires == found.modified + timedelta(seconds=60)


def test_a_patch_sets_expires_only_without_a_ttl(directory: Directory) -> None:
    directory.put([LAMP], sent(lamp(registration={"ttl": 60})))
    directory.patch(LAMP, b'{"registration": {"expires": "2040-01-01T00:00:00Z"}}')
    assert directory.get(LAMP).registration.expires == NOON + timedelta(seconds=60)
    directory.patch(LAMP, b'{"registration": {"ttl": null}}')
    assert directory.get(LAMP).registration.expires == datetime(2040, 1, 1, tzinfo=UTC)
    directory.patch(LAMP, b'{"registration": null}')
    assert directory.get(LAMP).registration.expires is None


def test_what_has_expired_is_removed_and_told_of(directory: Directory, clock: Clock) -> None:
    for n in range(3):
        directory.put(
            [f"urn:example:{n}"], sent(lamp(f"urn:example:{n}", registration={"ttl": 10 * (n + 1)}))
        )
    clock.move(20)
    assert directory.purge() == ["urn:example:0", "urn:example:1"]
    assert directory.purge() == []
    told = directory._older_changes(3, 100)
    assert [(change.kind, change.thing_id) for change in told] == [
        (DELETED, "urn:example:0"),
        (DELETED, "urn:example:1"),
    ]


def test_what_has_expired_makes_place_for_a_new_one(directory: Directory, clock: Clock) -> None:
    directory.put([LAMP], sent(lamp(registration={"ttl": 10})))
    clock.move(10)
    assert directory.put([LAMP], sent(lamp())).is_new
    assert [change.kind for change in directory._older_changes(0, 9)] == ["created", "deleted", "created"]
    assert directory.get(LAMP).registration.created == clock()


def test_a_running_directory_removes_by_itself(held: HeldRegistry, pool: Pool) -> None:
    with Directory(held, pool) as directory:
        directory.put(["urn:example:later"], sent(lamp("urn:example:later", registration={"ttl": 3600})))
        directory.put([LAMP], sent(lamp(registration={"ttl": 0.2})))
        deadline = time.monotonic() + 10
        while len(directory._index.entries) > 1 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert list(directory._index.entries) == ["urn:example:later"]
        begun = time.monotonic()
    assert time.monotonic() - begun < 1
