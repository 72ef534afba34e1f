"""A registry's folder: many readers or one writer, across processes, and why it cannot serve."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tinykg.errors import StoreBusy, StoreError, StoreFormatError
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.folder import LAYOUT, FolderState, RegistryFolder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    Hold: TypeAlias = Callable[..., subprocess.Popen[str]]

HOLDER = """
import sys, time
from pathlib import Path
from tinykg.store.folder import RegistryFolder
folder = RegistryFolder(Path(sys.argv[1]))
with folder.held(write=sys.argv[2] == "write", wait_s=5, purpose=sys.argv[3]):
    print("holding", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path: Path) -> RegistryFolder:
    return RegistryFolder(tmp_path / "registry")


@pytest.fixture
def hold(folder: RegistryFolder) -> Iterator[Hold]:
    """Starts a second process that holds the folder until it is told a line, or killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*, write: bool, purpose: str = "testing") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder.path), "write" if write else "read", purpose],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_readers_share_the_folder(folder: RegistryFolder, hold: Hold) -> None:
    hold(write=False)
    hold(write=False)
    with (
        folder.held(write=False, wait_s=0, purpose="reading"),
        folder.held(write=False, wait_s=0, purpose="too"),
    ):
        pass


def test_a_writer_excludes_readers_and_writers_and_is_named(folder: RegistryFolder, hold: Hold) -> None:
    other = hold(write=True, purpose="adding files")
    for write in (False, True):
        with pytest.raises(StoreBusy) as caught, folder.held(write=write, wait_s=0.1, purpose="testing"):
            pytest.fail("two held the folder")
        assert caught.value.holder == f"process {other.pid} (adding files)"
        assert caught.value.folder == str(folder.path)
        assert f"is held by process {other.pid} (adding files)" in str(caught.value)
        assert "--registry" in str(caught.value)
    assert folder.holder() == f"process {other.pid} (adding files)"


def test_a_reader_keeps_a_writer_out(folder: RegistryFolder, hold: Hold) -> None:
    hold(write=False)
    with (
        pytest.raises(StoreBusy, match="held by another process") as caught,
        folder.held(write=True, wait_s=0.05, purpose="testing"),
    ):
        pytest.fail("a writer joined a reader")
    assert caught.value.holder is None


def test_who_waits_long_enough_gets_the_folder(folder: RegistryFolder, hold: Hold) -> None:
    other = hold(write=True)
    assert other.stdin is not None
    other.stdin.write("go on\n")
    other.stdin.flush()
    with folder.held(write=True, wait_s=10, purpose="testing"):
        assert folder.holder() == f"process {os.getpid()} (testing)"
    assert folder.holder() is None
    assert other.wait(5) == 0


def test_waiting_ends_in_time(folder: RegistryFolder, hold: Hold) -> None:
    hold(write=True)
    start = time.monotonic()
    with (
        pytest.raises(StoreBusy, match=r"waited 0 s"),
        folder.held(write=False, wait_s=0.2, purpose="testing"),
    ):
        pytest.fail("a reader joined a writer")
    assert 0.2 <= time.monotonic() - start < 8


@pytest.mark.parametrize("write", [True, False])
def test_the_lock_of_a_killed_process_is_free(
    folder: RegistryFolder,
    hold: Hold,
    write: bool,
) -> None:
    other = hold(write=write)
    other.send_signal(signal.SIGKILL)
    assert other.wait(5) == -signal.SIGKILL
    with folder.held(write=True, wait_s=1, purpose="testing"):
        pass


def test_a_killed_writer_is_not_blamed_for_a_later_reader(folder: RegistryFolder, hold: Hold) -> None:
    dead = hold(write=True, purpose="adding files")
    dead.kill()
    dead.wait(5)
    assert folder.holder() is not None
    hold(write=False)
    with pytest.raises(StoreBusy) as caught, folder.held(write=True, wait_s=0.05, purpose="testing"):
        pytest.fail("a writer joined a reader")
    assert caught.value.holder is None


def test_the_lock_is_released_where_the_work_fails(folder: RegistryFolder) -> None:
    with pytest.raises(ZeroDivisionError), folder.held(write=True, wait_s=0, purpose="failing"):
        _ = 1 / 0
    with folder.held(write=True, wait_s=0, purpose="testing"):
        pass


@pytest.mark.parametrize("text", ["", "[]", "null", '{"pid": "x"}', '{"pid": 1}', "\udcff"])
def test_a_damaged_holder_file_names_nobody(folder: RegistryFolder, text: str) -> None:
    folder.path.mkdir()
    (folder.path / "holder.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert folder.holder() is None


def test_state_is_none_then_what_was_written(folder: RegistryFolder) -> None:
    assert folder.state() is None
    folder.path.mkdir()
    folder.write_state("abc", sources=False)
    assert folder.state() == FolderState(layout=LAYOUT, catalogue="abc", sources=False)
    folder.write_state("def", sources=True)
    assert folder.state() == FolderState(layout=LAYOUT, catalogue="def", sources=True)
    assert [path.name for path in folder.path.iterdir()] == ["tinykg.json"]


def test_a_newer_layout_is_refused(folder: RegistryFolder) -> None:
    folder.path.mkdir()
    (folder.path / "tinykg.json").write_text(json.dumps({"layout": LAYOUT + 1, "catalogue": "abc"}))
    with pytest.raises(StoreFormatError, match=rf"layout {LAYOUT + 1}.*use a newer TinyKG"):
        folder.state()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"17",
        b'"text"',
        b'{"layout": 1}',
        b'{"layout": "x", "catalogue": ""}',
        b'{"layout": null, "catalogue": ""}',
        b'{"layout": 1e999, "catalogue": ""}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=range(12),
)
def test_a_damaged_state_file_is_refused(folder: RegistryFolder, content: bytes) -> None:
    folder.path.mkdir()
    (folder.path / "tinykg.json").write_bytes(content)
    with pytest.raises(StoreFormatError, match=r"tinykg\.json is not a TinyKG registry's state"):
        folder.state()


def test_a_state_file_that_cannot_be_read_is_a_typed_error(folder: RegistryFolder) -> None:
    (folder.path / "tinykg.json").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"cannot be read.*--registry"):
        folder.state()


def test_a_folder_with_a_store_of_something_else_is_refused(folder: RegistryFolder) -> None:
    folder.store.mkdir(parents=True)
    (folder.store / "shop.db").write_text("somebody else's")
    with pytest.raises(StoreFormatError, match="is not a TinyKG registry's store"):
        folder.state()


def test_a_path_that_is_no_folder_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for path in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        with (
            pytest.raises(StoreError, match="cannot be used"),
            RegistryFolder(path).held(write=True, wait_s=0, purpose="testing"),
        ):
            pytest.fail("a file was held as a folder")


@contextlib.contextmanager
def as_somebody() -> Iterator[None]:
    """Without the rights of root, who may write everywhere."""
    euid = os.geteuid()
    if euid == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(euid)


def test_an_unwritable_folder_is_a_typed_error(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    folder = RegistryFolder(locked / "registry")
    with (
        as_somebody(),
        pytest.raises(StoreError, match=r"cannot be used: Permission denied.*TINYKG_REGISTRY"),
        folder.held(write=True, wait_s=0, purpose="testing"),
    ):
        pytest.fail("a folder that cannot be written was held")


def test_leftovers_of_a_killed_process_are_removed(folder: RegistryFolder) -> None:
    (folder.path / "seeding-123" / "deep").mkdir(parents=True)
    folder.store.mkdir()
    (folder.path / ".tinykg.json.123").write_text("{")
    (folder.path / ".holder.json.123").write_text("{")
    folder.remove_leftovers()
    assert [path.name for path in folder.path.iterdir()] == ["store"]


def test_the_engines_old_logs_do_not_pile_up(folder: RegistryFolder) -> None:
    for _ in range(3):
        with folder.held(write=True, wait_s=0, purpose="testing"):
            EmbeddedStore(folder.store).close()
    assert [path.name for path in folder.store.glob("LOG*")] == ["LOG"]


def test_write_whole_leaves_the_old_content_where_it_fails(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "inside").write_text("old")
    with pytest.raises(StoreError, match="cannot be written"):
        write_whole(target, b"new")
    assert (target / "inside").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    with pytest.raises(StoreError, match="No such file"):
        write_whole(tmp_path / "absent" / "file", b"new")
