"""The far side of a pseudo-terminal: what a simulated device prints and reads there."""

from __future__ import annotations

import errno
import os
import pty
import select
import tty
from typing import Final

POLL_S: Final = 0.02
READ_BYTES: Final = 4096


class FarSide:
    """A pseudo-terminal that others open by `path`; whether somebody has, is `attached`.

    All waits end soon after `stop`. `unplug` takes the terminal away from under who has it open.
    """

    def __init__(self) -> None:
        self._master, slave = pty.openpty()
        self.path = os.ttyname(slave)
        tty.setraw(slave)
        os.close(slave)  # so that the master learns when the last one who opened it has left
        os.set_blocking(self._master, False)
        self._wake_read, self._wake_write = os.pipe()
        self._plugged = True

    @property
    def stopped(self) -> bool:
        """Whether it was told to end, or unplugged."""
        return not self._plugged or bool(select.select([self._wake_read], [], [], 0)[0])

    @property
    def attached(self) -> bool:
        """Whether somebody has the terminal open."""
        if not self._plugged:
            return False
        poll = select.poll()
        poll.register(self._master, select.POLLHUP)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def wait(self, seconds: float) -> None:
        """Until the time is over, or it is told to end."""
        select.select([self._wake_read], [], [], seconds)

    def read(self) -> bytes:
        """What has come; nothing after a moment without."""
        ready, _, _ = select.select([self._master, self._wake_read], [], [], POLL_S)
        if self._master not in ready:
            return b""
        try:
            return os.read(self._master, READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno == errno.EIO:  # nobody has it open
                return b""
            raise

    def write(self, data: bytes) -> None:
        """Print all of it, as far as there is somebody who reads."""
        left = memoryview(data)
        while left and not self.stopped and self.attached:
            _, ready, _ = select.select([], [self._master], [], POLL_S)
            try:
                left = left[os.write(self._master, left) :] if ready else left
            except BlockingIOError:
                continue

    def stop(self) -> None:
        """Let whoever waits here go on."""
        os.write(self._wake_write, b".")

    def unplug(self) -> None:
        """Take the terminal away: whoever has it open reads an error, nobody can open it again."""
        if self._plugged:
            self._plugged = False
            os.close(self._master)

    def close(self) -> None:
        """Give everything back; nobody may wait here any more."""
        self.unplug()
        os.close(self._wake_read)
        os.close(self._wake_write)
