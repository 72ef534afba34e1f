"""Bytes from a device under test -> lines, and words -> the bytes of a command.

Pure: nothing here waits or opens. The framing is that of MLPerf Tiny (mlcommons/tiny,
benchmark/api/internally_implemented.cpp for the device's side, benchmark/runner/serial_device.py
for the host's): a command ends with `%`, a line with a line feed, and whatever is not ASCII is noise.
"""

from __future__ import annotations

from collections import deque
from typing import Final

END_OF_COMMAND: Final = "%"
MAX_COMMAND_CHARS: Final = 80
"""EE_CMD_SIZE of the firmware, which drops what is beyond; counted with the `%` to be on the safe side."""

MAX_LINE_CHARS: Final = 1 << 16
"""A line of results with a thousand classes has 6,000; noise without a line feed is cut off here."""

_DROPPED: Final = b"\r\0"
_NO_TEXT: Final = bytes(range(0x80, 0x100))


class LineSplitter:
    """Takes bytes in pieces of any size and gives whole lines, the same for every way to cut them.

    Carriage returns and zero bytes are dropped. Bytes that are not ASCII are skipped and counted in
    `skipped_bytes`. `too_long` becomes true, for ever, once a line exceeds its limit.
    """

    def __init__(self, max_line_chars: int = MAX_LINE_CHARS) -> None:
        self._max_line_chars = max_line_chars
        self._part = bytearray()
        self._lines: deque[str] = deque()
        self.skipped_bytes = 0
        self.too_long = False

    def feed(self, data: bytes) -> None:
        """Take what came in."""
        text = data.translate(None, _NO_TEXT)
        self.skipped_bytes += len(data) - len(text)
        *ends, rest = text.translate(None, _DROPPED).split(b"\n")
        for end in ends:
            self._put(end)
            self._lines.append(self._part.decode("ascii"))
            self._part.clear()
        self._put(rest)

    def _put(self, piece: bytes) -> None:
        room = self._max_line_chars - len(self._part)
        self._part += piece[:room]
        self.too_long = self.too_long or len(piece) > room

    def next_line(self) -> str | None:
        """The next whole line, None where there is none yet."""
        return self._lines.popleft() if self._lines else None

    def forget_half_line(self) -> None:
        """Start anew with the next byte."""
        self._part.clear()

    @property
    def half_line(self) -> str:
        """What has come of a line that has not ended."""
        return self._part.decode("ascii")


def command_bytes(text: str) -> bytes:
    """A command as it goes over the line.

    Raises ValueError where it is not what a device can take: over 80 characters, not ASCII, a `%`, or
    words that are not separated by one blank.
    """
    if len(text) + 1 > MAX_COMMAND_CHARS:
        raise ValueError(f"a command has at most {MAX_COMMAND_CHARS - 1} characters, this one {len(text)}")
    printable = text.isascii() and text.isprintable() and END_OF_COMMAND not in text
    if not printable or text.split(" ") != text.split():
        raise ValueError(f"no command: {text!r}; words are ASCII, separated by one blank")
    return f"{text}{END_OF_COMMAND}".encode("ascii")
