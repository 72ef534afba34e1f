"""A device that says what a recording says: commands that must come, and the bytes that answer them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from tinykg.bench.simulated_dut_pty import FarSide

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

Exchange = tuple[str, bytes]


def open_files() -> set[str]:
    """What this process has open, so that a port that is not given back is seen."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.add(f"{entry.name}={entry.readlink()}")
        except OSError:
            continue
    return found


class ScriptedDevice:
    """Plays one recording to whoever opens `port`; `heard` are the commands that came."""

    def __init__(
        self, exchanges: Sequence[Exchange], banner: bytes = b"", *, unplug_at_end: bool = False
    ) -> None:
        self._exchanges = list(exchanges)
        self._banner, self._unplug_at_end = banner, unplug_at_end
        self.heard: list[str] = []
        self._side = FarSide()
        self.port = self._side.path
        self._thread = threading.Thread(target=self._play, name="scripted device")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._side.stop()
        self._thread.join()
        self._side.close()

    def _play(self) -> None:
        while not self._side.attached and not self._side.stopped:
            self._side.wait(0.01)
        self._side.wait(0.05)
        self._side.write(self._banner)
        came, left = b"", self._exchanges
        while not self._side.stopped:
            came += self._side.read()
            while b"%" in came:
                command, _, came = came.partition(b"%")
                self.heard.append(command.decode())
                if left and left[0][0] == self.heard[-1]:
                    self._side.write(left.pop(0)[1])
                if not left and self._unplug_at_end:
                    self._side.unplug()
                    return
