"""Become another program, with bounds on its memory, its processor time and the files that it writes.

A program that imports nothing of TinyKG. Arguments: bytes of address space, seconds of processor time, bytes
of one file, and the command. Its own children inherit the bounds, and they hold if whoever started it dies.
"""

from __future__ import annotations

import os
import resource
import sys


def main() -> None:
    """Set the bounds and turn into the command."""
    memory, seconds, file = map(int, sys.argv[1:4])
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, file),
        (resource.RLIMIT_CORE, 0),
    ):
        ceiling = resource.getrlimit(kind)[1]
        bound = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(kind, (bound, bound))
    os.execv(sys.argv[4], sys.argv[4:])  # noqa: S606 - the command is TinyKG's own, without a shell


if __name__ == "__main__":
    main()
