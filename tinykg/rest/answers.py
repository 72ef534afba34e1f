"""Answers that stay true until the registry changes, kept as the bytes that were sent."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tinykg.errors import TinykgError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from concurrent.futures import Executor, Future

_BOUND_BYTES = 64 << 20

_TRIES = 3
"""How often an answer is made at most, where the registry changes under it each time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer's bytes and media type, and its strong entity tag (RFC 9110, 8.8.3).

    `raw_headers` are all of its headers, as ASGI has them; `route` is the path of its route.
    """

    content: bytes
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()
    route: str = ""
    etag: str = field(init=False)

    raw_headers: list[tuple[bytes, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", f'"{hashlib.sha256(self.content).hexdigest()[:32]}"')
        lines = {
            "content-type": self.media_type,
            "content-length": str(len(self.content)),
            "etag": self.etag,
            "cache-control": "no-cache",
            **{name.lower(): value for name, value in self.headers},
        }
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in lines.items()]
        object.__setattr__(self, "raw_headers", encoded)


class Answers:
    """Answers by question; a new version of the registry empties it. The least recently used go first."""

    def __init__(self, version: Callable[[], int], bound_bytes: int = _BOUND_BYTES) -> None:
        self._version_now = version
        self._bound_bytes = bound_bytes
        self._lock = threading.Lock()
        self._begun: dict[tuple[Hashable, int], Future[Kept]] = {}
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0
        self._version = -1

    def find(self, question: Hashable) -> Kept | None:
        """The answer to a question, if it was asked since the registry changed last."""
        with self._lock:
            self._forget_old()
            found = self._kept.get(question)
            if found is not None:
                self._kept.move_to_end(question)
            return found

    def keep(self, question: Hashable, version: int, answer: Kept) -> Kept:
        """Keep an answer that was computed from a version of the registry."""
        with self._lock:
            self._forget_old()
            if version == self._version and question not in self._kept:
                self._kept[question] = answer
                self._bytes += len(answer.content)
                while self._bytes > self._bound_bytes:
                    _, gone = self._kept.popitem(last=False)
                    self._bytes -= len(gone.content)
        return answer

    def begin(self, question: Hashable, make: Callable[[], Kept], threads: Executor) -> Future[Kept]:
        """An answer that is made in a thread and kept; whoever asks the same meanwhile shares it.

        It is as of the registry's version at the time of the call, or a later one.
        """
        version = self._version_now()
        with self._lock:
            found = self._begun.get((question, version))
            if found is None:
                found = threads.submit(self._make, question, version, make)
                self._begun[question, version] = found
            return found

    def _make(self, question: Hashable, version: int, make: Callable[[], Kept]) -> Kept:
        try:
            return self._of_one_state(question, make)
        finally:
            with self._lock:
                del self._begun[question, version]

    def _of_one_state(self, question: Hashable, make: Callable[[], Kept]) -> Kept:
        """An answer, made anew where the registry has changed meanwhile: it may be of two states then."""
        for _ in range(_TRIES - 1):
            before = self._version_now()
            try:
                answer = make()
            except TinykgError:
                if self._version_now() == before:
                    raise
            else:
                if self._version_now() == before:
                    return self.keep(question, before, answer)
        return self.keep(question, self._version_now(), make())

    def _forget_old(self) -> None:
        version = self._version_now()
        if version != self._version:
            self._kept.clear()
            self._bytes, self._version = 0, version
