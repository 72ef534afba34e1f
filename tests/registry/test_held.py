"""A held registry: one writer at a time, snapshots of what was written, nothing left behind."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tinykg.catalogue.held import HeldRegistry
from tinykg.errors import StoreBusy
from tinykg.settings import Settings
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture
def held() -> Iterator[HeldRegistry]:
    with HeldRegistry.hold(Settings(registry="memory:", wait_s=0.2), empty=True) as registry:
        yield registry


def write(held: HeldRegistry, number: int) -> None:
    with held.writing("a test") as store:
        store.update(f"INSERT DATA {{ GRAPH <urn:g> {{ <urn:s> <urn:p> {number} }} }}")


def count(store: EmbeddedStore) -> int:
    [(number,)] = store.select(COUNT).rows
    return int(getattr(number, "value", "-1"))


def test_a_snapshot_has_all_that_was_written_before_it_and_nothing_after(held: HeldRegistry) -> None:
    for number in range(3):
        write(held, number)
    snapshot = held.snapshot()
    write(held, 3)
    copy = EmbeddedStore(snapshot.path, read_only=True)
    assert count(copy) == 3
    with held.reading() as live:
        assert count(live) == 4
    copy.close()
    snapshot.release()


def test_a_snapshot_is_made_once_for_a_version(held: HeldRegistry) -> None:
    one, other = held.snapshot(), held.snapshot()
    assert one is other
    one.release()
    assert other.path.is_dir()
    other.release()
    assert other.path.is_dir(), "the current one is kept for the next query"
    write(held, 1)
    later = held.snapshot()
    assert later.version > one.version
    assert not one.path.exists()
    later.release()


def test_a_snapshot_in_use_outlives_its_version(held: HeldRegistry) -> None:
    old = held.snapshot()
    write(held, 1)
    new = held.snapshot()
    assert old.path.is_dir()
    old.release()
    assert not old.path.exists()
    assert new.path.is_dir()
    new.release()


def test_writers_take_turns(held: HeldRegistry) -> None:
    entered, leave = threading.Event(), threading.Event()

    def occupy() -> None:
        with held.writing("something long"):
            entered.set()
            leave.wait()

    thread = threading.Thread(target=occupy)
    thread.start()
    entered.wait()
    try:
        with pytest.raises(StoreBusy, match="something long"), held.writing("a test"):
            raise AssertionError("two writers at once")
        with held.reading() as store:
            assert count(store) == 0, "a reader waits for nobody"
    finally:
        leave.set()
        thread.join()
    write(held, 1)


def test_a_writer_that_fails_gives_its_turn_back(held: HeldRegistry) -> None:
    with pytest.raises(ZeroDivisionError), held.writing("a test"):
        _ = 1 / 0
    write(held, 1)


def test_the_version_grows_with_changes_only(held: HeldRegistry) -> None:
    before = held.version
    with held.writing("nothing") as store:
        assert not store.replace_graphs({"urn:none": []})
    assert held.version == before
    write(held, 1)
    assert held.version > before


def test_what_is_held_is_kept_when_it_is_let_go(tmp_path: Path) -> None:
    settings = Settings(registry=str(tmp_path / "registry"), wait_s=0.1)
    with HeldRegistry.hold(settings, empty=True) as held:
        write(held, 1)
        with pytest.raises(StoreBusy, match="serving"), HeldRegistry.hold(settings, empty=True):
            raise AssertionError("held twice")
        held.snapshot().release()
    assert not (tmp_path / "registry" / "snapshots").exists()
    with HeldRegistry.hold(settings, empty=True) as held, held.reading() as store:
        assert count(store) == 1


def test_a_registry_in_memory_leaves_no_folder() -> None:
    with HeldRegistry.hold(Settings(registry="memory:"), empty=True) as held:
        folder = held.folder.path
        assert folder.is_dir()
    assert not folder.exists()
