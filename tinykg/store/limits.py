"""What a process that works for a stranger may take: memory and processor time, set by the process itself."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal

OUT_OF_MEMORY = 70
"""The exit status of a process that Python could not give memory; the engine aborts instead."""

_DEATHS = (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS)
"""How a process ends that has run out of memory, or a parser of its stack."""


def limit_memory(most_bytes: int) -> None:
    """Bound the address space of this process, its code and the engine's files included."""
    _limit(resource.RLIMIT_AS, most_bytes)


def limit_cpu(more_s: float) -> None:
    """Let the system end this process when it has used so many more seconds of processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(min(used.ru_utime + used.ru_stime + more_s, 1 << 40)) + 2)


def silence_the_engine() -> None:
    """Keep what native code says before it aborts off standard error: the parent process says it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    faulthandler.disable()


def ran_out(status: int | None) -> bool:
    """Whether a process with this exit status ended for want of memory or stack."""
    return status in _DEATHS


def resident_bytes() -> int:
    """The memory that this process occupies now."""
    with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123 - a Path would be made for each query
        return int(stream.read().split()[1]) * resource.getpagesize()


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
