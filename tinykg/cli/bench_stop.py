"""How a benchmark that is told to stop ends: its job given back or cancelled, its children and files gone."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def stopping_tidily() -> Iterator[None]:
    """Let SIGTERM, by which services are stopped, be a KeyboardInterrupt as Ctrl-C is; main thread only."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
