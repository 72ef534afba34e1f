"""The far side of a pseudo-terminal: who is there, what is read and written, and how it goes away."""

from __future__ import annotations

import os
import threading
import time
import tty
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinykg.bench.simulated_dut_pty import FarSide

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def opened(path: str) -> Iterator[int]:
    near = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(near)
    try:
        yield near
    finally:
        os.close(near)


def test_it_knows_whether_somebody_is_there() -> None:
    with closing(FarSide()) as side:
        for _ in range(3):
            assert not side.attached
            with opened(side.path):
                assert side.attached
        assert not side.attached


def test_bytes_go_both_ways_as_they_are() -> None:
    every = bytes(range(256))
    with closing(FarSide()) as side, opened(side.path) as near:
        side.write(every)
        assert os.read(near, 1000) == every
        os.write(near, every)
        assert side.read() == every
        assert side.read() == b""


def test_writing_more_than_a_terminal_holds_waits_for_the_reader() -> None:
    data = os.urandom(300_000)
    with closing(FarSide()) as side, opened(side.path) as near:
        writer = threading.Thread(target=side.write, args=(data,))
        writer.start()
        got = b""
        while len(got) < len(data):
            got += os.read(near, 65536)
        writer.join()
    assert got == data


def test_writing_to_nobody_ends_at_once() -> None:
    with closing(FarSide()) as side:
        side.write(bytes(1_000_000))


def test_a_reader_who_leaves_ends_a_write() -> None:
    with closing(FarSide()) as side:
        with opened(side.path):
            writer = threading.Thread(target=side.write, args=(bytes(1_000_000),))
            writer.start()
            time.sleep(0.05)
        writer.join(5)
        assert not writer.is_alive()


def test_stopping_ends_every_wait() -> None:
    with closing(FarSide()) as side, opened(side.path):
        writer = threading.Thread(target=side.write, args=(bytes(1_000_000),))
        waiter = threading.Thread(target=side.wait, args=(60,))
        writer.start()
        waiter.start()
        assert not side.stopped
        side.stop()
        for thread in (writer, waiter):
            thread.join(5)
            assert not thread.is_alive()
        assert side.stopped


def test_unplugging_is_an_error_for_whoever_is_there() -> None:
    with closing(FarSide()) as side, opened(side.path) as near:
        side.unplug()
        assert side.stopped
        assert not side.attached
        with pytest.raises(OSError, match="Input/output error"):
            os.write(near, b"x")
        assert os.read(near, 10) == b""
        side.unplug()
    assert not Path(side.path).exists()


def test_closing_gives_everything_back() -> None:
    before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208  names only: the listing's own is among them
    FarSide().close()
    assert sorted(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
