"""What has expired goes by itself, also where it could not be removed at first."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from lamps import lamp, sent

from tinykg.catalogue.held import HeldRegistry
from tinykg.directory import expiry
from tinykg.directory.directory import Directory
from tinykg.directory.expiry import Expiry
from tinykg.endpoint.pool import Pool
from tinykg.errors import StoreBusy
from tinykg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 10.0
NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kept(held: HeldRegistry) -> bool:
    """Whether the store still has the graph of the Thing, whoever asks for it."""
    with held.reading() as store:
        return any("/graph/thing/" in name for name in store.graph_names())


def test_what_expires_while_another_writes_goes_when_that_one_is_done(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(expiry, "_AFTER_FAILURE_S", 0.1)
    with (
        HeldRegistry.hold(Settings(registry="memory:", wait_s=0.05), empty=True) as held,
        Pool(held, workers=1) as pool,
        Directory(held, pool) as directory,
        caplog.at_level(logging.WARNING, logger="tinykg.directory"),
    ):
        directory.put(["urn:a"], sent(lamp("urn:a", registration={"ttl": 0.3})))
        with held.writing("something long"):
            wait_for(lambda: "could not be removed" in caplog.text)
            assert kept(held)
            assert directory.page().things == []
        wait_for(lambda: not kept(held))
    assert "something long" in caplog.text, "it is told who was in the way"


def test_what_expires_sooner_is_not_kept_waiting_by_what_expires_later() -> None:
    with (
        HeldRegistry.hold(Settings(registry="memory:"), empty=True) as held,
        Pool(held, workers=1) as pool,
        Directory(held, pool) as directory,
    ):
        directory.put(["urn:a"], sent(lamp("urn:a", registration={"ttl": 3600})))
        directory.put(["urn:b"], sent(lamp("urn:b", registration={"ttl": 0.1})))
        wait_for(lambda: directory.next_expiry() == directory.get("urn:a").registration.expires)
        assert [thing.thing_id for thing in directory.page().things] == ["urn:a"]


@pytest.mark.parametrize(
    ("expires", "least_s", "most_s"),
    [
        (None, 60.0, 60.0),
        (NOW + timedelta(days=300), 60.0, 60.0),
        (NOW + timedelta(seconds=7), 7.0, 7.0),
        (NOW - timedelta(days=1), 0.01, 0.1),
    ],
)
def test_it_sleeps_until_something_expires_but_not_for_ever(
    expires: datetime | None, least_s: float, most_s: float
) -> None:
    """A clock that is set anew is seen within a minute, and one that does not move burns no processor."""
    waits = Expiry(lambda: None, lambda: expires, lambda: NOW)
    assert least_s <= waits._until_next_s() <= most_s


def test_it_ends_at_once_and_may_be_told_so_before_it_begins() -> None:
    calls: list[int] = []
    begun = threading.Event()

    def purge() -> None:
        calls.append(1)
        begun.set()
        raise StoreBusy("somewhere", "a test", 0)

    idle = Expiry(purge, lambda: None, lambda: NOW)
    idle.stop()
    assert calls == []
    busy = Expiry(purge, lambda: None, lambda: NOW)
    busy.start()
    busy.start()
    assert begun.wait(PATIENCE_S)
    since = time.monotonic()
    busy.stop()
    assert time.monotonic() - since < 1
    assert calls == [1]
